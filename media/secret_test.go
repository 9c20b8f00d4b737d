package media

import (
	"testing"
	"time"

	"tandem/media/sdp"
)

// A call is relayed whatever of its sides is encrypted, with the keys of each.
func TestRelayOfSecrets(t *testing.T) {
	for _, suites := range [][2]sdp.Suite{{"", sdp.GCM}, {sdp.SHA1, ""}, {sdp.SHA1Weak, sdp.GCM}, {sdp.GCM, sdp.GCM}} {
		t.Run(string(suites[0]+"-"+suites[1]), func(t *testing.T) {
			t.Parallel()
			e := newTestEngine(t, testConf())
			a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
			for i, p := range []*phone{a, b} {
				if suites[i] != "" {
					p.encrypt(suites[i], "abc"[i:i+1], "xyz"[i:i+1])
				}
			}
			sa, sb := join(t, e, a, b)
			a.talk(600)
			b.talk(1100)
			a.hearAt(1100, -10)
			b.hearAt(600, -10)
			if e.Snapshot().Relayed == 0 {
				t.Error("nothing was relayed")
			}
			for i, s := range []*Stream{sa, sb} {
				if got := s.Stats().Encryption; (got == "SDES-SRTP") != (suites[i] != "") {
					t.Errorf("%s is said to be encrypted by %q", suites[i], got)
				}
			}
		})
	}
}

// What is made here, of another codec, is encrypted as well.
func TestSecretTranscoding(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "G722")
	a.encrypt(sdp.GCM, "a", "x")
	b.encrypt(sdp.SHA1, "b", "y")
	join(t, e, a, b)
	a.talk(600)
	b.talk(1100)
	a.hearAt(1100, -10)
	b.hearAt(600, -10)
}

// A party takes new keys in the middle of a call, and loses nothing by it.
func TestNewKeys(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	b.encrypt(sdp.GCM, "b", "y")
	_, sb := join(t, e, a, b)
	stop := b.talk(1100)
	a.hear(1100, 200*time.Millisecond)
	stop()
	in := b.in
	b.encrypt(sdp.GCM, "b", "z")
	b.in = in // ours is the same, and goes on
	if err := sb.Apply(b.params); err != nil {
		t.Fatal(err)
	}
	b.talk(1100)
	a.talk(600)
	a.hear(1100, 200*time.Millisecond)
	b.hear(600, 200*time.Millisecond)
}

// A stranger at the address that the signalling names has no key: he is not heard, and does not move the stream.
func TestStrangerWithoutKey(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	b.encrypt(sdp.GCM, "b", "y")
	_, sb := join(t, e, a, b)
	stranger := newPhone(t, "PCMU")
	stranger.dial(sb)
	for range 50 {
		stranger.send(make([]byte, 160))
	}
	b.talk(1100)
	a.hear(1100, 200*time.Millisecond)
	if got := sb.Stats(); got.Remote != b.addr() {
		t.Errorf("the stream went over to %v", got.Remote)
	}
}

func TestKeysOfTheWrongLength(t *testing.T) {
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	s, err := e.Open(Options{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	p.params.Keys = sdp.Keys{Suite: sdp.GCM, Local: "short", Remote: "short"}
	if err := s.Apply(p.params); err == nil {
		t.Error("a stream took keys that are too short")
	}
}
