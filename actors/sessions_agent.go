package actors

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"tandem/actors/desk"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/session"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss"
	"tandem/ximss/cli"
)

// queueWait is how long a session waits for a queue, whose name may be about to get another owner.
const queueWait = 4 * time.Second

// agentOf is the agent to whom an account belongs; "" if there is none.
func (h *House) agentOf(aor signal.AOR) string {
	a, ok := h.ledger.AgentOf(aor)
	if !ok {
		return ""
	}
	return a.Name
}

// Agent has an agent do something in the name of an account, as pages and programs do: the desk knows who may.
func (s sessionServices) Agent(ctx context.Context, aor signal.AOR, act session.AgentAct) (*session.AgentView, *ximss.Error) {
	h := s.house
	name := cmp.Or(act.Agent, h.agentOf(aor))
	if name == "" {
		return nil, ximss.ErrAgent
	}
	agents, by := h.deskAgents(), h.askerOf(aor)
	found, err := agents.Find(ctx, by, name)
	if err != nil {
		return nil, h.refusedTo(aor, err)
	}
	stands := found.Agent
	if act.What != session.AgentLook {
		order := orderOf(act, stands.State)
		order.By, order.Name = by, name
		if _, stands, err = agents.Obey(ctx, order); err != nil {
			return nil, h.refusedTo(aor, err)
		}
	}
	if stands = agents.Shown(by, stands); stands == nil {
		return nil, ximss.ErrAccess
	}
	v := session.AgentViewOf(stands)
	return &v, nil
}

// showAgent is what a session of an account may be told of an agent whom it watches; nil: nothing any more.
func (h *House) showAgent(aor signal.AOR, m *msg.AgentChanged) *msg.AgentChanged {
	return h.deskAgents().Shown(h.askerOf(aor), m)
}

// showsQueue tells whether a session of an account may still be told how a queue stands that it watches. What an agent
// may know of his own ones was looked at when he began to: he may work for more than his definition says.
func (h *House) showsQueue(aor signal.AOR, queue string) bool {
	r, ok := h.directory.Record(aor)
	return ok && !r.Disabled && (ledger.MayQueue(r, cli.CanSupervise, queue) || h.agentOf(aor) != "")
}

// Recording tells how an agent's call is recorded, and turns that.
func (s sessionServices) Recording(ctx context.Context, aor signal.AOR, agent, turn string) (string, *ximss.Error) {
	h := s.house
	agent = cmp.Or(agent, h.agentOf(aor))
	if agent == "" {
		return "", ximss.ErrAgent
	}
	state, err := recordings{h}.Turn(ctx, h.askerOf(aor), agent, turn)
	if err != nil {
		return "", h.refusedTo(aor, err)
	}
	return state, nil
}

// askerOf is an account as one who asks the desk.
func (h *House) askerOf(aor signal.AOR) web.Asker {
	return desk.AskerOf(aor, h.directory.Record)
}

// orderOf is what an agent is told; state is how he stands: the pause of one who is paused gets another reason.
func orderOf(act session.AgentAct, state string) web.AgentAct {
	a := web.AgentAct{Device: act.Device, Queue: act.Queue, Reason: act.Reason}
	switch act.What {
	case session.AgentLogin:
		a.Verb, a.Queue, a.Queues = "login", "", act.Queues
	case session.AgentLogout:
		a.Verb = "logout"
	case session.AgentPause:
		if a.Verb, a.Queue = "pause", ""; state == "paused" {
			a.Verb = "reason"
		}
	case session.AgentReady:
		a.Verb = "ready"
	case session.AgentMoreWrapUp:
		a.Verb, a.Seconds = "wrapup", int(act.More.Seconds())
	case session.AgentSwitch:
		if a.Verb = "pause"; act.On {
			a.Verb = "resume"
		}
	case session.AgentCheck:
		a.Verb = "check"
	}
	return a
}

// refusedTo is a refusal of the desk in the words of sessions. Somebody who supervises nobody is told no more than that
// he may not.
func (h *House) refusedTo(aor signal.AOR, err error) *ximss.Error {
	r, known := h.directory.Record(aor)
	supervises := known && !r.Disabled && ledger.MaySome(r, cli.CanSupervise)
	var refused *web.Error
	switch {
	case errors.Is(err, desk.ErrNoRight), errors.Is(err, desk.ErrNoAgent) && !supervises, errors.Is(err, desk.ErrNoQueue) && !supervises:
		return ximss.ErrAccess
	case errors.Is(err, desk.ErrNoAgent):
		return ximss.ErrAgent
	case errors.Is(err, desk.ErrNoQueue), errors.Is(err, desk.ErrNoMember):
		return ximss.ErrQueue
	case errors.Is(err, desk.ErrNoCaller):
		return ximss.ErrCaller
	case errors.Is(err, desk.ErrNoDevice):
		return ximss.Fail(ximss.NumQueue, "device not found")
	case errors.Is(err, desk.ErrLoggedOut):
		return ximss.ErrAgentOut
	case errors.As(err, &refused) && refused.Status < 500:
		return ximss.Fail(ximss.NumLimit, "%s", refused.Message)
	}
	h.log.Warn("what a session wants of queues and agents is not done", "account", aor, "err", err)
	return ximss.ErrUnavailable
}

// Queue tells an account how a queue stands.
func (s sessionServices) Queue(ctx context.Context, aor signal.AOR, ask session.QueueAsk) (session.QueueView, *ximss.Error) {
	h := s.house
	if err := h.mayQueue(ctx, aor, ask.Queue, !ask.Full); err != nil {
		return session.QueueView{}, err
	}
	v, ok := h.queueFound(ctx, ask)
	switch {
	case !ok:
		return v, ximss.ErrUnavailable
	case v.Gone:
		return v, ximss.ErrQueue
	}
	return v, nil
}

// mayQueue tells whether an account may supervise a queue, or, where that is enough, works for it.
func (h *House) mayQueue(ctx context.Context, aor signal.AOR, queue string, agents bool) *ximss.Error {
	_, defined := h.ledger.Queue(queue)
	r, known := h.directory.Record(aor)
	if known && !r.Disabled && ledger.MayQueue(r, cli.CanSupervise, queue) {
		if !defined {
			return ximss.ErrQueue
		}
		return nil
	}
	if own := h.agentOf(aor); agents && own != "" {
		found, err := h.deskAgents().Find(ctx, h.askerOf(aor), own)
		if err != nil {
			return h.refusedTo(aor, err)
		}
		if slices.ContainsFunc(found.Agent.Queues, func(m *msg.AgentMembership) bool { return m.Queue == queue }) {
			return nil
		}
	}
	return ximss.ErrAccess
}

// queueFound asks how a queue stands; false: it does not answer.
func (h *House) queueFound(ctx context.Context, ask session.QueueAsk) (session.QueueView, bool) {
	queue := ask.Queue
	if _, ok := h.ledger.Queue(queue); !ok {
		return session.QueueView{Queue: queue, Gone: true}, true
	}
	answer, err := h.member.Ask(ctx, "queue", queue, &msg.QueueFind{Caller: ask.Caller, After: int32(ask.After), Limit: int32(ask.Limit)}, queueWait)
	found, ok := answer.(*msg.QueueFound)
	if err != nil || !ok {
		return session.QueueView{}, false
	}
	if found.Queue == "" {
		return session.QueueView{Queue: queue, Gone: true}, true
	}
	return session.QueueViewOf(found, time.Now()), true
}

// QueueDoes does something with a caller in the name of an account, as pages and programs do.
func (s sessionServices) QueueDoes(ctx context.Context, aor signal.AOR, act session.QueueAct) *ximss.Error {
	h := s.house
	a := web.CallerAct{By: h.askerOf(aor), Queue: act.Queue, Caller: act.Caller}
	switch act.What {
	case session.QueueWithdraw:
		a.Verb, a.Text = "withdraw", string(aor)
	case session.QueueMove:
		a.Verb, a.Position = "move", act.Number
	case session.QueuePromote:
		a.Verb, a.Priority = "promote", act.Number
	case session.QueueSend:
		a.Verb, a.To = "send", act.To
	}
	if err := h.deskQueues().ActOnCaller(ctx, a); err != nil {
		return h.refusedTo(aor, err)
	}
	return nil
}
