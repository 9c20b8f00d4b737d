package sip

import (
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/signal"
)

// answering is a desk that takes every call and every BYE at once.
func answering() *desk {
	d := newDesk()
	d.taken = func(r *signal.Request) {
		if r.Method == signal.INVITE {
			d.edge.Respond(answer(r, 180))
		}
		d.edge.Respond(answer(r, 200))
	}
	d.owned = func(r *signal.Request) bool {
		if r.Method != signal.ACK {
			d.edge.Respond(answer(r, 200))
		}
		select { // nobody reads what is delivered
		case <-d.delivered:
		default:
		}
		return true
	}
	return d
}

// window is how many calls the benchmark keeps on their way at once.
const window = 16

// BenchmarkCall is INVITE, 100, 180, 200, ACK, BYE, 200 over UDP on loopback. The peer's side is in
// the same process and costs seven system calls for each call; cpu-us/call holds both.
func BenchmarkCall(b *testing.B) {
	c := settings()
	c.MaxTransactions = 10_000_000 // each call leaves two behind for 32 s
	p := newPhone(b, start(b, c, answering()))
	var requests [3][]string
	for i, method := range []string{"INVITE", "ACK", "BYE"} {
		text := request(method, "%d", "Call-ID: %d")
		if i > 0 {
			text = request(method, "%d", "Call-ID: %d", "To: <sip:1001@tandem.local>;tag=t1")
		}
		requests[i] = strings.Split(text, "%d")
	}
	buf := make([]byte, 65535)
	var out []byte
	send := func(i, n int) {
		out = out[:0]
		for j, part := range requests[i] {
			if j > 0 {
				out = fmt.Append(out, 3*n+i)
			}
			out = append(out, part...)
		}
		if _, err := p.conn.WriteToUDPAddrPort(out, p.to); err != nil {
			b.Fatal(err)
		}
	}
	receive := func(times int) {
		for range times {
			if _, err := p.conn.Read(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportAllocs()
	begin := cpu()
	for n := 0; n < b.N; n += window {
		for i := range window {
			send(0, n+i)
		}
		receive(3 * window)
		for i := range window {
			send(1, n+i)
			send(2, n+i)
		}
		receive(window)
	}
	b.ReportMetric(float64((cpu()-begin).Microseconds())/float64(b.N), "cpu-us/call")
}

// cpu is the processor time of this process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestFloodOfSources lets requests come from very many addresses. What is challenged or refused
// must leave nothing behind.
func TestFloodOfSources(t *testing.T) {
	d := newDesk()
	d.admit = func(*signal.Request) signal.Verdict {
		return signal.Verdict{Action: signal.Challenge, Realm: "tandem.local"}
	}
	s := start(t, settings(), d)
	p := newPhone(t, s)
	flood := func(n int) {
		for i := range n {
			flow := signal.Flow{Edge: "m1", Transport: "UDP", Local: p.to, Remote: netip.AddrPortFrom(
				netip.AddrFrom4([4]byte{127, byte(i >> 16), byte(i >> 8), byte(i)}), p.addr().Port())}
			s.arrivals().Message(flow, []byte(request("INVITE", fmt.Sprint(i))))
		}
	}
	flood(100)
	before := heap()
	n := 20000
	if testing.Short() {
		n = 2000
	}
	flood(n)
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("%d sources left %d bytes", n, grown)
	}
	if c := s.Snapshot().Transactions; c.Servers != 0 {
		t.Errorf("%d transactions", c.Servers)
	}
	p.send(request("OPTIONS", "good"))
	p.expect("SIP/2.0 407")
}

func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
