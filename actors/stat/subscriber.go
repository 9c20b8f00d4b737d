package stat

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"tandem/actors/stat/measure"
)

// Mode says when a subscriber is told a value (reference statserver.md 4.1).
type Mode string

// Modes.
const (
	ChangesBased   Mode = "ChangesBased" // when it has changed by the insensitivity
	TimeBased      Mode = "TimeBased"    // every so often, if it has changed by the insensitivity
	ResetBased     Mode = "ResetBased"   // the last value before each reset
	NoNotification Mode = "NoNotification"
)

// Limits of subscribers.
const (
	maxSubscribers = 10_000 // on one member, that follow statistics
	maxFollowed    = 10_000 // statistics of one subscriber
	maxPending     = 1000   // events that one has not taken; beyond them it is told that it has missed some
	maxFrequency   = 86_400
)

// Following is what a subscriber wants to be told of a statistic.
type Following struct {
	ID            string
	Mode          Mode    // "": ChangesBased
	Insensitivity float64 // see measure.Notice
	Frequency     int     // seconds, of TimeBased
}

func (f *Following) check() error {
	if f.Mode == "" {
		f.Mode = ChangesBased
	}
	switch f.Mode {
	case ChangesBased, ResetBased, NoNotification:
	case TimeBased:
		if f.Frequency < 1 || f.Frequency > maxFrequency {
			return fmt.Errorf("frequency: %d is no number of seconds from 1 to %d, as TimeBased needs", f.Frequency, maxFrequency)
		}
	default:
		return fmt.Errorf("mode: %q is none of ChangesBased, TimeBased, ResetBased, NoNotification", clip(string(f.Mode)))
	}
	if !(f.Insensitivity >= 0) {
		return fmt.Errorf("insensitivity: it is not below 0")
	}
	return nil
}

// EventKind is what a subscriber is told.
type EventKind string

// Kinds of events.
const (
	Told     EventKind = "value"
	Final    EventKind = "reset" // the last value before a reset
	Invalid  EventKind = "invalid"
	Valid    EventKind = "valid"
	Overflow EventKind = "overflow" // some were missed; the values as they are follow
	Gone     EventKind = "gone"     // the statistic was dropped
	Renamed  EventKind = "names"    // requests may use other names than before
)

// Event is one thing that a subscriber is told; of an Overflow, and of names, it has no value.
type Event struct {
	Kind  EventKind
	Value Value
}

// Subscriber is somebody who follows statistics. It keeps a bounded number of events for who does not take them.
type Subscriber struct {
	board *board
	wake  chan struct{}

	mu       sync.Mutex
	follows  map[string]*followed
	pending  []Event
	overflow bool
	names    bool // it hears of names
	renamed  bool // it is not told yet
	closed   bool
}

// followed is a statistic with what its subscriber knows of it.
type followed struct {
	Following
	notice    measure.Notice
	latest    Value
	has       bool // latest
	invalid   bool
	suspended bool
	due       int64 // of TimeBased, ms since 1970
}

// Wake tells that there may be events.
func (s *Subscriber) Wake() <-chan struct{} { return s.wake }

// Next takes the events that wait.
func (s *Subscriber) Next() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.pending
	s.pending = nil
	if s.overflow {
		s.overflow = false
		out = append([]Event{{Kind: Overflow}}, s.all()...)
	}
	if s.renamed {
		s.renamed = false
		out = append(out, Event{Kind: Renamed})
	}
	return out
}

// rename tells that there are other names.
func (s *Subscriber) rename() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renamed = !s.closed
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// HearNames has Renew tell that there may be other names.
func (s *Subscriber) HearNames() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = true
}

// Renew forgets what waits, and tells all values as they are, and that there may be other names to who hears of those: to
// somebody who may have lost what was told before.
func (s *Subscriber) Renew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.overflow = false
	s.pending = s.all()
	s.renamed = s.renamed || s.names
}

// all are the values as they are, in the order of their ids; s is locked.
func (s *Subscriber) all() (out []Event) {
	for _, id := range slices.Sorted(maps.Keys(s.follows)) {
		f := s.follows[id]
		if f.has && !f.suspended && f.Mode != NoNotification {
			f.notice.Due(f.latest.measured())
			out = append(out, Event{Told, f.latest})
		}
	}
	return out
}

// tell adds an event; s is locked.
func (s *Subscriber) tell(e Event) {
	switch {
	case s.closed || s.overflow:
	case len(s.pending) >= maxPending:
		s.pending, s.overflow = nil, true
	default:
		s.pending = append(s.pending, e)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take takes a value that the owner of its statistic tells.
func (s *Subscriber) take(v Value, final bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.follows[v.ID]
	if f == nil || f.has && v.At < f.latest.At && !final {
		return // of an owner who is none any more
	}
	if final {
		if f.Mode == ResetBased && !f.suspended {
			s.tell(Event{Final, v})
		}
		return
	}
	before := f.latest.State
	f.latest, f.has = v, true
	if f.suspended || f.Mode == NoNotification {
		return
	}
	if f.invalid == v.Valid {
		f.invalid = !v.Valid
		kind := Valid
		if f.invalid {
			kind = Invalid
		}
		s.tell(Event{kind, v})
	}
	if f.Mode != ChangesBased {
		return
	}
	if due := f.notice.Due(v.measured()); due || !before.Equal(v.State) {
		s.tell(Event{Told, v})
	}
}

// tick tells what is due by the clock.
func (s *Subscriber) tick(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.follows {
		if f.Mode != TimeBased || !f.has || f.suspended || now < f.due {
			continue
		}
		step := int64(f.Frequency) * 1000
		f.due = now - now%step + step
		if f.notice.Due(f.latest.measured()) {
			s.tell(Event{Told, f.latest})
		}
	}
}

// measured is a value as the rules of notification see it.
func (v Value) measured() measure.Value { return measure.Value{Number: v.Number, Whole: v.Whole} }

// Follow begins to follow a statistic, or does so in another way. Its value now is told first.
func (s *Subscriber) Follow(f Following) error {
	if err := f.check(); err != nil {
		return &Refusal{err}
	}
	if !s.board.hall.knows(f.ID) {
		return ErrUnknown
	}
	if err := s.board.admit(s); err != nil {
		return err
	}
	s.mu.Lock()
	if len(s.follows) >= maxFollowed && s.follows[f.ID] == nil {
		s.mu.Unlock()
		return &Refusal{fmt.Errorf("at most %d statistics for one subscriber", maxFollowed)}
	}
	entry := &followed{Following: f}
	entry.notice.Insensitivity = f.Insensitivity
	s.follows[f.ID] = entry
	s.mu.Unlock()
	s.board.follow(f.ID, s)
	return nil
}

// Leave ends it.
func (s *Subscriber) Leave(id string) {
	s.mu.Lock()
	delete(s.follows, id)
	s.mu.Unlock()
	s.board.leave(id, s)
}

// Suspend has a statistic told no more, or again: with its value as it is then.
func (s *Subscriber) Suspend(id string, suspended bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.follows[id]
	if f == nil {
		return false
	}
	if f.suspended && !suspended && f.has && f.Mode != NoNotification && f.Mode != ResetBased {
		f.notice.Due(f.latest.measured())
		s.tell(Event{Told, f.latest})
	}
	f.suspended = suspended
	return true
}

// Close ends all.
func (s *Subscriber) Close() {
	s.mu.Lock()
	ids := make([]string, 0, len(s.follows))
	for id := range s.follows {
		ids = append(ids, id)
	}
	s.follows, s.pending, s.closed = map[string]*followed{}, nil, true
	s.mu.Unlock()
	for _, id := range ids {
		s.board.leave(id, s)
	}
	s.board.close(s)
}
