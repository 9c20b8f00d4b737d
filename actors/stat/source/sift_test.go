package source

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tandem/actors/stat/engine"
)

// day is a history of a source: calls of every kind, agents, items.
func day(random *rand.Rand, n int) []string {
	var lines []string
	at := 1000.0
	events := []string{"EventQueued", "EventDiverted", "EventRinging", "EventEstablished", "EventHeld", "EventRetrieved", "EventReleased",
		"EventAbandoned", "EventDialing", "EventPartyChanged", "EventAttachedDataChanged", "EventAgentLogin", "EventAgentLogout", "EventAgentReady",
		"EventAgentNotReady", "EventOnHook", "EventOffHook", "EventRegistered", "EventDNOutOfService", "EventDNBackInService",
		"EventLinkDisconnected", "EventLinkConnected", "EventPlacedInQueue", "EventTakenFromQueue", "EventTreatmentEnd"}
	for range n {
		at += float64(random.IntN(4000)) / 1000
		l := map[string]any{"at": at, "event": events[random.IntN(len(events))], "dn": fmt.Sprint(7000 + random.IntN(3)),
			"conn": fmt.Sprint("c", random.IntN(4)), "old_conn": fmt.Sprint("c", random.IntN(4)), "agent": fmt.Sprint("A", random.IntN(2)),
			"queue": fmt.Sprint("Q", random.IntN(2))}
		switch random.IntN(6) {
		case 0:
			l["user_data"] = map[string]string{"k": fmt.Sprint(random.IntN(3))}
		case 1:
			l["media"], l["place"] = "chat", "desk"
		case 2:
			l["dn"] = l["queue"]
		case 3:
			l["conns"], l["work_mode"], l["reason"] = []string{"c1"}, "AfterCallWork", "Break"
		}
		text, _ := json.Marshal(l)
		lines = append(lines, string(text))
	}
	return numbered(lines...)
}

// TestSentAgain: however a source sends its lines, in whatever pieces, some of them twice, kept and read in between, its
// facts are those of lines that are sent once.
func TestSentAgain(t *testing.T) {
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 1))
		lines := day(random, 300)
		want := play(t, Rules{}, lines...)
		b, got := NewBook(), []engine.Fact(nil)
		for b.State("pbx").Next <= uint64(len(lines)) {
			next := int(b.State("pbx").Next) - 1
			from := max(0, next-random.IntN(20))
			s, err := Sift([]byte(strings.Join(lines[from:min(len(lines), next+1+random.IntN(40))], "\n")), uint64(next+1), nil)
			if err != nil || s.Gap || s.Malformed > 0 {
				t.Fatalf("%+v: %v", s, err)
			}
			for _, part := range s.Parts(Batch{}) {
				got = append(got, tell(t, b, part)...)
				if random.IntN(3) == 0 {
					got = append(got, tell(t, b, part)...) // two members have written it
				}
			}
			text, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			b = NewBook()
			if err := json.Unmarshal(text, b); err != nil {
				t.Fatal(err)
			}
			if again, _ := json.Marshal(b); string(again) != string(text) {
				t.Fatalf("kept and read:\n%s\n%s", text, again)
			}
		}
		if a, b := fmt.Sprintf("%+v", plain(want)), fmt.Sprintf("%+v", plain(got)); a != b {
			t.Fatalf("seed %d:\n%s\nwant\n%s", seed, b, a)
		}
	}
}

// plain writes facts without addresses of memory.
func plain(facts []engine.Fact) (all []string) {
	for _, f := range facts {
		with := engine.Attached{}
		if f.With != nil {
			with = *f.With
		}
		f.With = nil
		all = append(all, fmt.Sprintf("%+v %v\n", f, with))
	}
	return all
}

// TestBalanced: whatever lines say, what begins ends once, and nothing ends that has not begun.
func TestBalanced(t *testing.T) {
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 2))
		b, w := NewBook(), engine.New(engine.Options{Lateness: -1})
		facts := tell(t, b, Batch{}, day(random, 400)...)
		facts = append(facts, tell(t, b, Batch{What: Lost})...)
		facts = append(facts, tell(t, b, Batch{What: Stuck, Arrived: 1 << 50, Conns: b.Silent("pbx", 1<<50, 1000)})...)
		for n, f := range facts {
			f.Seq = uint64(n)
			if err := w.Apply(f); err != nil {
				t.Fatalf("%+v: %v", f, err)
			}
		}
		if c := w.Counts(); c.Ignored > 0 || c.Late > 0 {
			t.Errorf("seed %d: %+v", seed, c)
		}
		running := map[string]bool{}
		for _, f := range facts {
			key := f.Object.String() + f.Key + f.Name.String()
			if f.What == engine.Begin && f.Conn != "" {
				running[key] = true
			} else if f.What == engine.End {
				delete(running, key)
			}
		}
		if b.State("pbx").Calls > 0 || len(running) > 0 {
			t.Errorf("seed %d: %d calls are left, and %v", seed, b.State("pbx").Calls, running)
		}
	}
}

// TestSift: which lines of an offer are taken, and what the others are told.
func TestSift(t *testing.T) {
	ring := func(n int) string { return fmt.Sprintf(`{"seq":%d,"at":1,"event":"EventOnHook","dn":"7001"}`, n) }
	for _, c := range []struct {
		name  string
		next  uint64
		lines []string
		taken []int
		last  uint64
		dups  uint64
		gap   bool
		fault string
	}{
		{"in order", 1, []string{ring(1), ring(2)}, []int{1, 2}, 2, 0, false, ""},
		{"sent again", 3, []string{ring(1), ring(2), ring(3)}, []int{3}, 3, 2, false, ""},
		{"one is missing", 1, []string{ring(1), ring(3), ring(4)}, []int{1}, 1, 0, true, ""},
		{"blank lines say that it lives", 5, []string{"", " "}, nil, 4, 0, false, ""},
		{"malformed with a number", 1, []string{ring(1), `{"seq":2,"event":"EventRinging"}`, ring(3)}, []int{1, 3}, 3, 0, false,
			`{2 2 EventRinging needs "dn" or "agent"}`},
		{"malformed without one", 1, []string{ring(1), `{"seq":`, ring(3)}, []int{1, 3}, 3, 0, false,
			"{2 0 it is no object of JSON as is expected here: unexpected EOF}"},
		{"unknown key", 1, []string{`{"seq":1,"event":"EventOnHook","dm":"7001"}`}, nil, 1, 0, false,
			`{1 1 it is no object of JSON as is expected here: unknown field "dm"}`},
		{"unknown event", 1, []string{`{"seq":1,"event":"EventRing","dn":"7001"}`}, nil, 1, 0, false, `{1 1 event: "EventRing" is none that is known}`},
		{"another type", 1, []string{`{"seq":1,"event":7}`}, nil, 1, 0, false, `{1 1 "event" can not be number}`},
		{"not its object", 1, []string{`{"seq":1,"at":1,"event":"EventOnHook","dn":"8001"}`}, nil, 1, 0, false,
			`{1 1 "8001" is none of the objects of this source}`},
		{"two to a line", 1, []string{ring(1) + ring(2)}, nil, 1, 0, false, "{1 1 something follows the object; write one to a line}"},
		{"no time", 1, []string{`{"seq":1,"at":"noon","event":"EventOnHook","dn":"7001"}`}, nil, 1, 0, false,
			`{1 1 it is no object of JSON as is expected here: "noon" is no time: write seconds, 850.5, or a date, 2026-01-31T10:07:30Z}`},
	} {
		ranges := []Range{}
		for _, text := range []string{"7000-7999", "Q*"} {
			r, err := ParseRange(text)
			if err != nil {
				t.Fatal(err)
			}
			ranges = append(ranges, r)
		}
		s, err := Sift([]byte(strings.Join(c.lines, "\n")), c.next, ranges)
		var taken []int
		for _, l := range s.Lines {
			x, _ := Parse(l)
			taken = append(taken, int(x.Seq))
		}
		fault := ""
		if len(s.Faults) > 0 {
			fault = fmt.Sprint(s.Faults[0])
		}
		if err != nil || !slices.Equal(taken, c.taken) || s.Last != c.last || s.Duplicates != c.dups || s.Gap != c.gap || fault != c.fault {
			t.Errorf("%s: %v, last %d, duplicates %d, gap %v, %s: %v", c.name, taken, s.Last, s.Duplicates, s.Gap, fault, err)
		}
	}
}

// FuzzSift: no offer is too strange, and what is taken can be told.
func FuzzSift(f *testing.F) {
	for _, c := range cases {
		f.Add(strings.Join(c.lines, "\n"), uint64(1))
	}
	f.Add("{\"seq\":1}\n\n{\"seq\":18446744073709551615,\"event\":\"EventLinkConnected\"}", uint64(3))
	f.Fuzz(func(t *testing.T, text string, next uint64) {
		next = max(1, next)
		s, err := Sift([]byte(text), next, nil)
		if err != nil {
			return
		}
		if s.Last < next-1 {
			t.Fatalf("it goes back to %d from %d", s.Last, next)
		}
		b, w := NewBook(), engine.New(engine.Options{Lateness: -1})
		tell(t, b, Batch{Last: next - 1})
		n := uint64(0)
		for _, part := range s.Parts(Batch{Rules: Rules{Switch: "pbx"}}) {
			for _, x := range tell(t, b, part) {
				n++
				x.Seq = n
				if err := w.Apply(x); err != nil {
					t.Fatalf("%+v: %v", x, err)
				}
			}
		}
		if got := b.State("pbx").Next; got != s.Last+1 {
			t.Fatalf("%d is wanted, not %d", got, s.Last+1)
		}
	})
}
