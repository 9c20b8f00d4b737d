package jitter

import "time"

// Limits of the buffer.
const (
	slots      = 32   // packets; a power of two, so that sequence numbers wrap with the ring
	MaxPayload = 1480 // bytes of one: what fits into a datagram of an Ethernet; 120 ms of G.711 are 960
	maxLate    = 100  // packets behind are late; more is another numbering (RFC 3550 A.1)
)

// Times of the buffer.
const (
	usualLength = 20 * time.Millisecond  // of a packet, until the stream shows its own
	maxLength   = 200 * time.Millisecond // of a packet, beyond which timestamps tell of a gap
	dry         = 120 * time.Millisecond // without anything to play, playing ends
	shrinkEvery = 500 * time.Millisecond // at most one packet is dropped in so long
	maxJump     = 2 * time.Second        // between timestamps and arrival, before time begins anew
)

// State is what a pull found.
type State int

// The states of a pull.
const (
	Wait    State = iota // nothing is due: the stream has not begun, or the talker is silent
	Play                 // the payload is next
	Conceal              // a packet is missing: make up for it
)

// Packet is what the buffer must know of an RTP packet.
type Packet struct {
	SSRC      uint32
	Sequence  uint16
	Timestamp uint32
	Marker    bool
	Payload   []byte // copied
}

// Stats counts what happened to packets since the buffer was made.
type Stats struct {
	Received  uint64 // pushed, all of them
	Played    uint64
	Concealed uint64 // pulls that found a packet missing
	Lost      uint64 // passed over without having come
	Late      uint64 // came when they had been passed over
	Duplicate uint64
	Reordered uint64 // came after a later one, and in time
	Dropped   uint64 // given up to shorten the delay, or since there was no room
	Refused   uint64 // empty, too large, or of a sequence that fits nowhere
	Restarted uint64 // another SSRC, numbering or time

	Delay  time.Duration // of what was last played
	Target time.Duration // that the jitter asks for now
}

// Buffer is the play-out buffer of one stream. It is not safe for use by several goroutines at once.
type Buffer struct {
	clock int
	epoch time.Time // of all times within

	ring [slots]slot
	room [][]byte // of payloads that are not needed any more

	begun   bool
	ssrc    uint32
	next    uint16 // sequence number to play next
	highest uint16 // latest one seen
	stray   uint16 // what would follow the last packet that fits nowhere
	taken   uint64 // bit i: packet next-1-i has come

	playing  bool
	fresh    bool          // nothing was played since the stream began
	playhead time.Duration // timestamp of the next packet, if nothing is left out
	stalled  int           // conceals during which the playhead stood still
	empty    int           // conceals in a row with nothing in the buffer
	shrunk   time.Duration // when a packet was last dropped to shorten the delay
	spliced  bool          // ... and that was just before the one played last

	timeline
	stats Stats
}

// slot holds one packet.
type slot struct {
	filled    bool
	marker    bool
	sequence  uint16
	timestamp time.Duration
	payload   []byte
}

// New makes a buffer for a stream of the given RTP clock rate. The delay stays between min and max.
func New(clock int, min, max time.Duration) *Buffer {
	return &Buffer{
		clock: clock, timeline: timeline{length: usualLength, least: min, most: max},
	}
}

// Stats returns the counts, and the delays of now.
func (b *Buffer) Stats() Stats {
	s := b.stats
	s.Target = b.target()
	return s
}

// Spliced tells that audio was left out right before what the last Pull gave, to shorten the delay:
// the player should smooth the seam.
func (b *Buffer) Spliced() bool { return b.spliced }

// Length is how much audio one packet holds: what a Conceal stands for.
func (b *Buffer) Length() time.Duration { return b.length }

// Next is the payload that follows what the last Pull gave or found missing, if it is here already. It is valid until the
// next Push.
func (b *Buffer) Next() []byte {
	if s := &b.ring[b.next%slots]; s.filled && s.sequence == b.next {
		return s.payload
	}
	return nil
}

// Reset forgets the stream but not the counts.
func (b *Buffer) Reset() {
	for i := range b.ring {
		b.ring[i].filled = false
	}
	b.begun, b.playing, b.taken, b.stalled, b.empty = false, false, 0, 0, 0
	b.timeline = timeline{length: b.length, least: b.least, most: b.most}
}

// Push takes a packet that arrived now. It is false for one that will not be played.
func (b *Buffer) Push(p Packet, now time.Time) bool {
	b.stats.Received++
	at := b.since(now)
	if len(p.Payload) == 0 || len(p.Payload) > MaxPayload {
		b.stats.Refused++
		return false
	}
	if !b.follow(p, at) || !b.admit(p.Sequence) {
		return false
	}
	switch ahead := int16(p.Sequence - b.highest); {
	case ahead > 0:
		b.learn(p, ahead == 1, b.clock)
		b.highest = p.Sequence
	case ahead < 0:
		b.stats.Reordered++
	}
	b.store(p, b.arrive(at, p.Timestamp, b.clock))
	return true
}

func (b *Buffer) since(now time.Time) time.Duration {
	if b.epoch.IsZero() {
		b.epoch = now
	}
	return now.Sub(b.epoch)
}

// follow begins a stream with its first packet, and anew where SSRC, time or numbering have changed.
// A number far from all others is refused once and believed when the next one follows it (RFC 3550
// A.1).
func (b *Buffer) follow(p Packet, at time.Duration) bool {
	far := b.far(p.Sequence)
	same := b.begun && p.SSRC == b.ssrc && !b.jumps(at, p.Timestamp, b.clock)
	if same && far && p.Sequence != b.stray {
		b.stray = p.Sequence + 1
		b.stats.Refused++
		return false
	}
	if b.begun && (!same || far) {
		b.stats.Restarted++
		b.Reset()
	}
	if !b.begun {
		b.begun, b.fresh = true, true
		b.ssrc, b.next, b.highest, b.stray = p.SSRC, p.Sequence, p.Sequence, p.Sequence-1
		b.timeline.begin(p.Timestamp)
	}
	return true
}

func (b *Buffer) far(sequence uint16) bool {
	ahead := int16(sequence - b.next)
	return ahead < -maxLate || ahead >= slots+maxLate
}

// admit judges a sequence number: whether its time has passed, and whether it was seen before.
func (b *Buffer) admit(sequence uint16) bool {
	ahead := int(int16(sequence - b.next))
	switch {
	case ahead < 0 && b.fresh && !b.playing && ahead > -slots/2:
		b.next = sequence // overtaken by the packet that came first
	case ahead < 0:
		b.countLate(-ahead)
		return false
	case ahead >= slots:
		b.makeRoom(sequence)
	}
	if s := &b.ring[sequence%slots]; s.filled && s.sequence == sequence {
		b.stats.Duplicate++
		return false
	}
	return true
}

// countLate tells a packet that comes too late from one that comes again.
func (b *Buffer) countLate(behind int) {
	if behind <= 64 && b.taken>>(behind-1)&1 == 1 {
		b.stats.Duplicate++
		return
	}
	if behind <= 64 {
		b.taken |= 1 << (behind - 1)
	}
	b.stats.Late++
}

// makeRoom gives up the oldest packets for one that does not fit into the ring.
func (b *Buffer) makeRoom(sequence uint16) {
	for int(int16(sequence-b.next)) >= slots {
		if b.ring[b.next%slots].filled {
			b.stats.Dropped++
		}
		b.advance()
	}
}

// store copies the packet into its slot. The room is that of a packet that was left behind, the last one first: a buffer
// has as much as it once held at a time, not as much as it can hold, and what it writes to was just read.
func (b *Buffer) store(p Packet, timestamp time.Duration) {
	s := &b.ring[p.Sequence%slots]
	s.filled, s.marker, s.sequence, s.timestamp = true, p.Marker, p.Sequence, timestamp
	if n := len(b.room) - 1; s.payload == nil && n >= 0 {
		s.payload, b.room = b.room[n], b.room[:n]
	}
	s.payload = append(s.payload[:0], p.Payload...)
}

// advance leaves the next packet behind, whether it is there or not.
func (b *Buffer) advance() {
	s := &b.ring[b.next%slots]
	b.taken <<= 1
	if s.filled {
		b.taken |= 1
	} else {
		b.stats.Lost++
	}
	if s.payload != nil {
		b.room, s.payload = append(b.room, s.payload), nil // nothing is written to it before the next Push
	}
	s.filled = false
	b.next++
	b.playhead += b.length
}
