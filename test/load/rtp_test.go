package load

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	frame      = 20 * time.Millisecond
	slots      = 20 // parts of a frame: packets of different calls are spread over it
	packetSize = 172
	headerSize = 12
)

// phones is one side of many calls: all their audio comes from one port and goes to one port each.
type phones struct {
	fd, port int
	control  int // RTCP comes here and is not read
	targets  []netip.AddrPort
	speech   *speech        // nil: G.711 as it is
	only     netip.AddrPort // what comes from elsewhere is not counted, if valid: a member goes on when nobody talks
	tick     int            // of the next packets: sequence numbers go on from round to round

	sent     atomic.Uint64
	received atomic.Uint64
	delays   []time.Duration // of one round
	keep     atomic.Bool     // whether delays are kept
}

// epoch is what the time stamps in packets count from.
var epoch = time.Now()

// openPhones binds an even port and the next.
func openPhones(t *testing.T) *phones {
	t.Helper()
	for range 200 {
		fd, port, err := blockingSocket()
		if err != nil {
			t.Fatal(err)
		}
		control, err := bound(port + 1)
		if port%2 != 0 || err != nil {
			_ = unix.Close(fd)
			if err == nil {
				_ = unix.Close(control)
			}
			continue
		}
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 4<<20)
		_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 50_000})
		t.Cleanup(func() { _ = unix.Close(fd); _ = unix.Close(control) })
		return &phones{fd: fd, port: port, control: control}
	}
	t.Fatal("no pair of free ports")
	return nil
}

func bound(port int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		_ = unix.Close(fd)
		return 0, err
	}
	return fd, nil
}

// talk sends every target a packet each 20 ms until over, from a thread of its own.
func (p *phones) talk(over *atomic.Bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b := newBatch()
	start := time.Now()
	for first := p.tick; !over.Load(); p.tick++ {
		time.Sleep(time.Until(start.Add(time.Duration(p.tick-first) * frame / slots)))
		n := 0
		for i := p.tick % slots; i < len(p.targets); i += slots {
			p.packet(b, n, i, p.tick/slots)
			if n++; n == batchSize {
				p.sent.Add(uint64(b.send(p.fd, n)))
				n = 0
			}
		}
		p.sent.Add(uint64(b.send(p.fd, n)))
	}
}

// packet writes packet seq of call i into place n. The first bytes of its audio say when it was sent.
func (p *phones) packet(b *batch, n, i, seq int) {
	out := b.room[n][:packetSize]
	out[0], out[1] = 0x80, 0
	binary.BigEndian.PutUint16(out[2:], uint16(seq))
	binary.BigEndian.PutUint32(out[4:], uint32(seq)*160)
	binary.BigEndian.PutUint32(out[8:], uint32(p.port)<<16|uint32(i))
	binary.BigEndian.PutUint64(out[headerSize:], uint64(time.Since(epoch)))
	b.vectors[n].SetLen(p.speech.finish(b.room[n][:]))
	b.address(n, p.targets[i])
}

// listen counts what comes until over, and notes how long each packet took.
func (p *phones) listen(over *atomic.Bool) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b := newBatch()
	for !over.Load() {
		n, err := b.receive(p.fd)
		if err != nil {
			return
		}
		now := time.Since(epoch)
		for i := range n {
			counts, timed := p.speech.reads(b.messages[i].length)
			if !counts || !p.keep.Load() || p.only.IsValid() && b.from(i) != p.only {
				continue
			}
			if p.received.Add(1); !timed {
				continue
			}
			p.delays = append(p.delays, now-time.Duration(binary.BigEndian.Uint64(b.room[i][headerSize:])))
		}
	}
}

// talked is what came of one round of talk.
type talked struct {
	sent, received uint64
	delays         []time.Duration // sorted
	spent
}

func (r talked) perPacket() time.Duration { return r.cpu / time.Duration(max(r.received, 1)) }

// talk lets both sides talk through the servers for a while, after a moment that is not measured.
func talk(t *testing.T, s servers, length time.Duration, sides ...*phones) (r talked) {
	var silent, deaf atomic.Bool
	var talking, listening sync.WaitGroup
	for _, p := range sides {
		p.sent.Store(0)
		p.received.Store(0)
		p.delays = slices.Grow(p.delays[:0], int(length/frame+100)*len(p.targets))
		listening.Go(func() { p.listen(&deaf) })
		talking.Go(func() { p.talk(&silent) })
	}
	time.Sleep(settle) // all run
	for _, p := range sides {
		p.sent.Store(0)
		p.keep.Store(true)
	}
	r.spent = s.spend(t, func() {
		time.Sleep(length)
		silent.Store(true)
		talking.Wait()
	})
	for _, p := range sides {
		p.keep.Store(false)
	}
	deaf.Store(true)
	listening.Wait()
	for _, p := range sides {
		r.sent += p.sent.Load()
		r.received += p.received.Load()
		r.delays = append(r.delays, p.delays...)
	}
	slices.Sort(r.delays)
	return r
}
