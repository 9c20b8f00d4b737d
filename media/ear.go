package media

import (
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/media/codec"
	"tandem/media/dtmf"
	"tandem/media/jitter"
	"tandem/media/rtp"
)

// ear plays a stream's packets out as audio, for as long as somebody listens: the other side of a
// bridge that must transcode, a mixer, a delayed echo, a recorder, the detector of keys in band.
// While nobody does it holds no buffer and costs nothing. One of the listeners pulls the frames;
// where none does, the stream's own tick. The others get what was pulled.
type ear struct {
	conf     *conf.Media
	rouse    func()      // the stream's own tick is needed
	listened atomic.Bool // packets are wanted
	tended   atomic.Bool // ... and nobody else pulls: the stream's own tick does

	mu     sync.Mutex
	plan   *plan
	pulled bool           // somebody else calls next
	keys   *dtmf.Detector // nil when keys come as events
	taps   []taker        // into recordings and copies; replaced, never changed

	buffer    *jitter.Buffer // nil while nobody listens, and so are those below
	decoder   codec.Decoder
	concealer *codec.Concealer
	ready     []int16 // played out and not yet taken
	scratch   []int16 // a frame for the stream's own tick
	gone      jitter.Stats
}

func newEar(c *conf.Media, rouse func()) *ear { return &ear{conf: c, rouse: rouse} }

// apply takes over what SDP settled. What is under way survives unless the codec changes.
func (e *ear) apply(p *plan) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plan == nil || e.plan.Codec != p.Codec {
		e.drop()
		e.keys = nil
	}
	e.plan = p
	switch inBand := p.RecvEvent == 0 && p.hears; {
	case !inBand:
		e.keys = nil
	case e.keys == nil:
		e.keys = dtmf.NewDetector(p.Codec.Rate)
	}
	e.retune()
}

// pulledBy tells whether somebody else calls next from now on.
func (e *ear) pulledBy(somebody bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pulled = somebody
	e.retune()
}

// taker takes what an ear hears, without pulling it. write is called with the ear locked and never waits.
type taker interface {
	write(pcm []int16, at time.Time)
	into() any // the recording or the copy: an ear feeds each once
}

// record feeds the tap from now on, in place of another one into the same recording; false: there are too many.
func (e *ear) record(t taker) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	taps := e.without(t.into())
	if len(taps) >= maxTaps {
		return false
	}
	e.taps = append(taps, t)
	e.retune()
	return true
}

// leave ends the tap into a recording or a copy; nil: into all of them.
func (e *ear) leave(into any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taps = e.without(into)
	e.retune()
}

// without are the taps that lead elsewhere; none, where that is nil.
func (e *ear) without(into any) (taps []taker) {
	for _, t := range e.taps {
		if into != nil && t.into() != into {
			taps = append(taps, t)
		}
	}
	return taps
}

// retune gets the play-out ready, or lets it go, as there are listeners.
func (e *ear) retune() {
	wanted := e.plan != nil && (e.pulled || e.keys != nil || len(e.taps) > 0)
	if wanted && e.buffer == nil {
		c := e.plan.Codec
		e.buffer = jitter.New(c.Clock, e.conf.JitterMin, e.conf.JitterMax)
		e.decoder, e.concealer = c.NewDecoder(), codec.NewConcealer(c.Rate)
		e.ready = make([]int16, 0, 2*c.Samples)
		e.scratch = make([]int16, c.Samples)
	}
	if !wanted {
		e.drop()
	}
	e.listened.Store(wanted)
	if tended := wanted && !e.pulled; e.tended.Swap(tended) != tended && tended {
		e.rouse()
	}
}

func (e *ear) drop() {
	if e.buffer == nil {
		return
	}
	e.gone = e.counts()
	e.buffer, e.decoder, e.concealer, e.ready, e.scratch = nil, nil, nil, nil, nil
}

// put takes a packet of audio in.
func (e *ear) put(p rtp.Packet, datagram []byte, made *plan, now time.Time) {
	if !e.listened.Load() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.buffer == nil || e.plan != made {
		return
	}
	e.buffer.Push(jitter.Packet{
		SSRC: p.SSRC, Sequence: p.Sequence, Timestamp: p.Timestamp, Marker: p.Marker,
		Payload: datagram[p.Start:p.End],
	}, now)
}

// listen pulls a frame when none of those who listen does.
func (s *Stream) listen(at time.Time) {
	e := s.ear
	if !e.tended.Load() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.buffer != nil && !e.pulled {
		s.hear(e.scratch, at)
	}
}

// overhear is the stream's next frame, for somebody else. False when there was nothing to hear: the
// frame is silence then.
func (s *Stream) overhear(frame []int16, at time.Time) bool {
	e := s.ear
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.buffer == nil || len(frame) != e.plan.Codec.Samples {
		clear(frame)
		return false
	}
	return s.hear(frame, at)
}

// hear plays out one frame, and lets those hear it who did not pull it. Called with the ear locked.
func (s *Stream) hear(frame []int16, at time.Time) bool {
	e := s.ear
	heard := e.play(frame, at)
	if e.keys != nil {
		s.detect(e.keys, frame)
	}
	for _, t := range e.taps {
		t.write(frame, at)
	}
	return heard
}

// play fills the frame from the buffer; packets may hold more or less than a frame.
func (e *ear) play(frame []int16, at time.Time) (heard bool) {
	for len(e.ready) < len(frame) {
		payload, state := e.buffer.Pull(at)
		switch state {
		case jitter.Wait:
			n := copy(frame, e.ready)
			clear(frame[n:])
			e.ready = e.ready[:0]
			return heard
		case jitter.Play:
			if e.buffer.Spliced() {
				e.concealer.Splice()
			}
			from := len(e.ready)
			if e.ready = e.decoder.Decode(e.ready, payload); len(e.ready) == from {
				e.conceal() // it says nothing, and its time passes all the same
				break
			}
			e.concealer.Good(e.ready[from:])
		case jitter.Conceal:
			e.conceal()
		}
		heard = true
	}
	copy(frame, e.ready)
	e.ready = e.ready[:copy(e.ready, e.ready[len(frame):])]
	return true
}

// conceal makes up for a packet. A decoder that can do so itself knows better.
func (e *ear) conceal() {
	samples, from := int(e.buffer.Length())*e.plan.Codec.Rate/int(time.Second), len(e.ready)
	if d, ok := e.decoder.(codec.Mender); ok {
		e.ready = d.Mend(e.ready, samples, e.buffer.Next())
		e.concealer.Good(e.ready[from:])
		return
	}
	for range samples {
		e.ready = append(e.ready, 0)
	}
	e.concealer.Conceal(e.ready[from:])
}

func (e *ear) counts() jitter.Stats {
	total := e.gone
	if e.buffer != nil {
		now := e.buffer.Stats()
		total.Concealed += now.Concealed
		total.Late += now.Late
		total.Delay = now.Delay
	}
	return total
}

func (e *ear) measure() jitter.Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.counts()
}
