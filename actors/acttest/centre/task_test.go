package centre

import (
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// task is a caller's Task: it does what every one must, so that nothing is lost with a queue's owner. Its caller and the
// phones of its agents do what a test says.
type task struct {
	centre *centre
	member *cluster.Member
	pid    *actor.PID
	self   *task // of the test, which is not the actor

	mu     sync.Mutex
	id     string
	queue  string
	number string
	owner  uint64 // the owner to which it has announced itself
	place  *msg.QueuePlaced
	rings  []*ring
	hung   bool
	left   *msg.QueueLeft
	refuse *msg.QueueRefused
	plays  []*msg.QueuePlay
	dial   *msg.QueueDial
	served string // who has talked with it
}

// ring is an agent who is rung, or talks.
type ring struct {
	agent       string
	offer       *msg.QueueOfferID
	said, noted msg.QueueStage
	at          int64
	words       []*msg.QueueOutcome // not noted
	over        bool
}

// Messages of a test.
type (
	connect struct{ agent string }
	decline struct{ agent string }
	finish  struct{ by string }
	hangup  struct{}
	confirm struct{ number string }
	dialled struct{}
	again   struct{}
)

const repeat = 200 * time.Millisecond

// Receive does what a Task does.
func (a *task) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started, *actor.Stopped, *actor.Stopping:
		return
	case *msg.TaskStart:
		a.start(ctx, m)
		return
	default:
		t := a.self
		if t == nil {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.hear(ctx, m)
	}
}

func (a *task) start(ctx actor.Context, m *msg.TaskStart) {
	c := a.centre
	id := m.Call
	if m.Dial != nil {
		id = m.Dial.Caller.Join.Caller
	}
	c.mu.Lock()
	t := c.tasks[id]
	if m.Dial != nil {
		t = &task{centre: c, member: a.member, id: id, queue: m.Dial.Queue, dial: m.Dial, pid: ctx.Self()}
		c.tasks[id] = t
	}
	c.mu.Unlock()
	a.self = t
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pid = ctx.Self()
	if d := m.Dial; d != nil {
		t.owner, t.place = d.By, &msg.QueuePlaced{Place: d.Caller.Place, Since: d.Caller.Since, Original: d.Caller.Original}
		t.rings = []*ring{{agent: d.Agent, offer: d.Offer, said: msg.QueueStage_QUEUE_DIALLING, noted: msg.QueueStage_QUEUE_DIALLING,
			at: time.Now().UnixNano()}}
		t.announce(ctx)
		return
	}
	t.join(ctx)
	cluster.After(ctx, repeat, &again{})
}

func (t *task) join(ctx actor.Context) {
	_ = t.member.Tell("queue", t.queue, t.joining(ctx))
}

func (t *task) joining(ctx actor.Context) *msg.QueueJoin {
	return &msg.QueueJoin{Task: ctx.Self(), Caller: t.id, Number: t.number}
}

// old tells that a word is one of an owner before the one to which it has announced itself.
func (t *task) old(queue string, by uint64) bool { return queue != t.queue || by < t.owner }

func (t *task) hear(ctx actor.Context, message any) {
	switch m := message.(type) {
	case *msg.QueuePlaced:
		if !t.old(m.Queue, m.By) {
			t.owner, t.place = m.By, m
			t.announce(ctx)
		}
	case *msg.QueueRefused:
		if !t.old(m.Queue, m.By) && m.Why != "KNOWN" {
			t.refuse = m
		}
	case *msg.QueueLeft:
		if !t.old(m.Queue, m.By) {
			t.leave(m)
		}
	case *msg.QueueOffer:
		if !t.old(m.Queue, m.By) {
			t.ring(ctx, m)
		}
	case *msg.QueueNoted:
		t.note(ctx, m)
	case *msg.QueueWithdrawn:
		if !t.old(m.Queue, m.By) {
			t.drop(m.Offer)
			t.announce(ctx)
		}
	case *msg.QueuePlay:
		t.plays = append(t.plays, m)
	default:
		t.obey(ctx, m)
	}
}

// leave ends it: what it has announced ends with it.
func (t *task) leave(m *msg.QueueLeft) {
	t.left = m
	for _, r := range t.rings {
		t.free(r)
	}
	t.rings = nil
	t.member.Root().Stop(t.pid)
}

// free notes that an agent is rung for nobody any more.
func (t *task) free(r *ring) {
	c := t.centre
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rung[r.agent] == t.id {
		delete(c.rung, r.agent)
	}
}

func (t *task) ring(ctx actor.Context, m *msg.QueueOffer) {
	if t.hung || t.find(m.Offer) != nil && t.find(m.Offer).said != msg.QueueStage_QUEUE_DIALLING {
		return
	}
	t.drop(m.Offer)
	c := t.centre
	c.mu.Lock()
	other := c.rung[m.Agent]
	c.rung[m.Agent] = t.id
	c.mu.Unlock()
	if other != "" && other != t.id {
		c.fault("%s is rung for %s and for %s", m.Agent, other, t.id)
	}
	t.rings = append(t.rings, &ring{agent: m.Agent, offer: m.Offer, said: msg.QueueStage_QUEUE_RINGING, noted: msg.QueueStage_QUEUE_RINGING,
		at: time.Now().UnixNano()})
	t.announce(ctx)
}

func (t *task) find(id *msg.QueueOfferID) *ring {
	for _, r := range t.rings {
		if same(r.offer, id) {
			return r
		}
	}
	return nil
}

func same(a, b *msg.QueueOfferID) bool { return a.Epoch == b.Epoch && a.Number == b.Number }

func (t *task) drop(id *msg.QueueOfferID) {
	t.rings = slices.DeleteFunc(t.rings, func(r *ring) bool {
		if same(r.offer, id) {
			t.free(r)
			t.member.Withdraw(t.evidence(r), nil)
			return true
		}
		return false
	})
}

func (t *task) note(ctx actor.Context, m *msg.QueueNoted) {
	if r := t.find(m.Offer); r != nil && m.Stage > r.noted {
		r.noted, r.words = m.Stage, nil
		t.announce(ctx)
	}
}

// evidence is what it announces to an agent.
func (t *task) evidence(r *ring) cluster.Announcement {
	return cluster.Announcement{Kind: "agent", Name: r.agent, Key: "offer", Owner: t.pid, Message: &msg.AgentProgress{Queue: t.queue,
		Offer: r.offer, Caller: t.id, Stage: r.said, Task: t.pid}}
}

// announce tells this and each next owner where it stands, and each agent that he is rung.
func (t *task) announce(ctx actor.Context) {
	m := &msg.QueueRejoin{Join: t.joining(ctx), Place: t.place.Place, Since: t.place.Since, Original: t.place.Original, Hung: t.hung}
	if t.dial != nil {
		m.Callback = &msg.QueueCallback{Number: t.dial.Caller.Callback.Number, Tries: t.dial.Try, Asked: t.dial.Caller.Callback.Asked}
	}
	for _, r := range t.rings {
		m.Offers = append(m.Offers, &msg.QueueHeld{Offer: r.offer, Agent: r.agent, Stage: r.noted, At: r.at})
		m.Words = append(m.Words, r.words...)
		if err := t.member.Announce(t.evidence(r)); err != nil {
			t.centre.fault("an agent is not told: %v", err)
		}
	}
	a := cluster.Announcement{Kind: "queue", Name: t.queue, Key: "caller", Owner: t.pid, Message: m}
	if err := t.member.Announce(a); err != nil {
		t.centre.fault("a queue is not told: %v", err)
	}
}

// say says how an offer went on, and what is not noted is said again to the next owner.
func (t *task) say(ctx actor.Context, r *ring, m *msg.QueueOutcome) {
	m.Offer = r.offer
	r.words = append(r.words, m)
	t.announce(ctx)
	_ = t.member.Tell("queue", t.queue, m)
}

// obey does what a test says.
func (t *task) obey(ctx actor.Context, message any) {
	switch m := message.(type) {
	case *again:
		t.repeat(ctx)
	case *connect:
		for _, r := range t.rings {
			if r.agent == m.agent && r.said < msg.QueueStage_QUEUE_TALKING {
				r.said, t.served = msg.QueueStage_QUEUE_TALKING, m.agent
				t.say(ctx, r, &msg.QueueOutcome{What: msg.QueueOutcome_CONNECTED, Leg: "leg-" + m.agent, Rang: 1000})
			}
		}
	case *decline:
		for _, r := range slices.Clone(t.rings) {
			if r.agent == m.agent {
				t.say(ctx, r, &msg.QueueOutcome{What: msg.QueueOutcome_UNANSWERED, Why: "declined"})
				t.drop(r.offer)
				t.announce(ctx)
			}
		}
	case *finish:
		for _, r := range t.rings {
			r.over = true
			t.free(r)
			t.say(ctx, r, &msg.QueueOutcome{What: msg.QueueOutcome_ENDED, By: m.by})
		}
	case *dialled:
		for _, r := range t.rings {
			t.say(ctx, r, &msg.QueueOutcome{What: msg.QueueOutcome_DIALLED})
		}
	case *hangup:
		t.hung = true
		if t.place != nil {
			t.announce(ctx)
		}
		_ = t.member.Tell("queue", t.queue, &msg.QueueHangup{Caller: t.id})
		cluster.After(ctx, repeat, &again{})
	case *confirm:
		_ = t.member.Tell("queue", t.queue, &msg.QueueCallbackConfirmed{Caller: t.id, Number: m.number})
	}
}

// repeat says again what must be heard.
func (t *task) repeat(ctx actor.Context) {
	switch {
	case t.left != nil || t.refuse != nil:
		return
	case t.hung:
		_ = t.member.Tell("queue", t.queue, &msg.QueueHangup{Caller: t.id})
	case t.place == nil:
		t.join(ctx)
	default:
		return
	}
	cluster.After(ctx, repeat, &again{})
}

// What tests ask.

func (t *task) tell(message any) {
	t.mu.Lock()
	pid := t.pid
	t.mu.Unlock()
	t.member.Send(pid, message)
}

func (t *task) placed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.place != nil
}

// rings0 is the agent who is rung for it; "": nobody.
func (t *task) agentRung() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rings {
		if r.said == msg.QueueStage_QUEUE_RINGING {
			return r.agent
		}
	}
	return ""
}

func (t *task) talks() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rings {
		if r.noted == msg.QueueStage_QUEUE_TALKING {
			return r.agent
		}
	}
	return ""
}

func (t *task) hasLeft() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left == nil {
		return ""
	}
	return t.left.Why
}
