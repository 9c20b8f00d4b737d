package service

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// agentServices are the functions of programs about agents and queues; both are beyond the ancestor.
func (s *Services) agentServices() []task.Service {
	return []task.Service{
		{Name: "AgentCommand", Run: s.agentCommand},
		{Name: "QueueSettings", Quick: true, Run: s.queueSettings},
	}
}

// agentPatience bounds the wait for an agent's actor, whose name may just go to another member.
const agentPatience = 5 * time.Second

// errNoAgent is the text for an account that belongs to no agent.
const errNoAgent = "agent is not known"

// agentCommand is AgentCommand(what, options): the agent to whom the current account belongs does it. what is login,
// logout, pause or ready. Options: device, the account where he works, his own where none is given, another one if the
// party has proved to call from there, or he may supervise himself; hotDesk, it is somebody else's; queue and reason of a pause; call, for the records. The result is null, or an error text.
func (s *Services) agentCommand(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	self, err := s.current(c)
	if err != nil {
		return failureText(err)
	}
	a, ok := s.Ledger.AgentOf(self.AOR)
	if !ok {
		return object.String(errNoAgent)
	}
	word := s.agentWord(strings.ToLower(argument(args, 0).Text()), argument(args, 1).Dictionary())
	if word == nil {
		return failureText(task.ErrParameter)
	}
	if m, on := word.(*msg.AgentLogOn); on && !s.mayWorkAt(m.Device, c, self, a) {
		return failureText(task.ErrDenied)
	}
	answer, err := s.Ask(ctx, "agent", a.Name, word, agentPatience)
	if err != nil {
		return failed("agent can not be reached: %v", err)
	}
	stands, ok := answer.(*msg.AgentChanged)
	_, leaves := word.(*msg.AgentLogOff)
	switch {
	case !ok:
		return failed("agent has given no answer")
	case stands.Refused == "" || leaves && stands.Refused == "LOGGEDOUT":
		return object.Null
	case stands.Refused == "UNKNOWN":
		return object.String(errNoAgent)
	}
	return failed("agent refuses: %s", stands.Refused)
}

// agentWord is what an agent is told; nil: there is no such command.
func (s *Services) agentWord(what string, o *object.Dictionary) proto.Message {
	text := func(key string) string { return o.GetFold(key).Text() }
	switch what {
	case "login":
		return &msg.AgentLogOn{Device: s.device(text("device")), HotDesk: !o.GetFold("hotDesk").IsNull(), Source: text("call")}
	case "logout":
		return &msg.AgentLogOff{Source: text("call")}
	case "pause":
		return &msg.AgentPause{Queue: text("queue"), Reason: text("reason"), Source: text("call")}
	case "ready":
		return &msg.AgentResume{Queue: text("queue"), Source: text("call")}
	}
	return nil
}

// mayWorkAt tells whether an agent may work at a device: his own, that of the phone from which the Task's party has proved
// to call, or any where the current account supervises him. What else is asked for, as a PIN, is for the program to say.
func (s *Services) mayWorkAt(device string, c task.Caller, self *account.Record, a *ledger.Agent) bool {
	return device == "" || device == a.Account || device == s.device(c.Proved) || ledger.MayAgent(self, cli.CanSupervise, a)
}

// device is the account at whose phones an agent works, by its first name.
func (s *Services) device(name string) string {
	if r, ok := s.Ledger.Directory.Account(signal.AOR(strings.ToLower(name))); ok {
		return string(r.AOR)
	}
	return ""
}

// queueSettings is QueueSettings(name): what a program must know of a queue before its caller is in it, or while it
// talks: a dictionary with display and recording; null where there is no such queue.
func (s *Services) queueSettings(_ context.Context, _ task.Caller, args []object.Value) object.Value {
	q, ok := s.Ledger.Queue(argument(args, 0).Text())
	if !ok {
		return object.Null
	}
	d := object.NewFolded()
	d.Set("name", object.String(q.Name))
	d.Set("display", object.String(q.Display))
	d.Set("recording", object.Bool(q.Recording))
	return d.Value()
}
