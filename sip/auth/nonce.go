package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"time"
)

const (
	nonceTime = 8  // bytes of a nonce that hold its time, nanoseconds since 1970
	nonceMAC  = 16 // bytes of a nonce that hold its signature
	// maxSkew is how far in the future a nonce may lie: another member's clock may be ahead.
	maxSkew = 5 * time.Second
)

// nonces makes nonces and knows its own again without keeping them (RFC 7616 section 3.3):
// base64(time, HMAC(key, time, realm, source address)).
type nonces struct {
	key  []byte
	life time.Duration
}

// issue makes a nonce for whoever asks from source.
func (n *nonces) issue(realm string, source netip.Addr, now time.Time) string {
	raw := make([]byte, nonceTime, nonceTime+nonceMAC)
	binary.BigEndian.PutUint64(raw, uint64(now.UnixNano()))
	raw = append(raw, n.sign(raw, realm, source)...)
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (n *nonces) sign(when []byte, realm string, source netip.Addr) []byte {
	mac := hmac.New(sha256.New, n.key)
	mac.Write(when)
	address := source.As16()
	mac.Write(address[:])
	mac.Write([]byte(realm))
	return mac.Sum(nil)[:nonceMAC]
}

// good reports whether a nonce was made for this realm and source, and is still alive.
func (n *nonces) good(nonce, realm string, source netip.Addr, now time.Time) bool {
	raw, ok := decodeNonce(nonce)
	if !ok || !hmac.Equal(raw[nonceTime:], n.sign(raw[:nonceTime], realm, source)) {
		return false
	}
	age := now.Sub(nonceIssued(raw))
	return age >= -maxSkew && age <= n.life
}

// issued is when a nonce was made.
func (n *nonces) issued(nonce string) (time.Time, bool) {
	raw, ok := decodeNonce(nonce)
	if !ok {
		return time.Time{}, false
	}
	return nonceIssued(raw), true
}

func decodeNonce(nonce string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(nonce)
	return raw, err == nil && len(raw) == nonceTime+nonceMAC
}

func nonceIssued(raw []byte) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(raw[:nonceTime])))
}
