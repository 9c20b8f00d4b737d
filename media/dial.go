package media

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tandem/media/codec"
	"tandem/media/dtmf"
	"tandem/media/rtp"
	"tandem/media/tone"
)

// eventSize is the length of the payload of a telephone-event (RFC 4733 section 2.3).
const eventSize = 4

// press is one key to be sent.
type press struct {
	key byte
	on  time.Duration
	off int // frames
}

// dialling sends keys one after the other. While it does, nothing else of the stream is sent.
type dialling struct {
	queue  []press
	events *dtmf.Sender // the key that is being sent, by RFC 4733 ...
	sound  *tone.Source // ... or in band
	pause  int          // frames until the next may begin
	held   int          // frames that they have waited for a codec that they can be heard in
	pcm    []int16
}

func (d *dialling) active() bool { return len(d.queue) > 0 }

// dialsNow tells whether keys that wait have the line. They have not while they can only be said in a codec that is not
// encoded here: the peer is being offered another one, and hears what is passed on meanwhile.
func (s *sender) dialsNow() bool {
	return s.dialling.active() && (s.encoder != nil || s.plan.Event != 0)
}

// SendDigits presses keys (0-9 * # A-D) one after the other: as RFC 4733 events where SDP agreed on
// them, else in band. each is how long a key is held, gap the pause after it. It returns at once.
// Keys are refused before Apply, and beyond 128 that wait.
func (s *Stream) SendDigits(digits string, each, gap time.Duration) error {
	for i := range len(digits) {
		if !dtmf.Valid(digits[i]) {
			return fmt.Errorf("media: %q is not a key", digits[i])
		}
	}
	if each < minDigit || each > dtmf.MaxPress || gap < 0 || gap > dtmf.MaxPress {
		return fmt.Errorf("media: a key of %v and a gap of %v: a key lasts %v to %v, a gap up to that",
			each, gap, minDigit, dtmf.MaxPress)
	}
	defer s.rouse()
	return s.sender.enqueue(strings.ToUpper(digits), each, frames(gap))
}

// frames is how many frames cover the time.
func frames(d time.Duration) int { return int((d + codec.Frame - 1) / codec.Frame) }

func (s *sender) enqueue(digits string, each time.Duration, off int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.plan == nil:
		return errors.New("media: keys before the stream has a codec")
	case len(s.dialling.queue)+len(digits) > maxDigits:
		return fmt.Errorf("media: more than %d keys are waiting", maxDigits)
	}
	for i := range len(digits) {
		s.dialling.queue = append(s.dialling.queue, press{digits[i], each, off})
	}
	s.dials.Store(s.dialling.active())
	return nil
}

// dial sends the frame of a key, and tells whether there was one.
func (s *sender) dial(at time.Time, made *plan) bool {
	if !s.dials.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan != made || s.closed {
		return true
	}
	if s.dialling.active() && !s.dialsNow() {
		s.hold()
		return false
	}
	s.dialling.held = 0
	for s.dialling.active() {
		if s.dialKey(at) {
			return true
		}
		s.dialling.queue = s.dialling.queue[1:]
	}
	s.dials.Store(false)
	return false
}

// hold lets the keys wait for another codec for a frame more. A peer that has taken none by then gets none of them: they
// would come when nobody expects them.
func (s *sender) hold() {
	d := &s.dialling
	if d.held++; d.held > maxHeld {
		d.queue, d.held = nil, 0
		s.dials.Store(false)
	}
}

// dialKey sends the frame of the first key that waits; false when that is over, its pause included.
func (s *sender) dialKey(at time.Time) bool {
	d := &s.dialling
	switch {
	case d.pause > 0:
		d.pause--
		return d.pause > 0
	case d.events == nil && (d.sound != nil || s.plan.Event == 0):
		return s.dialTone(at)
	}
	s.dialEvent(at)
	return true
}

// dialTone sends a frame of a key, or of the pause after it, as audio. A change of the codec cuts the
// key short.
func (s *sender) dialTone(at time.Time) bool {
	d, rate := &s.dialling, s.plan.Codec.Rate
	if d.sound == nil {
		key := d.queue[0]
		gap := time.Duration(max(key.off, 1)) * codec.Frame
		d.sound = tone.Digits(rate, string(key.key), key.on, gap)
		d.pcm = make([]int16, frameSamples(rate))
	}
	if d.sound.Rate() != rate || !d.sound.Read(d.pcm) {
		d.sound = nil
		return false
	}
	if s.ready(s.plan) {
		s.encode(at, d.pcm)
	}
	return true
}

// dialEvent sends one packet of a key; its timestamp is that of the key's beginning.
func (s *sender) dialEvent(at time.Time) {
	d := &s.dialling
	if d.events == nil {
		d.events = dtmf.NewSender(s.plan.EventClock, codec.Frame)
		// The key was checked, and a new sender has room.
		_ = d.events.Press(dtmf.Press{Key: d.queue[0].key, Duration: d.queue[0].on})
	}
	ts := s.stamp(at)
	s.line.use(ts + s.plan.frameUnits)
	packet, _ := d.events.Next(ts)
	s.sendEvent(packet.Payload, packet.Marker, packet.Timestamp)
	if !d.events.Busy() {
		d.events, d.pause = nil, d.queue[0].off+1
	}
}

func (s *sender) sendEvent(payload [eventSize]byte, first bool, timestamp uint32) {
	if !s.open || s.plan.Event == 0 {
		return
	}
	datagram := s.side[:]
	copy(datagram[rtp.HeaderSize:], payload[:])
	s.transmit(datagram, rtp.Header{
		Payload: s.plan.Event, Marker: first, Sequence: s.seq, Timestamp: timestamp, SSRC: s.ssrc,
	})
	s.own(true) // the audio after it begins a talkspurt
}

// pass sends a telephone-event packet of the other side of a bridge that is no relay: our numbering,
// our payload number, our clock. Audio of our own is held back meanwhile.
func (s *sender) pass(from *Stream, payload []byte, h rtp.Header, clock int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open || s.closed || s.plan.Event == 0 || len(payload) < eventSize || s.dialling.active() {
		return
	}
	r := &s.passed
	first := r.from != from || r.ssrc != h.SSRC || r.newestTS != h.Timestamp
	if first {
		*r = relaying{from: from, ssrc: h.SSRC, newestTS: h.Timestamp, timestamp: s.stamp(now)}
	}
	s.quiet = now.Add(eventPause)
	out := [eventSize]byte(payload)
	rescale(out[:], clock, s.plan.EventClock)
	s.sendEvent(out, first, r.timestamp)
}
