package slot

import (
	"slices"
	"time"
)

// Options describe a table.
type Options struct {
	Member  string        // our name
	Boot    uint32        // of this life
	Address string        // at which other members reach it
	Lease   time.Duration // conf.Cluster.Lease, the same on all members
}

// Table is what one member knows of all slots, and does about them. It is not safe for several goroutines: one of
// them owns it, and gives the others a Map. Every input carries the present time, which must not go backwards, and
// returns what is to be done.
type Table struct {
	me    Holder
	at    string // our address
	lone  bool
	limit times
	lease lease
	slots [Slots + 1]slot

	sessions map[string]session   // by member: the newest one in the watch
	heard    map[uint32]time.Time // by boot: since when its session counts
	dead     map[uint32]bool      // without doubt
	over     map[uint32]bool      // lives before ours, declared dead

	living []Holder // UP in the view
	plan   plan

	copied   bool      // all that was in the bucket at our start has been told
	had      bool      // the name was ours
	rivalled time.Time // since when another life at another address is known to have our name
	waitsFor uint32    // the one of which Held was said
	leaving  bool
	fenced   bool
	flying   int       // claims and releases in flight
	nextMove time.Time // no slot is moved for balance before
	out      []Effect
}

// session is the newest session of a member.
type session struct {
	boot     uint32
	address  string
	revision uint64
}

// New makes the table of a member that is not alone. Nothing is owned before the first renewal.
func New(o Options) *Table {
	t := &Table{me: Holder{o.Member, o.Boot}, at: o.Address, limit: timesOf(o.Lease), sessions: map[string]session{},
		heard: map[uint32]time.Time{}, dead: map[uint32]bool{}, over: map[uint32]bool{}}
	t.lease.limit = t.limit
	for i := range t.slots {
		t.slots[i].id = Slot(i)
	}
	return t
}

// Lone makes the table of a member that is alone: it owns everything for ever, under epoch 1, and asks for nothing.
func Lone(member string, boot uint32) *Table {
	return &Table{me: Holder{member, boot}, lone: true}
}

// Copied tells that all entries have been told that were in the bucket when we began to watch it. Our session is not
// written before, since the name may be another life's.
func (t *Table) Copied(now time.Time) []Effect {
	return t.input(now, func() { t.copied = true })
}

// Session tells that the watch showed a member's session. Each new revision says that this life of it was there.
func (t *Table) Session(member string, boot uint32, address string, revision uint64, now time.Time) []Effect {
	return t.input(now, func() {
		t.lease.see(revision)
		if old := t.sessions[member]; revision > old.revision {
			t.hear(boot, now)
			t.name(member, session{boot, address, revision}, now)
		}
	})
}

// noSession takes an entry that is no session any more, or none that can be read.
func (t *Table) noSession(member string, revision uint64, now time.Time) []Effect {
	return t.input(now, func() {
		t.lease.see(revision)
		if member == t.me.Member {
			t.lease.knows(revision, now)
		}
		if t.sessions[member].revision < revision {
			delete(t.sessions, member)
		}
	})
}

// Record tells that the watch showed a slot's record. A deleted one is held by nobody.
func (t *Table) Record(s Slot, h Holder, revision uint64, deleted bool, now time.Time) []Effect {
	return t.input(now, func() {
		if deleted {
			h = Holder{}
		}
		t.lease.see(revision)
		t.apply(s, h, revision, now)
	})
}

// Renewed reports on a Renew. Whether a write that failed is in the store after all does not matter. If its revision
// is known it did not fail.
func (t *Table) Renewed(serial uint64, ok bool, revision uint64, now time.Time) []Effect {
	return t.input(now, func() {
		if ok && revision > t.sessions[t.me.Member].revision {
			t.name(t.me.Member, session{t.me.Boot, t.at, revision}, now)
		}
		t.lease.renewed(serial, ok, revision, now)
	})
}

// Claimed reports on a Claim. A write that failed, or of which one does not know, may show itself in the watch later.
func (t *Table) Claimed(s Slot, ok bool, revision uint64, now time.Time) []Effect {
	return t.input(now, func() {
		p := t.slot(s)
		if p == nil {
			return
		}
		t.land(p)
		if ok {
			t.apply(s, t.me, revision, now)
			return
		}
		p.failed(now, t.limit)
	})
}

// HandedOver reports on a Release.
func (t *Table) HandedOver(s Slot, ok bool, revision uint64, now time.Time) []Effect {
	return t.input(now, func() {
		p := t.slot(s)
		if p == nil || p.state != giving {
			return
		}
		if ok {
			t.apply(s, p.to, revision, now)
		}
		t.given(p, ok, now)
	})
}

// Drained reports that nothing of a disowned slot acts any more. It is due for each Disown within Lease/3; after that
// the table goes on without it.
func (t *Table) Drained(s Slot, epoch uint64, now time.Time) []Effect {
	return t.input(now, func() {
		if p := t.slot(s); p != nil && p.state == draining && p.epoch == epoch {
			p.become(idle)
		}
	})
}

// Living tells who is UP in the view, ourselves or not.
func (t *Table) Living(all []Holder, now time.Time) []Effect {
	return t.input(now, func() {
		t.living = slices.DeleteFunc(slices.Clone(all), func(h Holder) bool { return h.Member == t.me.Member })
	})
}

// Surely tells that the process of a boot acts no more, without doubt: nobody listens at its address, or it said that
// it leaves, or a younger one has taken its place.
func (t *Table) Surely(boot uint32, now time.Time) []Effect {
	return t.input(now, func() {
		t.dead[boot] = true
		if boot == t.me.Boot {
			t.fence("it was declared dead", now)
		}
	})
}

// Over tells that an earlier life with our name was declared dead: its process may act yet, until it hears of that,
// but the name is free.
func (t *Table) Over(boot uint32, now time.Time) []Effect {
	return t.input(now, func() { t.over[boot] = true })
}

// Thawed tells that this process was frozen. Nothing acts until a renewal that begins now has succeeded. lost is time
// that the clock of now did not count, because the machine slept; 0 if only the process stood still.
func (t *Table) Thawed(lost time.Duration, now time.Time) []Effect {
	return t.input(now, func() { t.lease.thaw(max(lost, 0), now) })
}

// Leave gives everything away, in the order drain, hand over; nothing is claimed any more. See Left.
func (t *Table) Leave(now time.Time) []Effect {
	return t.input(now, func() {
		t.leaving = true
		others := slices.DeleteFunc(slices.Clone(t.plan.candidates), func(h Holder) bool { return h == t.me })
		t.planFor(others, now)
	})
}

// Left reports that nothing lives here any more and nothing is on its way. What nobody could take still names us.
func (t *Table) Left() bool {
	return t.lone || t.fenced || t.leaving && !slices.ContainsFunc(t.slots[:], func(s slot) bool {
		return s.state != idle || s.Holder == t.me && len(t.plan.candidates) > 0
	})
}

// Tick tells that time has passed; due each Lease/100 or more often.
func (t *Table) Tick(now time.Time) []Effect { return t.input(now, func() {}) }

// input takes one input and looks what follows from it, and from the time.
func (t *Table) input(now time.Time, take func()) []Effect {
	if t.lone {
		return nil
	}
	t.expire(now) // first: what was over before is over, whatever is told now
	take()
	t.expire(now)
	t.lease.watch(now)
	t.prune(now)
	if !t.fenced {
		t.replan(now)
		t.renew(now)
		for i := range t.slots {
			t.turn(&t.slots[i], now)
		}
	}
	out := t.out
	t.out = nil
	return out
}

func (t *Table) do(e Effect) { t.out = append(t.out, e) }

// slot finds a slot; nil: there is no such one.
func (t *Table) slot(s Slot) *slot {
	if s < 0 || int(s) >= len(t.slots) {
		return nil
	}
	return &t.slots[s]
}

// hear starts the clock of a life again.
func (t *Table) hear(boot uint32, now time.Time) { t.heard[boot] = now }

// apply takes a record, from the watch or as we wrote it.
func (t *Table) apply(s Slot, h Holder, revision uint64, now time.Time) {
	p := t.slot(s)
	if p == nil || revision <= p.revision {
		return
	}
	p.record = record{h, revision}
	p.vacant, p.retry, p.pause = time.Time{}, time.Time{}, 0
	if _, known := t.heard[h.Boot]; h == unreadable || h != (Holder{}) && !known {
		t.hear(h.Boot, now) // its session is not there; it gets a whole lease to show itself
	}
}

// renew writes our session when it is due and the name is not another life's.
func (t *Table) renew(now time.Time) {
	if t.copied && !t.rival(now) && t.lease.begin(now) {
		t.do(Renew{t.lease.serial, t.lease.newest})
	}
}

// expire ends everything that we own when our row of renewals is broken.
func (t *Table) expire(now time.Time) {
	if t.lease.lapse(now) {
		t.disownAll(Lapsed, now)
	}
}

// fence ends this life.
func (t *Table) fence(why string, now time.Time) {
	if t.fenced {
		return
	}
	t.fenced = true
	t.lease.row = 0
	t.disownAll(Fenced, now)
	t.do(Fence{why})
}

// may reports that we may act as owner.
func (t *Table) may(now time.Time) bool { return !t.fenced && t.lease.valid(now) }

// prune forgets lives that nothing names any more, when there are too many.
func (t *Table) prune(now time.Time) {
	if len(t.heard)+len(t.dead)+len(t.over) <= maxBoots {
		return
	}
	named := map[uint32]bool{t.me.Boot: true}
	for _, s := range t.sessions {
		named[s.boot] = true
	}
	for i := range t.slots {
		named[t.slots[i].Boot] = true
	}
	for _, h := range t.living {
		named[h.Boot] = true
	}
	for boot, at := range t.heard {
		if !named[boot] && now.Sub(at) > t.limit.lease {
			delete(t.heard, boot)
		}
	}
	for _, ended := range []map[uint32]bool{t.dead, t.over} {
		for boot := range ended {
			if _, lately := t.heard[boot]; !named[boot] && !lately {
				delete(ended, boot)
			}
		}
	}
}
