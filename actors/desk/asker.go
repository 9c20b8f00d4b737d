package desk

import (
	"slices"

	"tandem/actors/account"
	"tandem/actors/ledger"
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

// leads tells whether he may do something on behalf of an agent.
func (e eyes) leads(a *ledger.Agent) bool {
	return e.master || e.r != nil && ledger.MayAgent(e.r, cli.CanSupervise, a)
}

// is tells whether he is that agent.
func (e eyes) is(a *ledger.Agent) bool { return e.agent != nil && e.agent.Name == a.Name }

// AskerOf is an account as one who asks the desk, wherever it comes from; record finds it in the directory. One that is not
// there, or is disabled, has no rights of an administrator.
func AskerOf(aor signal.AOR, record func(signal.AOR) (*account.Record, bool)) web.Asker {
	r, ok := record(aor)
	return web.Asker{Name: string(aor), Account: string(aor), Master: ok && !r.Disabled && r.Is(account.Administrator)}
}
