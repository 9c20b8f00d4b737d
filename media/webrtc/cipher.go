package webrtc

import (
	"fmt"

	"github.com/pion/dtls/v3"
	pion "github.com/pion/srtp/v3"

	"tandem/media/sdp"
	"tandem/media/srtp"
)

// profiles of SRTP, the better first (RFC 7714, RFC 5764 section 4.1.2).
var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}

// suites are what SDP calls them.
var suites = map[dtls.SRTPProtectionProfile]sdp.Suite{
	dtls.SRTP_AEAD_AES_128_GCM: sdp.GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80: sdp.SHA1}

// cipher encrypts and decrypts one peer's audio.
type cipher struct {
	in  *srtp.Opener // the port's goroutine alone
	out *srtp.Sealer
}

// keysOf are the keys of a DTLS handshake (RFC 5764 section 4.2).
func keysOf(state *dtls.State, chosen dtls.SRTPProtectionProfile, client bool) (sdp.Keys, error) {
	c := pion.Config{Profile: pion.ProtectionProfile(chosen)}
	if err := c.ExtractSessionKeysFromDTLS(state, client); err != nil {
		return sdp.Keys{}, fmt.Errorf("webrtc: keys: %w", err)
	}
	k := c.Keys
	return sdp.Keys{Suite: suites[chosen], Local: string(k.LocalMasterKey) + string(k.LocalMasterSalt),
		Remote: string(k.RemoteMasterKey) + string(k.RemoteMasterSalt)}, nil
}

// newCipher makes a cipher of them.
func newCipher(k sdp.Keys) (*cipher, error) {
	in, err := srtp.NewOpener(k.Suite, k.Remote)
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	out, err := srtp.NewSealer(k.Suite, k.Local)
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	return &cipher{in, out}, nil
}
