package view

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// try is an address at which a member is or may be.
type try struct {
	due   time.Time
	last  time.Time     // when it was last sent to
	wait  time.Duration // after the next one, as long as nobody is heard from there
	since time.Time     // when there was last a reason to try it
	seed  bool          // which is tried for ever
}

// call makes an address be sent to as soon as may be, and learns it.
func (v *View) call(address string, now time.Time) {
	t := v.learn(address, now)
	if t == nil {
		return
	}
	t.since, t.wait = now, v.o.Heartbeat
	if soon := t.last.Add(v.o.Heartbeat); t.due.After(now) {
		t.due = later(now, soon)
	}
}

// learn takes a new address into the table; nil if it is ours, or there is no room. A new one is due at once.
func (v *View) learn(address string, now time.Time) *try {
	t := v.addresses[address]
	if t != nil || address == v.self.Address {
		return t
	}
	if len(v.addresses) >= maxAddresses && !v.forgetAddress() {
		return nil
	}
	t = &try{due: now, wait: v.o.Heartbeat, since: now}
	v.addresses[address] = t
	return t
}

// forgetAddress makes room: the address of nobody that had no reason for longest.
func (v *View) forgetAddress() bool {
	var oldest string
	for a, t := range v.addresses {
		o := v.addresses[oldest]
		free := !t.seed && v.at(a) == nil
		if free && (o == nil || t.since.Before(o.since) || t.since.Equal(o.since) && a < oldest) {
			oldest = a
		}
	}
	delete(v.addresses, oldest)
	return oldest != ""
}

// beats sends what is due.
func (v *View) beats(now time.Time) {
	var hb *msg.Heartbeat
	there := map[string]*row{}
	for _, r := range v.rows {
		there[r.member.Address] = r
	}
	for _, address := range slices.Sorted(maps.Keys(v.addresses)) {
		t, r := v.addresses[address], there[address]
		live := r != nil && living(r.state)
		if r != nil {
			t.since = now
		}
		if !t.seed && now.Sub(t.since) > triedFor {
			delete(v.addresses, address)
			continue
		}
		if now.Before(t.due) && !(live && v.hurry) {
			continue
		}
		if hb == nil {
			hb = v.heartbeat(now)
		}
		v.do(Beat{Address: address, Heartbeat: hb})
		v.next(t, live, r != nil || t.seed, now)
	}
	v.hurry = false
}

// next is when an address is due again: in step to a living member, ever more rarely where nobody is heard.
func (v *View) next(t *try, live, wanted bool, now time.Time) {
	beat, most := v.o.Heartbeat, maxWaitDead*v.o.Heartbeat
	if wanted {
		most = maxWaitLost * beat
	}
	t.last = now
	if live {
		t.wait, t.due = beat, t.due.Add(beat)
		if !t.due.After(now) || t.due.Sub(now) > beat {
			t.due = now.Add(beat)
		}
		return
	}
	t.due, t.wait = now.Add(t.wait), min(2*t.wait, most)
}

func (v *View) heartbeat(now time.Time) *msg.Heartbeat {
	v.serial++
	m := proto.Clone(v.self).(*msg.Member)
	m.Clock = now.UnixMilli()
	return &msg.Heartbeat{Member: m, Quorum: v.quorum, Serial: v.serial, LivedMs: now.Sub(v.born).Milliseconds(),
		Sights: v.sights(now)}
}

// sights is how we see others: those that live, those whose end somebody may not know yet, those that are refused.
func (v *View) sights(now time.Time) []*msg.Sight {
	var out []*msg.Sight
	for _, r := range v.rows {
		out = append(out, sight(r.member, r.state, now.Sub(r.heard), ""))
	}
	most := len(out) + maxTold
	v.graves.latest(func(g *grave) bool {
		if now.Sub(g.told) < toldFor*v.o.Heartbeat {
			out = append(out, sight(g.member, g.state, now.Sub(g.heard), g.refused))
		}
		return len(out) < most
	})
	for _, s := range v.strangers {
		if s.tell && now.Sub(s.heard) < toldFor*v.o.Heartbeat {
			out = append(out, sight(s.member, unknown, now.Sub(s.heard), s.why))
		}
	}
	slices.SortFunc(out, func(a, b *msg.Sight) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Boot, b.Boot))
	})
	return out
}

func sight(m *msg.Member, state msg.MemberState, age time.Duration, refused string) *msg.Sight {
	return &msg.Sight{Name: m.Name, Boot: m.Boot, Address: m.Address, State: state, AgeMs: age.Milliseconds(),
		Refused: refused}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
