package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// scheme is that of the URI by which a certificate names its cluster: tandem-cluster:ID.
const scheme = "tandem-cluster"

// authority signs the members of one cluster. Without a key it only knows them.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey // nil: another member has it
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// newAuthority makes the authority of a new cluster.
func newAuthority(cluster string, now time.Time) (authority, error) {
	if cluster == "" || len(cluster) > maxCluster {
		return authority{}, fmt.Errorf("the name of a cluster has 1 to %d bytes", maxCluster)
	}
	key, err := newKey()
	if err != nil {
		return authority{}, err
	}
	number, err := serial()
	if err != nil {
		return authority{}, err
	}
	plan := &x509.Certificate{
		SerialNumber: number,
		Subject:      pkix.Name{CommonName: cluster, Organization: []string{"Tandem cluster"}},
		NotBefore:    now.Add(-early), NotAfter: now.Add(authorityLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, plan, plan, &key.PublicKey, key)
	if err != nil {
		return authority{}, err
	}
	cert, err := parseAuthority(der)
	return authority{cert, key}, err
}

// parseAuthority reads the certificate of an authority.
func parseAuthority(der []byte) (*x509.Certificate, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if _, ok := cert.PublicKey.(*ecdsa.PublicKey); !ok || !cert.IsCA {
		return nil, errors.New("is not the certificate of an authority")
	}
	if err := cert.CheckSignatureFrom(cert); err != nil {
		return nil, fmt.Errorf("the authority has not signed itself: %w", err)
	}
	return cert, nil
}

// id names the cluster: the beginning of the hash of its authority's public key.
func (a *authority) id() string {
	sum := sha256.Sum256(a.cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:16])
}

// sign makes the certificate of a member.
func (a *authority) sign(member string, public any, now time.Time) (*x509.Certificate, error) {
	if a.key == nil {
		return nil, ErrNoKey
	}
	if !nameLike(member) {
		return nil, badName(member)
	}
	if key, ok := public.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the key of a member is one of ECDSA P-256")
	}
	number, err := serial()
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: number,
		Subject:      pkix.Name{CommonName: member, Organization: []string{a.cert.Subject.CommonName}},
		NotBefore:    now.Add(-early), NotAfter: now.Add(memberLife),
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames:              []string{member},
		URIs:                  []*url.URL{{Scheme: scheme, Opaque: a.id()}},
	}, a.cert, public, a.key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// vouch returns the name of the member whose certificate this is, if it is one of this cluster and valid now.
func (a *authority) vouch(cert *x509.Certificate, now time.Time) (string, error) {
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return "", fmt.Errorf("%w: it holds from %s to %s, and here it is %s (is a clock wrong?)", ErrExpired,
			stamp(cert.NotBefore), stamp(cert.NotAfter), stamp(now))
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrStranger, err)
	}
	if len(cert.DNSNames) != 1 || !nameLike(cert.DNSNames[0]) || len(cert.URIs) != 1 ||
		cert.URIs[0].Scheme != scheme || cert.URIs[0].Opaque != a.id() {
		return "", fmt.Errorf("%w: its certificate names no member", ErrStranger)
	}
	return cert.DNSNames[0], nil
}

// serial is a random number of 127 bits (RFC 5280 section 4.1.2.2).
func serial() (*big.Int, error) {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	return n.Add(n, big.NewInt(1)), nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// nameLike says whether s can name a member, as conf has it.
func nameLike(s string) bool {
	return s != "" && len(s) <= maxName && strings.IndexFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !strings.ContainsRune("0123456789-._", r)
	}) < 0
}

func badName(member string) error {
	return fmt.Errorf("%.80q is no name of a member: it has up to %d letters, digits, '-', '.' and '_'", member, maxName)
}
