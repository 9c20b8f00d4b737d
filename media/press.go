package media

import (
	"encoding/binary"
	"time"

	"tandem/media/dtmf"
	"tandem/media/rtp"
)

const (
	// eventPause is how long after a packet of an event that we pass on our own audio stays away.
	eventPause = 60 * time.Millisecond
	// inBandGap follows a key that is passed on in band.
	inBandGap = 60 * time.Millisecond
)

// pressed handles a telephone-event packet: on to the other side of a bridge, and up as a Digit when
// the key is let go.
func (s *Stream) pressed(a arrival, datagram []byte, now time.Time) {
	var room [2]dtmf.Press
	presses, began := s.receiver.pressed(room[:0], a, datagram, now)
	if began {
		s.rouse()
	}
	s.passOn(a, datagram, now)
	for _, p := range presses {
		s.notify(Digit{Key: p.Key, Duration: p.Duration})
		s.imitate(p)
	}
}

// pressed returns the keys that were let go by the packet, and whether one is held since.
func (r *receiver) pressed(dst []dtmf.Press, a arrival, datagram []byte, now time.Time) (let []dtmf.Press, began bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.keys.Held()
	if a.order == rtp.Restart {
		dst = r.keys.Reset(dst)
	}
	dst = r.keys.Receive(dst, now, a.packet.Timestamp, datagram[a.packet.Start:a.packet.End])
	return dst, before == 0 && r.keys.Held() != 0
}

// passOn sends the packet to the other side of a bridge. The datagram may be overwritten.
func (s *Stream) passOn(a arrival, datagram []byte, now time.Time) {
	o := s.onward.Load()
	switch {
	case o == nil:
	case o.packets:
		if to := o.to.plan.Load(); to != nil && to.Event != 0 {
			rescale(datagram[a.packet.Start:a.packet.End], a.plan.EventClock, to.EventClock)
		}
		o.to.sender.relay(s, datagram, a.packet, true, now)
	default:
		payload := datagram[a.packet.Start:a.packet.End]
		o.to.sender.pass(s, payload, a.packet.Header, a.plan.EventClock, now)
	}
}

// rescale turns the duration in an event from one clock to another. Peers that agree on the codec may not on that: of
// Opus some take events at 48000 Hz and some at 8000 Hz alone.
func rescale(payload []byte, from, to int) {
	if from != to && len(payload) >= eventSize {
		duration := int(binary.BigEndian.Uint16(payload[2:])) * to / from
		binary.BigEndian.PutUint16(payload[2:], uint16(min(duration, 1<<16-1)))
	}
}

// imitate lets the other side of a bridge, which takes no events, hear the key in band.
func (s *Stream) imitate(p dtmf.Press) {
	o := s.onward.Load()
	if o == nil || o.to == s {
		return
	}
	if to := o.to.plan.Load(); to != nil && to.Event == 0 {
		held := max(p.Duration, minDigit)
		// A queue that is full or a side without a codec loses the tone; the event went up.
		_ = o.to.sender.enqueue(string(p.Key), held, frames(inBandGap))
		o.to.rouse()
	}
}

// expire lets go of a key whose last packets were lost.
func (s *Stream) expire(now time.Time) {
	var room [1]dtmf.Press
	s.receiver.mu.Lock()
	presses := room[:0]
	if s.receiver.keys != nil {
		presses = s.receiver.keys.Poll(presses, now)
	}
	s.receiver.mu.Unlock()
	for _, p := range presses {
		s.notify(Digit{Key: p.Key, Duration: p.Duration})
	}
}

// detect listens for keys in audio where SDP did not agree on events.
func (s *Stream) detect(d *dtmf.Detector, pcm []int16) {
	var room [2]dtmf.Press
	for _, p := range d.Hear(room[:0], pcm) {
		s.notify(Digit{Key: p.Key, Duration: p.Duration, InBand: true})
	}
}
