package load

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// together is how many browsers make their calls at once.
const together = 8

// caller is a browser in a call, and what it heard.
type caller struct {
	*lab.Browser
	call   *lab.Call
	packet [packetSize]byte
	seq    uint16

	mu     sync.Mutex
	last   time.Duration
	heard  int
	gaps   []time.Duration
	delays []time.Duration
}

// TestBrowsers lets browsers call the echo of one member and talk: how much of its core their keys and their audio
// take, and how evenly they hear themselves.
func TestBrowsers(t *testing.T) {
	onDemand(t)
	m, member := startMember(t)
	before := look(t, m, 1)
	var all []*caller
	setUp := member.spend(t, func() { all = callEcho(t, m, *pages) })

	length := time.Duration(*seconds * float64(time.Second))
	tb := table{title: fmt.Sprintf("Browsers: %d calls to the echo, %d packets/s in and out by SRTP; rounds of %v",
		*pages, *pages*50, length)}
	tb.add("round", "% of core", "µs CPU/packet", "lost %", "gap p50 µs", "p99 µs", "delay p50 µs", "p99 µs", "others %", "")
	for round := range *rounds {
		r := chat(t, member, length, all)
		tb.add(round+1, 100*r.cpu.Seconds()/length.Seconds(), r.perPacket(), r.lost(), quantile(r.gaps, 0.5),
			quantile(r.gaps, 0.99), quantile(r.delays, 0.5), quantile(r.delays, 0.99), r.others, doubt(r.others))
	}
	tb.print()
	// By now DTLS has been let go, as it is for a call of any length.
	now, n := look(t, m, eagerLooks), float64(*pages)
	fmt.Printf("a call's set-up: %.2f ms CPU with ICE and DTLS; kept: %.0f kB resident, %.0f kB of heap, %.1f goroutines\n",
		1000*setUp.cpu.Seconds()/n, (now.rss-before.rss)/n/1024, (now.heap-before.heap)/n/1024,
		(now.goroutines-before.goroutines)/n)
	for _, c := range all {
		c.call.Hangup()
		c.Close()
	}
}

// callEcho makes the calls.
func callEcho(t *testing.T, m *lab.Member, n int) []*caller {
	t.Helper()
	all := make([]*caller, n)
	var next atomic.Int64
	var busy sync.WaitGroup
	for range together {
		busy.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				c := &caller{Browser: lab.NewBrowser(t)}
				c.Heard = c.hear
				c.packet[0] = 0x80
				binary.BigEndian.PutUint32(c.packet[8:], uint32(i+1))
				c.call = m.Phone(t, "1000").CallAs(c.Browser, "9196")
				if c.call.Status != 200 {
					t.Errorf("call %d: %d", i, c.call.Status)
				}
				all[i] = c
			}
		})
	}
	busy.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return all
}

// hear takes a packet that came back.
func (c *caller) hear(packet []byte) {
	if len(packet) != packetSize {
		return
	}
	now := time.Since(epoch)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard++
	if c.last != 0 {
		c.gaps = append(c.gaps, now-c.last)
	}
	c.last = now
	c.delays = append(c.delays, now-time.Duration(binary.BigEndian.Uint64(packet[headerSize:])))
}

func (c *caller) say() error {
	c.seq++
	binary.BigEndian.PutUint16(c.packet[2:], c.seq)
	binary.BigEndian.PutUint32(c.packet[4:], uint32(c.seq)*160)
	binary.BigEndian.PutUint64(c.packet[headerSize:], uint64(time.Since(epoch)))
	return c.Send(c.packet[:])
}

func (c *caller) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last, c.heard, c.gaps, c.delays = 0, 0, c.gaps[:0], c.delays[:0]
}

// chatted is what came of one round.
type chatted struct {
	talked
	gaps []time.Duration // sorted
}

// chat lets all talk for a while, each with 50 packets a second, spread over the 20 ms.
func chat(t *testing.T, s server, length time.Duration, all []*caller) (r chatted) {
	t.Helper()
	for _, c := range all {
		c.reset()
	}
	r.spent = s.spend(t, func() {
		start := time.Now()
		for slot := 0; ; slot++ {
			due := start.Add(time.Duration(slot) * frame / slots)
			if due.Sub(start) >= length {
				return
			}
			time.Sleep(time.Until(due))
			for i := slot % slots; i < len(all); i += slots {
				if err := all[i].say(); err != nil {
					t.Fatal(err)
				}
				r.sent++
			}
		}
	})
	for _, c := range all {
		c.mu.Lock()
		r.received += uint64(c.heard)
		r.gaps = append(r.gaps, c.gaps...)
		r.delays = append(r.delays, c.delays...)
		c.mu.Unlock()
	}
	slices.Sort(r.gaps)
	slices.Sort(r.delays)
	return r
}
