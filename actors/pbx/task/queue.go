package task

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/ximss/object"
)

// queueing is the Task's part in a queue: where its caller stands, and who is rung for it. The place is the Task's own:
// the queue's owner may die at any time, and the next one knows what Tasks announce to it.
//
//	            refused, left                 left
//	            ┌──────────┐          ┌────────────────────┐
//	            ▼          │          ▼                    │
//	none ── QueueJoin ──► asking ── placed ──► in line ── offers ──► talking
//	  ▲                                          │                      │
//	  └──────────────── left ◄───────────────────┴──────────────────────┘
//
// What is announced while it lasts is one message, which is replaced when something changes: QueueJoin while there is no
// place, QueueRejoin from then on, with all that was said and is not noted. An owner that has heard of the caller is told
// the words alone; see InLine.
type queueing struct {
	name   string
	by     uint64 // the youngest owner that was heard
	join   *msg.QueueJoin
	place  *msg.QueuePlaced   // nil: it has no place yet
	back   *msg.QueueCallback // of one who is called back
	tries  int32
	offers []*offering
	hung   bool // it is on its way out

	lingers time.Duration // since the program has ended
}

// lingering is how long a Task whose program has ended waits for a queue to note its last words: the queue's owner may
// have to be replaced first.
const (
	lingering = 30 * time.Second
	sayAgain  = 5 * time.Second // what is not noted by then
)

// queueWord is what a queue's owner says to a Task.
type queueWord interface {
	proto.Message
	GetCaller() string
	GetQueue() string
	GetBy() uint64
}

// Queue takes a word of a queue's owner. owner is the epoch of the one that is known to the member: that is whom the
// Task has announced itself to, and what an older one still says is not heard.
func (t *Task) Queue(m proto.Message, owner uint64, now time.Time) {
	t.now = now
	q, said := t.queue, m.(queueWord)
	if q == nil || said.GetCaller() != q.join.Caller || said.GetQueue() != q.name {
		t.unknown(said)
		return
	}
	if said.GetBy() < max(q.by, owner) {
		return
	}
	q.by = said.GetBy()
	switch m := m.(type) {
	case *msg.QueuePlaced:
		t.placed(m)
	case *msg.QueueRefused:
		t.queueRefuses(m)
	case *msg.QueueLeft:
		t.left(m)
	case *msg.QueueOffer:
		t.offered(m)
	case *msg.QueueNoted:
		t.noted(m)
	case *msg.QueueWithdrawn:
		t.withdrawn(m)
	case *msg.QueuePlay:
		t.queueEvent("queuePlay", playing(m))
	}
}

// InQueue is the queue that the Task's caller is in, "" for none.
func (t *Task) InQueue() string {
	if t.queue == nil {
		return ""
	}
	return t.queue.name
}

// unknown: a queue takes the caller for one of its own that is not, or not any more. It is told so, unless it has said
// itself that the caller has left.
func (t *Task) unknown(said queueWord) {
	switch said.(type) {
	case *msg.QueuePlaced, *msg.QueueOffer:
		t.do(ToQueue{said.GetQueue(), &msg.QueueHangup{Caller: said.GetCaller()}})
	}
}

// enter begins to ask for a place.
func (t *Task) enter(name string, j *msg.QueueJoin) {
	t.queue = &queueing{name: name, join: j}
	t.state(false)
	t.do(Publish{})
}

// state announces what the caller is to the queue. quietly: an owner that has heard of it is not told again.
func (t *Task) state(quietly bool) {
	q := t.queue
	if q.place == nil {
		t.do(InLine{Queue: q.name, Message: q.join, Quietly: quietly})
		return
	}
	t.do(InLine{Queue: q.name, Message: q.standing(), Quietly: quietly})
}

// standing is what the queue's next owner must know.
func (q *queueing) standing() *msg.QueueRejoin {
	m := &msg.QueueRejoin{Join: q.join, Place: q.place.Place, Since: q.place.Since, Original: q.place.Original,
		Tries: q.tries, Hung: q.hung}
	if q.back != nil {
		m.Callback = proto.Clone(q.back).(*msg.QueueCallback)
		m.Callback.Present = true
	}
	for _, o := range q.offers {
		m.Offers = append(m.Offers, &msg.QueueHeld{Offer: o.id, Agent: o.agent, Stage: o.noted, At: o.at})
		m.Words = append(m.Words, o.words...)
		if o.noted == msg.QueueStage_QUEUE_DIALLING {
			m.Callback.Present = false
		}
	}
	return m
}

func (t *Task) placed(m *msg.QueuePlaced) {
	q := t.queue
	q.place = m
	t.state(true)
	d := object.NewFolded()
	d.Set("position", object.Number(int64(m.Position)))
	d.Set("original", object.Number(int64(m.Original)))
	d.Set("music", word(m.Music))
	t.queueEvent("queuePlaced", d)
}

// queueRefuses: the caller may not enter, or may not be called back.
func (t *Task) queueRefuses(m *msg.QueueRefused) {
	q := t.queue
	switch {
	case m.Why == "KNOWN":
		return
	case q.place != nil && (m.Why == "RINGING" || m.Why == "MALFORMED"):
		d := object.NewFolded()
		d.Set("why", word(m.Why))
		t.queueEvent("queueRefused", d)
		return
	}
	t.goOut(m.Why, nil, func(d *object.Dictionary) { d.Set("to", word(m.To)) })
}

// left: the caller is in the queue no more; all that was said is noted.
func (t *Task) left(m *msg.QueueLeft) {
	t.goOut(m.Why, nil, func(d *object.Dictionary) {
		d.Set("key", word(m.Key))
		d.Set("to", word(m.To))
		d.Set("waited", object.Number(m.Waited))
	})
}

// goOut ends the Task's part in the queue. last is as in leaveQueue.
func (t *Task) goOut(why string, last proto.Message, more func(d *object.Dictionary)) {
	d := object.NewFolded()
	d.Set("queue", word(t.queue.name))
	d.Set("why", word(why))
	more(d)
	t.leaveQueue(last)
	if t.mode == over { // it has lingered for this
		t.do(Stop{})
		return
	}
	t.queueEvent("queueLeft", d)
}

// leaveQueue withdraws all that is announced. last is told to the queue's owner, once there is one.
func (t *Task) leaveQueue(last proto.Message) {
	q := t.queue
	t.queue = nil
	for _, o := range q.offers {
		t.disengage(o)
	}
	t.do(OutOfLine{q.name, last}, Publish{})
}

// callerGone: the Task has no caller for the queue any more. A conversation is over by that.
func (t *Task) callerGone() {
	q := t.queue
	if q == nil || q.hung || q.ended() {
		return
	}
	if o := q.talking(); o != nil {
		t.talkEnds(o, "caller", nil)
		return
	}
	if o := q.dialling(); o != nil && t.dialFailedFor(o, "given up") {
		return
	}
	q.hung = true
	hangup := &msg.QueueHangup{Caller: q.join.Caller}
	if q.place == nil {
		t.goOut("ABANDON", hangup, func(*object.Dictionary) {})
		return
	}
	t.state(true)
	t.do(ToQueue{q.name, hangup})
}

// settleQueue ends the Task's part in a queue with its program. true: the Task lives on until that is noted, for
// nobody else could tell the queue's next owner.
func (t *Task) settleQueue() (linger bool) {
	if t.queue == nil {
		return false
	}
	t.callerGone()
	if t.queue == nil {
		return false
	}
	t.timer(waitTimer, sayAgain)
	return true
}

// lingered: nobody has noted yet what the Task said last. It is said again, to whoever owns the queue now.
func (t *Task) lingered() {
	q := t.queue
	if q == nil {
		return
	}
	if q.lingers += sayAgain; q.lingers < lingering {
		t.state(false)
		t.timer(waitTimer, sayAgain)
		return
	}
	t.log.Warn("queue has not noted the end of a caller", "queue", q.name)
	t.leaveQueue(nil)
	t.do(Stop{})
}

// queueEvent is an event of a queue. It finds room always: a program that does not see it would not know who is rung.
func (t *Task) queueEvent(what string, parameter *object.Dictionary) {
	d := newEvent(what, parameter.Value(), "")
	d.SetMark(mark{kind: eventQueue})
	t.push(item{event: d}, true)
}

// playing is what a caller is to hear, as programs see it.
func playing(m *msg.QueuePlay) *object.Dictionary {
	d := object.NewFolded()
	d.Set("sound", word(strings.ToLower(m.Sound.String())))
	d.Set("text", word(m.Text))
	d.Set("number", word(m.Number))
	if m.Position > 0 {
		d.Set("position", object.Number(int64(m.Position)))
		d.Set("more", object.Bool(m.More))
	}
	if m.Sound == msg.QueuePlay_POSITION && m.Wait >= 0 {
		d.Set("wait", object.Number(m.Wait/1000))
	}
	return d
}

// nameOfOffer is how programs see an offer.
func nameOfOffer(id *msg.QueueOfferID) string {
	return fmt.Sprintf("%d/%d", id.GetEpoch(), id.GetNumber())
}
