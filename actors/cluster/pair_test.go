package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster/carrier"
	"tandem/actors/cluster/link"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/conf"
)

// authority is a cluster's CA for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{key: key, pool: x509.NewCertPool()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true,
		BasicConstraintsValid: true, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) security(t testing.TB, name string) Security {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "member"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	pair := []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	return Security{
		Server: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, ClientCAs: a.pool,
			ClientAuth: tls.RequireAndVerifyClientCert},
		Client: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: pair, RootCAs: a.pool,
			InsecureSkipVerify: true, VerifyConnection: a.verify},
	}
}

// verify demands a certificate of the authority, whatever the address is called.
func (a *authority) verify(s tls.ConnectionState) error {
	_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: a.pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
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

// joined is a member with a way to others, whom it does not look for.
func joined(t testing.TB, name string, a *authority, p *probe) *Member {
	t.Helper()
	m := prepared(t, name, p)
	c := conf.DefaultCluster()
	m.loop = newLoop(m, view.Options{Self: &msg.Member{Name: name, Boot: m.boot}, Heartbeat: c.Heartbeat, DeadAfter: c.DeadAfter}, c.Lease)
	close(m.loop.ended) // it never runs
	m.linkLimits = link.Limits{Entries: c.MaxWaiting, Bytes: c.MaxWaitingBytes}
	if err := m.openCarrier(free(t), a.security(t, name)); err != nil {
		t.Fatal(err)
	}
	if err := m.openHost(); err != nil {
		t.Fatal(err)
	}
	m.carrier.Serve()
	t.Cleanup(m.Stop)
	return m
}

// meet lets two members know each other.
func meet(a, b *Member) {
	a.admit(b.name, b.boot, b.system.Address())
	b.admit(a.name, a.boot, a.system.Address())
}

// watcher is an actor that does what a test wants.
type watcher struct{ got chan any }

func (w *watcher) Receive(ctx actor.Context) {
	if f, ok := ctx.Message().(func(actor.Context)); ok {
		f(ctx)
		return
	}
	w.got <- ctx.Message()
}

func pair(t testing.TB) (a, b *Member, pa, pb *probe) {
	t.Helper()
	ca := newAuthority(t)
	pa, pb = &probe{}, &probe{}
	a, b = joined(t, "a", ca, pa), joined(t, "b", ca, pb)
	meet(a, b)
	return a, b, pa, pb
}

// leg makes a leg and gives its address as another process would have it: an address remembers the process it led to.
func leg(t testing.TB, m *Member) *actor.PID {
	t.Helper()
	pid, err := m.Spawn("leg", &msg.LegStart{})
	if err != nil {
		t.Fatal(err)
	}
	return actor.NewPID(pid.Address, pid.Id)
}

func TestMessagesCrossInOrder(t *testing.T) {
	a, b, _, pb := pair(t)
	pid := leg(t, b)
	wait[*msg.LegStart](t, pb)
	to, err := a.Parse(b.Handler(pid))
	if err != nil || !to.Equal(pid) {
		t.Fatalf("the other member reads the handler as %v, %v", to, err)
	}
	const many = 3000
	body := make([]byte, 5<<10)
	for n := range many {
		a.Send(to, &msg.LegInfo{ContentType: strconv.Itoa(n), Body: body})
	}
	for n := range many {
		if got := wait[*msg.LegInfo](t, pb); got.ContentType != strconv.Itoa(n) {
			t.Fatalf("message %d is %s", n, got.ContentType)
		}
	}
	t.Logf("%+v", a.peers.boot(b.boot).counts())
}

func TestTenThousandCrossFiveReconnects(t *testing.T) {
	a, b, _, pb := pair(t)
	pid := leg(t, b)
	wait[*msg.LegStart](t, pb)
	const many, breaks = 10000, 5
	for n := range many {
		a.Send(pid, &msg.LegInfo{ContentType: strconv.Itoa(n)})
	}
	for n := range many {
		if n%(many/breaks) == many/breaks/2 {
			breakConnection(a, b)
		}
		if got := wait[*msg.LegInfo](t, pb); got.ContentType != strconv.Itoa(n) {
			t.Fatalf("message %d is %s", n, got.ContentType)
		}
	}
	if c := a.peers.boot(b.boot).counts(); c.Resent == 0 {
		t.Error("no connection has broken under way")
	}
}

// A tie whose clock rests acknowledges what comes all the same, and its clock rests again.
func TestQuietTieAcknowledges(t *testing.T) {
	a, b, _, pb := pair(t)
	pid := leg(t, b)
	wait[*msg.LegStart](t, pb)
	there, back := a.peers.boot(b.boot), b.peers.boot(a.boot)
	var connected link.Counts // the first connection has all sent again
	for n := range 3 {
		if n == 1 {
			connected = there.counts()
		}
		a.Send(pid, &msg.LegInfo{})
		wait[*msg.LegInfo](t, pb)
		until(t, "it is acknowledged, though nobody answers", func() bool { return there.counts().Waiting == 0 })
		until(t, "nothing is left to do", func() bool { return !there.busy() && !back.busy() })
	}
	if c := there.counts(); c.Resent != connected.Resent {
		t.Errorf("%d were sent twice before they were acknowledged", c.Resent-connected.Resent)
	}
}

func TestWatchesCross(t *testing.T) {
	a, b, _, pb := pair(t)
	pid := leg(t, b)
	second := leg(t, b)
	w := &watcher{got: make(chan any, 100)}
	self := a.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return w }))
	a.Send(self, func(ctx actor.Context) { ctx.Watch(pid); ctx.Watch(second) })
	a.Send(pid, &msg.LegHangup{}) // makes it panic
	terminated := func(who *actor.PID) {
		t.Helper()
		for deadline := time.After(5 * time.Second); ; {
			select {
			case m := <-w.got:
				if v, ok := m.(*actor.Terminated); ok {
					if !v.Who.Equal(who) {
						t.Fatalf("%v terminated, want %v", v.Who, who)
					}
					return
				}
			case <-deadline:
				t.Fatal("the watcher hears nothing")
			}
		}
	}
	terminated(pid)
	a.peers.boot(b.boot).close()
	terminated(second)
	_ = pb
	a.Send(self, func(ctx actor.Context) { ctx.Watch(second) })
	terminated(second) // of a member that is out of reach: at once
}

func TestDeadLettersAnswer(t *testing.T) {
	a, b, _, _ := pair(t)
	nobody := actor.NewPID(b.system.Address(), makeID("leg", b.boot, 77))
	begin := time.Now()
	if _, err := a.request(context.Background(), nobody, &msg.LegInfo{}, 5*time.Second); !errors.Is(err, ErrGone) {
		t.Errorf("an actor that is gone: %v", err)
	}
	t.Logf("told after %v", time.Since(begin))
	p := a.peers.boot(b.boot)
	done := make(chan error, 1)
	silent := leg(t, b)
	go func() {
		_, err := a.request(context.Background(), silent, &msg.LegInfo{}, 5*time.Second)
		done <- err
	}()
	until(t, "somebody waits for an answer", func() bool { return p.asking() > 0 })
	begin = time.Now()
	p.doubt()
	if err := <-done; !errors.Is(err, ErrGone) {
		t.Errorf("a member that may be dead: %v", err)
	}
	t.Logf("told after %v", time.Since(begin))
	if err := a.Offer(silent, &msg.LegInfo{}); !errors.Is(err, ErrGone) {
		t.Errorf("offer to a member that may be dead: %v", err)
	}
	p.end()
	a.peers.remove(p)
	if _, err := a.Parse(b.Handler(silent)); !errors.Is(err, ErrGone) {
		t.Errorf("handler of a dead member: %v", err)
	}
}

func (p *peer) asking() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asks)
}

func TestStrangeMessagesDoNoHarm(t *testing.T) {
	a, b, _, pb := pair(t)
	pid := leg(t, b)
	wait[*msg.LegStart](t, pb)
	p := a.peers.boot(b.boot)
	for _, e := range []*msg.LinkEntry{
		{Target: pid.Id, Type: "tandem.msg.FromTheFuture", Body: []byte("x")},
		{Target: pid.Id, Type: "tandem.msg.LegInfo", Body: []byte{0xff, 0xff}},
		{Target: pid.Id, Type: "tandem.msg.LegInfo", System: true},
		{Target: "", Type: "tandem.msg.LegInfo"},
		{},
	} {
		p.put(pid, &msg.LegInfo{}, e)
	}
	a.carrier.Send(b.system.Address(), carrier.Link, []byte{0xff, 0xff})
	a.carrier.Send(b.system.Address(), 99, nil)
	a.Send(pid, &msg.LegInfo{ContentType: "after"})
	if got := wait[*msg.LegInfo](t, pb); got.ContentType != "after" {
		t.Errorf("got %v", got)
	}
	if n := b.crossed.unknown.Load(); n < 5 {
		t.Errorf("%d messages were counted as not understood", n)
	}
	a.Send(pid, "no message")
	if n := a.crossed.notOurs.Load(); n != 1 {
		t.Errorf("%d messages were counted as none that travel", n)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	ca := newAuthority(t)
	a := joined(t, "a", ca, &probe{})
	b := joined(t, "b", newAuthority(t), &probe{})
	meet(a, b)
	pid := leg(t, a)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if _, err := b.request(ctx, pid, &msg.LegInfo{}, time.Second); err == nil {
		t.Error("a member of another cluster was answered")
	}
	if n := a.crossed.received.Load(); n != 0 {
		t.Errorf("%d messages of a stranger were taken", n)
	}
}

// breakConnection ends the connection from a to b, as a network does that loses it.
func breakConnection(a, b *Member) {
	a.carrier.Forget(b.system.Address())
}
