package transport

import (
	"bytes"
	"encoding/hex"
	"net"
	"net/netip"
	"testing"
	"time"

	"tandem/signal"
)

// TestBindingAnswer: the samples of RFC 5769 section 2.2 and 2.3 say how an address is hidden.
func TestBindingAnswer(t *testing.T) {
	request, _ := hex.DecodeString("000100002112a442b7e7a701bc34d686fa87dfae")
	for at, want := range map[string]string{
		"192.0.2.1:32853": "0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643",
		"[2001:db8:1234:5678:11:2233:4455:6677]:32853": "010100182112a442b7e7a701bc34d686fa87dfae002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
	} {
		if got := hex.EncodeToString(bindingAnswer(request, netip.MustParseAddrPort(at))); got != want {
			t.Errorf("%s: %s", at, got)
		}
	}
	for i := range request[:8] {
		broken := bytes.Clone(request)
		broken[i] ^= 0x40
		if bindingAnswer(broken, netip.MustParseAddrPort("192.0.2.1:1")) != nil {
			t.Errorf("%x is answered", broken)
		}
	}
}

// TestSTUNKeepAlive: who has registered is told from where he is seen; a stranger is told nothing.
func TestSTUNKeepAlive(t *testing.T) {
	s, _ := listen(t, loopback(), nil)
	stranger, phone := dialUDP(t, s.Ports().UDP), dialUDP(t, s.Ports().UDP)
	at := phone.LocalAddr().(*net.UDPAddr).AddrPort()
	s.Know(signal.Flow{Transport: "UDP", Remote: at})
	request, _ := hex.DecodeString("000100002112a442b7e7a701bc34d686fa87dfae")
	for _, c := range []net.Conn{stranger, phone} {
		if _, err := c.Write(request); err != nil {
			t.Fatal(err)
		}
	}
	if got := readDatagram(t, phone); got != string(bindingAnswer(request, at)) {
		t.Errorf("got %x", got)
	}
	if err := stranger.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := stranger.Read(make([]byte, 100)); err == nil {
		t.Errorf("a stranger is answered in %d octets", n)
	}
	if c := s.Counters(); c.Keepalives != 1 || c.Foreign != 1 {
		t.Errorf("counted %+v", c)
	}
}

func FuzzBindingAnswer(f *testing.F) {
	request, _ := hex.DecodeString("000100002112a442b7e7a701bc34d686fa87dfae")
	f.Add(request)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		if out := bindingAnswer(data, netip.MustParseAddrPort("192.0.2.1:1")); len(out) > 0 && len(out) != 32 || !bytes.Equal(before, data) {
			t.Errorf("%x: %x", data, out)
		}
	})
}

// TestKnownWhileItAsks: who keeps his way open stays known for as long as a registration can live; who falls silent does not.
func TestKnownWhileItAsks(t *testing.T) {
	var k known
	now, at := time.Now(), netip.MustParseAddrPort("192.0.2.1:5060")
	k.add(at, now)
	for end := now.Add(7 * 24 * time.Hour); now.Before(end); now = now.Add(knownFor) {
		if !k.has(at, now) {
			t.Fatalf("is not known any more at %s", now)
		}
	}
	if k.has(at, now.Add(time.Second)) || k.has(at, now) || len(k.until) != 0 {
		t.Error("is known when it has been silent for so long")
	}
}

// TestKnownIsBounded: however many register, no more than so many are known, and each only for its time.
func TestKnownIsBounded(t *testing.T) {
	var k known
	now := time.Now()
	at := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
	}
	for i := range maxKnown + 1000 {
		k.add(at(i), now)
	}
	last := at(maxKnown + 999)
	if len(k.until) != maxKnown || !k.has(last, now) || k.has(last, now.Add(knownFor+time.Second)) {
		t.Errorf("%d are known", len(k.until))
	}
}
