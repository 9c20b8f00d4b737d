package srtp

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/pion/rtcp"
	pionrtp "github.com/pion/rtp"
	pion "github.com/pion/srtp/v3"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// Opener decrypts what one peer sends. It is for one goroutine at a time.
type Opener struct {
	context *pion.Context
	header  pionrtp.Header
	control rtcp.Header
	sources map[uint32]struct{}
	since   time.Time // of the second that is counted
	used    int
}

// NewOpener makes one of the peer's key: ErrSuite, ErrKey.
func NewOpener(s sdp.Suite, key string) (*Opener, error) {
	context, err := newContext(s, key, pion.SRTPReplayProtection(replayWindow), pion.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return nil, fmt.Errorf("%w, the peer's", err)
	}
	return &Opener{context: context, sources: map[uint32]struct{}{}}, nil
}

func newContext(s sdp.Suite, key string, options ...pion.ContextOption) (*pion.Context, error) {
	profile, known := profiles[s]
	switch {
	case !known:
		return nil, fmt.Errorf("%w %q", ErrSuite, string(s))
	case len(key) != s.KeySize():
		return nil, fmt.Errorf("%w: %s wants %d octets, not %d", ErrKey, s, s.KeySize(), len(key))
	}
	context, err := pion.CreateContext([]byte(key[:sdp.SecretSize]), []byte(key[sdp.SecretSize:]), profile, options...)
	if err != nil {
		return nil, fmt.Errorf("srtp: %w", err)
	}
	return context, nil
}

// Open decrypts a datagram in place, which is spoiled when it fails. false: it is not the peer's, was here before, or is
// too much.
func (o *Opener) Open(datagram []byte, now time.Time) ([]byte, bool) {
	source, ok := sourceOf(datagram)
	_, known := o.sources[source]
	if !ok || !known && len(o.sources) == MaxSources || !o.allows(now) {
		return nil, false
	}
	var plain []byte
	var err error
	if rtp.IsRTCP(datagram) {
		plain, err = o.context.DecryptRTCP(datagram, datagram, &o.control)
	} else {
		plain, err = o.context.DecryptRTP(datagram, datagram, &o.header)
	}
	if err == nil && !known {
		o.sources[source] = struct{}{}
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
func (o *Opener) allows(now time.Time) bool {
	if now.Sub(o.since) >= time.Second {
		o.since, o.used = now, 0
	}
	o.used++
	return o.used <= maxDatagrams
}
