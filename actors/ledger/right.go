package ledger

import (
	"slices"
	"strings"

	"tandem/actors/account"
	"tandem/signal"
	"tandem/ximss/cli"
)

// May tells whether an account has a right everywhere.
func May(r *account.Record, right cli.Right) bool {
	return r.Is(account.Administrator) ||
		right != cli.Master && !right.InDomain() && slices.Contains(r.Rights, string(right)) ||
		right.InDomain() && slices.Contains(r.Rights, string(cli.AllDomains))
}

// MayIn tells whether an account has one of the rights in a domain.
func MayIn(r *account.Record, domain string, rights ...cli.Right) bool {
	return slices.ContainsFunc(rights, func(right cli.Right) bool {
		return May(r, right) || r.AOR.Domain() == domain && slices.Contains(r.Rights, string(right))
	})
}

// MayQueue tells whether an account has a right over a queue: over all, or over that one. "" asks for all. The role of
// supervisor is the right to supervise all.
func MayQueue(r *account.Record, right cli.Right, queue string) bool {
	return May(r, right) || right == cli.CanSupervise && r.Is(account.Supervisor) ||
		queue != "" && slices.Contains(r.Rights, string(right.Of(queue)))
}

// MaySome tells whether an account has a right over any queue.
func MaySome(r *account.Record, right cli.Right) bool {
	return MayQueue(r, right, "") || slices.ContainsFunc(r.Rights, func(have string) bool {
		return strings.HasPrefix(have, string(right.Of("")))
	})
}

// MayAgent tells whether an account has a right over an agent: it is that over one of his queues at least.
func MayAgent(r *account.Record, right cli.Right, a *Agent) bool {
	return MayQueue(r, right, "") || slices.ContainsFunc(a.Memberships, func(m Membership) bool { return MayQueue(r, right, m.Queue) })
}

// Resolve is the account that a program names: by its address or an alias, without a domain in that one, or in the
// main one.
func (l *Ledger) Resolve(name, domain string) (string, bool) {
	user, host, full := strings.Cut(name, "@")
	if !full {
		host = domain
	}
	if host == "" {
		host = l.Conf().Routing.Domain
	}
	a, ok := l.Directory.Account(signal.NewAOR(user, host))
	return string(a.AOR), ok
}

// MayAdminister tells whether an account may use the files of another one: whoever may act in its name.
func (l *Ledger) MayAdminister(who, other string) bool {
	r, ok := l.Directory.Record(signal.AOR(who))
	if !ok || r.Disabled {
		return false
	}
	return May(r, cli.CanImpersonate) ||
		signal.AOR(who).Domain() == signal.AOR(other).Domain() && slices.Contains(r.Rights, string(cli.CanImpersonate))
}

// Attended is whose calls somebody may hear and join.
type Attended struct {
	Agent   string     // his calls are where he works; "": it is nobody who works for queues
	Account signal.AOR // his own
	Anybody bool       // everybody may be heard, at work or not
}

// MayAttend tells whose calls an account may hear and join: those of an agent, by his name, or of somebody else, by
// address, alias or number in a domain; by the right over one of the agent's queues, or over all. Nobody attends his own. By the first
// one he hears calls of that queue alone: who knows the agent's call asks for the right over its queue.
func (l *Ledger) MayAttend(who *account.Record, whom, domain string) (Attended, error) {
	all := MayQueue(who, cli.CanListen, "")
	if a, ok := l.Agent(whom); ok && MayAgent(who, cli.CanListen, a) && a.Account != string(who.AOR) {
		return Attended{a.Name, signal.AOR(a.Account), all}, nil
	}
	if !all {
		return Attended{}, ErrDenied
	}
	aor, ok := l.Resolve(whom, domain)
	if !ok {
		return Attended{}, ErrNoAccount
	}
	if aor == string(who.AOR) {
		return Attended{}, ErrDenied
	}
	found := Attended{Account: signal.AOR(aor), Anybody: true}
	if a, ok := l.AgentOf(found.Account); ok {
		found.Agent = a.Name
	}
	return found, nil
}
