package dispatch

import (
	"sort"
	"time"

	"tandem/actors/agent"
	"tandem/actors/queue"
)

// task is a caller's Task: what it does is what all Tasks must do, so that nothing is lost with a queue's owner.
type task struct {
	id, queue string
	owner     uint64 // the owner to which it has announced itself
	in        bool   // it has a place
	arrival   queue.Arrival
	rings     map[queue.OfferID]*ring
	hung      bool // its caller has hung up; it waits to hear that it has left
	gone      bool // it is no more
	talked    bool
}

// ring is an agent who is rung for it, or talks with it.
type ring struct {
	agent       string
	noted, said queue.Stage
	at          time.Time
	over        bool // the conversation is over, which is not noted yet
}

func (t *task) placed(e queue.Placed, by uint64) {
	t.in, t.owner = true, max(t.owner, by)
	t.arrival.Place, t.arrival.Since, t.arrival.Original = e.Place, e.Since, e.Original
}

func (t *task) refused(e queue.Refused) { t.gone = e.Why != queue.Known }
func (t *task) left()                   { t.gone, t.rings = true, nil }

func (t *task) noted(e queue.Noted) {
	if r := t.rings[e.Offer]; r != nil {
		r.noted = e.Stage
	}
}

// ring begins to ring an agent, and says so to whoever is his owner, now and later.
func (w *world) ring(t *task, e queue.Offer) {
	if t.hung {
		return
	}
	t.rings[e.Offer] = &ring{agent: string(e.Agent), noted: queue.StageRinging, said: queue.StageRinging, at: w.now}
	w.evidence(t, e.Offer)
}

func (w *world) evidence(t *task, id queue.OfferID) {
	r := t.rings[id]
	c := w.agents[r.agent]
	word := agent.Word{Queue: t.queue, Offer: agent.OfferID(id), Caller: t.id, Stage: agent.Stage(r.said)}
	w.send("task "+t.id, c.id(), func() {
		if w.tasks[t.id] == t && t.rings[id] == r && !r.over { // else it was withdrawn
			w.from(c, c.machine.Progress(word, w.now))
		}
	})
}

// offers are those that a Task has, in order.
func (t *task) offers() (ids []queue.OfferID) {
	for id := range t.rings {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		return ids[i].Epoch < ids[j].Epoch || ids[i].Epoch == ids[j].Epoch && ids[i].Number < ids[j].Number
	})
	return ids
}

// say tells the queue something of an offer.
func (w *world) say(t *task, do func(q *queue.Queue) []queue.Effect) {
	w.toQueue("task "+t.id, t.queue, do)
}

func (w *world) connect(t *task, id queue.OfferID) {
	t.rings[id].said, t.talked = queue.StageTalking, true
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Connected(id, "leg", 0, w.now) })
}

func (w *world) decline(t *task, id queue.OfferID) {
	delete(t.rings, id)
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Unanswered(id, queue.Declined, w.now) })
}

// hangup ends what there is.
func (w *world) hangup(t *task) {
	t.hung = true
	for _, id := range t.offers() {
		if r := t.rings[id]; r.said == queue.StageTalking {
			r.over = true
			w.say(t, func(q *queue.Queue) []queue.Effect { return q.Ended(id, queue.End{}, w.now) })
			return
		}
	}
	t.rings = map[queue.OfferID]*ring{}
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Hangup(queue.CallerID(t.id), w.now) })
}

// announce tells a new owner of the queue where a Task stands, and again what was not noted.
func (w *world) announce(t *task, o *owner) {
	t.owner = o.epoch
	if !t.in {
		if !t.hung {
			j := t.arrival.Join
			w.say(t, func(q *queue.Queue) []queue.Effect { return q.Join(j, w.now) })
		} else {
			t.gone = true
		}
		return
	}
	a := t.arrival
	for _, id := range t.offers() {
		r := t.rings[id]
		a.Offers = append(a.Offers, queue.Held{Offer: id, Agent: queue.AgentName(r.agent), Stage: r.noted, At: r.at})
	}
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Rejoin(a, w.now) })
	for _, id := range t.offers() {
		if r := t.rings[id]; r.said > r.noted {
			w.say(t, func(q *queue.Queue) []queue.Effect { return q.Connected(id, "leg", 0, w.now) })
		}
		if t.rings[id].over {
			w.say(t, func(q *queue.Queue) []queue.Effect { return q.Ended(id, queue.End{}, w.now) })
		}
	}
	if t.hung && len(t.rings) == 0 {
		w.say(t, func(q *queue.Queue) []queue.Effect { return q.Hangup(queue.CallerID(t.id), w.now) })
	}
}
