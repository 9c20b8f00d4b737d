package dispatch

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"time"

	"pgregory.net/rapid"

	"tandem/actors/agent"
	"tandem/actors/queue"
)

// world is all of them.
type world struct {
	*rapid.T
	now    time.Time
	queues map[string]*owner
	frozen []*owner
	agents map[string]*clerk
	tasks  map[string]*task
	links  map[string][]word
	come   int
	facts  map[string]map[queue.Kind]int // by caller
	told   []told
	kill   bool // owners that are lost are dead, and not frozen
}

// owner is a queue's owner, clerk an agent's.
type owner struct {
	name     string
	epoch    uint64
	machine  *queue.Queue
	awaited  int // announcements that are on their way
	gathered bool
	before   []string // the line as it was at the last owner
}

type clerk struct {
	name    string
	epoch   uint64
	machine *agent.Agent
	record  agent.Record
	stands  map[string]agent.Stand // as announced
}

// told is a fact, by the epoch of who has told it.
type told struct {
	by   uint64
	fact queue.Fact
}

// word is on its way since a moment.
type word struct {
	sent    time.Time
	deliver func()
}

// slowest is how long a word takes at most. Whom it can not reach until then is taken for dead (actors/cluster), and what
// an agent or a queue waits for longer than that is given up: with words that are slower still, an agent who has asked
// in vain whether he is held might be rung twice.
const slowest = 2500 * time.Millisecond

// send puts a word on its way.
func (w *world) send(from, to string, deliver func()) { w.put(from+" to "+to, deliver) }

func (w *world) put(key string, deliver func()) {
	w.links[key] = append(w.links[key], word{w.now, deliver})
}

// hasten lets those words arrive that would be too slow at a moment.
func (w *world) hasten(until time.Time) {
	for late := true; late; {
		late = false
		for _, k := range names(w.links) {
			if all := w.links[k]; len(all) > 0 && until.Sub(all[0].sent) > slowest {
				late = true
				w.next(k)
			}
		}
	}
}

// deliver takes the next word of one of the links that have some; which one is drawn.
func (w *world) deliver() bool {
	var keys []string
	for k := range w.links {
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return false
	}
	sort.Strings(keys)
	w.next(keys[rapid.IntRange(0, len(keys)-1).Draw(w.T, "link")])
	return true
}

func (w *world) next(key string) {
	first := w.links[key][0]
	if w.links[key] = w.links[key][1:]; len(w.links[key]) == 0 {
		delete(w.links, key)
	}
	first.deliver()
	w.alone()
}

// lose drops what is on its way to or from somebody.
func (w *world) lose(part string) {
	for k := range w.links {
		if len(k) >= len(part) && (k[:len(part)] == part || k[len(k)-len(part):] == part) {
			delete(w.links, k)
		}
	}
}

func (o *owner) id() string { return fmt.Sprintf("queue %s#%d", o.name, o.epoch) }
func (c *clerk) id() string { return fmt.Sprintf("agent %s#%d", c.name, c.epoch) }

func settings() queue.Settings {
	s := queue.Default()
	s.Strategy, s.Ring, s.Retry = "leastrecent", 0, 0
	return s
}

func newOwner(name string, epoch uint64) *owner {
	return &owner{name: name, epoch: epoch, machine: queue.New(name, epoch, settings(), rand.NewPCG(1, 2), nil)}
}

func newWorld(t *rapid.T) *world {
	w := &world{T: t, now: time.Unix(1e9, 0), queues: map[string]*owner{}, agents: map[string]*clerk{}, tasks: map[string]*task{},
		links: map[string][]word{}, facts: map[string]map[queue.Kind]int{}}
	for i := range rapid.IntRange(1, 3).Draw(t, "queues") {
		o := newOwner(fmt.Sprint("q", i), 1)
		o.gathered = true
		o.machine.Gathered(w.now)
		w.queues[o.name] = o
	}
	alike := rapid.Bool().Draw(t, "alike")
	for i := range rapid.IntRange(1, 4).Draw(t, "agents") {
		c := &clerk{name: fmt.Sprint("a", i), epoch: 1, stands: map[string]agent.Stand{}}
		c.machine = agent.New(c.name, 1, agent.Record{}, agent.Settings{}, nil, w.now)
		w.agents[c.name] = c
		c.machine.Gathered(w.now)
		var all []agent.Membership
		for n := range len(w.queues) {
			m := agent.Membership{Queue: fmt.Sprint("q", n)}
			if !alike {
				m.Weight = n
			}
			if rapid.IntRange(0, 3).Draw(t, "belongs") > 0 {
				all = append(all, m)
			}
		}
		w.from(c, c.machine.LogOn(agent.LogOn{Device: "phone", Phone: "SIP/1", Queues: all}, w.now))
	}
	return w
}

// ofQueue sends what a queue's owner wants to those whom it concerns.
func (w *world) ofQueue(o *owner, effects []queue.Effect) {
	by := o.epoch
	for _, e := range append([]queue.Effect(nil), effects...) {
		switch e := e.(type) {
		case queue.Placed:
			w.toTask(o, e.Caller, func(t *task) { t.placed(e, by) })
		case queue.Refused:
			w.toTask(o, e.Caller, func(t *task) { t.refused(e) })
		case queue.Left:
			w.toTask(o, e.Caller, func(t *task) { t.left() })
		case queue.Offer:
			w.toTask(o, e.Caller, func(t *task) { w.ring(t, e) })
		case queue.Withdraw:
			w.toTask(o, e.Caller, func(t *task) { delete(t.rings, e.Offer) })
		case queue.Noted:
			w.toTask(o, e.Caller, func(t *task) { t.noted(e) })
		case queue.Reserve:
			w.toAgent(o, e.Agent, func(c *clerk) {
				w.from(c, c.machine.Reserve(agent.Bid{Queue: o.name, Offer: agent.OfferID(e.Offer), Turn: e.Turn, Weight: e.Weight,
					Priority: e.Priority, Longest: agent.Longest(e.Longest), Since: e.Since}, w.now))
			})
		case queue.Pass:
			w.toAgent(o, e.Agent, func(c *clerk) { w.from(c, c.machine.Pass(o.name, e.Turn, w.now)) })
		case queue.Release:
			word := agent.Word{Queue: o.name, By: by, Offer: agent.OfferID(e.Offer), Why: e.Why}
			w.toAgent(o, e.Agent, func(c *clerk) { w.from(c, c.machine.Release(word, w.now)) })
		case queue.Progress:
			word := agent.Word{Queue: o.name, By: by, Offer: agent.OfferID(e.Offer), Caller: string(e.Caller),
				Stage: agent.Stage(e.Stage), WrapUp: e.WrapUp, Number: e.Number, Name: e.Name, Since: e.Since}
			w.toAgent(o, e.Agent, func(c *clerk) { w.from(c, c.machine.Progress(word, w.now)) })
		case queue.Report:
			id := string(e.Fact.Caller)
			if w.facts[id] == nil {
				w.facts[id] = map[queue.Kind]int{}
			}
			w.facts[id][e.Fact.Kind]++
			w.told = append(w.told, told{by, e.Fact})
		}
	}
}

// toTask and toAgent address whoever has the name when the word arrives.
func (w *world) toTask(o *owner, id queue.CallerID, do func(t *task)) {
	by := o.epoch
	w.send(o.id(), "task "+string(id), func() {
		if t := w.tasks[string(id)]; t != nil && !t.gone && by >= t.owner {
			do(t)
		}
	})
}

func (w *world) toAgent(o *owner, name queue.AgentName, do func(c *clerk)) {
	c := w.agents[string(name)]
	w.send(o.id(), c.id(), func() { do(w.agents[string(name)]) })
}

// toQueue sends a word to the owner that a queue has now.
func (w *world) toQueue(from, name string, do func(q *queue.Queue) []queue.Effect) {
	o := w.queues[name]
	w.send(from, o.id(), func() { w.ofQueue(o, do(o.machine)) })
}

// from sends what an agent wants to his queues.
func (w *world) from(c *clerk, effects []agent.Effect) {
	for _, e := range append([]agent.Effect(nil), effects...) {
		switch e := e.(type) {
		case agent.Stand:
			c.stands[e.Queue] = e
			w.toQueue(c.id(), e.Queue, func(q *queue.Queue) []queue.Effect { return q.Stand(c.standing(e), w.now) })
		case agent.Unstand:
			delete(c.stands, e.Queue)
			w.toQueue(c.id(), e.Queue, func(q *queue.Queue) []queue.Effect {
				return q.Unstand(queue.AgentName(c.name), e.Epoch, w.now)
			})
		case agent.Granted:
			w.toQueue(c.id(), e.Queue, func(q *queue.Queue) []queue.Effect {
				return q.Granted(queue.AgentName(c.name), queue.OfferID(e.Offer), e.Turn, w.now)
			})
		case agent.Refused:
			w.toQueue(c.id(), e.Queue, func(q *queue.Queue) []queue.Effect {
				return q.Refused(queue.AgentName(c.name), queue.OfferID(e.Offer), w.now)
			})
		case agent.Doubt:
			w.toQueue(c.id(), e.Queue, func(q *queue.Queue) []queue.Effect {
				return q.Doubt(queue.AgentName(c.name), queue.OfferID(e.Offer), w.now)
			})
		case agent.Keep:
			c.record = e.Record
		}
	}
}

// standing is what an agent says in the words of a queue.
func (c *clerk) standing(e agent.Stand) queue.Standing {
	s := queue.Standing{Agent: queue.AgentName(c.name), Epoch: e.Epoch, Turn: e.Turn, Interface: e.Interface,
		Devices: e.Devices, Penalty: e.Penalty, Level: e.Level, Position: e.Position, Skills: e.Skills, Ready: e.Ready, Choosing: e.Choosing, Asks: e.Asks,
		Offer: queue.OfferID(e.Offer), Calls: e.Calls, CallsAnywhere: e.CallsAnywhere, LastCall: e.LastCall,
		LastCallAnywhere: e.LastCallAnywhere, LastOffer: e.LastOffer}
	for i, is := range []bool{e.Conditions.Paused, false, e.Conditions.InUse, e.Conditions.Ringing, e.Conditions.Unavailable, false,
		false, e.Conditions.WrapUp} {
		if is {
			s.Conditions |= 1 << i
		}
	}
	return s
}
