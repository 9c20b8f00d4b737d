package trust

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Names in the directory.
const (
	folder         = "cluster"
	fileAuthority  = "ca.pem"
	fileKey        = "ca.key"
	fileMember     = "member.pem"
	fileNeighbours = "neighbours.json"
	fileTickets    = "tickets.json"
	fileRequest    = "request" // of a join that is under way
)

// Kinds of PEM blocks.
const (
	blockCertificate = "CERTIFICATE"
	blockKey         = "PRIVATE KEY"
)

// Dir is where the identity of a member lies, below its member.data.
func Dir(data string) string { return filepath.Join(data, folder) }

// readFile reads a file of ours.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return text, err
}

// writeFile replaces a file: it holds all of the old or all of the new, after a loss of power too.
func writeFile(path string, content []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = fresh.Write(content)
	if err == nil {
		err = fresh.Sync()
	}
	err = errors.Join(err, fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// settled moves a directory that is complete to its place, at once.
func settled(draft, place string) error {
	if err := syncDir(draft); err != nil {
		return err
	}
	if err := os.Rename(draft, place); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already: this member belongs to a cluster", place)
		}
		return err
	}
	return syncDir(filepath.Dir(place))
}

// draft makes an empty directory in which an identity is put together.
func draft(data, kind string) (string, error) {
	path := filepath.Join(data, folder+"."+kind)
	if err := os.RemoveAll(path); err != nil {
		return "", err
	}
	return path, os.MkdirAll(path, 0o700)
}

func pemCertificate(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Bytes: cert.Raw})
}

func pemKey(key *ecdsa.PrivateKey, headers map[string]string) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: blockKey, Headers: headers, Bytes: der}), nil
}

// parseKey reads the first block of a text as a key.
func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != blockKey {
		return nil, errors.New("holds no key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	ours, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("holds a key of another kind")
	}
	return ours, nil
}

// readAuthority reads the authority, and its key where this member has it.
func readAuthority(dir string) (authority, error) {
	var a authority
	text, err := readFile(filepath.Join(dir, fileAuthority))
	if err != nil {
		return a, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != blockCertificate {
		return a, fmt.Errorf("%s holds no certificate", filepath.Join(dir, fileAuthority))
	}
	if a.cert, err = parseAuthority(block.Bytes); err != nil {
		return a, fmt.Errorf("%s: %w", filepath.Join(dir, fileAuthority), err)
	}
	text, err = readFile(filepath.Join(dir, fileKey))
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	if a.key, err = parseKey(text); err != nil {
		return a, fmt.Errorf("%s: %w", filepath.Join(dir, fileKey), err)
	}
	if !a.key.PublicKey.Equal(a.cert.PublicKey) {
		return a, fmt.Errorf("%s is not the key of %s", filepath.Join(dir, fileKey), fileAuthority)
	}
	return a, nil
}

// readMember reads certificate and key of this member.
func readMember(dir string) (*tls.Certificate, error) {
	path := filepath.Join(dir, fileMember)
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &pair, nil
}

// writeMember writes certificate and key of a member, in one file, so that they always belong together.
func writeMember(dir string, cert *x509.Certificate, key *ecdsa.PrivateKey) error {
	text, err := pemKey(key, nil)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, fileMember), append(pemCertificate(cert), text...))
}
