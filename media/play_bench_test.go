//go:build linux

package media

import (
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"time"

	wire "tandem/media/rtp"
	"tandem/media/sound"
)

// prompt is a sound of 30 s.
func prompt(b *testing.B, rate int) *sound.Sound {
	b.Helper()
	return waveSound(b, rate, sineOf(rate, 1004, 30*time.Second))
}

// nowhere is a socket whose packets cost nothing.
type nowhere struct{ wire.Conn }

func (nowhere) Send([]byte, netip.AddrPort) error { return nil }

// BenchmarkPlayFrame is the CPU time of a frame of a stream that plays a prompt as a thousand do: without
// the kernel, when each encodes for itself and when they share; and with the kernel.
func BenchmarkPlayFrame(b *testing.B) {
	const streams = 1000
	for _, name := range []string{"PCMU", "PCMA", "G722", "L16/16000"} {
		for _, how := range []string{"own", "shared", "shared-and-sent"} {
			b.Run(name+"/"+how, func(b *testing.B) {
				e := newTestEngine(b, testConf())
				sink := newPhone(b, name)
				rate := sink.params.Codec.Rate
				what := prompt(b, rate)
				var all []*Stream
				for i := range streams {
					s := sink.manual(e, Options{ID: fmt.Sprint(i)})
					if how != "shared-and-sent" {
						s.sender.conn = nowhere{s.conn}
					}
					var source Source = what.Player("prompt", rate, 0, -1)
					if how == "own" {
						source = unshared{source}
					}
					s.Play(source)
					all = append(all, s)
				}
				at, cpu := time.Now(), cpuTime(b)
				for b.Loop() {
					at = at.Add(20 * time.Millisecond)
					for _, s := range all {
						s.tick(at)
					}
				}
				perFrame := float64(cpuTime(b)-cpu) / float64(b.N) / streams
				b.ReportMetric(perFrame, "cpu-ns/frame")
				b.ReportMetric(20e6/perFrame, "streams/core")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkPlay1000 is a thousand calls to a menu on one core: each plays the prompt, and takes in the
// packets of a caller that says something. late are the frames that went out a frame late or more.
func BenchmarkPlay1000(b *testing.B) {
	const calls = 1000
	for _, name := range []string{"PCMU", "G722"} {
		b.Run(name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			for range b.N {
				c := testConf()
				c.Shards = 1
				e := newTestEngine(b, c)
				l := startLoad(b, calls)
				var targets []int
				for i, port := range l.ports {
					s := benchStream(b, e, port, i, name)
					rate := codecOf(b, name).Rate
					s.Play(prompt1000(b, rate).Player("prompt", rate, 0, -1))
					targets = append(targets, s.Port())
				}
				var late, sent uint64
				per := l.run(b, targets, func() uint64 {
					now := e.Snapshot()
					late, sent = now.LateTicks-late, now.Sent-sent
					return now.Sent
				})
				b.ReportMetric(float64(per.Nanoseconds())/1000, "µs/packet-pair")
				b.ReportMetric(100*per.Seconds()*50*calls, "%core")
				b.ReportMetric(float64(late), "late")
				b.ReportMetric(float64(sent)/2/50, "calls-served")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

var prompts = map[int]*sound.Sound{}

// prompt1000 is one prompt for all.
func prompt1000(b *testing.B, rate int) *sound.Sound {
	if prompts[rate] == nil {
		prompts[rate] = prompt(b, rate)
	}
	return prompts[rate]
}
