package media

import (
	"errors"
	"fmt"
	"slices"
)

// Part is how a third stream attends what a stream talks with the other side of its bridge, or in its mixer.
type Part int

// The parts. Each hears all that is said.
const (
	Listen  Part = iota // nobody hears it
	Whisper             // the stream that is attended hears it, and nobody else
	Barge               // all hear it
)

// attending is what a stream has to do with attendance. Guarded by engine.topology.
type attending struct {
	target *Stream   // whom it attends
	part   Part      // how
	by     []*Stream // who attends it
	role   Role      // that it was given in a mixer
	table  *Mixer    // the mixer that a bridge is made over to while somebody attends either side
}

// Attend lets a stream attend another one, from now on and whatever that is joined with: while it is in a bridge that goes
// through a mixer with all three in it, and is one again when the last attendant has left. What the two sides send goes
// on without a gap in sequence or timestamp. A stream that attends is taken out of what it took part in, and anything
// that is done with it ends its attendance; one that attends already only changes its part. While its target is neither in
// a bridge nor in a mixer it hears silence.
func (s *Stream) Attend(target *Stream, p Part) error {
	if s == target || s.engine != target.engine {
		return errors.New("media: a stream attends another one of its engine")
	}
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	switch {
	case s.closed.Load() || target.closed.Load():
		return ErrClosed
	case target.attending.target != nil || len(s.attending.by) > 0:
		return errors.New("media: who attends is attended by nobody")
	case s.attending.target == target:
		s.attending.part = p
		target.rewire()
		return nil
	case len(target.attending.by) >= maxAttendants:
		return fmt.Errorf("media: %d attend stream %s already", maxAttendants, target.id)
	}
	s.detach()
	s.send(&feed{paced: true})
	s.attending.target, s.attending.part = target, p
	target.attending.by = append(target.attending.by, s)
	target.rewire()
	return nil
}

// unattend ends the attendance of a stream; the last one gives a bridge back to itself. Called with the topology locked,
// when the stream is in nothing any more.
func (s *Stream) unattend() {
	target := s.attending.target
	if target == nil {
		return
	}
	s.attending.target = nil
	target.attending.by = slices.DeleteFunc(target.attending.by, func(other *Stream) bool { return other == s })
	target.rewire()
}

// disperse lets those hear silence who attend a stream that takes part in nothing. Called with the topology locked.
func (s *Stream) disperse() {
	for _, by := range s.attending.by {
		if by.party != nil {
			by.unseat()
			by.send(&feed{paced: true})
		}
	}
}

// dismiss ends all attendance of a stream that is closed. Called with the topology locked.
func (s *Stream) dismiss() {
	s.disperse()
	for _, by := range s.attending.by {
		by.attending.target = nil
	}
	s.attending.by = nil
}

// gather makes a bridge over to a mixer, with all who attend either side. Keys go on from side to side.
func gather(a, b *Stream) {
	m := a.attending.table
	if m == nil {
		rate := max(a.rate(), b.rate())
		m = a.engine.Mixer("attended "+a.id, rate)
	}
	first, second := a, b
	if b.id < a.id {
		first, second = b, a
	}
	alone := first.whispers()
	for _, side := range []*Stream{first, second} {
		side.attending.table, side.attending.role = m, Role{}
		side.seat(m, Role{HearsSpecial: side.whispers() && (side == first || !alone)})
		side.onward.Store(&onward{to: side.peer})
		side.seatAttendants(m, side == second && alone)
	}
}

// scatter ends the mixer that a bridge was made over to: the bridge is one again. Called with the topology locked.
func (s *Stream) scatter() {
	if s.attending.table != nil {
		s.attending.table = nil
		s.unseat()
	}
}

// attend lets those who attend a party of a mixer take part in it. Called with the topology locked.
func (s *Stream) attend() {
	role := s.attending.role
	role.HearsSpecial = role.HearsSpecial || s.whispers()
	s.party.role.Store(&role)
	s.seatAttendants(s.party.mixer, false)
}

// seatAttendants seats those who attend a stream. mute is for whispers where the other side of a bridge hears some of its
// own: one that hears its own would hear the others too.
func (s *Stream) seatAttendants(m *Mixer, mute bool) {
	for _, by := range s.attending.by {
		role := Role{HearsSpecial: true}
		switch by.attending.part {
		case Listen:
			role.Muted = true
		case Whisper:
			role.Muted, role.Special = mute, true
		}
		by.seat(m, role)
	}
}

// whispers tells whether somebody whispers to the stream.
func (s *Stream) whispers() bool {
	return slices.ContainsFunc(s.attending.by, func(by *Stream) bool { return by.attending.part == Whisper })
}

// rate is the sample rate of what the stream talks, 8000 while that is not known.
func (s *Stream) rate() int {
	if p := s.plan.Load(); p != nil {
		return p.Codec.Rate
	}
	return 8000
}

// seat makes the stream a party of a mixer, or changes its role there. Called with the topology locked.
func (s *Stream) seat(m *Mixer, r Role) {
	if s.party != nil && s.party.mixer == m {
		s.party.role.Store(&r)
		return
	}
	if s.party != nil {
		s.unseat()
	}
	s.party = &party{mixer: m, stream: s}
	s.party.role.Store(&r)
	s.sender.adopt(nil)
	s.onward.Store(nil)
	s.ear.pulledBy(true)
	s.send(&feed{})
	m.change(func() { m.parties = append(slices.Clone(m.parties), s.party) })
}

// unseat takes the stream out of the mixer it is in, if it is in one. Called with the topology locked.
func (s *Stream) unseat() {
	if s.party != nil {
		s.party.leave()
		s.party = nil
		s.ear.pulledBy(false)
	}
}
