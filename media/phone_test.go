package media

import (
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"tandem/conf"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/media/srtp"
	"tandem/media/tone"
)

// patience is how long a test waits for something that should come.
const patience = 10 * time.Second

func testConf() conf.Media {
	c := conf.DefaultMedia()
	c.Bind = []string{"127.0.0.1"}
	c.PortMin, c.PortMax = 20000, 29999
	c.Quarantine = 0
	return c
}

func newTestEngine(t testing.TB, c conf.Media) *Engine {
	t.Helper()
	e, err := New(c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func codecOf(t testing.TB, name string) codec.Codec {
	t.Helper()
	c, ok := codec.ByName(name)
	if !ok {
		t.Fatalf("no codec %s", name)
	}
	return c
}

// phone is a telephone on loopback: it sends a tone when told to, keeps the packets that come, and
// is read by one goroutine at a time.
type phone struct {
	t      testing.TB
	conn   *net.UDPConn
	params sdp.Params // what the stream at the other end is told
	target netip.AddrPort
	decode codec.Decoder

	in  *srtp.Opener // nil: without encryption
	out *srtp.Sealer

	mu     sync.Mutex // of what is sent
	encode codec.Encoder
	header rtp.Header
}

func newPhone(t testing.TB, codecName string) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := codecOf(t, codecName)
	payload := uint8(max(c.Static, 0))
	if c.Static < 0 {
		payload = 97
	}
	p := &phone{t: t, conn: conn, encode: c.NewEncoder(), decode: c.NewDecoder()}
	p.params = sdp.Params{
		Remote: p.addr(), RemoteRTCP: netip.AddrPortFrom(p.addr().Addr(), p.addr().Port()+1),
		Codec: c, Payload: payload, RecvPayload: payload, Event: 101, RecvEvent: 101, EventClock: 8000,
		Ptime: codec.Frame,
	}
	p.header = rtp.Header{
		Version: 2, PayloadType: payload, SSRC: uint32(p.addr().Port()), SequenceNumber: 65500,
		Timestamp: math.MaxUint32 - 1000,
	}
	return p
}

func (p *phone) addr() netip.AddrPort {
	return p.conn.LocalAddr().(*net.UDPAddr).AddrPort()
}

// call opens a stream and connects it with the phone.
func (p *phone) call(e *Engine, o Options) *Stream {
	p.t.Helper()
	s := p.open(e, o)
	p.accept(s)
	return s
}

func (p *phone) open(e *Engine, o Options) *Stream {
	p.t.Helper()
	if o.ID == "" {
		o.ID = p.addr().String()
	}
	s, err := e.Open(o)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *phone) accept(s *Stream) {
	p.t.Helper()
	if err := s.Apply(p.params); err != nil {
		p.t.Fatal(err)
	}
	p.dial(s)
}

// dial turns to a stream; one that talks to it already goes on.
func (p *phone) dial(s *Stream) {
	if at := netip.AddrPortFrom(s.Local(), uint16(s.Port())); p.target != at {
		p.target = at
	}
}

// send sends payload as the next packet and returns the packet.
func (p *phone) send(payload []byte) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	packet := p.packet(payload)
	p.write(packet)
	return packet
}

// packet makes the next packet without sending it.
func (p *phone) packet(payload []byte) []byte {
	packet, err := (&rtp.Packet{Header: p.header, Payload: payload}).Marshal()
	if err != nil {
		p.t.Error(err)
	}
	p.header.SequenceNumber++
	p.header.Timestamp += uint32(p.params.Codec.Clock / 50)
	return packet
}

func (p *phone) write(packet []byte) {
	if p.out != nil {
		if err := p.out.Send(packet, cable{p}, p.target); err != nil {
			p.t.Error(err)
		}
		return
	}
	_ = cable{p}.Send(packet, p.target)
}

// cable is what a phone's packets go over, encrypted or not.
type cable struct{ p *phone }

func (w cable) Send(packet []byte, to netip.AddrPort) error {
	// The stream may be gone already.
	_, _ = w.p.conn.WriteToUDPAddrPort(packet, to)
	return nil
}

// encrypt gives phone and stream keys, if the stream is told of it.
func (p *phone) encrypt(suite sdp.Suite, ours, theirs string) {
	p.t.Helper()
	p.params.Keys = sdp.Keys{Suite: suite, Local: strings.Repeat(ours, suite.KeySize()),
		Remote: strings.Repeat(theirs, suite.KeySize())}
	var err, err2 error
	p.in, err = srtp.NewOpener(suite, p.params.Keys.Local)
	p.out, err2 = srtp.NewSealer(suite, p.params.Keys.Remote)
	if err != nil || err2 != nil {
		p.t.Fatal(err, err2)
	}
}

// talk sends a tone, one packet each frame, until the test ends or stop is called.
func (p *phone) talk(hz float64) (stop func()) {
	return p.say(tone.Sine(p.params.Codec.Rate, hz, -10), func(packet []byte) { p.write(packet) })
}

// say sends a source through deliver, which may lose, delay or reorder.
func (p *phone) say(source Source, deliver func(packet []byte)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		timer := time.NewTimer(0)
		defer timer.Stop()
		due := time.Now() // a phone that the machine held up makes all frames good
		frame := make([]int16, frameSamples(source.Rate()))
		for {
			if !source.Read(frame) {
				return
			}
			p.mu.Lock()
			packet := p.packet(p.encode.Encode(nil, frame))
			p.mu.Unlock()
			deliver(packet)
			due = due.Add(codec.Frame)
			timer.Reset(time.Until(due))
			select {
			case <-done:
				return
			case <-timer.C:
			}
		}
	}()
	stop = sync.OnceFunc(func() { close(done); <-ended })
	p.t.Cleanup(stop)
	return stop
}

// next is the next packet that comes, or the end of the test.
func (p *phone) next() *rtp.Packet {
	p.t.Helper()
	packet, ok := p.tryNext(time.Now().Add(patience))
	if !ok {
		p.t.Fatalf("phone %v: no packet came", p.addr())
	}
	return packet
}

func (p *phone) tryNext(deadline time.Time) (*rtp.Packet, bool) {
	p.t.Helper()
	if err := p.conn.SetReadDeadline(deadline); err != nil {
		p.t.Fatal(err)
	}
	buffer := make([]byte, 2000)
	for {
		n, _, err := p.conn.ReadFromUDPAddrPort(buffer)
		if err != nil {
			return nil, false
		}
		if n > 1 && buffer[1] >= 192 && buffer[1] <= 223 {
			continue // RTCP
		}
		plain := buffer[:n]
		if p.in != nil {
			var ok bool
			if plain, ok = p.in.Open(plain, time.Now()); !ok {
				p.t.Fatalf("phone %v: a packet that is not encrypted as agreed", p.addr())
			}
		}
		packet := new(rtp.Packet)
		if err := packet.Unmarshal(plain); err != nil {
			p.t.Fatalf("phone %v: %v", p.addr(), err)
		}
		return packet, true
	}
}

// audio is the next frame that comes, decoded; packets of telephone-event are left out.
func (p *phone) audio() []int16 {
	p.t.Helper()
	for {
		packet := p.next()
		if packet.PayloadType == p.params.Payload {
			return p.decode.Decode(nil, packet.Payload)
		}
	}
}

// hear waits until the tone has been there for so long without a break, and returns its level in
// the mean: where the machine holds somebody up, some of it is made up.
func (p *phone) hear(hz float64, long time.Duration) float64 {
	p.t.Helper()
	d := tone.NewDetector(p.params.Codec.Rate, hz)
	run, sum := time.Duration(0), 0.0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		d.Hear(p.audio())
		if run += codec.Frame; !d.Present() {
			run, sum = 0, 0
			continue
		}
		if sum += d.Level(); run >= long {
			return sum / float64(run/codec.Frame)
		}
	}
	p.t.Fatalf("phone %v: %g Hz did not come for %v", p.addr(), hz, long)
	return 0
}

// events gathers what a stream tells.
type events chan Event

func newEvents() events { return make(events, 100) }

func (c events) on(e Event) { c <- e }

// wait returns the next event of the type.
func wait[E Event](t testing.TB, c events) E {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e := <-c:
			if found, ok := e.(E); ok {
				return found
			}
		case <-timeout:
			var none E
			t.Fatalf("no event %T came", none)
		}
	}
}

// eventually waits for a condition that no packet announces.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); !is(); <-ticker.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come true", what)
		}
	}
}
