package trust

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// joinVersion is that of the words of a join.
const joinVersion = 1

// envelope carries the words of one side and the proof that they are those of one who knows the ticket: an
// HMAC-SHA-256 over the body's bytes as they stand.
type envelope struct {
	Ticket string `json:"ticket"` // its name
	Body   []byte `json:"body"`
	MAC    []byte `json:"mac"`
}

// joinRequest is what a new member says.
type joinRequest struct {
	Version int    `json:"version"`
	Member  string `json:"member"`
	CSR     []byte `json:"csr"`   // RFC 2986, DER
	Nonce   []byte `json:"nonce"` // random: ties the response to it
}

// joinResponse is what it is answered. With Refused, in words, there is nothing else but the nonce.
type joinResponse struct {
	Version     int        `json:"version"`
	Nonce       []byte     `json:"nonce"`
	Refused     string     `json:"refused,omitempty"`
	Certificate []byte     `json:"certificate,omitempty"` // DER
	Authority   []byte     `json:"authority,omitempty"`   // DER
	Neighbours  Neighbours `json:"neighbours"`
}

func mac(key, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return m.Sum(nil)
}

// seal puts words into an envelope.
func seal(ticket string, key []byte, words any) ([]byte, error) {
	body, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	return json.Marshal(envelope{ticket, body, mac(key, body)})
}

// parseEnvelope reads an envelope, whose MAC is not checked yet.
func parseEnvelope(text []byte, most int) (e envelope, ok bool) {
	return e, len(text) <= most && strict(text, &e) == nil
}

// strict decodes one JSON value without unknown fields and with nothing behind.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows")
	}
	return nil
}

// parseJoin reads what a new member says, whose MAC was right.
func parseJoin(body []byte) (joinRequest, *ecdsa.PublicKey, error) {
	var r joinRequest
	if err := strict(body, &r); err != nil {
		return r, nil, errors.New("the request can not be read: is the new member of another version?")
	}
	switch {
	case r.Version != joinVersion:
		return r, nil, fmt.Errorf("the request is of version %d, this member knows %d: let both be of one version of Tandem",
			r.Version, joinVersion)
	case len(r.Nonce) != nonceSize:
		return r, nil, errors.New("the request has no nonce")
	case !nameLike(r.Member):
		return r, nil, badName(r.Member)
	}
	public, err := parseRequest(r.CSR)
	return r, public, err
}

// parseRequest reads a certificate request. Of what it asks for only the key counts.
func parseRequest(der []byte) (*ecdsa.PublicKey, error) {
	if len(der) > maxCSR {
		return nil, fmt.Errorf("the certificate request has more than %d bytes", maxCSR)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, fmt.Errorf("the certificate request: %w", err)
	}
	public, ok := csr.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, errors.New("the key of a member is one of ECDSA P-256")
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("the certificate request: %w", err)
	}
	return public, nil
}

func certificateRequest(member string, key *ecdsa.PrivateKey) ([]byte, error) {
	return x509.CreateCertificateRequest(rand.Reader,
		&x509.CertificateRequest{Subject: pkix.Name{CommonName: member}}, key)
}

// joined is what a new member has got.
type joined struct {
	authority  *authority
	cert       *x509.Certificate
	neighbours Neighbours
}

// parseJoined reads and checks a response: it must be made by who knows the ticket, answer the request of this
// nonce, and bring a certificate for this member and key.
func parseJoined(text []byte, k keys, asked joinRequest, key *ecdsa.PrivateKey) (*joined, error) {
	e, ok := parseEnvelope(text, MaxResponse)
	if !ok || e.Ticket != k.ID || !hmac.Equal(mac(k.Response, e.Body), e.MAC) {
		return nil, ErrForged
	}
	var r joinResponse
	if err := strict(e.Body, &r); err != nil || r.Version != joinVersion {
		return nil, errors.New("the response to the join can not be read: let both members be of one version of Tandem")
	}
	switch {
	case !bytes.Equal(r.Nonce, asked.Nonce):
		return nil, fmt.Errorf("%w: it answers another request", ErrForged)
	case r.Refused != "":
		return nil, fmt.Errorf("the member of the ticket refuses: %.*s", maxReason, r.Refused)
	}
	if err := r.Neighbours.check(); err != nil {
		return nil, err
	}
	root, err := parseAuthority(r.Authority)
	if err != nil {
		return nil, fmt.Errorf("the authority of the cluster: %w", err)
	}
	cert, err := x509.ParseCertificate(r.Certificate)
	if err != nil {
		return nil, fmt.Errorf("the certificate: %w", err)
	}
	a := &authority{cert: root}
	// Whether it is valid now is for connections to see: the clock of this machine may be off.
	name, err := a.vouch(cert, cert.NotBefore.Add(early))
	if err != nil {
		return nil, err
	}
	if name != asked.Member || !key.PublicKey.Equal(cert.PublicKey) {
		return nil, errors.New("the certificate is not the one that was asked for")
	}
	return &joined{a, cert, r.Neighbours}, nil
}
