package dtmf

import (
	"encoding/binary"
	"fmt"
	"time"
)

// Limits of what waits to be sent.
const (
	maxWaiting = 64                    // keys
	minGap     = 50 * time.Millisecond // between two keys
	minSent    = 50 * time.Millisecond // a shorter press is lengthened: others may not hear it
	endPackets = 3                     // RFC 4733 section 2.5.1.4
	volume     = 10                    // -10 dBm0
	endBit     = 0x80
	maxField   = 0xFFFF // the largest duration one segment can tell
)

// Packet is what an event needs of one RTP packet. The sequence number is the stream's next.
type Packet struct {
	Payload   [4]byte
	Timestamp uint32 // the event's start, the same in all of its packets
	Marker    bool   // first packet of an event
}

// Sender turns presses into telephone-event packets, one per packet interval (RFC 4733 section 2.5).
type Sender struct {
	clock int    // Hz
	step  uint32 // packet interval in clock units
	queue [maxWaiting]Press
	head  int
	count int

	sending   bool
	event     byte
	length    uint32 // of the whole press, in clock units
	elapsed   uint32
	segment   uint32 // elapsed when the current segment began
	timestamp uint32 // of the current segment
	ends      int    // end packets still to send
	gap       uint32 // clock units of silence still due before the next key
}

// NewSender sends at the clock rate of the negotiated telephone-event, one packet each interval.
func NewSender(clock int, interval time.Duration) *Sender {
	return &Sender{clock: clock, step: max(inClock(interval, clock), 1)}
}

// Press queues a key. Its length is brought between 50 ms and MaxPress.
func (s *Sender) Press(p Press) error {
	if !Valid(p.Key) {
		return fmt.Errorf("dtmf: %q is not a key", p.Key)
	}
	if s.count == maxWaiting {
		return fmt.Errorf("dtmf: %d keys are waiting already", maxWaiting)
	}
	s.queue[(s.head+s.count)%maxWaiting] = p
	s.count++
	return nil
}

// Busy tells whether keys are being sent or wait.
func (s *Sender) Busy() bool { return s.sending || s.count > 0 }

// Next is called once each packet interval, with the timestamp that the event clock shows now. It
// gives the packet to send instead of audio; false between keys, when audio may be sent.
func (s *Sender) Next(now uint32) (Packet, bool) {
	if !s.sending && !s.begin(now) {
		return Packet{}, false
	}
	if s.ends > 0 {
		return s.end(), true
	}
	first := s.elapsed == 0
	s.elapsed = min(s.elapsed+s.step, s.length)
	if s.elapsed == s.length && s.elapsed-s.segment <= maxField {
		s.ends = endPackets
		p := s.end()
		p.Marker = first
		return p, true
	}
	return s.packet(first), true
}

// begin takes the next key when the gap after the last one is over.
func (s *Sender) begin(now uint32) bool {
	if s.gap > 0 {
		s.gap -= min(s.gap, s.step)
		return false
	}
	if s.count == 0 {
		return false
	}
	p := s.queue[s.head]
	s.head, s.count = (s.head+1)%maxWaiting, s.count-1
	s.event, _ = eventOf(p.Key)
	s.length = inClock(min(max(p.Duration, minSent), MaxPress), s.clock)
	s.elapsed, s.segment, s.timestamp, s.ends, s.sending = 0, 0, now, 0, true
	return true
}

// packet tells how long the key is held by now. When the field can not hold that, it tells its
// largest value and a new segment begins there (RFC 4733 section 2.5.1.3).
func (s *Sender) packet(first bool) Packet {
	duration := s.elapsed - s.segment
	if duration < maxField {
		return s.render(duration, false, first)
	}
	p := s.render(maxField, false, first)
	s.segment += maxField
	s.timestamp += maxField
	s.elapsed = max(s.elapsed, s.segment)
	return p
}

func (s *Sender) end() Packet {
	p := s.render(s.length-s.segment, true, false)
	if s.ends--; s.ends == 0 {
		s.sending, s.gap = false, inClock(minGap, s.clock)
	}
	return p
}

func (s *Sender) render(duration uint32, end, marker bool) Packet {
	p := Packet{Timestamp: s.timestamp, Marker: marker}
	p.Payload[0], p.Payload[1] = s.event, volume
	if end {
		p.Payload[1] |= endBit
	}
	binary.BigEndian.PutUint16(p.Payload[2:], uint16(duration))
	return p
}

// inClock is a time in units of a clock of so many Hz.
func inClock(d time.Duration, clock int) uint32 {
	return uint32(d * time.Duration(clock) / time.Second)
}
