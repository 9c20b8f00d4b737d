package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/carrier"
	"tandem/actors/cluster/link"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/conf"
)

// society is what a member has of the others. That of a member that is alone is empty.
type society struct {
	gate       *gate
	peers      *peers
	crossed    crossed
	linkLimits link.Limits
	carrier    *carrier.Carrier
	pumps      sync.WaitGroup
	loop       *loop

	placement  atomic.Pointer[Placement]
	foreigners sync.Map      // actor id -> Foreign
	placed     atomic.Uint64 // actors that other members have made for this one
	homeless   atomic.Uint64 // placements that nobody took

	questions map[string]Question // fixed before the first other member, as all that follows
	answering chan struct{}
	hearers   []func(News)
	unheard   func(kind string, message proto.Message, err error)
	onControl func(is bool, epoch uint64)
	onFence   func(why string)
	onEvent   func(Event)
	onChange  func(*Society)
}

func (s *society) found(m *Member) {
	s.gate = &gate{m}
	s.peers = &peers{byBoot: map[uint32]*peer{}, byAddress: map[string]*peer{}}
	s.questions, s.answering = map[string]Question{}, make(chan struct{}, askAtOnce)
	s.placement.Store(&Placement{CallLegs: conf.Locally})
}

// alone tells whether the member has no way to others.
func (m *Member) alone() bool { return m.carrier == nil }

// Event is what happened to a member, as this one saw it.
type Event struct {
	At      time.Time
	Member  string
	Boot    uint32
	Address string
	From    string // state
	To      string
	Why     string
}

// Over tells whether that life of the member is over. One that is only lost may be alive behind a split, and what it
// holds with it.
func (e Event) Over() bool {
	return e.To == StateWord(msg.MemberState_DEAD) || e.To == StateWord(msg.MemberState_LEFT)
}

// Watching says who is told what. All are called on goroutines that must not wait, before the first other member.
type Watching struct {
	Control func(is bool, epoch uint64) // this member begins or ends to be the Controller
	Fence   func(why string)            // this member was declared dead: it must end
	Event   func(Event)
	Changed func(*Society) // a member's state or what it says of its part has changed
}

// Watch says who is told what.
func (m *Member) Watch(w Watching) {
	m.onControl, m.onFence, m.onEvent, m.onChange = w.Control, w.Fence, w.Event, w.Changed
}

// Self is what a member says of itself when it joins; see msg.Member.
type Self struct {
	Cluster  string // names the cluster
	Version  string
	StoreAt  string // where others reach the store that it keeps; empty: it keeps none
	Solution string // whose statistics alone it computes; empty: it belongs to none
}

// Join opens the way to other members, before the first actor is made, and begins to look for them. What this member
// does for others is for SetPlacement and Describe to say.
func (m *Member) Join(c conf.Cluster, s Security, self Self) error {
	m.linkLimits = link.Limits{Entries: c.MaxWaiting, Bytes: c.MaxWaitingBytes}
	record := &msg.Member{Name: m.name, Boot: m.boot, Address: c.Address, Version: self.Version, Cluster: self.Cluster,
		Started: time.Now().UnixMilli(), Store: self.StoreAt != "", StoreAt: self.StoreAt, Solution: self.Solution, CallLegs: m.placement.Load().CallLegs,
		Farm: conf.FarmDisabled}
	m.loop = newLoop(m, view.Options{Self: record, Heartbeat: c.Heartbeat, DeadAfter: c.DeadAfter, Seeds: c.Seeds}, c.Lease)
	m.Hears(func(n News) {
		if l, ok := n.(*msg.WillingList); ok {
			m.loop.tell(l)
		}
	})
	// Others may know the address from an earlier life: their words come as soon as it is open, so all that takes them
	// is there.
	err := m.openCarrier(c.Address, s)
	if err == nil {
		err = m.openHost()
	}
	if err != nil {
		close(m.loop.ended) // it never runs
		return err
	}
	go m.loop.run()
	m.carrier.Serve()
	return nil
}

// Lead begins to own names and to take part in the choice of the Controller.
func (m *Member) Lead(leases Leases) {
	if m.alone() {
		return
	}
	m.loop.must(lead{leases})
	m.loop.led.Store(true)
	m.loop.must(following{leases.Follow(func(l Lease) { m.loop.must(l) })})
}

// AwaitOwners waits until every name has an owner.
func (m *Member) AwaitOwners(ctx context.Context) error {
	if err := Until(ctx, loopTick, func() bool { return m.alone() || m.Society().owned() }); err != nil {
		return fmt.Errorf("names have no owner: can the store be written? %w", err)
	}
	return nil
}

func (s *Society) owned() bool {
	for n := range slot.Slot(slot.Slots) {
		if _, ok := s.Owners.Owner(n, time.Now()); !ok {
			return false
		}
	}
	return true
}

// Describe changes what this member says of itself. It may wait a little, so it is not for those who are told by Watch.
func (m *Member) Describe(change func(*msg.Member)) {
	if !m.alone() {
		m.loop.must(told{change})
	}
}

// Society is what this member knows of the cluster now; nil of a member that is alone.
func (m *Member) Society() *Society {
	if m.alone() {
		return nil
	}
	return m.loop.shown.Load()
}

// openHost makes the actor by which others ask for things.
func (m *Member) openHost() error {
	k := &kind{Kind: Kind{Name: hostKind, Keeps: true, Make: func() actor.Actor {
		return &hostActor{member: m, placements: newPlacements(m)}
	}}}
	if pid := m.make(k); pid.Id != m.hostPID().Id {
		return fmt.Errorf("cluster: host is %s", pid.Id)
	}
	m.system.ProcessRegistry.Add(process(m.onNews), newsProcess)
	m.board.listen()
	return nil
}

// choose picks a willing member that was not tried yet.
func (m *Member) choose(tried []string, random func(int) int) (boot uint32, ok bool) {
	s := m.Society()
	exclude := []uint32{m.boot}
	for _, r := range s.Rows {
		if p := m.peers.boot(r.Member.Boot); slices.Contains(tried, r.Member.Name) || p == nil || p.room() == ErrGone {
			exclude = append(exclude, r.Member.Boot)
		}
	}
	r, ok := view.Choose(s.Willing, s.Rows, exclude, random)
	if !ok {
		return 0, false
	}
	return r.Member.Boot, true
}

// admit lets messages pass to and from a life of another member.
func (m *Member) admit(name string, boot uint32, address string) {
	p := m.peers.boot(boot)
	if p == nil {
		p = m.newPeer(name, boot, address)
		m.peers.add(p)
	}
	p.admit()
}

// cut breaks the tie to a life of a member; it may come back.
func (m *Member) cut(boot uint32) {
	if p := m.peers.boot(boot); p != nil {
		p.close()
		m.board.lost(boot)
	}
}

// bury forgets a life of a member.
func (m *Member) bury(boot uint32) {
	if p := m.peers.boot(boot); p != nil {
		p.end()
		if m.peers.remove(p); m.peers.at(p.address) == nil {
			m.carrier.Forget(p.address) // who writes to it may wait for one that does not read any more
		}
		m.board.lost(boot)
	}
}

func (m *Member) noteEvent(r view.Row, e view.Changed, now time.Time) {
	if m.onEvent != nil {
		m.onEvent(Event{At: now, Member: r.Member.Name, Boot: r.Member.Boot, Address: r.Member.Address,
			From: StateWord(e.From), To: StateWord(r.State), Why: e.Why})
	}
}

func isRefusal(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// Times of a parting.
const (
	handOverTime = 2 * time.Second        // for the names that this member owns
	goodbyeTime  = 100 * time.Millisecond // for the word that it goes to get out
)

// HandOver gives the names that this member owns to others and takes none any more. What it does not get rid of in time
// others take when its lease is over.
func (m *Member) HandOver(ctx context.Context) {
	if m.alone() || !m.loop.led.Load() {
		return
	}
	m.loop.must(leaving{})
	ctx, cancel := context.WithTimeout(ctx, handOverTime)
	defer cancel()
	_ = Until(ctx, linkTick, func() bool { return m.Society().Left })
}

// leaveOthers closes what Join has opened, and tells the others that this member goes.
func (m *Member) leaveOthers() {
	if m.alone() {
		return
	}
	done := make(chan struct{})
	m.loop.leave <- done
	select {
	case <-done:
		time.Sleep(goodbyeTime)
	case <-m.loop.ended:
	}
	for _, p := range m.peers.all() {
		p.end()
	}
	m.carrier.Close()
	m.pumps.Wait()
	m.log.Debug("the way to other members is closed", slog.String("member", m.name))
}
