package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"net/netip"
	"sync"
	"time"
)

const (
	nonceTime = 6 // bytes of a nonce that hold its time, microseconds: the lowest bits, which are the same again after nine years
	nonceMAC  = 9 // bytes of a nonce that hold its signature; nobody can try many
	// maxSkew is how far in the future a nonce may lie: another member's clock may be ahead.
	maxSkew = 5 * time.Second
)

// nonceEncoding is strict, so that one nonce has one text: the text is what replays are known by.
var nonceEncoding = base64.RawURLEncoding.Strict()

// nonces makes nonces and knows its own again without keeping them (RFC 7616 section 3.3):
// base64(time, HMAC(key, time, realm, source address)).
type nonces struct {
	life    time.Duration
	signers *sync.Pool // of hash.Hash: the key, ready to sign
}

func newNonces(key []byte, life time.Duration) nonces {
	return nonces{life: life, signers: &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// issue makes a nonce for whoever asks from source.
func (n *nonces) issue(realm string, source netip.Addr, now time.Time) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMicro()))[8-nonceTime:]
	raw = append(raw, n.sign(raw, realm, source)...)
	return nonceEncoding.EncodeToString(raw)
}

func (n *nonces) sign(when []byte, realm string, source netip.Addr) []byte {
	mac := n.signers.Get().(hash.Hash)
	defer n.signers.Put(mac)
	mac.Reset()
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
	age := sinceMicro(raw[:nonceTime], now)
	return now.Add(-age).Truncate(time.Microsecond), age >= -maxSkew && age <= n.life
}

// sinceMicro is how long ago a time was of which the lowest bits are known: whatever is nearest to now.
func sinceMicro(low []byte, now time.Time) time.Duration {
	const unused = 64 - 8*nonceTime
	then := binary.BigEndian.Uint64(append(make([]byte, 8-nonceTime), low...))
	return time.Duration(int64((uint64(now.UnixMicro())-then)<<unused)>>unused) * time.Microsecond
}
