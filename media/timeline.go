package media

import (
	"math/rand/v2"
	"time"
)

// timeline gives the packets of a sender their timestamps. They are the time since origin in units
// of the clock, so they neither drift nor break where one source follows another; where a source ran
// ahead of that, the line is moved on, so that they never step back.
type timeline struct {
	rate   int // of the RTP clock
	origin time.Time
	base   uint32 // timestamp at origin
	after  uint32 // first timestamp not used yet
	begun  bool   // after counts
}

func newTimeline(origin time.Time) timeline {
	return timeline{origin: origin, base: rand.Uint32()}
}

// tune goes on at another clock rate from where it is.
func (l *timeline) tune(rate int, now time.Time) {
	if l.rate != 0 {
		l.base, l.origin = l.at(now), now
	}
	l.rate = rate
}

// at is the timestamp that belongs to the time.
func (l *timeline) at(t time.Time) uint32 {
	const second, half = 1_000_000, 500_000 // in microseconds, whose product does not overflow in a life
	return l.base + uint32((t.Sub(l.origin).Microseconds()*int64(l.rate)+half)/second)
}

// stamp is the timestamp of audio that belongs to the time, never one that was used. gap tells that
// some were left out before it.
func (l *timeline) stamp(t time.Time) (timestamp uint32, gap bool) {
	timestamp = l.at(t)
	if !l.begun {
		return timestamp, false
	}
	ahead := int32(l.after - timestamp)
	if ahead > 0 {
		l.base += uint32(ahead)
		timestamp = l.after
	}
	return timestamp, ahead < 0
}

// use marks timestamps up to the given one as used.
func (l *timeline) use(until uint32) { l.after, l.begun = until, true }
