package sdp

import (
	"fmt"
	"hash/maphash"
	"net/netip"
	"strings"
	"time"
)

// section is what our m-line says.
type section struct {
	direction Direction
	formats   []Format
	events    []number
	mux       bool
	setup     string // who begins with DTLS, "" where there is none
	cryptos   []crypto
	fax       Fax // it is no audio
}

// print writes our SDP. Its version is one more than that of the text sent last, unless it is the
// same text (RFC 3264 section 8).
func (s *Session) print(sec section) []byte {
	s.said = sec.fax
	var b strings.Builder
	address := addressField(s.capability.Address)
	fmt.Fprintf(&b, "s=%s\r\nc=%s\r\nt=0 0\r\n", sessionName(s.capability.Name), address)
	if s.capability.Secure != nil {
		s.printBundle(&b)
	}
	for i, l := range s.lines {
		if i == s.active && sec.fax != "" {
			s.printFax(&b, sec.fax)
		} else if i == s.active {
			s.printAudio(&b, sec)
		} else {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\n", l.kind, l.proto, l.format)
			if s.capability.Secure != nil && l.mid != "" {
				fmt.Fprintf(&b, "a=mid:%s\r\na=inactive\r\n", l.mid) // browsers know m-lines by it
			}
		}
	}
	text := b.String()
	if stamp := stampOf(text); stamp != s.sent {
		s.version++
		s.sent = stamp
	}
	return fmt.Appendf(nil, "v=0\r\no=- %d %d %s\r\n%s", s.id, s.version, address, text)
}

var seed = maphash.MakeSeed()

// stampOf is what is kept of the text of an SDP without its o= line, to know it again: a call is long, and its text too.
func stampOf(text string) uint64 { return maphash.String(seed, text) }

func (s *Session) printAudio(b *strings.Builder, sec section) {
	fmt.Fprintf(b, "m=audio %d %s", s.capability.Port, s.proto)
	for _, f := range sec.formats {
		fmt.Fprintf(b, " %d", f.Payload)
	}
	for _, e := range sec.events {
		fmt.Fprintf(b, " %d", e.value)
	}
	b.WriteString("\r\n")
	for _, f := range sec.formats {
		fmt.Fprintf(b, "a=rtpmap:%d %s\r\n", f.Payload, f.Codec.Map())
		if p := s.parameters(f.Codec); p != "" {
			fmt.Fprintf(b, "a=fmtp:%d %s\r\n", f.Payload, p)
		}
	}
	for _, e := range sec.events {
		// Keys 0 to 9, *, #, A to D, and 16, the flash hook (RFC 4733 section 3.2).
		fmt.Fprintf(b, "a=rtpmap:%d %s/%d\r\na=fmtp:%d 0-16\r\n", e.value, eventName, e.clock, e.value)
	}
	if p := s.capability.Ptime; p > 0 {
		fmt.Fprintf(b, "a=ptime:%d\r\n", p/time.Millisecond)
	}
	if sec.mux {
		b.WriteString("a=rtcp-mux\r\n")
	}
	printKeys(b, sec.cryptos)
	if s.capability.Secure == nil && sec.setup != "" {
		s.printDTLS(b, sec)
	}
	fmt.Fprintf(b, "a=%s\r\n", sec.direction)
	if s.recorded != "" {
		fmt.Fprintf(b, "a=record:%s\r\n", s.recorded)
	}
	if s.capability.Label != "" {
		fmt.Fprintf(b, "a=label:%s\r\n", s.capability.Label)
	}
	if s.capability.Secure != nil {
		s.printSecure(b, sec)
	}
}

// addressField is an address as c= and o= have it.
func addressField(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return "IN IP6 " + a.String()
	}
	return "IN IP4 " + a.String()
}

// sessionName keeps s= on its line; a name must not be empty (RFC 8866 section 5.3).
func sessionName(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "-"
	}
	return s
}
