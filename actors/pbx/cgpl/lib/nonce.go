package lib

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"tandem/ximss/object"
)

// A nonce is the time when it was made, random bytes, and a code that only the cluster can make: so any
// member knows it again, and nobody has to remember it. Whoever must not see one twice has to remember
// those that were used.
const (
	nonceStamp = 8  // bytes of the time
	nonceCode  = 16 // bytes of the code
	nonceLeast = 32 // bytes in all, with 8 random ones
	nonceMost  = 1024
	nonceAge   = 300 // seconds that one is valid
)

// makeNonce makes one of a size; null outside of the sizes, and without a secret or a clock.
func makeNonce(c *call, v object.Value) (object.Value, error) {
	key, seconds, ok := nonceHost(c)
	n, isNumber := v.Int()
	if !ok || !isNumber || n < nonceLeast || n > nonceMost {
		return null, nil
	}
	b := make([]byte, n)
	_, _ = rand.Read(b) // it ends the process rather than fail
	binary.BigEndian.PutUint64(b, uint64(seconds))
	copy(b[n-nonceCode:], nonceMark(key, b[:n-nonceCode]))
	return object.Data(b), nil
}

func checkNonce(c *call, v object.Value) (object.Value, error) {
	key, seconds, ok := nonceHost(c)
	b, isData := v.Bytes()
	if !ok || !isData || len(b) < nonceLeast || len(b) > nonceMost {
		return null, nil
	}
	body := b[:len(b)-nonceCode]
	age := seconds - int64(binary.BigEndian.Uint64(b))
	genuine := hmac.Equal(nonceMark(key, body), b[len(body):])
	return object.Bool(genuine && age >= -nonceAge && age <= nonceAge), nil
}

func nonceHost(c *call) (key []byte, seconds int64, ok bool) {
	nonces, okKey := c.Host.(Nonces)
	clock, okClock := c.Host.(Clock)
	if !okKey || !okClock || len(nonces.NonceKey()) == 0 {
		return nil, 0, false
	}
	return nonces.NonceKey(), clock.Now().Unix(), true
}

func nonceMark(key, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("nonce\x00"))
	h.Write(body)
	return h.Sum(nil)[:nonceCode]
}
