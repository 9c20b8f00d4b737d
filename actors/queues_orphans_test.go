package actors

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/queuelog/writer"
	"tandem/actors/store"
)

// Who has entered and neither left nor talked may be an orphan, if it came before the member died and after all queues
// began.
func TestOrphansByTheRecords(t *testing.T) {
	noon := time.Unix(1795305017, 0)
	o := orphans{}
	took := func(what msg.QueueFact_What, name, caller string, at time.Time) {
		body, _ := proto.Marshal(&msg.QueueFact{What: what, Queue: name, Caller: caller, At: at.UnixNano(), By: 3, Original: 2, Number: "5550010"})
		o.take(store.Fact{Kind: queue.FactKind, Subject: name, Body: body})
	}
	took(msg.QueueFact_ENTERED, "sales", "before", noon)
	start, _ := proto.Marshal(&msg.FactLine{Verb: "QUEUESTART"})
	o.take(store.Fact{Kind: writer.LineKind, Body: start})
	for _, c := range []string{"waits", "talked", "left", "late"} {
		took(msg.QueueFact_ENTERED, "sales", c, noon.Add(time.Minute))
	}
	took(msg.QueueFact_ENTERED, "support", "left", noon)
	took(msg.QueueFact_OFFERED, "sales", "waits", noon)
	took(msg.QueueFact_JOINED, "sales", "talked", noon)
	took(msg.QueueFact_ABANDONED, "sales", "left", noon)
	took(msg.QueueFact_TAKEN_OUT, "support", "left", noon)
	took(msg.QueueFact_ENTERED, "sales", "late", noon.Add(time.Hour))
	died := noon.Add(10 * time.Minute)
	got := o.open(died)
	if len(got) != 1 || len(got["sales"]) != 1 || got["sales"][0] != (queue.Orphan{Caller: "waits", Number: "5550010", Original: 2,
		Entered: noon.Add(time.Minute), Died: died, By: 3}) {
		t.Errorf("%+v", got)
	}
}

// A member that died is looked after, some time later and once more, whether it stays dead, is restarted at once, or is
// forgotten; those that could not be looked after come again.
func TestLivesThatEnd(t *testing.T) {
	noon := time.Unix(1795305017, 0)
	row := func(name string, boot uint32, state msg.MemberState, since time.Time) view.Row {
		return view.Row{Member: &msg.Member{Name: name, Boot: boot}, State: state, Since: since, Sure: state == msg.MemberState_DEAD,
			Self: name == "self"}
	}
	self, up, dead := row("self", 1, msg.MemberState_UP, noon), msg.MemberState_UP, msg.MemberState_DEAD
	l := newLives()
	at := func(after time.Duration, want time.Duration, rows ...view.Row) {
		t.Helper()
		now := noon.Add(after)
		l.see(append(rows, self), now)
		died, some := l.due(now)
		if some != (want >= 0) || some && !died.Equal(noon.Add(want)) {
			t.Errorf("after %v: %v, %v; want %v", after, died.Sub(noon), some, want)
		}
	}
	b, c := row("b", 2, up, noon), row("c", 3, up, noon)
	at(0, -1, b, c)
	b = row("b", 4, up, noon.Add(time.Second)) // restarted
	at(2*time.Second, -1, b, c)
	c = row("c", 3, dead, noon.Add(5*time.Second))
	at(6*time.Second, -1, b, c)
	at(orphanAfter+2*time.Second, 2*time.Second, b, c)
	at(orphanAfter+4*time.Second, 2*time.Second, b, c) // the first time it has failed
	l.passed(noon.Add(orphanAfter + 4*time.Second))
	at(orphanAfter+5*time.Second, 5*time.Second, b, c)
	l.passed(noon.Add(orphanAfter + 5*time.Second))
	at(2*orphanAfter, -1, b, c)
	at(3*orphanAfter, 5*time.Second, b)
	l.passed(noon.Add(3 * orphanAfter))
	at(4*orphanAfter, -1, b)
	if len(l.seen) != 1 || len(l.ended) != 0 {
		t.Errorf("remembered are %v and %v", l.seen, l.ended)
	}
}
