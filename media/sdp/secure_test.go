package sdp

import (
	"strings"
	"testing"
)

// browser is the SDP offer of a browser, with credentials and fingerprint of its choice.
func browser(ufrag, fingerprint string) []byte {
	return peer("m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=rtcp-mux", "a=mid:a", "a=setup:actpass", "a=ice-ufrag:"+ufrag,
		"a=ice-pwd:0123456789abcdefghijklmn", "a=fingerprint:sha-256 "+fingerprint)
}

func secured(t testing.TB) *Session {
	c := capability(t)
	c.Secure = ourIdentity
	return New(c)
}

func (s *Session) answered(t *testing.T, offer []byte) Secure {
	t.Helper()
	_, p, err := s.Answer(offer, SendRecv, nil)
	if err != nil {
		t.Fatal(err)
	}
	return *p.Secure
}

// What a later offer means: nothing new, an ICE restart, a peer that begins anew.
func TestSecureAgain(t *testing.T) {
	s := secured(t)
	first := s.answered(t, browser("aaaa", "AA:01"))
	if again := s.answered(t, browser("aaaa", "aa:01")); again != first {
		t.Errorf("the same offer: %+v, before %+v", again, first)
	}
	restarted := s.answered(t, browser("bbbb", "AA:01"))
	if restarted.Local == first.Local || restarted.Fingerprint != first.Fingerprint || restarted.Remote.Ufrag != "bbbb" {
		t.Errorf("restarted: %+v, before %+v", restarted, first)
	}
	s.Rollback()
	if p, _ := s.Current(); *p.Secure != first {
		t.Errorf("a restart that was undone: %+v", p.Secure)
	}
	reloaded := s.answered(t, browser("cccc", "BB:02"))
	if reloaded.Local == first.Local || reloaded.Fingerprint == first.Fingerprint {
		t.Errorf("reloaded: %+v, before %+v", reloaded, first)
	}
}

// Who began with DTLS stays, whoever makes the next offer.
func TestSecureRole(t *testing.T) {
	s := secured(t)
	if _, err := s.Offer(SendRecv, nil); err != nil {
		t.Fatal(err)
	}
	waits := strings.Replace(string(browser("aaaa", "AA:01")), "actpass", "passive", 1)
	p, err := s.Accept([]byte(waits))
	if err != nil || !p.Secure.Active {
		t.Fatalf("%+v, %v", p.Secure, err)
	}
	if again := s.answered(t, browser("aaaa", "AA:01")); !again.Active {
		t.Error("the role changes with an offer that leaves it open")
	}
}

// Our own next offer says the same credentials: it is no restart.
func TestSecureReoffer(t *testing.T) {
	s := secured(t)
	was := s.answered(t, browser("aaaa", "AA:01"))
	offer, err := s.Offer(SendOnly, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a=ice-ufrag:" + was.Local.Ufrag, "a=ice-pwd:" + was.Local.Password, "a=setup:actpass",
		"a=mid:a", "a=rtcp-mux", "a=ice-lite", "UDP/TLS/RTP/SAVPF"} {
		if !strings.Contains(string(offer), line) {
			t.Errorf("no %s in\n%s", line, offer)
		}
	}
	reply := strings.Replace(string(browser("aaaa", "AA:01")), "actpass", "active", 1)
	p, err := s.Accept([]byte(reply))
	if err != nil || *p.Secure != was {
		t.Errorf("settled %+v, before %+v, %v", p.Secure, was, err)
	}
}

func TestIsSecure(t *testing.T) {
	for offer, want := range map[string]bool{
		string(browser("aaaa", "AA:01")):                                                          true,
		string(peer("m=audio 4000 RTP/AVP 0")):                                                    false,
		string(peer("m=audio 4000 RTP/SAVP 0", "a=crypto:1 x y")):                                 false,
		string(peer("a=fingerprint:sha-256 AA", "m=video 9 RTP/SAVPF 1", "m=audio 9 RTP/SAVP 0")): true,
		string(peer("m=audio 4000 UDP/TLS/RTP/SAVP 0", "a=fingerprint:sha-256 AA", "a=rtcp-mux")): false,
		"no SDP": false,
	} {
		if got := IsSecure([]byte(offer)); got != want {
			t.Errorf("%v for\n%s", got, offer)
		}
	}
}

// Two of us understand each other, whatever the offer was made from, and nothing of a peer's text comes back.
func FuzzSecureAnswer(f *testing.F) {
	f.Add(browser("aaaa", "AA:01"))
	seeds(f, "answer")
	f.Fuzz(func(t *testing.T, offer []byte) {
		s := secured(t)
		answer, p, err := s.Answer(offer, SendRecv, nil)
		if err != nil {
			return
		}
		checkAnswer(t, offer, answer)
		if p.Secure == nil || p.Remote.IsValid() || !p.Mux || len(p.Secure.Remote.Password) < minPassword {
			t.Fatalf("settled %s", p.story())
		}
		if !IsSecure(answer) {
			t.Fatalf("answered\n%s", answer)
		}
	})
}
