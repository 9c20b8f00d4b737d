package attack

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestHostileMedia aims at the audio of a call (attack groups A26 to A29, A32, A33, A35): descriptions that make no sense
// or point elsewhere, packets of strangers, of the peer itself and of nobody.
func TestHostileMedia(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	t.Run("A26 descriptions", func(t *testing.T) { descriptions(t, w) })
	t.Run("A27 audio for others", func(t *testing.T) { elsewhere(t, w) })
	t.Run("A28 A29 bleeding and injection", func(t *testing.T) { bleeding(t, w) })
	t.Run("A32 RTCP", func(t *testing.T) { rtcp(t, w) })
	t.Run("A33 RTP", func(t *testing.T) { rtp(t, w) })
	t.Run("A35 ports", func(t *testing.T) { ports(t, w) })
	w.unharmed(t)
	w.over(t)
}

const sdpHead = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"

func descriptions(t *testing.T, w *witness) {
	p := w.Phone(t, "1000")
	for what, body := range map[string]string{
		"payload type of 2^32":   sdpHead + "m=audio 4000 RTP/AVP 4294967296\r\n",
		"payload type 128":       sdpHead + "m=audio 4000 RTP/AVP 128 0\r\n",
		"a bad fmtp":             sdpHead + "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-99999999999,=;;\r\n",
		"a rtpmap of nothing":    sdpHead + "m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 /\r\na=rtpmap:96 a/0/0\r\n",
		"a rate of 2^63":         sdpHead + "m=audio 4000 RTP/AVP 96 0\r\na=rtpmap:96 PCMU/9223372036854775807/99999\r\n",
		"a long media type":      sdpHead + "m=" + strings.Repeat("a", 200) + " 4000 RTP/AVP 0\r\n",
		"a long address":         "v=0\r\no=- 1 1 IN IP4 1\r\ns=-\r\nc=IN IP4 " + strings.Repeat("1.", 500) + "1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
		"1000 streams":           sdpHead + strings.Repeat("m=audio 4000 RTP/AVP 0\r\n", 1000),
		"500 formats":            sdpHead + "m=audio 4000 RTP/AVP" + strings.Repeat(" 0", 500) + "\r\n",
		"1000 candidates":        sdpHead + "m=audio 4000 RTP/AVP 0\r\n" + strings.Repeat("a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n", 1000),
		"ptime of minus one":     sdpHead + "m=audio 4000 RTP/AVP 0\r\na=ptime:-1\r\na=maxptime:99999999999999\r\n",
		"keys of nothing":        sdpHead + "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\r\na=crypto:99999999999 X inline:AAAA|2^99|1:99\r\n",
		"a fingerprint of none":  sdpHead + "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=fingerprint:sha-256 00\r\na=setup:active\r\n",
		"NUL":                    sdpHead + "m=audio 4000 RTP/AVP 0\r\na=\x00\r\n",
		"no line at all":         "\r\n",
		"no end of a line":       strings.Repeat("v", 30000),
		"bandwidth of minus one": sdpHead + "b=AS:-1\r\nm=audio 4000 RTP/AVP 0\r\n",
		"a fax of nothing":       sdpHead + "m=image 4000 udptl t38\r\na=T38FaxMaxBuffer:-1\r\na=T38FaxMaxDatagram:99999999999\r\n",
	} {
		c := p.CallOffering("9196", body)
		if c.Status == 0 {
			t.Errorf("%s: no answer", what)
		}
		if c.Status == 200 {
			c.Hangup()
		}
	}
	c := p.Call("9196")
	for what, body := range map[string]string{
		"port 0":                 sdpHead + "m=audio 0 RTP/AVP 0\r\n",
		"another kind of stream": sdpHead + "m=video 4000 RTP/AVP 96\r\n",
		"a version that falls":   strings.Replace(sdpHead, "o=- 1 1", "o=- 1 0", 1) + "m=audio 4000 RTP/AVP 0\r\n",
		"nonsense":               "m=\r\n",
		"fewer streams":          sdpHead,
	} {
		if s := c.Ask("INVITE", "application/sdp", body); s == 0 {
			t.Errorf("again, with %s: no answer", what)
		}
	}
	c.Hangup()
}

// elsewhere describes audio that would go to somebody else.
func elsewhere(t *testing.T, w *witness) {
	p := w.Phone(t, "1000")
	for _, at := range []string{"0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "ff02::1", "127.0.0.1 127", "localhost", "169.254.169.254"} {
		family := "IP4"
		if strings.Contains(at, ":") {
			family = "IP6"
		}
		body := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", family, at)
		if c := p.CallOffering("9197", body); c.Status == 200 {
			c.Hangup()
		}
	}
	// The member's own door for SIP gets no audio: what it counts of foreign datagrams stays.
	before := w.Metric("tandem_sip_foreign_datagrams_total")
	if c := p.CallOffering("9197", fmt.Sprintf("%sm=audio %d RTP/AVP 0\r\n", sdpHead, w.UDP)); c.Status == 200 {
		time.Sleep(300 * time.Millisecond) // of audio, if there is any
		c.Hangup()
	}
	if after := w.Metric("tandem_sip_foreign_datagrams_total"); after > before+1 {
		t.Errorf("audio goes to the SIP port of the member itself: %v datagrams", after-before)
	}
}

// packet is RTP as anybody could make it.
func packet(payloadType byte, sequence uint16, stamp, source uint32, payload []byte) []byte {
	b := make([]byte, 12, 12+len(payload))
	b[0], b[1] = 0x80, payloadType
	binary.BigEndian.PutUint16(b[2:], sequence)
	binary.BigEndian.PutUint32(b[4:], stamp)
	binary.BigEndian.PutUint32(b[8:], source)
	return append(b, payload...)
}

// echoing is a call that hears itself.
func echoing(t *testing.T, w *witness) *lab.Call {
	c := w.dial(t, w.Phone(t, "1001"), "9196")
	c.Say(440)
	c.AwaitTones(t, 500*time.Millisecond, 440)
	return c
}

// bleeding lets strangers send to all ports, before a call and in it: nobody hears the call, and the call hears nobody.
func bleeding(t *testing.T, w *witness) {
	stranger, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 88)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	at := w.call.Media()
	loud := make([]byte, 160) // the loudest that mu-law has
	random := rand.New(rand.NewPCG(3, 4))
	spray := func() {
		for i := range 3000 {
			port := at.Port() - 50 + uint16(random.IntN(100))
			if i%2 == 0 {
				port = at.Port()
			}
			to := net.UDPAddrFromAddrPort(netip.AddrPortFrom(at.Addr(), port))
			_, _ = stranger.WriteToUDP(packet(0, uint16(i), uint32(i)*160, 7, loud), to)
			if i%50 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}
	spray()
	c := echoing(t, w) // hears what the member hears
	at = c.Media()
	spray()
	c.AwaitTones(t, 500*time.Millisecond, 440)
	_ = stranger.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	buffer := make([]byte, 2000)
	if n, from, err := stranger.ReadFromUDP(buffer); err == nil {
		t.Errorf("a stranger hears %d bytes from %v", n, from)
	}
	c.Hangup()
}

// rtcp sends control packets that lie, to the port beside that of the audio.
func rtcp(t *testing.T, w *witness) {
	c := echoing(t, w)
	at := c.Media()
	control := netip.AddrPortFrom(at.Addr(), at.Port()+1)
	random := rand.New(rand.NewPCG(5, 6))
	bye := []byte{0x81, 203, 0, 1, 0, 0, 0, 0}
	bomb := append([]byte{0x8f, 205, 0, 11}, make([]byte, 44)...) // transport-wide feedback
	binary.BigEndian.PutUint16(bomb[14:], 65535)
	for i := range 4000 {
		b := []byte{0x80, 200, 0, 0}
		switch i % 6 {
		case 1:
			b = []byte{0x9f, 201, 0xff, 0xff}
		case 2:
			b = bye
		case 3:
			b = bomb
		case 4:
			b = make([]byte, random.IntN(200))
			for j := range b {
				b[j] = byte(random.Uint32())
			}
		case 5:
			b = append([]byte{0x81, 202, 0, 3, 0, 0, 0, 7, 1, 255}, make([]byte, 6)...)
		}
		c.SendTo(control, b)
		c.SendTo(at, b)
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	c.AwaitTones(t, 500*time.Millisecond, 440)
	c.Hangup()
}

// rtp sends, from the peer's own port, audio that is none.
func rtp(t *testing.T, w *witness) {
	c := echoing(t, w)
	at := c.Media()
	random := rand.New(rand.NewPCG(7, 8))
	for i := range 3000 {
		b := packet(byte(random.IntN(256)), uint16(random.Uint32()), random.Uint32(), random.Uint32(), make([]byte, random.IntN(1000)))
		switch i % 8 {
		case 0:
			b[0] |= 0x20 // padding, as long as it says
		case 1:
			b[0] |= 0x1f // an extension and fifteen sources that are not there
		case 2:
			b = b[:12] // no audio
		case 3:
			b = append(b, make([]byte, 4000)...)
		case 4:
			b = packet(101, uint16(i), 5, 9, []byte{byte(random.IntN(256)), 10, 0xff, 0xff}) // a key that never ends
		case 5:
			b = b[:random.IntN(12)]
		}
		c.SendTo(at, b)
		if i%100 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	c.AwaitTones(t, 500*time.Millisecond, 440)
	if s := c.Ask("INFO", "application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"); s/100 != 2 {
		t.Errorf("the call is not itself: %d", s)
	}
	c.Hangup()
}

// ports gives up calls in every state; the ports come back, after their quarantine.
func ports(t *testing.T, w *witness) {
	before := w.Metric("tandem_rtp_ports", `state="used"`)
	p := w.Phone(t, "1002")
	r := newStranger(t, w.Member, "127.0.0.1")
	for i := range 60 {
		switch i % 3 {
		case 0: // gone before it is answered
			l := r.plain("INVITE", "9180")
			r.send(lines(l))
			cancel := append([]string{strings.Replace(l[0], "INVITE", "CANCEL", 1)}, l[1:]...)
			r.send(lines(with(cancel, "CSeq: 1 CANCEL")))
		case 1: // nothing in common
			if c := p.CallOffering("9196", sdpHead+"m=audio 4000 RTP/AVP 3 18\r\n"); c.Status == 200 {
				c.Hangup()
			}
		case 2: // hung up at once
			w.dial(t, p, "9196").Hangup()
		}
	}
	drain(r)
	lab.Wait(t, patience, "the ports are free again", func() bool { return w.Metric("tandem_rtp_ports", `state="used"`) <= before })
}
