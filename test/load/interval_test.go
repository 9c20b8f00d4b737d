package load

import (
	"encoding/binary"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// intervals notes how far apart the packets of each stream come, by SSRC.
type intervals struct {
	keep atomic.Bool
	last map[uint32]time.Duration
	gaps []time.Duration
}

// rest is how long the listener lets packets gather. Waking it for each one would cost the sender, who shares
// this machine's kernel, as much as sending; so the gaps are known to that exactness.
const rest = 2 * time.Millisecond

// listen takes packets until over.
func (v *intervals) listen(p *phones, over *atomic.Bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b := newBatch()
	for !over.Load() {
		n, err := b.receive(p.fd)
		if err != nil {
			return
		}
		now := time.Since(epoch)
		if n < batchSize {
			time.Sleep(rest)
		}
		for i := range n {
			if b.messages[i].length < headerSize {
				continue
			}
			ssrc := binary.BigEndian.Uint32(b.room[i][8:])
			before, known := v.last[ssrc]
			v.last[ssrc] = now
			if known && v.keep.Load() {
				v.gaps = append(v.gaps, now-before)
			}
		}
	}
}

func (v *intervals) sorted() []time.Duration {
	slices.Sort(v.gaps)
	return v.gaps
}

// over is the part of the gaps that are longer than limit.
func (v *intervals) over(limit time.Duration) float64 {
	n := 0
	for _, g := range v.gaps {
		if g > limit {
			n++
		}
	}
	return float64(n) / float64(max(len(v.gaps), 1))
}
