package media

import (
	"errors"
	"fmt"
	"net/netip"

	"tandem/media/sdp"
	"tandem/media/webrtc"
)

// Errors of streams with Options.WebRTC.
var (
	// ErrNoWebRTC tells that no WebRTC port is open at the local address.
	ErrNoWebRTC = errors.New("media: no WebRTC port: media.webrtc_port is off, or media.bind has no such address")
	// ErrProfile tells that SDP settled another profile than the stream was opened for.
	ErrProfile = errors.New("media: the stream is in another profile")
)

// dtlsSRTP is how records name the encryption of a browser's audio.
const dtlsSRTP = "DTLS-SRTP"

// sdesSRTP is how they name that of other audio, whose keys are in SDP.
const sdesSRTP = "SDES-SRTP"

// ListenWebRTC binds the port of media.webrtc_port at each address of media.bind, for streams with Options.WebRTC. To
// be called once, before the first stream. With -1 there is none.
func (e *Engine) ListenWebRTC() error {
	if e.conf.WebrtcPort < 0 {
		return nil
	}
	for _, bind := range e.conf.Bind {
		address, err := netip.ParseAddr(bind)
		if err != nil {
			return fmt.Errorf("media: bind address: %w", err)
		}
		p, err := webrtc.Listen(netip.AddrPortFrom(address, uint16(e.conf.WebrtcPort)), e.identity, &e.leaving)
		if err != nil {
			return fmt.Errorf("media: media.webrtc_port: %w", err)
		}
		e.webrtc = append(e.webrtc, p)
	}
	return nil
}

// Fingerprint is the value of a=fingerprint for all streams.
func (e *Engine) Fingerprint() string { return e.identity.Fingerprint }

// WebRTCPort is the port of the first address; 0: there is none.
func (e *Engine) WebRTCPort() int {
	if len(e.webrtc) == 0 {
		return 0
	}
	return int(e.webrtc[0].Local().Port())
}

// facing is the WebRTC port for a local address: its own, else one of all addresses, else one of the same family.
func (e *Engine) facing(local netip.Addr) *webrtc.Port {
	local = local.Unmap()
	var best *webrtc.Port
	for _, p := range e.webrtc {
		switch at := p.Local().Addr(); {
		case at == local:
			return p
		case at.Is4() != local.Is4():
		case best == nil || at.IsUnspecified():
			best = p
		}
	}
	return best
}

// join gives the stream a peer of the WebRTC port instead of ports of its own.
func (e *Engine) join(s *Stream) error {
	port := e.facing(s.local)
	if port == nil {
		return ErrNoWebRTC
	}
	peer, err := port.Open(s.onPeer)
	if err != nil {
		return fmt.Errorf("media: open %s: %w", s.id, err)
	}
	s.browser, s.conn, s.control = peer, peer, peer
	s.port = int(port.Local().Port())
	s.fingerprint = port.Fingerprint()
	return nil
}

// onPeer is called by the WebRTC port.
func (s *Stream) onPeer(e webrtc.Event) {
	switch e := e.(type) {
	case webrtc.Secured:
		s.notify(Secured{e.Profile})
	case webrtc.Failed:
		s.notify(Unsecured{e.Reason})
	case webrtc.Lost:
		s.notify(Unsecured{"no sign of life from the peer for " + e.Since.String()})
	}
}

// Identity is what SDP shows of a stream with Options.WebRTC; nil for any other.
func (s *Stream) Identity() *sdp.Identity {
	if s.browser == nil {
		return nil
	}
	return &sdp.Identity{Fingerprint: s.fingerprint, SSRC: s.sender.ssrc}
}

// fits tells whether what SDP settled is in the profile of the stream.
func (s *Stream) fits(p sdp.Params) error {
	if (p.Secure != nil) != (s.browser != nil) || s.browser != nil && (p.Keys != (sdp.Keys{}) || p.DTLS != (sdp.DTLS{})) {
		return ErrProfile
	}
	return nil
}
