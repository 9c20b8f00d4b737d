package sdp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
)

// Identity is what a leg shows of itself in the secure profile: audio by ICE and DTLS-SRTP, as browsers want it
// (RFC 8827, RFC 8829).
type Identity struct {
	Fingerprint string // of our certificate, as a=fingerprint has it: "sha-256 AB:CD..."
	SSRC        uint32 // of what we send
}

// Credentials are those of one side's ICE (RFC 8839 section 5.4).
type Credentials struct{ Ufrag, Password string }

// Secure is what an exchange settled about the way of secured audio. Two of the same value mean that nothing changed.
type Secure struct {
	Local, Remote Credentials
	Fingerprint   string // of the peer's certificate: the hash's name small, the octets in capitals
	Active        bool   // we begin the DTLS handshake (RFC 8842)
}

// The profiles of RTP that can be secured by DTLS. Peers write the short ones too, where fingerprint and ICE say what
// is meant.
var secureProfiles = map[string]bool{
	"UDP/TLS/RTP/SAVPF": true, "UDP/TLS/RTP/SAVP": true, "RTP/SAVPF": true, "RTP/SAVP": true,
}

const (
	secureProfile = "UDP/TLS/RTP/SAVPF" // of our offers
	maxUfrag      = 256                 // RFC 8839 section 5.4; both parts of the credentials
	minUfrag      = 4
	minPassword   = 22
	maxHash       = 256 // octets of an a=fingerprint
	maxMid        = 64
	ourMid        = "0" // of the one m-line of our offers
)

// security are the attributes of ICE and DTLS, of a session or of one m-line.
type security struct {
	credentials Credentials
	fingerprint string
	setup       string
}

// set takes in one attribute; false: it is another one.
func (s *security) set(name, value string) bool {
	value = strings.TrimSpace(value)
	switch name {
	case "ice-ufrag":
		s.credentials.Ufrag = value
	case "ice-pwd":
		s.credentials.Password = value
	case "fingerprint":
		s.fingerprint = strongest(s.fingerprint, normalFingerprint(value))
	case "setup":
		s.setup = strings.ToLower(value)
	default:
		return false
	}
	return true
}

// over fills in what the m-line does not say from the session.
func (s security) over(session security) security {
	if s.credentials.Ufrag == "" && s.credentials.Password == "" {
		s.credentials = session.credentials
	}
	if s.fingerprint == "" {
		s.fingerprint = session.fingerprint
	}
	if s.setup == "" {
		s.setup = session.setup
	}
	return s
}

// strongest keeps the fingerprint that we believe, of those that a peer gives by several hashes.
func strongest(a, b string) string {
	if a == "" || !strings.HasPrefix(a, "sha-256 ") && strings.HasPrefix(b, "sha-256 ") {
		return b
	}
	return a
}

// normalFingerprint writes a fingerprint in one way; "" for one that is none.
func normalFingerprint(value string) string {
	name, octets, _ := strings.Cut(value, " ")
	octets = strings.ToUpper(strings.TrimSpace(octets))
	if name == "" || octets == "" || len(value) > maxHash || strings.Trim(octets, "0123456789ABCDEF:") != "" {
		return ""
	}
	return strings.ToLower(name) + " " + octets
}

// trouble says why the attributes do not do for secured audio, "" when they do.
func (s security) trouble() string {
	c := s.credentials
	if why := s.certificateTrouble(); why != "" {
		return why
	}
	if len(c.Ufrag) < minUfrag || len(c.Ufrag) > maxUfrag || len(c.Password) < minPassword || len(c.Password) > maxUfrag {
		return "no ICE credentials"
	}
	return ""
}

// certificateTrouble says why a handshake can not be settled by the attributes, "" when it can.
func (s security) certificateTrouble() string {
	switch {
	case s.fingerprint == "":
		return "no fingerprint"
	case !strings.HasPrefix(s.fingerprint, "sha-256 ") && !strings.HasPrefix(s.fingerprint, "sha-384 ") &&
		!strings.HasPrefix(s.fingerprint, "sha-512 "):
		return "fingerprint by a hash that is not believed"
	case s.setup == "holdconn":
		return "setup:holdconn"
	}
	return ""
}

// newCredentials makes credentials for our side: 48 and 144 bits, where 24 and 128 are the least (RFC 8445 section 5.3).
func newCredentials() Credentials {
	var octets [24]byte
	rand.Read(octets[:]) // never fails
	text := base64.RawStdEncoding.EncodeToString(octets[:])
	return Credentials{text[:8], text[8:]}
}

// answerSecure settles the way of secured audio by what an SDP offer of the peer says. The credentials of ours stay while
// theirs do, and so does who began with DTLS.
func (s *Session) answerSecure(peer security) *Secure {
	out := &Secure{Remote: peer.credentials, Fingerprint: peer.fingerprint, Active: peer.setup == "passive"}
	was := s.current.Secure
	same := was != nil && was.Fingerprint == out.Fingerprint
	if !same || was.Remote != out.Remote {
		s.local = newCredentials()
	}
	if same && peer.setup != "active" && peer.setup != "passive" {
		out.Active = was.Active
	}
	out.Local = s.local
	return out
}

// acceptSecure does it by what the peer's answer to our SDP offer says.
func (s *Session) acceptSecure(peer security) *Secure {
	return &Secure{Local: s.local, Remote: peer.credentials, Fingerprint: peer.fingerprint,
		Active: peer.setup == "passive"}
}

// setup is what our answer says of who begins.
func (s *Secure) setup() string {
	if s.Active {
		return "active"
	}
	return "passive"
}

// parseMid reads the name of an m-line; "" for what is no token (RFC 5888 section 4).
func parseMid(value string) string {
	value = strings.TrimSpace(value)
	if len(value) > maxMid || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return ""
	}
	return value
}

// IsSecure reports an SDP offer that wants audio by ICE and DTLS-SRTP: the first m=audio that is not refused says so. A
// phone that wants DTLS-SRTP without ICE is no browser.
func IsSecure(offer []byte) bool {
	if !bytes.Contains(offer, []byte("fingerprint")) { // most are spared the parser
		return false
	}
	d, err := parse(offer)
	if err != nil {
		return false
	}
	for i := range d.media {
		if m := &d.media[i]; m.kind == "audio" && m.port != 0 {
			s := d.security(m)
			return secureProfiles[m.proto] && s.fingerprint != "" && (s.credentials.Ufrag != "" || !dtlsProfiles[m.proto])
		}
	}
	return false
}

// security are the attributes that hold for an m-line.
func (d *description) security(m *mediaLine) security { return m.attrs.security.over(d.attrs.security) }

// secureTrouble says why an m-line does not do for a leg in the secure profile, "" when it does.
func (d *description) secureTrouble(m *mediaLine) string {
	switch {
	case !secureProfiles[m.proto]:
		return "protocol " + m.proto
	case !m.attrs.mux:
		return "no rtcp-mux"
	}
	return d.security(m).trouble()
}

// printSecure writes what the secure profile adds to our m-line (RFC 8829 section 5.2.1).
func (s *Session) printSecure(b *strings.Builder, sec section) {
	c, id := s.capability, s.capability.Secure
	fmt.Fprintf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:%s\r\n",
		s.local.Ufrag, s.local.Password, id.Fingerprint, sec.setup)
	if mid := s.lines[s.active].mid; mid != "" {
		fmt.Fprintf(b, "a=mid:%s\r\n", mid)
	}
	fmt.Fprintf(b, "a=msid:tandem audio\r\na=ssrc:%d cname:tandem\r\n", id.SSRC)
	// One component, type preference of a host, the best local preference (RFC 8445 section 5.1.2.1).
	fmt.Fprintf(b, "a=candidate:1 1 udp 2130706431 %s %d typ host\r\na=end-of-candidates\r\n", c.Address.Unmap(), c.Port)
}

// printBundle writes what the secure profile adds to the session. A group has the m-lines that are not refused.
func (s *Session) printBundle(b *strings.Builder) {
	if s.bundled && s.lines[s.active].mid != "" {
		fmt.Fprintf(b, "a=group:BUNDLE %s\r\n", s.lines[s.active].mid)
	}
	b.WriteString("a=ice-lite\r\n")
}
