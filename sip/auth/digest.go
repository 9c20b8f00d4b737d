package auth

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"tandem/signal"
)

// algorithm is a hash of RFC 8760. The -sess variants are refused: nobody uses them, and they would
// tie the hash to the first nonce.
type algorithm int

const (
	algorithmMD5 algorithm = iota // also where none is named (RFC 7616 section 3.4)
	algorithmSHA256
)

func parseAlgorithm(s string) (algorithm, error) {
	switch {
	case s == "", strings.EqualFold(s, "MD5"):
		return algorithmMD5, nil
	case strings.EqualFold(s, "SHA-256"):
		return algorithmSHA256, nil
	}
	return 0, fmt.Errorf("%w: algorithm is neither MD5 nor SHA-256", errCredentials)
}

// String is the algorithm's name on the wire.
func (a algorithm) String() string {
	if a == algorithmSHA256 {
		return "SHA-256"
	}
	return "MD5"
}

// hexLen is the length of its hashes in hexadecimal.
func (a algorithm) hexLen() int {
	if a == algorithmSHA256 {
		return 2 * sha256.Size
	}
	return 2 * md5.Size
}

// sum is the hash of the parts with colons between them, in hexadecimal.
func (a algorithm) sum(parts ...string) string {
	text := []byte(strings.Join(parts, ":"))
	if a == algorithmSHA256 {
		h := sha256.Sum256(text)
		return hex.EncodeToString(h[:])
	}
	h := md5.Sum(text)
	return hex.EncodeToString(h[:])
}

// HA1 makes both hashes of an account's password, in hexadecimal: what is stored in its stead.
func HA1(user, realm, password string) (md5, sha256 string) {
	return algorithmMD5.sum(user, realm, password), algorithmSHA256.sum(user, realm, password)
}

// response is what the client should have sent (RFC 7616 section 3.4.1).
func (a *Authenticator) response(c credentials, ha1 string, r *signal.Request) string {
	sum := func(parts ...string) string {
		a.hashes.Add(1)
		return c.algorithm.sum(parts...)
	}
	switch c.qop {
	case "":
		return sum(ha1, c.nonce, sum(string(r.Method), c.uri))
	case "auth-int":
		return sum(ha1, c.nonce, c.nc, c.cnonce, c.qop,
			sum(string(r.Method), c.uri, sum(string(r.Body))))
	default:
		return sum(ha1, c.nonce, c.nc, c.cnonce, c.qop, sum(string(r.Method), c.uri))
	}
}
