package media

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/webrtc"
)

// ErrClosed tells that the stream, mixer, recorder or engine has been closed.
var ErrClosed = errors.New("media: closed")

// Stream is the RTP flow of one leg, both ways. All methods may be called from any goroutine, but
// not from within a Source.
//
// What a stream sends is one of: nothing (Mute), audio of its own (Play, Echo with a delay), the
// packets of another stream (Bridge, Echo without delay), what another stream hears (Copy), or a mix (Join). The last call
// wins and ends what was before, for the other side of a bridge too, which then sends silence.
type Stream struct {
	id      string
	cname   string
	engine  *Engine
	shard   *shard
	turn    *turn
	port    int
	local   netip.Addr
	onEvent func(Event)

	conn, control rtp.Conn     // RTP and RTCP; with browser both are that
	encryption    encryption   // of these ports; not with browser
	browser       *webrtc.Peer // nil: plain RTP on ports of its own
	fingerprint   string       // of the certificate that it shows to a browser
	receiver      *receiver
	sender        *sender
	ear           *ear
	reports       reports

	plan   atomic.Pointer[plan]
	feed   atomic.Pointer[feed]
	mute   atomic.Pointer[plan] // whose Speechless was told
	onward atomic.Pointer[onward]
	closed atomic.Bool

	// The shard's own:
	watched time.Time // when what is no audio is looked after next
	rested  rested
	spoken  *feed // what the last frame was made of
	last    int16 // its last sample; 0 when it was not of our making
	sharing sharing

	// Guarded by engine.topology:
	peer      *Stream
	party     *party
	attending attending
	echo      bool          // what comes in goes out again
	delay     time.Duration // so much later; 0: as packets
	copies    *copied       // what another stream hears; nil: nothing
}

// onward is the other side of a bridge: key presses go there, and packets too while it is a relay.
type onward struct {
	to      *Stream
	packets bool
}

// ID is the name the stream was opened with.
func (s *Stream) ID() string { return s.id }

// Port is the local RTP port; RTCP has the next one.
func (s *Stream) Port() int { return s.port }

// Local is the local address.
func (s *Stream) Local() netip.Addr { return s.local }

// Apply takes over what an exchange of SDP settled: address, codec, payload numbers, direction.
// It may be called again at any time; what is sent goes on with the same SSRC and without a step
// in sequence and timestamp.
func (s *Stream) Apply(params sdp.Params) error {
	if err := s.fits(params); err != nil {
		return err
	}
	p, err := newPlan(params)
	if err != nil {
		return err
	}
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if s.closed.Load() {
		return ErrClosed
	}
	if err := s.encrypt(p); err != nil {
		return err
	}
	s.settle(p)
	return nil
}

// settle makes the plan the one in force. Called with the topology locked.
func (s *Stream) settle(p *plan) {
	now := time.Now()
	if s.browser != nil {
		s.browser.Agree(*p.Secure)
	}
	remote := s.receiver.apply(p, now)
	s.sender.apply(p, remote, now)
	s.ear.apply(p)
	s.plan.Store(p)
	s.rewire()
	s.rouse()
}

// recoded is the stream's word to itself that the peer now sends the codec of a payload number.
type recoded struct{ payload uint8 }

func (recoded) event() {}

// follow goes over to another codec of those agreed on, as the peer did.
func (s *Stream) follow(payload uint8) {
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if s.closed.Load() {
		return
	}
	if p := s.plan.Load(); p != nil {
		if next := p.following(payload); next != nil {
			s.settle(next)
		}
	}
}

// Play sends the source from its next frame on; nil is silence. When the source ends, Finished is
// told and silence follows. A source is read once per frame from when Apply was first called. One
// whose sample rate is not a multiple of 8000 Hz up to 48000 Hz ends at once.
func (s *Stream) Play(source Source) {
	s.change(func() { s.send(&feed{paced: true, source: source, told: true}) })
}

// Mute sends nothing at all.
func (s *Stream) Mute() {
	s.change(func() { s.send(&feed{}) })
}

// Echo sends back what comes in: packet by packet and undecoded when delay is 0, else as audio so
// much later, 5 s at most.
func (s *Stream) Echo(delay time.Duration) {
	s.change(func() {
		s.echo, s.delay = true, min(max(delay, 0), maxEcho)
		s.rewire()
	})
}

// change ends what the stream takes part in and begins something else.
func (s *Stream) change(begin func()) {
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if !s.closed.Load() {
		s.detach()
		begin()
	}
}

// detach takes the stream out of a bridge or a mixer, and ends its attendance. Called with the topology locked.
func (s *Stream) detach() {
	s.echo = false
	s.uncopy()
	if peer := s.peer; peer != nil {
		s.peer, peer.peer = nil, nil
		peer.scatter()
		peer.disperse()
		peer.onward.Store(nil)
		peer.sender.adopt(nil)
		peer.send(&feed{paced: true})
		peer.ear.pulledBy(false)
	}
	s.scatter()
	s.unseat()
	s.disperse()
	s.onward.Store(nil)
	s.sender.adopt(nil)
	s.ear.pulledBy(false)
	s.unattend()
}

// send makes the feed the one that the shard reads.
func (s *Stream) send(f *feed) {
	if d, ok := f.source.(listening); ok {
		d.of().ear.pulledBy(true)
	}
	s.feed.Store(f)
	s.rouse()
}

// tick is the stream's share of its shard's frame.
func (s *Stream) tick(at time.Time) (until time.Time) {
	p := s.plan.Load()
	if p == nil || s.closed.Load() {
		return at.Add(longestRest)
	}
	s.goOn(at)
	s.speak(at, p)
	s.listen(at)
	if s.watched.IsZero() {
		s.watched = at.Add((watchFrames - 1) * codec.Frame)
	}
	if !at.Before(s.watched) {
		s.watched = at.Add(watchFrames * codec.Frame)
		s.watch(at)
	}
	return s.rest(at, p)
}

func (s *Stream) speak(at time.Time, p *plan) {
	f := s.feed.Load()
	if s.share(f, at, p) {
		return
	}
	if s.sharing.source != nil {
		s.unshare(p)
	}
	var pcm []int16
	candidate := s.candidate(f, p)
	if f.paced {
		var more bool
		if pcm, more = f.next(at, p); !more {
			s.finish(f)
			s.speak(at, p) // what follows begins in the same frame
			return
		}
	}
	if s.sender.dials.Load() && p.Event == 0 {
		s.speechless(p)
	}
	if s.sender.dial(at, p) || !f.paced {
		s.spoken, s.last = nil, 0
		return
	}
	if f.source != nil && s.speechless(p) {
		return
	}
	if f != s.spoken {
		soften(pcm, s.last)
	}
	s.own(f, at, p, pcm, candidate)
}

// speechless tells whether audio of our own can not be encoded, and the owner that there is some.
func (s *Stream) speechless(p *plan) bool {
	if p.Codec.Encodes() {
		return false
	}
	if s.mute.Swap(p) != p {
		s.notify(Speechless{})
	}
	return true
}

// soften lets a frame begin where another ended and come to its own within a quarter of it, so that
// one source after another does not click.
func soften(pcm []int16, last int16) {
	n := len(pcm) / 4
	step := int(last) - int(pcm[0])
	for i := range n {
		pcm[i] = int16(min(max(int(pcm[i])+step*(n-i)/n, -1<<15), 1<<15-1))
	}
}

// finish follows the end of a source with silence, unless something else was begun meanwhile.
func (s *Stream) finish(f *feed) {
	if s.feed.CompareAndSwap(f, &feed{paced: true}) && f.told {
		s.notify(Finished{Source: f.source.Name()})
	}
}

// watch looks after what is no audio.
func (s *Stream) watch(at time.Time) {
	if since, silent := s.receiver.watch(at, s.engine.conf.Silence); silent {
		s.notify(Silent{Since: since})
	}
	s.expire(at)
	s.report(at)
}

func (s *Stream) notify(e Event) { s.shard.notify(s, e) }

// deliver runs on the shard's event goroutine.
func (s *Stream) deliver(e Event) {
	if to, ok := e.(recoded); ok {
		s.follow(to.payload)
		return
	}
	if s.onEvent != nil && !s.closed.Load() {
		s.onEvent(e)
	}
}

// Close sends the RTCP BYE, frees the ports into quarantine and ends whatever the stream took part
// in. No event is delivered after it, except one that is under way.
func (s *Stream) Close() {
	s.engine.topology.Lock()
	if s.closed.Swap(true) {
		s.engine.topology.Unlock()
		return
	}
	s.detach()
	s.dismiss()
	s.engine.topology.Unlock()

	s.bye()
	s.release()
	s.engine.forget(s)
}

// release gives back what Open took.
func (s *Stream) release() {
	s.shard.remove(s.turn)
	s.ear.leave(nil)
	s.sender.close()
	// Sockets of datagrams have nothing to flush, so closing them loses nothing.
	_ = s.conn.Close()
	if s.browser != nil {
		return // its port is everybody's
	}
	_ = s.control.Close()
	if s.encryption.phone != nil {
		s.encryption.phone.Close()
	}
	s.engine.ports.At(s.local).Give(s.port, time.Now())
}
