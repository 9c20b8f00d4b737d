package trust

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// at is a clock that stands.
func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// today is when the tests happen.
var today = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

// founded makes a cluster whose clock stands at today.
func founded(t *testing.T) *Identity {
	t.Helper()
	i, err := found(t.TempDir(), "example.com", "tandem1", at(today))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// issued is a second member of the same cluster, with a clock of its own.
func issued(t *testing.T, by *Identity, member string, now time.Time) *Identity {
	t.Helper()
	data := t.TempDir()
	if err := by.Issue(data, member, Neighbours{}); err != nil {
		t.Fatal(err)
	}
	i, err := open(data, at(now))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// meet lets two ends shake hands; each end's error and, if there is none, whom it takes the other for.
func meet(t *testing.T, server, client *tls.Config) (servers, clients string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	heard := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			s := tls.Server(c, server)
			if err = s.Handshake(); err == nil {
				servers, err = MemberOf(s.ConnectionState())
			}
			if err == nil {
				_, err = s.Write([]byte("x"))
			}
		}
		heard <- err
	}()
	d := &net.Dialer{Timeout: 10 * time.Second}
	c, err := tls.DialWithDialer(d, "tcp", l.Addr().String(), client)
	if err == nil {
		clients, err = MemberOf(c.ConnectionState())
		if err == nil { // with TLS 1.3 a client learns only now that it is refused
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			_, err = c.Read(make([]byte, 1))
		}
		_ = c.Close()
	}
	return servers, clients, errors.Join(err, <-heard)
}

func TestMembersKnowEachOther(t *testing.T) {
	a := founded(t)
	b := issued(t, a, "tandem2", today)
	servers, clients, err := meet(t, a.Server(), b.Client())
	if err != nil || servers != "tandem2" || clients != "tandem1" {
		t.Errorf("%q %q %v", servers, clients, err)
	}
	if a.Cluster() != b.Cluster() || len(a.Cluster()) != 32 || b.MayIssue() || !a.MayIssue() {
		t.Error(a.Cluster(), b.Cluster(), b.MayIssue())
	}
	if cs := (tls.ConnectionState{}); cs.HandshakeComplete {
		t.Fatal("no")
	} else if _, err := MemberOf(cs); !errors.Is(err, ErrStranger) {
		t.Error("a connection without a handshake has a member")
	}
}

// clocks may differ by hours, in either direction.
func TestClocksThatDiffer(t *testing.T) {
	a := founded(t)
	for _, off := range []time.Duration{-20 * time.Hour, 20 * time.Hour} {
		b := issued(t, a, "tandem2", today.Add(off))
		if _, _, err := meet(t, a.Server(), b.Client()); err != nil {
			t.Errorf("%v: %v", off, err)
		}
		if _, _, err := meet(t, b.Server(), a.Client()); err != nil {
			t.Errorf("%v: %v", off, err)
		}
	}
}

// dressed is the config of one that shows a certificate of its own making.
func dressed(i *Identity, cert *x509.Certificate, key *ecdsa.PrivateKey) *tls.Config {
	c := i.Client()
	own := &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return own, nil }
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
	return c
}

func TestStrangersAreRefusedAtBothEnds(t *testing.T) {
	a := founded(t)
	other, err := found(t.TempDir(), "example.com", "tandem1", at(today))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(by *authority, name string, when time.Time) *tls.Config {
		key, err := newKey()
		if err != nil {
			t.Fatal(err)
		}
		cert, err := by.sign(name, &key.PublicKey, when)
		if err != nil {
			t.Fatal(err)
		}
		return dressed(a, cert, key)
	}
	bare := a.Client()
	bare.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil }
	root := other.authority.cert
	asServer := map[string]*tls.Config{
		"of another cluster":    sign(&other.authority, "tandem2", today),
		"expired":               sign(&a.authority, "tandem2", today.Add(-memberLife-time.Minute)),
		"not valid yet":         sign(&a.authority, "tandem2", today.Add(early+time.Minute)),
		"an authority":          dressed(a, root, other.authority.key),
		"who trusts all others": other.Server(),
	}
	for what, c := range asServer {
		if _, _, err := meet(t, a.Server(), c); err == nil {
			t.Errorf("a client that is %s was admitted", what)
		}
		if _, _, err := meet(t, c, a.Client()); err == nil {
			t.Errorf("a server that is %s was admitted", what)
		}
	}
	if _, _, err := meet(t, a.Server(), bare); err == nil {
		t.Error("a client without a certificate was admitted")
	}
	old := a.Client()
	old.MaxVersion, old.MinVersion = tls.VersionTLS12, tls.VersionTLS12
	if _, _, err := meet(t, a.Server(), old); err == nil {
		t.Error("TLS 1.2 was taken")
	}
	if good := sign(&a.authority, "tandem2", today); good != nil {
		if _, _, err := meet(t, a.Server(), good); err != nil {
			t.Errorf("one that is none of these is refused: %v", err)
		}
	}
}

// A certificate of the authority that names no member, or the authority's own, speaks for nobody.
func TestVouchDemandsAMember(t *testing.T) {
	a := founded(t)
	if _, err := a.authority.vouch(a.authority.cert, today); err == nil {
		t.Error("the authority itself is a member")
	}
	leaf := *a.own.Load().Leaf
	for _, names := range [][]string{nil, {"a", "b"}, {"bad name"}} {
		changed := leaf
		changed.DNSNames = names
		if _, err := a.authority.vouch(&changed, today); !errors.Is(err, ErrStranger) {
			t.Errorf("%v: %v", names, err)
		}
	}
	changed := leaf
	changed.URIs = nil
	if _, err := a.authority.vouch(&changed, today); !errors.Is(err, ErrStranger) {
		t.Error("one without a cluster")
	}
}

func TestOnTheDisk(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new")
	if _, err := Open(data); !errors.Is(err, ErrNone) {
		t.Errorf("%v", err)
	}
	a, err := Found(data, "example.com", "tandem1")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(Dir(data)); err != nil || s.Mode().Perm() != 0o700 {
		t.Error(s.Mode(), err)
	}
	files, _ := os.ReadDir(Dir(data))
	for _, f := range files {
		if s, err := f.Info(); err != nil || s.Mode().Perm() != 0o600 {
			t.Error(f.Name(), s.Mode(), err)
		}
	}
	if all, _ := os.ReadDir(data); len(all) != 1 || len(files) != 4 {
		t.Error(all, files)
	}
	b, err := Open(data)
	if err != nil || b.Cluster() != a.Cluster() || b.Member() != "tandem1" {
		t.Errorf("%v %v", b, err)
	}
	if _, err := Found(data, "example.com", "tandem1"); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("founded over a cluster: %v", err)
	}
	for _, bad := range []struct{ cluster, member string }{{"", "m"}, {"c", ""}, {"c", "a b"}, {strings.Repeat("c", 300), "m"}} {
		if _, err := Found(t.TempDir(), bad.cluster, bad.member); err == nil {
			t.Errorf("%q %q founded", bad.cluster, bad.member)
		}
	}
}

func TestFilesThatAreSpoilt(t *testing.T) {
	other := founded(t)
	for _, c := range []struct {
		file, text string
		from       string // file of another cluster
	}{
		{fileAuthority, "", ""}, {fileAuthority, "nonsense", ""}, {fileAuthority, "", fileAuthority},
		{fileKey, "nonsense", ""}, {fileKey, "", fileKey}, {fileMember, "nonsense", ""}, {fileMember, "", fileMember},
		{fileNeighbours, "{", ""},
	} {
		a := founded(t)
		text := []byte(c.text)
		if c.from != "" {
			text, _ = os.ReadFile(filepath.Join(other.dir, c.from))
		}
		if err := os.WriteFile(filepath.Join(a.dir, c.file), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := open(filepath.Dir(a.dir), at(today)); err == nil {
			t.Errorf("%s %q %q: opened", c.file, c.text, c.from)
		}
	}
}

func TestRenewal(t *testing.T) {
	a := founded(t)
	end, due := a.Expires()
	if left := end.Sub(due); left != (memberLife+early)/3 {
		t.Errorf("renewed %v before its end", left)
	}
	if done, err := a.Renew(); done || err != nil {
		t.Errorf("%v %v", done, err)
	}
	server := a.Server() // made before
	later := due.Add(time.Minute)
	a.now = at(later)
	if done, err := a.Renew(); !done || err != nil {
		t.Fatalf("%v %v", done, err)
	}
	if next, _ := a.Expires(); !next.Equal(later.Add(memberLife)) {
		t.Errorf("%v", next)
	}
	if b, err := open(filepath.Dir(a.dir), at(later)); err != nil {
		t.Error(err)
	} else if e, _ := b.Expires(); !e.Equal(later.Add(memberLife)) {
		t.Error("the new one is not on the disk")
	}
	b := issued(t, a, "tandem2", later)
	c := b.Client()
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if !s.PeerCertificates[0].NotAfter.Equal(later.Add(memberLife)) {
			return errors.New("the old one is shown")
		}
		return b.verify(s)
	}
	server.Time = a.now
	if _, _, err := meet(t, server, c); err != nil {
		t.Error(err)
	}
}

// A member without the key is renewed by one that has it.
func TestRenewalByAnother(t *testing.T) {
	a := founded(t)
	b := issued(t, a, "tandem2", today)
	_, due := b.Expires()
	a.now, b.now = at(due), at(due)
	if _, err := b.Renew(); !errors.Is(err, ErrNoKey) {
		t.Fatalf("%v", err)
	}
	request, err := b.Request()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Sign("tandem2", request); !errors.Is(err, ErrNoKey) {
		t.Errorf("%v", err)
	}
	foreign, err := a.Sign("tandem3", request)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Take(foreign); err == nil {
		t.Error("took a certificate of another name")
	}
	otherKey, _ := a.Request()
	if cert, err := a.Sign("tandem2", otherKey); err != nil || b.Take(cert) == nil {
		t.Error("took a certificate of another key")
	}
	cert, err := a.Sign("tandem2", request)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Take(cert); err != nil {
		t.Fatal(err)
	}
	if end, _ := b.Expires(); !end.Equal(due.Add(memberLife)) {
		t.Error(end)
	}
	for _, bad := range [][]byte{nil, []byte("x"), make([]byte, maxCSR+1)} {
		if _, err := a.Sign("tandem2", bad); err == nil {
			t.Error("signed nothing")
		}
		if b.Take(bad) == nil {
			t.Error("took nothing")
		}
	}
}

func TestExpiredOnesAreOpenedOnlyWithTheKey(t *testing.T) {
	a := founded(t)
	b := issued(t, a, "tandem2", today)
	end, _ := b.Expires()
	if _, err := open(filepath.Dir(b.dir), at(end.Add(time.Minute))); !errors.Is(err, ErrExpired) {
		t.Errorf("%v", err)
	}
	if _, err := open(filepath.Dir(a.dir), at(end.Add(time.Minute))); err != nil {
		t.Errorf("%v", err)
	}
}

func TestTheKeyGoesToOthers(t *testing.T) {
	a := founded(t)
	b := issued(t, a, "tandem2", today)
	if _, err := b.SealKey(); !errors.Is(err, ErrNoKey) {
		t.Errorf("%v", err)
	}
	sealed, err := a.SealKey()
	if err != nil {
		t.Fatal(err)
	}
	foreign, _ := founded(t).SealKey()
	for _, bad := range [][]byte{nil, []byte("x"), foreign, make([]byte, maxFile+1), pemCertificate(a.authority.cert)} {
		if err := b.OpenKey(bad); err == nil || b.MayIssue() {
			t.Errorf("%.30q: %v", bad, err)
		}
	}
	if err := b.OpenKey(sealed); err != nil || !b.MayIssue() {
		t.Fatal(err)
	}
	c := issued(t, b, "tandem3", today)
	if _, _, err := meet(t, a.Server(), c.Client()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(b.dir, fileKey)); err == nil {
		t.Error("the key lies on the disk of another member")
	}
}
