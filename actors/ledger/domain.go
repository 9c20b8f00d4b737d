package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
)

// Domain is what the store keeps of a domain: JSON in the bucket of settings. Domains that the member's
// settings name exist without it.
type Domain struct {
	Created   time.Time `json:",omitzero"`
	Suspended bool      `json:",omitempty"` // neither calls nor registrations of its accounts
	Settings  string    `json:",omitempty"` // dictionary in the text form of objects
	Aliases   []string  `json:",omitempty"` // other names of it; each means one domain
}

// Limits of domains.
const (
	MaxDomains       = 10000
	MaxDomainAliases = 50  // of one domain
	maxDomainName    = 253 // bytes (RFC 1035 section 2.3.4)
)

// storedDomains are the domains that the store knows, by name.
func (l *Ledger) storedDomains() map[string]Domain {
	all := map[string]Domain{}
	l.Store.Bucket(store.Settings).Range(domainKind, func(e store.Entry) bool {
		var d Domain
		if err := json.Unmarshal(e.Value, &d); err != nil {
			l.Unreadable("domain", e.Key, err)
			return true
		}
		all[strings.TrimPrefix(e.Key, domainKind)] = d
		return true
	})
	return all
}

// StoredDomains is how many domains the store knows.
func (l *Ledger) StoredDomains() int { return len(l.storedDomains()) }

// Domain is what the store has of a domain.
func (l *Ledger) Domain(name string) (d Domain, ok bool) {
	e, ok := l.Store.Bucket(store.Settings).Get(domainKind + name)
	if ok {
		l.Unreadable("domain", e.Key, json.Unmarshal(e.Value, &d))
	}
	return d, ok
}

// configured are the domains that the settings name, the main one first.
func configured(c conf.Routing) []string {
	var names []string
	for _, d := range append([]string{c.Domain}, c.Domains...) {
		if d = strings.ToLower(d); !slices.Contains(names, d) {
			names = append(names, d)
		}
	}
	return names
}

// Configured tells whether the member's settings name a domain.
func (l *Ledger) Configured(name string) bool {
	return slices.Contains(configured(l.Conf().Routing), name)
}

// Domains are all domains, suspended ones too: those of the settings first, then the others in order.
func (l *Ledger) Domains() []string {
	names := configured(l.Conf().Routing)
	var more []string
	for name := range l.storedDomains() {
		if !slices.Contains(names, name) {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	return append(names, more...)
}

// DomainExists tells whether there is a domain of that very name, aliases aside.
func (l *Ledger) DomainExists(name string) bool {
	_, ok := l.Domain(name)
	return ok || l.Configured(name)
}

// DomainOf is the domain that a name or an alias means. ErrNoDomain: there is none.
func (l *Ledger) DomainOf(name string) (string, error) {
	name = strings.ToLower(name)
	if real, ok := l.AliasOf(name); ok && !l.DomainExists(name) {
		name = real
	}
	if !l.DomainExists(name) {
		return "", ErrNoDomain
	}
	return name, nil
}

// Policy is that of the settings, with the domains of the store and the numbers of its queues.
func (l *Ledger) Policy() *signal.Policy {
	c := l.Conf().Routing
	stored := l.storedDomains()
	names := slices.DeleteFunc(configured(c), func(d string) bool { return d != strings.ToLower(c.Domain) && stored[d].Suspended })
	for name, d := range stored {
		if !d.Suspended {
			names = append(names, name)
		}
	}
	numbers := make([]signal.Number, len(c.Numbers))
	for i, n := range c.Numbers {
		numbers[i] = signal.Number{Match: n.Match, Application: n.App}
	}
	numbers = append(numbers, l.queueNumbers()...)
	table := signal.NewTable(c.Domain, names, numbers).WithAliases(aliasesOf(stored)).WithEmergency(c.Emergency).
		WithTrunks(trunkTable(l.Conf()))
	return &signal.Policy{Table: table, OpenNumbers: c.OpenNumbers}
}

// aliasesOf are the other names of domains. Of two that claim one name the first in order has it, on every
// member.
func aliasesOf(stored map[string]Domain) map[string]string {
	aliases := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(stored)) {
		for _, alias := range stored[name].Aliases {
			if _, taken := aliases[alias]; !taken {
				aliases[alias] = name
			}
		}
	}
	return aliases
}

// AliasOf is the domain of which a name is another one.
func (l *Ledger) AliasOf(name string) (domain string, ok bool) {
	domain, ok = aliasesOf(l.storedDomains())[name]
	return domain, ok
}

// DomainName tells whether a text can be a domain (RFC 1123 section 2.1).
func DomainName(s string) bool {
	if s == "" || len(s) > maxDomainName {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		}) {
			return false
		}
	}
	return true
}

// ChangeDomain changes what the store has of a domain, and obeys at once.
func (l *Ledger) ChangeDomain(ctx context.Context, name string, w store.Write, f func(*Domain) error) error {
	err := l.change(ctx, store.Settings, domainKind+name, w, func(old []byte) ([]byte, error) {
		var d Domain
		if old != nil {
			if err := json.Unmarshal(old, &d); err != nil {
				return nil, err
			}
		}
		if err := f(&d); err != nil {
			return nil, err
		}
		return json.Marshal(d)
	})
	if err == nil {
		l.Obey(l.Policy())
	}
	return err
}

// EndDomain ends a domain with its accounts, groups, forwarders, named tasks and rules. clear, called last, removes
// what others keep for it: whoever has the name next must not be served by it.
func (l *Ledger) EndDomain(ctx context.Context, name string, w store.Write, clear func() error) error {
	for _, aor := range l.AccountsOf(name) {
		if err := l.End(ctx, aor, 0); err != nil {
			return err
		}
	}
	for _, kind := range []Kind{Groups, Forwarders, NamedTasks} {
		for _, user := range l.Names(kind, name) {
			if err := l.Remove(ctx, kind, signal.NewAOR(user, name), nil, w); err != nil {
				return err
			}
		}
	}
	settings := l.Store.Bucket(store.Settings)
	err := settings.Delete(ctx, domainRules+name, w)
	if err == nil {
		err = l.readRules(domainRules + name)
	}
	if err == nil {
		err = clear()
	}
	if err == nil {
		err = settings.Delete(ctx, domainKind+name, w)
	}
	if err == nil {
		l.Tally.Drop("@" + name)
		l.Obey(l.Policy())
	}
	return err
}

// AccountsOf are the accounts of a domain, in order.
func (l *Ledger) AccountsOf(domain string) (all []signal.AOR) {
	for _, a := range l.Directory.Records() {
		if a.AOR.Domain() == domain {
			all = append(all, a.AOR)
		}
	}
	return all
}
