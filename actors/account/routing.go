package account

import (
	"slices"

	"tandem/signal"
)

// routing is what the directory knows for the routing of requests beside the accounts.
type routing struct {
	telnums    map[string][]signal.AOR // who has a telephone number: the first in the order of AORs is meant
	forwarders map[signal.AOR]string
	rules      map[string][]signal.Rule // by their owner
	named      map[signal.AOR]namedTask
}

// namedTask is a program that is reached by a name.
type namedTask struct {
	program string
	owner   signal.AOR
}

// The owners of signal rules that are no domains. A domain's name has no such form.
const (
	ServerRules  = "~server"
	ClusterRules = "~cluster"
)

func newRouting() routing {
	return routing{map[string][]signal.AOR{}, map[signal.AOR]string{}, map[string][]signal.Rule{},
		map[signal.AOR]namedTask{}}
}

// own notes the telephone numbers of an account; disown forgets them.
func (r *routing) own(record *Record) {
	for _, text := range record.Telnums {
		if n, ok := signal.Telnum(text); ok && !slices.Contains(r.telnums[n], record.AOR) {
			r.telnums[n] = append(slices.Clone(r.telnums[n]), record.AOR)
			slices.Sort(r.telnums[n])
		}
	}
}

func (r *routing) disown(record *Record) {
	for _, text := range record.Telnums {
		n, _ := signal.Telnum(text)
		rest := slices.DeleteFunc(slices.Clone(r.telnums[n]), func(a signal.AOR) bool { return a == record.AOR })
		if r.telnums[n] = rest; len(rest) == 0 {
			delete(r.telnums, n)
		}
	}
}

// Telnum finds the account that has a telephone number.
func (d *Directory) Telnum(number string) (signal.Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	owners := d.routing.telnums[number]
	if len(owners) == 0 {
		return signal.Account{}, false
	}
	a, ok := d.routed[owners[0]]
	return a, ok
}

// SetForwarder takes the address that stands in place of aor, as signal.Table.Address reads it; "" for
// none any more.
func (d *Directory) SetForwarder(aor signal.AOR, to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.routing.forwarders[aor] = to; to == "" {
		delete(d.routing.forwarders, aor)
	}
}

// Forwarder is the address that stands in place of a.
func (d *Directory) Forwarder(a signal.AOR) (to string, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	to, ok = d.routing.forwarders[a]
	return to, ok
}

// SetNamedTask takes the program that is reached by a name, and for whom it runs; "" for none any more.
func (d *Directory) SetNamedTask(name signal.AOR, program string, owner signal.AOR) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.routing.named[name] = (namedTask{program, owner}); program == "" {
		delete(d.routing.named, name)
	}
}

// NamedTask is the program that is reached by a name.
func (d *Directory) NamedTask(name signal.AOR) (program string, owner signal.AOR, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	n, ok := d.routing.named[name]
	return n.program, n.owner, ok
}

// SetRules takes the signal rules of a domain, of the server (ServerRules) or of the cluster
// (ClusterRules); none ends them. They must not be changed afterwards.
func (d *Directory) SetRules(owner string, rules []signal.Rule) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.routing.rules[owner] = rules; len(rules) == 0 {
		delete(d.routing.rules, owner)
	}
}

// Rules are the rules for the accounts of a domain that are not their own; for the domain "", those of
// server and cluster.
func (d *Directory) Rules(domain string) signal.RuleSet {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r := d.routing.rules
	return signal.RuleSet{Server: r[ServerRules], Cluster: r[ClusterRules], Domain: r[domain]}
}
