package srtp

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// line is a port that keeps what is sent, and hands over what a test lets come.
type line struct {
	rtp.Conn
	sent   [][]byte
	handle rtp.Handler
}

func (l *line) Serve(handle rtp.Handler) { l.handle = handle }

func (l *line) Send(datagram []byte, _ netip.AddrPort) error {
	l.sent = append(l.sent, append([]byte(nil), datagram...))
	return nil
}

// end is one side of a stream: its guard before a line.
type end struct {
	guard Guard
	line  line
	port  rtp.Conn
	heard []string // the payloads that came through
}

func newEnd() *end {
	e := &end{}
	e.port = e.guard.Before(&e.line)
	e.port.Serve(func(datagram []byte, _ netip.AddrPort) { e.heard = append(e.heard, string(datagram[12:])) })
	return e
}

func (e *end) agree(t *testing.T, k sdp.Keys) {
	t.Helper()
	if err := e.guard.Agree(k, time.Now()); err != nil {
		t.Fatal(err)
	}
}

// say sends a packet and returns what is on the line.
func (e *end) say(t *testing.T, seq uint16, text string) []byte {
	t.Helper()
	if err := e.port.Send(packet(7, seq, text), netip.AddrPort{}); err != nil {
		t.Fatal(err)
	}
	return e.line.sent[len(e.line.sent)-1]
}

func packet(ssrc uint32, seq uint16, text string) []byte {
	out := make([]byte, rtp.HeaderSize, 200)
	rtp.PutHeader(out, rtp.Header{Sequence: seq, Timestamp: uint32(seq) * 160, SSRC: ssrc})
	return append(out, text...)
}

// hear lets a datagram come and tells what was heard of it, "" for nothing.
func (e *end) hear(datagram []byte, from string) string {
	e.heard = nil
	e.line.handle(append([]byte(nil), datagram...), netip.MustParseAddrPort(from))
	return strings.Join(e.heard, ",")
}

// keysOf are the keys of both ends, each as it sees them.
func keysOf(s sdp.Suite, near, far string) (a, b sdp.Keys) {
	x, y := strings.Repeat(near, s.KeySize()), strings.Repeat(far, s.KeySize())
	return sdp.Keys{Suite: s, Local: x, Remote: y}, sdp.Keys{Suite: s, Local: y, Remote: x}
}

const there, elsewhere = "192.0.2.1:4000", "192.0.2.66:4000"

func TestGuard(t *testing.T) {
	for _, suite := range sdp.Suites {
		t.Run(string(suite), func(t *testing.T) {
			near, far := newEnd(), newEnd()
			if got := far.hear(near.say(t, 1, "plain"), there); got != "plain" {
				t.Errorf("before there are keys: %q", got)
			}
			a, b := keysOf(suite, "a", "b")
			near.agree(t, a)
			far.agree(t, b)
			sealed := near.say(t, 2, "secret")
			if strings.Contains(string(sealed), "secret") {
				t.Error("it can be read on the way")
			}
			forged := append([]byte(nil), sealed...)
			forged[len(forged)-1] ^= 1
			if got := far.hear(forged, there); got != "" {
				t.Errorf("forged: %q", got)
			}
			if got := far.hear(packet(7, 3, "plain"), there); got != "" {
				t.Errorf("without encryption: %q", got)
			}
			if got := far.hear(sealed, elsewhere); got != "secret" {
				t.Errorf("sealed: %q", got)
			}
			if got := far.hear(sealed, there); got != "" {
				t.Errorf("once more: %q", got)
			}
			for _, seq := range []uint16{30000, 60000} { // no packet may be ahead by half of all numbers
				far.hear(near.say(t, seq, "on the way"), there)
			}
			if got := far.hear(near.say(t, 65535, "last"), there) + far.hear(near.say(t, 0, "first"), there); got != "lastfirst" {
				t.Errorf("over the end of the sequence numbers: %q", got)
			}
			near.agree(t, a)
			far.agree(t, b)
			if got := far.hear(near.say(t, 1, "on"), there); got != "on" {
				t.Errorf("after the same keys again: %q", got)
			}
			near.agree(t, sdp.Keys{})
			far.agree(t, sdp.Keys{})
			if got := far.hear(near.say(t, 2, "plain"), there); got != "plain" {
				t.Errorf("without keys again: %q", got)
			}
		})
	}
}

// A party that names a new key goes on with the old one until our answer has come to it. Our own key stays, and counts on.
func TestRekey(t *testing.T) {
	near, far := newEnd(), newEnd()
	a, b := keysOf(sdp.GCM, "a", "b")
	near.agree(t, a)
	far.agree(t, b)
	far.hear(near.say(t, 65535, "one"), there)
	under, rolled := near.say(t, 0, "two"), near.say(t, 1, "three")

	again, seen := keysOf(sdp.GCM, "c", "b")
	far.agree(t, seen)
	if got := far.hear(under, there); got != "two" {
		t.Errorf("under the key before: %q", got)
	}
	near.agree(t, again)
	if got := far.hear(near.say(t, 2, "four"), there); got != "four" {
		t.Errorf("under the new key: %q", got)
	}
	far.guard.until = time.Now().Add(-time.Second)
	if got := far.hear(rolled, there); got != "" {
		t.Errorf("under the key before, too late: %q", got)
	}
	out := far.guard.out.Load()
	far.agree(t, seen)
	if far.guard.out.Load() != out {
		t.Error("our own key is begun anew")
	}
}

// Keys that come back, after none, after DTLS or after another suite, count on where they were left: no packet and no
// report is encrypted like one before, what was heard is not heard again, and the rollover is known.
func TestThereAndBack(t *testing.T) {
	leave := map[string]func(*testing.T, *end){
		"none":    func(t *testing.T, e *end) { e.agree(t, sdp.Keys{}) },
		"a suite": func(t *testing.T, e *end) { k, _ := keysOf(sdp.SHA1, "c", "d"); e.agree(t, k) },
		"DTLS": func(t *testing.T, e *end) {
			e.guard.Await(func([]byte, netip.AddrPort) {})
			k, _ := keysOf(sdp.GCM, "e", "f")
			if err := e.guard.Handshake(k, time.Now()); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, away := range leave {
		t.Run(name, func(t *testing.T) {
			near, far := newEnd(), newEnd()
			a, b := keysOf(sdp.GCM, "a", "b")
			near.agree(t, a)
			far.agree(t, b)
			far.hear(near.say(t, 65535, "last"), there)
			first := near.say(t, 0, "first")
			far.hear(first, there)
			report := near.report(t)

			away(t, near)
			away(t, far)
			near.agree(t, a)
			far.agree(t, b)
			if got := far.hear(first, there); got != "" {
				t.Errorf("what was heard before is heard again: %q", got)
			}
			if got := far.hear(near.say(t, 1, "second"), there); got != "second" {
				t.Errorf("after the rollover: %q", got)
			}
			if err := near.port.Send(packet(7, 0, "other"), netip.AddrPort{}); !errors.Is(err, ErrUsed) {
				t.Errorf("what was sent before is forgotten: %v", err)
			}
			if string(near.report(t)) == string(report) {
				t.Error("two reports are encrypted alike")
			}
		})
	}
}

// report sends a receiver report and returns what is on the line.
func (e *end) report(t *testing.T) []byte {
	t.Helper()
	if err := e.port.Send([]byte{0x80, 201, 0, 1, 0, 0, 0, 7}, netip.AddrPort{}); err != nil {
		t.Fatal(err)
	}
	return e.line.sent[len(e.line.sent)-1]
}

// Sides that draw ever new keys are heard, and cost little.
func TestManyKeys(t *testing.T) {
	far := newEnd()
	keys := func(near, far int) sdp.Keys {
		k := func(n int) string { return strings.Repeat(string(rune('A'+n)), sdp.GCM.KeySize()) }
		return sdp.Keys{Suite: sdp.GCM, Local: k(near), Remote: k(far)}
	}
	for i := range 3 * maxKept {
		far.agree(t, keys(0, i))
	}
	if len(far.guard.openers) != maxKept || len(far.guard.sealers) != 1 {
		t.Errorf("%d keys of the peer and %d of ours are kept", len(far.guard.openers), len(far.guard.sealers))
	}
	for i := range 3 * maxKept {
		far.agree(t, keys(i, 0))
	}
	if len(far.guard.openers) != maxKept || len(far.guard.sealers) != maxKept {
		t.Errorf("%d keys of the peer and %d of ours are kept", len(far.guard.openers), len(far.guard.sealers))
	}
}

// Strangers who flood a port do not keep the party from being heard, wherever it was heard before.
func TestStrangers(t *testing.T) {
	near, far := newEnd(), newEnd()
	a, b := keysOf(sdp.GCM, "a", "b")
	near.agree(t, a)
	far.agree(t, b)
	far.hear(near.say(t, 1, "here"), there)
	junk := packet(7, 2, strings.Repeat("x", 160))
	for range 3 * maxDatagrams {
		far.hear(junk, elsewhere)
	}
	if got := far.hear(near.say(t, 2, "still here"), there); got != "still here" {
		t.Errorf("after the flood: %q", got)
	}
}

// A trunk under one key passes on ever other sources, those of all that its callers hear. They are heard through a long
// call.
func TestManySourcesOfATrunk(t *testing.T) {
	near, far := newEnd(), newEnd()
	a, b := keysOf(sdp.GCM, "a", "b")
	near.agree(t, a)
	far.agree(t, b)
	for source := range uint32(500) {
		if err := near.port.Send(packet(source, 1, "here"), netip.AddrPort{}); err != nil {
			t.Fatal(err)
		}
		if got := far.hear(near.line.sent[source], there); got != "here" {
			t.Fatalf("source %d: %q", source, got)
		}
	}
}

func TestOpenerLimits(t *testing.T) {
	a, b := keysOf(sdp.GCM, "a", "b")
	in, err := NewOpener(a.Suite, a.Remote)
	if err != nil {
		t.Fatal(err)
	}
	out, err := NewSealer(b.Suite, b.Local)
	if err != nil {
		t.Fatal(err)
	}
	var l line
	now, opened := time.Now(), 0
	for i := range uint32(2 * maxDatagrams) {
		if err := out.Send(packet(i%(2*MaxSources), uint16(i), ""), &l, netip.AddrPort{}); err != nil {
			t.Fatal(err)
		}
		if _, ok := in.Open(l.sent[i], now); ok {
			opened++
		}
	}
	if len(in.sources) != MaxSources || opened > maxDatagrams || opened < maxDatagrams/3 {
		t.Errorf("%d datagrams of %d sources in one second", opened, len(in.sources))
	}
	if _, ok := in.Open(nil, now.Add(time.Second)); ok {
		t.Error("nothing at all is opened")
	}
	if err := out.Send(make([]byte, rtp.BufferSize+1), &l, netip.AddrPort{}); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long datagram: %v", err)
	}
}

func TestWrongKeys(t *testing.T) {
	var g Guard
	for _, c := range []struct {
		keys sdp.Keys
		want error
	}{
		{sdp.Keys{Suite: "NULL", Local: "x", Remote: "y"}, ErrSuite},
		{sdp.Keys{Suite: sdp.GCM, Local: strings.Repeat("a", 28), Remote: "short"}, ErrKey},
		{sdp.Keys{Suite: sdp.SHA1, Local: "short", Remote: strings.Repeat("a", 30)}, ErrKey},
	} {
		if err := g.Agree(c.keys, time.Now()); !errors.Is(err, c.want) || g.on.Load() {
			t.Errorf("%s: %v, want %v", c.keys, err, c.want)
		}
	}
}

// quiet is a port that forgets.
type quiet struct{ rtp.Conn }

func (quiet) Send([]byte, netip.AddrPort) error { return nil }

func TestSecretsCostNoGarbage(t *testing.T) {
	for _, suite := range sdp.Suites {
		a, b := keysOf(suite, "a", "b")
		in, _ := NewOpener(a.Suite, a.Remote)
		out, err := NewSealer(b.Suite, b.Local)
		if err != nil {
			t.Fatal(err)
		}
		var l line
		plain, now := packet(7, 0, strings.Repeat("x", 160)), time.Now()
		next := func() { binary.BigEndian.PutUint16(plain[2:], binary.BigEndian.Uint16(plain[2:])+1) }
		for range 300 {
			next()
			if err := out.Send(plain, &l, netip.AddrPort{}); err != nil {
				t.Fatal(err)
			}
		}
		at := 0
		open := testing.AllocsPerRun(200, func() {
			if _, ok := in.Open(l.sent[at], now); !ok {
				t.Error("not opened")
			}
			at++
		})
		seal := testing.AllocsPerRun(200, func() {
			next()
			if err := out.Send(plain, quiet{}, netip.AddrPort{}); err != nil {
				t.Error(err)
			}
		})
		if open != 0 || seal != 0 {
			t.Errorf("%s: %v allocations to open, %v to seal", suite, open, seal)
		}
	}
}

// FuzzOpen lets anything come to a guarded port: nothing of it may be heard.
func FuzzOpen(f *testing.F) {
	f.Add(packet(7, 1, "hello"))
	f.Add([]byte{0x80, 200, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		for _, suite := range sdp.Suites {
			a, _ := keysOf(suite, "a", "b")
			in, err := NewOpener(a.Suite, a.Remote)
			if err != nil {
				t.Fatal(err)
			}
			if plain, ok := in.Open(append([]byte(nil), datagram...), time.Now()); ok {
				t.Errorf("%s: heard %q", suite, plain)
			}
		}
	})
}

// A handshake that is begun on the port of RTCP meets nobody: it is not that of the audio.
func TestNoHandshakeBesideTheAudio(t *testing.T) {
	var g Guard
	var audio, control line
	g.Before(&audio).Serve(func([]byte, netip.AddrPort) { t.Error("audio came through") })
	g.Beside(&control).Serve(func([]byte, netip.AddrPort) { t.Error("RTCP came through") })
	said := 0
	g.Await(func([]byte, netip.AddrPort) { said++ })
	hello := append([]byte{22, 254, 253}, make([]byte, 20)...)
	from := netip.MustParseAddrPort("192.0.2.1:4000")
	control.handle(hello, from)
	if said != 0 {
		t.Error("the handshake of RTCP was taken for that of the audio")
	}
	if audio.handle(hello, from); said != 1 {
		t.Errorf("%d datagrams of the handshake were taken", said)
	}
}
