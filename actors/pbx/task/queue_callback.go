package task

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/ximss/object"
)

// dialBack begins a Task that calls a caller back: it has the caller's place at once, so that the queue's next owner
// knows that the call is under way.
func (t *Task) dialBack(m *msg.QueueDial) object.Value {
	c := m.GetCaller()
	if c.GetJoin() == nil || c.GetCallback() == nil || m.Offer == nil {
		return object.Null
	}
	back := proto.Clone(c.Callback).(*msg.QueueCallback)
	join := proto.Clone(c.Join).(*msg.QueueJoin)
	join.Task = nil // of the Task that it had before
	t.queue = &queueing{name: m.Queue, by: m.By, join: join, back: back, tries: c.Tries,
		place: &msg.QueuePlaced{Place: c.Place, Since: c.Since, Original: c.Original},
		offers: []*offering{{id: m.Offer, agent: m.Agent, at: t.now.UnixNano(),
			noted: msg.QueueStage_QUEUE_DIALLING, said: msg.QueueStage_QUEUE_DIALLING}}}
	t.state(false)
	t.engage(t.queue.offers[0])
	d := object.NewFolded()
	d.Set("queue", word(m.Queue))
	d.Set("offer", word(nameOfOffer(m.Offer)))
	d.Set("agent", word(m.Agent))
	d.Set("number", word(back.Number))
	d.Set("name", word(c.Join.Name))
	d.Set("music", word(c.Join.Music))
	d.Set("try", object.Number(int64(m.Try)))
	d.Set("ring", object.Number(m.Ring/1000))
	return d.Value()
}

// dialFailedFor ends a callback that has reached nobody. The queue keeps the caller's place, and tries again; this Task
// has no part in that.
func (t *Task) dialFailedFor(o *offering, why string) bool {
	if o.said != msg.QueueStage_QUEUE_DIALLING || len(o.words) > 0 {
		return false
	}
	t.leaveQueue(&msg.QueueOutcome{Offer: o.id, What: msg.QueueOutcome_DIAL_FAILED, Why: strings.TrimSpace(why)})
	return true
}
