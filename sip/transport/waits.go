package transport

import (
	"sync/atomic"
	"time"
)

// waits is the shortest time that a datagram lay in a socket before we read it, since somebody last asked. The longest
// would tell of a moment in which much came at once; where even the shortest is long, there is always something that
// waits (as RFC 8289 section 4.2 judges queues of routers).
type waits struct {
	least atomic.Int64 // nanoseconds, and one more, so that 0 means that nothing came
}

func (w *waits) note(d time.Duration) {
	n := max(int64(d), 0) + 1
	for {
		least := w.least.Load()
		if least != 0 && least <= n || w.least.CompareAndSwap(least, n) {
			return
		}
	}
}

// take returns that time, 0 when nothing came, and begins again.
func (w *waits) take() time.Duration { return time.Duration(max(0, w.least.Swap(0)-1)) }

// Waited returns the shortest time that a datagram lay in a socket since Waited was last called; 0: none came.
func (s *Set) Waited() time.Duration { return s.waits.take() }
