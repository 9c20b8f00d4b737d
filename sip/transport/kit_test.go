package transport

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"tandem/conf"
	"tandem/signal"
)

const patience = 5 * time.Second

// arrival is one call of the handler.
type arrival struct {
	flow  signal.Flow
	text  string
	cause error // of Broken
}

// sink is a Handler that notes everything.
type sink struct {
	messages, broken, closed chan arrival
}

func newSink() *sink {
	return &sink{make(chan arrival, 10000), make(chan arrival, 1000), make(chan arrival, 1000)}
}

func (s *sink) Message(f signal.Flow, data []byte) { s.messages <- arrival{f, string(data), nil} }
func (s *sink) Broken(f signal.Flow, data []byte, cause error) {
	s.broken <- arrival{f, string(data), cause}
}
func (s *sink) Closed(f signal.Flow) { s.closed <- arrival{flow: f} }

// next waits for an arrival.
func next(t *testing.T, c <-chan arrival) arrival {
	t.Helper()
	select {
	case a := <-c:
		return a
	case <-time.After(patience):
		t.Fatal("nothing arrived")
		return arrival{}
	}
}

// loopback are settings for tests: any free ports on 127.0.0.1.
func loopback() conf.SIP {
	c := conf.DefaultSIP()
	c.Bind = []string{"127.0.0.1"}
	c.UDP, c.TCP, c.TLS = 0, 0, 0
	return c
}

// listen starts transports with the settings.
func listen(t *testing.T, c conf.SIP, client *tls.Config) (*Set, *sink) {
	t.Helper()
	h := newSink()
	s := New(c, "m1", h, client, slog.New(slog.DiscardHandler))
	begin(t, s)
	return s, h
}

// begin starts transports, and ends them with the test.
func begin(t *testing.T, s *Set) {
	t.Helper()
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

func dialTCP(t *testing.T, port int) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// read reads exactly n bytes.
func read(t *testing.T, c net.Conn, n int) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ends waits until the peer closes the connection.
func ends(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, c); os.IsTimeout(err) {
		t.Fatal("connection stays open")
	}
}

// certificate makes a certificate for 127.0.0.1 and returns its files and a client that trusts it.
func certificate(t *testing.T) (cert, key string, client *tls.Config) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	for name, data := range map[string][]byte{cert: certPEM, key: keyPEM} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	return cert, key, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
