package acttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/conf"
)

// Company are members in one process that have found each other, with short times, and own names by leases in memory.
type Company struct {
	Members []*cluster.Member
	ended   []*sync.Once
}

// NewCompany makes n members, m1 and so on. prepare says what each hosts and how it works with the others, and may keep
// the member when it is made, before it joins: it returns what to do then. The test is skipped under the race
// detector, which does not like how the carrier between members starts twice in a process.
func NewCompany(t testing.TB, n int, prepare func(i int, o *cluster.Options, c *conf.Cluster) (made func(*cluster.Member))) *Company {
	t.Helper()
	if raceOn {
		t.Skip("two members in one process are not clean under the race detector")
	}
	all, pair, leases := &Company{}, certificates(t), &memory{entries: map[string]cluster.Lease{}, follow: map[int]func(cluster.Lease){}}
	var seeds []string
	for i := range n {
		o := cluster.Options{Name: fmt.Sprint("m", i+1), Key: []byte("key"), Mailbox: 1000, Log: slog.New(slog.DiscardHandler)}
		c := conf.DefaultCluster()
		c.Address, c.Seeds = freeAddress(t), seeds
		c.Heartbeat, c.DeadAfter, c.Lease = 100*time.Millisecond, time.Second, 3*time.Second
		made := prepare(i, &o, &c)
		m := cluster.New(o)
		made(m)
		if err := m.Join(c, pair, cluster.Self{Cluster: "test", Version: "1"}); err != nil {
			t.Fatal(err)
		}
		m.Lead(leases)
		seeds = append(seeds, c.Address)
		all.Members, all.ended = append(all.Members, m), append(all.ended, &sync.Once{})
		t.Cleanup(func() { all.End(i) })
	}
	Until(t, "the members know each other and who owns what", func() bool {
		for _, m := range all.Members {
			up, s := 0, m.Society()
			for _, r := range s.Rows {
				if r.Up() {
					up++
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			err := m.AwaitOwners(ctx)
			cancel()
			if up != n || s.Willing == nil || err != nil {
				return false
			}
		}
		return true
	})
	return all
}

// Willing waits until a member knows that so many make call legs for others.
func (c *Company) Willing(t testing.TB, i, n int) {
	t.Helper()
	Until(t, "members are willing", func() bool { return len(c.Members[i].Society().Willing.GetMembers()) == n })
}

// End ends a member: to the others all its actors are gone without a word.
func (c *Company) End(i int) { c.ended[i].Do(c.Members[i].Stop) }

// certificates are what all members of a test prove themselves with.
func certificates(t testing.TB) cluster.Security {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, DNSNames: []string{"member"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	pair := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return cluster.Security{
		Server: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
		Client: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, RootCAs: pool, ServerName: "member"},
	}
}

// freeAddress is a loopback address that nobody listens at.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// memory is a bucket of leases that all members reach.
type memory struct {
	mu       sync.Mutex
	revision uint64
	entries  map[string]cluster.Lease
	follow   map[int]func(cluster.Lease)
	serial   int
}

// Put implements cluster.Leases.
func (s *memory) Put(_ context.Context, key string, value []byte, expect *uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if expect != nil && s.entries[key].Revision != *expect {
		return 0, errors.New("not as expected")
	}
	s.revision++
	l := cluster.Lease{Key: key, Value: value, Revision: s.revision}
	s.entries[key] = l
	for _, f := range s.follow {
		f(l)
	}
	return s.revision, nil
}

// Follow implements cluster.Leases.
func (s *memory) Follow(f func(cluster.Lease)) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.entries {
		f(l)
	}
	s.serial++
	n := s.serial
	s.follow[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.follow, n)
	}
}

var _ cluster.Leases = (*memory)(nil)

// Written implements cluster.Leases: the test's memory can always be written.
func (s *memory) Written() time.Time { return time.Now() }
