package actors

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/ximss/object"
)

// domain is what the store keeps of a domain: JSON in the bucket of settings. Domains that the member's
// settings name exist without it.
type domain struct {
	Created   time.Time `json:",omitzero"`
	Suspended bool      `json:",omitempty"` // neither calls nor registrations of its accounts
	Settings  string    `json:",omitempty"` // dictionary in the text form of objects
	Aliases   []string  `json:",omitempty"` // other names of it; each means one domain
}

// Limits of domains.
const (
	maxDomains       = 10000
	maxDomainName    = 253 // bytes (RFC 1035 section 2.3.4)
	maxDomainAliases = 50  // of one domain
)

// Keys of a domain's settings that are defaults for its accounts.
const (
	accountDefaults    = "AccountDefaults"
	preferenceDefaults = "PreferenceDefaults"
)

// storedDomains are the domains that the store knows, by name.
func (h *House) storedDomains() map[string]domain {
	all := map[string]domain{}
	h.store.Bucket(store.Settings).Range(domainKind, func(e store.Entry) bool {
		var d domain
		if err := json.Unmarshal(e.Value, &d); err != nil {
			h.told("domain", e.Key, err)
			return true
		}
		all[strings.TrimPrefix(e.Key, domainKind)] = d
		return true
	})
	return all
}

// storedDomain is one of them.
func (h *House) storedDomain(name string) (d domain, ok bool) {
	e, ok := h.store.Bucket(store.Settings).Get(domainKind + name)
	if ok {
		h.told("domain", e.Key, json.Unmarshal(e.Value, &d))
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

// domains are all domains, suspended ones too: those of the settings first, then the others in order.
func (h *House) domains() []string {
	names := configured(h.live.Conf().Routing)
	var more []string
	for name := range h.storedDomains() {
		if !slices.Contains(names, name) {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	return append(names, more...)
}

// domainExists tells whether there is a domain of that very name, aliases aside.
func (h *House) domainExists(name string) bool {
	_, ok := h.storedDomain(name)
	return ok || slices.Contains(configured(h.live.Conf().Routing), name)
}

// domainDefaults are what a domain's settings say under a key.
func (h *House) domainDefaults(name, key string) *object.Dictionary {
	d, _ := h.storedDomain(name)
	return dictionaryOf(d.Settings).Get(key).Dictionary()
}

// policyNow is the policy of the settings, with the domains of the store.
func (h *House) policyNow() *signal.Policy {
	c := h.live.Conf().Routing
	stored := h.storedDomains()
	names := slices.DeleteFunc(configured(c), func(d string) bool { return d != strings.ToLower(c.Domain) && stored[d].Suspended })
	for name, d := range stored {
		if !d.Suspended {
			names = append(names, name)
		}
	}
	c.Domains = names
	p := policy(c)
	p.Table = p.Table.WithAliases(aliasesOf(stored))
	return p
}

// aliasesOf are the other names of domains. Of two that claim one name the first in order has it, on every
// member.
func aliasesOf(stored map[string]domain) map[string]string {
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

// followDomains obeys what is changed in the store's domains, by whatever member.
func (h *House) followDomains() {
	stop := h.store.Bucket(store.Settings).Watch(func(e store.Entry) {
		if strings.HasPrefix(e.Key, domainKind) {
			h.ingress.SetPolicy(h.policyNow())
		}
	})
	h.closes(stopper(stop))
}
