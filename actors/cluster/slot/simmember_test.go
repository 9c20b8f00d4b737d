package slot

import (
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// simMember is one member; what belongs to one life is made anew by start.
type simMember struct {
	*sim
	name    string
	address string
	life    int // of which timers and answers are
	alive   bool
	stays   bool // it has no life after this one
	unseen  bool // by the view of others
	boot    uint32
	table   *Table

	rate float64       // of its clock
	set  time.Duration // what its clock showed at true time 0
	lost time.Duration // that its clock did not count

	cut, deaf, mute, slow, hidden time.Duration // until then, in true time
	paused                        bool
	inbox                         []func()  // what came while it was paused
	backlog                       []revised // what its watch has to show

	open [Slots + 1]*interval
}

// start begins a new life: with a copy of the store, then its watch.
func (m *simMember) start() {
	m.life++
	m.boots++
	m.alive, m.paused, m.boot = true, false, m.boots
	m.rate, m.set, m.lost = 0.99+0.02*m.Float64(), m.upTo(time.Hour), 0
	m.inbox, m.backlog = nil, nil
	m.table = New(Options{Member: m.name, Boot: m.boot, Address: m.address, Lease: leaseTime})
	m.table.limit, m.table.lease.limit = m.limit, m.limit
	for _, key := range slices.Sorted(maps.Keys(m.newest)) {
		m.show(m.newest[key])
	}
	m.feed(m.table.Copied(m.local()))
	m.tick(m.life)
	m.look(m.life)
}

// local is what its clock shows.
func (m *simMember) local() time.Time {
	return noon.Add(m.set + time.Duration(float64(m.now-m.lost)*m.rate))
}

// trueTime is when its clock will show that, if it does not stop.
func (m *simMember) trueTime(local time.Time) time.Duration {
	return m.now + time.Duration(math.Ceil(float64(local.Sub(m.local()))/m.rate))
}

// localAfter calls something later in this life.
func (m *simMember) localAfter(d time.Duration, do func()) {
	life := m.life
	m.after(d, func() { m.inLife(life, do) })
}

// inLife does something if that life lasts, now or when it is not paused any more.
func (m *simMember) inLife(life int, do func()) {
	switch {
	case !m.alive || m.life != life:
	case m.paused:
		m.inbox = append(m.inbox, func() { m.inLife(life, do) })
	default:
		do()
	}
}

// feed gives the table an input, keeps account of what it owns, and performs the effects.
func (m *simMember) feed(effects []Effect) {
	m.account()
	for _, e := range effects {
		m.perform(e)
	}
}

func (m *simMember) perform(e Effect) {
	me, life := Holder{m.name, m.boot}, m.life
	back := func(report func(bool, uint64) []Effect) func(bool, uint64) {
		return func(ok bool, revision uint64) { m.inLife(life, func() { m.feed(report(ok, revision)) }) }
	}
	switch e := e.(type) {
	case Renew:
		m.write(m, SessionKey(m.name), me, e.Expect, back(func(ok bool, r uint64) []Effect {
			return m.table.Renewed(e.Serial, ok, r, m.local())
		}))
	case Claim:
		m.write(m, e.Slot.Key(), me, e.Expect, back(func(ok bool, r uint64) []Effect {
			return m.table.Claimed(e.Slot, ok, r, m.local())
		}))
	case Release:
		m.write(m, e.Slot.Key(), e.To, e.Expect, back(func(ok bool, r uint64) []Effect {
			return m.table.HandedOver(e.Slot, ok, r, m.local())
		}))
	case Disown:
		if !m.chance(0.02) {
			m.localAfter(m.upTo(300*time.Millisecond), func() { m.feed(m.table.Drained(e.Slot, e.Epoch, m.local())) })
		}
	case Fence:
		m.kill()
		if !m.stays {
			m.after(m.upTo(3*time.Second), m.restart)
		}
	}
}

func (m *simMember) tick(life int) {
	m.inLife(life, func() {
		m.feed(m.table.Tick(m.local()))
		m.after(120*time.Millisecond, func() { m.tick(life) })
	})
}

// look is the view: who lives, nearly rightly.
func (m *simMember) look(life int) {
	m.inLife(life, func() {
		var up []Holder
		for _, o := range m.members {
			if o.alive && (o == m || !o.unseen && !o.paused && m.now >= o.hidden) {
				up = append(up, Holder{o.name, o.boot})
			}
		}
		m.feed(m.table.Living(up, m.local()))
		m.after(500*time.Millisecond, func() { m.look(life) })
	})
}

// kill ends a life. Others may get to know that for sure.
func (m *simMember) kill() {
	if !m.alive {
		return
	}
	m.alive, m.paused = false, false
	for s := range m.open {
		m.close(Slot(s), m.now)
	}
	boot := m.boot
	for _, o := range m.members {
		if o != m && m.chance(0.5) {
			o.surely(boot, 500*time.Millisecond+m.upTo(2*time.Second))
		}
	}
}

func (m *simMember) surely(boot uint32, after time.Duration) {
	m.localAfter(after, func() { m.feed(m.table.Surely(boot, m.local())) })
}

// restart begins a new life, of which the others see that the old one is over.
func (m *simMember) restart() {
	if m.alive {
		return
	}
	old := m.boot
	m.start()
	for _, o := range m.members {
		if m.chance(0.7) {
			o.surely(old, m.upTo(time.Second))
		}
	}
}

// leave goes in order, or not at all within 10 s.
func (m *simMember) leave() {
	if !m.alive {
		return
	}
	life, last := m.life, m.now+10*time.Second
	var wait func()
	wait = func() {
		if m.table.Left() || m.now > last {
			m.kill()
			return
		}
		m.after(100*time.Millisecond, func() { m.inLife(life, wait) })
	}
	m.inLife(life, func() {
		m.feed(m.table.Leave(m.local()))
		wait()
	})
}

// pause stops the process; with its clock, if the whole machine sleeps.
func (m *simMember) pause(d time.Duration, sleeps bool) {
	if !m.alive || m.paused {
		return
	}
	m.paused = true
	if sleeps {
		for s := range m.open {
			m.close(Slot(s), m.now)
		}
	}
	life := m.life
	m.after(d, func() {
		if !m.alive || m.life != life {
			return
		}
		m.paused = false
		switch {
		case sleeps:
			m.lost += d
			m.feed(m.table.Thawed(d, m.local()))
		case d > 1250*time.Millisecond:
			m.feed(m.table.Thawed(0, m.local()))
		}
		inbox := m.inbox
		m.inbox = nil
		for _, do := range inbox {
			do()
		}
	})
}

// delay is one way between the member and the store.
func (m *simMember) delay() time.Duration {
	if m.now < m.slow {
		return m.upTo(3 * time.Second)
	}
	return time.Millisecond + m.upTo(10*time.Millisecond)
}

// notice puts a revision into the watch, behind what is there.
func (m *simMember) notice(w revised) {
	if !m.alive {
		return
	}
	w.at = m.now + m.delay()
	if n := len(m.backlog); n > 0 {
		w.at = max(w.at, m.backlog[n-1].at)
	}
	m.backlog = append(m.backlog, w)
	m.localAfter(w.at-m.now, m.watch)
}

// watch shows what is due, in order, unless nothing comes through.
func (m *simMember) watch() {
	if still := max(m.cut, m.deaf); m.now < still {
		m.localAfter(still-m.now, m.watch)
		return
	}
	for m.alive && len(m.backlog) > 0 && m.backlog[0].at <= m.now {
		w := m.backlog[0]
		m.backlog = m.backlog[1:]
		m.show(w)
	}
}

func (m *simMember) show(w revised) {
	if s, ok := ParseKey(w.key); ok {
		m.feed(m.table.Record(s, w.holder, w.revision, false, m.local()))
		return
	}
	m.feed(m.table.Session(strings.TrimPrefix(w.key, sessionPrefix), w.holder.Boot, w.address, w.revision, m.local()))
}
