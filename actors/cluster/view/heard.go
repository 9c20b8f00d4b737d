package view

import (
	"fmt"
	"net"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// Heard takes a heartbeat. Whoever hands it in has made sure that it came from a member of the cluster.
func (v *View) Heard(hb *msg.Heartbeat, now time.Time) []Effect {
	v.wake(now)
	if v.end == unknown {
		v.hear(hb, now)
	}
	return v.done()
}

// hear sorts heartbeats: who may not speak at all, who is told why it is refused, and who is taken.
func (v *View) hear(hb *msg.Heartbeat, now time.Time) {
	m := hb.GetMember()
	r := v.rows[m.GetBoot()]
	switch {
	case !bounded(hb):
		v.counts.Hostile++
	case m.Boot == v.self.Boot:
		if m.Name != v.self.Name || m.Address != v.self.Address {
			v.counts.Hostile++ // else it is our own, by way of a seed that leads back to us
		}
	case m.Cluster != v.self.Cluster:
		v.strange(m, "it belongs to another cluster", false, now)
	case m.Wire != Wire:
		v.strange(m, fmt.Sprintf("it speaks version %d of the members' words, here is %d", m.Wire, Wire), true, now)
		v.heed(hb, now)
	case v.graves.by[m.Boot] != nil:
		v.haunted(hb, now)
	case m.Address == v.self.Address:
		v.strange(m, "it claims the address of this member", false, now)
	case m.Name == v.self.Name:
		v.namesake(hb, now)
	case r == nil:
		if r = v.admit(hb, now); r != nil {
			v.take(r, hb, now)
		}
	case r.member.Name != m.Name || r.member.Address != m.Address:
		v.counts.Hostile++
	case hb.Serial <= r.serial:
		v.counts.Stale++
	default:
		v.take(r, hb, now)
	}
}

// bounded says that a heartbeat is within the limits that ours keep.
func bounded(hb *msg.Heartbeat) bool {
	m := hb.GetMember()
	if m.GetBoot() == 0 || m.Name == "" || len(m.Name) > maxName || !dialable(m.Address) || len(m.Sip) > maxSIP ||
		len(hb.Sights) > maxSights || proto.Size(hb) > maxHeartbeat {
		return false
	}
	for _, s := range append([]string{m.Version, m.Cluster, m.CallLegs, m.Farm, m.Http}, m.Sip...) {
		if len(s) > maxText {
			return false
		}
	}
	for _, s := range hb.Sights {
		if s.GetBoot() == 0 || len(s.Name) > maxName || len(s.Address) > maxAddress || len(s.Refused) > maxText {
			return false
		}
	}
	return true
}

func dialable(address string) bool {
	host, port, err := net.SplitHostPort(address)
	return err == nil && host != "" && port != "" && len(address) <= maxAddress
}

// haunted answers a life that is over and does not know it. Two that declared each other dead would both go by what
// the other one says: the lower boot tag is in the right.
func (v *View) haunted(hb *msg.Heartbeat, now time.Time) {
	v.counts.Over++
	m := hb.Member
	g := v.graves.by[m.Boot]
	if g.member.Address != m.Address || g.state == left {
		return
	}
	g.told = now
	v.call(m.Address, now)
	if m.Boot < v.self.Boot {
		v.heed(hb, now)
	}
}

// namesake is another member that has our name.
func (v *View) namesake(hb *msg.Heartbeat, now time.Time) {
	m := hb.Member
	if v.prior(hb, now.Sub(v.born).Milliseconds(), v.self.Boot) {
		v.fence(fmt.Sprintf("the name %s belongs to the member at %s", m.Name, m.Address), now)
		return
	}
	v.strange(m, fmt.Sprintf("the name %s belongs to the member at %s", m.Name, v.self.Address), true, now)
	v.heed(hb, now)
}

// lived is how long a life has lasted as it says, within reason, in ms.
func lived(hb *msg.Heartbeat) int64 { return min(max(hb.LivedMs, 0), maxLived.Milliseconds()) }

// elder says that one life began before another one. Clocks are nothing to go by: each says how long it has lived.
func elder(lived int64, boot uint32, than int64, thanBoot uint32) bool {
	if d := lived - than; d > sameAge || d < -sameAge {
		return d > 0
	}
	return boot < thanBoot
}

// prior says that who sent a heartbeat has its name rather than another life: the store has its session or, as long as
// it has that of neither, it is the elder.
func (v *View) prior(hb *msg.Heartbeat, than int64, thanBoot uint32) bool {
	m := hb.Member
	switch boot, known := v.named[m.Name]; {
	case known && boot == m.Boot:
		return true
	case known && boot == thanBoot:
		return false
	}
	return elder(lived(hb), m.Boot, than, thanBoot)
}

// admit makes room for a life that was not heard before. The old life at its address ends in the same step, and
// before it; one of its name that is elsewhere keeps the name as long as it lives.
func (v *View) admit(hb *msg.Heartbeat, now time.Time) *row {
	m := hb.Member
	before, holder := v.at(m.Address), v.byName(m.Name)
	if before != nil && v.precedes(hb, before, now) {
		v.counts.Over++
		return nil
	}
	if holder != nil && holder != before && !v.yields(holder, hb, now) {
		return nil
	}
	if before != nil {
		before.sure = true
		v.bury(before, dead, "a new life of it is at its address", "", now)
	}
	if len(v.rows) >= maxMembers-1 && !v.forgetLost() {
		v.strange(m, fmt.Sprintf("the cluster has its %d members", maxMembers), true, now)
		return nil
	}
	delete(v.strangers, m.Boot)
	r := &row{state: unknown}
	v.rows[m.Boot] = r
	return r
}

// precedes says that a heartbeat was long on its way: it is of a life that ended before the one that we know at that
// address. How long that one has lived is no proof if it was its heartbeat that came late; then it is silent now.
func (v *View) precedes(hb *msg.Heartbeat, known *row, now time.Time) bool {
	return (known.state == joining || known.state == up) && lived(hb) > known.age(now)+sameAge
}

// yields says whether the holder of a name gives way to a newcomer from another address. A holder that is suspect, or
// lost while others hear it, is waited for: it will be heard again, or lost by all.
func (v *View) yields(holder *row, hb *msg.Heartbeat, now time.Time) bool {
	m := hb.Member
	taken := "the name " + m.Name + " belongs to the member at "
	switch {
	case holder.state == lost && v.vouched(holder, now):
		return false
	case holder.state == lost:
		v.bury(holder, dead, "a new life of it is at "+m.Address, "", now)
	case v.prior(hb, holder.age(now), holder.member.Boot):
		v.bury(holder, dead, taken+m.Address, taken+m.Address, now)
	case holder.state == suspect:
		return false
	default:
		v.strange(m, taken+holder.member.Address, true, now)
		return false
	}
	return true
}

// forgetLost makes room: the member that is lost for longest.
func (v *View) forgetLost() bool {
	var oldest *row
	for _, r := range v.sorted() {
		if r.state == lost && (oldest == nil || r.since.Before(oldest.since)) {
			oldest = r
		}
	}
	if oldest != nil {
		delete(v.rows, oldest.member.Boot)
	}
	return oldest != nil
}

// take believes a heartbeat.
func (v *View) take(r *row, hb *msg.Heartbeat, now time.Time) {
	v.counts.Heard++
	first := r.member == nil
	r.member, r.serial, r.quorum, r.sights = hb.Member, hb.Serial, hb.Quorum, hb.Sights
	r.heard, r.fresh, r.lived = now, now, time.Duration(lived(hb))*time.Millisecond
	r.sure = false
	r.clock(now)
	if first || r.state == lost {
		r.met = false
		v.call(r.member.Address, now)
	}
	if v.heed(hb, now); v.end != unknown {
		return
	}
	s := r.sees(v.self.Boot)
	switch {
	case s != nil && living(s.State):
		r.met = true
		v.become(r, up, "it hears us", now)
	case r.met:
		v.become(r, suspect, "it does not hear us", now)
	default:
		v.become(r, joining, "heard", now)
	}
	v.spread(hb, now)
}

// heed looks for what a member says of us: that we were declared dead, or that we have no place beside those who
// were there before us.
func (v *View) heed(hb *msg.Heartbeat, now time.Time) {
	s := sightOf(hb.Sights, v.self.Boot)
	switch {
	case s == nil:
	case hb.Quorum && over(s.State):
		v.fence(fmt.Sprintf("declared %s by %s", s.State, hb.Member.Name), now)
	case s.Refused != "" && elder(lived(hb), hb.Member.Boot, now.Sub(v.born).Milliseconds(), v.self.Boot):
		v.fence(fmt.Sprintf("refused by %s: %s", hb.Member.Name, s.Refused), now)
	}
}

// spread takes over what a member says of others: deaths, if it may declare them, and addresses.
func (v *View) spread(hb *msg.Heartbeat, now time.Time) {
	for _, s := range hb.Sights {
		r, g := v.rows[s.Boot], v.graves.by[s.Boot]
		switch {
		case s.Boot == v.self.Boot || s.Boot == hb.Member.Boot:
		case g != nil:
			if !over(s.State) {
				g.told = now // it does not know yet
			}
		case r != nil:
			if hb.Quorum && over(s.State) {
				v.bury(r, s.State, fmt.Sprintf("declared %s by %s", s.State, hb.Member.Name), s.Refused, now)
			}
		case over(s.State):
			if hb.Quorum && s.Name == v.self.Name {
				v.inherit(s, hb.Member.Name, now)
			}
		case living(s.State) && dialable(s.Address) && v.at(s.Address) == nil:
			v.learn(s.Address, now)
		}
	}
}

// inherit notes the end of a life before ours that was never heard here: its name is free, and if it comes back, as one
// does that stood still, it is not taken for our elder.
func (v *View) inherit(s *msg.Sight, by string, now time.Time) {
	v.graves.add(s.Boot, &grave{member: &msg.Member{Name: s.Name, Boot: s.Boot, Address: s.Address}, state: s.State,
		why: fmt.Sprintf("declared %s by %s", s.State, by), at: now})
	v.do(Inherits{Boot: s.Boot})
}
