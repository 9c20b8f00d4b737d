package webrtc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	pionrtp "github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"tandem/media/rtp"
)

// profiles of SRTP, the better first: AES-GCM costs a third of AES-CM with HMAC-SHA1 (RFC 7714, RFC 5764 section
// 4.1.2).
var profiles = []dtls.SRTPProtectionProfile{dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80}

var errTooLong = errors.New("webrtc: longer than a packet may be")

// overhead is what encryption adds to a packet at most: tag, index and authentication.
const overhead = 64

// cipher encrypts and decrypts one peer's audio.
type cipher struct {
	in struct { // the port's goroutine alone
		*srtp.Context
		header  pionrtp.Header
		control rtcp.Header
		sources []uint32
		since   time.Time // of the second that is counted
		used    int
	}
	mu  sync.Mutex // of out: audio and reports are sent by two goroutines
	out struct {
		*srtp.Context
		header  pionrtp.Header
		control rtcp.Header
		room    [rtp.BufferSize + overhead]byte
	}
}

// newCipher makes the contexts from the keys of a DTLS handshake (RFC 5764 section 4.2).
func newCipher(state *dtls.State, chosen dtls.SRTPProtectionProfile, client bool) (*cipher, error) {
	c := srtp.Config{Profile: srtp.ProtectionProfile(chosen)}
	if err := c.ExtractSessionKeysFromDTLS(state, client); err != nil {
		return nil, fmt.Errorf("webrtc: keys: %w", err)
	}
	var out cipher
	var err error
	out.in.Context, err = srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile,
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return nil, fmt.Errorf("webrtc: keys of the peer: %w", err)
	}
	out.out.Context, err = srtp.CreateContext(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, c.Profile)
	if err != nil {
		return nil, fmt.Errorf("webrtc: keys: %w", err)
	}
	return &out, nil
}

// open decrypts a datagram in place. false: it is not the peer's, was here before, or is too much.
func (c *cipher) open(datagram []byte, now time.Time) ([]byte, bool) {
	source, ok := sourceOf(datagram)
	known := slices.Contains(c.in.sources, source)
	if !ok || !known && len(c.in.sources) == maxSources || !c.allows(now) {
		return nil, false
	}
	var plain []byte
	var err error
	if rtp.IsRTCP(datagram) {
		plain, err = c.in.DecryptRTCP(datagram, datagram, &c.in.control)
	} else {
		plain, err = c.in.DecryptRTP(datagram, datagram, &c.in.header)
	}
	if err == nil && !known {
		c.in.sources = append(c.in.sources, source)
	}
	return plain, err == nil
}

// sourceOf is the SSRC, which SRTP leaves readable.
func sourceOf(datagram []byte) (uint32, bool) {
	at := 8
	if rtp.IsRTCP(datagram) {
		at = 4
	}
	if len(datagram) < at+4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(datagram[at:]), true
}

// allows counts a datagram against those of a second.
func (c *cipher) allows(now time.Time) bool {
	if now.Sub(c.in.since) >= time.Second {
		c.in.since, c.in.used = now, 0
	}
	c.in.used++
	return c.in.used <= maxDatagrams
}

// send encrypts a datagram and sends it.
func (c *cipher) send(datagram []byte, socket *net.UDPConn, to netip.AddrPort) error {
	if len(datagram) > rtp.BufferSize {
		return errTooLong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var sealed []byte
	var err error
	if rtp.IsRTCP(datagram) {
		sealed, err = c.out.EncryptRTCP(c.out.room[:0], datagram, &c.out.control)
	} else {
		sealed, err = c.out.EncryptRTP(c.out.room[:0], datagram, &c.out.header)
	}
	if err == nil {
		_, err = socket.WriteToUDPAddrPort(sealed, to)
	}
	return err
}
