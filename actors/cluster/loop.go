package cluster

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"tandem/actors/cluster/carrier"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
)

// Times and limits of the loop.
const (
	loopTick   = 50 * time.Millisecond
	loopInputs = 4096 // that wait; what members say beyond it is lost, as on a network
	loopBatch  = 64   // taken before what is known is shown
	probeTime  = 250 * time.Millisecond
	probePause = 20 * time.Millisecond // between the first two of several probes; it doubles
	probeMost  = time.Second           // the longest pause
)

// Lease is one entry of the bucket of leases.
type Lease struct {
	Key      string
	Value    []byte
	Revision uint64
	Deleted  bool
}

// Leases is the bucket of leases. Its writes may wait, each on a goroutine of its own.
type Leases interface {
	// Put writes a key, by compare-and-set where expect is given. A revision other than 0 has been written, whatever
	// the error says.
	Put(ctx context.Context, key string, value []byte, expect *uint64) (revision uint64, err error)
	// Follow tells what is there, and then each change, in the order of the revisions.
	Follow(f func(Lease)) (stop func())
	// Written is when the last write began that was acknowledged, this member's or the store's own.
	Written() time.Time
}

// Society is what a member knows of the cluster at one moment. It is never changed.
type Society struct {
	Rows       view.Rows
	Willing    *msg.WillingList // as the Controller has distributed it; nil before the first
	Owners     *slot.Map
	Quorum     bool // the store can be written from here
	Left       bool // this member owns nothing any more and will not again
	Controller slot.Owner
	At         time.Time
}

// loop is the one goroutine that thinks about members and leases.
type loop struct {
	member  *Member
	address string // at which others reach it
	view    *view.View
	table   *slot.Table
	leases  Leases
	led     atomic.Bool // there are leases
	lease   time.Duration
	// quorumFor is how long a write of the store proves that it can be written from here: less than it takes to find
	// somebody dead, or a few members that are cut off could declare all others so.
	quorumFor time.Duration
	list      view.List
	lists     *view.Lists // while this member is the Controller
	inputs    chan any
	quorum    bool
	fenced    bool
	parts     []part // as they were last told
	stop      func() // following the leases
	shown     atomic.Pointer[Society]
	ended     chan struct{}
	leave     chan chan struct{}
	crash     chan struct{} // closed: end without a word
}

// What the loop is told.
type (
	broke   struct{ address string }
	refused struct {
		address string
		boot    uint32
	}
	told      struct{ change func(*msg.Member) }
	lead      struct{ leases Leases }
	following struct{ stop func() } // the leases are followed, and what was there has been told
	leaving   struct{}              // names are handed over, for this member goes
	renewed   struct {
		serial, revision uint64
		ok               bool
	}
	claimed struct {
		slot     slot.Slot
		ok       bool
		revision uint64
		given    bool // to another one
	}
	drained struct {
		slot  slot.Slot
		epoch uint64
	}
)

func newLoop(m *Member, o view.Options, lease time.Duration) *loop {
	l := &loop{member: m, address: o.Self.Address, view: view.New(o, time.Now()), lease: lease,
		quorumFor: o.DeadAfter * 4 / 5,
		table:     slot.New(slot.Options{Member: m.name, Boot: m.boot, Address: o.Self.Address, Lease: lease}),
		inputs:    make(chan any, loopInputs), ended: make(chan struct{}), leave: make(chan chan struct{}, 1), crash: make(chan struct{})}
	l.show(time.Now())
	return l
}

// tell puts an input before the loop; one that finds no room is lost. It is for what comes again: heartbeats bring what
// a lost one said, find who has left or whose connection broke, and have the list of willing members sent once more.
func (l *loop) tell(input any) {
	select {
	case l.inputs <- input:
	default:
	}
}

// must is tell for what must not be lost: it waits, unless the loop has ended.
func (l *loop) must(input any) {
	select {
	case l.inputs <- input:
	case <-l.ended:
	}
}

func (l *loop) run() {
	defer close(l.ended)
	tick := time.NewTicker(loopTick)
	defer tick.Stop()
	for {
		select {
		case in := <-l.inputs:
			l.take(in, time.Now())
			l.takeMore()
		case <-tick.C:
			l.tick(time.Now())
		case <-l.crash:
			return
		case done := <-l.leave:
			l.goodbye(time.Now())
			close(done)
			return
		}
		l.show(time.Now())
	}
}

// takeMore takes what else waits, some of it, so that it is shown together.
func (l *loop) takeMore() {
	for range loopBatch {
		select {
		case in := <-l.inputs:
			l.take(in, time.Now())
		default:
			return
		}
	}
}

// take takes one input.
func (l *loop) take(in any, now time.Time) {
	switch in := in.(type) {
	case *msg.Heartbeat:
		l.perform(l.view.Heard(in, now), now)
	case *msg.MemberLeaves:
		l.perform(l.view.Left(in, now), now)
	case *msg.WillingList:
		l.know(in)
	case broke:
		l.perform(l.view.Broke(in.address, now), now)
	case refused:
		l.perform(l.view.Refused(in.address, in.boot, now), now)
	case told:
		l.view.Update(in.change)
	case lead:
		l.leases = in.leases
		l.own(l.table.Living(living(l.view.Rows()), now))
	case following:
		l.stop = in.stop
		l.own(l.table.Copied(now))
	case Lease:
		effects, _ := l.table.Entry(in.Key, in.Value, in.Revision, in.Deleted, now)
		l.own(effects)
	case renewed:
		l.own(l.table.Renewed(in.serial, in.ok, in.revision, now))
	case claimed:
		if in.given {
			l.own(l.table.HandedOver(in.slot, in.ok, in.revision, now))
		} else {
			l.own(l.table.Claimed(in.slot, in.ok, in.revision, now))
		}
	case drained:
		l.own(l.table.Drained(in.slot, in.epoch, now))
	case leaving:
		l.own(l.table.Leave(now))
	}
}

// tick does what time brings.
func (l *loop) tick(now time.Time) {
	l.perform(l.view.Tick(now), now)
	if has := l.leases != nil && now.Sub(l.leases.Written()) < l.quorumFor; has != l.quorum {
		l.quorum = has
		l.perform(l.view.Quorum(has, now), now)
	}
	rows := l.view.Rows()
	if l.leases != nil {
		l.own(l.table.Living(living(rows), now))
		l.own(l.table.Tick(now))
	}
	l.control(rows, now)
}

// living are the members that are up, for the question who should own what.
func living(rows view.Rows) []slot.Holder {
	var out []slot.Holder
	for _, r := range rows {
		if r.Up() && !r.Member.Draining {
			out = append(out, slot.Holder{Member: r.Member.Name, Boot: r.Member.Boot})
		}
	}
	return out
}

// perform does what the view wants.
func (l *loop) perform(effects []view.Effect, now time.Time) {
	m := l.member
	for _, e := range effects {
		switch e := e.(type) {
		case view.Beat:
			m.beat(e.Address, carrier.Beat, e.Heartbeat)
		case view.Goodbye:
			m.beat(e.Address, carrier.Leave, e.Leaves)
		case view.Changed:
			l.changed(e, now)
		case view.Cut:
			m.cut(e.Boot)
			m.log.Warn("tie to a member is cut", "address", e.Address, "because", e.Why)
		case view.Fence:
			l.fence(e.Why)
		case view.Inherits:
			l.own(l.table.Over(e.Boot, now))
		case view.Thawed:
			m.log.Warn("this process has stood still: what it owned is validated anew", "for", e.Gap)
			l.own(l.table.Thawed(0, now)) // the gap is by a clock that the table's times are of, too
			l.quorum = false              // said anew with the next tick, if it is so
		case view.Stranger:
			m.log.Warn("a stranger is refused", "name", e.Member.GetName(), "address", e.Member.GetAddress(), "because", e.Why)
		}
	}
}

// changed follows a member's state with the tie to it.
func (l *loop) changed(e view.Changed, now time.Time) {
	m, r := l.member, e.Row
	level := slog.LevelInfo
	switch r.State {
	case msg.MemberState_UP, msg.MemberState_JOINING:
		m.admit(r.Member.Name, r.Member.Boot, r.Member.Address)
	case msg.MemberState_SUSPECT:
		level = slog.LevelWarn
		if p := m.peers.boot(r.Member.Boot); p != nil {
			p.doubt()
			m.Send(m.hostPID(), &doubted{p.boot})
		}
		go l.probe(r.Member.Address, r.Member.Boot)
	case msg.MemberState_DEAD, msg.MemberState_LEFT, msg.MemberState_LOST:
		level = slog.LevelWarn
		if r.State != msg.MemberState_LOST {
			m.bury(r.Member.Boot)
		}
		if r.Sure && l.leases != nil {
			l.own(l.table.Surely(r.Member.Boot, now))
		}
	}
	m.log.Log(context.Background(), level, "member "+StateWord(r.State), "name", r.Member.Name,
		"address", r.Member.Address, "was", StateWord(e.From), "because", e.Why)
	m.noteEvent(r, e, now)
}

// probe finds out whether anybody listens at the address of a member whose connection broke. A refusal is the word of
// the machine that nobody does: the process is dead. Silence says nothing. A process that is being ended may have its
// listener yet when its connections are closed, so it is asked several times, until the member is heard of again.
func (l *loop) probe(address string, boot uint32) {
	for pause := probePause; ; pause *= 2 {
		conn, err := net.DialTimeout("tcp", address, probeTime)
		if err == nil {
			_ = conn.Close()
		}
		if isRefusal(err) {
			l.must(refused{address, boot})
			return
		}
		if pause > probeMost || !l.doubts(boot, pause) {
			return
		}
	}
}

// doubts waits for a while and tells whether a member is still suspect then.
func (l *loop) doubts(boot uint32, pause time.Duration) bool {
	select {
	case <-time.After(pause):
	case <-l.ended:
		return false
	}
	r, ok := l.shown.Load().Rows.ByBoot(boot)
	return ok && r.State == msg.MemberState_SUSPECT
}

// own does what the table wants.
func (l *loop) own(effects []slot.Effect) {
	m := l.member
	for _, e := range effects {
		switch e := e.(type) {
		case slot.Renew:
			go l.renew(e)
		case slot.Claim:
			go l.write(e.Slot, slot.Holder{Member: m.name, Boot: m.boot}, e.Expect, false)
		case slot.Release:
			go l.write(e.Slot, e.To, e.Expect, true)
		case slot.Own:
			m.log.Debug("names are owned", "slot", e.Slot.String(), "epoch", e.Epoch)
			l.controlling(e.Slot, e.Epoch, true)
		case slot.Disown:
			m.log.Debug("names are given up", "slot", e.Slot.String(), "epoch", e.Epoch, "because", e.Why.String())
			l.controlling(e.Slot, e.Epoch, false)
			l.show(time.Now()) // before its actors are put away, so that none is made anew
			go func() {
				m.putAwaySlot(e.Slot)
				l.must(drained{e.Slot, e.Epoch})
			}()
		case slot.Named:
			l.view.Named(e.Member, e.Boot)
		case slot.Held:
			m.log.Warn("another life has the name of this member: nothing is owned here until that one is over",
				"address", e.Address, "boot", slot.BootText(e.Boot))
		case slot.Fence:
			l.fence(e.Why)
		}
	}
}

func (l *loop) renew(r slot.Renew) {
	ctx, cancel := context.WithTimeout(context.Background(), slot.WriteLimit(l.lease))
	defer cancel()
	m := l.member
	revision, err := l.leases.Put(ctx, slot.SessionKey(m.name), slot.SessionValue(m.boot, l.address), &r.Expect)
	if err != nil && revision == 0 {
		m.log.Debug("session is not renewed", "err", err)
	}
	l.must(renewed{r.Serial, revision, err == nil || revision != 0})
}

func (l *loop) write(s slot.Slot, h slot.Holder, expect uint64, given bool) {
	ctx, cancel := context.WithTimeout(context.Background(), slot.WriteLimit(l.lease))
	defer cancel()
	revision, err := l.leases.Put(ctx, s.Key(), slot.HolderValue(h), &expect)
	l.must(claimed{s, err == nil || revision != 0, revision, given})
}

// controlling begins or ends the part of the Controller.
func (l *loop) controlling(s slot.Slot, epoch uint64, is bool) {
	if s != slot.Controller {
		return
	}
	if l.lists = nil; is {
		l.lists = view.NewLists(l.member.name, epoch)
	}
	l.member.log.Info("Controller", "here", is, "epoch", epoch)
	if f := l.member.onControl; f != nil {
		f(is, epoch) // here, so that the last word is the true one
	}
}

// control does what the Controller does: all members know who is willing to make call legs for others.
func (l *loop) control(rows view.Rows, now time.Time) {
	if l.lists == nil {
		return
	}
	if o, ok := l.table.Owner(slot.Controller, now); !ok || !o.Mine {
		return
	}
	list, changed := l.lists.Make(rows)
	if changed {
		l.know(list)
		l.member.Publish(list)
		return
	}
	for _, r := range l.lists.Behind(rows) {
		if p := l.member.peers.boot(r.Member.Boot); p != nil && now.Sub(p.listed) > time.Second {
			p.listed = now
			l.member.Send(l.member.newsOf(p), list)
		}
	}
}

// know goes by a list of willing members, if it is newer, and says so in the heartbeats.
func (l *loop) know(list *msg.WillingList) {
	if l.list.Take(list) {
		l.view.Update(func(self *msg.Member) { self.ListEpoch, self.ListVersion = list.Epoch, list.Version })
	}
}

// fence ends this life: others have declared the member dead. Its names are given up at once; what goes on here may
// end in peace, and then the process must go.
func (l *loop) fence(why string) {
	if l.fenced {
		return
	}
	l.fenced = true
	m := l.member
	l.own(l.table.Surely(m.boot, time.Now()))
	if m.onFence != nil {
		go m.onFence(why)
	}
}

// goodbye tells the others that this member goes.
func (l *loop) goodbye(now time.Time) {
	if l.stop != nil {
		l.stop()
	}
	l.perform(l.view.Leave(now), now)
	l.show(now)
}

// show publishes what the loop knows to all other goroutines.
func (l *loop) show(now time.Time) {
	controller, _ := l.table.Owner(slot.Controller, now)
	rows := l.view.Rows()
	society := &Society{Rows: rows, Willing: l.list.Known(), Owners: l.table.Map(now), Quorum: l.quorum, Left: l.table.Left(),
		Controller: controller, At: now}
	if old := l.shown.Swap(society); old != nil && !old.Owners.Same(society.Owners) {
		l.member.board.nudge()
	}
	if parts := partsOf(rows); l.member.onChange != nil && !slices.Equal(parts, l.parts) {
		l.parts = parts
		l.member.onChange(society)
	}
}

// part is what others must hear of at once when it changes.
type part struct {
	name, farm, callLegs, sip string
	boot                      uint32
	up, draining              bool
}

func partsOf(rows view.Rows) []part {
	out := make([]part, len(rows))
	for i, r := range rows {
		m := r.Member
		out[i] = part{m.Name, m.Farm, m.CallLegs, strings.Join(m.Sip, " "), m.Boot, r.Up(), m.Draining}
	}
	return out
}

var stateWords = map[msg.MemberState]string{
	msg.MemberState_JOINING: "joining", msg.MemberState_UP: "up", msg.MemberState_SUSPECT: "suspect",
	msg.MemberState_LOST: "lost", msg.MemberState_DEAD: "dead", msg.MemberState_LEFT: "left",
}

// StateWord is a member's state as logs, pages and metrics name it; "" of one that is none.
func StateWord(s msg.MemberState) string { return stateWords[s] }
