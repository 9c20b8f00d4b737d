package slot

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"
)

// interval is a time in which a member thought itself the owner of a slot, in true time.
type interval struct {
	slot       Slot
	holder     Holder
	epoch      uint64
	start, end time.Duration
	until      time.Duration // it ends then by itself
}

// account compares what the table thinks with what it thought.
func (m *simMember) account() {
	may, until := m.table.may(m.local()), m.trueTime(m.table.lease.until)
	for i := range m.table.slots {
		p, open := &m.table.slots[i], m.open[i]
		mine := may && p.state == owned // as Table.owner
		if open != nil && (!mine || p.epoch != open.epoch || open.until < m.now) {
			m.close(Slot(i), m.now)
		}
		if !mine {
			continue
		}
		if m.open[i] == nil {
			m.open[i] = &interval{slot: Slot(i), holder: Holder{m.name, m.boot}, epoch: p.epoch, start: m.now}
		}
		m.open[i].until = until
	}
}

func (m *simMember) close(s Slot, at time.Duration) {
	if it := m.open[s]; it != nil {
		it.end = min(at, it.until)
		m.history = append(m.history, *it)
		m.open[s] = nil
	}
}

// conclude closes what is open, and sorts.
func (s *sim) conclude() []interval {
	for _, m := range s.members {
		for i := range m.open {
			m.close(Slot(i), s.now)
		}
	}
	slices.SortFunc(s.history, func(a, b interval) int {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	return s.history
}

// overlap finds two owners at one time, or an epoch that does not grow with a new owner.
func overlap(all []interval) error {
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		switch {
		case a.slot != b.slot:
		case b.start < a.end:
			return fmt.Errorf("two owners of %v: %v under %d until %v, %v under %d from %v on",
				a.slot, a.holder, a.epoch, a.end, b.holder, b.epoch, b.start)
		case b.epoch < a.epoch || b.epoch == a.epoch && a.holder != b.holder:
			return fmt.Errorf("%v: epoch %d of %v comes after %d of %v", a.slot, b.epoch, b.holder, a.epoch, a.holder)
		}
	}
	return nil
}

// act is what a member did to a slot, for the model of a lock.
type act struct {
	what   string // take, use, drop
	slot   Slot
	holder Holder
	epoch  uint64
}

// lock is the model: one holder at a time, whose epoch is the highest that there was.
var lock = porcupine.Model{
	Partition: func(all []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, Slots+1)
		for _, op := range all {
			s := op.Input.(act).slot
			parts[s] = append(parts[s], op)
		}
		return parts
	},
	Init: func() any { return act{} },
	Step: func(state, input, _ any) (bool, any) {
		have, a := state.(act), input.(act)
		switch {
		case a.what == "take":
			return have.what != "held" && (a.epoch > have.epoch || a.epoch == have.epoch && a.holder == have.holder),
				act{"held", a.slot, a.holder, a.epoch}
		case have.what != "held" || have.holder != a.holder || have.epoch != a.epoch:
			return false, state
		case a.what == "drop":
			return true, act{"free", a.slot, a.holder, a.epoch}
		}
		return true, state
	},
}

// operations tells the history as takes, uses and drops. The lock is taken at some time between the write of the
// record and its use, and dropped at some time after the last use.
func (s *sim) operations(all []interval) (ops []porcupine.Operation) {
	clients := map[Holder]int{}
	for _, it := range all {
		if _, known := clients[it.holder]; !known {
			clients[it.holder] = len(clients)
		}
		add := func(what string, call, back time.Duration) {
			ops = append(ops, porcupine.Operation{ClientId: clients[it.holder],
				Input: act{what, it.slot, it.holder, it.epoch}, Call: int64(call), Return: int64(back)})
		}
		wrote := s.log[it.epoch-1].at
		add("take", wrote, it.start)
		add("use", it.start, it.start)
		add("use", (it.start+it.end)/2, (it.start+it.end)/2)
		add("use", it.end, it.end)
		add("drop", it.end, it.end+time.Second)
	}
	return ops
}

// check looks at the whole history in both ways.
func (s *sim) check() error {
	all := s.conclude()
	if err := overlap(all); err != nil {
		return err
	}
	if !porcupine.CheckOperations(lock, s.operations(all)) {
		return fmt.Errorf("the history is not that of a lock")
	}
	return nil
}
