package session

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"tandem/ximss"
	"tandem/ximss/object"
)

// agentFamily are the operations of an agent of queues: the one to whom the account belongs, or, with the attribute
// agent, another one on whose behalf the account may act. Each is answered when the agent has done it, and refused when
// he could not. What becomes of him is told by agentState, to each session that has subscribed.
var agentFamily = family{rows: map[string]run{
	"agentSubscribe":   agentSubscribe,
	"agentUnsubscribe": agentUnsubscribe,
	"agentFind":        agentFind,
	"agentLogin":       agentDoes(AgentLogin),
	"agentLogout":      agentDoes(AgentLogout),
	"agentPause":       agentDoes(AgentPause),
	"agentReady":       agentDoes(AgentReady),
	"agentMoreWrapUp":  agentDoes(AgentMoreWrapUp),
	"agentQueue":       agentDoes(AgentSwitch),
	"agentCheck":       agentDoes(AgentCheck),
	"agentRecording":   agentRecording,
}, resumed: func(s *Session) {
	if s.forgot {
		s.showAgents()
	}
}}

// Bounds of what is asked of agents and queues.
const (
	maxWatched = 50 // agents, and as many queues, that one session has subscribed to
	maxReason  = 200
	maxMore    = time.Hour
	usualMore  = 30 * time.Second
)

// AgentWhat is what an agent does, or is made to do.
type AgentWhat int

// What an agent does.
const (
	AgentLook       AgentWhat = iota // nothing: how does he stand?
	AgentLogin                       // he begins to work, at Device; in Queues alone where any is named
	AgentLogout                      // he works no more, after his call if he has one
	AgentPause                       // he takes no calls, for Reason; paused already: the reason changes
	AgentReady                       // he takes calls: his pause or wrap-up is over, his choice for afterwards is taken back
	AgentMoreWrapUp                  // his wrap-up lasts longer
	AgentSwitch                      // he works in Queue, or not (On)
	AgentCheck                       // it is asked whether he does what he is said to do
)

// AgentAct is one thing that an account has an agent do.
type AgentAct struct {
	Agent  string // "": the one to whom the account belongs
	What   AgentWhat
	Device string   // "": the account of the agent
	Queues []string // of a login
	Queue  string
	On     bool
	Reason string
	More   time.Duration
}

// agents are those whom a session has subscribed to, as they were told last.
type agents map[string]*AgentView

// The effects.
type (
	// WatchAgent begins to watch an agent; UnwatchAgent ends that.
	WatchAgent   struct{ Agent string }
	UnwatchAgent struct{ Agent string }
	// ShowDevice tells an agent that his device, the account, is there as long as the session is bound; or no more.
	ShowDevice struct {
		Agent string
		There bool
	}
)

var (
	errAgentWrapUp = ximss.Fail(ximss.NumState, "the agent is not in wrap-up")
	errAgentStays  = ximss.Fail(ximss.NumState, "the agent can not do this now")
	errWatched     = ximss.Fail(ximss.NumLimit, "a session may watch %d agents and %d queues", maxWatched, maxWatched)
)

// agentDoes makes an operation that an agent does.
func agentDoes(what AgentWhat) run {
	return func(s *Session, o *Operation) {
		act, err := agentAct(o, what)
		if err != nil {
			o.fail(err)
			return
		}
		s.askAgent(o, act, func(_ *Session, v *AgentView) *ximss.Error { return judge(act, v) })
	}
}

// askAgent has an agent do something; then says what is to be said of how he stands.
func (s *Session) askAgent(o *Operation, act AgentAct, then func(*Session, *AgentView) *ximss.Error) {
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		v, err := services.Agent(ctx, aor, act)
		return func(s *Session) {
			if err == nil {
				err = then(s, v)
			}
			o.end(err)
		}
	})
}

// agentAct reads what an operation wants.
func agentAct(o *Operation, what AgentWhat) (AgentAct, *ximss.Error) {
	a := AgentAct{Agent: o.Attr("agent"), What: what, Device: o.Attr("device"), Queue: o.Attr("queue"), Reason: o.Attr("reason"),
		More: usualMore}
	for _, v := range o.Body {
		if x := v.XML(); x != nil && x.Type == "queue" && what == AgentLogin {
			a.Queues = append(a.Queues, x.Attr("name"))
		}
	}
	if text := o.Attr("seconds"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || time.Duration(n)*time.Second > maxMore {
			return a, ximss.Fail(ximss.NumMalformed, "seconds is a number from 1 to %d", int(maxMore/time.Second))
		}
		a.More = time.Duration(n) * time.Second
	}
	switch on := o.Attr("on"); {
	case len(a.Agent) > maxName || len(a.Device) > maxName || len(a.Queue) > maxName || len(a.Queues) > maxWatched ||
		strings.ContainsFunc(strings.Join(a.Queues, " "), func(r rune) bool { return r < ' ' }):
		return a, ximss.Fail(ximss.NumMalformed, "a name is too long, or there are too many")
	case len(a.Reason) > maxReason:
		return a, ximss.Fail(ximss.NumMalformed, "a reason has at most %d bytes", maxReason)
	case what == AgentSwitch && (a.Queue == "" || on == ""):
		return a, ximss.ErrMissing
	default:
		a.On = ximss.IsOn(on)
	}
	return a, nil
}

// judge tells by how an agent stands afterwards whether he has done what was wanted.
func judge(a AgentAct, v *AgentView) *ximss.Error {
	out := v.State == "logged out"
	done := true
	switch a.What {
	case AgentLogin:
		done = !out
	case AgentLogout:
		done = out || v.Next == "logged out"
	case AgentPause:
		done = v.State == "paused" || v.Next == "paused"
	case AgentReady:
		done = v.State != "paused" && v.Next != "paused" && v.Next != "logged out"
	case AgentMoreWrapUp:
		if done = v.State == "wrap-up"; !done && !out {
			return errAgentWrapUp
		}
	case AgentSwitch:
		q := v.queue(a.Queue)
		if q == nil {
			return ximss.ErrQueue
		}
		done = q.Paused != a.On
	}
	switch {
	case out && a.What != AgentLogout && a.What != AgentLook:
		return ximss.ErrAgentOut
	case !done:
		return errAgentStays
	}
	return nil
}

// agentFind tells how an agent stands.
func agentFind(s *Session, o *Operation) {
	act, err := agentAct(o, AgentLook)
	if err != nil {
		o.fail(err)
		return
	}
	s.askAgent(o, act, func(s *Session, v *AgentView) *ximss.Error {
		o.answer(v.message(s.now))
		return nil
	})
}

// agentRecording tells how the agent's call is recorded; with turn it is paused, or taken up.
func agentRecording(s *Session, o *Operation) {
	agent, turn, aor := o.Attr("agent"), o.Attr("turn"), s.AOR
	switch {
	case len(agent) > maxName:
		o.fail(ximss.Fail(ximss.NumMalformed, "a name is too long"))
		return
	case turn != "" && turn != "pause" && turn != "resume":
		o.fail(ximss.Fail(ximss.NumMalformed, "turn is pause or resume"))
		return
	}
	s.serve(o, func(ctx context.Context, services Services) Result {
		state, err := services.Recording(ctx, aor, agent, turn)
		return func(*Session) {
			if err == nil {
				o.answer(object.NewXML("agentRecording", "agent", cmp.Or(agent, s.ownAgent()), "recording", state))
			}
			o.end(err)
		}
	})
}

// agentSubscribe tells how an agent stands, and from then on whenever that changes.
func agentSubscribe(s *Session, o *Operation) {
	act, err := agentAct(o, AgentLook)
	if err != nil {
		o.fail(err)
		return
	}
	s.askAgent(o, act, func(s *Session, v *AgentView) *ximss.Error {
		_, known := s.agents[v.Agent]
		if !known && len(s.agents) >= maxWatched {
			return errWatched
		}
		if s.agents == nil {
			s.agents = agents{}
		}
		s.agents[v.Agent] = v
		o.answer(v.message(s.now))
		if !known {
			s.do(WatchAgent{v.Agent})
		}
		return nil
	})
}

// agentUnsubscribe ends that.
func agentUnsubscribe(s *Session, o *Operation) {
	name := o.Attr("agent")
	if name == "" {
		name = s.ownAgent()
	}
	if _, known := s.agents[name]; known {
		delete(s.agents, name)
		s.do(UnwatchAgent{name})
	}
	o.done()
}

// ownAgent is the agent to whom the account belongs; "" if there is none.
func (s *Session) ownAgent() string {
	if s.Agent == nil {
		return ""
	}
	return s.Agent()
}

// AgentStands takes how an agent stands whom the session watches. The client is told what it does not know.
func (s *Session) AgentStands(v AgentView, now time.Time) {
	s.now = now
	before, watched := s.agents[v.Agent]
	if !watched || before.equal(&v) {
		return
	}
	s.agents[v.Agent] = &v
	s.say(v.message(now))
}

// AgentHidden ends the watching of an agent of whom the account may know nothing any more: for it there is none.
func (s *Session) AgentHidden(agent string, now time.Time) {
	s.now = now
	if _, watched := s.agents[agent]; !watched {
		return
	}
	delete(s.agents, agent)
	s.do(UnwatchAgent{agent})
	s.say((&AgentView{Agent: agent, State: noAgent}).message(now))
}

// showAgents tells the client anew how all stand whom it has subscribed to.
func (s *Session) showAgents() {
	for _, name := range sorted(s.agents) {
		s.say(s.agents[name].message(s.now))
	}
	for _, name := range sorted(s.queues) {
		if v := s.queues[name]; v.Queue != "" {
			s.say(v.message(s.now))
		}
	}
}

// deviceBound tells the agent to whom the account belongs that a device of his is there, or is not.
func (s *Session) deviceBound(is bool) {
	if is == (s.shown != "") {
		return
	}
	if is {
		if s.shown = s.ownAgent(); s.shown != "" {
			s.do(ShowDevice{s.shown, true})
		}
		return
	}
	s.do(ShowDevice{s.shown, false})
	s.shown = ""
}
