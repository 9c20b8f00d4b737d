package media

import (
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"
)

// BenchmarkRecordedCall is the CPU time of a packet of a call that is relayed, recorded in stereo, and attended by a
// supervisor who listens, as ratios of the relay's. The recorder's own goroutine and the disk count too. It lists the ratios
// as figures of the day: a busy machine adds to all three.
func BenchmarkRecordedCall(b *testing.B) {
	const calls = 100
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range b.N {
		plain := relayLoad(b, calls)
		recorded := callLoad(b, calls, func(e *Engine, i int, sa, sb *Stream) error {
			r, err := e.Recorder(fmt.Sprint(i, ".wav"), 2, 8000)
			if err != nil {
				return err
			}
			if err := sa.Record(r, 0); err != nil {
				return err
			}
			return sb.Record(r, 1)
		})
		attended := callLoad(b, calls, func(e *Engine, i int, sa, _ *Stream) error {
			boss, err := e.Open(Options{ID: fmt.Sprint("boss", i)})
			if err != nil {
				return err
			}
			return boss.Attend(sa, Listen)
		})
		b.ReportMetric(float64(plain.Nanoseconds())/1000, "relay-µs/packet")
		b.ReportMetric(float64(recorded)/float64(plain), "recorded-ratio")
		b.ReportMetric(float64(attended)/float64(plain), "attended-ratio")
	}
	b.ReportMetric(0, "ns/op")
}

// callLoad is bridgeLoad with something more for each call.
func callLoad(b *testing.B, calls int, more func(e *Engine, i int, sa, sb *Stream) error) time.Duration {
	c := testConf()
	dir, err := os.MkdirTemp(b.TempDir(), "recordings")
	if err != nil {
		b.Fatal(err)
	}
	c.Recordings = dir
	e := newTestEngine(b, c)
	l := startLoad(b, 2*calls)
	var targets []int
	for i := range calls {
		sa, sb := benchStream(b, e, l.ports[2*i], i, "PCMU"), benchStream(b, e, l.ports[2*i+1], i, "PCMU")
		if err := Bridge(sa, sb); err != nil {
			b.Fatal(err)
		}
		if err := more(e, i, sa, sb); err != nil {
			b.Fatal(err)
		}
		targets = append(targets, sa.Port(), sb.Port())
	}
	return l.run(b, targets, func() uint64 { return e.Snapshot().Sent })
}
