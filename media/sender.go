package media

import (
	"cmp"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
)

// sender is the outgoing half of a stream: one SSRC, one sequence and one clock, without a gap
// whatever feeds it.
type sender struct {
	doors  *doors // nil in tests
	mu     sync.Mutex
	conn   rtp.Conn
	remote netip.AddrPort
	placed bool // conn knows where the peer is, whatever remote says
	open   bool // direction, address and codec allow to send
	closed bool

	plan    *plan
	encoder codec.Encoder

	ssrc uint32
	seq  uint16 // of the next packet
	line timeline
	mark bool // the next packet begins a talkspurt (RFC 3551 section 4.1)

	buffer []byte // room for a header, then encoded audio that is not sent yet
	filled int
	first  uint32 // timestamp of the first octet of it

	scratch []byte // what either makes

	relayed  relaying
	passed   relaying  // RFC 4733 packets of the other side of a bridge that is not a relay
	quiet    time.Time // own audio stays away until then: the packets of events have the line
	dialling dialling
	dials    atomic.Bool                      // dialling has something to do
	side     [rtp.HeaderSize + eventSize]byte // a packet that is no audio

	packets, octets uint64 // that the kernel took
	faxes           uint64 // datagrams of T.38, likewise
}

// relaying is how packets of another stream are renumbered into ours.
type relaying struct {
	from      *Stream
	anchored  bool
	ssrc      uint32 // theirs
	seq       uint16 // add to theirs to get ours
	timestamp uint32
	newest    uint16 // theirs, highest
	newestTS  uint32
	last      time.Time
}

func newSender(conn rtp.Conn, now time.Time) *sender {
	return &sender{
		conn: conn, line: newTimeline(now), mark: true,
		ssrc: rand.Uint32(), seq: uint16(rand.Uint32N(1 << 15)),
	}
}

// apply takes over what SDP settled. The encoder is kept while the codec stays: it has state.
func (s *sender) apply(p *plan, remote netip.AddrPort, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == nil || s.plan.Codec != p.Codec {
		s.line.tune(p.Codec.Clock, now)
		s.encoder = p.Codec.NewEncoder()
		s.mark = true
	}
	if s.plan == nil || s.plan.Codec != p.Codec || s.plan.packet != p.packet {
		// A frame is added to less than a packet.
		s.buffer, s.filled = make([]byte, rtp.HeaderSize+p.packet+p.Codec.Room()), 0
	}
	if e, ok := s.encoder.(codec.Tunable); ok {
		e.Tune(p.Wishes)
	}
	s.plan, s.remote = p, remote
	s.open = p.sends && (s.placed || reachable(remote) && !s.doors.shun(remote))
}

// reachable tells an address that one can send to from one that means nobody (port 0, the 0.0.0.0
// of old holds) or many.
func reachable(remote netip.AddrPort) bool {
	a := remote.Addr()
	return remote.Port() != 0 && a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() &&
		a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func (s *sender) point(remote netip.AddrPort) {
	s.mu.Lock()
	s.remote = remote
	s.open = s.plan != nil && s.plan.sends && (s.placed || reachable(remote) && !s.doors.shun(remote))
	s.mu.Unlock()
}

// stamp is the timestamp for audio that belongs to the time. After a gap a talkspurt begins.
func (s *sender) stamp(at time.Time) uint32 {
	timestamp, gap := s.line.stamp(at)
	s.mark = s.mark || gap
	return timestamp
}

// frame encodes one frame of audio and sends what fills packets. Audio that was made for another
// plan than the one in force is dropped.
func (s *sender) frame(at time.Time, made *plan, pcm []int16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready(made) && !s.held(at) {
		s.encode(at, pcm)
	}
}

func (s *sender) encode(at time.Time, pcm []int16) {
	s.begin(at)
	encoded := s.encoder.Encode(s.buffer[:rtp.HeaderSize+s.filled], pcm)
	s.filled = len(encoded) - rtp.HeaderSize
	s.flush()
}

// payload sends one frame that was encoded elsewhere; false when it was dropped.
func (s *sender) payload(at time.Time, made *plan, octets []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready(made) || s.held(at) {
		return false
	}
	s.begin(at)
	s.filled += copy(s.buffer[rtp.HeaderSize+s.filled:], octets)
	s.flush()
	return true
}

// ready tells whether audio of our own that was made for a plan is sent: it is in force, and its codec can be encoded.
func (s *sender) ready(made *plan) bool {
	return s.open && !s.closed && s.plan == made && s.encoder != nil
}

// held tells that key presses have the line.
func (s *sender) held(at time.Time) bool { return s.dialsNow() || at.Before(s.quiet) }

// begin settles the timestamp of a frame that is about to be added.
func (s *sender) begin(at time.Time) {
	ts := s.stamp(at)
	if waiting := s.buffer[rtp.HeaderSize:][:s.filled]; s.filled > 0 && ts != s.first+s.plan.units(waiting) {
		s.filled = 0 // a gap: what is left of the frame before does not belong to this one
	}
	if s.filled == 0 {
		s.first = ts
	}
	s.line.use(ts + s.plan.frameUnits)
}

// flush sends the packets that are full. Each header is written right in front of its payload, over
// octets that are already sent.
func (s *sender) flush() {
	if s.filled == 0 { // the encoder has nothing to say of this frame: what comes after it begins a talkspurt
		s.mark = true
		return
	}
	size, done := cmp.Or(s.plan.packet, s.filled), 0
	for ; done < s.filled && s.filled-done >= size; done += size {
		datagram := s.buffer[done : done+rtp.HeaderSize+size]
		units := s.plan.units(datagram[rtp.HeaderSize:])
		s.transmit(datagram, rtp.Header{
			Payload: s.plan.Payload, Marker: s.mark, Sequence: s.seq, Timestamp: s.first, SSRC: s.ssrc,
		})
		s.own(false)
		s.first += units
	}
	s.filled = copy(s.buffer[rtp.HeaderSize:], s.buffer[rtp.HeaderSize+done:rtp.HeaderSize+s.filled])
}

// own follows a packet of our own: numbers that were kept for a relay do not hold any more.
func (s *sender) own(mark bool) {
	s.seq++
	s.mark = mark
	s.relayed.anchored = false
}

// transmit writes the header and sends. It is the one place where RTP leaves; conn encrypts it for a browser.
func (s *sender) transmit(datagram []byte, h rtp.Header) {
	rtp.PutHeader(datagram, h)
	if s.conn.Send(datagram, s.remote) == nil {
		s.packets++
		s.octets += uint64(len(datagram) - rtp.HeaderSize)
	}
}

// relay sends a packet of another stream on, its payload untouched and its header replaced. The
// datagram is overwritten. Sequence and timestamp keep their distance to the sender's own, so that
// the peer sees loss and reordering as they are; a sender that starts anew is anchored anew.
func (s *sender) relay(from *Stream, datagram []byte, p rtp.Packet, event bool, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.relayed.from != from || s.closed || s.dialsNow() {
		return false
	}
	if !s.open {
		s.relayed.anchored = false // what is not sent now is no loss later
		return false
	}
	number := s.plan.Payload
	if event {
		if number = s.plan.Event; number == 0 {
			s.relayed.skip(p)
			return false
		}
	}
	r := &s.relayed
	fresh := !r.anchored || r.broken(p, s.plan.Codec.Clock, now)
	if fresh {
		ts := s.stamp(now)
		*r = relaying{
			from: from, anchored: true, ssrc: p.SSRC, seq: s.seq - p.Sequence,
			timestamp: ts - p.Timestamp, newest: p.Sequence, newestTS: p.Timestamp,
		}
	}
	r.last = now
	h := rtp.Header{
		Payload: number, Marker: p.Marker || fresh, SSRC: s.ssrc,
		Sequence: p.Sequence + r.seq, Timestamp: p.Timestamp + r.timestamp,
	}
	if int16(p.Sequence-r.newest) >= 0 {
		r.newest, r.newestTS = p.Sequence, p.Timestamp
		s.seq = h.Sequence + 1
		s.line.use(h.Timestamp + s.plan.units(datagram[p.Start:p.End]))
	}
	s.transmit(datagram[p.Start-rtp.HeaderSize:p.End], h)
	s.mark = false
	return true
}

// skip leaves a packet of another stream out. The numbering closes over it: the peer is not to take
// it for loss.
func (s *sender) skip(from *Stream, p rtp.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.relayed.from == from {
		s.relayed.skip(p)
	}
}

func (r *relaying) skip(p rtp.Packet) {
	if r.anchored && p.SSRC == r.ssrc && p.Sequence == r.newest+1 {
		r.newest = p.Sequence
		r.seq--
	}
}

// broken tells that the packet does not continue the numbering that is anchored: another source, a
// wild jump of the sequence, or a clock that jumped against ours.
func (r *relaying) broken(p rtp.Packet, clock int, now time.Time) bool {
	const (
		maxStep = 1000
		maxSkew = 2 // seconds
	)
	step := int16(p.Sequence - r.newest)
	if p.SSRC != r.ssrc || step > maxStep || step < -maxStep {
		return true
	}
	passed := int64(now.Sub(r.last)) * int64(clock) / int64(time.Second)
	skew := int64(int32(p.Timestamp-r.newestTS)) - passed
	return skew > int64(maxSkew*clock) || skew < -int64(maxSkew*clock)
}

// adopt names the stream whose packets are relayed from now on; nil: none.
func (s *sender) adopt(from *Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.relayed.from != from {
		s.relayed = relaying{from: from}
	}
	s.passed = relaying{}
	s.mark = true
}

func (s *sender) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
}
