package actors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/cluster/trust"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/sip/farm"
)

// openTrust gives a member that works with others its certificate: the one it has, or that of the cluster it joins,
// or of one that it founds.
func (h *House) openTrust(ctx context.Context) error {
	identity, how, err := trust.Settle(ctx, h.live.Conf())
	if err != nil || identity == nil {
		return err
	}
	h.identity = identity
	h.log.Info("member of a cluster", "cluster", identity.Cluster(), "certificate", how)
	return nil
}

// security is what the store knows other members by; nil for a member that is alone.
func (h *House) security() *store.Security {
	if h.identity == nil {
		return nil
	}
	return &store.Security{Member: h.live.Conf().Member.Name, Cluster: h.identity.Cluster(),
		Server: h.identity.Server(), Client: h.identity.Client()}
}

// others are the settings of cluster and store, with the addresses that this member has learned when it joined.
func (h *House) others() (conf.Cluster, conf.Store) {
	c := h.live.Conf()
	if h.identity == nil {
		return c.Cluster, c.Store
	}
	return h.identity.Neighbours().Fill(c.Cluster, c.Store)
}

// authorityKey is where the key of the cluster's authority lies in the bucket of settings, so that any member can let
// others in: see package trust for what that means.
const authorityKey = "cluster.authority"

// shareAuthority gives the key of the authority to the other members, or takes it from them.
func (h *House) shareAuthority(ctx context.Context) error {
	if h.identity == nil {
		return nil
	}
	settings := h.store.Bucket(store.Settings)
	if e, ok := settings.Get(authorityKey); ok {
		return h.identity.OpenKey(e.Value)
	}
	sealed, err := h.identity.SealKey()
	if errors.Is(err, trust.ErrNoKey) {
		return nil // its founder has not been here yet
	}
	if err != nil {
		return err
	}
	absent := uint64(0)
	_, err = settings.Put(ctx, authorityKey, sealed, store.Write{Expect: &absent, Author: "member", Reason: "first start"})
	if errors.Is(err, store.ErrConflict) {
		return nil // another one was quicker, with the same key
	}
	return err
}

// openEntrance lets new members in by tickets.
func (h *House) openEntrance(context.Context) error {
	if h.identity == nil {
		return nil
	}
	issuer, err := trust.NewIssuer(h.identity, trust.Office{Taken: h.lives, Neighbours: h.neighbours})
	if err != nil {
		return err
	}
	h.entrance = &entrance{issuer: issuer, log: h.log, at: func() string {
		host, _, _ := net.SplitHostPort(h.live.Conf().Cluster.Address) // conf has checked it
		return net.JoinHostPort(host, strconv.Itoa(h.web.Ports()["http"]))
	}}
	return nil
}

// renewCertificate makes a new certificate when two thirds of the old one's life are over.
func (h *House) renewCertificate() {
	if h.identity == nil {
		return
	}
	if renewed, err := h.identity.Renew(); err != nil {
		h.log.Error("the certificate of this member is not renewed: members will refuse it when it is over", "err", err)
	} else if renewed {
		h.log.Info("the certificate of this member is renewed")
	}
}

// lives tells whether a member of that name lives.
func (h *House) lives(name string) bool {
	r, ok := h.member.Society().Rows.ByName(name)
	return ok && r.Up()
}

// neighbours are the members that live, as one that comes later should know them.
func (h *House) neighbours() (n trust.Neighbours) {
	for _, r := range h.member.Society().Rows {
		if !r.Up() {
			continue
		}
		n.Seeds = append(n.Seeds, r.Member.Address)
		if r.Member.StoreAt != "" {
			n.Store = append(n.Store, r.Member.StoreAt)
		}
	}
	return n
}

// joinOthers opens the way to other members, before any actor lives here.
func (h *House) joinOthers() error {
	if h.identity == nil {
		return nil
	}
	c, s := h.others()
	h.chronicle = &desk.Chronicle{Self: h.Name(), Publish: h.member.Publish}
	h.member.Hears(h.chronicle.Hear)
	h.answerOthers()
	h.member.Watch(cluster.Watching{Fence: h.fenced, Changed: h.othersChanged, Event: h.onMember,
		Control: func(is bool, _ uint64) { h.closing.control(is) }})
	h.member.Hears(h.directory.Hear)
	h.member.Hears(h.hearTrunks)
	h.member.Hears(h.hearKeylamps)
	h.member.Unheard(h.ingress.Unheard)
	err := h.member.Join(c, cluster.Security{Server: h.identity.Server(), Client: h.identity.Client()},
		cluster.Self{Cluster: h.identity.Cluster(), Version: h.version, StoreAt: s.Listen, Solution: h.live.Conf().Stat.Solution})
	if err != nil {
		return err
	}
	h.stored.Lives(h.lives)
	h.store.Files().SweepIf(h.leads)
	h.followRegistrations()
	h.member.Lead(leases{h.store.Bucket(store.Leases), h.store})
	return h.subscribe("cluster", func(c *conf.Conf) {
		if h.edge.Load() != nil { // else it is said when the edge is there
			h.offer(c.Cluster)
		}
	})
}

// offer says what this member does for others, and what they are to do for it: not before its edge can be used by legs.
func (h *House) offer(c conf.Cluster) {
	h.member.SetPlacement(cluster.Placement{CallLegs: c.CallLegs, Fallback: c.Fallback})
	h.member.Describe(func(m *msg.Member) { m.CallLegs, m.Farm = c.CallLegs, c.Farm })
}

// A member that keeps the store stays for others that stop at the same time: their last records need it.
const (
	partingMost = goodbye + lastRecords + 200*time.Millisecond // for calls that end slowly there
	parting     = 500 * time.Millisecond                       // for the records of the last one
)

// awaitOthersRecords leaves time to write for members that stop together with this one.
func (h *House) awaitOthersRecords(ctx context.Context) {
	if h.member.Society() == nil || h.live.Conf().Store.Listen == "" {
		return
	}
	if together, _ := h.stopping(); !together {
		return
	}
	slow, cancel := context.WithTimeout(ctx, partingMost)
	defer cancel()
	if cluster.Until(slow, 50*time.Millisecond, func() bool { _, calls := h.stopping(); return !calls }) != nil {
		return
	}
	select {
	case <-time.After(parting):
	case <-ctx.Done():
	}
}

// stopping tells whether other members stop too, and whether one of those has calls yet.
func (h *House) stopping() (together, calls bool) {
	for _, r := range h.member.Society().Rows {
		if !r.Self && r.Up() && r.Member.Draining {
			together = true
			calls = calls || r.Member.Legs > 0
		}
	}
	return together, calls
}

// othersChanged follows what matters to the SIP edge. It is told at each change of the cluster.
func (h *House) othersChanged(s *cluster.Society) {
	server := h.edge.Load()
	if server == nil {
		return // it begins with what is known then
	}
	server.SetFarm(h.farmView(s))
	if n := h.neighbours(); len(n.Seeds) > 1 {
		h.aside(func() {
			if err := h.identity.Remember(n); err != nil {
				h.log.Warn("the addresses of the other members are not kept", "err", err)
			}
		})
	}
}

// onMember hears what happens to other members.
func (h *House) onMember(e cluster.Event) {
	h.closing.nudge()
	h.chronicle.Saw(e)
	if e.Over() {
		h.aside(func() { h.ingress.MemberLost(e.Member) })
	}
}

// leads tells whether this member is the Controller, and alone does what one of all members must do.
func (h *House) leads() bool {
	s := h.member.Society()
	return s == nil || s.Controller.Mine
}

// ownersTime is how long a start waits for every name to have an owner.
const ownersTime = 20 * time.Second

// awaitOthers tells the others where this member is heard, and waits until names have owners: from then on a REGISTER
// is taken. Without a store that can be written the member starts all the same, and takes calls.
func (h *House) awaitOthers(ctx context.Context) error {
	h.edge.Store(h.sip)
	h.applyEdge() // what trunks have found since the edge was made
	if h.identity == nil {
		return nil
	}
	h.member.Describe(h.whereHeard)
	h.offer(h.live.Conf().Cluster)
	h.othersChanged(h.member.Society())
	ctx, cancel := context.WithTimeout(ctx, ownersTime)
	defer cancel()
	if err := h.member.AwaitOwners(ctx); err != nil {
		h.log.Warn("starting without owners of names: registrations are refused until there are some", "err", err)
	}
	return nil
}

// whereHeard are the listeners that other members know of.
func (h *House) whereHeard(m *msg.Member) {
	c := h.live.Conf()
	if ports := h.web.Ports(); len(c.HTTP.Bind) > 0 {
		m.Http = net.JoinHostPort(c.HTTP.Bind[0], strconv.Itoa(ports["http"]))
	}
	m.Sip = nil
	for _, host := range c.SIP.Bind {
		m.Sip = append(m.Sip, net.JoinHostPort(host, strconv.Itoa(h.sip.Ports().UDP)))
	}
}

// errFenced ends a process whose member others have declared dead: it comes back as another life.
var errFenced = errors.New("other members have declared this one dead; it must start again")

// fenced lets the calls that are here end by themselves for a while, and then ends the process. The others say it, or
// what they have written does, whichever comes first.
func (h *House) fenced(why string) {
	h.fence.Do(func() { h.endLife(why) })
}

func (h *House) endLife(why string) {
	h.log.Error("this member was declared dead by others: it gives up what it owns and ends", "because", why)
	h.drainForGood("others have declared it dead", h.live.Conf().Cluster.FenceDrain)
	h.keeper.Over()
	h.aside(func() {
		h.awaitLegs(context.Background(), h.live.Conf().Cluster.FenceDrain)
		h.fail(fmt.Errorf("%w: %s", errFenced, why))
	})
}

// leases is the bucket of leases as the members see it.
type leases struct {
	bucket *store.Bucket
	store  *store.Store
}

// Written implements cluster.Leases.
func (l leases) Written() time.Time { return l.store.Written() }

// Put implements cluster.Leases.
func (l leases) Put(ctx context.Context, key string, value []byte, expect *uint64) (uint64, error) {
	return l.bucket.Put(ctx, key, value, store.Write{Expect: expect})
}

// Follow implements cluster.Leases. What comes twice is known by its revision.
func (l leases) Follow(f func(cluster.Lease)) (stop func()) {
	tell := func(e store.Entry) {
		f(cluster.Lease{Key: e.Key, Value: e.Value, Revision: e.Revision, Deleted: e.Deleted})
	}
	stop = l.bucket.Watch(tell)
	l.bucket.Range("", func(e store.Entry) bool { tell(e); return true })
	return stop
}

// joinFarm makes the SIP edge one of several: it passes on what another member is to process, and takes what others
// have received.
func (h *House) joinFarm() {
	if h.identity == nil {
		return
	}
	h.ingress.SetRemote(func(member string, serial uint64) *actor.PID {
		pid, _ := h.member.Remote(member, "edge", serial)
		return pid
	})
	h.sip.Join(h.member.BootTag(), h.ingress)
}

// farmView is the farm as this member sees the others now.
func (h *House) farmView(s *cluster.Society) *farm.View {
	var members []farm.Member
	for _, r := range s.Rows {
		m := r.Member
		role := farm.RoleOf(m.Farm, m.CallLegs)
		if m.Draining && role == farm.Share {
			role = farm.Relay
		}
		members = append(members, farm.Member{Name: m.Name, Boot: m.Boot, Role: role, Living: r.Up(), Addresses: m.Sip})
	}
	return farm.NewView(h.member.Name(), members, h.member.BootOf)
}
