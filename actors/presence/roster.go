package presence

import (
	"slices"
	"strings"
	"time"

	"tandem/signal"
	"tandem/sip/subscription"
)

// Wanted is whether an account wants to see a peer.
type Wanted int

// What an account may want.
const (
	Nothing Wanted = iota
	Asking         // it wants to, and the peer has not agreed
	Seeing         // it wants to, and may
)

// Item is one peer in the account's roster.
type Item struct {
	Peer   signal.AOR
	Name   string // as the account calls the peer
	Groups []string
	Sees   bool // the peer may see the account
	Wanted Wanted
	Gone   bool // in Changed: it is in the roster no more
}

func (i Item) equal(o Item) bool {
	return i.Name == o.Name && slices.Equal(i.Groups, o.Groups) && i.Sees == o.Sees && i.Wanted == o.Wanted
}

// Began takes the roster that a new presentity finds, and whether its domain may see it.
func (p *Presentity) Began(items []Item, open bool) {
	p.roster, p.open = byPeer(items), open
}

// Reread takes the roster as it is now: the account's sessions hear what is new in it, and watchers what they may
// know now. Whom the account does not let see it any more is refused; who saw it for his domain becomes pending.
func (p *Presentity) Reread(items []Item, open bool, now time.Time) []Effect {
	before := *p // may is asked of both
	p.roster, p.open = byPeer(items), open
	out := p.tellRoster(before.roster)
	out = append(out, p.drop(func(a signal.AOR) bool { return before.roster[a].Sees && !p.may(a) }, now)...)
	out = append(out, p.tellSessions()...)
	return append(out, p.phones.ChangedFor(func(s *subscription.Subscription) bool {
		return p.may(s.Account) != before.may(s.Account)
	}, now)...)
}

func byPeer(items []Item) map[signal.AOR]Item {
	all := map[signal.AOR]Item{}
	for _, i := range items {
		all[i.Peer] = i
	}
	return all
}

// items is the roster in order.
func (p *Presentity) items() (all []Item) {
	for _, i := range p.roster {
		all = append(all, i)
	}
	slices.SortFunc(all, byName)
	return all
}

func byName(a, b Item) int { return strings.Compare(string(a.Peer), string(b.Peer)) }

// tellRoster tells the account's sessions what has changed in its roster.
func (p *Presentity) tellRoster(before map[signal.AOR]Item) (out []Effect) {
	var news []Item
	for peer, i := range p.roster {
		if old, known := before[peer]; !known || !old.equal(i) {
			news = append(news, i)
		}
	}
	for peer := range before {
		if _, still := p.roster[peer]; !still {
			news = append(news, Item{Peer: peer, Gone: true})
		}
	}
	if len(news) == 0 {
		return nil
	}
	slices.SortFunc(news, byName)
	for _, s := range p.listeners() {
		out = append(out, Changed{s, news, false})
	}
	return out
}
