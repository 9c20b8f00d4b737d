package presence

import (
	"net/netip"
	"time"

	"tandem/signal"
	"tandem/sip/pidf"
	"tandem/sip/subscription"
)

// Session names a session towards the machine.
type Session string

// Standing is what a watcher may know.
type Standing int

// The standings of a watcher.
const (
	Active  Standing = iota // he sees the account
	Pending                 // he will, if the account agrees
	Refused                 // he does not any more, and is no watcher
)

// State is how an account stands, or one of its devices.
type State struct {
	Presence signal.Presence
	Status   string // text for people
}

// Effect is something to do: one of these, or of those of package subscription.
type Effect = subscription.Effect

// The effects.
type (
	// Tell tells a watching session how the account stands.
	Tell struct {
		To       Session
		State    State
		Standing Standing
	}
	// Asked tells a session of the account that somebody wants to see it.
	Asked struct {
		To   Session
		From signal.AOR
	}
	// Changed tells a session of the account what is new in its roster, or all that is in it.
	Changed struct {
		To    Session
		Items []Item
		Whole bool
	}
)

// Presentity is the pure machine of one account's presence. Events return what is to be done for them.
type Presentity struct {
	aor    signal.AOR
	limits Limits
	token  func() string // a new random text

	sources  map[string]*source // by session or entity-tag
	said     uint64             // how often something was said; the newest counts most
	attends  map[Session]bool   // sessions of the account that hear what concerns it
	watchers map[Session]*watcher
	phones   *subscription.Notifier
	roster   map[signal.AOR]Item
	open     bool                           // the whole domain may see the account
	asks     map[signal.AOR]time.Time       // when it was told that somebody asks
	shared   func(from netip.AddrPort) bool // several devices of the account send from there; nil: nobody knows
	refused  func(account signal.AOR) bool  // whose phones are refused in what is told now; nil: nobody's

	shown   State     // as the watchers were last told
	pace    time.Time // before then nothing is told
	settled time.Time // before then nothing is said to be unknown
}

// New makes the presentity of an account. tag leads requests of its subscription dialogs to it; token makes random
// texts.
func New(aor signal.AOR, tag string, limits Limits, token func() string, now time.Time) *Presentity {
	p := &Presentity{aor: aor, limits: limits, token: token, sources: map[string]*source{}, attends: map[Session]bool{},
		watchers: map[Session]*watcher{}, roster: map[signal.AOR]Item{}, asks: map[signal.AOR]time.Time{},
		shown: State{Presence: signal.PresenceOffline}, settled: now.Add(limits.Settle)}
	p.phones = subscription.New(subscription.Resource{AOR: aor, Tag: tag, Event: Event, Type: pidf.Type, Limits: limits.Phones}, p.show)
	return p
}

// Empty tells that nothing would be lost with the presentity.
func (p *Presentity) Empty() bool {
	return len(p.sources)+len(p.attends)+len(p.watchers)+p.phones.Len() == 0
}

// Knows tells whether a session has any part in it.
func (p *Presentity) Knows(s Session) bool {
	return p.sources[string(s)] != nil || p.attends[s] || p.watchers[s] != nil
}

// State is how the account stands.
func (p *Presentity) State() State { return p.aggregate() }

// update tells everybody how the account stands, where that has changed and enough time has passed since the last
// change; else Elapsed does.
func (p *Presentity) update(now time.Time) []Effect {
	state := p.aggregate()
	if state == p.shown || now.Before(p.pace) {
		return nil
	}
	p.shown, p.pace = state, now.Add(p.limits.Pace)
	out := p.tellSessions()
	return append(out, p.phones.ChangedFor(func(s *subscription.Subscription) bool { return p.may(s.Account) }, now)...)
}

// Next is when Elapsed wants to be called next; zero: not at all.
func (p *Presentity) Next() (next time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	sooner(p.phones.Next())
	for _, s := range p.sources {
		sooner(s.ends)
	}
	if p.aggregate() != p.shown {
		sooner(p.pace)
	}
	for _, w := range p.watchers {
		if w.told == nil {
			sooner(p.settled)
		}
	}
	return next
}

// Elapsed ends what is over, and tells what had to wait.
func (p *Presentity) Elapsed(now time.Time) []Effect {
	for name, s := range p.sources {
		if !s.ends.IsZero() && !now.Before(s.ends) {
			delete(p.sources, name)
		}
	}
	out := p.update(now)
	if !now.Before(p.settled) {
		out = append(out, p.tellSessions()...)
	}
	return append(out, p.phones.Elapsed(now)...)
}

// Leave ends the subscriptions of phones, since the name is given up: they come again at once, and find its next owner.
func (p *Presentity) Leave(now time.Time) []Effect { return p.phones.End("deactivated", now) }

// Gone takes the end of a session: what it said, and that it watched.
func (p *Presentity) Gone(s Session, now time.Time) []Effect {
	delete(p.sources, string(s))
	delete(p.attends, s)
	delete(p.watchers, s)
	return p.update(now)
}
