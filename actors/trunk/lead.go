package trunk

import (
	"net/netip"
	"slices"
	"time"

	"tandem/signal"
)

// leads are the addresses to which the name of a target leads: calls from there are the trunk's.
type leads struct {
	to    []netip.Addr
	asked bool      // an answer is awaited
	next  time.Time // they are looked up again
	good  time.Time // they were found last
	known bool      // a name server has said where the name leads, if anywhere
}

// legacy are the addresses from which the trunk's calls came with its owner before: they are good until the names of targets
// are looked up, since all members know what we tell them alone.
type legacy struct {
	from  [][]byte
	until time.Time
}

// keepLeads looks names of targets up when it is time: of a trunk that is known by its targets, since the settings name neither
// addresses nor a login.
func (t *Trunk) keepLeads(now time.Time) {
	for i := range t.targets {
		x := &t.targets[i]
		if !t.isLooked(x) || x.leads.asked || now.Before(x.leads.next) {
			continue
		}
		x.leads.asked = true
		t.out = append(t.out, Resolve{i, signal.TrunkTarget{Host: x.hop.Host, Port: x.hop.Port, Transport: x.hop.Wanted()}})
	}
}

// isLooked tells whether the name of a target is looked up.
func (t *Trunk) isLooked(x *target) bool {
	_, err := netip.ParseAddr(x.hop.Host)
	return err != nil && t.set.LoginUser == "" && len(t.set.Addresses) == 0
}

// looks tells that the name of a target has not been found yet.
func (t *Trunk) looks() bool {
	return slices.ContainsFunc(t.targets, func(x target) bool { return t.isLooked(&x) && !x.leads.known })
}

// comesFrom are the addresses of calls, beside those of the registration.
func (t *Trunk) comesFrom(now time.Time) (all [][]byte) {
	if now.Before(t.legacy.until) && t.looks() {
		all = t.legacy.from
	}
	for _, x := range t.targets {
		for _, a := range x.leads.to {
			all = append(all[:len(all):len(all)], a.AsSlice())
		}
	}
	return all
}

// Resolved takes what a name of a target leads to. Where no name server answers, what was found before stays good for a while;
// gone says that there is no such name.
func (t *Trunk) Resolved(place int, host string, to []netip.Addr, gone bool, now time.Time) []Effect {
	if place >= len(t.targets) || t.targets[place].hop.Host != host {
		return t.take(now)
	}
	x := &t.targets[place].leads
	x.asked, x.next = false, now.Add(leadsLife)
	x.known = x.known || gone || len(to) > 0
	if len(t.legacy.from) > 0 && !t.looks() {
		t.legacy, t.changed = legacy{}, true
	}
	switch {
	case len(to) > 0:
		to = sorted(to)
		x.good = now
	case !gone && now.Sub(x.good) < leadsKept:
		return t.take(now)
	}
	if !slices.Equal(to, x.to) {
		x.to, t.changed = to, true
	}
	return t.take(now)
}

// sorted are the addresses in order, each once, and not too many.
func sorted(all []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, len(all))
	for i, a := range all {
		out[i] = a.Unmap().WithZone("")
	}
	slices.SortFunc(out, netip.Addr.Compare)
	out = slices.Compact(out)
	return out[:min(len(out), maxLeads)]
}
