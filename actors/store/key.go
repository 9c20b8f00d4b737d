package store

import (
	"fmt"
	"strings"
)

// maxKey is the longest key in bytes, before encoding.
const maxKey = 250

const hexDigits = "0123456789ABCDEF"

// encodeKey makes any key fit for the last token of a subject: letters, digits, '-', '_' and '/'
// stand for themselves, every other byte becomes '=' and two upper-case hex digits. A dot is
// encoded too, so that a key is always exactly one token. "alice@example.org" becomes
// "alice=40example=2Eorg".
func encodeKey(key string) (string, error) {
	if key == "" || len(key) > maxKey {
		return "", fmt.Errorf("%w, not %d", ErrBadKey, len(key))
	}
	var b strings.Builder
	b.Grow(len(key) + 16)
	for i := 0; i < len(key); i++ {
		c := key[i]
		if plainInKey(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('=')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String(), nil
}

// decodeKey is the inverse of encodeKey; it refuses everything that encodeKey does not write.
func decodeKey(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '=' {
			if i+2 >= len(s) {
				return "", fmt.Errorf("%w: key %q ends in an escape", ErrBadEntry, s)
			}
			hi, lo := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
			if hi < 0 || lo < 0 || plainInKey(byte(hi<<4|lo)) {
				return "", fmt.Errorf("%w: key %q has a bad escape", ErrBadEntry, s)
			}
			c, i = byte(hi<<4|lo), i+2
		} else if !plainInKey(c) {
			return "", fmt.Errorf("%w: key %q has a bad character", ErrBadEntry, s)
		}
		b.WriteByte(c)
	}
	if b.Len() == 0 || b.Len() > maxKey {
		return "", fmt.Errorf("%w: key of %d bytes", ErrBadEntry, b.Len())
	}
	return b.String(), nil
}

func plainInKey(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '_' || c == '/'
}
