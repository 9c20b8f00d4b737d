package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/tone"
)

func TestOpenRefuses(t *testing.T) {
	c := testConf()
	c.Bind = nil
	e := newTestEngine(t, c)
	if _, err := e.Open(Options{ID: "a"}); err == nil {
		t.Error("opened without an address")
	}
	local := netip.MustParseAddr("127.0.0.1")
	if _, err := e.Open(Options{ID: "a", Local: local}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(Options{ID: "a", Local: local}); !errors.Is(err, ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	if _, err := e.Open(Options{ID: "b", Local: netip.MustParseAddr("192.0.2.1")}); err == nil {
		t.Error("bound an address that is not ours")
	}
	if n := e.Snapshot(); n.Streams != 1 || n.PortsInUse != 1 {
		t.Errorf("%d streams, %d port pairs in use", n.Streams, n.PortsInUse)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(Options{ID: "c", Local: local}); !errors.Is(err, ErrClosed) {
		t.Errorf("opened on a closed engine: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	c := testConf()
	c.Bind = []string{"localhost"}
	if _, err := New(c, nil); err == nil {
		t.Error("a name was taken for an address")
	}
	c = testConf()
	c.PortMax = c.PortMin
	if _, err := New(c, nil); err == nil {
		t.Error("a range without a pair was accepted")
	}
}

func TestApplyRefuses(t *testing.T) {
	e := newTestEngine(t, testConf())
	s, err := e.Open(Options{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if s.Apply(sdp.Params{}) == nil {
		t.Error("applied without a codec")
	}
	good := newPhone(t, "PCMU").params
	bad := good
	bad.Payload = 128
	if s.Apply(bad) == nil {
		t.Error("applied payload number 128")
	}
	if err := s.SendDigits("1", minDigit, 0); err == nil {
		t.Error("keys before there is a codec")
	}
	s.Close()
	s.Close()
	if err := s.Apply(good); !errors.Is(err, ErrClosed) {
		t.Errorf("applied to a closed stream: %v", err)
	}
	if _, found := e.Find("a"); found {
		t.Error("a closed stream is found")
	}
}

func TestPortsRunOut(t *testing.T) {
	c := testConf()
	c.PortMin, c.PortMax, c.Quarantine = 30100, 30103, time.Hour
	e := newTestEngine(t, c)
	a, err := e.Open(Options{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(Options{ID: "b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Open(Options{ID: "c"}); !errors.Is(err, ErrNoPorts) {
		t.Fatalf("a third of two pairs: %v", err)
	}
	a.Close()
	if _, err := e.Open(Options{ID: "c"}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a pair in quarantine was used: %v", err)
	}
	if n := e.Snapshot(); n.PortsQuarantined != 1 || n.PortsInUse != 1 || n.PortsFree != 0 {
		t.Errorf("ports %+v", n)
	}
}

// A pair whose RTCP port somebody else holds is stepped over.
func TestPortTaken(t *testing.T) {
	other, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 30201})
	if err != nil {
		t.Skip(err)
	}
	defer other.Close()
	c := testConf()
	c.PortMin, c.PortMax, c.Quarantine = 30200, 30203, time.Hour
	e := newTestEngine(t, c)
	s, err := e.Open(Options{ID: "a"})
	if err != nil || s.Port() != 30202 {
		t.Fatalf("opened %+v, %v", s, err)
	}
	if _, err := e.Open(Options{ID: "b"}); !errors.Is(err, ErrNoPorts) {
		t.Errorf("no pair is left, but: %v", err)
	}
}

// taken is a network on which somebody else holds every port.
type taken struct {
	rtp.Network // which is closed in the end
	tries       int
}

func (n *taken) Listen(netip.AddrPort) (rtp.Socket, error) {
	n.tries++
	return nil, syscall.EADDRINUSE
}

// Where ports do not rest, those that others hold come up again at once: Open gives up after a while.
func TestPortsOfOthers(t *testing.T) {
	e := newTestEngine(t, testConf())
	network := &taken{Network: e.shards[0].network}
	e.shards = e.shards[:1]
	e.shards[0].network = network
	if _, err := e.Open(Options{ID: "a"}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("opened on ports of others: %v", err)
	}
	if n := e.Snapshot(); network.tries != maxBinds || n.PortsInUse != 0 || n.Streams != 0 {
		t.Errorf("%d tries, left over: %+v", network.tries, n)
	}
}

// Many short calls: each port comes back when it has rested.
func TestManyShortCalls(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.PortMin, c.PortMax = 30300, 30399 // 50 pairs, of which 3 are for calls for help
	e := newTestEngine(t, c)
	for i := range 2000 {
		s, err := e.Open(Options{ID: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
	if n := e.Snapshot(); n.PortsFree != 47 || n.PortsInUse != 0 || n.PortsQuarantined != 0 {
		t.Errorf("ports after 2000 calls: %+v", n)
	}
}

// Streams come, are joined in every way and go, many at once; nothing is left.
func TestComeAndGo(t *testing.T) {
	before := runtime.NumGoroutine()
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	packet := p.packet(make([]byte, 160))
	base := runtime.NumGoroutine()
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			var pair [2]*Stream
			for j := range pair {
				s, err := e.Open(Options{ID: fmt.Sprint(i, j), Call: fmt.Sprint(i), OnEvent: func(Event) {}})
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				params := p.params
				if (i+j)%3 == 0 {
					params.Codec, params.Payload = codecOf(t, "G722"), 9
				}
				if err := s.Apply(params); err != nil {
					t.Error(err)
				}
				s.Play(tone.Busy(8000))
				pair[j] = s
			}
			if err := Bridge(pair[0], pair[1]); err != nil {
				t.Error(err)
			}
			if i%2 == 0 {
				pair[0].Unbridge()
			}
			if i%3 == 0 {
				if err := pair[1].Join(e.Mixer(fmt.Sprint("room", i%5), 8000)); err != nil {
					t.Error(err)
				}
			}
			for _, s := range pair {
				for range 5 {
					p.conn.WriteToUDPAddrPort(packet, netip.AddrPortFrom(s.Local(), uint16(s.Port())))
				}
			}
			pair[0].Stats()
			e.Snapshot()
		})
	}
	all.Wait()
	if n := e.Snapshot(); n.Streams != 0 || n.Mixers != 0 || n.PortsInUse != 0 {
		t.Errorf("left over: %+v", n)
	}
	eventually(t, "the goroutines of the streams have ended", func() bool { return runtime.NumGoroutine() <= base })
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, "the goroutines of the engine have ended", func() bool { return runtime.NumGoroutine() <= before })
}
