package stat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/stat/evaluate"
	"tandem/actors/stat/intake"
	"tandem/actors/stat/source"
	"tandem/conf"
)

// pbx is the source of the stories.
var pbx = conf.Adapters{MaxRate: 100_000, Sources: []conf.Source{{Name: "pbx", Silence: 10 * time.Second, Ahead: time.Hour}}}

// porter takes lines on one member of a hamlet.
type porter struct {
	*intake.Intake
	stop func()
}

// porters are those of all members.
func (h *hamlet) porters() map[string]*porter {
	all := map[string]*porter{}
	for name := range h.halls {
		ctx, cancel := context.WithCancel(context.Background())
		in := intake.New(intake.Options{Member: errand{neighbour{h, name}, all}, Hall: h.halls[name], Now: h.time,
			Settings: h.adapters, Log: slog.New(slog.DiscardHandler)})
		ended := make(chan struct{})
		all[name] = &porter{in, func() { cancel(); <-ended }}
		go func() { defer close(ended); in.Run(ctx) }()
	}
	h.Cleanup(func() {
		for _, p := range all {
			p.stop()
		}
	})
	return all
}

// adapters are what the settings say of sources.
func (h *hamlet) adapters() conf.Adapters {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.alone {
		return conf.Adapters{MaxRate: pbx.MaxRate}
	}
	return pbx
}

// errand asks the intakes of other members.
type errand struct {
	neighbour
	all map[string]*porter
}

func (e errand) AskMember(ctx context.Context, member, what string, body []byte) ([]byte, error) {
	e.hamlet.mu.Lock()
	lives := e.hamlet.halls[member] != nil
	e.hamlet.mu.Unlock()
	if !lives {
		return nil, intake.ErrNobody
	}
	if what == intake.StandWhat {
		return e.all[member].Stands(ctx, body)
	}
	return e.all[member].Offered(ctx, body)
}

// send sends lines by a member, until they are taken.
func (h *hamlet) send(p *porter, lines ...string) intake.Answer {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	a, err := p.Offer(ctx, intake.Offer{Source: "pbx", Text: []byte(strings.Join(lines, "\n"))})
	if err != nil {
		h.Fatal(err)
	}
	return a
}

// shift is a history of a source: n calls, each through the queue Q to an agent. Its times are seconds since begun.
func shift(n int) (lines []string) {
	at, seq := float64(begun)/1000, 0
	say := func(event, rest string) {
		seq++
		lines = append(lines, fmt.Sprintf(`{"seq":%d,"at":%.3f,"event":%q,%s}`, seq, at, event, rest))
	}
	for i := range 2 {
		say("EventAgentLogin", fmt.Sprintf(`"dn":"700%d","agent":"A%d","place":"P%d","queue":"Q"`, i, i, i))
		say("EventAgentReady", fmt.Sprintf(`"dn":"700%d"`, i))
	}
	for i := range n {
		dn, conn := fmt.Sprintf(`"dn":"700%d"`, i%2), fmt.Sprintf(`"conn":"c%d"`, i)
		say("EventQueued", `"dn":"Q",`+conn)
		at += float64(i%7) + 0.25
		if i%5 == 4 {
			say("EventAbandoned", `"dn":"Q",`+conn)
			continue
		}
		say("EventDiverted", `"dn":"Q",`+conn)
		say("EventRinging", dn+`,"queue":"Q","call_type":"Inbound",`+conn)
		at += 2.5
		say("EventEstablished", dn+","+conn)
		at += float64(10 + i%11)
		say("EventReleased", dn+","+conn)
		say("EventAgentNotReady", dn+`,"work_mode":"AfterCallWork"`)
		at += 3
		say("EventAgentReady", dn)
	}
	return lines
}

// watched are statistics over what a shift tells, in milliseconds, and one whose category has no room for that.
var watched = []Request{
	{Object: "Queue:Q", Category: "TotalNumber", Main: "CallAbandoned", Exact: true},
	{Object: "Queue:Q", Type: "Average_Handle_Time", Exact: true},
	{Object: "Queue:Q", Type: "ServiceFactor1"},
	{Object: "Queue:Q", Type: "EstimWaitingTime"},
	{Object: "Queue:Q", Category: "MaxNumber", Main: "CallWait"},
	{Object: "RegDN:7000", Category: "TotalTime", Main: "CallInbound", Exact: true},
	{Object: "RegDN:7001", Category: "TotalTime", Subject: "DNStatus", Main: "AfterCallWork", Exact: true},
	{Object: "Agent:A0", Category: "TotalTime", Subject: "AgentStatus", Main: "WaitForNextCall", Exact: true},
	{Object: "Agent:A1", Category: "AverageTime", Main: "CallAnswered", Exact: true},
	{Object: "AgentPlace:P1", Category: "TotalNumber", Subject: "PlaceStatus", Main: "CallRinging"},
	{Object: "Switch:pbx", Category: "TotalNumber", Main: "CallEntered"},
}

// evaluated are the values that the same lines come to without a server.
func evaluated(t testing.TB, lines []string, at int64) map[string]float64 {
	t.Helper()
	file := map[string]any{"instants": []float64{float64(at) / 1000}, "source": "pbx"}
	var raw []json.RawMessage
	for _, l := range lines {
		raw = append(raw, json.RawMessage(l))
	}
	file["lines"], file["facts"] = raw, []any{}
	var stats []map[string]any
	for _, r := range watched {
		if resolved, err := Predefined().Resolve(r); err != nil {
			t.Fatal(err)
		} else {
			r = resolved
		}
		s := map[string]any{}
		text, _ := json.Marshal(r)
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		s["id"], s["open"] = r.id(), float64(begun)/1000
		stats = append(stats, s)
	}
	file["statistics"] = stats
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := evaluate.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := evaluate.Evaluate(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, v := range r.Values {
		out[v.ID] = v.Value
	}
	return out
}

// equal demands that a member tells of all that is watched what the lines come to without a server.
func (h *hamlet) equal(by string, lines []string) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	at := h.time().Add(-time.Minute).UnixMilli() // an answer waits until facts of its moment have come
	want := evaluated(h.TB, lines, at)
	for _, id := range slices.Sorted(maps.Keys(want)) {
		v, err := h.halls[by].Peek(ctx, []string{id}, at, false)
		for err == nil && v[0].Problem == ErrNotYet.Error() && ctx.Err() == nil {
			v, err = h.halls[by].Peek(ctx, []string{id}, at, false)
		}
		if err != nil || v[0].Problem != "" || math.Abs(v[0].Number-want[id]) > 1e-9 {
			h.Errorf("%s: %+v (%v), want %g", by, v[0], err, want[id])
		}
	}
}

// TestSources: lines that go to any member, with members dying between them and the lines they have not confirmed sent again,
// come to the same on all members, and to what they come without a server (cases M1, M2, M4).
func TestSources(t *testing.T) {
	lines := shift(60)
	h := newHamlet(t, "a", "b", "c")
	for _, r := range watched {
		h.open("a", r)
	}
	p := h.porters()
	members := []string{"a", "b", "c"}
	next, round := uint64(1), 0
	for next <= uint64(len(lines)) {
		by := members[round%len(members)]
		from := max(0, int(next)-1-round%4) // some were sent before
		a := h.send(p[by], lines[from:min(len(lines), int(next)+12)]...)
		if a.Resend || a.Malformed > 0 || a.Next <= next || a.Duplicates != uint64(int(next)-1-from) {
			t.Fatalf("%+v", a)
		}
		next = a.Next
		if round++; round%5 == 0 {
			for _, owner := range members {
				if owner != h.owner {
					h.own(owner)
					break
				}
			}
		}
		if round == 9 { // one of them dies with all it knows; the others go on
			dead := h.owner
			p[dead].stop()
			delete(p, dead)
			h.stop(dead)
			members = slices.DeleteFunc(members, func(m string) bool { return m == dead })
			h.own(members[0])
		}
	}
	h.pass(time.Hour)
	for _, m := range members {
		h.equal(m, lines)
	}
}

// TestLost: a source that falls silent makes the statistics over its objects invalid, once, and keeps their values; it makes
// them valid again, once, when it has sent what was missing (cases M7, J5).
func TestLost(t *testing.T) {
	lines := shift(6)
	h := newHamlet(t, "a", "b")
	p := h.porters()
	number := h.open("b", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered"})
	agent := h.open("b", Request{Object: "Agent:A0", Category: "TotalNumber", Main: "CallInbound"})
	state := h.open("b", Request{Object: "Agent:A0", Category: "CurrentState", Subject: "AgentStatus", Main: "*"})
	other := h.open("b", Request{Object: "Queue:sales", Category: "TotalNumber", Main: "CallEntered"})
	s := h.halls["b"].Subscribe()
	defer s.Close()
	for _, v := range []Value{number, agent, state, other} {
		if err := s.Follow(Following{ID: v.ID, Insensitivity: 1000}); err != nil {
			t.Fatal(err)
		}
	}
	told := map[string][]EventKind{}
	listen := func(what string, want int) {
		h.until(what, func() bool {
			for _, e := range s.Next() {
				if e.Kind != Told {
					told[e.Value.ID] = append(told[e.Value.ID], e.Kind)
				}
			}
			n := 0
			for _, kinds := range told {
				n += len(kinds)
			}
			return n >= want
		})
	}
	h.pass(10 * time.Minute)
	first := h.send(p["b"], lines[:20]...)
	if x := h.open("b", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered"}); !x.Valid || x.Number == 0 {
		t.Fatalf("%+v", x)
	}
	h.pass(11 * time.Second)
	listen("its objects are invalid", 2)
	lost := h.open("a", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered"})
	if lost.Valid || lost.Number == 0 || lost.Age < 0 {
		t.Errorf("while it is lost: %+v", lost)
	}
	h.until("any member tells that it is lost", func() bool {
		all := p["b"].Standings(t.Context(), "")
		return len(all) == 1 && all[0].Word == "lost" && all[0].State.Next == first.Next && all[0].Holder == "a"
	})
	h.send(p["b"], lines...)
	listen("they are valid again", 4)
	found := h.open("a", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered"})
	if !found.Valid || found.Number != 6 {
		t.Errorf("when it is found: %+v", found)
	}
	want := []EventKind{Invalid, Valid}
	if !slices.Equal(told[number.ID], want) || !slices.Equal(told[agent.ID], want) || len(told) != 2 {
		t.Errorf("told %v", told)
	}
}

// TestGone: a source that is taken out of the settings leaves nothing behind: its calls end, its agents are logged out, what it
// shared is valid. It begins anew when it is back.
func TestGone(t *testing.T) {
	h := newHamlet(t, "a")
	p := h.porters()["a"]
	wait := h.open("a", Request{Object: "Queue:Q", Category: "CurrentNumber", Main: "CallWait"})
	lines := append(shift(0), `{"seq":5,"event":"EventQueued","dn":"Q","conn":"c1"}`)
	h.send(p, lines...)
	h.until("a call waits", func() bool { return strings.Contains(strings.Join(h.values("a"), ""), "Queue:Q 1 ") })
	h.pass(time.Minute)
	h.until("the source is lost", func() bool { return p.Standings(t.Context(), "pbx")[0].Word == "lost" })
	h.mu.Lock()
	h.alone = true
	h.mu.Unlock()
	h.until("it is none any more", func() bool { return len(p.Standings(t.Context(), "pbx")) == 0 })
	all, err := h.halls["a"].Peek(t.Context(), []string{wait.ID}, 0, false)
	if err != nil || all[0].Number != 0 || !all[0].Valid {
		t.Errorf("the queue has %+v (%v)", all, err)
	}
	h.mu.Lock()
	h.alone = false
	h.mu.Unlock()
	if a := h.send(p, lines[4]); a.Next != 6 {
		t.Errorf("it is back, and line %d is wanted", a.Next)
	}
}

// TestStuck: a call whose end was never told is asked for, and then cleaned away: it is no handled call (ruling D-22).
func TestStuck(t *testing.T) {
	h := newHamlet(t, "a")
	p := h.porters()["a"]
	wait := h.open("a", Request{Object: "Queue:Q", Category: "CurrentNumber", Main: "CallWait"})
	cleaned := h.open("a", Request{Object: "Queue:Q", Category: "TotalNumber", Main: "StuckCallCleaned"})
	line := func(n int, at int64, event, rest string) string {
		return fmt.Sprintf(`{"seq":%d,"at":%d,"event":%q%s}`, n, at/1000, event, rest)
	}
	h.send(p, line(1, begun, "EventQueued", `,"dn":"Q","conn":"gone"`), line(2, begun, "EventQueued", `,"dn":"Q","conn":"there"`))
	h.pass(5 * time.Hour)
	var a intake.Answer
	h.until("the adapter is asked", func() bool { a = h.send(p); return len(a.Query) == 2 })
	h.send(p, line(3, h.time().UnixMilli(), "EventPartyInfo", `,"conn":"there"`))
	h.pass(time.Minute)
	h.send(p)
	value := func(id string) float64 {
		v, err := h.halls["a"].Peek(t.Context(), []string{id}, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		return v[0].Number
	}
	h.until("the call is cleaned away", func() bool { return value(wait.ID) == 1 && value(cleaned.ID) == 1 })
}

// TestRestored: what a hall knows of sources, a hall of another installation reads: calls that go on, numbers, validity
// (case M5). What is written is text, or has a form of its own, so that no processor matters.
func TestRestored(t *testing.T) {
	lines := shift(40)
	h := newHamlet(t, "a")
	for _, r := range watched {
		h.open("a", r)
	}
	p := h.porters()["a"]
	h.send(p, lines[:len(lines)/2]...)
	if err := h.halls["a"].Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.stop()
	h.stop("a")
	other := newHamlet(t)
	other.files, other.now, other.owner, other.position = h.files, h.now, "z", h.position
	other.facts = slices.Clone(h.facts) // positions that are behind it
	other.start("z")
	a := other.send(other.porters()["z"], lines[len(lines)/2:]...)
	if a.Taken != uint64(len(lines)-len(lines)/2) || a.Next != uint64(len(lines)+1) {
		t.Fatalf("%+v", a)
	}
	other.pass(time.Hour)
	other.equal("z", lines)
}

// TestRate: lines that are sent again, and such that can not be read, are work too: a source that sends too many of them in a
// second is refused for a moment.
func TestRate(t *testing.T) {
	for what, line := range map[string]string{"again": `{"seq":1,"event":"EventQueued","dn":"Q","conn":"c1"}`, "broken": `{"seq":`} {
		t.Run(what, func(t *testing.T) {
			h := newHamlet(t, "a")
			p := h.porters()["a"]
			h.send(p, `{"seq":1,"event":"EventQueued","dn":"Q","conn":"c1"}`)
			many := intake.Offer{Source: "pbx", Text: []byte(strings.Repeat(line+"\n", 1000))}
			for sent := 0; ; sent += 1000 {
				_, err := p.Offer(t.Context(), many)
				if errors.Is(err, intake.ErrRate) {
					break
				}
				if err != nil || sent > pbx.MaxRate {
					t.Fatalf("after %d lines: %v", sent, err)
				}
			}
			h.pass(time.Second)
			if _, err := p.Offer(t.Context(), many); err != nil {
				t.Errorf("a second later: %v", err)
			}
		})
	}
}

// TestBehind: texts that came while others were being taken go into the journal together, and each has its answer; one that must
// be refused is left, with those behind it, to be offered again.
func TestBehind(t *testing.T) {
	h := newHamlet(t, "a")
	p := h.porters()["a"]
	queued := func(seq int) []byte {
		return fmt.Appendf(nil, `{"seq":%d,"event":"EventQueued","dn":"Q","conn":"c%d"}`, seq, seq)
	}
	many := []byte(strings.Repeat("{}\n", 1001))
	offer := func(texts ...[]byte) (next string) {
		t.Helper()
		a, err := p.Offer(t.Context(), intake.Offer{Source: "pbx", Text: texts[0], Behind: texts[1:]})
		if err != nil {
			return err.Error()
		}
		for _, a := range append([]intake.Answer{a}, a.Behind...) {
			next += fmt.Sprintf("%d %d %d %v, ", a.Next, a.Taken, a.Malformed, a.Resend)
		}
		return next
	}
	before := h.Last()
	if got, want := offer(queued(1), append(queued(2), "\n{}"...), nil, queued(3), queued(5), queued(4)), "2 1 0 false, 3 1 1 false, 3 0 0 false, "+
		"4 1 0 false, 4 0 0 true, 5 1 0 false, "; got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	if n := h.Last() - before; n != 1 {
		t.Errorf("%d facts for one offer", n)
	}
	if got, want := offer(queued(5), many, queued(6)), "6 1 0 false, "; got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
	if got := offer(many, queued(6)); !strings.Contains(got, "1000 lines") {
		t.Errorf("answered %s", got)
	}
	if got := offer(queued(6), make([]byte, source.MaxOffer)); !strings.Contains(got, "bytes") {
		t.Errorf("answered %s", got)
	}
}
