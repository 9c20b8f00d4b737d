package reader

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/store"
)

var update = flag.Bool("update", false, "write what the stories come to")

// stories are what queues and agents have told; the times are seconds.
var stories = []struct {
	name  string
	facts []fact
}{
	{"one call (case N1)", []fact{
		agent(0, "alice", msg.AgentFact_LOGGED_ON, text("SIP/7001")), became(0, "alice", "ready", "", "", "Q"),
		queue(0, "c1", msg.QueueFact_ENTERED, 0, ""), became(30, "alice", "reserved", "", "", "Q"),
		queue(30, "c1", msg.QueueFact_OFFERED, 1, "alice"), became(30, "alice", "ringing", "Q", "c1", "Q"),
		queue(35, "c1", msg.QueueFact_JOINED, 1, "alice"), became(35, "alice", "talking", "Q", "c1", "Q"),
		queue(95, "c1", msg.QueueFact_COMPLETED_BY_CALLER, 1, "alice"), became(95, "alice", "wrap-up", "Q", "", "Q"),
		became(115, "alice", "ready", "", "", "Q"),
		agent(120, "alice", msg.AgentFact_LOGGED_OFF, text("SIP/7001")), became(120, "alice", "logged out", "", ""),
	}},
	{"given up while ringing (case N3)", []fact{
		queue(0, "c1", msg.QueueFact_ENTERED, 0, ""), queue(10, "c1", msg.QueueFact_OFFERED, 1, "alice"),
		queue(18, "c1", msg.QueueFact_RING_CANCELLED, 1, "alice"), queue(18, "c1", msg.QueueFact_ABANDONED, 0, ""),
	}},
	{"given up in line", []fact{
		queue(0, "c1", msg.QueueFact_ENTERED, 0, ""), queue(10, "c1", msg.QueueFact_OFFERED, 1, "alice"),
		queue(18, "c1", msg.QueueFact_RUNG_IN_VAIN, 1, "alice"), queue(20, "c1", msg.QueueFact_ABANDONED, 0, ""),
	}},
	{"two are rung, one answers", []fact{
		queue(0, "c1", msg.QueueFact_ENTERED, 0, ""), queue(1, "c1", msg.QueueFact_OFFERED, 1, "alice"),
		queue(1, "c1", msg.QueueFact_OFFERED, 2, "bob"), queue(4, "c1", msg.QueueFact_JOINED, 2, "bob"),
		queue(9, "c1", msg.QueueFact_BLIND_TRANSFERRED, 2, "bob"), queue(9, "c1", msg.QueueFact_ENTERED, 0, ""),
		queue(12, "c1", msg.QueueFact_EXPIRED, 0, ""),
	}},
	{"two owners tell the same", []fact{
		queue(0, "c1", msg.QueueFact_ENTERED, 0, ""), queue(0, "c1", msg.QueueFact_ENTERED, 0, ""),
		queue(2, "c1", msg.QueueFact_OFFERED, 1, "alice"), queue(2, "c1", msg.QueueFact_OFFERED, 1, "alice"),
		queue(4, "c1", msg.QueueFact_JOINED, 1, "alice"), queue(4, "c1", msg.QueueFact_JOINED, 1, "alice"),
		queue(9, "c1", msg.QueueFact_COMPLETED_BY_AGENT, 1, "alice"), queue(9, "c1", msg.QueueFact_COMPLETED_BY_CALLER, 1, "alice"),
		queue(20, "c1", msg.QueueFact_ENTERED, 0, ""), queue(21, "c1", msg.QueueFact_EXPIRED, 0, ""),
		queue(21, "c1", msg.QueueFact_ABANDONED, 0, ""),
	}},
	{"a pause with its reason", []fact{
		agent(0, "bob", msg.AgentFact_LOGGED_ON, text("SIP/7002")), became(0, "bob", "ready", "", "", "Q", "R"),
		agent(5, "bob", msg.AgentFact_PAUSED_IN_ALL, text("lunch")), became(5, "bob", "paused", "", "", "Q", "R"),
		agent(8, "bob", msg.AgentFact_REASON_GIVEN, text("meeting")),
		became(9, "bob", "paused", "", "", "Q", "R"), // a new owner
		agent(10, "bob", msg.AgentFact_REMOVED_FROM, inQueue("R")), became(12, "bob", "ready", "", "", "Q"),
		agent(14, "bob", msg.AgentFact_HOT_DESKED, text("SIP/7009")), agent(15, "bob", msg.AgentFact_ADDED_TO, inQueue("S")),
	}},
}

type fact struct {
	kind string
	at   time.Time
	body proto.Message
}

func queue(at int64, caller string, what msg.QueueFact_What, offer uint64, agent string) fact {
	f := &msg.QueueFact{What: what, At: at * 1e9, Queue: "Q", Caller: caller, Agent: agent, Number: "555"}
	if offer != 0 {
		f.Offer = &msg.QueueOfferID{Epoch: 1, Number: offer}
	}
	if what == msg.QueueFact_JOINED {
		f.Rang = 5000
	}
	return fact{QueueKind, time.Unix(at, 0), f}
}

func agent(at int64, name string, what msg.AgentFact_What, with func(*msg.AgentFact)) fact {
	f := &msg.AgentFact{What: what, At: at * 1e9, Agent: name}
	with(f)
	return fact{AgentKind, time.Unix(at, 0), f}
}

func text(t string) func(*msg.AgentFact)    { return func(f *msg.AgentFact) { f.Text = t } }
func inQueue(q string) func(*msg.AgentFact) { return func(f *msg.AgentFact) { f.Queue = q } }

func became(at int64, name, state, queue, caller string, queues ...string) fact {
	return agent(at, name, msg.AgentFact_BECAME, func(f *msg.AgentFact) { f.State, f.Queue, f.Caller, f.Queues = state, queue, caller, queues })
}

// TestStories: what a story comes to is the same wherever the Reader was kept and read in between.
func TestStories(t *testing.T) {
	var all strings.Builder
	for _, s := range stories {
		want := story(t, s.facts, -1)
		fmt.Fprintf(&all, "# %s\n%s\n", s.name, want)
		for i := range s.facts {
			if got := story(t, s.facts, i); got != want {
				t.Errorf("%s, kept before fact %d:\n%s", s.name, i, got)
			}
		}
	}
	golden(t, "testdata/stories.golden", all.String())
}

// golden demands what the file says, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%v; it is\n%s", err, got)
	}
}

func story(t *testing.T, facts []fact, keep int) string {
	t.Helper()
	var out strings.Builder
	r := New()
	for i, f := range facts {
		if i == keep {
			r = again(t, r)
		}
		told, err := r.Read(journal(t, f, i))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range told {
			fmt.Fprintln(&out, " ", line(x))
		}
	}
	return out.String()
}

func again(t *testing.T, r *Reader) *Reader {
	t.Helper()
	var kept bytes.Buffer
	if err := r.Save(&kept); err != nil {
		t.Fatal(err)
	}
	r, err := Load(&kept)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func line(f engine.Fact) string {
	s := fmt.Sprintf("%d %s %s", f.At/1000, f.Object, f.What)
	switch f.What {
	case engine.Login, engine.Logout:
		return s + " " + f.Other.String()
	case engine.Happen:
		s += " " + f.Name.String()
		if f.Length > 0 {
			s += fmt.Sprintf(" of %g s", float64(f.Length)/1000)
		}
	default:
		s += fmt.Sprintf(" %s as %q", f.Name, f.Key)
	}
	if f.Conn != "" {
		s += ", call " + f.Conn
	}
	if reason, ok := f.With.Pair("Reason"); ok {
		s += ", because " + reason
	}
	return s
}

// TestNobodyKnows: what tells of a caller of whom nothing is known is nothing, and so is what is about something else.
func TestNobodyKnows(t *testing.T) {
	for what := range msg.QueueFact_What_name {
		if w := msg.QueueFact_What(what); w != msg.QueueFact_ENTERED {
			if got := story(t, []fact{queue(1, "c", w, 1, "alice")}, -1); got != "" {
				t.Errorf("%s: %s", w, got)
			}
		}
	}
	if got, err := New().Read(store.Fact{Kind: "account.noted", Body: []byte("x")}); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	for _, kind := range []string{QueueKind, AgentKind, StartedKind, life.FactDead, RegisteredKind, ExpiredKind} {
		if _, err := New().Read(store.Fact{Kind: kind, Body: []byte("x")}); err == nil {
			t.Errorf("a %s that is none was read", kind)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"seq":3,"calls":{"Q":{"c":{"entered":5}}},"agents":{"a":{"state":"ready"}}}`))
	f.Add([]byte(`{"calls":{"Q":{"c":null}}}`))
	f.Add([]byte(`{"legs":[{"leg":"a","device":"1","call":"c","began":1,"talk":2,"type":"Internal","hold":3},null],"graves":[{"Boot":"b"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := Load(bytes.NewReader(text)); err == nil {
			again(t, r)
		}
	})
}
