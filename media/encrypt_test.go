package media

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"tandem/media/sdp"
)

// tied lets two members' streams agree on keys by DTLS, one of which begins, and joins each with a phone there.
func tied(t *testing.T, a, b *phone, fingerprint string, mux bool) (sa, sb *Stream, told events) {
	t.Helper()
	near, far := newTestEngine(t, testConf()), newTestEngine(t, testConf())
	told = newEvents()
	open := func(e *Engine, id string, on func(Event)) *Stream {
		s, err := e.Open(Options{ID: id, Call: "call", OnEvent: on})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	sa, sb = open(near, "near", told.on), open(far, "far", nil)
	if fingerprint == "" {
		fingerprint = far.Fingerprint()
	}
	for _, end := range []struct {
		s, other *Stream
		d        sdp.DTLS
	}{{sb, sa, sdp.DTLS{Fingerprint: near.Fingerprint()}}, {sa, sb, sdp.DTLS{Fingerprint: fingerprint, Active: true}}} {
		params := newPhone(t, "PCMU").params
		params.Remote = netip.AddrPortFrom(end.other.Local(), uint16(end.other.Port()))
		params.RemoteRTCP, params.Mux, params.DTLS = params.Remote, mux, end.d
		for range 2 { // the same again changes nothing
			if err := end.s.Apply(params); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, pair := range [][2]*Stream{{a.call(near, Options{ID: "a", Call: "call"}), sa}, {b.call(far, Options{ID: "b", Call: "call"}), sb}} {
		if err := Bridge(pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	return sa, sb, told
}

// Two sides without ICE agree on keys on the way of their audio, whoever begins, and hear each other; also where RTCP
// has a port of its own, to which nothing goes.
func TestHandshakeWithoutICE(t *testing.T) {
	for _, mux := range []bool{true, false} {
		t.Run(fmt.Sprint("mux=", mux), func(t *testing.T) { agree(t, mux) })
	}
}

func agree(t *testing.T, mux bool) {
	t.Parallel()
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb, told := tied(t, a, b, "", mux)
	if got := wait[Secured](t, told); got.Profile != string(sdp.GCM) {
		t.Errorf("secured by %s", got.Profile)
	}
	a.talk(600)
	b.talk(1100)
	a.hearAt(1100, -10)
	b.hearAt(600, -10)
	if got, other := sa.Stats().Encryption, sb.Stats().Encryption; got != dtlsSRTP || other != dtlsSRTP {
		t.Errorf("encrypted by %q and %q", got, other)
	}
	sa.receiver.mu.Lock()
	defer sa.receiver.mu.Unlock()
	if to := sa.receiver.reportTo(); to.IsValid() != mux {
		t.Errorf("RTCP goes to %v", to)
	}
}

// Who shows another certificate than SDP told of is not talked to.
func TestHandshakeWithAStranger(t *testing.T) {
	t.Parallel()
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb, told := tied(t, a, b, "sha-256 00"+strings.Repeat(":00", 31), true)
	if got := wait[Unsecured](t, told); got.Reason == "" {
		t.Error("no reason")
	}
	if sa.Stats().Received != 0 || sb.Stats().Received != 0 {
		t.Error("audio was heard")
	}
}
