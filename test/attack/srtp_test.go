package attack

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/srtp/v3"

	"tandem/test/lab"
)

// secret is a call of the test's own making, whose audio is encrypted by keys in SDP.
type secret struct {
	*lab.Call
	conn       *net.UDPConn
	at         *net.UDPAddr // the member's
	seal, open *srtp.Context
	key        []byte // ours
	done       chan struct{}

	mu       sync.Mutex
	sequence uint16
	sent     [][]byte // as they went out
	heard    int      // packets that hold our sound
	forged   int      // packets that hold what we never sent
}

const (
	keyAndSalt = 30 // octets (RFC 4568 section 6.2)
	oneSuite   = "AES_CM_128_HMAC_SHA1_80"
	ourSource  = 0x5ec2e7
)

// quiet and loud are payloads of mu-law: that of our sound, and that of packets that must not be heard.
var quiet, loud = [2]byte{0xb5, 0x35}, byte(0x00)

// offerOf is an SDP offer of encrypted audio.
func offerOf(port int, crypto string) string {
	return fmt.Sprintf("%sm=audio %d RTP/SAVP 0\r\n%s\r\n", sdpHead, port, crypto)
}

func cryptoLine(key []byte) string {
	return "a=crypto:1 " + oneSuite + " inline:" + base64.StdEncoding.EncodeToString(key)
}

func keyContext(t *testing.T, key []byte) *srtp.Context {
	t.Helper()
	c, err := srtp.CreateContext(key[:16], key[16:], srtp.ProtectionProfileAes128CmHmacSha1_80)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newKey() []byte { key := make([]byte, keyAndSalt); _, _ = rand.Read(key); return key }

var (
	keyOf  = regexp.MustCompile(`a=crypto:\d+ ` + oneSuite + ` inline:([A-Za-z0-9+/=]+)`)
	portOf = regexp.MustCompile(`m=audio (\d+) `)
)

// whisper makes an encrypted call that hears itself.
func whisper(t *testing.T, w *witness) *secret {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	s := &secret{conn: conn, key: newKey(), done: make(chan struct{})}
	s.Call = w.Phone(t, "1001").CallOffering("9196", offerOf(conn.LocalAddr().(*net.UDPAddr).Port, cryptoLine(s.key)))
	theirs, port := keyOf.FindStringSubmatch(s.SDP), portOf.FindStringSubmatch(s.SDP)
	if s.Status != 200 || theirs == nil || port == nil {
		t.Fatalf("an encrypted call: %d %s\n%s", s.Status, s.Reason, s.SDP)
	}
	s.at, err = net.ResolveUDPAddr("udp4", "127.0.0.1:"+port[1])
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(theirs[1])
	if err != nil {
		t.Fatal(err)
	}
	s.seal, s.open = keyContext(t, s.key), keyContext(t, key)
	go s.speak()
	go s.listen()
	t.Cleanup(func() { close(s.done); _ = conn.Close() })
	s.hears(t, "at first")
	return s
}

func (s *secret) speak() {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	sound := make([]byte, 160)
	for i := range sound {
		sound[i] = quiet[i/4%2]
	}
	for {
		s.mu.Lock()
		s.sequence++
		sealed, err := s.seal.EncryptRTP(nil, packet(0, s.sequence, uint32(s.sequence)*160, ourSource, sound), nil)
		if err == nil {
			s.sent = append(s.sent, sealed)
		}
		s.mu.Unlock()
		_, _ = s.conn.WriteToUDP(sealed, s.at)
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
	}
}

func (s *secret) listen() {
	buffer := make([]byte, 2048)
	for {
		n, err := s.conn.Read(buffer)
		if err != nil {
			return
		}
		plain, err := s.open.DecryptRTP(nil, buffer[:n], nil)
		if err != nil || len(plain) < 12+160 {
			continue
		}
		body := string(plain[12:])
		s.mu.Lock()
		if strings.ContainsRune(body, rune(quiet[1])) {
			s.heard++
		}
		if strings.Count(body, string(loud)) > 10 {
			s.forged++
		}
		s.mu.Unlock()
	}
}

// hears demands that the call hears itself from now on, and has heard nothing else.
func (s *secret) hears(t *testing.T, when string) {
	t.Helper()
	s.mu.Lock()
	before := s.heard
	s.mu.Unlock()
	lab.Wait(t, patience, "the encrypted call hears itself "+when, func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.heard > before+25 })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.forged > 0 {
		t.Errorf("%s, %d packets are heard that nobody with the key has sent", when, s.forged)
		s.forged = 0
	}
}

// TestBadSRTP sends thousands of packets to encrypted calls that are not authentic (attack group A30), and offers keys that
// are none: the calls go on, hear themselves and nothing else.
func TestBadSRTP(t *testing.T) {
	t.Parallel()
	w := newWitness(t, "media.srtp=offered", "media.srtp_clear=true")
	s := whisper(t, w)
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 91)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	beside, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = beside.Close() }()
	for name, bad := range s.bad(t) {
		for who, conn := range map[string]*net.UDPConn{"the peer's address": s.conn, "its host": beside, "elsewhere": stranger} {
			s.throw(conn, bad, 600, 12) // ten times what a stream sends
			s.hears(t, "after "+name+" from "+who)
		}
	}
	s.throw(s.conn, s.bad(t)["a wrong key"], 20000, 200)
	s.hears(t, "after a flood")
	s.manySources(t)
	s.hears(t, "after a thousand sources of its own")
	badKeys(t, w, s)
	if c := s.Ask("INFO", "application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"); c/100 != 2 {
		t.Errorf("the call is not itself: %d", c)
	}
	s.Hangup()
	w.unharmed(t)
	w.over(t)
}

// throw sends so many packets, some in each millisecond.
func (s *secret) throw(conn *net.UDPConn, bad func() []byte, many, each int) {
	control := &net.UDPAddr{IP: s.at.IP, Port: s.at.Port + 1}
	for i := range many {
		b := bad()
		_, _ = conn.WriteToUDP(b, s.at)
		if i%4 == 0 {
			_, _ = conn.WriteToUDP(b, control)
		}
		if i%each == 0 {
			time.Sleep(12 * time.Millisecond)
		}
	}
}

// bad are ways to make packets that are not authentic.
func (s *secret) bad(t *testing.T) map[string]func() []byte {
	wrong := keyContext(t, newKey())
	sequence := uint16(0)
	noise := strings.Repeat(string([]byte{loud}), 160)
	sealed := func(source uint32, step uint16) []byte {
		sequence += step
		b, err := wrong.EncryptRTP(nil, packet(0, sequence, uint32(sequence)*160, source, []byte(noise)), nil)
		if err != nil {
			return nil
		}
		return b
	}
	genuine := func() []byte {
		s.mu.Lock()
		defer s.mu.Unlock()
		return append([]byte{}, s.sent[mathrand.IntN(len(s.sent))]...)
	}
	report := func() []byte {
		bye := binary.BigEndian.AppendUint32([]byte{0x81, 203, 0, 1}, ourSource)
		b, err := wrong.EncryptRTCP(nil, append([]byte{0x80, 201, 0, 1, 0, 0x5e, 0xc2, 0xe7}, bye...), nil)
		if err != nil {
			return nil
		}
		return b
	}
	return map[string]func() []byte{
		"a wrong key":        func() []byte { return sealed(ourSource, 1) },
		"leaps of the index": func() []byte { return sealed(ourSource, 30000) },
		"a thousand sources": func() []byte { return sealed(mathrand.Uint32(), 1) },
		"nothing encrypted": func() []byte {
			return packet(0, uint16(mathrand.Uint32()), mathrand.Uint32(), ourSource, []byte(noise))
		},
		"replays":              genuine,
		"a BYE of another key": report,
		"a BYE in the clear":   func() []byte { return []byte{0x81, 203, 0, 1, 0, 0x5e, 0xc2, 0xe7} },
		"a spoilt tag":         func() []byte { b := genuine(); b[len(b)-1-mathrand.IntN(10)] ^= 1 << mathrand.IntN(8); return b },
		"spoilt audio":         func() []byte { b := genuine(); b[12+mathrand.IntN(160)] ^= 0xff; return b },
		"another number":       func() []byte { b := genuine(); b[2] ^= 0x40; return b },
		"a MKI nobody agreed": func() []byte {
			b := genuine()
			return append(append(b[:len(b)-10:len(b)-10], 0, 0, 0, 1), b[len(b)-10:]...)
		},
		"no tag":               func() []byte { b := genuine(); return b[:len(b)-10] },
		"less than a packet":   func() []byte { b := genuine(); return b[:mathrand.IntN(24)] },
		"an extension too far": func() []byte { b := genuine(); b[0] |= 0x1f; return b },
		"1500 octets":          func() []byte { return append(genuine(), make([]byte, 1300)...) },
		"DTLS":                 func() []byte { return append([]byte{22, 254, 255}, make([]byte, 60)...) },
	}
}

// manySources sends, with our own key, from more sources than a peer may have.
func (s *secret) manySources(t *testing.T) {
	own := keyContext(t, s.key)
	for i := range 1000 {
		b, err := own.EncryptRTP(nil, packet(0, uint16(i), uint32(i), uint32(i)+1, []byte(strings.Repeat(string(quiet[:1]), 160))), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = s.conn.WriteToUDP(b, s.at)
		if i%10 == 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// badKeys offers keys that are none, at the beginning of a call and within one.
func badKeys(t *testing.T, w *witness, s *secret) {
	key := base64.StdEncoding.EncodeToString(newKey())
	p := w.Phone(t, "1002")
	for what, line := range map[string]string{
		"no key":              "a=crypto:1 " + oneSuite + " inline:",
		"a short key":         "a=crypto:1 " + oneSuite + " inline:AAAA",
		"a key of 64 kB":      "a=crypto:1 " + oneSuite + " inline:" + strings.Repeat("A", 40000),
		"no base64":           "a=crypto:1 " + oneSuite + " inline:!!!!",
		"a lifetime of 2^999": "a=crypto:1 " + oneSuite + " inline:" + key + "|2^999|1:4",
		"a MKI of 2^64":       "a=crypto:1 " + oneSuite + " inline:" + key + "|2^20|18446744073709551616:4294967296",
		"500 keys of one":     "a=crypto:1 " + oneSuite + " " + strings.Repeat("inline:"+key+";", 500) + "inline:" + key,
		"500 lines":           strings.Repeat("a=crypto:7 "+oneSuite+" inline:"+key+"\r\n", 500) + "a=x",
		"no suite":            "a=crypto:1  inline:" + key,
		"a tag of 2^99":       "a=crypto:633825300114114700748351602688 " + oneSuite + " inline:" + key,
		"no encryption":       "a=crypto:1 " + oneSuite + " inline:" + key + " UNENCRYPTED_SRTP UNENCRYPTED_SRTCP UNAUTHENTICATED_SRTP",
		"a rate of keys":      "a=crypto:1 " + oneSuite + " inline:" + key + " KDR=99999999999 WSH=0 FEC_ORDER=X",
	} {
		c := p.CallOffering("9196", offerOf(4000, line))
		if c.Status == 0 || c.Status == 500 {
			t.Errorf("%s: answered %d", what, c.Status)
		}
		if c.Status == 200 {
			if strings.Contains(c.SDP, "UNENCRYPTED") || strings.Contains(c.SDP, "UNAUTHENTICATED") || !strings.Contains(c.SDP, "a=crypto:") && !strings.Contains(c.SDP, "m=audio 0 ") {
				t.Errorf("%s: the answer takes the encryption away:\n%s", what, c.SDP)
			}
			c.Hangup()
		}
		if what != "500 lines" && what != "a MKI of 2^64" && what != "500 keys of one" {
			continue
		}
		s.Reoffer(strings.Replace(offerOf(s.conn.LocalAddr().(*net.UDPAddr).Port, "a=crypto:1 "+oneSuite+" inline:AAAA"), "o=- 1 1", "o=- 1 2", 1))
		s.hears(t, "after an offer within it of "+what)
	}
}
