package sdp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// cryptoLine is a=crypto with a key of one letter.
func cryptoLine(tag int, s Suite, letter string) string {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, s.KeySize())))
	return fmt.Sprintf("a=crypto:%d %s inline:%s", tag, s, key)
}

func keyed(t testing.TB, required bool) *Session {
	c := capability(t)
	c.Suites, c.Required, c.Fingerprint = Suites, required, ourIdentity.Fingerprint
	return New(c)
}

var ourKey = regexp.MustCompile(`a=crypto:(\d+) (\S+) inline:(\S+)\r\n`)

// keysIn are the a=crypto lines of our SDP, as "tag suite", and the keys.
func keysIn(text []byte) (lines, keys []string) {
	for _, m := range ourKey.FindAllSubmatch(text, -1) {
		lines, keys = append(lines, string(m[1])+" "+string(m[2])), append(keys, string(m[3]))
	}
	return lines, keys
}

// A party that names a new key in the middle of a call has it taken; ours stays, so that it is never begun anew, and so
// does the suite where we make the next offer.
func TestKeysOverACall(t *testing.T) {
	s := keyed(t, false)
	answer, first, err := s.Answer(peer("m=audio 6000 RTP/SAVP 0", cryptoLine(1, SHA1, "a")), SendRecv, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, ours := keysIn(answer)
	again, second, err := s.Answer(peer("m=audio 6000 RTP/SAVP 0", cryptoLine(4, SHA1, "b")), SendRecv, nil)
	if err != nil || second.Keys.Local != first.Keys.Local || second.Keys.Remote == first.Keys.Remote {
		t.Errorf("a new key of the peer: %v, ours the same: %v", err, second.Keys.Local == first.Keys.Local)
	}
	if lines, keys := keysIn(again); len(lines) != 1 || lines[0] != "4 AES_CM_128_HMAC_SHA1_80" || keys[0] != ours[0] {
		t.Errorf("answered %q", lines)
	}
	s.Rollback()
	if p, _ := s.Current(); p.Keys != first.Keys {
		t.Error("an exchange that was undone left its keys")
	}
	offer, err := s.Offer(SendOnly, nil)
	if err != nil {
		t.Fatal(err)
	}
	lines, keys := keysIn(offer)
	if len(lines) != 1 || !strings.HasSuffix(lines[0], string(SHA1)) || keys[0] != ours[0] ||
		!strings.Contains(string(offer), "RTP/SAVP ") {
		t.Fatalf("our next offer:\n%s", offer)
	}
	var tag int
	_, _ = fmt.Sscan(lines[0], &tag)
	third, err := s.Accept(peer("m=audio 6000 RTP/SAVP 0", cryptoLine(tag, SHA1, "a")))
	if err != nil || third.Keys != first.Keys {
		t.Errorf("settled %v, %v", third.Keys, err)
	}
}

// A suite that comes back, after none or after another, has a key that nothing was encrypted with. One that stands again
// since an exchange was undone has its own.
func TestKeysThatComeBack(t *testing.T) {
	line := func(s Suite) []byte { return peer("m=audio 6000 RTP/SAVP 0", cryptoLine(1, s, "a")) }
	for name, between := range map[string][]byte{"none": peer("m=audio 6000 RTP/AVP 0"), "another": line(SHA1)} {
		t.Run(name, func(t *testing.T) {
			s := keyed(t, false)
			seen := map[string]bool{}
			for range 12 { // more often than a stream keeps keys
				_, p, err := s.Answer(line(GCM), SendRecv, nil)
				if err != nil || seen[p.Keys.Local] {
					t.Fatalf("%v, our key for the second time: %v", err, seen[p.Keys.Local])
				}
				seen[p.Keys.Local] = true
				if _, _, err := s.Answer(between, SendRecv, nil); err != nil {
					t.Fatal(err)
				}
				s.Rollback()
				if _, again, err := s.Answer(line(GCM), SendRecv, nil); err != nil || again.Keys != p.Keys {
					t.Errorf("%v, our key after an exchange that was undone is another", err)
				}
				if _, _, err := s.Answer(between, SendRecv, nil); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Each suite of an offer has a key of its own, and every leg has others.
func TestKeysDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		offer, err := keyed(t, true).Offer(SendRecv, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, keys := keysIn(offer)
		if len(keys) != len(Suites) {
			t.Fatalf("%d keys offered", len(keys))
		}
		for _, k := range keys {
			if seen[k] {
				t.Error("a key for the second time")
			}
			seen[k] = true
		}
	}
}

// A call that began without encryption goes on so by our offers; the party may begin with it.
func TestPlainCallStaysPlain(t *testing.T) {
	s := keyed(t, false)
	if _, _, err := s.Answer(peer("m=audio 6000 RTP/AVP 0"), SendRecv, nil); err != nil {
		t.Fatal(err)
	}
	offer, err := s.Offer(SendOnly, nil)
	if lines, _ := keysIn(offer); err != nil || len(lines) > 0 {
		t.Errorf("offered %q, %v", lines, err)
	}
	s.Rollback()
	if _, p, err := s.Answer(peer("m=audio 6000 RTP/AVP 0", cryptoLine(1, GCM, "a")), SendRecv, nil); err != nil || p.Keys.Suite != GCM {
		t.Errorf("settled %v, %v", p.Keys, err)
	}
}

// A phone that agrees on keys by DTLS is offered the same again, and the roles stay.
func TestHandshakeOverACall(t *testing.T) {
	phone := func(setup string) []byte {
		return peer("m=audio 6000 UDP/TLS/RTP/SAVP 0", "a=rtcp-mux", "a=setup:"+setup, "a=fingerprint:sha-256 AA:01")
	}
	s := keyed(t, true)
	_, first, err := s.Answer(phone("passive"), SendRecv, nil)
	if err != nil || !first.DTLS.Active || first.Keys != (Keys{}) {
		t.Fatalf("settled %+v, %v", first.DTLS, err)
	}
	if _, again, err := s.Answer(phone("actpass"), SendRecv, nil); err != nil || again.DTLS != first.DTLS {
		t.Errorf("the same again: %+v, %v", again.DTLS, err)
	}
	offer, err := s.Offer(SendOnly, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"UDP/TLS/RTP/SAVP ", "a=setup:actpass", "a=rtcp-mux", "a=fingerprint:" + ourIdentity.Fingerprint} {
		if !strings.Contains(string(offer), want) {
			t.Errorf("no %s in\n%s", want, offer)
		}
	}
	if p, err := s.Accept(phone("passive")); err != nil || p.DTLS != first.DTLS || !p.Mux {
		t.Errorf("accepted %+v, mux %v, %v", p.DTLS, p.Mux, err)
	}
}

// A phone that keeps RTCP apart is answered so, and offered it so again.
func TestHandshakeWithoutMux(t *testing.T) {
	s := keyed(t, true)
	answer, p, err := s.Answer(peer("m=audio 6000 UDP/TLS/RTP/SAVP 0", "a=setup:actpass", "a=fingerprint:sha-256 AA:01"), SendRecv, nil)
	if err != nil || p.Mux || p.DTLS.Fingerprint == "" {
		t.Fatalf("settled %+v, mux %v, %v", p.DTLS, p.Mux, err)
	}
	offer, err := s.Offer(SendOnly, nil)
	if text := string(answer) + string(offer); err != nil || strings.Contains(text, "rtcp-mux") || strings.Count(text, "a=fingerprint:") != 2 {
		t.Errorf("said, %v:\n%s", err, text)
	}
}

func TestNoKeysInTheClear(t *testing.T) {
	c := capability(t)
	c.Required = true
	if _, err := New(c).Offer(SendRecv, nil); !errors.Is(err, ErrNotAcceptable) {
		t.Errorf("an offer of what may not be offered: %v", err)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	k := Keys{Suite: GCM, Local: "our secret", Remote: "their secret"}
	for _, text := range []string{fmt.Sprint(k), fmt.Sprintf("%+v", k), fmt.Sprintf("%#v", k), fmt.Sprintf("%+v", Params{Keys: k})} {
		if strings.Contains(text, "secret") {
			t.Errorf("printed: %s", text)
		}
	}
}

// FuzzCrypto reads anything as the value of a=crypto: what is taken can be written and read again.
func FuzzCrypto(f *testing.F) {
	for _, s := range Suites {
		f.Add(strings.TrimPrefix(cryptoLine(1, s, "k"), "a=crypto:"))
	}
	f.Add("1 AES_CM_128_HMAC_SHA1_80 inline:MDEy|2^20|1:4;inline:x UNENCRYPTED_SRTP")
	f.Add("99999999999 AEAD_AES_128_GCM inline: WSH=64")
	f.Fuzz(func(t *testing.T, value string) {
		c, ok := parseCrypto(value)
		if !ok {
			return
		}
		var b strings.Builder
		printKeys(&b, []crypto{c})
		again, ok := parseCrypto(strings.TrimSuffix(strings.TrimPrefix(b.String(), "a=crypto:"), "\r\n"))
		if !ok || again != c || len(c.key) != c.suite.KeySize() {
			t.Errorf("%q was read as %v, and then %v", value, c, again)
		}
	})
}

// A peer that takes the encrypted profile alone is offered it after the plain one with keys, in an exchange of its own.
func TestInsist(t *testing.T) {
	near := keyed(t, false)
	if _, err := near.Offer(SendRecv, nil); err != nil {
		t.Fatal(err)
	}
	if !near.Insist() || near.Insist() {
		t.Error("one may insist once")
	}
	offer, err := near.Offer(SendRecv, nil)
	if err != nil || !strings.Contains(string(offer), " RTP/SAVP ") {
		t.Fatalf("%v\n%s", err, offer)
	}
	far := keyed(t, true)
	answer, theirs, err := far.Answer(offer, SendRecv, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := near.Accept(answer)
	if err != nil || ours.Keys == (Keys{}) || ours.Keys.Local != theirs.Keys.Remote {
		t.Errorf("%v: keys %v and %v", err, ours.Keys, theirs.Keys)
	}
	if near.Insist() {
		t.Error("insists after an answer")
	}
	plain := New(capability(t))
	if plain.Insist() {
		t.Error("insists without keys")
	}
}
