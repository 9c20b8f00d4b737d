//go:build linux

package media

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	wire "tandem/media/rtp"
	"tandem/media/tone"
)

// The load comes from a process of its own, so that its CPU time is not ours: this binary, told by
// loadEnv how many legs to play. It prints the ports of its legs, reads the ports to send to, and
// then sends each leg a packet every 20 ms and reads what comes, until its input ends.
const loadEnv = "TANDEM_MEDIA_LOAD_LEGS"

func init() {
	if legs, err := strconv.Atoi(os.Getenv(loadEnv)); err == nil {
		playLegs(legs)
		os.Exit(0)
	}
}

type loadLeg struct {
	fd     int
	target unix.SockaddrInet4
	packet [172]byte
}

func playLegs(n int) {
	legs := make([]loadLeg, n)
	for i := range legs {
		legs[i].open()
	}
	in := bufio.NewScanner(os.Stdin)
	for i := range legs {
		if !in.Scan() {
			return
		}
		port, _ := strconv.Atoi(in.Text())
		legs[i].target = unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	}
	var over atomic.Bool
	go func() { in.Scan(); over.Store(true) }()
	received := 0
	for round, due := 0, time.Now(); !over.Load(); round++ {
		for i := round % slots; i < n; i += slots {
			received += legs[i].exchange(uint16(round / slots))
		}
		due = due.Add(slotTime)
		<-time.After(time.Until(due))
	}
	fmt.Println(received)
}

func (l *loadLeg) open() {
	var err error
	if l.fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0); err == nil {
		err = unix.Bind(l.fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	local, err2 := unix.Getsockname(l.fd)
	if err != nil || err2 != nil {
		fmt.Fprintln(os.Stderr, err, err2)
		os.Exit(1)
	}
	fmt.Println(local.(*unix.SockaddrInet4).Port)
}

// exchange sends a packet and reads all that came.
func (l *loadLeg) exchange(seq uint16) (received int) {
	wire.PutHeader(l.packet[:], wire.Header{Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: uint32(l.fd)})
	for i := wire.HeaderSize; i < len(l.packet); i++ {
		l.packet[i] = byte(i) // audible
	}
	_ = unix.Sendto(l.fd, l.packet[:], 0, &l.target)
	var in [2000]byte
	for {
		if _, _, err := unix.Recvfrom(l.fd, in[:], unix.MSG_DONTWAIT); err != nil {
			return received
		}
		received++
	}
}

// load is the process that plays the legs.
type load struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Scanner
	ports []int
}

func startLoad(b *testing.B, legs int) *load {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprint(loadEnv, "=", legs), "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	ours, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	l := &load{cmd: cmd, in: ours, out: bufio.NewScanner(theirs)}
	for range legs {
		l.ports = append(l.ports, l.line(b))
	}
	return l
}

func (l *load) line(b *testing.B) int {
	if !l.out.Scan() {
		b.Fatal("the load has ended")
	}
	n, err := strconv.Atoi(l.out.Text())
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// run tells the load where to send, measures our CPU time for a while, and returns it per packet
// that the load got back.
func (l *load) run(b *testing.B, targets []int, counted func() uint64) (perPacket time.Duration) {
	var lines strings.Builder
	for _, port := range targets {
		fmt.Fprintln(&lines, port)
	}
	if _, err := io.WriteString(l.in, lines.String()); err != nil {
		b.Fatal(err)
	}
	<-time.After(500 * time.Millisecond) // all has begun
	cpu, packets := cpuTime(b), counted()
	<-time.After(2 * time.Second)
	cpu, packets = cpuTime(b)-cpu, counted()-packets
	if err := l.in.Close(); err != nil {
		b.Fatal(err)
	}
	got := l.line(b)
	if err := l.cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	if got == 0 || packets == 0 {
		b.Fatalf("%d packets forwarded, the load got %d", packets, got)
	}
	return cpu / time.Duration(packets)
}

func cpuTime(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRelay compares the CPU time per relayed packet with that of a bare forwarder over one
// socket, which does nothing but recvmmsg, a look-up and sendmmsg: the kernel's own price.
// 500 calls, both ways, 20 ms: 50,000 packets a second.
func BenchmarkRelay(b *testing.B) {
	const calls = 500
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range b.N {
		bare := bareForwarder(b, calls)
		ours := relayLoad(b, calls)
		b.ReportMetric(float64(bare.Nanoseconds())/1000, "bare-µs/packet")
		b.ReportMetric(float64(ours.Nanoseconds())/1000, "relay-µs/packet")
		b.ReportMetric(float64(ours)/float64(bare), "ratio")
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkJunction is the CPU time of a packet from phone to phone where each is on a member of its own: both relay,
// and what they do together is counted. Both share one core here, so there are fewer calls than in BenchmarkRelay.
func BenchmarkJunction(b *testing.B) {
	const calls = 100
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for range b.N {
		one, two := relayLoad(b, calls), junctionLoad(b, calls)
		b.ReportMetric(float64(one.Nanoseconds())/1000, "one-member-µs/packet")
		b.ReportMetric(float64(two.Nanoseconds())/1000, "two-members-µs/packet")
		b.ReportMetric(float64(two-one)*2*50/1e6, "added-ms/call-second")
	}
	b.ReportMetric(0, "ns/op")
}

func junctionLoad(b *testing.B, calls int) time.Duration {
	near, far := newTestEngine(b, testConf()), newTestEngine(b, testConf())
	l := startLoad(b, 2*calls)
	var targets []int
	for i := range calls {
		sa, sb := benchStream(b, near, l.ports[2*i], i, "PCMU"), benchStream(b, far, l.ports[2*i+1], i, "PCMU")
		ta, tb := benchJunction(b, near, i), benchJunction(b, far, i)
		for _, end := range []struct{ leg, junction, other *Stream }{{sa, ta, tb}, {sb, tb, ta}} {
			params := newPhone(b, "PCMU").params
			params.Remote = netip.AddrPortFrom(end.other.Local(), uint16(end.other.Port()))
			if err := end.junction.Apply(params); err != nil {
				b.Fatal(err)
			}
			if err := Bridge(end.leg, end.junction); err != nil {
				b.Fatal(err)
			}
		}
		targets = append(targets, sa.Port(), sb.Port())
	}
	return l.run(b, targets, func() uint64 { return (near.Snapshot().Sent + far.Snapshot().Sent) / 2 })
}

func benchJunction(b *testing.B, e *Engine, call int) *Stream {
	s, err := e.Open(Options{ID: fmt.Sprint("junction ", call), Call: fmt.Sprint(call), Fixed: true})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkTranscode is BenchmarkRelay with mu-law on one side, and A-law or G.722 on the other.
func BenchmarkTranscode(b *testing.B) {
	for _, name := range []string{"PCMA", "G722"} {
		b.Run(name, func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			for range b.N {
				per := bridgeLoad(b, 100, name)
				b.ReportMetric(float64(per.Nanoseconds())/1000, "µs/packet")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func relayLoad(b *testing.B, calls int) time.Duration { return bridgeLoad(b, calls, "PCMU") }

func bridgeLoad(b *testing.B, calls int, other string) time.Duration {
	e := newTestEngine(b, testConf())
	l := startLoad(b, 2*calls)
	var targets []int
	for i := range calls {
		sa := benchStream(b, e, l.ports[2*i], i, "PCMU")
		sb := benchStream(b, e, l.ports[2*i+1], i, other)
		if err := Bridge(sa, sb); err != nil {
			b.Fatal(err)
		}
		targets = append(targets, sa.Port(), sb.Port())
	}
	return l.run(b, targets, func() uint64 { return e.Snapshot().Sent })
}

// benchStream opens a stream to a port of the load. All legs of the load send payload type 0.
func benchStream(b *testing.B, e *Engine, port, call int, codecName string) *Stream {
	params := newPhone(b, codecName).params
	params.RecvPayload = 0
	params.Remote = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
	s, err := e.Open(Options{ID: fmt.Sprint(call, "-", port), Call: fmt.Sprint(call)})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Apply(params); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkConference is the CPU time of a room per party and second: all talk, or five do and the
// others only listen.
func BenchmarkConference(b *testing.B) {
	for _, talkers := range []int{5, 200} {
		b.Run(fmt.Sprint(talkers, "-of-200-talk"), func(b *testing.B) {
			e := newTestEngine(b, testConf())
			room := e.Mixer("room", 8000)
			var packets []func()
			for i := range 200 {
				p := newPhone(b, "PCMU")
				s, err := e.Open(Options{ID: fmt.Sprint(i)})
				if err != nil {
					b.Fatal(err)
				}
				if err := s.Apply(p.params); err != nil {
					b.Fatal(err)
				}
				if err := s.Join(room); err != nil {
					b.Fatal(err)
				}
				s.shard.remove(s.turn)
				if i < talkers {
					packets = append(packets, p.feeder(s))
				}
			}
			room.shard.remove(room.turn)
			room.shard.settle()
			at := time.Now()
			for b.Loop() {
				at = at.Add(20 * time.Millisecond)
				for _, packet := range packets {
					packet()
				}
				room.tick(at)
			}
			perFrame := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 200
			b.ReportMetric(perFrame/1000, "µs/party-frame")
		})
	}
}

// BenchmarkPace is the cost of a frame of a stream that plays a tone, its packet included.
func BenchmarkPace(b *testing.B) {
	p := newPhone(b, "PCMU")
	s := p.call(newTestEngine(b, testConf()), Options{})
	s.shard.remove(s.turn)
	s.Play(tone.Sine(8000, 1004, -10))
	at := time.Now()
	for b.Loop() {
		at = at.Add(20 * time.Millisecond)
		s.tick(at)
	}
}

// message is struct mmsghdr.
type message struct {
	header unix.Msghdr
	length uint32
	_      [4]byte
}

const batch = 64

// bareForwarder measures the reference.
func bareForwarder(b *testing.B, calls int) time.Duration {
	l := startLoad(b, 2*calls)
	var partner [65536]uint16
	for i := 0; i < len(l.ports); i += 2 {
		x, y := l.ports[i], l.ports[i+1]
		partner[x], partner[y] = uint16(y), uint16(x)
	}
	fd, port := bareSocket(b)
	var sent atomic.Uint64
	var over atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		forward(uintptr(fd), &partner, &sent, &over)
	}()
	targets := make([]int, 2*calls)
	for i := range targets {
		targets[i] = port
	}
	per := l.run(b, targets, sent.Load)
	over.Store(true)
	<-ended
	unix.Close(fd)
	return per
}

// bareSocket is a socket outside of Go's poller whose reads block, for a tenth of a second at most.
func bareSocket(b *testing.B) (fd, port int) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000})
	}
	local, err2 := unix.Getsockname(fd)
	if err != nil || err2 != nil {
		b.Fatal(err, err2)
	}
	return fd, local.(*unix.SockaddrInet4).Port
}

// forward sends what comes to the sender's partner, in batches, until it is told to end.
func forward(fd uintptr, partner *[65536]uint16, sent *atomic.Uint64, over *atomic.Bool) {
	var (
		messages [batch]message
		vectors  [batch]unix.Iovec
		names    [batch]unix.RawSockaddrInet4
		room     [batch][wire.BufferSize]byte
	)
	for i := range messages {
		vectors[i].Base = &room[i][0]
		h := &messages[i].header
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&names[i])), unix.SizeofSockaddrInet4
		h.Iov = &vectors[i]
		h.SetIovlen(1)
	}
	first := uintptr(unsafe.Pointer(&messages[0]))
	for !over.Load() {
		for i := range vectors {
			vectors[i].SetLen(len(room[i]))
		}
		n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, first, batch, unix.MSG_WAITFORONE, 0, 0)
		if errno != 0 {
			continue // the time-out
		}
		for i := range n {
			port := (*[2]byte)(unsafe.Pointer(&names[i].Port))
			binary.BigEndian.PutUint16(port[:], partner[binary.BigEndian.Uint16(port[:])])
			vectors[i].SetLen(int(messages[i].length))
		}
		unix.Syscall6(unix.SYS_SENDMMSG, fd, first, n, 0, 0, 0)
		sent.Add(uint64(n))
	}
}
