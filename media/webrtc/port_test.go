package webrtc

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/srtp"
	"tandem/test/lab"
)

const patience = 20 * time.Second

func listen(t testing.TB) *Port {
	t.Helper()
	id, err := NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), id, &rtp.Gathering{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// line is a peer with what came of it.
type line struct {
	*Peer
	told chan Event
	got  chan []byte
	with sdp.Secure
}

func open(t testing.TB, p *Port) *line {
	t.Helper()
	l := &line{told: make(chan Event, 16), got: make(chan []byte, 256)}
	var err error
	if l.Peer, err = p.Open(func(e Event) { l.told <- e }); err != nil {
		t.Fatal(err)
	}
	l.Serve(func(datagram []byte, _ netip.AddrPort) { l.got <- append([]byte(nil), datagram...) })
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// meet agrees with a browser; number tells its own fragments from those before.
func (l *line) meet(b *lab.Browser, number string) {
	l.with = sdp.Secure{Local: sdp.Credentials{Ufrag: "ours" + number, Password: "0123456789abcdefghijkl" + number},
		Remote: sdp.Credentials{Ufrag: b.Ufrag, Password: b.Pwd}, Fingerprint: b.Fingerprint}
	l.Agree(l.with)
}

func (l *line) reachedBy(t testing.TB, b *lab.Browser) {
	t.Helper()
	at := l.port.Local()
	if err := b.Reach(l.with.Local.Ufrag, l.with.Local.Password, at.Addr().String(), int(at.Port())); err != nil {
		t.Fatal(err)
	}
}

func (l *line) await(t testing.TB) Event {
	t.Helper()
	select {
	case e := <-l.told:
		return e
	case <-time.After(patience):
		t.Fatal("nothing told")
		return nil
	}
}

func (l *line) joined(t testing.TB, b *lab.Browser, number string) {
	t.Helper()
	l.meet(b, number)
	l.reachedBy(t, b)
	if err := b.Secure(); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.await(t).(Secured); !ok {
		t.Fatal("not secured")
	}
}

func packet(number uint16) []byte {
	out := append(make([]byte, rtp.HeaderSize), "some audio"...)
	rtp.PutHeader(out, rtp.Header{Payload: 0, Sequence: number, SSRC: 7})
	return out
}

// talk sends a packet each way and demands it to arrive.
func (l *line) talk(t testing.TB, b *lab.Browser, heard chan []byte, number uint16) {
	t.Helper()
	if err := b.Send(packet(number)); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-l.got:
		if binary.BigEndian.Uint16(got[2:]) != number || string(got[rtp.HeaderSize:]) != "some audio" {
			t.Fatalf("got %x", got)
		}
	case <-time.After(patience):
		t.Fatal("the browser is not heard")
	}
	if err := l.Send(packet(number), netip.AddrPort{}); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-heard:
		if binary.BigEndian.Uint16(got[2:]) != number {
			t.Fatalf("heard %x", got)
		}
	case <-time.After(patience):
		t.Fatal("the browser hears nothing")
	}
}

func browser(t testing.TB) (*lab.Browser, chan []byte) {
	t.Helper()
	b, heard := lab.NewBrowser(t), make(chan []byte, 256)
	b.Heard = func(p []byte) { heard <- append([]byte(nil), p...) }
	return b, heard
}

func TestTalk(t *testing.T) {
	l := open(t, listen(t))
	b, heard := browser(t)
	if err := l.Send(packet(1), netip.AddrPort{}); err == nil {
		t.Error("sent before there are keys")
	}
	l.joined(t, b, "1")
	for n := range uint16(5) {
		l.talk(t, b, heard, n)
	}
}

// The peer answers that it waits for DTLS: then we begin.
func TestActive(t *testing.T) {
	l := open(t, listen(t))
	b, heard := browser(t)
	l.meet(b, "1")
	l.with.Active = true
	l.Agree(l.with)
	l.reachedBy(t, b)
	if err := b.Await(); err != nil {
		t.Fatal(err)
	}
	if e, ok := l.await(t).(Secured); !ok || e.Profile != "AES_CM_128_HMAC_SHA1_80" {
		t.Fatalf("told %+v", e)
	}
	l.talk(t, b, heard, 1)
}

// New credentials with the same fingerprint: the keys stay, and audio goes on all the while.
func TestRestart(t *testing.T) {
	l := open(t, listen(t))
	b, heard := browser(t)
	l.joined(t, b, "1")
	l.talk(t, b, heard, 1)
	old := l.remote()
	b.Restart()
	l.meet(b, "2")
	if l.remote() != old || l.Send(packet(2), netip.AddrPort{}) != nil {
		t.Error("audio stops before the new way is there")
	}
	at := l.port.Local()
	if err := b.Again(fmt.Sprintf("a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=candidate:1 1 udp 2130706431 %s %d typ host\r\n",
		l.with.Local.Ufrag, l.with.Local.Password, at.Addr(), at.Port())); err != nil {
		t.Fatal(err)
	}
	lab.Wait(t, patience, "the new address is not taken", func() bool { return l.remote() != old })
	for len(heard) > 0 {
		<-heard
	}
	l.talk(t, b, heard, 3)
	if l.port.named([]byte("ours1")) != nil {
		t.Error("the old fragment is still known")
	}
}

// Another fingerprint on the same peer: the page was loaded again.
func TestReload(t *testing.T) {
	l := open(t, listen(t))
	before, _ := browser(t)
	l.joined(t, before, "1")
	before.Close()
	after, heard := browser(t)
	l.joined(t, after, "2")
	l.talk(t, after, heard, 9)
}

func TestWrongFingerprint(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	other, _ := browser(t)
	l.meet(b, "1")
	l.with.Fingerprint = other.Fingerprint
	l.Agree(l.with)
	l.reachedBy(t, b)
	if err := b.Secure(); err == nil {
		t.Error("DTLS succeeds for the browser")
	}
	if e, ok := l.await(t).(Failed); !ok {
		t.Fatalf("told %#v", e)
	}
	if err := l.Send(packet(1), netip.AddrPort{}); err == nil {
		t.Error("sends all the same")
	}
}

// Whoever shows nothing is given up; time is the test's.
func TestPatience(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	l.watch(time.Now().Add(time.Hour))
	l.meet(b, "1")
	l.watch(time.Now().Add(Patience - time.Second))
	if len(l.told) > 0 {
		t.Fatalf("told %#v too early", <-l.told)
	}
	l.watch(time.Now().Add(Patience + time.Second))
	l.watch(time.Now().Add(2 * Patience))
	if e, ok := l.await(t).(Failed); !ok || len(l.told) > 0 {
		t.Fatalf("told %#v and %d more", e, len(l.told))
	}
}

// A peer that speaks something else than DTLS, and that again and again, is given up with the reason.
func TestNoDTLS(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	l.meet(b, "1")
	l.reachedBy(t, b)
	alert := []byte{21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 40} // handshake_failure
	p := l.Peer
	lab.Wait(t, patience, "the handshake does not fail", func() bool {
		if err := b.SendRaw(alert); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.failure != nil
	})
	l.watch(time.Now().Add(Patience + time.Second))
	if e, ok := l.await(t).(Failed); !ok || !strings.Contains(e.Reason, "DTLS") || !strings.Contains(e.Reason, ": ") {
		t.Errorf("told %#v", e)
	}
}

func TestConsent(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	l.joined(t, b, "1")
	b.Close()
	if e := l.judge(lab.Turned(t, time.Now(), time.Hour)); e != nil {
		t.Fatalf("told %#v when the clock was set", e)
	}
	l.watch(time.Now().Add(Consent + 5*time.Second))
	if e, ok := l.await(t).(Lost); !ok {
		t.Fatalf("told %#v", e)
	}
	if err := l.Send(packet(1), netip.AddrPort{}); err == nil {
		t.Error("sends without consent")
	}
}

// DTLS and audio from another address than the one that ICE found mean nothing.
func TestStranger(t *testing.T) {
	l := open(t, listen(t))
	b, heard := browser(t)
	l.meet(b, "1")
	l.reachedBy(t, b)
	stranger := dial(t, l.port)
	hello := []byte{22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4}
	for range 20 {
		write(t, stranger, hello)
		write(t, stranger, packet(1))
	}
	if err := b.Secure(); err != nil {
		t.Fatal(err)
	}
	l.await(t)
	l.talk(t, b, heard, 1)
	for range 20 {
		write(t, stranger, packet(2))
	}
	l.talk(t, b, heard, 3)
}

// An address that lives is its peer's, whatever a check for another one says.
func TestSameAddress(t *testing.T) {
	p := listen(t)
	first, second := open(t, p), open(t, p)
	b, heard := browser(t)
	first.joined(t, b, "1")
	second.meet(b, "2")
	from := netip.MustParseAddrPort(b.Address.String())
	p.take(request(t, second.with, true), from, nil)
	if p.owner(from) != first.Peer || second.remote().IsValid() {
		t.Error("the address has another owner")
	}
	first.talk(t, b, heard, 1)
	first.alive.Store(0) // it is long gone
	p.take(request(t, second.with, true), from, nil)
	if p.owner(from) != second.Peer {
		t.Error("the address of a peer that is gone is kept")
	}
}

// A thousand offers that nobody comes for cost a thousand entries, and nothing when they are closed.
func TestOffersWithoutMedia(t *testing.T) {
	p := listen(t)
	before := runtime.NumGoroutine()
	var all []*line
	b, _ := browser(t)
	running := runtime.NumGoroutine() - before
	for range 1000 {
		l := open(t, p)
		l.meet(b, string(rune('A'+len(all)%26))+string(rune('A'+len(all)/26)))
		all = append(all, l)
	}
	if n := runtime.NumGoroutine(); n > before+running {
		t.Errorf("%d goroutines for 1000 offers", n-before-running)
	}
	for _, l := range all {
		_ = l.Close()
	}
	if p.Count() != 0 || len(p.names) != 0 || len(p.owners) != 0 {
		t.Errorf("%d peers, %d fragments, %d addresses are left", p.Count(), len(p.names), len(p.owners))
	}
}

// The goroutines of DTLS go when the last flight can not be asked for again.
func TestGoroutinesReturn(t *testing.T) {
	p := listen(t)
	l := open(t, p)
	b, heard := browser(t)
	before := runtime.NumGoroutine()
	l.meet(b, "1")
	l.reachedBy(t, b)
	if err := b.Secure(); err != nil {
		t.Fatal(err)
	}
	l.await(t)
	l.talk(t, b, heard, 1)
	l.watch(time.Now().Add(linger + time.Second))
	l.talk(t, b, heard, 2)
	b.Close()
	lab.Wait(t, patience, "goroutines stay", func() bool { return runtime.NumGoroutine() <= before })
}

func TestHearAllocates(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	l.joined(t, b, "1")
	out := packet(1)
	if n := testing.AllocsPerRun(100, func() {
		rtp.PutHeader(out, rtp.Header{Sequence: binary.BigEndian.Uint16(out[2:]) + 1, SSRC: 7})
		if err := l.Send(out, netip.AddrPort{}); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations for a packet sent", n)
	}
}

// A peer that sends from ever more sources, or ever more of one, is read in part; what it may costs no more memory.
func TestManySources(t *testing.T) {
	l := open(t, listen(t))
	b, _ := browser(t)
	l.joined(t, b, "1")
	send := func(source uint32, sequence uint16) {
		out := packet(sequence)
		binary.BigEndian.PutUint32(out[8:], source)
		if err := b.Send(out); err != nil {
			t.Fatal(err)
		}
	}
	heard := func() (source uint32, sequence uint16) {
		select {
		case got := <-l.got:
			return binary.BigEndian.Uint32(got[8:]), binary.BigEndian.Uint16(got[2:])
		case <-time.After(patience):
			t.Fatal("the peer is not heard any more")
		}
		return 0, 0
	}
	for n := range uint32(srtp.MaxSources) {
		send(n, 1)
		if source, _ := heard(); source != n {
			t.Fatalf("source %d was heard, not %d", source, n)
		}
	}
	for n := range uint32(10) {
		send(srtp.MaxSources+n, 1)
	}
	send(0, 2)
	if source, sequence := heard(); source != 0 || sequence != 2 {
		t.Errorf("source %d was heard: there were %d before it", source, srtp.MaxSources)
	}
}

func dial(t testing.TB, p *Port) net.Conn {
	t.Helper()
	c, err := net.Dial("udp", p.Local().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func write(t testing.TB, c net.Conn, octets []byte) {
	t.Helper()
	if _, err := c.Write(octets); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSend is a packet encrypted and sent, with the kernel's part.
func BenchmarkSend(b *testing.B) {
	l := open(b, listen(b))
	far, _ := browser(b)
	l.joined(b, far, "1")
	out := append(packet(0), make([]byte, 150)...)
	b.ReportAllocs()
	for n := uint16(1); b.Loop(); n++ {
		binary.BigEndian.PutUint16(out[2:], n)
		if err := l.Send(out, netip.AddrPort{}); err != nil {
			b.Fatal(err)
		}
	}
}
