// Package company lets members know each other in one process. It is for tests only, like acttest, of which it is a
// part; the rooms below actors/cluster, which test themselves by acttest, could not import it.
package company

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/conf"
)

// Company are members that know each other.
type Company struct{ seats map[string]*seat }

// Meet lets members know each other, and waits until they do and every name has its owner. It must come before the
// first actor of any of them.
func Meet(t testing.TB, members ...*cluster.Member) *Company {
	t.Helper()
	security, leases, seeds := authority(t), newLeases(), []string{}
	company := &Company{map[string]*seat{}}
	for _, m := range members {
		c := conf.DefaultCluster()
		c.Address, c.Seeds = free(t), seeds
		if err := m.Join(c, security(m.Name()), cluster.Self{Cluster: "test", Version: "test"}); err != nil {
			t.Fatal(err)
		}
		at := &seat{leases: leases}
		company.seats[m.Name()] = at
		m.Lead(at)
		seeds = append(seeds, c.Address)
	}
	for _, m := range members {
		sees(t, m, len(members))
		if err := m.AwaitOwners(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return company
}

// CutOff has a member not reach the store any more, which the others do: it is in a minority, and lives on.
func (c *Company) CutOff(member string) { c.seats[member].cut.Store(true) }

// patience is how long members may take to find each other.
const patience = 20 * time.Second

// sees waits until a member sees so many.
func sees(t testing.TB, m *cluster.Member, n int) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for over := time.After(patience); ; {
		up := 0
		for _, r := range m.Society().Rows {
			if r.Up() {
				up++
			}
		}
		if up == n {
			return
		}
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("%s sees %d of %d members", m.Name(), up, n)
		}
	}
}

// free is a loopback address that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// authority makes a cluster's authority, and then what each member shows.
func authority(t testing.TB) func(name string) cluster.Security {
	t.Helper()
	pool := x509.NewCertPool()
	sign := func(name string, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		t.Helper()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name, "member"},
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
		if parent == nil {
			parent, by, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = c, key, true, true, x509.KeyUsageCertSign
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
		if err != nil {
			t.Fatal(err)
		}
		if c, err = x509.ParseCertificate(der); err != nil {
			t.Fatal(err)
		}
		return c, key
	}
	root, rootKey := sign("test", nil, nil)
	pool.AddCert(root)
	return func(name string) cluster.Security {
		c, key := sign(name, root, rootKey)
		pair := []tls.Certificate{{Certificate: [][]byte{c.Raw}, PrivateKey: key}}
		return cluster.Security{
			Server: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, ClientCAs: pool,
				ClientAuth: tls.RequireAndVerifyClientCert},
			Client: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, RootCAs: pool, ServerName: "member"},
		}
	}
}
