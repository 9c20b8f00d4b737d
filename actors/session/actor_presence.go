package session

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// onPresence takes what the presence of accounts tells the session.
func (a *sessionActor) onPresence(m any, now time.Time) {
	switch m := m.(type) {
	case *msg.PresenceChanged:
		a.machine.PeerStands(m.Account, Seen{State: signal.Presence(m.State), Status: m.Status,
			Pending: m.Standing == msg.PresenceStanding_PRESENCE_PENDING,
			Refused: m.Standing == msg.PresenceStanding_PRESENCE_REFUSED}, now)
	case *msg.PresenceAsked:
		a.machine.PeerAsks(m.Account, now)
	case *msg.PresenceRosterItems:
		a.machine.RosterHeard(Peers(m.Items), m.Whole, now)
	}
}

// Peers are roster items as sessions have them.
func Peers(items []*msg.PresenceItem) (all []Peer) {
	for _, i := range items {
		all = append(all, Peer{Peer: i.Peer, Name: i.Name, Groups: i.Groups, Sees: i.Sees, Wanted: i.Wanted,
			Agreed: i.Agreed, Gone: i.Gone})
	}
	return all
}

// presence tells the presence of accounts what the session says and whom it sees.
func (a *sessionActor) presence(ctx actor.Context, e Effect) {
	self, own := ctx.Self(), string(a.machine.AOR)
	switch e := e.(type) {
	case SayPresence:
		m := &msg.PresenceSet{Source: self, State: string(e.State), Status: e.Status, Attend: e.Attend}
		if e.State == "" && !e.Attend {
			a.withdraw(ctx, own, "said", m)
			return
		}
		a.announce(ctx, own, "said", m)
	case WatchPeer:
		if a.floor.Known(signal.AOR(e.Peer)) { // who is elsewhere, or nobody, is not seen
			a.announce(ctx, e.Peer, "watch", &msg.PresenceWatch{Watcher: self, Account: own})
		}
	case UnwatchPeer:
		if a.floor.Known(signal.AOR(e.Peer)) {
			a.withdraw(ctx, e.Peer, "watch", &msg.PresenceUnwatch{Watcher: self})
		}
	}
}

// announce tells the presence of an account something, and each next owner of its name, as long as the session lives.
func (a *sessionActor) announce(ctx actor.Context, account, key string, m proto.Message) {
	err := a.floor.Member.Announce(cluster.Announcement{Kind: "presence", Name: account, Key: key, Owner: ctx.Self(), Message: m})
	if err != nil {
		a.log.Warn("presence is not told", "account", account, "err", err)
	}
}

// withdraw ends that, with a last word.
func (a *sessionActor) withdraw(ctx actor.Context, account, key string, last proto.Message) {
	a.floor.Member.Withdraw(cluster.Announcement{Kind: "presence", Name: account, Key: key, Owner: ctx.Self()}, last)
}
