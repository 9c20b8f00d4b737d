package trust

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

// Server is for the end that listens: it demands the certificate of a member. The config is the caller's own.
func (i *Identity) Server() *tls.Config { return i.config() }

// Client is for the end that dials: it demands the certificate of a member, whatever the address is called, because
// members are known by their name and not by their host's.
func (i *Identity) Client() *tls.Config { return i.config() }

// config serves both ends, for libraries that have one for both. Certificates that are renewed act from the next
// connection on. Nothing of an old connection is resumed, so that an expired member is found out.
func (i *Identity) config() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(i.authority.cert)
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		Time:       i.now,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return i.own.Load(), nil
		},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return i.own.Load(), nil
		},
		ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs:  pool,
		RootCAs:    pool,
		// It skips the check of the host's name; VerifyConnection does the whole other one, at both ends.
		InsecureSkipVerify:     true,
		VerifyConnection:       i.verify,
		SessionTicketsDisabled: true,
	}
}

// verify admits members of this cluster alone.
func (i *Identity) verify(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return fmt.Errorf("%w: it shows no certificate", ErrStranger)
	}
	_, err := i.authority.vouch(state.PeerCertificates[0], i.now())
	return err
}

// MemberOf is the name of the member at the other end of a connection that was made by Server or Client.
func MemberOf(state tls.ConnectionState) (string, error) {
	if !state.HandshakeComplete || len(state.PeerCertificates) == 0 || len(state.PeerCertificates[0].DNSNames) != 1 {
		return "", ErrStranger
	}
	return state.PeerCertificates[0].DNSNames[0], nil
}
