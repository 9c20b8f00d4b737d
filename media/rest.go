package media

import (
	"time"

	"tandem/media/codec"
)

// passing is a source whose place the clock tells: while nobody can hear it, nobody has to read it. One that hears
// something itself is none, since what it does not take is lost.
type passing interface {
	Source
	// Left is how many frames are to come, the last of which may be shorter; less than 0: it has no end.
	Left() int
	// Skip goes over so many frames as if they had been read, to its end at most.
	Skip(frames int)
}

// rested is what a stream that was not ticked goes on with.
type rested struct {
	at   time.Time // the last frame that its feed knows of
	feed *feed     // that went on since, unheard; nil: none
}

// rest is until when the stream has nothing to do, if it is longer than a frame. Nothing that the peer hears may depend on
// it, and nobody hears the peer by its tick. What it plays keeps its place by the clock, as timestamps do; sequence
// numbers count what is sent. Its reports, the peer's silence and the end of a source are what it comes back for.
func (s *Stream) rest(at time.Time, p *plan) (until time.Time) {
	s.rested = rested{}
	if s.sender.dials.Load() || s.ear.tended.Load() || s.sharing.source != nil || s.reports.next.IsZero() {
		return until
	}
	silent, held := s.receiver.pending(s.engine.conf.Silence)
	if held {
		return until
	}
	until = s.reports.next
	if !silent.IsZero() && silent.Before(until) {
		until = silent
	}
	if until.Before(s.watched) {
		until = s.watched // nothing is looked after before
	}
	f := s.feed.Load()
	if !f.paced {
		return until
	}
	left, passes := f.passes()
	if !passes || s.sender.sends() {
		return time.Time{}
	}
	if end := at.Add(time.Duration(left+1) * codec.Frame); left >= 0 && end.Before(until) {
		until = end
	}
	s.rested = rested{at, f}
	return until
}

// goOn brings what has gone on unheard to the last frame before a time.
func (s *Stream) goOn(before time.Time) {
	f := s.rested.feed
	if f == nil {
		return
	}
	n := int((before.Sub(s.rested.at)+codec.Frame-1)/codec.Frame) - 1
	if n <= 0 {
		return
	}
	s.rested.at = s.rested.at.Add(time.Duration(n) * codec.Frame)
	if source, ok := f.source.(passing); ok {
		source.Skip(n)
	}
	s.spoken, s.last, s.sharing.run = nil, 0, 0 // the peer has heard nothing before the next frame
}

// rouse ends the stream's rest, since it may have something to do now. A source that it lets go of stands where it ought to.
func (s *Stream) rouse() {
	s.shard.rouse(s.turn, func() { s.goOn(time.Now()) })
}

// passes tells how many frames of the feed are to come, and whether it can go on unread. One that was never read can not:
// it may be of a kind that ends at once.
func (f *feed) passes() (left int, ok bool) {
	if f.source == nil {
		return -1, true
	}
	source, ok := f.source.(passing)
	if !ok || f.made == nil || f.raw == nil {
		return 0, false
	}
	return source.Left(), true
}

// sends tells whether anything that is made now would be sent.
func (s *sender) sends() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open && !s.closed && s.encoder != nil
}

// pending is when the peer has been silent for the limit, zero for never, and whether a key of its is held, whose end
// might be lost.
func (r *receiver) pending(limit time.Duration) (silent time.Time, held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if limit > 0 && r.plan != nil && r.plan.hears {
		silent = r.waiting.Add(limit)
	}
	return silent, r.keys != nil && r.keys.Held() != 0
}
