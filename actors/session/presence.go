package session

import (
	"slices"
	"time"

	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// presenceFamily are the operations about presence (reference communigate.md 2.2). What the client says of its user, and
// which peers of the roster it sees, is told to the presence of the accounts, and again to each next owner of their
// names.
var presenceFamily = family{rows: map[string]run{
	"presenceSet": presenceSet,
}, resumed: func(s *Session) {
	if s.forgot {
		s.showPeers()
	}
}}

// maxSeen is how many peers of its roster a session sees: no more announcements than one actor may have.
const maxSeen = 200

// presence is what a session says of its user and sees of others.
type presence struct {
	attends bool // by signalBind
	state   signal.Presence
	status  string
	whole   bool            // the roster is known
	roster  map[string]Peer // as it was last heard
	seen    map[string]*Seen
}

// Seen is how a peer stands, as the session last heard.
type Seen struct {
	State   signal.Presence // "": nothing was heard yet
	Status  string
	Pending bool // the peer has not agreed
	Refused bool // nor will it: the session sees it no more
}

// The effects.
type (
	// SayPresence tells the account's presence what the session has to say; all of it.
	SayPresence struct {
		State  signal.Presence
		Status string
		Attend bool
	}
	// WatchPeer begins to watch a peer.
	WatchPeer struct{ Peer string }
	// UnwatchPeer ends that.
	UnwatchPeer struct{ Peer string }
)

// presenceSet says how the user stands: one of the words of signal.ParsePresence, and a text.
func presenceSet(s *Session, o *Operation) {
	word, status := o.Child("presence"), o.Child("status")
	if word == nil {
		o.fail(ximss.ErrMissing)
		return
	}
	state, ok := signal.ParsePresence(word.Text())
	if !ok {
		o.fail(ximss.Fail(ximss.NumMalformed, "presence is one of online, away, busy, offline"))
		return
	}
	s.presence.state, s.presence.status = state, ""
	if status != nil {
		s.presence.status = signal.CutStatus(status.Text())
	}
	s.sayPresence()
	o.done()
}

func (s *Session) sayPresence() {
	p := &s.presence
	s.do(SayPresence{p.state, p.status, p.attends})
}

// boundBy takes what an operation of the telephone says of presence: signalBind whether the client wants to hear of it.
// One that was refused at once says nothing; another one is answered later.
func (s *Session) boundBy(o *Operation) {
	wants := ximss.IsOn(o.Attr("presence"))
	switch {
	case o.Type == "signalUnbind", o.Type == "signalBind" && !o.over && !wants:
		s.unattend()
	case o.Type == "signalBind" && !o.over:
		s.attend()
	}
}

// attend begins to tell the client of its roster and of the peers in it, by signalBind. Once more: it is told anew.
func (s *Session) attend() {
	p := &s.presence
	if p.attends {
		s.showPeers()
		return
	}
	p.attends, p.roster, p.seen = true, map[string]Peer{}, map[string]*Seen{}
	s.sayPresence()
}

// unattend ends that, and what the session said of its user.
func (s *Session) unattend() {
	p := &s.presence
	if !p.attends && p.state == "" {
		return
	}
	for _, peer := range p.peers() {
		s.do(UnwatchPeer{peer})
	}
	*p = presence{}
	s.sayPresence()
}

// peers are those that are seen, in order.
func (p *presence) peers() (all []string) {
	for peer := range p.seen {
		all = append(all, peer)
	}
	slices.Sort(all)
	return all
}

// showPeers tells the client how all peers stand.
func (s *Session) showPeers() {
	for _, peer := range s.presence.peers() {
		if v := s.presence.seen[peer]; v.State != "" {
			s.say(presenceMessage(peer, *v))
		}
	}
}

// PeerStands takes how a peer stands. The client is not told of one that is offline until it was seen otherwise.
func (s *Session) PeerStands(peer string, now Seen, at time.Time) {
	s.now = at
	before := s.presence.seen[peer]
	if before == nil {
		return
	}
	old := *before
	*before = now
	switch {
	case now.Refused:
		delete(s.presence.seen, peer)
		s.do(UnwatchPeer{peer})
		s.say(object.NewXML("presence", "peer", peer, "type", "unsubscribed"))
	case old.State == now.State && old.Status == now.Status, old.State == "" && now.State == signal.PresenceOffline:
	default:
		s.say(presenceMessage(peer, now))
	}
}

// PeerAsks: somebody wants to see how the user stands.
func (s *Session) PeerAsks(peer string, at time.Time) {
	if s.now = at; s.presence.attends {
		s.say(object.NewXML("presence", "peer", peer, "type", "subscribe"))
	}
}

// shows are XMPP's words, which clients know beside ours.
var shows = map[signal.Presence]string{signal.PresenceAway: "away", signal.PresenceBusy: "dnd"}

// presenceMessage is the message presence.
func presenceMessage(peer string, v Seen) *object.XML {
	x := object.NewXML("presence", "peer", peer)
	part := func(name, text string) {
		if text != "" {
			e := object.NewXML(name)
			e.Add(object.String(text))
			x.Add(e.Value())
		}
	}
	if v.State == signal.PresenceOffline {
		x.SetAttribute("type", "", "unavailable")
	}
	part("show", shows[v.State])
	part("presence", string(v.State))
	part("status", v.Status)
	return x
}
