package task

import (
	"fmt"
	"slices"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss/object"
)

// offering is an agent who is rung for the caller, or talks with it.
type offering struct {
	id     *msg.QueueOfferID
	agent  string
	noted  msg.QueueStage      // as far as the queue is known to have it
	at     int64               // when that began, in nanoseconds since 1970
	said   msg.QueueStage      // as far as it is
	words  []*msg.QueueOutcome // that are not noted
	task   string              // the Task whose party the agent is; "": not told
	passed *passing            // he gives the caller to somebody else
	rang   int64               // how long his phone rang, in ms
}

// passing is a transfer by the agent: by is "blind" or "attended", and args what the records say of it.
type passing struct {
	by   string
	args []string
}

func (q *queueing) offer(id *msg.QueueOfferID) *offering {
	for _, o := range q.offers {
		if o.id.GetEpoch() == id.GetEpoch() && o.id.GetNumber() == id.GetNumber() {
			return o
		}
	}
	return nil
}

// named finds an offer by what programs call it.
func (q *queueing) named(name string) *offering {
	for _, o := range q.offers {
		if nameOfOffer(o.id) == name {
			return o
		}
	}
	return nil
}

// talking is the conversation that is under way.
func (q *queueing) talking() *offering {
	for _, o := range q.offers {
		if o.said == msg.QueueStage_QUEUE_TALKING {
			return o
		}
	}
	return nil
}

// dialling is the offer for which the caller is being called back.
func (q *queueing) dialling() *offering {
	for _, o := range q.offers {
		if o.said == msg.QueueStage_QUEUE_DIALLING {
			return o
		}
	}
	return nil
}

// ended tells that a conversation is over, which is not noted yet.
func (q *queueing) ended() bool {
	return slices.ContainsFunc(q.offers, func(o *offering) bool { return o.said == msg.QueueStage_QUEUE_ENDED })
}

// mostOffers is how many agents are rung for one caller at the same time: as many as a queue rings together, and those
// of whom it has just lost sight.
const mostOffers = 128

// offered: an agent is to be rung. Of a caller who was called back the same offer goes on.
func (t *Task) offered(m *msg.QueueOffer) {
	q := t.queue
	if q.hung || q.ended() {
		return
	}
	o := q.offer(m.Offer)
	switch {
	case o == nil && len(q.offers) >= mostOffers:
		t.log.Warn("queue rings too many agents for one caller", "queue", q.name)
		return
	case o == nil:
		o = &offering{id: m.Offer, agent: m.Agent}
		q.offers = append(q.offers, o)
	case o.noted >= msg.QueueStage_QUEUE_RINGING:
		return
	}
	o.noted, o.said, o.at, o.words = msg.QueueStage_QUEUE_RINGING, msg.QueueStage_QUEUE_RINGING, t.now.UnixNano(), nil
	t.state(true)
	t.engage(o)
	d := object.NewFolded()
	d.Set("offer", word(nameOfOffer(m.Offer)))
	d.Set("agent", word(m.Agent))
	d.Set("queue", word(q.name))
	d.Set("caller", word(q.join.Caller))
	d.Set("name", word(q.join.Name))
	d.Set("number", word(q.join.Number))
	d.Set("devices", words(m.Devices))
	d.Set("ring", object.Number(m.Ring/1000))
	d.Set("announce", word(m.Announce))
	d.Set("delay", object.Number(m.Delay))
	t.queueEvent("queueOffer", d)
}

// engage tells the agent's owner, and each next one, how far it is with him: a Task that rings him is the best evidence.
func (t *Task) engage(o *offering) {
	t.do(Engage{o.agent, nameOfOffer(o.id), &msg.AgentProgress{Queue: t.queue.name, Offer: o.id,
		Caller: t.queue.join.Caller, Number: t.queue.join.Number, Name: t.queue.join.Name, Stage: o.said}})
}

func (t *Task) disengage(o *offering) { t.do(Engage{o.agent, nameOfOffer(o.id), nil}) }

// drop forgets an offer.
func (t *Task) drop(o *offering) {
	t.queue.offers = slices.DeleteFunc(t.queue.offers, func(x *offering) bool { return x == o })
	t.disengage(o)
}

// noted: the queue has written down how far an offer is.
func (t *Task) noted(m *msg.QueueNoted) {
	o := t.queue.offer(m.Offer)
	if o == nil || m.Stage <= o.noted {
		return
	}
	o.noted, o.at = m.Stage, t.now.UnixNano()
	o.words = slices.DeleteFunc(o.words, func(w *msg.QueueOutcome) bool {
		return w.What == msg.QueueOutcome_ANSWERED || w.What == msg.QueueOutcome_CONNECTED && m.Stage == msg.QueueStage_QUEUE_TALKING
	})
	t.state(true)
}

// withdrawn: an agent is to be rung no more.
func (t *Task) withdrawn(m *msg.QueueWithdrawn) {
	o := t.queue.offer(m.Offer)
	if o == nil || o.said == msg.QueueStage_QUEUE_ENDED {
		return
	}
	t.drop(o)
	if o.said == msg.QueueStage_QUEUE_DIALLING { // the caller goes on to wait, without this Task
		t.leaveQueue(nil)
	} else {
		t.state(true)
	}
	d := object.NewFolded()
	d.Set("offer", word(nameOfOffer(m.Offer)))
	d.Set("agent", word(m.Agent))
	d.Set("why", word(m.Why))
	t.queueEvent("queueWithdrawn", d)
}

// tell tells the queue how an offer went on, and its next owner too until that is noted; false: it can not have come
// after what was told before.
func (t *Task) tell(o *offering, w *msg.QueueOutcome) bool {
	w.Offer = o.id
	lasts, rung := true, o.said == msg.QueueStage_QUEUE_RINGING
	if rung {
		o.rang = (t.now.UnixNano() - o.at) / 1e6
	}
	switch {
	case w.What == msg.QueueOutcome_UNANSWERED && rung:
		lasts = false
	case w.What == msg.QueueOutcome_DUMPED && o.said == msg.QueueStage_QUEUE_ANSWERED:
		lasts = false
	case w.What == msg.QueueOutcome_ANSWERED && rung:
		o.said = msg.QueueStage_QUEUE_ANSWERED
	case w.What == msg.QueueOutcome_CONNECTED && (rung || o.said == msg.QueueStage_QUEUE_ANSWERED):
		w.Leg = fmt.Sprintf("%s-%d", t.queue.join.Caller, o.id.GetNumber())
		w.Rang, o.said = o.rang, msg.QueueStage_QUEUE_TALKING
	case w.What == msg.QueueOutcome_MISMATCHED && (rung || o.said == msg.QueueStage_QUEUE_ANSWERED):
	case w.What == msg.QueueOutcome_ENDED && o.said == msg.QueueStage_QUEUE_TALKING:
		o.said = msg.QueueStage_QUEUE_ENDED
	case w.What == msg.QueueOutcome_DIALLED && o.said == msg.QueueStage_QUEUE_DIALLING:
	default:
		return false
	}
	switch {
	case !lasts:
		t.drop(o)
	case o.said == msg.QueueStage_QUEUE_ENDED:
		o.words = append(o.words, w)
		t.disengage(o)
	default:
		o.words = append(o.words, w)
		if o.said > msg.QueueStage_QUEUE_DIALLING {
			t.engage(o)
		}
	}
	t.state(true)
	t.do(ToQueue{t.queue.name, w})
	return true
}

// talkEnds: a conversation is over. One that the agent has passed on ends by that.
func (t *Task) talkEnds(o *offering, by string, p *passing) {
	w := &msg.QueueOutcome{What: msg.QueueOutcome_ENDED, By: by}
	if p != nil {
		w.By, w.Args = p.by, p.args
	}
	t.tell(o, w)
}

// agentGone: the agent's Task has left the bridge, or is no more.
func (t *Task) agentGone(task string) {
	if t.queue == nil {
		return
	}
	switch o := t.queue.talking(); {
	case o == nil || o.task != task:
	case o.passed != nil: // the caller is taken in a moment, or it was the agent who hung up
		t.timer(passTimer, passingLasts)
	default:
		t.talkEnds(o, "agent", nil)
	}
}

// passingLasts is for how long a caller whom the agent has passed on may stay after the agent has left.
const passingLasts = time.Second

// agentPasses: the agent's Task says with its leaving that the agent's phone has sent the caller elsewhere. Its program says
// so too, but may be later.
func (t *Task) agentPasses(task, by, number string) {
	if t.queue == nil || by == "" {
		return
	}
	if o := t.queue.talking(); o != nil && o.task == task && o.passed == nil {
		o.passed = &passing{by: by, args: []string{msg.Cut(number, longestSay), signal.AOR(t.onBehalf()).Domain()}}
	}
}

// notTaken: nobody took the caller whom the agent seemed to pass on.
func (t *Task) notTaken() {
	if t.queue == nil {
		return
	}
	if o := t.queue.talking(); o != nil {
		t.talkEnds(o, "agent", nil)
	}
}

// callerTaken: the platform has given the caller to somebody else. Where the agent has passed it on, he talks with it no
// more; else it was the caller's own doing.
func (t *Task) callerTaken() {
	if t.queue == nil {
		return
	}
	if o := t.queue.talking(); o != nil && o.passed != nil {
		t.talkEnds(o, "agent", o.passed)
	}
}
