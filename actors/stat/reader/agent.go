package reader

import (
	"slices"
	"strings"

	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// Actions of devices where agents work. What queues have of agents behind them follows from those (ruling D-23).
var (
	loggedIn      = name("LoggedIn")
	agentLogin    = name("AgentLogin")
	agentLogout   = name("AgentLogout")
	acwCompleted  = name("ACWCompleted")
	waitForNext   = name("WaitForNextCall")
	notReady      = name("NotReadyForNextCall")
	afterCallWork = name("AfterCallWork")
	callRinging   = name("CallRinging")
	callInbound   = name("CallInbound")
)

// agentState is what a state of an agent, as his facts name it, means.
type agentState struct {
	work measure.Name // the action that goes on at his device
	call bool         // it belongs to his caller
}

// agentStates are the states of agents. He who is not in it is logged out. One who is reserved is as good as ready: nobody
// rings him yet.
var agentStates = map[string]agentState{
	"ready":    {work: waitForNext},
	"reserved": {work: waitForNext},
	"ringing":  {work: callRinging, call: true},
	"talking":  {work: callInbound, call: true},
	"wrap-up":  {work: afterCallWork},
	"paused":   {work: notReady},
}

const loggedOut = "logged out"

// agentRows say what a fact of an agent is. Pauses in one queue, penalties and the like are nothing to statistics.
var agentRows = map[msg.AgentFact_What]func(*Reader, *msg.AgentFact, int64){
	msg.AgentFact_LOGGED_ON:     (*Reader).loggedOn,
	msg.AgentFact_HOT_DESKED:    (*Reader).hotDesked,
	msg.AgentFact_LOGGED_OFF:    func(r *Reader, f *msg.AgentFact, at int64) { r.become(f, loggedOut, at) },
	msg.AgentFact_BECAME:        func(r *Reader, f *msg.AgentFact, at int64) { r.became(f, at) },
	msg.AgentFact_PAUSED_IN_ALL: (*Reader).reasonGiven,
	msg.AgentFact_REASON_GIVEN:  (*Reader).reasonGiven,
	msg.AgentFact_ADDED_TO:      func(r *Reader, f *msg.AgentFact, at int64) { r.joins(f.Agent, f.Queue, at) },
	msg.AgentFact_REMOVED_FROM:  func(r *Reader, f *msg.AgentFact, at int64) { r.leaves(f.Agent, f.Queue, at) },
}

func (r *Reader) agent(f *msg.AgentFact) {
	if row, ok := agentRows[f.What]; ok {
		row(r, f, millis(f.At))
	}
}

// seat is the place of an agent, made if nothing was known of him.
func (r *Reader) seat(agent string) *seat {
	s := r.agents[agent]
	if s == nil {
		s = &seat{State: loggedOut}
		r.agents[agent] = s
	}
	return s
}

// deviceOf is the device at which an agent works; one of his own name where that was not told.
func (r *Reader) deviceOf(agent string) string {
	if s := r.agents[agent]; s != nil && s.Device != "" {
		return s.Device
	}
	return agent
}

// phone is the name of a device in the text that records have of it: 1002 of SIP/1002.
func phone(text string) string {
	_, name, ok := strings.Cut(text, "/")
	if !ok {
		return text
	}
	return name
}

func (r *Reader) loggedOn(f *msg.AgentFact, at int64) {
	if s := r.seat(f.Agent); s.State == loggedOut {
		s.Device = phone(f.Text)
	}
}

// hotDesked: he sits at another device. He takes what he does with him.
func (r *Reader) hotDesked(f *msg.AgentFact, at int64) {
	s, to := r.seat(f.Agent), phone(f.Text)
	if s.State == loggedOut || to == "" || to == s.Device {
		return
	}
	was, queues := *s, slices.Clone(s.Queues)
	r.become(f, loggedOut, at)
	r.seat(f.Agent).Device = to
	r.become(&msg.AgentFact{Agent: f.Agent, Queue: was.Queue, Caller: was.Conn}, was.State, at)
	for _, q := range queues {
		r.joins(f.Agent, q, at)
	}
}

func (r *Reader) reasonGiven(f *msg.AgentFact, at int64) {
	s := r.seat(f.Agent)
	if s.Reason = f.Text; s.State != "paused" || f.What != msg.AgentFact_REASON_GIVEN {
		return
	}
	r.tell(engine.Fact{At: at, What: engine.Change, Object: deviceOf(r.deviceOf(f.Agent)), Key: workKey, Name: notReady,
		With: reasons(s.Reason)})
}

// reasons is what is attached to a pause.
func reasons(text string) *engine.Attached {
	if text == "" {
		return nil
	}
	return &engine.Attached{Attributes: map[string]string{"ExtensionReasonCode": text}, Pairs: map[string]string{"Reason": text}}
}

// Keys of what goes on at a device.
const (
	loginKey = "login"
	workKey  = "work"
)

// became takes a state as his owner tells it. A new owner tells it again.
func (r *Reader) became(f *msg.AgentFact, at int64) {
	state := f.State
	if _, ok := agentStates[state]; !ok {
		state = loggedOut
	}
	r.become(f, state, at)
	for _, q := range f.Queues {
		r.joins(f.Agent, q, at)
	}
}

// become ends what he did and begins what he does now.
func (r *Reader) become(f *msg.AgentFact, to string, at int64) {
	s := r.seat(f.Agent)
	if s.State == to {
		return
	}
	device, from := deviceOf(r.deviceOf(f.Agent)), s.State
	switch {
	case to == loggedOut:
		r.logsOut(f.Agent, s, device, at)
		return
	case from == loggedOut:
		r.tell(engine.Fact{At: at, What: engine.Login, Object: agentOf(f.Agent), Other: device})
		r.happen(at, device, agentLogin, 0, "", nil)
		r.begin(at, device, loggedIn, loginKey, "", nil)
	}
	if goesOn(from, to) {
		s.State = to
	} else {
		r.stops(s, device, at)
		s.State, s.Since = to, at
		r.starts(s, f, device)
	}
}

// goesOn tells whether two states are one action at the device.
func goesOn(from, to string) bool {
	return agentStates[from].work == agentStates[to].work && from != loggedOut && to != loggedOut
}

// starts begins the action of his state.
func (r *Reader) starts(s *seat, f *msg.AgentFact, device engine.Object) {
	state, with := agentStates[s.State], (*engine.Attached)(nil)
	if state.call {
		s.Queue, s.Conn = f.Queue, f.Caller
		if c := r.calls[stay{f.Queue, f.Caller}]; c != nil {
			with = c.With
		}
	} else if s.Conn = ""; s.State != "wrap-up" {
		s.Queue = ""
	}
	if s.State == "paused" {
		with = reasons(s.Reason)
	}
	r.begin(s.Since, device, state.work, workKey, s.Conn, with)
}

// stops ends the action of his state.
func (r *Reader) stops(s *seat, device engine.Object, at int64) {
	if s.State == loggedOut {
		return
	}
	r.end(at, device, agentStates[s.State].work, workKey, s.Conn)
	if s.State == "wrap-up" && s.Queue != "" {
		r.happen(at, queueOf(s.Queue), acwCompleted, at-s.Since, "", nil)
	}
	if s.State == "paused" {
		s.Reason = ""
	}
}

func (r *Reader) logsOut(agent string, s *seat, device engine.Object, at int64) {
	r.stops(s, device, at)
	for len(s.Queues) > 0 {
		r.leaves(agent, s.Queues[0], at)
	}
	r.end(at, device, loggedIn, loginKey, "")
	r.happen(at, device, agentLogout, 0, "", nil)
	r.tell(engine.Fact{At: at, What: engine.Logout, Object: agentOf(agent), Other: device})
	delete(r.agents, agent)
}

// joins: he belongs to a queue and is logged on.
func (r *Reader) joins(agent, queue string, at int64) {
	s := r.seat(agent)
	if s.State == loggedOut || slices.Contains(s.Queues, queue) || len(s.Queues) >= maxQueues {
		return
	}
	s.Queues = append(s.Queues, queue)
	r.tell(engine.Fact{At: at, What: engine.Login, Object: agentOf(agent), Other: queueOf(queue)})
}

// leaves: he does not belong to it any more, or is logged off.
func (r *Reader) leaves(agent, queue string, at int64) {
	s := r.seat(agent)
	i := slices.Index(s.Queues, queue)
	if i < 0 {
		return
	}
	s.Queues = slices.Delete(s.Queues, i, i+1)
	r.tell(engine.Fact{At: at, What: engine.Logout, Object: agentOf(agent), Other: queueOf(queue)})
}
