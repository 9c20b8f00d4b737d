package rtp

import "time"

// Limits of RFC 3550 appendix A.1.
const (
	maxDropout  = 3000 // a jump ahead up to here is loss
	maxMisorder = 100  // a step back up to here is reordering or a duplicate
	seqMod      = 1 << 16
)

// Reception counts what came of one source: extended sequence numbers, loss and interarrival
// jitter (RFC 3550 appendix A.1, A.3, A.8). Counts go on when the source changes its SSRC or
// restarts its sequence, so that loss is that of the whole stream. The zero value is ready.
type Reception struct {
	Received uint64 // packets, duplicates included
	Jitter   float64

	started   bool
	ssrc      uint32
	maxSeq    uint16
	cycles    uint32 // wraps of the sequence, shifted by 16
	baseSeq   uint32
	badSeq    uint32
	transit   int32
	timed     bool
	earlier   uint64 // expected from sequences that ended
	prior     uint64 // Received when the last report was made
	priorWant uint64
}

// Order tells how a packet stands to those before it.
type Order uint8

// The orders of a packet.
const (
	InOrder Order = iota // next, or after a gap
	Late                 // reordered or a duplicate
	Restart              // first of a new source or of a new sequence
	Suspect              // a wild jump, not counted unless the next packet continues it
)

// Update takes a packet in. Timestamp and arrival are both in units of the clock rate.
func (r *Reception) Update(ssrc uint32, seq uint16, timestamp, arrival uint32) Order {
	order := r.Count(ssrc, seq)
	if order == Suspect {
		return order
	}
	transit := int32(arrival - timestamp)
	if r.timed {
		d := float64(transit - r.transit)
		if d < 0 {
			d = -d
		}
		r.Jitter += (d - r.Jitter) / 16
	}
	r.transit, r.timed = transit, true
	return order
}

// Count takes a packet in whose timestamp does not tell when it was sent, such as one of
// telephone-event (RFC 4733 section 2.2.1).
func (r *Reception) Count(ssrc uint32, seq uint16) Order {
	order := r.sequence(ssrc, seq)
	if order == Restart {
		r.timed = false
	}
	if order != Suspect {
		r.Received++
	}
	return order
}

func (r *Reception) sequence(ssrc uint32, seq uint16) Order {
	if !r.started || ssrc != r.ssrc {
		r.restart(ssrc, seq)
		return Restart
	}
	delta := seq - r.maxSeq
	switch {
	case delta == 0 || delta > seqMod-maxMisorder:
		return Late
	case delta < maxDropout:
		if seq < r.maxSeq {
			r.cycles += seqMod
		}
		r.maxSeq = seq
		return InOrder
	case uint32(seq) == r.badSeq:
		// Two in a row beyond the jump: the peer restarted its sequence.
		r.restart(ssrc, seq)
		return Restart
	default:
		r.badSeq = uint32(seq + 1)
		return Suspect
	}
}

func (r *Reception) restart(ssrc uint32, seq uint16) {
	r.earlier = r.Expected()
	r.started, r.ssrc = true, ssrc
	r.maxSeq, r.baseSeq, r.cycles = seq, uint32(seq), 0
	r.badSeq = seqMod + 1
}

// SSRC is the source that is counted now; false before the first packet.
func (r *Reception) SSRC() (uint32, bool) { return r.ssrc, r.started }

// Highest is the extended highest sequence number (RFC 3550 section 6.4.1).
func (r *Reception) Highest() uint32 { return r.cycles + uint32(r.maxSeq) }

// Expected is how many packets the sequence numbers promised.
func (r *Reception) Expected() uint64 {
	if !r.started {
		return 0
	}
	return r.earlier + uint64(r.Highest()-r.baseSeq) + 1
}

// Lost is expected minus received, never below zero: duplicates can make it so.
func (r *Reception) Lost() uint64 {
	if want := r.Expected(); want > r.Received {
		return want - r.Received
	}
	return 0
}

// Fraction is the loss since the last call, in 256ths (RFC 3550 appendix A.3), for one report.
func (r *Reception) Fraction() uint8 {
	want, got := r.Expected()-r.priorWant, r.Received-r.prior
	r.priorWant, r.prior = r.Expected(), r.Received
	if want == 0 || got >= want {
		return 0
	}
	return uint8(min((want-got)<<8/want, 255))
}

// JitterTime is the jitter as time, at the clock rate of the source.
func (r *Reception) JitterTime(clock int) time.Duration {
	if clock <= 0 {
		return 0
	}
	return time.Duration(r.Jitter * float64(time.Second) / float64(clock))
}
