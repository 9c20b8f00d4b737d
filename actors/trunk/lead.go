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
}

// keepLeads looks names of targets up when it is time: of a trunk that is known by its targets, since the settings name neither
// addresses nor a login.
func (t *Trunk) keepLeads(now time.Time) {
	if t.set.LoginUser != "" || len(t.set.Addresses) > 0 {
		return
	}
	for i := range t.targets {
		x := &t.targets[i]
		if _, err := netip.ParseAddr(x.hop.Host); err == nil || x.leads.asked || now.Before(x.leads.next) {
			continue
		}
		x.leads.asked = true
		t.out = append(t.out, Resolve{i, signal.TrunkTarget{Host: x.hop.Host, Port: x.hop.Port, Transport: x.hop.Wanted()}})
	}
}

// Resolved takes what a name of a target leads to. Where no name server answers, what was found before stays good for a while;
// gone says that there is no such name.
func (t *Trunk) Resolved(place int, host string, to []netip.Addr, gone bool, now time.Time) []Effect {
	if place >= len(t.targets) || t.targets[place].hop.Host != host {
		return t.take(now)
	}
	x := &t.targets[place].leads
	x.asked, x.next = false, now.Add(leadsLife)
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
