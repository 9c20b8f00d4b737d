package session

import (
	"context"
	"slices"
	"strings"
	"time"

	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// rosterFamily are the operations on the account's roster: who sees whom (reference communigate.md 2.2).
var rosterFamily = family{rows: map[string]run{
	"rosterList": rosterList,
	"rosterSet":  rosterSet,
}}

// Peer is one peer in the account's roster.
type Peer struct {
	Peer   string // its address
	Name   string // as the account calls it
	Groups []string
	Sees   bool // it may see the account
	Wanted bool // the account wants to see it
	Agreed bool // and may
	Gone   bool // it is in the roster no more
}

func (p Peer) equal(o Peer) bool {
	return p.Name == o.Name && slices.Equal(p.Groups, o.Groups) && p.Sees == o.Sees && p.Wanted == o.Wanted && p.Agreed == o.Agreed
}

// Limits of what rosterSet may say of a peer.
const (
	maxGroups   = 20
	maxPeerText = 256 // bytes of a name or a group
)

// rosterList is answered by a message rosterItem for each peer.
func rosterList(s *Session, o *Operation) {
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		peers := services.Roster(ctx, aor)
		return func(*Session) {
			for _, p := range peers {
				o.answer(rosterItem(p))
			}
			o.done()
		}
	})
}

// rosterItem is the message rosterItem. What an account asks for and was not granted yet is ask="subscribe".
func rosterItem(p Peer) *object.XML {
	x := object.NewXML("rosterItem", "peer", p.Peer)
	if p.Name != "" {
		x.SetAttribute("name", "", p.Name)
	}
	subscription := "none"
	switch to := p.Wanted && p.Agreed; {
	case p.Gone:
		subscription = "remove"
	case to && p.Sees:
		subscription = "both"
	case to:
		subscription = "to"
	case p.Sees:
		subscription = "from"
	}
	x.SetAttribute("subscription", "", subscription)
	if p.Wanted && !p.Agreed {
		x.SetAttribute("ask", "", "subscribe")
	}
	for _, g := range p.Groups {
		e := object.NewXML("group")
		e.Add(object.String(g))
		x.Add(e.Value())
	}
	return x
}

// changes are what may be done to a peer.
var changes = []string{"update", "remove", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "subBoth"}

// rosterSet changes what the roster says of a peer. The name may be an attribute or a child, as in messages and in
// other requests.
func rosterSet(s *Session, o *Operation) {
	peer, what := o.Attr("peer"), o.Attr("what")
	if what == "" {
		what = "update"
	}
	if peer == "" {
		o.fail(ximss.ErrMissing)
		return
	}
	if !slices.Contains(changes, what) {
		o.fail(ximss.Fail(ximss.NumMalformed, "what is one of %s", strings.Join(changes, ", ")))
		return
	}
	about, err := aboutPeer(o.XML)
	if err != nil {
		o.fail(err)
		return
	}
	aor := s.AOR
	s.serve(o, func(ctx context.Context, services Services) Result {
		err := services.ChangeRoster(ctx, aor, strings.ToLower(what), peer, about)
		return func(*Session) { o.end(err) }
	})
}

// aboutPeer is what a request tells of a peer; what it does not tell stays.
func aboutPeer(x *object.XML) (*object.Dictionary, *ximss.Error) {
	about := object.NewFolded()
	name, named := x.Attribute("name", "")
	if e := x.Child("name"); e != nil {
		name, named = e.Text(), true
	}
	if named {
		about.Put("RealName", orNothing(strings.TrimSpace(name)))
	}
	var groups []object.Value
	grouped := false
	for _, v := range x.Body {
		e := v.XML()
		if e == nil || e.Type != "group" {
			continue
		}
		grouped = true
		text := strings.TrimSpace(e.Text())
		if len(text) > maxPeerText {
			return nil, errPeerText
		}
		if text != "" {
			groups = append(groups, object.String(text))
		}
	}
	switch {
	case len(name) > maxPeerText || len(groups) > maxGroups:
		return nil, errPeerText
	case len(groups) > 0:
		about.Put("Groups", object.NewArray(groups...).Value())
	case grouped:
		about.Put("Groups", object.Null)
	}
	return about, nil
}

var errPeerText = ximss.Fail(ximss.NumLimit, "a peer has a name and at most %d groups, of at most %d bytes each", maxGroups, maxPeerText)

func orNothing(s string) object.Value {
	if s == "" {
		return object.Null
	}
	return object.String(s)
}

// RosterHeard takes what is new in the roster, or all that is in it. The client, who asks for the list himself, is told
// what has changed since.
func (s *Session) RosterHeard(items []Peer, whole bool, now time.Time) {
	s.now = now
	p := &s.presence
	if !p.attends {
		return
	}
	if whole {
		items = append(items, p.missing(items)...)
	}
	for _, i := range items {
		old, known := p.roster[i.Peer]
		if i.Gone {
			delete(p.roster, i.Peer)
		} else {
			p.roster[i.Peer] = i
		}
		if p.whole && (known != !i.Gone || !old.equal(i)) {
			s.say(rosterItem(i))
		}
		s.follow(i)
	}
	p.whole = p.whole || whole
}

// missing are the peers that a whole roster has no more.
func (p *presence) missing(items []Peer) (gone []Peer) {
	for peer := range p.roster {
		if !slices.ContainsFunc(items, func(i Peer) bool { return i.Peer == peer }) {
			gone = append(gone, Peer{Peer: peer, Gone: true})
		}
	}
	slices.SortFunc(gone, func(a, b Peer) int { return strings.Compare(a.Peer, b.Peer) })
	return gone
}

// follow watches the peers that the account wants to see, and no others.
func (s *Session) follow(i Peer) {
	p := &s.presence
	v := p.seen[i.Peer]
	switch wanted := i.Wanted && !i.Gone; {
	case wanted && v == nil && len(p.seen) < maxSeen:
		p.seen[i.Peer] = &Seen{}
		s.do(WatchPeer{i.Peer})
	case !wanted && v != nil:
		delete(p.seen, i.Peer)
		s.do(UnwatchPeer{i.Peer})
		if v.State != "" && v.State != signal.PresenceOffline {
			s.say(presenceMessage(i.Peer, Seen{State: signal.PresenceOffline}))
		}
	}
}
