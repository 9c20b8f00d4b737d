package actors

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

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
