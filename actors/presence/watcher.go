package presence

import (
	"slices"
	"time"

	"tandem/signal"
	"tandem/sip/pidf"
	"tandem/sip/subscription"
)

// watcher is a session that watches the account.
type watcher struct {
	account signal.AOR
	told    *told // what it was last told; nil: nothing yet
}

type told struct {
	State
	Standing
}

// Watch begins to tell a session of some account how this one stands, at once. Again: it is told again. One too many
// hears nothing.
func (p *Presentity) Watch(s Session, account signal.AOR, now time.Time) []Effect {
	if p.watchers[s] == nil && p.crowded(account) {
		return nil
	}
	p.watchers[s] = &watcher{account: account}
	if p.may(account) && len(p.sources) == 0 && now.Before(p.settled) {
		return nil // a new owner of the name may not know yet: Elapsed tells
	}
	return append(p.tellSession(s), p.ask(account, now)...)
}

// crowded tells that an account may have no further session that watches.
func (p *Presentity) crowded(account signal.AOR) bool {
	own := 0
	for _, w := range p.watchers {
		if w.account == account {
			own++
		}
	}
	return own >= p.limits.Each || len(p.watchers) >= p.limits.Watchers
}

// Unwatch ends that.
func (p *Presentity) Unwatch(s Session) { delete(p.watchers, s) }

// may tells whether an account may see this one.
func (p *Presentity) may(account signal.AOR) bool {
	return account == p.aor || p.opens(account) || p.roster[account].Sees
}

// opens tells whether an account may see this one for its domain.
func (p *Presentity) opens(account signal.AOR) bool {
	return p.open && account.Domain() == p.aor.Domain()
}

// visible is what an account may know.
func (p *Presentity) visible(account signal.AOR) told {
	if p.may(account) {
		return told{p.shown, Active}
	}
	return told{State{Presence: signal.PresenceOffline}, Pending}
}

// tellSessions tells the sessions that watch what they do not know yet.
func (p *Presentity) tellSessions() (out []Effect) {
	for _, s := range p.sessions() {
		out = append(out, p.tellSession(s)...)
	}
	return out
}

func (p *Presentity) tellSession(s Session) []Effect {
	w := p.watchers[s]
	next := p.visible(w.account)
	if w.told != nil && *w.told == next {
		return nil
	}
	w.told = &next
	return []Effect{Tell{s, next.State, next.Standing}}
}

// sessions are those that watch, in order.
func (p *Presentity) sessions() (all []Session) {
	for s := range p.watchers {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// subscribe takes a SUBSCRIBE of a phone.
func (p *Presentity) subscribe(r *signal.Request, now time.Time) []Effect {
	before := p.phones.Len()
	out := p.phones.Request(r, now)
	if p.phones.Len() > before {
		out = append(out, p.ask(r.Origin.Account, now)...)
	}
	return out
}

// Answered takes the answer to a NOTIFY.
func (p *Presentity) Answered(r *signal.Response, now time.Time) []Effect {
	return p.phones.Answered(r, now)
}

// show is what a phone is told now.
func (p *Presentity) show(s *subscription.Subscription) subscription.Notice {
	v := p.visible(s.Account)
	d := pidf.Document{Entity: "sip:" + string(p.aor), Presence: v.Presence, Note: v.Status}
	n := subscription.Notice{Pending: v.Standing == Pending, Body: d.String()}
	if n.Pending && p.refused != nil && p.refused(s.Account) {
		n.Ended = "rejected"
	}
	return n
}

// Ask takes that somebody asks to see the account, who may not watch now. The account's sessions hear it.
func (p *Presentity) Ask(account signal.AOR, now time.Time) []Effect { return p.ask(account, now) }

// ask tells the account's sessions that somebody asks, unless they heard it a short while ago.
func (p *Presentity) ask(account signal.AOR, now time.Time) (out []Effect) {
	if p.may(account) || len(p.attends) == 0 {
		return nil
	}
	for a, at := range p.asks {
		if now.Sub(at) >= p.limits.Again {
			delete(p.asks, a)
		}
	}
	if _, heard := p.asks[account]; heard || len(p.asks) >= p.limits.Asks {
		return nil
	}
	p.asks[account] = now
	for _, s := range p.listeners() {
		out = append(out, Asked{s, account})
	}
	return out
}

// asking tells a new session of the account who waits to see it.
func (p *Presentity) asking(s Session) (out []Effect) {
	waiting := p.phones.Accounts()
	for _, w := range p.watchers {
		waiting = append(waiting, w.account)
	}
	slices.Sort(waiting)
	for _, account := range slices.Compact(waiting) {
		if !p.may(account) {
			out = append(out, Asked{s, account})
		}
	}
	return out
}

// Refuse ends whatever of an account watches, unless its domain lets it.
func (p *Presentity) Refuse(account signal.AOR, now time.Time) []Effect {
	if account == p.aor || p.opens(account) {
		return nil
	}
	if item, known := p.roster[account]; known {
		item.Sees = false // as the roster says too, or will when it is read anew
		p.roster[account] = item
	}
	return p.drop(func(a signal.AOR) bool { return a == account }, now)
}

// drop ends what accounts watch by that may not see this one any more.
func (p *Presentity) drop(whom func(signal.AOR) bool, now time.Time) (out []Effect) {
	for _, s := range p.sessions() {
		if whom(p.watchers[s].account) {
			delete(p.watchers, s)
			out = append(out, Tell{s, State{Presence: signal.PresenceOffline}, Refused})
		}
	}
	p.refused = whom
	defer func() { p.refused = nil }()
	return append(out, p.phones.ChangedFor(func(s *subscription.Subscription) bool { return whom(s.Account) }, now)...)
}
