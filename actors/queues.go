package actors

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/agent"
	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/store"
	"tandem/signal"
)

// centre is what queues and agents stand on.
type centre struct {
	queues *queue.Floor
	agents *agent.Floor
	tally  tallyOfQueues
}

// introduceQueues makes queues and agents known to the member, and has them follow what the cluster says of them.
func (h *House) introduceQueues() {
	journal, kept := h.store.Journal(), h.store.Bucket(store.Kept)
	h.queues, h.agents = queue.NewTable(), agent.NewTable()
	h.centre.queues = &queue.Floor{Member: h.member, Settings: h.queueOf, Journal: journal, Kept: kept, Table: h.queues,
		Call: h.callBack, Awaits: h.awaits, Happened: h.centre.tally.happened, Log: h.log}
	h.centre.agents = &agent.Floor{Member: h.member, Definition: h.definitionOf, Weigh: h.weigh, Reach: h.reach, Journal: journal,
		Kept: kept, Table: h.agents, Log: h.log}
	h.member.Introduce("queue", h.centre.queues.Make)
	h.member.Introduce("agent", h.centre.agents.Make)
	h.directory.Follow(func(aor signal.AOR) { h.centre.agents.DeviceChanged(string(aor)) })
	h.closes(stopper(h.ledger.WatchQueues(func(name string) {
		h.centre.queues.Changed(name)
		h.centre.agents.QueueChanged()
	})))
	h.closes(stopper(h.ledger.WatchAgents(h.centre.agents.Changed)))
	h.closes(stopper(h.followKept(kept)))
}

// followKept has all that is kept told to queues and agents, and then each change. A change that comes meanwhile waits, or
// what there was before could be told behind it.
func (h *House) followKept(kept *store.Bucket) (stop func()) {
	var order sync.Mutex
	order.Lock()
	defer order.Unlock()
	stop = kept.Watch(func(e store.Entry) {
		order.Lock()
		defer order.Unlock()
		h.wasKept(e)
	})
	kept.Range("", func(e store.Entry) bool { h.wasKept(e); return true })
	return stop
}

func (h *House) wasKept(e store.Entry) {
	h.centre.queues.Written(e)
	h.centre.agents.Written(e)
}

// queueOf are the settings of a queue, as its actor has them.
func (h *House) queueOf(name string) (queue.Settings, bool) {
	q, ok := h.ledger.Queue(name)
	if !ok {
		return queue.Settings{}, false
	}
	return queueSettings(q), true
}

// awaits tells whether an agent who belongs to a queue is logged on, by what is kept of him.
func (h *House) awaits(name string) bool {
	return slices.ContainsFunc(h.ledger.AgentsOf(name), func(a *ledger.Agent) bool { return h.centre.agents.LoggedOn(a.Name) })
}

// definitionOf is what an agent is by the settings of the cluster.
func (h *House) definitionOf(name string) (agent.Definition, bool) {
	a, ok := h.ledger.Agent(name)
	if !ok {
		return agent.Definition{}, false
	}
	d := agent.Definition{Name: a.Display, Account: a.Account, Settings: agentSettings(a)}
	for _, m := range a.Memberships {
		d.Queues = append(d.Queues, agent.Membership{Queue: m.Queue, Penalty: m.Penalty, Level: m.Level, Position: m.Position,
			RingInUse: m.RingInUse})
	}
	return d, true
}

// weigh is what an agent's choice among his queues needs to know of one.
func (h *House) weigh(name string) (weight int, longest bool) {
	q, ok := h.ledger.Queue(name)
	if !ok {
		return 0, false
	}
	return q.Weight, longestOf(q.ForceLongest) != queue.LongestOff
}

// reach tells whether an account has a device or a session that takes calls, and until when that is known.
func (h *House) reach(device string) (there bool, until time.Time) {
	for _, b := range h.directory.Bindings(signal.AOR(device)) {
		if there = true; b.Expires.After(until) {
			until = b.Expires
		}
	}
	return there, until
}

// occupied: a leg has begun at a device that no queue has to do with. The agent who works there hears of it, and each
// next owner of his name, as long as it lives.
func (h *House) occupied(account, leg string, self *actor.PID) {
	name := h.centre.agents.WorksAt(account)
	if name == "" {
		return
	}
	err := h.member.Announce(cluster.Announcement{Kind: "agent", Name: name, Key: "call", Owner: self,
		Message: &msg.AgentCall{Leg: leg, From: self}})
	if err != nil {
		h.log.Warn("an agent's call is not told", "agent", name, "leg", leg, "err", err)
	}
}

// callBack is the work of the Task that calls somebody back: the application of its queue does it.
func (h *House) callBack(d *msg.QueueDial) (*msg.TaskStart, error) {
	q, ok := h.ledger.Queue(d.Queue)
	if !ok {
		d := ledger.DefaultQueue(d.Queue)
		q = &d
	}
	p, err := q.Program(h.live.Conf().Routing.Domain)
	if err != nil {
		return nil, err
	}
	account := p.Account
	if a, ok := h.directory.Account(account); ok {
		account = a.AOR
	}
	return &msg.TaskStart{Program: p.Name, Params: p.Params, Entry: "callback", Account: string(account), Dial: d}, nil
}

// Times of wakeNames.
const (
	wakeLook = 200 * time.Millisecond // whether this member has come to own names
	wakeAll  = 10 * time.Second       // in any case: an actor may have crashed
)

// openQueues makes the queues and agents for whom something is kept, whenever their names come to this member: they live
// without being told anything.
func (h *House) openQueues(context.Context) error {
	h.work.Go(h.wakeNames)
	return nil
}

func (h *House) wakeNames() {
	look, all := time.NewTicker(wakeLook), time.NewTicker(wakeAll)
	defer look.Stop()
	defer all.Stop()
	for known := uint64(0); ; {
		select {
		case <-look.C:
			holdings := h.member.Holdings()
			if holdings == known {
				continue
			}
			known = holdings
		case <-all.C:
		case <-h.ending:
			return
		}
		h.centre.queues.Wake()
		h.centre.agents.Wake()
	}
}
