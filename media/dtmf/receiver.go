package dtmf

import (
	"encoding/binary"
	"time"
)

// lostEnd is how long no packet of an event has come when it counts as ended: several packets, and
// some jitter.
const lostEnd = 150 * time.Millisecond

// lateWindow is how far behind the last event a packet may be and still be taken for a late one of
// an event already reported. What is farther behind comes from a stream that began anew.
const lateWindow = 2 * time.Second

// Receiver turns the telephone-event packets of one stream into presses (RFC 4733 section 2.5.2).
// Packets may be lost, doubled or out of order: any packet of an event tells its key and its length
// so far, and the timestamp tells one event from the next.
type Receiver struct {
	clock int // Hz

	open     bool // a key is held
	reported bool // ... and was reported already, for it is held too long
	key      byte
	start    uint32    // timestamp of its current segment
	length   uint32    // duration seen in that segment, in clock units
	earlier  uint32    // duration of the segments before
	seen     time.Time // when its last packet came

	closed   bool // some event has ended
	closedAt uint32
}

// NewReceiver receives at the clock rate of the negotiated telephone-event.
func NewReceiver(clock int) *Receiver { return &Receiver{clock: clock} }

// Receive takes the payload of one packet and appends what it ends to dst: nothing mostly, one press
// at an end, two when the end of the press before was lost as well. Payload that is no key's event
// is ignored.
func (r *Receiver) Receive(dst []Press, now time.Time, timestamp uint32, payload []byte) []Press {
	if len(payload) < 4 || int(payload[0]) >= len(events) {
		return dst
	}
	key, end := events[payload[0]], payload[1]&endBit != 0
	duration := uint32(binary.BigEndian.Uint16(payload[2:]))
	if r.stale(timestamp) {
		return dst
	}
	switch {
	case r.open && timestamp == r.start && key == r.key:
		r.length = max(r.length, duration)
	case r.open && key == r.key && r.continues(timestamp):
		r.earlier = min(r.earlier+timestamp-r.start, inClock(MaxPress, r.clock))
		r.start, r.length = timestamp, duration
	default:
		dst = r.close(dst)
		r.open, r.reported, r.key = true, false, key
		r.start, r.length, r.earlier = timestamp, duration, 0
	}
	r.seen = now
	if end {
		return r.close(dst)
	}
	if r.tooLong() && !r.reported {
		r.reported = true
		dst = append(dst, r.press())
	}
	return dst
}

// Poll is called every now and then, each 20 ms perhaps: it ends a key whose end was lost.
func (r *Receiver) Poll(dst []Press, now time.Time) []Press {
	if r.open && now.Sub(r.seen) >= lostEnd {
		return r.close(dst)
	}
	return dst
}

// Reset forgets the stream, for one with another SSRC; a key that is held is reported.
func (r *Receiver) Reset(dst []Press) []Press {
	dst = r.close(dst)
	*r = Receiver{clock: r.clock}
	return dst
}

// Held is the key that is down now, 0 when none is.
func (r *Receiver) Held() byte {
	if !r.open {
		return 0
	}
	return r.key
}

// continues tells whether a segment that begins at the timestamp follows the current one: where that
// one was last seen to end, or where it can hold no more (RFC 4733 section 2.5.1.3).
func (r *Receiver) continues(timestamp uint32) bool {
	length := timestamp - r.start
	return length > 0 && (length == r.length || length == maxField)
}

// stale tells whether a packet belongs to what has ended, or comes from before what is open.
func (r *Receiver) stale(timestamp uint32) bool {
	window := int32(inClock(lateWindow, r.clock))
	if r.open {
		if behind := int32(r.start - timestamp); behind > 0 && behind <= window {
			return true
		}
	}
	behind := int32(r.closedAt - timestamp)
	return r.closed && behind >= 0 && behind <= window
}

func (r *Receiver) close(dst []Press) []Press {
	if !r.open {
		return dst
	}
	if !r.reported {
		dst = append(dst, r.press())
	}
	r.open, r.closed, r.closedAt = false, true, r.start
	return dst
}

func (r *Receiver) press() Press {
	units := time.Duration(r.earlier) + time.Duration(r.length)
	return Press{Key: r.key, Duration: min(units*time.Second/time.Duration(r.clock), MaxPress)}
}

func (r *Receiver) tooLong() bool {
	return r.earlier+r.length >= inClock(MaxPress, r.clock)
}
