package sdp

import "strings"

// DTLS is what an exchange has settled for keys that the sides agree on by a handshake on the way of the audio itself
// (RFC 5763), without the ICE of browsers. The zero value is no such thing; two of the same value mean that nothing
// changed.
type DTLS struct {
	Fingerprint string // of the peer's certificate: the hash's name small, the octets in capitals
	Active      bool   // we begin the handshake
}

// dtlsProfiles are those of RTP whose keys are agreed on so (RFC 5764 section 8).
var dtlsProfiles = map[string]bool{"UDP/TLS/RTP/SAVP": true, "UDP/TLS/RTP/SAVPF": true}

// dtlsTrouble says why an m-line of such a profile does not do for a leg in the plain profile, "" when it does. Without
// rtcp-mux its RTCP has a port, and would have a handshake, of its own: such a peer has audio, and no RTCP.
func (d *description) dtlsTrouble(m *mediaLine, c Capability) string {
	if c.Fingerprint == "" {
		return "protocol " + m.proto
	}
	return d.security(m).certificateTrouble()
}

// answerDTLS settles it by what the peer's SDP offer says. Who began stays, where the peer leaves it open.
func (s *Session) answerDTLS(peer security) DTLS {
	out := DTLS{Fingerprint: peer.fingerprint, Active: peer.setup == "passive"}
	if was := s.current.DTLS; was.Fingerprint == out.Fingerprint && peer.setup != "active" && peer.setup != "passive" {
		out.Active = was.Active
	}
	return out
}

// acceptDTLS does it by what the peer's answer to our SDP offer says.
func acceptDTLS(peer security) DTLS {
	return DTLS{Fingerprint: peer.fingerprint, Active: peer.setup == "passive"}
}

// setup is what our answer says of who begins.
func (d DTLS) setup() string {
	if d.Active {
		return "active"
	}
	return "passive"
}

// printDTLS writes what it adds to our m-line.
func (s *Session) printDTLS(b *strings.Builder, sec section) {
	b.WriteString("a=fingerprint:" + s.capability.Fingerprint + "\r\na=setup:" + sec.setup + "\r\n")
}
