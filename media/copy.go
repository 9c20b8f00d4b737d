package media

import (
	"fmt"
	"sync"
	"time"
)

// Copy sends what another stream hears, from its next frame on: to a recording server, say. What that stream is joined with,
// and what it sends, goes on untouched, packets of a relay too. A copy goes on as silence when the other stream is closed.
func (s *Stream) Copy(other *Stream) error {
	if s == other || s.engine != other.engine {
		return fmt.Errorf("media: a stream copies another one of its engine")
	}
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if s.closed.Load() || other.closed.Load() {
		return ErrClosed
	}
	if s.copies != nil && s.copies.from == other {
		return nil
	}
	s.detach()
	c := &copied{from: other, rate: other.rate()}
	if !other.ear.record(c) {
		s.send(&feed{paced: true})
		return fmt.Errorf("%w: of stream %s", ErrRecordings, other.id)
	}
	s.copies = c
	s.send(&feed{paced: true, source: c})
	return nil
}

// uncopy ends a copy. Called with the topology locked.
func (s *Stream) uncopy() {
	if c := s.copies; c != nil {
		c.from.ear.leave(c)
		s.copies = nil
	}
}

// copied is what a stream hears, as a source of another one. The first writes when its own frame is due and the second reads
// when its is: what lies between waits in a ring, of which the oldest frame goes when it is full.
type copied struct {
	from *Stream
	rate int

	mu    sync.Mutex
	ring  [copyFrames][]int16
	first int // the oldest frame, and
	held  int // how many there are
	begun bool
	rated rated
}

func (c *copied) into() any    { return c }
func (c *copied) Name() string { return "copy of " + c.from.id }
func (c *copied) Rate() int    { return c.rate }

func (c *copied) write(pcm []int16, _ time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == copyFrames {
		c.first, c.held = (c.first+1)%copyFrames, c.held-1
	}
	slot := &c.ring[(c.first+c.held)%copyFrames]
	*slot = append((*slot)[:0], c.rated.at(c.rate, pcm)...)
	c.held++
}

// Read takes the oldest frame. Where none has come in time silence goes out, and a new beginning is made.
func (c *copied) Read(frame []int16) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == 0 || !c.begun && c.held < copyLead {
		c.begun = false
		clear(frame)
		return true
	}
	c.begun = true
	n := copy(frame, c.ring[c.first])
	clear(frame[n:])
	c.first, c.held = (c.first+1)%copyFrames, c.held-1
	return true
}
