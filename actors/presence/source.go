package presence

import (
	"net/netip"
	"slices"
	"time"

	"tandem/signal"
)

// source is one device of the account: a session, or what a phone has published.
type source struct {
	State
	said uint64
	ends time.Time      // of a publication; zero: with its session
	from netip.AddrPort // who published it
	call string         // the Call-ID by which it did
}

// Set takes what a session of the account says, all of it: how its user stands, "" for nothing, and whether it wants
// to hear what concerns the account. Saying the same again is no harm. One too many is not counted.
func (p *Presentity) Set(s Session, state State, attend bool, now time.Time) (out []Effect) {
	if _, known := p.sources[string(s)]; state.Presence == "" {
		delete(p.sources, string(s))
	} else if known || len(p.sources) < p.limits.Sources {
		p.say(string(s), state, time.Time{})
	}
	switch {
	case !attend:
		delete(p.attends, s)
	case !p.attends[s] && len(p.attends) < p.limits.Sources:
		p.attends[s] = true
		out = append([]Effect{Changed{s, p.items(), true}}, p.asking(s)...)
	}
	return append(out, p.update(now)...)
}

// say notes what a source says. Saying the same again does not make it newer.
func (p *Presentity) say(name string, state State, ends time.Time) {
	state.Status = signal.CutStatus(state.Status)
	if old := p.sources[name]; old != nil && old.State == state {
		old.ends = ends
		return
	}
	p.said++
	p.sources[name] = &source{State: state, said: p.said, ends: ends}
}

// weight orders what sources say: one that is busy makes the account busy.
var weight = map[signal.Presence]int{signal.PresenceAway: 1, signal.PresenceOnline: 2, signal.PresenceBusy: 3}

// aggregate is how the account stands. The text is that of the newest source among those that decide.
func (p *Presentity) aggregate() State {
	state, said := State{Presence: signal.PresenceOffline}, uint64(0)
	for _, s := range p.sources {
		mine, best := weight[s.Presence], weight[state.Presence]
		if mine > best || mine == best && mine > 0 && s.said > said {
			state, said = s.State, s.said
		}
	}
	return state
}

// Sources is how many devices have said how the account stands.
func (p *Presentity) Sources() int { return len(p.sources) }

// listeners are the sessions of the account that hear what concerns it, in order.
func (p *Presentity) listeners() (all []Session) {
	for s := range p.attends {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}
