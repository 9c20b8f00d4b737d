package jitter

import "time"

// timeline relates timestamps to times of arrival. Timestamps are counted on from the stream's
// first, in time, so that nothing wraps.
type timeline struct {
	started bool
	last    uint32        // RTP timestamp of the packet that came last
	lastAt  time.Duration // the same, counted on
	newest  uint32        // RTP timestamp of the packet with the highest number
	length  time.Duration // of audio in one packet

	least, most time.Duration // bounds of the delay

	base   time.Duration // arrival less timestamp of the fastest packets
	peak   time.Duration // how much slower than that the slow ones are
	lowest time.Duration // how much slower the fastest of the current window is
	window int           // packets left in it
}

// windowPackets is how many packets must all be slower before the base rises to the fastest of them:
// about a second. So the base follows a slower clock, and a longer way.
const windowPackets = 50

// begin counts from the given timestamp; the next arrival sets the base.
func (l *timeline) begin(timestamp uint32) {
	l.started, l.last, l.newest, l.lastAt = false, timestamp, timestamp, 0
}

// place counts a timestamp on, either way from the last.
func (l *timeline) place(timestamp uint32, clock int) time.Duration {
	return l.lastAt + time.Duration(int32(timestamp-l.last))*time.Second/time.Duration(clock)
}

// jumps tells whether a packet is so far from its time that the timestamps must have begun anew.
func (l *timeline) jumps(at time.Duration, timestamp uint32, clock int) bool {
	return l.started && (at-l.place(timestamp, clock)-l.base).Abs() > maxJump
}

// arrive takes in that a packet of the timestamp came now, and returns the timestamp counted on.
func (l *timeline) arrive(at time.Duration, timestamp uint32, clock int) time.Duration {
	l.lastAt, l.last = l.place(timestamp, clock), timestamp
	if !l.started {
		l.started, l.base, l.peak = true, at-l.lastAt, 0
		l.lowest, l.window = maxJump, windowPackets
	}
	over := at - l.lastAt - l.base
	if over < 0 {
		l.raise(over)
		over = 0
	}
	// Half-way up to a slower packet, so that one alone does not set the delay; down in seconds.
	if useful := min(over, l.most); useful > l.peak {
		l.peak += (useful - l.peak) / 2
	} else {
		l.peak -= (l.peak - useful) / 256
	}
	l.lowest = min(l.lowest, over)
	if l.window--; l.window == 0 {
		l.raise(l.lowest)
		l.lowest, l.window = maxJump, windowPackets
	}
	return l.lastAt
}

// raise moves the base; what is measured from it moves the other way.
func (l *timeline) raise(by time.Duration) {
	l.base += by
	l.peak = max(l.peak-by, 0)
	l.lowest = max(l.lowest-by, 0)
}

// learn finds the length of a packet from two that follow one another within a talkspurt.
func (l *timeline) learn(p Packet, follows bool, clock int) {
	length := time.Duration(p.Timestamp-l.newest) * time.Second / time.Duration(clock)
	if follows && !p.Marker && length > 0 && length <= maxLength {
		l.length = length
	}
	l.newest = p.Timestamp
}

// target is the delay that the jitter asks for: half a packet more than the slow ones need, for the
// peak sinks between them.
func (l *timeline) target() time.Duration { return min(max(l.peak+l.length/2, l.least), l.most) }
