package jitter

import "time"

// Pull gives what is to be played now, for as long as Length tells. The payload is valid until the
// next Push.
func (b *Buffer) Pull(now time.Time) ([]byte, State) {
	at := b.since(now)
	b.spliced = false
	if !b.playing {
		return b.start(at)
	}
	s := &b.ring[b.next%slots]
	for !s.filled {
		if b.oldest() == nil {
			return b.underrun(at)
		}
		// It is lost, for later ones are here. A conceal made while waiting for it stands for it.
		standIn := b.stalled > 0
		b.advance()
		if !standIn {
			return b.conceal()
		}
		b.stalled--
		s = &b.ring[b.next%slots]
	}
	b.stalled, b.empty = 0, 0
	if s.marker || s.timestamp != b.playhead {
		return b.start(at)
	}
	if b.tooLong(at, s) {
		s = b.shrink(at)
	}
	return b.play(at, s)
}

// start waits until the oldest packet is due by the delay that is right now, and plays it.
func (b *Buffer) start(at time.Duration) ([]byte, State) {
	s := b.oldest()
	b.playing = s != nil && at >= b.base+s.timestamp+b.target()
	if !b.playing {
		return nil, Wait
	}
	s = b.skipTo(s)
	b.stalled, b.empty = 0, 0
	b.playhead = s.timestamp
	return b.play(at, s)
}

// skipTo leaves all before the packet behind, and more where a burst after a stall has brought more
// than the longest delay.
func (b *Buffer) skipTo(s *slot) *slot {
	for b.next != s.sequence {
		b.advance()
	}
	newest := &b.ring[b.highest%slots]
	for newest.filled && newest.timestamp-s.timestamp > b.most {
		b.stats.Dropped++
		b.advance()
		s = b.oldest()
		for b.next != s.sequence {
			b.advance()
		}
	}
	return s
}

// underrun conceals while there is nothing. The playhead stands still, which lengthens the delay, as
// far as the delay may grow; after a while the talker counts as silent.
func (b *Buffer) underrun(at time.Duration) ([]byte, State) {
	if at-b.base-b.playhead < b.most {
		b.stalled++
	} else {
		b.advance()
	}
	if b.empty++; time.Duration(b.empty)*b.length >= dry {
		b.playing = false
	}
	return b.conceal()
}

func (b *Buffer) conceal() ([]byte, State) {
	b.stats.Concealed++
	return nil, Conceal
}

func (b *Buffer) play(at time.Duration, s *slot) ([]byte, State) {
	b.stats.Delay = at - b.base - s.timestamp
	b.stats.Played++
	b.fresh = false
	payload := s.payload
	b.advance()
	return payload, Play
}

// tooLong tells whether the delay is more than a packet above the target and one can be dropped.
func (b *Buffer) tooLong(at time.Duration, s *slot) bool {
	following := &b.ring[(b.next+1)%slots]
	return at-b.base-s.timestamp > b.target()+b.length && at-b.shrunk >= shrinkEvery &&
		following.filled && following.timestamp == s.timestamp+b.length && !following.marker
}

func (b *Buffer) shrink(at time.Duration) *slot {
	b.stats.Dropped++
	b.shrunk, b.spliced = at, true
	b.advance()
	return &b.ring[b.next%slots]
}

// oldest is the first packet there is, nil when there is none.
func (b *Buffer) oldest() *slot {
	for i := range uint16(slots) {
		if s := &b.ring[(b.next+i)%slots]; s.filled {
			return s
		}
	}
	return nil
}
