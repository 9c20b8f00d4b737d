package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
	"tandem/signal"
)

func message(body string) string {
	return fmt.Sprintf("INFO sip:a@b SIP/2.0\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func TestTCPOrderAndAnswer(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialTCP(t, s.Ports().TCP)
	var all strings.Builder
	for i := range 300 {
		all.WriteString(message(strconv.Itoa(i)))
	}
	write(t, peer, all.String()) // many messages in one segment
	for i := range 300 {
		got := next(t, h.messages)
		if got.text != message(strconv.Itoa(i)) {
			t.Fatalf("message %d: %q", i, got.text)
		}
		if err := s.Send(got.flow, []byte(fmt.Sprintf("%4d", i))); err != nil {
			t.Fatal(err)
		}
	}
	answers := read(t, peer, 4*300)
	for i := range 300 {
		if want := fmt.Sprintf("%4d", i); answers[4*i:4*i+4] != want {
			t.Fatalf("answer %d: %q", i, answers[4*i:4*i+4])
		}
	}
}

func TestTCPByteByByte(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialTCP(t, s.Ports().TCP)
	for _, c := range []byte(message("slow")) {
		write(t, peer, string(c))
	}
	if got := next(t, h.messages); got.text != message("slow") {
		t.Errorf("got %q", got.text)
	}
}

func TestTCPKeepAlive(t *testing.T) {
	s, _ := listen(t, loopback(), nil)
	peer := dialTCP(t, s.Ports().TCP)
	for range 3 {
		write(t, peer, "\r\n\r\n")
		if got := read(t, peer, 2); got != "\r\n" {
			t.Fatalf("answer %q", got)
		}
	}
}

func TestTCPSlowHeaderIsEnded(t *testing.T) {
	c := loopback()
	c.HeaderTimeout = 50 * time.Millisecond
	s, h := listen(t, c, nil)
	peer := dialTCP(t, s.Ports().TCP)
	// A whole message, then the begin of another in the same segment.
	write(t, peer, message("x")+"INFO sip:a@b")
	next(t, h.messages)
	if got := next(t, h.broken); !errors.Is(got.cause, ErrTruncated) || got.text != "INFO sip:a@b" {
		t.Errorf("broken %q: %v", got.text, got.cause)
	}
	ends(t, peer)
	next(t, h.closed)
}

func TestTCPSlowHeaderIsNotProlongedByBytes(t *testing.T) {
	c := loopback()
	c.HeaderTimeout = 100 * time.Millisecond
	s, h := listen(t, c, nil)
	peer := dialTCP(t, s.Ports().TCP)
	start := time.Now()
	drip := time.NewTicker(5 * time.Millisecond)
	defer drip.Stop()
	for range drip.C {
		if _, err := peer.Write([]byte("x")); err != nil {
			break // the peer was ended
		}
		if time.Since(start) > patience {
			t.Fatal("a dripping peer is never ended")
		}
	}
	if got := next(t, h.broken); !errors.Is(got.cause, ErrTruncated) {
		t.Error(got.cause)
	}
}

func TestTCPSilentConnections(t *testing.T) {
	c := loopback()
	c.HeaderTimeout = 20 * time.Millisecond
	s, h := listen(t, c, nil)
	var silent []net.Conn
	for range 50 {
		silent = append(silent, dialTCP(t, s.Ports().TCP))
	}
	good := dialTCP(t, s.Ports().TCP)
	write(t, good, message("x"))
	next(t, h.messages)
	for _, peer := range silent {
		ends(t, peer)
	}
	if n := s.Counters().Connections; n != 1 {
		t.Errorf("%d connections left, want the good one", n)
	}
}

func TestTCPIdleConnectionIsEnded(t *testing.T) {
	c := loopback()
	c.IdleTimeout = 50 * time.Millisecond
	s, h := listen(t, c, nil)
	peer := dialTCP(t, s.Ports().TCP)
	write(t, peer, message("x"))
	flow := next(t, h.messages).flow
	ends(t, peer)
	next(t, h.closed)
	if err := s.Send(flow, []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("sending over a closed flow: %v", err)
	}
}

func TestTCPBrokenFraming(t *testing.T) {
	tests := map[string]error{
		"\x16\x03\x01": ErrNotSIP,
		"INFO a SIP/2.0\r\nl: 1\r\nl: 1\r\n\r\nx":            ErrLength,
		"INFO a SIP/2.0\r\n\r\n":                             ErrLength,
		"INFO a SIP/2.0\r\nl: 70000\r\n\r\n":                 ErrTooLong,
		"INFO a SIP/2.0\r\nS: " + strings.Repeat("x", 70000): ErrTooLong,
	}
	for stream, want := range tests {
		s, h := listen(t, loopback(), nil)
		peer := dialTCP(t, s.Ports().TCP)
		_, _ = peer.Write([]byte(stream)) // the connection may be reset before all is written
		if got := next(t, h.broken); !errors.Is(got.cause, want) {
			t.Errorf("%.30q: %v, want %v", stream, got.cause, want)
		}
		next(t, h.closed)
	}
}

// lastWord answers a broken stream.
type lastWord struct {
	*sink
	set *Set
}

func (l *lastWord) Broken(f signal.Flow, data []byte, cause error) {
	_ = l.set.Send(f, []byte("400"))
	l.sink.Broken(f, data, cause)
}

func TestTCPLastAnswerLeavesBeforeTheEnd(t *testing.T) {
	h := &lastWord{sink: newSink()}
	h.set = New(loopback(), "m1", h, nil, nil)
	if err := h.set.Listen(); err != nil {
		t.Fatal(err)
	}
	defer h.set.Close()
	peer := dialTCP(t, h.set.Ports().TCP)
	write(t, peer, "INFO a SIP/2.0\r\n\r\n")
	if got := read(t, peer, 3); got != "400" {
		t.Errorf("got %q", got)
	}
	ends(t, peer)
}

func TestTCPCaps(t *testing.T) {
	for name, set := range map[string]func(*conf.SIP){
		"one address": func(c *conf.SIP) { c.MaxConnsPerIP = 3 },
		"all":         func(c *conf.SIP) { c.MaxConns = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			c := loopback()
			set(&c)
			s, h := listen(t, c, nil)
			var peers []net.Conn
			for range 3 {
				peer := dialTCP(t, s.Ports().TCP)
				write(t, peer, message("x"))
				next(t, h.messages)
				peers = append(peers, peer)
			}
			ends(t, dialTCP(t, s.Ports().TCP))
			if n := s.Counters().Refused; n != 1 {
				t.Errorf("%d refused", n)
			}
			peers[0].Close()
			next(t, h.closed)
			write(t, dialTCP(t, s.Ports().TCP), message("again"))
			next(t, h.messages)
		})
	}
}

// Who has filled the caps keeps us from nobody; what we open has a bound too.
func TestCapsLeaveRoomForWhatWeOpen(t *testing.T) {
	c := loopback()
	c.MaxConns, c.MaxConnsPerIP = 1, 1
	s, h := listen(t, c, nil)
	write(t, dialTCP(t, s.Ports().TCP), message("x"))
	next(t, h.messages)
	trunk, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { trunk.Close() })
	if _, err := s.Dial(t.Context(), "TCP", trunk.Addr().(*net.TCPAddr).AddrPort(), ""); err != nil {
		t.Errorf("a connection that we need is refused: %v", err)
	}
	for n := s.conns.len(); ; n++ {
		c := &conn{flow: signal.Flow{Remote: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(n))}, ours: true}
		if err := s.conns.add(c, new(sync.WaitGroup)); err != nil {
			if n != c.room(1) {
				t.Errorf("%d connections, want %d", n, c.room(1))
			}
			return
		}
		t.Cleanup(func() { s.conns.remove(c) })
	}
}

// One subscriber has all addresses of a /64.
func TestCapOfAnIPv6Network(t *testing.T) {
	table := newConns()
	table.limit(100, 3)
	var readers sync.WaitGroup
	var all []*conn
	for i := range 5 {
		at := netip.MustParseAddr("2001:db8::").As16()
		at[15] = byte(i)
		c := &conn{flow: signal.Flow{Transport: "TCP", Remote: netip.AddrPortFrom(netip.AddrFrom16(at), 5060)}}
		if err := table.add(c, &readers); (err != nil) != (i >= 3) {
			t.Errorf("connection %d of one network: %v", i, err)
		}
		all = append(all, c)
	}
	for _, c := range all {
		table.remove(c)
	}
	if len(table.count) != 0 {
		t.Errorf("%d networks are counted when all are gone", len(table.count))
	}
}

func TestTCPSlowReaderIsEndedAndBlocksNobody(t *testing.T) {
	c := loopback()
	c.Queue = 100
	s, h := listen(t, c, nil)
	slow, good := dialTCP(t, s.Ports().TCP), dialTCP(t, s.Ports().TCP)
	write(t, slow, message("slow"))
	flow := next(t, h.messages).flow
	large := []byte(strings.Repeat("x", 60000))
	begin := time.Now()
	var err error
	for range 10000 {
		if err = s.Send(flow, large); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrSlow) {
		t.Fatalf("error %v", err)
	}
	if d := time.Since(begin); d > patience {
		t.Errorf("sending to a slow peer took %v", d)
	}
	if err := s.Send(flow, large); !errors.Is(err, ErrClosed) {
		t.Errorf("afterwards: %v", err)
	}
	write(t, good, message("good"))
	if err := s.Send(next(t, h.messages).flow, []byte("ok")); err != nil {
		t.Fatal(err)
	}
	read(t, good, 2)
	if n := s.Counters().Slow; n != 1 {
		t.Errorf("%d slow peers counted", n)
	}
}

func TestTCPSourceRateSlowsButLosesNothing(t *testing.T) {
	c := loopback()
	c.RatePerSource = 100
	s, h := listen(t, c, nil)
	peer := dialTCP(t, s.Ports().TCP)
	write(t, peer, strings.Repeat(message("x"), 120))
	for range 120 {
		next(t, h.messages)
	}
	if s.Counters().Limited == 0 {
		t.Error("the rate was not limited")
	}
}

func TestDialReusesAConnection(t *testing.T) {
	a, ha := listen(t, loopback(), nil)
	b, hb := listen(t, loopback(), nil)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(b.Ports().TCP))
	flow, err := a.Dial(context.Background(), "TCP", to, "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.Dial(context.Background(), "TCP", to, "")
	if err != nil || again != flow {
		t.Errorf("second flow %v, %v", again, err)
	}
	if err := a.Send(flow, []byte(message("ask"))); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(next(t, hb.messages).flow, []byte(message("answer"))); err != nil {
		t.Fatal(err)
	}
	if got := next(t, ha.messages); got.flow != flow || got.text != message("answer") {
		t.Errorf("got %+v", got)
	}
}

// A flow that was stored by an earlier process must not lead to another peer.
func TestFlowOfAnotherPeer(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	write(t, dialTCP(t, s.Ports().TCP), message("x"))
	flow := next(t, h.messages).flow
	if flow.Conn < 1<<40 {
		t.Errorf("connection %d: numbers begin anew with each process", flow.Conn)
	}
	flow.Remote = netip.MustParseAddrPort("192.0.2.1:5060")
	if err := s.Send(flow, []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestDialFails(t *testing.T) {
	s, _ := listen(t, loopback(), nil)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(s.Ports().UDP))
	if _, err := s.Dial(context.Background(), "TCP", to, ""); err == nil {
		t.Error("a port where nobody listens was reached")
	}
}

func TestTLS(t *testing.T) {
	cert, key, client := certificate(t)
	c := loopback()
	c.Cert, c.Key = cert, key
	server, hs := listen(t, c, nil)
	// A peer that opens a connection and never begins its handshake stops nobody.
	for range 20 {
		dialTCP(t, server.Ports().TLS)
	}
	caller, hc := listen(t, loopback(), client)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(server.Ports().TLS))
	flow, err := caller.Dial(context.Background(), "TLS", to, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Send(flow, []byte(message("secret"))); err != nil {
		t.Fatal(err)
	}
	got := next(t, hs.messages)
	if got.text != message("secret") || got.flow.Transport != "TLS" {
		t.Fatalf("got %+v", got)
	}
	if err := server.Send(got.flow, []byte(message("answer"))); err != nil {
		t.Fatal(err)
	}
	next(t, hc.messages)
}

// Two requests share one dial. When the one that began it is cancelled, the other still gets its
// connection.
func TestDialOutlivesWhoBeganIt(t *testing.T) {
	cert, key, client := certificate(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	caller, _ := listen(t, loopback(), client)
	to := l.Addr().(*net.TCPAddr).AddrPort()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	dial := func(ctx context.Context) {
		_, err := caller.Dial(ctx, "TLS", to, "127.0.0.1")
		ended <- err
	}
	go dial(ctx)
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the first one got %v", err)
	}
	go dial(context.Background())
	if err := tls.Server(nc, &tls.Config{Certificates: []tls.Certificate{pair}}).Handshake(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the second one got %v", err)
	}
}

func TestTLSRefusesACertificateThatItDoesNotKnow(t *testing.T) {
	cert, key, _ := certificate(t)
	c := loopback()
	c.Cert, c.Key = cert, key
	s, _ := listen(t, c, nil)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(s.Ports().TLS))
	var unknown *tls.CertificateVerificationError
	if _, err := s.Dial(context.Background(), "TLS", to, "127.0.0.1"); !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
}

// A connection to one name is not used for another name at the same address.
func TestTLSConnectionBelongsToItsName(t *testing.T) {
	cert, key, client := certificate(t)
	c := loopback()
	c.Cert, c.Key = cert, key
	server, _ := listen(t, c, nil)
	caller, _ := listen(t, loopback(), client)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(server.Ports().TLS))
	if _, err := caller.Dial(context.Background(), "TLS", to, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if _, err := caller.Dial(context.Background(), "TLS", to, "bank.example"); err == nil {
		t.Error("the connection was used for a name that its peer has not proved")
	}
}

func TestCloseDoesNotWaitForAPeerThatDoesNotRead(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	peer := dialTCP(t, s.Ports().TCP)
	write(t, peer, message("x"))
	flow := next(t, h.messages).flow
	large := []byte(strings.Repeat("x", 60000))
	for range 60 {
		if err := s.Send(flow, large); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if d := time.Since(begin); d > closeGrace+patience/2 {
		t.Errorf("closing took %v", d)
	}
}

func TestTLSHalfOpenHandshakeIsEnded(t *testing.T) {
	cert, key, _ := certificate(t)
	c := loopback()
	c.Cert, c.Key, c.HeaderTimeout = cert, key, 50*time.Millisecond
	s, h := listen(t, c, nil)
	ends(t, dialTCP(t, s.Ports().TLS))
	next(t, h.closed)
}

func TestTLSNeedsItsCertificate(t *testing.T) {
	c := loopback()
	c.Cert, c.Key = "/nonexistent/cert.pem", "/nonexistent/key.pem"
	s := New(c, "m1", newSink(), nil, nil)
	if err := s.Listen(); err == nil || !strings.Contains(err.Error(), "/nonexistent/cert.pem") {
		t.Errorf("error %v does not name the file", err)
	}
}
