package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"tandem/conf"
)

// outsideServer runs a server of its own, as an operator would. It can go and come back on the same
// port and directory.
type outsideServer struct {
	*server.Server
	opts *server.Options
}

func (o *outsideServer) start(t *testing.T) {
	t.Helper()
	srv, err := server.NewServer(o.opts)
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	o.Server = srv
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	o.opts.Port = srv.Addr().(*net.TCPAddr).Port
}

func (o *outsideServer) stop() {
	o.Shutdown()
	o.WaitForShutdown()
}

func outside(t *testing.T) *outsideServer {
	t.Helper()
	o := &outsideServer{opts: &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true,
		NoLog: true, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, MaxPayload: enginePayload,
		JetStreamMaxStore: 8 << 30}}
	o.start(t)
	t.Cleanup(func() { o.stop() })
	return o
}

// share lets a store use the server.
func (o *outsideServer) share(c *conf.Store) {
	c.URL = o.ClientURL()
	c.MaxBytes = 64 << 20
}

// Two members on one server see each other's changes.
func TestTwoMembersOnOneServer(t *testing.T) {
	o := outside(t)
	one, two := openStore(t, "", o.share), openStore(t, "", o.share)
	seen := make(chan Entry, 1)
	two.Bucket(Settings).Watch(func(e Entry) { seen <- e })
	rev := put(t, one.Bucket(Settings), "k", "from one", Write{})
	if e := <-seen; e.Revision != rev || string(e.Value) != "from one" {
		t.Errorf("%+v", e)
	}
	if e, ok := two.Bucket(Settings).Get("k"); !ok || e.Revision != rev {
		t.Errorf("%+v %v", e, ok)
	}
	if _, err := two.Bucket(Settings).Put(t.Context(), "k", nil, Write{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	appendAll(t, one.Journal(), numbered(0, 3)...)
	appendAll(t, two.Journal(), numbered(3, 3)...)
	if got := subjects(t, one.Journal(), 0); !slices.Equal(got, []string{"0", "1", "2", "3", "4", "5"}) {
		t.Error(got)
	}
}

// The token of the settings is shown to a server that asks for one.
func TestTokenOfServerOutside(t *testing.T) {
	o := &outsideServer{opts: &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), MaxPayload: enginePayload, JetStreamMaxStore: 8 << 30,
		Authorization: "secret"}}
	o.start(t)
	defer o.stop()
	openStore(t, "", o.share, func(c *conf.Store) { c.Token = "secret" })
	c := conf.DefaultStore()
	o.share(&c)
	if _, err := Open(t.Context(), "", c, nil, testLog(t)); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without it: %v", err)
	}
}

// While the server is away facts wait in memory, settings are read from the copy and refused for
// writing; when it is back all go on by themselves, and watchers have missed nothing.
func TestServerGoesAndComesBack(t *testing.T) {
	o := outside(t)
	one, two := openStore(t, "", o.share), openStore(t, "", o.share)
	seen := make(chan Entry, 100)
	two.Bucket(Settings).Watch(func(e Entry) { seen <- e })
	put(t, one.Bucket(Settings), "k", "before", Write{})
	if e := <-seen; string(e.Value) != "before" {
		t.Fatalf("%+v", e)
	}
	o.stop()
	acked := make(chan uint64, 10)
	for _, f := range numbered(0, 10) {
		if err := one.Journal().Append(f, func(pos uint64, _ error) { acked <- pos }); err != nil {
			t.Fatal(err)
		}
	}
	if e, ok := one.Bucket(Settings).Get("k"); !ok || string(e.Value) != "before" {
		t.Errorf("%+v %v", e, ok)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := one.Bucket(Settings).Put(ctx, "k", nil, Write{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if err := one.Ready(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Ready: %v", err)
	}
	writable := make(chan bool, 10)
	one.WatchQuorum(func(ok bool) { writable <- ok })
	for <-writable { // until the loss is known
	}
	if one.Quorum() {
		t.Error("writable without a server")
	}
	o.start(t)
	for i := range 10 {
		if pos := <-acked; pos == 0 || int(pos&0xffff) != i {
			t.Errorf("fact %d at %d", i, pos)
		}
	}
	for i := range 10 {
		put(t, one.Bucket(Settings), "k", fmt.Sprint(i), Write{})
	}
	for i := range 10 {
		if e := <-seen; string(e.Value) != fmt.Sprint(i) {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if !<-writable || !one.Quorum() {
		t.Error("not writable again")
	}
	if err := one.Ready(); err != nil {
		t.Errorf("Ready: %v", err)
	}
}
