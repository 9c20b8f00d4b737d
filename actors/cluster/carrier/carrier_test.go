package carrier

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"fmt"
	"io"
	"math/big"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// cluster is a CA of a test's own.
type cluster struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func found(t testing.TB) *cluster {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true,
		BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}, key}
	der, err := x509.CreateCertificate(rand.Reader, c.cert, c.cert, &key.PublicKey, key)
	if err == nil {
		c.cert, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// member is the configuration of a member of that name; without one its certificate names nobody.
func (c *cluster) member(t testing.TB, name ...string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: name,
		NotAfter: time.Now().Add(time.Hour)}, c.cert, &key.PublicKey, c.key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return &tls.Config{MinVersion: tls.VersionTLS13, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			return err
		}}
}

// end is a carrier whose test hears what it is told.
type end struct {
	*Carrier
	address   string
	got       chan string // "name kind body"
	up, down  chan string
	strangers chan error
	foreign   chan string
	stall     sync.Mutex // held: nothing is taken
}

func open(t testing.TB, c *cluster, name string, address ...string) *end {
	t.Helper()
	e := &end{address: free(t), got: make(chan string, 100000), up: make(chan string, 100), down: make(chan string, 1000),
		strangers: make(chan error, 1000), foreign: make(chan string, 1000)}
	if len(address) > 0 {
		e.address = address[0]
	}
	own := c.member(t, name)
	var err error
	e.Carrier, err = Listen(Options{Address: e.address, Server: own, Client: own,
		Take: func(from Peer, k Kind, body []byte) {
			e.stall.Lock()
			defer e.stall.Unlock()
			e.got <- fmt.Sprintf("%s %d %s", from.Name, k, body)
		},
		Up: func(a string) { e.up <- a }, Down: func(a string) { e.down <- a },
		Stranger: func(_ net.Addr, err error) { e.strangers <- err },
		Foreign:  func(a string, _ error) { e.foreign <- a }})
	if err != nil {
		t.Fatal(err)
	}
	e.Serve()
	t.Cleanup(e.Close)
	return e
}

func free(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func next[T any](t testing.TB, from chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing comes")
	}
	return v
}

func TestFramesKeepTheirOrder(t *testing.T) {
	c := found(t)
	a, b := open(t, c, "a"), open(t, c, "b")
	const many = 5000
	a.Send(b.address, Beat, nil) // opens the connection, and waits for it
	if up := next(t, a.up); up != b.address {
		t.Errorf("up is %s", up)
	}
	for n := range many {
		if n%2 == 0 {
			a.Send(b.address, Link, fmt.Append(nil, n))
		} else {
			a.Write(b.address, Link, fmt.Append(nil, n))
		}
	}
	if got := next(t, b.got); got != "a 2 " {
		t.Errorf("first came %q", got)
	}
	for n := range many {
		if got := next(t, b.got); got != fmt.Sprintf("a 1 %d", n) {
			t.Fatalf("frame %d is %q", n, got)
		}
	}
	large := bytes.Repeat([]byte("x"), 3<<20)
	a.Write(b.address, Link, large)
	if got := next(t, b.got); len(got) != len(large)+len("a 1 ") {
		t.Errorf("a large frame came with %d bytes", len(got))
	}
	b.Send(a.address, Leave, []byte("bye"))
	if got := next(t, a.got); got != "b 3 bye" {
		t.Errorf("the other way came %q", got)
	}
}

// A connection that ends is told, and the next frame opens another one.
func TestConnectionsComeAgain(t *testing.T) {
	c := found(t)
	a, b := open(t, c, "a"), open(t, c, "b")
	a.Send(b.address, Link, []byte("1"))
	next(t, b.got)
	b.Close()
	if down := next(t, a.down); down != b.address {
		t.Errorf("down is %s", down)
	}
	for refused := false; !refused; {
		a.Send(b.address, Link, []byte("lost"))
		select {
		case <-a.down:
			refused = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	b = open(t, c, "b", b.address)
	for got := ""; got != "a 1 2"; {
		a.Send(b.address, Link, []byte("2"))
		select {
		case got = <-b.got:
		case <-time.After(10 * time.Millisecond):
		}
	}
	a.Forget(b.address)
	a.Send(b.address, Link, []byte("3"))
	for got := ""; got != "a 1 3"; {
		got = next(t, b.got)
	}
}

// Who writes to a peer that does not read is let go when the peer is forgotten; who sends never waits.
func TestPeerThatDoesNotRead(t *testing.T) {
	c := found(t)
	a, b := open(t, c, "a"), open(t, c, "b")
	a.Write(b.address, Beat, nil)
	next(t, b.got)
	b.stall.Lock()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for range 64 {
			a.Write(b.address, Link, make([]byte, 1<<20))
		}
	}()
	w := a.way(b.address)
	for fill := 0; fill < maxUnsent-2<<20; {
		a.Send(b.address, Link, make([]byte, 1<<20))
		w.mu.Lock()
		fill = len(w.unsent)
		w.mu.Unlock()
	}
	for range 100 {
		a.Send(b.address, Link, make([]byte, 1<<20))
	}
	w.mu.Lock()
	if len(w.unsent) > maxUnsent {
		t.Errorf("%d bytes wait", len(w.unsent))
	}
	w.mu.Unlock()
	a.Forget(b.address)
	next(t, written)
	b.stall.Unlock()
}

func TestStrangers(t *testing.T) {
	c := found(t)
	b := open(t, c, "b")
	hello := appendFrame(nil, Hello, []byte("127.0.0.1:1"))
	visit := func(own *tls.Config, what ...[]byte) {
		t.Helper()
		conn, err := tls.Dial("tcp", b.address, own)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		for _, w := range what {
			_, _ = conn.Write(w)
		}
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err == nil || err == io.EOF {
			return
		}
	}
	foreign := found(t).member(t, "x")
	foreign.VerifyConnection = nil
	visit(foreign, hello)                                                                // another cluster
	visit(c.member(t), hello)                                                            // names nobody
	visit(c.member(t, "x"), appendFrame(nil, Link, []byte("first")))                     // does not say who it is
	visit(c.member(t, "x"), appendFrame(nil, Hello, bytes.Repeat([]byte("a"), 1000)))    // is called too much
	visit(c.member(t, "x"), hello, binary.BigEndian.AppendUint64(nil, 0xffffffff00<<24)) // lies
	plain, err := net.Dial("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(plain, "GET / HTTP/1.1\r\n\r\n")
	defer func() { _ = plain.Close() }()
	for range 6 {
		if next(t, b.strangers) == nil {
			t.Error("a stranger without a fault")
		}
	}
	if n := len(b.got); n != 0 {
		t.Errorf("%d frames of strangers were taken", n)
	}
}

// TestForeignAddress sends to an address where a member of another cluster listens, and to one where nobody does.
func TestForeignAddress(t *testing.T) {
	a, b := open(t, found(t), "a"), open(t, found(t), "b")
	nobody := free(t)
	a.Send(nobody, Link, []byte("hello"))
	if got := next(t, a.down); got != nobody {
		t.Errorf("%s is down", got)
	}
	a.Send(b.address, Link, []byte("hello"))
	if got := next(t, a.foreign); got != b.address {
		t.Errorf("%s is foreign", got)
	}
	if next(t, b.strangers) == nil || len(b.got) > 0 || len(a.foreign) > 0 {
		t.Error("the other cluster has let it in, or nobody is somebody foreign")
	}
}

// Connections that show nothing take no more places than there are, and members come in when they go.
func TestSilentConnections(t *testing.T) {
	c := found(t)
	a, b := open(t, c, "a"), open(t, c, "b")
	var silent []net.Conn
	for range 2 * maxGreets {
		conn, err := net.Dial("tcp", b.address)
		if err != nil {
			t.Fatal(err)
		}
		silent = append(silent, conn)
	}
	for _, conn := range silent {
		_ = conn.Close()
	}
	for got := ""; got == ""; {
		a.Send(b.address, Link, []byte("x"))
		select {
		case got = <-b.got:
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	c := found(t)
	before := runtime.NumGoroutine()
	a, b := open(t, c, "a"), open(t, c, "b")
	a.Send(b.address, Link, []byte("x"))
	b.Send(a.address, Link, []byte("y"))
	next(t, a.got)
	next(t, b.got)
	a.Close()
	b.Close()
	a.Send(b.address, Link, []byte("z"))
	a.Write(b.address, Link, []byte("z"))
	late := time.After(20 * time.Second)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(appendFrame(appendFrame(nil, Hello, []byte("127.0.0.1:7010")), Link, []byte("x")))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReader(bytes.NewReader(data))
		var again, buffer []byte
		for {
			kind, body, err := readFrame(in, buffer, MaxFrame)
			if err != nil {
				break
			}
			again = appendFrame(again, kind, body)
			buffer = body
		}
		if !bytes.HasPrefix(data, again) {
			t.Errorf("%x was read as %x", data, again)
		}
	})
}
