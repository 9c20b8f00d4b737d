package webrtc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	_ "crypto/sha256" // the hashes of fingerprints
	_ "crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// Identity is the certificate that a member shows to all its peers: one is enough, since they know it by its
// fingerprint and not by who signed it, and a new one for each leg would cost half a millisecond.
type Identity struct {
	certificate tls.Certificate
	// Fingerprint is the value of a=fingerprint (RFC 8122 section 5).
	Fingerprint string
}

// certificateLife is as long as a member may run.
const certificateLife = 10 * 365 * 24 * time.Hour

// NewIdentity makes a key and a certificate of its own, which tells nothing about the member.
func NewIdentity() (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("webrtc: key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("webrtc: certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "WebRTC"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certificateLife)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("webrtc: certificate: %w", err)
	}
	return &Identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprint("sha-256", der)}, nil
}

// hashes of fingerprints that we believe: SHA-1 and MD5 are broken.
var hashes = map[string]crypto.Hash{"sha-256": crypto.SHA256, "sha-384": crypto.SHA384, "sha-512": crypto.SHA512}

// fingerprint is that of a certificate by a hash of ours; "" for one that is not.
func fingerprint(name string, der []byte) string {
	h, ok := hashes[name]
	if !ok {
		return ""
	}
	sum := h.New()
	sum.Write(der)
	var b strings.Builder
	b.WriteString(name)
	for i, o := range sum.Sum(nil) {
		fmt.Fprintf(&b, "%c%02X", " :"[min(i, 1)], o)
	}
	return b.String()
}

// errFingerprint tells that the peer showed another certificate than its SDP named.
var errFingerprint = errors.New("the certificate is not the one whose fingerprint SDP gave")

// matches compares a certificate with the fingerprint that SDP gave.
func matches(want string, certificates [][]byte) error {
	name, _, _ := strings.Cut(want, " ")
	if len(certificates) == 0 || want == "" || fingerprint(strings.ToLower(name), certificates[0]) != normal(want) {
		return errFingerprint
	}
	return nil
}

// normal writes a fingerprint as ours are: the name of the hash small, the octets in capitals.
func normal(fingerprint string) string {
	name, octets, _ := strings.Cut(strings.TrimSpace(fingerprint), " ")
	return strings.ToLower(name) + " " + strings.ToUpper(strings.TrimSpace(octets))
}
