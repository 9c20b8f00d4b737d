package writer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/actors/msg"
)

func TestLines(t *testing.T) {
	b := newBench(t)
	b.journal.add(LineKind, &msg.FactLine{Verb: "QUEUESTART"})
	b.journal.add(AgentKind, &msg.AgentFact{Agent: "1002", Line: &msg.FactLine{Agent: "1002", Verb: "AGENTLOGIN", Args: []string{"SIP/1002"}}})
	b.journal.add("leg.ended", &msg.LegRecord{})
	b.journal.add(AgentKind, &msg.AgentFact{Agent: "1002", What: msg.AgentFact_BECAME})
	b.journal.add(QueueKind, &msg.QueueFact{What: msg.QueueFact_NOT_ADMITTED, Line: &msg.FactLine{Call: "c1", Queue: "sales", Verb: "FULL", Refusal: true}})
	b.journal.add(LineKind, &msg.FactLine{Call: "c1", Verb: "INFO", Args: []string{"a|b", "c\r\nd"}})
	w := b.start()
	want := `1700000000|NONE|NONE|NONE|QUEUESTART|
1700000001|NONE|NONE|1002|AGENTLOGIN|SIP/1002
1700000005|c1|NONE|NONE|INFO|a_b|c  d
`
	if got := b.read("queue_log"); got != want {
		t.Errorf("the log is\n%s", got)
	}
	w.Refusals = func() bool { return true }
	b.journal.add(QueueKind, &msg.QueueFact{What: msg.QueueFact_NOT_ADMITTED, Line: &msg.FactLine{Call: "c1", Queue: "sales", Verb: "FULL", Refusal: true}})
	b.round(w)
	if got := b.read("queue_log"); got != want+"1700000006|c1|sales|NONE|FULL|\n" {
		t.Errorf("with refusals it is\n%s", got)
	}
}

// TestListeners: who listens hears what is appended after the start, with or without a file, and no double.
func TestListeners(t *testing.T) {
	for _, path := range []string{"", "queue_log"} {
		b := newBench(t)
		b.journal.some(0, 3)
		if b.options.Path = path; path != "" {
			b.options.Path = filepath.Join(b.dir, path)
		}
		var heard []Fact
		b.options.Heard = func(f Fact) { heard = append(heard, f) }
		w := b.start()
		b.journal.some(3, 2)
		b.journal.add(AgentKind, &msg.AgentFact{Agent: "1002", What: msg.AgentFact_BECAME})
		b.journal.facts = append(b.journal.facts, b.journal.facts[15])
		b.journal.facts[21].Position = b.journal.facts[20].Position + 1
		b.round(w)
		if len(heard) != 9 || heard[0].Queue.Caller != "c3" || heard[1].Queue.What != msg.QueueFact_OFFERED || heard[8].Agent.Agent != "1002" {
			t.Errorf("heard %v", heard)
		}
		w.Close()
	}
}

func TestReadingGoesOnWhereItFailed(t *testing.T) {
	b := newBench(t)
	b.journal.some(0, 20)
	b.journal.broken = errors.New("no answer")
	w, err := Open(b.options)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Round(t.Context()); err == nil {
		t.Error("a failure was hidden")
	}
	b.journal.broken = nil
	b.round(w)
	b.want(b.read("queue_log"), 20)
}

// TestDoubles: two owners of one queue tell the same.
func TestDoubles(t *testing.T) {
	fact := func(by uint64, what msg.QueueFact_What, offer uint64, verb string) *msg.QueueFact {
		f := &msg.QueueFact{What: what, Queue: "q", By: by, Caller: "c", Line: &msg.FactLine{Call: "c", Queue: "q", Verb: verb}}
		if offer != 0 {
			f.Agent, f.Offer = "a", &msg.QueueOfferID{Epoch: 1, Number: offer}
		}
		return f
	}
	for name, c := range map[string]struct {
		facts []*msg.QueueFact
		want  string
	}{
		"entered twice": {[]*msg.QueueFact{fact(1, msg.QueueFact_ENTERED, 0, "ENTER1"), fact(2, msg.QueueFact_ENTERED, 0, "ENTER2"),
			fact(2, msg.QueueFact_JOINED, 1, "CONNECT")}, "ENTER1 CONNECT"},
		"came again": {[]*msg.QueueFact{fact(1, msg.QueueFact_ENTERED, 0, "ENTER1"), fact(1, msg.QueueFact_ABANDONED, 0, "ABANDON1"),
			fact(2, msg.QueueFact_ENTERED, 0, "ENTER2"), fact(2, msg.QueueFact_ABANDONED, 0, "ABANDON2")}, "ENTER1 ABANDON1 ENTER2 ABANDON2"},
		"transferred into the same": {[]*msg.QueueFact{fact(1, msg.QueueFact_ENTERED, 0, "ENTER1"), fact(1, msg.QueueFact_JOINED, 1, "CONNECT1"),
			fact(2, msg.QueueFact_BLIND_TRANSFERRED, 1, "BLINDTRANSFER"), fact(2, msg.QueueFact_ENTERED, 0, "ENTER2"),
			fact(2, msg.QueueFact_JOINED, 2, "CONNECT2")}, "ENTER1 CONNECT1 BLINDTRANSFER ENTER2 CONNECT2"},
		"ended by both": {[]*msg.QueueFact{fact(1, msg.QueueFact_JOINED, 1, "CONNECT"), fact(2, msg.QueueFact_JOINED, 1, "CONNECT"),
			fact(1, msg.QueueFact_COMPLETED_BY_AGENT, 1, "COMPLETEAGENT"), fact(2, msg.QueueFact_COMPLETED_BY_CALLER, 1, "COMPLETECALLER")},
			"CONNECT COMPLETEAGENT"},
		"lost by both": {[]*msg.QueueFact{fact(1, msg.QueueFact_ENTERED, 0, "ENTER"), fact(1, msg.QueueFact_EXPIRED, 0, "EXIT"),
			fact(2, msg.QueueFact_ABANDONED, 0, "ABANDON")}, "ENTER EXIT"},
		"rung in vain three times": {[]*msg.QueueFact{fact(1, msg.QueueFact_RUNG_IN_VAIN, 1, "R1"), fact(1, msg.QueueFact_RUNG_IN_VAIN, 2, "R2"),
			fact(2, msg.QueueFact_RUNG_IN_VAIN, 2, "R2"), fact(1, msg.QueueFact_RUNG_IN_VAIN, 3, "R3")}, "R1 R2 R3"},
	} {
		for kill := range len(c.facts) + 1 { // the writer starts anew in between, and knows all the same
			b := newBench(t)
			for i, f := range c.facts {
				if i == kill {
					b.start()
				}
				b.journal.add(QueueKind, f)
			}
			b.start().Close()
			var got []string
			for _, l := range strings.Split(strings.TrimSpace(b.read("queue_log")), "\n") {
				got = append(got, strings.Split(l, "|")[4])
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, started anew before %d: %v, want %s", name, kill, got, c.want)
			}
		}
	}
}

func TestWindowIsBounded(t *testing.T) {
	w := newWindow()
	for i := range 3 * windowFacts {
		f := &msg.QueueFact{What: msg.QueueFact_JOINED, Queue: "q", Caller: "c", Agent: "a", Line: &msg.FactLine{Verb: "CONNECT"},
			Offer: &msg.QueueOfferID{Epoch: 1, Number: uint64(i + 1)}}
		if w.double(uint64(i+1), f) || !w.double(uint64(i+1), f) {
			t.Fatal(i)
		}
	}
	if len(w.seen) > windowFacts || len(w.order) != windowFacts || w.oldest() != uint64(3*windowFacts-windowFacts/2+1) {
		t.Errorf("%d known, %d noted, oldest %d", len(w.seen), len(w.order), w.oldest())
	}
}

func TestMarksThatAreNone(t *testing.T) {
	b := newBench(t)
	b.put("queue_log.position", "{\"journal\":\"j\",\"posi")
	if _, err := Open(b.options); err == nil || !strings.Contains(err.Error(), "mark") {
		t.Errorf("half a mark: %v", err)
	}
	b.options.Path = filepath.Join(b.dir, "no\x00name")
	if _, err := Open(b.options); err == nil {
		t.Error("a name that can not be")
	}
	if _, err := os.Stat(filepath.Join(b.dir, "queue_log.position")); err != nil {
		t.Error("the mark is gone")
	}
}
