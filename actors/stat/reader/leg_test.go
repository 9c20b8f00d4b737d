package reader

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
	"tandem/actors/store"
)

// handset is a leg whose facts are told; times are seconds, the first of them 1.
type handset struct{ r *msg.LegRecord }

// caller is the leg of a phone that calls, called that of one which is called; an address without "@" is no account's.
func caller(leg, call, from, to string) *handset { return part(leg, call, from, to, from, false) }
func called(leg, call, from, to string) *handset { return part(leg, call, from, to, to, true) }

func part(leg, call, from, to, own string, outgoing bool) *handset {
	r := &msg.LegRecord{Leg: leg, Call: call, From: from, To: to, Outgoing: outgoing, Boot: "b"}
	if strings.Contains(own, "@") {
		r.Account = own
	}
	return &handset{r}
}

func (p *handset) of(queue, caller string) *handset { p.r.Queue, p.r.Caller = queue, caller; return p }

func (p *handset) fact(kind string, at int64) fact {
	return fact{kind, time.UnixMilli(at * 1000), proto.CloneOf(p.r)}
}

func (p *handset) starts(at int64) fact  { p.r.Started = at * 1000; return p.fact(StartedKind, at) }
func (p *handset) rings(at int64) fact   { p.r.Rang = at * 1000; return p.fact(ChangedKind, at) }
func (p *handset) holds(at int64) fact   { p.r.Held = at * 1000; return p.fact(ChangedKind, at) }
func (p *handset) takes(at int64) fact   { p.r.Held = 0; return p.fact(ChangedKind, at) }
func (p *handset) answers(at int64) fact { p.r.Answered = at * 1000; return p.fact(ChangedKind, at) }

func (p *handset) with(o *handset) *handset { p.r.Partner = o.r.Leg; return p }

func (p *handset) ends(at int64, status int32, by, reason string) fact {
	p.r.Ended, p.r.Status, p.r.By, p.r.Reason = at*1000, status, by, reason
	return p.fact(EndedKind, at)
}

const (
	ann = "1001@t.local"
	bob = "1002@t.local"
	cat = "1003@t.local"
)

// legStories are what legs have told.
func legStories() map[string][]fact {
	all := map[string][]fact{}
	tell := func(name string, f ...fact) { all[name] = f }

	a, b := caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("an internal call", a.starts(1), b.starts(1), b.rings(2), b.answers(5), a.with(b).answers(5),
		a.ends(25, 200, "caller", "OK"), b.ends(25, 200, "caller", "OK"))
	a, b = caller("a", "c1", "555", ann), called("b", "c1", "555", ann)
	tell("an inbound call", a.starts(1), b.starts(1), b.rings(2), b.answers(5), a.with(b).answers(5),
		b.ends(35, 200, "callee", "OK"), a.ends(35, 200, "callee", "OK"))
	a, b = caller("a", "c1", ann, "555"), called("b", "c1", ann, "555")
	tell("an outbound call", a.starts(1), b.starts(1), b.rings(2), b.answers(6), a.with(b).answers(6),
		a.ends(16, 200, "caller", "OK"), b.ends(16, 200, "caller", "OK"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("nobody answers", a.starts(1), b.starts(1), b.rings(2), b.ends(62, 487, "member", "No answer"),
		a.ends(62, 480, "member", "No answer"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("busy", a.starts(1), b.starts(1), b.ends(2, 486, "callee", "Busy Here"), a.ends(2, 486, "callee", "Busy Here"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("the caller gives up", a.starts(1), b.starts(1), b.rings(2), a.ends(9, 487, "caller", "Request Terminated"),
		b.ends(9, 487, "member", "Cancelled by the caller"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	second, third := called("b2", "c1", ann, bob), called("b3", "c1", ann, bob)
	tell("three phones ring, one answers", a.starts(1), b.starts(1), second.starts(1), third.starts(1), third.rings(2), b.rings(2),
		second.rings(3), third.ends(4, 603, "callee", "Decline"), second.answers(5), a.with(second).answers(5), b.ends(5, 487, "member", "Call completed elsewhere"), a.ends(8, 200, "caller", "OK"),
		second.ends(8, 200, "caller", "OK"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("a call on hold", a.starts(1), b.starts(1), b.rings(1), b.answers(2), a.with(b).answers(2), b.holds(10), b.takes(14), b.holds(20),
		a.ends(23, 200, "caller", "OK"), b.ends(23, 200, "caller", "OK"))
	a, b = caller("a", "c1", "555", ann), called("b", "c1", "555", ann)
	a2, d := caller("a2", "c2", ann, cat), called("d", "c2", ann, cat)
	tell("a consultation and a transfer", a.starts(1), b.starts(1), b.rings(1), b.answers(3), a.with(b).answers(3), b.holds(20),
		a2.starts(21), d.starts(21), d.rings(21), d.answers(25), a2.with(d).answers(25),
		a2.ends(40, 200, "member", "Replaced"), b.ends(40, 200, "member", "Transferred"),
		d.ends(70, 200, "caller", "OK"), a.ends(70, 200, "caller", "OK"))
	a, b = caller("a", "c1", ann, bob), called("b", "c1", ann, bob)
	tell("changes that are lost, and what comes twice", a.starts(1), b.starts(1), b.starts(1),
		func() fact { b.rings(2); b.answers(4); return b.ends(9, 200, "callee", "OK") }(), b.ends(9, 200, "callee", "OK"),
		func() fact { a.answers(4); return a.ends(9, 200, "callee", "OK") }())
	a = caller("a", "c1", ann, "9001@t.local")
	late := a.starts(1)
	tell("the member dies", late, a.answers(2), fact{life.FactDead, time.UnixMilli(9000), nil}, a.holds(10),
		a.ends(11, 200, "caller", "OK"), func() fact { a.r.Closer = "x"; a.r.Held = 0; return a.ends(8, 503, "member", "Member lost") }())
	a, b = caller("a", "c1", "555", "2000@t.local"), called("b", "c3", "555", bob).of("sales", "c1")
	tell("a call of a queue that its agent holds",
		agent(1, "bob", msg.AgentFact_LOGGED_ON, text("SIP/1002")), became(1, "bob", "ready", "", "", "Q"),
		a.starts(2), a.answers(2), queue(2, "c1", msg.QueueFact_ENTERED, 0, ""), queue(3, "c1", msg.QueueFact_OFFERED, 1, "bob"),
		became(3, "bob", "ringing", "Q", "c1", "Q"), b.starts(3), b.rings(4), b.answers(8), queue(8, "c1", msg.QueueFact_JOINED, 1, "bob"),
		became(8, "bob", "talking", "Q", "c1", "Q"), b.holds(20), b.takes(25),
		queue(30, "c1", msg.QueueFact_COMPLETED_BY_CALLER, 1, "bob"), became(30, "bob", "wrap-up", "Q", "", "Q"),
		b.ends(30, 200, "caller", "OK"), a.ends(30, 200, "caller", "OK"), became(40, "bob", "ready", "", "", "Q"))
	return all
}

// TestLegs tells the stories of calls, and what statistics make of them.
func TestLegs(t *testing.T) {
	var all strings.Builder
	stories := legStories()
	for _, name := range slices.Sorted(maps.Keys(stories)) {
		told := story(t, stories[name], -1)
		for i := range stories[name] {
			if got := story(t, stories[name], i); got != told {
				t.Errorf("%s, kept before fact %d:\n%s", name, i, got)
			}
		}
		fmt.Fprintf(&all, "# %s\n%s%s\n", name, told, values(t, stories[name]))
	}
	golden(t, "testdata/legs.golden", all.String())
}

// asked are the statistics that are asked for of each device and agent at the end, those that are none left out.
var asked = []struct{ subject, category, mask string }{
	{"DNAction", "TotalNumber", "CallInternal,CallInbound,CallOutbound,CallConsult"}, {"DNAction", "TotalTime", "CallInternal,CallInbound,CallOutbound,CallConsult"},
	{"DNAction", "TotalTime", "CallRinging"}, {"DNAction", "TotalTime", "CallOnHold"}, {"DNAction", "TotalNumber", "CallAbandonedFromRinging"},
	{"DNStatus", "TotalTime", "CallInbound"}, {"AgentStatus", "TotalTime", "CallInbound"}, {"AgentStatus", "TotalTime", "CallOnHold"},
	{"AgentStatus", "TotalTime", "AfterCallWork"}, {"DNAction", "CurrentNumber", "*"},
}

// values are what the statistics of a story come to a hundred seconds after its beginning.
func values(t *testing.T, facts []fact) string {
	t.Helper()
	w, r := engine.New(engine.Options{}), New()
	objects := []engine.Object{deviceOf("1001"), deviceOf("1002"), deviceOf("1003"), agentOf("bob")}
	names := map[string]string{}
	for _, o := range objects {
		for i, s := range asked {
			var d measure.Definition
			text := fmt.Sprintf(`{"category":%q,"subject":%q,"main_mask":%q,"time_profile":"Growing never"}`, s.category, s.subject, s.mask)
			if err := json.Unmarshal([]byte(text), &d); err != nil {
				t.Fatal(err)
			}
			id := fmt.Sprintf("%v %02d", o, i)
			if _, err := w.Open(id, o, d, 0); err == nil { // else that type has none
				names[id] = fmt.Sprintf("%s %s of %s, %s", o, s.category, s.mask, s.subject)
			}
		}
	}
	for i, f := range facts {
		told, err := r.Read(journal(t, f, i))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range told {
			if err := w.Apply(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(r.legs)+len(r.parties)+len(r.holding) != 0 {
		t.Errorf("of legs that are over something is left: %v %v %v", r.legs, r.parties, r.holding)
	}
	var out strings.Builder
	for _, id := range slices.Sorted(maps.Keys(names)) {
		if v, err := w.Value(id, 100_000); err != nil || v.Number != 0 {
			fmt.Fprintf(&out, "  = %g %s\n", v.Number, names[id])
		}
	}
	return out.String()
}

// journal is a fact as the journal has it.
func journal(t *testing.T, f fact, i int) store.Fact {
	t.Helper()
	s := store.Fact{Kind: f.kind, At: f.at, Position: uint64(i + 1)}
	if f.kind == life.FactDead {
		s.Subject, s.Body = "b", life.Dead{Closer: "x"}.Encode()
		return s
	}
	var err error
	if s.Body, err = proto.Marshal(f.body); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestManyLegs: beyond the limit legs are not followed.
func TestManyLegs(t *testing.T) {
	r := New()
	for i := range maxLegs {
		r.legs[fmt.Sprint(i)] = nil
	}
	if told, err := r.Read(journal(t, caller("a", "c", ann, bob).starts(1), 1)); err != nil || len(told) > 0 || len(r.legs) != maxLegs {
		t.Error(told, err, len(r.legs))
	}
}
