package actors

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/trunk"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
	"tandem/sip/resolve"
)

// introduceTrunks makes the ways to carriers known to the member.
func (h *House) introduceTrunks() {
	floor := &trunk.Floor{Member: h.member, Log: h.log, Edge: h.ingress.EdgeAt, Heard: h.trunkStands, Standing: h.ingress.Standing,
		Takes: h.takesTrunks, Addresses: h.trunkAddresses,
		Settings: func(name string) (conf.Trunk, bool) { return h.live.Conf().Trunks.Of(name) }}
	h.member.Introduce("trunk", floor.Make)
}

// hearTrunks takes how trunks stand, from their owners.
func (h *House) hearTrunks(n cluster.News) {
	if s, ok := n.(*msg.TrunkStanding); ok {
		h.trunkStands(s)
	}
}

// trunkStands takes how a trunk stands. Where its calls come from other addresses than before, and it is trusted, the edge is
// told.
func (h *House) trunkStands(s *msg.TrunkStanding) {
	before := h.ingress.Standing(s.Name).GetAddresses()
	h.ingress.Stand(s)
	t, _ := h.live.Conf().Trunks.Of(s.Name)
	if h.edge.Load() != nil && t.Trusted && !slices.EqualFunc(before, s.Addresses, bytes.Equal) {
		h.applyEdge()
	}
}

// applyEdge gives the edge its settings of the moment: one at a time, so that what is older is not applied last.
func (h *House) applyEdge() {
	h.edgeTurn.Lock()
	defer h.edgeTurn.Unlock()
	h.sip.Apply(h.edgeSettings())
}

// takesTrunks is the member by which trunks register: calls of carriers come to it. One that is drained takes none, so another
// one does; heir tells that there is one that lives on when this one ends.
func (h *House) takesTrunks() (member string, heir bool) {
	member = h.Name()
	s := h.member.Society()
	if s == nil {
		return member, false
	}
	for _, r := range s.Rows {
		if r.Self || !r.Up() || r.Member.Draining {
			continue
		}
		if heir = true; h.draining.Load() {
			member = r.Member.Name
		}
		break
	}
	return member, heir
}

// moveTime is how long a member that is to be drained still takes calls until carriers know of another one.
const moveTime = 2 * time.Second

// moveTrunks has the trunks that this member looks after register with another one, since it takes no calls soon.
func (h *House) moveTrunks() {
	here := map[string]string{}
	for _, t := range h.live.Conf().Trunks.List {
		if contact := h.ingress.Standing(t.Name).GetContact(); t.Register && contact != "" && h.owns("trunk", t.Name) {
			here[t.Name] = contact
			_ = h.member.Tell("trunk", t.Name, &msg.TrunkKeep{}) // else it hears that within a second
		}
	}
	if _, heir := h.takesTrunks(); !heir || len(here) == 0 {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), moveTime)
	defer stop()
	_ = cluster.Until(ctx, 20*time.Millisecond, func() bool {
		for name, contact := range here {
			if h.ingress.Standing(name).GetContact() == contact {
				return false
			}
		}
		return true
	})
}

// trunkAddresses are those to which the name of a trunk's target leads.
func (h *House) trunkAddresses(ctx context.Context, t signal.TrunkTarget) (to []netip.Addr, gone bool) {
	edge := h.edge.Load()
	if edge == nil {
		return nil, false
	}
	to, err := edge.Addresses(ctx, t.URI(""))
	if err != nil {
		h.log.Debug("the name of a trunk's target leads nowhere", "target", t.Host, "err", err)
	}
	return to, resolve.Absent(err)
}

// trunkLogins knows the secrets of accounts, and before them those by which trunks prove themselves.
type trunkLogins struct {
	auth.Credentials
	live *conf.Live
}

// HA1 implements auth.Credentials.
func (l trunkLogins) HA1(user, realm string) (md5, sha256 string, ok bool) {
	c := l.live.Conf()
	if !strings.EqualFold(realm, c.Routing.Domain) {
		return l.Credentials.HA1(user, realm)
	}
	for _, t := range c.Trunks.List {
		if t.LoginUser != "" && strings.EqualFold(t.LoginUser, user) {
			md5, sha256 = auth.HA1(user, realm, string(t.LoginSecret))
			return md5, sha256, true
		}
	}
	return l.Credentials.HA1(user, realm)
}

// proveTo answers the challenges of a trunk with its user; nil: it has none.
func (h *House) proveTo(name string) func(*signal.Response, *signal.Request) (signal.Header, error) {
	t, ok := h.live.Conf().Trunks.Of(name)
	if !ok || t.User == "" {
		return nil
	}
	return auth.Client{User: t.User, Secret: string(t.Secret)}.Answer
}

// legsEvery is how often the owners of trunks are told of the legs that use them, in turns of keeping.
const legsEvery = 5

// openTrunks has each trunk that this member owns keep, and the owner of each know which legs of ours use it.
func (h *House) openTrunks(ctx context.Context) error {
	legs := func(turn, known int) {
		if turn%legsEvery == 0 && known > 0 {
			h.tellTrunkLegs()
		}
	}
	h.beside(ctx, func(life context.Context) {
		h.keep(life, keeping{kind: "trunk", names: trunkNames, tell: &msg.TrunkKeep{}, also: legs})
	})
	return h.subscribe("trunks", func(*conf.Conf) {
		h.ingress.SetPolicy(h.ledger.Policy())
		h.applyEdge()
	})
}

// edgeSettings are the settings of the SIP edge, which lets trunks say who calls that are trusted to: from the addresses of the
// settings, and from those that their owners have found.
func (h *House) edgeSettings() conf.SIP {
	c := h.live.Conf()
	edge := c.SIP
	edge.Trusted = append(slices.Clone(edge.Trusted), c.Trunks.TrustedNetworks()...)
	for _, t := range c.Trunks.List {
		if !t.Trusted {
			continue
		}
		for _, a := range h.ingress.Learned(t.Name) {
			edge.Trusted = append(edge.Trusted, a.String())
		}
	}
	return edge
}

func trunkNames(c *conf.Conf) (names []string) {
	for _, t := range c.Trunks.List {
		names = append(names, t.Name)
	}
	return names
}

// tellTrunkLegs tells the owners of trunks which legs of this member use them.
func (h *House) tellTrunkLegs() {
	legs := map[string]*msg.TrunkLegs{}
	for _, row := range h.legs.Live() {
		r := row.Record
		if r.Trunk == "" || r.Ended != 0 || row.State == "ending" || r.Outgoing && r.Answered == 0 {
			continue
		}
		pid, err := h.member.Parse(r.Leg)
		if err != nil {
			continue
		}
		if legs[r.Trunk] == nil {
			legs[r.Trunk] = &msg.TrunkLegs{}
		}
		legs[r.Trunk].Legs = append(legs[r.Trunk].Legs, &msg.TrunkHeld{Leg: pid, Incoming: !r.Outgoing})
	}
	for name, all := range legs {
		_ = h.member.Tell("trunk", name, all) // the next one is as good
	}
}

// tellTrunk tells the owner of a trunk that a leg over it is over.
func (h *House) tellTrunk(r *msg.LegRecord) {
	if r.Trunk == "" {
		return
	}
	if err := h.member.Tell("trunk", r.Trunk, &msg.TrunkCall{Record: r}); err != nil {
		h.log.Debug("the figures of a trunk are short of a call", "trunk", r.Trunk, "err", err)
	}
}
