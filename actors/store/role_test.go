package store

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"tandem/conf"
)

func TestRoles(t *testing.T) {
	three := []string{"a:1", "b:1", "c:1"}
	for name, c := range map[string]struct {
		conf   conf.Store
		role   role
		copies int
	}{
		"alone":        {conf.Store{}, alone, 1},
		"outside":      {conf.Store{URL: "nats://a:1", Members: three}, elsewhere, 1},
		"single":       {conf.Store{Listen: "a:1"}, single, 1},
		"one of three": {conf.Store{Listen: "a:1", Route: "a:2", Routes: three, Members: three}, replica, 3},
		"one of five":  {conf.Store{Listen: "a:1", Route: "a:2", Routes: append(three, "d:1", "e:1")}, replica, 3},
		"guest":        {conf.Store{Members: three}, client, 1},
	} {
		if r, n := roleOf(c.conf), replicas(c.conf); r != c.role || n != c.copies {
			t.Errorf("%s: %v with %d copies", name, r, n)
		}
	}
}

// Members share a store only when they can tell each other from strangers.
func TestSecurityIsDemanded(t *testing.T) {
	good := newAuthority(t).issue(t, "tandem1").security("tandem1")
	for name, change := range map[string]func(*Security) *Security{
		"none":              func(*Security) *Security { return nil },
		"no server":         func(s *Security) *Security { s.Server = nil; return s },
		"no client":         func(s *Security) *Security { s.Client = nil; return s },
		"no name":           func(s *Security) *Security { s.Member = ""; return s },
		"name with dot":     func(s *Security) *Security { s.Member = "a.b"; return s },
		"cluster with star": func(s *Security) *Security { s.Cluster = "*"; return s },
		"no certificate asked": func(s *Security) *Security {
			s.Server = s.Server.Clone()
			s.Server.ClientAuth = tls.VerifyClientCertIfGiven
			return s
		},
		"old TLS": func(s *Security) *Security {
			s.Client = s.Client.Clone()
			s.Client.MinVersion = tls.VersionTLS12
			return s
		},
	} {
		s := *good
		if _, err := Open(t.Context(), t.TempDir(), conf.Store{Listen: "127.0.0.1:1", Frame: 1 << 16, Pending: 1, History: 1},
			change(&s), testLog(t)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := good.check(replica); err != nil {
		t.Error(err)
	}
}

// One member keeps the store and another one has none. While the first is away the other keeps what it is given.
func TestTwoMembers(t *testing.T) {
	g := newGroup(t, 1)
	dir := t.TempDir()
	open := func() *Store {
		s, err := Open(t.Context(), dir, g.settings(0, 1), g.ca.issue(t, "tandem1").security("tandem1"), testLog(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeStore(t, s) })
		return s
	}
	one := open()
	two := g.guest(t, "tandem2")
	seen := make(chan Entry, 100)
	two.Bucket(Leases).Watch(func(e Entry) { seen <- e })
	first := put(t, one.Bucket(Leases), "slot.1", "one", Write{Expect: ptr(0)})
	if e := <-seen; e.Revision != first || string(e.Value) != "one" || time.Since(e.At).Abs() > time.Minute {
		t.Errorf("%+v", e)
	}
	if _, err := two.Bucket(Leases).Put(t.Context(), "slot.1", nil, Write{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	second := put(t, two.Bucket(Leases), "slot.1", "two", Write{Expect: &first})
	if e := <-seen; e.Revision != second {
		t.Errorf("%+v", e)
	}
	putFile(t, two.Files(), "a", noise(1, 1000), FileWrite{})
	closeStore(t, one)
	acked := make(chan uint64, 100)
	for _, f := range numbered(0, 100) {
		if err := two.Journal().Append(f, func(pos uint64, _ error) { acked <- pos }); err != nil {
			t.Fatal(err)
		}
	}
	if e, ok := two.Bucket(Leases).Get("slot.1"); !ok || e.Revision != second {
		t.Errorf("%+v", e)
	}
	one = open()
	for range 100 {
		if <-acked == 0 {
			t.Error("a fact was not written")
		}
	}
	if got := subjects(t, one.Journal(), 0); len(got) != 100 || got[99] != "99" {
		t.Errorf("%v", got)
	}
	hasFile(t, one.Files(), "a", noise(1, 1000))
	put(t, one.Bucket(Leases), "slot.1", "one again", Write{Expect: &second})
	if e := <-seen; string(e.Value) != "one again" {
		t.Errorf("%+v", e)
	}
	if n := one.Snapshot(); !n.Quorum || n.Keys[Leases] != 1 || n.Damaged != 0 {
		t.Errorf("%+v", n)
	}
}

// A member that stops while nobody can write, though that is not known yet, ends in good order: what it leaves behind follows
// from the journal. One that is refused, or alone, has an error.
func TestLeavesBehindWhatNobodyKeeps(t *testing.T) {
	g := newGroup(t, 1)
	one, err := Open(t.Context(), t.TempDir(), g.settings(0, 1), g.ca.issue(t, "tandem1").security("tandem1"), testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	two := g.guest(t, "tandem2")
	closeStore(t, one)
	if err := two.Bucket(Registrations).PutLater("k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := two.Close(ctx); err != nil {
		t.Errorf("nobody is there: %v", err)
	}
	failing := func(err error) *later {
		l := newLater(each(func(context.Context, string, laterValue) error { return err }), laterBatch, testLog(t))
		if err := l.put("k", nil); err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, row := range []struct {
		role role
		why  error
		ends bool
	}{{replica, ErrUnavailable, true}, {client, ErrUnavailable, true}, {replica, ErrNoRoom, false}, {alone, ErrUnavailable, false}} {
		s := &Store{role: row.role, log: testLog(t), buckets: map[string]*Bucket{"b": {name: "b", later: failing(row.why)}}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := s.closeLater(ctx); (err == nil) != row.ends || err != nil && !errors.Is(err, row.why) {
			t.Errorf("%v, %v: %v", row.role, row.why, err)
		}
		cancel()
	}
}

// Who has no certificate of the cluster is told nothing, neither as a member nor as a client.
func TestStrangers(t *testing.T) {
	g := newGroup(t, 3)
	sec := g.ca.issue(t, "tandem1").security("tandem1")
	e, err := startEngine(t.TempDir(), g.settings(0, 3), sec, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	stranger := newAuthority(t).issue(t, "tandem2").security("tandem2")
	without := &tls.Config{InsecureSkipVerify: true}
	for name, c := range map[string]*tls.Config{"without": without,
		"of another cluster": {InsecureSkipVerify: true, Certificates: stranger.Client.Certificates}} {
		for _, address := range []string{g.listen(0), g.route(0)} {
			conn, err := tls.Dial("tcp", address, c)
			if err != nil {
				continue
			}
			b := make([]byte, 1)
			if n, err := conn.Read(b); err == nil || n > 0 {
				t.Errorf("%s, %s: was answered %q", address, name, b)
			}
			conn.Close()
		}
		nc, err := nats.Connect("nats://"+g.listen(0), nats.Secure(c), nats.TLSHandshakeFirst())
		if err == nil {
			t.Errorf("%s: connected", name)
			nc.Close()
		}
	}
	conn, err := net.Dial("tcp", g.listen(0))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "CONNECT {}\r\nPING\r\n")
	b := make([]byte, 100)
	if n, _ := conn.Read(b); bytes.Contains(b[:n], []byte("INFO")) {
		t.Errorf("without TLS: was answered %q", b[:n])
	}
	if _, err := dialEngine(conf.Store{Members: []string{g.listen(0)}}, stranger, testLog(t)); err == nil {
		t.Error("a member of another cluster connected")
	}
	if own, err := dialEngine(conf.Store{Members: []string{g.listen(0)}}, sec, testLog(t)); err != nil {
		t.Error(err)
	} else {
		own.close()
	}
}

// A directory is used in the role that it was made in: the engine would throw away what it does not expect.
func TestDirectoryOfAnotherStore(t *testing.T) {
	g := newGroup(t, 3)
	sec := g.ca.issue(t, "tandem1").security("tandem1")
	refused := func(dir string, c conf.Store, sec *Security) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Open(ctx, dir, c, sec, testLog(t)); !errors.Is(err, ErrOtherStore) || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v", err)
		}
	}
	used := t.TempDir()
	closeStore(t, openStore(t, used))
	refused(used, g.settings(0, 3), sec)
	openStore(t, used)

	copied := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, copied, g.settings(0, 3), sec, testLog(t)); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	refused(copied, conf.DefaultStore(), nil)
	refused(copied, g.settings(0, 1), sec)
	other := *sec
	other.Cluster = "another"
	refused(copied, g.settings(0, 3), &other)
}

// One of several copies is not held against what was acknowledged, but with a bad record it is moved aside.
func TestBadCopyIsMovedAside(t *testing.T) {
	g := newGroup(t, 3)
	dir := written(t)
	unclean(t, dir)
	var said bytes.Buffer
	s := &Store{role: replica, dir: filepath.Join(dir, "store"), log: slog.New(slog.NewTextHandler(&said, nil)),
		conf: g.settings(0, 3)}
	s.conf.Members = []string{s.conf.Listen} // and no other
	if err := s.verifyCopy(t.Context(), nil); err != nil || said.Len() > 0 {
		t.Fatalf("a good copy: %v, %s", err, &said)
	}
	last := blockFiles(t, dir, journalStream)[0]
	mutate(t, last, func(b []byte) []byte { return b[:len(b)/2] }) // it may lag behind
	if err := s.verifyCopy(t.Context(), nil); err != nil {
		t.Fatalf("a copy that lags: %v", err)
	}
	for range 2 {
		mutate(t, blockFiles(t, dir, "KV_tandem_settings")[0], func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		said.Reset()
		if err := s.verifyCopy(t.Context(), nil); err != nil || !strings.Contains(said.String(), "level=ERROR") {
			t.Fatalf("%v, %s", err, &said)
		}
		if _, err := os.Stat(filepath.Join(s.dir, "jetstream")); !os.IsNotExist(err) {
			t.Errorf("the bad copy is still there: %v", err)
		}
		aside, err := filepath.Glob(filepath.Join(s.dir, damagedPrefix+"*"))
		if err != nil || len(aside) != 1 {
			t.Fatalf("moved aside: %v, %v", aside, err)
		}
		if err := os.Rename(aside[0], filepath.Join(s.dir, "jetstream")); err != nil {
			t.Fatal(err)
		}
		mutate(t, blockFiles(t, dir, "KV_tandem_settings")[0], func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		if err := os.Mkdir(filepath.Join(s.dir, damagedPrefix+"1"), 0o700); err != nil {
			t.Fatal(err) // as of an earlier time
		}
	}
}
