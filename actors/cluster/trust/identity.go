package trust

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Identity is what a member is to the others of its cluster. It may be used from everywhere.
type Identity struct {
	dir    string // where it lies
	member string
	now    func() time.Time

	mu         sync.Mutex // guards the authority's key, the neighbours, and one renewal at a time
	authority  authority
	neighbours Neighbours
	own        atomic.Pointer[tls.Certificate]
}

// Found makes a new cluster of that name, whose authority and first member this one is, below its member.data.
// It fails when the member belongs to a cluster already.
func Found(data, cluster, member string) (*Identity, error) {
	return found(data, cluster, member, time.Now)
}

func found(data, cluster, member string, now func() time.Time) (*Identity, error) {
	a, err := newAuthority(cluster, now())
	if err != nil {
		return nil, err
	}
	key, err := pemKey(a.key, nil)
	if err != nil {
		return nil, err
	}
	if err := a.issue(data, member, Neighbours{}, now(), file{fileKey, key}); err != nil {
		return nil, err
	}
	return open(data, now)
}

// file is one to be written.
type file struct {
	name    string
	content []byte
}

// issue puts the identity of a member below its data directory.
func (a *authority) issue(data, member string, n Neighbours, now time.Time, more ...file) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	cert, err := a.sign(member, &key.PublicKey, now)
	if err != nil {
		return err
	}
	dir, err := draft(data, "founding")
	if err != nil {
		return err
	}
	return a.fill(dir, data, holder{cert, key}, n, more...)
}

// holder is a certificate with its key.
type holder struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// fill completes a draft of an identity and moves it to its place.
func (a *authority) fill(dir, data string, h holder, n Neighbours, more ...file) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	all := append([]file{{fileAuthority, pemCertificate(a.cert)}, {fileNeighbours, text}}, more...)
	for _, f := range all {
		if err := writeFile(filepath.Join(dir, f.name), f.content); err != nil {
			return err
		}
	}
	if err := writeMember(dir, h.cert, h.key); err != nil {
		return err
	}
	return settled(dir, Dir(data))
}

// Open opens the identity below a member.data. Without one the error is ErrNone; a certificate whose time is over is
// renewed if the key of the authority is there, else the error is ErrExpired.
func Open(data string) (*Identity, error) { return open(data, time.Now) }

func open(data string, now func() time.Time) (*Identity, error) {
	i := &Identity{dir: Dir(data), now: now}
	if _, err := os.Stat(i.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	var err error
	if i.authority, err = readAuthority(i.dir); err != nil {
		return nil, err
	}
	pair, err := readMember(i.dir)
	if err != nil {
		return nil, err
	}
	if len(pair.Leaf.DNSNames) == 1 {
		i.member = pair.Leaf.DNSNames[0]
	}
	i.own.Store(pair)
	if i.neighbours, err = readNeighbours(i.dir); err != nil {
		return nil, err
	}
	if i.authority.key != nil {
		if _, err := i.Renew(); err != nil {
			return nil, err
		}
	}
	if _, err := i.authority.vouch(i.own.Load().Leaf, now()); err != nil {
		return nil, fmt.Errorf("%s: %w; a member without a valid certificate joins again: remove the directory %s, "+
			"and give it a ticket", filepath.Join(i.dir, fileMember), err, i.dir)
	}
	return i, nil
}

// Member is the name that the certificate gives to this member.
func (i *Identity) Member() string { return i.member }

// Cluster names the cluster: 32 digits made of its authority's public key. Clusters never share one.
func (i *Identity) Cluster() string { return i.authority.id() }

// MayIssue says whether this member has the key of the authority.
func (i *Identity) MayIssue() bool { i.mu.Lock(); defer i.mu.Unlock(); return i.authority.key != nil }

// Issue makes a new member and puts its identity below its data directory on this machine.
func (i *Identity) Issue(data, member string, n Neighbours) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.authority.issue(data, member, n, i.now())
}

// Expires is when this member's certificate ends, and when it should be renewed: at two thirds of its life.
func (i *Identity) Expires() (end, renew time.Time) {
	c := i.own.Load().Leaf
	return c.NotAfter, c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore) / 3)
}

// Due says whether the certificate should be renewed by now.
func (i *Identity) Due() bool {
	_, due := i.Expires()
	return !i.now().Before(due)
}

// Renew makes a new certificate for this member if it is time to, by the key of the authority, and says whether it
// did. Connections made from then on have it. It is cheap to ask now and then. Without the key, and when it is time,
// the error is ErrNoKey: then Request, Sign on another member and Take do the same.
func (i *Identity) Renew() (bool, error) {
	if !i.Due() {
		return false, nil
	}
	i.mu.Lock()
	cert, err := i.authority.sign(i.member, &i.key().PublicKey, i.now())
	i.mu.Unlock()
	if err != nil {
		return false, err
	}
	return true, i.take(cert)
}

func (i *Identity) key() *ecdsa.PrivateKey { return i.own.Load().PrivateKey.(*ecdsa.PrivateKey) }

// Request asks for a new certificate: a certificate request (RFC 2986) for Sign.
func (i *Identity) Request() ([]byte, error) { return certificateRequest(i.member, i.key()) }

// Sign answers the Request of a member with its new certificate, DER. member is the name that the asker's connection
// has proved, see MemberOf: it gets that one, whatever it asks for.
func (i *Identity) Sign(member string, request []byte) ([]byte, error) {
	public, err := parseRequest(request)
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	cert, err := i.authority.sign(member, public, i.now())
	if err != nil {
		return nil, err
	}
	return cert.Raw, nil
}

// Take makes a new certificate, as Sign has made it, the one of this member.
func (i *Identity) Take(certificate []byte) error {
	cert, err := x509.ParseCertificate(certificate)
	if err != nil {
		return fmt.Errorf("the new certificate: %w", err)
	}
	return i.take(cert)
}

func (i *Identity) take(cert *x509.Certificate) error {
	key := i.key()
	if !key.PublicKey.Equal(cert.PublicKey) {
		return errors.New("the new certificate is one of another key")
	}
	if name, err := i.authority.vouch(cert, i.now()); err != nil || name != i.member {
		return errors.Join(fmt.Errorf("the new certificate is not one of %s", i.member), err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := writeMember(i.dir, cert, key); err != nil {
		return err
	}
	i.own.Store(&tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert})
	return nil
}

// headerCluster in a sealed key names the cluster.
const headerCluster = "Cluster"

// SealKey gives the key of the authority as PEM, for the bucket of settings: see the package comment for what that
// means. ErrNoKey without it.
func (i *Identity) SealKey() ([]byte, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.authority.key == nil {
		return nil, ErrNoKey
	}
	return pemKey(i.authority.key, map[string]string{headerCluster: i.authority.id()})
}

// OpenKey takes the key that SealKey of another member gave, into memory alone. From then on this member issues too.
func (i *Identity) OpenKey(sealed []byte) error {
	if len(sealed) > maxFile {
		return fmt.Errorf("the key has more than %d bytes", maxFile)
	}
	key, err := parseKey(sealed)
	if err != nil {
		return fmt.Errorf("the key of the cluster's authority: %w", err)
	}
	if !key.PublicKey.Equal(i.authority.cert.PublicKey) {
		block, _ := pem.Decode(sealed)
		return fmt.Errorf("the key is that of another cluster (%.64q), not of %s", block.Headers[headerCluster], i.Cluster())
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.authority.key = key
	return nil
}
