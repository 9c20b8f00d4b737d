package desk

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/cli"
)

// eyes are what somebody may see and do with queues and agents.
type eyes struct {
	master bool
	r      *account.Record // nil: of nobody that there is
	agent  *ledger.Agent   // that he is; nil: none
}

// eyesOf are those of who asks.
func eyesOf(l *ledger.Ledger, by web.Asker) eyes {
	e := eyes{master: by.Master}
	if r, ok := l.Directory.Record(signal.AOR(by.Account)); ok && !r.Disabled {
		e.r = r
		e.agent, _ = l.AgentOf(r.AOR)
	}
	return e
}

// supervises tells whether he may do something with a queue and its callers.
func (e eyes) supervises(queue string) bool {
	return e.master || e.r != nil && ledger.MayQueue(e.r, cli.CanSupervise, queue)
}

// sees tells whether he may see how a queue stands: its agents may, too.
func (e eyes) sees(queue string) bool {
	if e.supervises(queue) {
		return true
	}
	return e.agent != nil && slices.ContainsFunc(e.agent.Memberships, func(m ledger.Membership) bool { return m.Queue == queue })
}

// SeesStatistics tells whether somebody may see statistics of an object, such as Queue:sales or Agent:1002: those of queues
// who sees the queue, those of agents they themselves and who leads them, those of all else who supervises all queues.
func SeesStatistics(l *ledger.Ledger, by web.Asker, object string) bool {
	e := eyesOf(l, by)
	switch kind, name, _ := strings.Cut(object, ":"); kind {
	case "Queue":
		return e.sees(name)
	case "Agent":
		if a, ok := l.Agent(name); ok && (e.is(a) || e.leads(a)) {
			return true
		}
	}
	return e.supervises("")
}

// leads tells whether he may do something on behalf of an agent.
func (e eyes) leads(a *ledger.Agent) bool {
	return e.master || e.r != nil && ledger.MayAgent(e.r, cli.CanSupervise, a)
}

// leadsAll tells whether he may do to an agent what concerns all of these queues.
func (e eyes) leadsAll(queues []string) bool {
	return !slices.ContainsFunc(queues, func(queue string) bool { return !e.supervises(queue) })
}

// LeadsCall tells whether somebody may do something with the call of a queue that an agent has: he is the agent, or
// supervises that queue. Who leads him by another one knows nothing of the call.
func (d Agents) LeadsCall(by web.Asker, agent, queue string) bool {
	def, see, err := d.known(by, agent)
	return err == nil && (see.is(def) || see.supervises(queue))
}

// is tells whether he is that agent.
func (e eyes) is(a *ledger.Agent) bool { return e.agent != nil && e.agent.Name == a.Name }

// whole tells whether he sees all of an agent: others see of him what their queues have to do with.
func (e eyes) whole(a *ledger.Agent) bool {
	return e.is(a) || e.master || e.r != nil && ledger.MayQueue(e.r, cli.CanSupervise, "")
}

// cut leaves of an agent what the reader may see: his queues as far as the reader sees them, and his caller where the
// reader supervises the queue that has given it to him.
func (e eyes) cut(def *ledger.Agent, a web.Agent) web.Agent {
	if e.whole(def) {
		return a
	}
	a.Queues = slices.DeleteFunc(slices.Clone(a.Queues), func(q web.AgentQueue) bool { return !e.sees(q.Queue) })
	if a.Queue != "" && !e.supervises(a.Queue) {
		a.Queue, a.Caller, a.Number, a.CallerName, a.CallerSince = "", "", "", "", time.Time{}
	}
	return a
}

// Shown is what an account may know of an agent who has changed; nil: nothing, or nothing any more.
func (d Agents) Shown(by web.Asker, m *msg.AgentChanged) *msg.AgentChanged {
	def, see, err := d.known(by, m.Agent)
	switch {
	case err != nil:
		return nil
	case see.whole(def):
		return m
	}
	out := proto.CloneOf(m)
	out.Queues = slices.DeleteFunc(out.Queues, func(q *msg.AgentMembership) bool { return !see.sees(q.Queue) })
	if m.Queue != "" && !see.supervises(m.Queue) {
		out.Queue, out.Caller, out.Number, out.Name, out.CallerSince = "", "", "", "", 0
	}
	return out
}

// AskerOf is an account as one who asks the desk, wherever it comes from; record finds it in the directory. One that is not
// there, or is disabled, has no rights of an administrator.
func AskerOf(aor signal.AOR, record func(signal.AOR) (*account.Record, bool)) web.Asker {
	r, ok := record(aor)
	return web.Asker{Name: string(aor), Account: string(aor), Master: ok && !r.Disabled && r.Is(account.Administrator)}
}
