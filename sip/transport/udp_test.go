package transport

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func dialUDP(t *testing.T, port int) *net.UDPConn {
	t.Helper()
	c, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// readDatagram reads one datagram.
func readDatagram(t *testing.T, c *net.UDPConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, maxDatagram)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestUDPKeepsTheOrderOfEachPeer(t *testing.T) {
	c := loopback()
	c.Sockets = 4
	s, h := listen(t, c, nil)
	const peers, each = 8, 100
	for p := range peers {
		peer := dialUDP(t, s.Ports().UDP)
		for i := range each {
			write(t, peer, fmt.Sprintf("%d %d", p, i))
		}
	}
	last := map[string]int{}
	for range peers * each {
		var p string
		var i int
		if _, err := fmt.Sscan(next(t, h.messages).text, &p, &i); err != nil {
			t.Fatal(err)
		}
		if i != last[p] {
			t.Fatalf("peer %s: message %d came when %d was due", p, i, last[p])
		}
		last[p]++
	}
}

func TestUDPAnswersFromTheAddressThatWasAsked(t *testing.T) {
	c := loopback()
	c.Bind = []string{"0.0.0.0"}
	s, h := listen(t, c, nil)
	peer, err := net.DialUDP("udp", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9), Port: s.Ports().UDP})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	write(t, peer, "hello")
	got := next(t, h.messages)
	if want := netip.MustParseAddr("127.0.0.9"); got.flow.Local.Addr() != want {
		t.Fatalf("local address %v, want %v", got.flow.Local, want)
	}
	// The peer's socket is connected: an answer from another address would never arrive.
	if err := s.Send(got.flow, []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if text := readDatagram(t, peer); text != "answer" {
		t.Errorf("got %q", text)
	}
	flow, err := s.FlowUDP(netip.MustParseAddrPort("127.0.0.1:9"))
	if err != nil || flow.Local.Addr() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("flow %v, %v: want our address towards the peer", flow, err)
	}
}

func TestUDPOverIPv6(t *testing.T) {
	for _, bind := range []string{"::1", "::"} {
		c := loopback()
		c.Bind = []string{bind}
		s, h := listen(t, c, nil)
		peer, err := net.DialUDP("udp6", nil, &net.UDPAddr{IP: net.IPv6loopback, Port: s.Ports().UDP})
		if err != nil {
			t.Skip("no IPv6 here: ", err)
		}
		defer peer.Close()
		write(t, peer, "hello")
		got := next(t, h.messages)
		if got.flow.Local.Addr() != netip.IPv6Loopback() {
			t.Errorf("bound to %s: local address %v", bind, got.flow.Local)
		}
		if err := s.Send(got.flow, []byte("answer")); err != nil {
			t.Fatal(err)
		}
		if text := readDatagram(t, peer); text != "answer" {
			t.Errorf("got %q", text)
		}
	}
}

func TestUDPIgnoresWhatIsNotSIP(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialUDP(t, s.Ports().UDP)
	for _, text := range []string{"\r\n\r\n", "\r\n", "\x00\x01\x00\x00\x21\x12\xa4\x42", "\x80", "\xff", "", "\r\n\r\nOPTIONS"} {
		if _, err := peer.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := next(t, h.messages); got.text != "OPTIONS" {
		t.Errorf("%q was handed over", got.text)
	}
	if c := s.Counters(); c.Keepalives != 3 || c.Foreign != 3 {
		t.Errorf("counted %+v", c)
	}
}

// other says "other" from another address than the rest: it comes last, and nothing limits it.
func other(t *testing.T, s *Set) {
	t.Helper()
	c, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 3)},
		&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: s.Ports().UDP})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	write(t, c, "other")
}

func TestUDPLimitsASource(t *testing.T) {
	c := loopback()
	c.RatePerSource = 10
	s, h := listen(t, c, nil)
	noisy := dialUDP(t, s.Ports().UDP)
	for range 200 {
		write(t, noisy, "noise")
	}
	other(t, s)
	passed := 0
	for next(t, h.messages).text != "other" {
		passed++
	}
	if passed > 50 {
		t.Errorf("%d of 200 messages passed a limit of 10 a second", passed)
	}
	if s.Counters().Limited == 0 {
		t.Error("drops are not counted")
	}
}

// Who sends too much and calls for help is heard all the same, some times a second.
func TestUDPHearsWhoCallsForHelp(t *testing.T) {
	c := loopback()
	c.RatePerSource = 1
	h := newSink()
	s := New(c, "m1", h, nil, slog.New(slog.DiscardHandler))
	s.urgent = func(data []byte) bool { return string(data) == "help" }
	begin(t, s)
	noisy := dialUDP(t, s.Ports().UDP)
	for range 100 {
		write(t, noisy, "noise")
	}
	for range 100 {
		write(t, noisy, "help")
	}
	other(t, s)
	helped := 0
	for m := next(t, h.messages); m.text != "other"; m = next(t, h.messages) {
		if m.text == "help" {
			helped++
		}
	}
	if helped < pleasPerSource || helped > 5*pleasPerSource {
		t.Errorf("%d of 100 calls for help were heard, beside a rate of %d a second", helped, pleasPerSource)
	}
}

func TestUDPSendsLargeMessages(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialUDP(t, s.Ports().UDP)
	write(t, peer, "hello")
	large := strings.Repeat("x", 20000)
	if err := s.Send(next(t, h.messages).flow, []byte(large)); err != nil {
		t.Fatal(err)
	}
	if got := readDatagram(t, peer); got != large {
		t.Errorf("%d bytes arrived", len(got))
	}
}

func TestSendOverForeignFlow(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialUDP(t, s.Ports().UDP)
	write(t, peer, "hello")
	flow := next(t, h.messages).flow
	flow.Local = netip.MustParseAddrPort("192.0.2.1:5060")
	if err := s.Send(flow, []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestListenReportsThePortThatIsTaken(t *testing.T) {
	s, _ := listen(t, loopback(), nil)
	c := loopback()
	c.UDP = s.Ports().UDP
	second := New(c, "m2", newSink(), nil, s.log)
	err := second.Listen()
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(c.UDP)) {
		t.Errorf("error %v does not name the port", err)
	}
}
