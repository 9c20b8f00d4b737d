package sasl

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"time"
)

// cram is CRAM-MD5: a nonce, then user SP hex of HMAC-MD5(password, nonce).
type cram struct {
	accounts Accounts
	nonce    []byte
	nonces   *Nonces
	now      time.Time // when it began, by which the nonce is judged: the connection bounds the wait
}

func (c *cram) Next(ctx context.Context, response []byte) (Step, error) {
	if response == nil {
		return Step{Challenge: c.nonce}, nil
	}
	return CRAM(ctx, c.accounts, c.nonces, c.nonce, response, c.now)
}

// CRAM is the whole of CRAM-MD5 for a client that has a nonce already. A nonce is good for one try.
func CRAM(ctx context.Context, accounts Accounts, nonces *Nonces, nonce, response []byte, now time.Time) (Step, error) {
	name, digest, ok := cutLast(string(response), " ")
	if !ok || !fits(name) || len(digest) != hex.EncodedLen(md5.Size) {
		return Step{}, ErrSyntax
	}
	if !nonces.Use(nonce, now) {
		return Step{}, ErrProof
	}
	who, password, ok, err := accounts.Password(ctx, name)
	if err != nil {
		return Step{}, err
	}
	mac := hmac.New(md5.New, password)
	mac.Write(nonce)
	right := hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(strings.ToLower(digest)))
	if !ok || !right {
		return Step{}, ErrProof
	}
	return Step{Done: true, Who: who}, nil
}

// cutLast is strings.Cut at the last separator: a name may have blanks.
func cutLast(s, separator string) (before, after string, ok bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// Limits of nonces.
const (
	nonceLife = 2 * time.Minute
	maxUsed   = 65536 // used ones that are remembered; more logins within nonceLife are refused
)

// Nonces makes nonces that say themselves when they were made, so that none is remembered before it is used, and
// one that was given over HTTP is known without a connection.
type Nonces struct {
	key  [32]byte
	most int // used ones that are remembered
	mu   sync.Mutex
	used map[string]time.Time // until when it must be remembered
}

// NewNonces makes nonces that nobody else can make.
func NewNonces() *Nonces {
	n := &Nonces{most: maxUsed, used: map[string]time.Time{}}
	_, _ = rand.Read(n.key[:]) // never fails (crypto/rand)
	return n
}

// Make makes one: printable, without angle brackets.
func (n *Nonces) Make(now time.Time) []byte {
	raw := make([]byte, 16, 32)
	binary.BigEndian.PutUint64(raw, uint64(now.Unix()))
	_, _ = rand.Read(raw[8:])
	raw = append(raw, n.mark(raw)...)
	return []byte(base64.RawURLEncoding.EncodeToString(raw))
}

// mark is what proves that a nonce is ours.
func (n *Nonces) mark(raw []byte) []byte {
	mac := hmac.New(sha256.New, n.key[:])
	mac.Write(raw)
	return mac.Sum(nil)[:16]
}

// Use tells whether a nonce is ours, not too old, and was not used before.
func (n *Nonces) Use(nonce []byte, now time.Time) bool {
	raw, err := base64.RawURLEncoding.DecodeString(string(nonce))
	if err != nil || len(raw) != 32 || !hmac.Equal(n.mark(raw[:16]), raw[16:]) {
		return false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(raw)), 0).Add(nonceLife)
	if !now.Before(until) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, again := n.used[string(raw)]; again {
		return false
	}
	if len(n.used) >= n.most {
		n.forget(now)
	}
	if len(n.used) >= n.most {
		return false
	}
	n.used[string(raw)] = until
	return true
}

func (n *Nonces) forget(now time.Time) {
	for nonce, until := range n.used {
		if !now.Before(until) {
			delete(n.used, nonce)
		}
	}
}
