package media

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/test/lab"
)

// browserLine is a stream whose peer is a browser, with what both sides said to each other in SDP.
type browserLine struct {
	*Stream
	session *sdp.Session
	events  events
}

func webRTCEngine(t testing.TB) *Engine {
	t.Helper()
	c := testConf()
	c.WebrtcPort = 0
	e := newTestEngine(t, c)
	if err := e.ListenWebRTC(); err != nil {
		t.Fatal(err)
	}
	return e
}

func openBrowser(t testing.TB, e *Engine) *browserLine {
	t.Helper()
	l := &browserLine{events: newEvents()}
	var err error
	if l.Stream, err = e.Open(Options{ID: t.Name(), WebRTC: true, OnEvent: l.events.on}); err != nil {
		t.Fatal(err)
	}
	l.session = sdp.New(sdp.Capability{Address: l.Local(), Port: l.Port(), Codecs: codecList(t, "PCMU"), Secure: l.Identity()})
	return l
}

func (l *browserLine) answers(t testing.TB, b *lab.Browser) {
	t.Helper()
	answer, p, err := l.session.Answer([]byte(b.Offer("0 126")), sdp.SendRecv, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Apply(p); err != nil {
		t.Fatal(err)
	}
	if err := b.Connect(string(answer)); err != nil {
		t.Fatal(err)
	}
	wait[Secured](t, l.events)
}

// speak sends a second of packets and returns those that came back meanwhile.
func speak(t testing.TB, b *lab.Browser, heard chan rtp.Header, first uint16) (out []rtp.Header) {
	t.Helper()
	packet := make([]byte, rtp.HeaderSize+160)
	for n := range uint16(50) {
		rtp.PutHeader(packet, rtp.Header{Sequence: first + n, Timestamp: uint32(first+n) * 160, SSRC: uint32(first)})
		if err := b.Send(packet); err != nil {
			t.Fatal(err)
		}
		select {
		case h := <-heard:
			out = append(out, h)
		case <-time.After(patience):
			t.Fatalf("nothing came after %d packets", n)
		}
	}
	return out
}

func attentive(t testing.TB) (*lab.Browser, chan rtp.Header) {
	t.Helper()
	b, heard := lab.NewBrowser(t), make(chan rtp.Header, 1000)
	b.Heard = func(p []byte) {
		heard <- rtp.Header{Sequence: binary.BigEndian.Uint16(p[2:]), Timestamp: binary.BigEndian.Uint32(p[4:]),
			SSRC: binary.BigEndian.Uint32(p[8:])}
	}
	return b, heard
}

// A browser hears itself, and goes on doing so after its page was loaded again: with the same source and sequence.
func TestBrowserReloads(t *testing.T) {
	l := openBrowser(t, webRTCEngine(t))
	l.Echo(0)
	before, heard := attentive(t)
	l.answers(t, before)
	last := speak(t, before, heard, 100)
	before.Close()
	after, heardAfter := attentive(t)
	l.answers(t, after)
	again := speak(t, after, heardAfter, 5000)
	was, is := last[len(last)-1], again[len(again)-1]
	if was.SSRC != is.SSRC || is.SSRC != l.Identity().SSRC {
		t.Errorf("source %d, then %d; SDP says %d", was.SSRC, is.SSRC, l.Identity().SSRC)
	}
	if step := is.Sequence - was.Sequence; step < 40 || step > 300 {
		t.Errorf("the sequence went from %d to %d", was.Sequence, is.Sequence)
	}
	if s := l.Stats(); s.Encryption != "DTLS-SRTP" || s.Remote.Addr() != l.Local() || s.Lost > 0 {
		t.Errorf("measured %+v", s)
	}
}

// A browser and a phone that talk the same codec are joined by packets.
func TestBrowserWithPhone(t *testing.T) {
	e := webRTCEngine(t)
	l := openBrowser(t, e)
	b, heard := attentive(t)
	l.answers(t, b)
	p := newPhone(t, "PCMU")
	s := p.call(e, Options{})
	if err := Bridge(s, l.Stream); err != nil {
		t.Fatal(err)
	}
	stop := p.talk(440)
	defer stop()
	deadline := time.After(patience)
	for relayed := false; !relayed; relayed = e.Snapshot().Relayed > 20 {
		select {
		case <-heard:
		case <-deadline:
			t.Fatalf("relayed %d", e.Snapshot().Relayed)
		}
	}
}

func TestBrowserWithWrongFingerprint(t *testing.T) {
	l := openBrowser(t, webRTCEngine(t))
	b, _ := attentive(t)
	other, _ := attentive(t)
	b.Fingerprint = other.Fingerprint
	answer, p, err := l.session.Answer([]byte(b.Offer("0")), sdp.SendRecv, nil)
	if err == nil {
		err = l.Apply(p)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Connect(string(answer)); err == nil {
		t.Error("the browser gets keys")
	}
	wait[Unsecured](t, l.events)
}

func TestBrowserRefuses(t *testing.T) {
	e := newTestEngine(t, testConf())
	if _, err := e.Open(Options{ID: "a", WebRTC: true}); !errors.Is(err, ErrNoWebRTC) {
		t.Errorf("without a port: %v", err)
	}
	l := openBrowser(t, webRTCEngine(t))
	if err := l.Apply(newPhone(t, "PCMU").params); !errors.Is(err, ErrProfile) {
		t.Errorf("plain parameters: %v", err)
	}
	if l.Identity() == nil || l.sender.conn.Send(make([]byte, 200), netip.AddrPort{}) == nil {
		t.Error("sends before there are keys")
	}
}

// Streams of browsers that nobody comes for give everything back.
func TestBrowsersThatDoNotCome(t *testing.T) {
	e := webRTCEngine(t)
	for range 200 {
		l := openBrowser(t, e)
		if _, p, err := l.session.Answer([]byte((&lab.Browser{Ufrag: "abcd", Pwd: "0123456789abcdefghijkl",
			Fingerprint: "sha-256 AA:BB"}).Offer("0")), sdp.SendRecv, nil); err != nil || l.Apply(p) != nil {
			t.Fatal(err)
		}
		l.Close()
	}
	if n := e.webrtc[0].Count(); n != 0 {
		t.Errorf("%d peers are left", n)
	}
}

func codecList(t testing.TB, names ...string) (out []codec.Codec) {
	t.Helper()
	for _, n := range names {
		out = append(out, codecOf(t, n))
	}
	return out
}
