package actors

import (
	"cmp"
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/session"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/cli"
)

// agentWait is how long a session waits for an agent or a queue, whose name may be about to get another owner.
const agentWait = 4 * time.Second

// bySession is the source of what sessions want, as a queue_log has it (reference queuelog.md 1.2).
const bySession = "MANAGER"

// agentOf is the agent to whom an account belongs; "" if there is none.
func (h *House) agentOf(aor signal.AOR) string {
	a, ok := h.ledger.AgentOf(aor)
	if !ok {
		return ""
	}
	return a.Name
}

// Agent has an agent do something in the name of an account.
func (s sessionServices) Agent(ctx context.Context, aor signal.AOR, act session.AgentAct) (*session.AgentView, *ximss.Error) {
	h := s.house
	agent, err := h.agentFor(aor, act.Agent)
	if err != nil {
		return nil, err
	}
	v, err := h.askAgent(ctx, agent.Name, &msg.AgentFind{})
	if err != nil || act.What == session.AgentLook {
		return v, err
	}
	words, err := h.agentWords(aor, agent, act, v)
	for _, word := range words {
		if err == nil {
			v, err = h.askAgent(ctx, agent.Name, word)
		}
	}
	return v, err
}

// agentFor is the agent of that name, or the account's own, if the account may act for him.
func (h *House) agentFor(aor signal.AOR, name string) (*ledger.Agent, *ximss.Error) {
	own, is := h.ledger.AgentOf(aor)
	switch {
	case name == "" && !is:
		return nil, ximss.ErrAgent
	case is && (name == "" || name == own.Name):
		return own, nil
	}
	r, known := h.supervisor(aor)
	agent, defined := h.ledger.Agent(name)
	switch {
	case !known, !defined && !ledger.MaySome(r, cli.CanSupervise), defined && !ledger.MayAgent(r, cli.CanSupervise, agent):
		return nil, ximss.ErrAccess
	case !defined:
		return nil, ximss.ErrAgent
	}
	return agent, nil
}

// supervisor is an account that may have rights.
func (h *House) supervisor(aor signal.AOR) (*account.Record, bool) {
	r, ok := h.directory.Record(aor)
	return r, ok && !r.Disabled
}

// askAgent tells an agent something, and hears how he stands then.
func (h *House) askAgent(ctx context.Context, name string, word proto.Message) (*session.AgentView, *ximss.Error) {
	answer, err := h.member.Ask(ctx, "agent", name, word, agentWait)
	if err != nil {
		h.log.Warn("an agent does not answer", "kind", "agent", "id", name, "err", err)
		return nil, ximss.ErrUnavailable
	}
	changed, ok := answer.(*msg.AgentChanged)
	if found, is := answer.(*msg.AgentFound); is {
		changed, ok = found.Agent, found.Agent != nil
	}
	if !ok {
		return nil, ximss.ErrUnavailable
	}
	switch changed.Refused {
	case "":
		v := session.AgentViewOf(changed)
		return &v, nil
	case "UNKNOWN":
		return nil, ximss.ErrAgent
	case "LOGGEDOUT":
		return nil, ximss.ErrAgentOut
	case "NOMEMBER":
		return nil, ximss.ErrQueue
	}
	return nil, ximss.Fail(ximss.NumLimit, "the agent can not do this: %s", changed.Refused)
}

// agentWords are what is said to an agent, in order, so that he does what an account wants; v is how he stands.
func (h *House) agentWords(by signal.AOR, agent *ledger.Agent, act session.AgentAct, v *session.AgentView) ([]proto.Message, *ximss.Error) {
	switch act.What {
	case session.AgentLogin:
		return h.loginWords(by, agent, act, v)
	case session.AgentLogout:
		return []proto.Message{&msg.AgentLogOff{Source: bySession}}, nil
	case session.AgentPause:
		if v.State == "paused" {
			return []proto.Message{&msg.AgentReason{Reason: act.Reason, Source: bySession}}, nil
		}
		return []proto.Message{&msg.AgentPause{Reason: act.Reason, Source: bySession}}, nil
	case session.AgentReady:
		return []proto.Message{&msg.AgentResume{Source: bySession}}, nil
	case session.AgentMoreWrapUp:
		return []proto.Message{&msg.AgentWrapUp{More: act.More.Milliseconds()}}, nil
	case session.AgentSwitch:
		return []proto.Message{switchWord(act.Queue, act.Reason, act.On)}, nil
	case session.AgentCheck:
		return []proto.Message{&msg.AgentCheck{Source: bySession}}, nil
	}
	return nil, ximss.ErrUnknown
}

func switchWord(queue, reason string, on bool) proto.Message {
	if on {
		return &msg.AgentResume{Queue: queue, Source: bySession}
	}
	return &msg.AgentPause{Queue: queue, Reason: reason, Source: bySession}
}

// loginWords let an agent begin to work at a device, which is an account's; in some of his queues alone if he says so.
// Another one's device he takes at that phone, with its PIN; here a supervisor gives it to him.
func (h *House) loginWords(by signal.AOR, agent *ledger.Agent, act session.AgentAct, v *session.AgentView) ([]proto.Message, *ximss.Error) {
	domain := signal.AOR(agent.Account).Domain()
	device, ok := h.ledger.Resolve(cmp.Or(act.Device, agent.Account), domain)
	if !ok || signal.AOR(device).Domain() != domain {
		return nil, ximss.Fail(ximss.NumQueue, "device not found")
	}
	if r, known := h.supervisor(by); device != agent.Account && !(known && ledger.MayAgent(r, cli.CanSupervise, agent)) {
		return nil, ximss.ErrAccess
	}
	words := []proto.Message{&msg.AgentLogOn{Device: device, Phone: "SIP/" + signal.AOR(device).User(),
		HotDesk: device != agent.Account, Source: bySession}}
	var all []string
	for _, q := range v.Queues {
		all = append(all, q.Queue)
	}
	for _, q := range act.Queues {
		if !slices.Contains(all, q) {
			return nil, ximss.ErrQueue
		}
	}
	if len(act.Queues) > 0 {
		for _, q := range all {
			words = append(words, switchWord(q, "", slices.Contains(act.Queues, q)))
		}
	}
	return words, nil
}

// Queue tells an account how a queue stands.
func (s sessionServices) Queue(ctx context.Context, aor signal.AOR, queue string, full bool, caller string) (session.QueueView, *ximss.Error) {
	h := s.house
	if err := h.mayQueue(ctx, aor, queue, !full); err != nil {
		return session.QueueView{}, err
	}
	v, ok := h.queueFound(ctx, queue, caller)
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
	r, known := h.supervisor(aor)
	if known && ledger.MayQueue(r, cli.CanSupervise, queue) {
		if !defined {
			return ximss.ErrQueue
		}
		return nil
	}
	if agent, is := h.ledger.AgentOf(aor); agents && is {
		v, err := h.askAgent(ctx, agent.Name, &msg.AgentFind{})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(v.Queues, func(q session.AgentQueue) bool { return q.Queue == queue }) {
			return nil
		}
	}
	return ximss.ErrAccess
}

// queueFound asks how a queue stands; false: it does not answer.
func (h *House) queueFound(ctx context.Context, queue, caller string) (session.QueueView, bool) {
	if _, ok := h.ledger.Queue(queue); !ok {
		return session.QueueView{Queue: queue, Gone: true}, true
	}
	answer, err := h.member.Ask(ctx, "queue", queue, &msg.QueueFind{Caller: caller}, agentWait)
	found, ok := answer.(*msg.QueueFound)
	if err != nil || !ok {
		return session.QueueView{}, false
	}
	if found.Queue == "" {
		return session.QueueView{Queue: queue, Gone: true}, true
	}
	return session.QueueViewOf(found, time.Now()), true
}

// QueueDoes does something with a caller.
func (s sessionServices) QueueDoes(ctx context.Context, aor signal.AOR, act session.QueueAct) *ximss.Error {
	h := s.house
	if err := h.mayQueue(ctx, aor, act.Queue, false); err != nil {
		return err
	}
	v, ok := h.queueFound(ctx, act.Queue, "")
	switch {
	case !ok:
		return ximss.ErrUnavailable
	case len(v.Callers) >= v.Waiting && !slices.ContainsFunc(v.Callers, func(c session.QueueCaller) bool { return c.Caller == act.Caller }):
		return ximss.ErrCaller // of a long line not all are listed
	}
	var word proto.Message
	switch act.What {
	case session.QueueWithdraw:
		word = &msg.QueueWithdraw{Caller: act.Caller, Text: string(aor)}
	case session.QueueMove:
		word = &msg.QueueMove{Caller: act.Caller, Position: int32(act.Number)}
	case session.QueuePromote:
		word = &msg.QueuePromote{Caller: act.Caller, Priority: int32(act.Number)}
	}
	if err := h.member.Tell("queue", act.Queue, word); err != nil {
		return ximss.ErrUnavailable
	}
	return nil
}
