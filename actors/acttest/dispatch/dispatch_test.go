package dispatch

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/actors/agent"
	"tandem/actors/queue"
)

// TestDispatch lets callers, agents and owners do anything in any order. At every moment an agent is rung or talks for
// one caller at most (R10). When all words have arrived nobody is lost, nobody is held for a caller that has gone (R12),
// nobody waits beside an agent who is free (R11), and the order of the line is what it was before its owner died (R13).
func TestDispatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(20, 300).Draw(t, "events") {
			w.event()
			w.alone()
		}
		w.settle()
		w.check()
	})
}

func (w *world) pick(n int, what string) int { return rapid.IntRange(0, n-1).Draw(w.T, what) }

// names are keys in order, so that a story is the same each time.
func names[V any](m map[string]V) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}

func (w *world) someTask() *task {
	var living []*task
	for _, id := range names(w.tasks) {
		if t := w.tasks[id]; !t.gone {
			living = append(living, t)
		}
	}
	if len(living) == 0 {
		return nil
	}
	return living[w.pick(len(living), "task")]
}

func (w *world) event() {
	c := w.agents[fmt.Sprint("a", w.pick(len(w.agents), "agent"))]
	switch w.pick(20, "event") {
	case 0, 1, 2:
		w.arrive()
	case 3, 4, 5:
		w.act(w.someTask())
	case 6:
		w.from(c, c.machine.Pause("", "lunch", "", w.now))
	case 7:
		w.from(c, c.machine.Resume("", "", w.now))
	case 8:
		w.from(c, c.machine.CallBegan("leg", w.now))
	case 9:
		w.from(c, c.machine.CallEnded("leg", w.now))
	case 10:
		w.elapse(time.Duration(w.pick(4000, "ms")) * time.Millisecond)
	case 11:
		if w.pick(2, "rare") == 0 {
			w.loseAgent(c)
		}
	case 12:
		if w.pick(2, "rare") == 0 {
			w.loseQueue(w.queues[fmt.Sprint("q", w.pick(len(w.queues), "queue"))])
		}
	case 13:
		w.thaw()
	default:
		for range 2 + w.pick(12, "words") {
			w.deliver()
		}
	}
}

func (w *world) arrive() {
	w.come++
	t := &task{id: fmt.Sprint(w.come), queue: fmt.Sprint("q", w.pick(len(w.queues), "queue")), rings: map[queue.OfferID]*ring{}}
	t.arrival.Join = queue.Join{Caller: queue.CallerID(t.id), Priority: w.pick(2, "priority"), Wish: w.pick(2, "wish")}
	w.tasks[t.id] = t
	j := t.arrival.Join
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Join(j, w.now) })
}

func (w *world) act(t *task) {
	if t == nil || t.hung {
		return
	}
	offers := t.offers()
	switch w.pick(6, "act") {
	case 0:
		w.hangup(t)
	case 1:
		w.die(t)
	case 2:
		if len(offers) > 0 && t.rings[offers[0]].said == queue.StageRinging {
			w.decline(t, offers[0])
		}
	default:
		switch {
		case len(offers) > 0 && t.rings[offers[0]].said == queue.StageRinging:
			w.connect(t, offers[0])
		case len(offers) > 0:
			w.hangup(t)
		}
	}
}

// die: a Task ends with its member. Those who watch it hear of that.
func (w *world) die(t *task) {
	for _, id := range t.offers() {
		c, offer := w.agents[t.rings[id].agent], agent.OfferID(id)
		w.send("task "+t.id, c.id(), func() { w.from(c, c.machine.Vanished(t.queue, offer, w.now)) })
	}
	t.gone, t.rings = true, nil
	w.say(t, func(q *queue.Queue) []queue.Effect { return q.Hangup(queue.CallerID(t.id), w.now) })
}

// elapse lets time go by.
func (w *world) elapse(d time.Duration) {
	w.hasten(w.now.Add(d))
	w.now = w.now.Add(d)
	for _, name := range names(w.queues) {
		o := w.queues[name]
		w.ofQueue(o, o.machine.Elapsed(w.now))
	}
	for _, name := range names(w.agents) {
		c := w.agents[name]
		w.from(c, c.machine.Elapsed(w.now))
	}
}

// thaw lets an owner go on that is not the owner any more.
func (w *world) thaw() {
	for _, o := range w.frozen {
		w.ofQueue(o, o.machine.Elapsed(w.now))
	}
}

// loseAgent: an agent has another owner. His queues hear of the end of the last one; the new one hears of Tasks and
// devices before it begins.
func (w *world) loseAgent(old *clerk) {
	w.lose(" to " + old.id())
	if w.pick(2, "lost") == 0 && w.allGathered() {
		w.lose(old.id() + " to ")
	}
	c := &clerk{name: old.name, epoch: old.epoch + 1, stands: map[string]agent.Stand{}, record: old.record}
	c.machine = agent.New(c.name, c.epoch, old.record, agent.Settings{}, nil, w.now)
	w.agents[c.name] = c
	for _, name := range names(w.queues) {
		w.toQueue("watch", name, func(q *queue.Queue) []queue.Effect {
			return q.Unstand(queue.AgentName(c.name), old.epoch, w.now)
		})
	}
	for _, id := range names(w.tasks) {
		t := w.tasks[id]
		for _, offer := range t.offers() {
			if r := t.rings[offer]; r.agent == c.name && !r.over {
				word := agent.Word{Queue: t.queue, Offer: agent.OfferID(offer), Caller: t.id, Stage: agent.Stage(r.said)}
				w.from(c, c.machine.Progress(word, w.now))
			}
		}
	}
	w.from(c, c.machine.DeviceUp("phone", "SIP/1", w.now))
	w.from(c, c.machine.Gathered(w.now))
}

func (w *world) allGathered() bool {
	for _, o := range w.queues {
		if !o.gathered {
			return false
		}
	}
	return true
}

// loseQueue: a queue has another owner. The last one is gone, or frozen.
func (w *world) loseQueue(old *owner) {
	if !old.gathered {
		return
	}
	w.lose(" to " + old.id())
	if !w.kill && w.pick(2, "frozen") == 0 {
		w.frozen = append(w.frozen, old)
	} else {
		w.lose(old.id() + " to ")
	}
	o := newOwner(old.name, old.epoch+1)
	o.before = line(old.machine, w.now)
	w.queues[o.name] = o
	var keys []string
	for _, id := range names(w.tasks) {
		if t := w.tasks[id]; t.queue == o.name && !t.gone {
			w.announce(t, o)
			keys = append(keys, "task "+t.id+" to "+o.id())
		}
	}
	for _, name := range names(w.agents) {
		c := w.agents[name]
		if s, ok := c.stands[o.name]; ok {
			w.toQueue(c.id(), o.name, func(q *queue.Queue) []queue.Effect { return q.Stand(c.standing(s), w.now) })
			keys = append(keys, c.id()+" to "+o.id())
		}
	}
	for _, k := range keys { // the queue begins when each has said where it stands
		o.awaited++
		w.put(k, func() { w.gathered(o) })
	}
	if len(keys) == 0 {
		o.awaited = 1
		w.gathered(o)
	}
}

// gathered: one more has said where it stands.
func (w *world) gathered(o *owner) {
	if o.awaited--; o.awaited > 0 {
		return
	}
	o.gathered = true
	w.ofQueue(o, o.machine.Gathered(w.now))
	if w.queues[o.name] != o {
		return
	}
	after := map[string]int{}
	for i, id := range line(o.machine, w.now) {
		after[id] = i
	}
	last, lastID := -1, ""
	for _, id := range o.before {
		t := w.tasks[id]
		i, ok := after[id]
		if !ok || t == nil || t.arrival.Original == 0 {
			continue
		}
		if i < last {
			w.Fatalf("%s stood behind %s before its owner died, and before it afterwards", id, lastID)
		}
		last, lastID = i, id
	}
}

func line(q *queue.Queue, now time.Time) (ids []string) {
	for _, c := range q.List(0, 0, "", now) {
		if c.Position > 0 {
			ids = append(ids, string(c.Caller))
		}
	}
	return ids
}

// alone: an agent is rung by one Task at most.
func (w *world) alone() {
	rung := map[string]string{}
	for _, id := range names(w.tasks) {
		for _, r := range w.tasks[id].rings {
			if r.over {
				continue
			}
			if other := rung[r.agent]; other != "" {
				w.Fatalf("%s is rung for %s and for %s", r.agent, other, id)
			}
			rung[r.agent] = id
		}
	}
}

// settle lets all words arrive and all doubts be settled.
func (w *world) settle() {
	for range 40 {
		w.drain()
		w.elapse(500 * time.Millisecond)
	}
	w.drain()
}

// drain lets words arrive until there are none. There must be an end to it.
func (w *world) drain() {
	for rounds := 0; len(w.links) > 0; rounds++ {
		if rounds > 300 {
			w.Fatalf("words go round and round: %v", names(w.links))
		}
		for _, k := range names(w.links) {
			if len(w.links[k]) > 0 {
				w.next(k)
			}
		}
	}
}

// check is what must hold then.
func (w *world) check() {
	held := map[string]string{} // agents who are rung or talk, and for whom
	for _, id := range names(w.tasks) {
		t := w.tasks[id]
		for _, r := range t.rings {
			held[r.agent] = id
		}
		if t.hung && !t.gone {
			w.Fatalf("caller %s has hung up, and has not heard that it has left", id)
		}
		w.recorded(t)
	}
	for _, name := range names(w.agents) {
		v := w.agents[name].machine.View()
		busy := v.State == agent.Reserved || v.State == agent.Ringing || v.State == agent.Talking
		if busy && held[name] != v.Caller || !busy && held[name] != "" {
			w.Fatalf("agent %s is %s for %q, and the Task that has him is %q", name, v.State, v.Caller, held[name])
		}
	}
	for _, name := range names(w.queues) {
		w.checkQueue(w.queues[name])
	}
}

func (w *world) checkQueue(o *owner) {
	there := map[string]string{}
	for _, c := range o.machine.List(0, 0, "", w.now) {
		if c.Position == 0 {
			continue
		}
		there[string(c.Caller)] = c.State
		if t := w.tasks[string(c.Caller)]; t.gone {
			w.Fatalf("caller %s has gone, and is in line: %s", c.Caller, c.State)
		}
	}
	for _, id := range names(w.tasks) {
		t := w.tasks[id]
		talks := false
		for _, r := range t.rings {
			talks = talks || r.said == queue.StageTalking
		}
		if t.queue == o.name && !t.gone && there[id] == "" && !talks {
			w.Fatalf("caller %s is lost", id)
		}
		if there[id] == "waiting" {
			w.free(o.name, id)
		}
	}
}

// free: no agent of a queue is free while a caller waits there.
func (w *world) free(name, id string) {
	for _, a := range names(w.agents) {
		c := w.agents[a]
		s, ok := c.stands[name]
		if v := c.machine.View(); ok && s.Ready && v.State == agent.Ready && v.Outside == 0 {
			w.Fatalf("caller %s waits in %s while %s is free", id, name, a)
		}
	}
}

// recorded: who has talked and left is in the records, with both ends.
func (w *world) recorded(t *task) {
	if t.gone && t.hung && t.talked && (w.facts[t.id][queue.Joined] == 0 || w.facts[t.id][queue.CompletedByCaller] == 0) {
		w.Fatalf("caller %s has talked, and the records know %v", t.id, w.facts[t.id])
	}
}
