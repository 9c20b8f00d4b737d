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

// nonceEncoding is strict, so that one nonce has one text: the text is what replays are known by.
var nonceEncoding = base64.RawURLEncoding.Strict()

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
	return nonceEncoding.EncodeToString(raw)
}

func (n *nonces) sign(when []byte, realm string, source netip.Addr) []byte {
	mac := hmac.New(sha256.New, n.key)
	mac.Write(when)
	address := source.As16()
	mac.Write(address[:])
	mac.Write([]byte(realm))
	return mac.Sum(nil)[:nonceMAC]
}

// check tells when a nonce was made; good is false unless it was made by us for this realm and
// source, and is still alive.
func (n *nonces) check(nonce, realm string, source netip.Addr, now time.Time) (issued time.Time, good bool) {
	raw, err := nonceEncoding.DecodeString(nonce)
	if err != nil || len(raw) != nonceTime+nonceMAC ||
		!hmac.Equal(raw[nonceTime:], n.sign(raw[:nonceTime], realm, source)) {
		return time.Time{}, false
	}
	issued = time.Unix(0, int64(binary.BigEndian.Uint64(raw[:nonceTime])))
	age := now.Sub(issued)
	return issued, age >= -maxSkew && age <= n.life
}
