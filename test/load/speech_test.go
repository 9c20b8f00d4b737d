package load

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// speech is how the phones of one side speak: in G.711 unless they say otherwise. A packet of 20 ms is as long in G.722.
type speech struct {
	payload byte
	suite   string        // of SRTP; "": it is not encrypted
	seal    *srtp.Context // of all calls: each has a source of its own
	header  rtp.Header
}

// g722 is the payload number of G.722 (RFC 3551).
const g722 = 9

// sealed are what load may be encrypted by, as SDP names it, and the length of a key.
var sealed = map[string]struct {
	profile srtp.ProtectionProfile
	salt    int
}{
	"AEAD_AES_128_GCM":        {srtp.ProtectionProfileAeadAes128Gcm, 12},
	"AES_CM_128_HMAC_SHA1_80": {srtp.ProtectionProfileAes128CmHmacSha1_80, 14},
}

// secret is the key of all that the load encrypts.
func secret(suite string) (key, salt []byte) {
	return []byte("0123456789abcdef"), []byte("salt and pepper")[:sealed[suite].salt]
}

// encrypted is G.711 in SRTP.
func encrypted(t *testing.T, suite string) *speech {
	t.Helper()
	key, salt := secret(suite)
	context, err := srtp.CreateContext(key, salt, sealed[suite].profile)
	if err != nil {
		t.Fatal(err)
	}
	return &speech{suite: suite, seal: context}
}

// sdp describes it at a port.
func (s *speech) sdp(port int) string {
	text := sdp(port)
	switch {
	case s == nil:
	case s.payload == g722:
		text = strings.NewReplacer("RTP/AVP 0", "RTP/AVP 9", "rtpmap:0 PCMU", "rtpmap:9 G722").Replace(text)
	case s.suite != "":
		key, salt := secret(s.suite)
		text = strings.Replace(text, "RTP/AVP", "RTP/SAVP", 1) + fmt.Sprintf("a=crypto:1 %s inline:%s\r\n", s.suite,
			base64.StdEncoding.EncodeToString(append(key, salt...)))
	}
	return text
}

// finish makes a packet that is written in its room what goes on the wire, and returns its length.
func (s *speech) finish(room []byte) int {
	if s == nil {
		return packetSize
	}
	room[1] = s.payload
	if s.seal == nil {
		return packetSize
	}
	out, err := s.seal.EncryptRTP(room[:0], room[:packetSize], &s.header)
	if err != nil {
		return 0 // it counts as lost
	}
	return len(out)
}

// reads tells whether a packet that came is audio of the length that this side hears, and whether the time in it can be
// read.
func (s *speech) reads(length uint32) (counts, timed bool) {
	if s != nil && s.suite != "" {
		return length > packetSize && length < packetSize+20, false
	}
	return length == packetSize, s == nil
}
