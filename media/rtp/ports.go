package rtp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// ErrNoPorts tells that every port pair is in use or in quarantine.
var ErrNoPorts = errors.New("rtp: no free port")

// Ports hands out port pairs: an even one for RTP and the odd one above it for RTCP. A pair that
// was given back rests before it is handed out again, so that late packets of the last call do not
// reach the next. The choice is random: the port of the next call is not to be guessed.
type Ports struct {
	mu      sync.Mutex
	rest    time.Duration
	free    []uint16
	kept    int       // of them, those for calls for help alone
	resting []resting // oldest first
	used    int
}

type resting struct {
	port  uint16
	until time.Time
}

// NewPorts takes the range of ports, both ends included, and how long a pair rests.
func NewPorts(low, high int, rest time.Duration) (*Ports, error) {
	if low < 1 || high > 65535 || low > high {
		return nil, fmt.Errorf("rtp: port range %d-%d is not within 1-65535", low, high)
	}
	p := &Ports{rest: rest}
	for port := low + low%2; port+1 <= high; port += 2 {
		p.free = append(p.free, uint16(port))
	}
	if len(p.free) == 0 {
		return nil, fmt.Errorf("rtp: port range %d-%d has no even port with the odd one above", low, high)
	}
	p.kept = min(len(p.free)/keptPart, keptMost)
	return p, nil
}

// Of all pairs that part is kept for calls for help, and so many at most: two are needed for one call.
const keptPart, keptMost = 16, 16

// Take returns the even port of a free pair, or ErrNoPorts. The last ones are for calls for help.
func (p *Ports) Take(urgent bool, now time.Time) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake(now)
	if len(p.free) == 0 || !urgent && len(p.free) <= p.kept {
		return 0, fmt.Errorf("%w: %d pairs in use, %d in quarantine", ErrNoPorts, p.used, len(p.resting))
	}
	i, last := rand.IntN(len(p.free)), len(p.free)-1
	port := p.free[i]
	p.free[i] = p.free[last]
	p.free = p.free[:last]
	p.used++
	return int(port), nil
}

// Give sends a pair that Take returned into quarantine.
func (p *Ports) Give(port int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	p.resting = append(p.resting, resting{uint16(port), now.Add(p.rest)})
}

// Count tells how many pairs are free for any call, in use and in quarantine.
func (p *Ports) Count(now time.Time) (free, used, quarantined int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake(now)
	return max(len(p.free)-p.kept, 0), p.used, len(p.resting)
}

// room is how many pairs a call may have, those kept for calls for help where it is one.
func (p *Ports) room(now time.Time, urgent bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake(now)
	if urgent {
		return len(p.free)
	}
	return max(len(p.free)-p.kept, 0)
}

func (p *Ports) wake(now time.Time) {
	n := 0
	for n < len(p.resting) && !now.Before(p.resting[n].until) {
		p.free = append(p.free, p.resting[n].port)
		n++
	}
	p.resting = p.resting[n:] // thousands rest under load: they are moved when append must, not each time
}
