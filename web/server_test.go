package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestABusyPortIsNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	o := settings()
	o.HTTP.Port = portOf(l)
	err = newServer(t, newHouse(), o).Start()
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(portOf(l))) ||
		!strings.Contains(err.Error(), "http.port") {
		t.Errorf("%v", err)
	}
}

func TestNoPortNoListener(t *testing.T) {
	o := settings()
	o.HTTP.Port = -1
	s := listening(t, newHouse(), o)
	if len(s.Ports()) != 0 {
		t.Errorf("%v", s.Ports())
	}
}

func TestSeveralAddressesShareThePort(t *testing.T) {
	o := settings()
	o.HTTP.Bind = []string{"127.0.0.1", "127.0.0.2"}
	s := listening(t, newHouse(), o)
	for _, host := range o.HTTP.Bind {
		res, err := http.Get("http://" + net.JoinHostPort(host, portText(s)) + "/healthz")
		if err != nil || drain(res.Body) != "ok\n" {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestTLSNeedsItsFiles(t *testing.T) {
	o := settings()
	o.HTTP.Cert = "missing.pem"
	if err := newServer(t, newHouse(), o).Start(); err == nil ||
		!strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("%v", err)
	}
}

func TestSIPOverSecureWebSocket(t *testing.T) {
	o := settings()
	var pool *x509.CertPool
	o.HTTP.Cert, o.HTTP.Key, pool = selfSigned(t)
	o.HTTP.TLSPort = 0
	h := newHouse()
	secure := make(chan bool, 1)
	h.serve = func(s *Socket) { secure <- s.Secure(); echo(s) }
	s := listening(t, h, o)
	d := websocket.Dialer{Subprotocols: []string{"sip"},
		TLSClientConfig: &tls.Config{RootCAs: pool}, HandshakeTimeout: patience}
	c, _, err := d.Dial("wss://127.0.0.1:"+strconv.Itoa(s.Ports()["https"])+"/sip", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if !<-secure {
		t.Error("the socket does not know that it is under TLS")
	}
}

func TestStopSaysGoodbyeToWebSockets(t *testing.T) {
	h := newHouse()
	h.serve = echo
	s := newServer(t, h, settings())
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	c := mustDial(t, s)
	if err := c.WriteMessage(websocket.TextMessage, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ReadMessage(); err != nil { // the server has it in its books
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("%v", err)
	}
	if _, _, err := dial(s, nil, "sip"); err == nil {
		t.Error("still listening")
	}
	if err := s.sockets.reserve(netip.MustParseAddr("127.0.0.1"), sipProtocol, s.live.Load().sip); err == nil {
		t.Error("still lets WebSockets in")
	}
}

func TestASlowHeaderIsCutOff(t *testing.T) {
	o := settings()
	o.HTTP.Timeout = 50 * time.Millisecond
	s := listening(t, newHouse(), o)
	c, err := net.Dial("tcp", "127.0.0.1:"+portText(s))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: local"))
	_ = c.SetReadDeadline(time.Now().Add(patience))
	if answer := drain(c); strings.Contains(answer, "200") {
		t.Errorf("%q", answer)
	}
}

func TestAReloadActsOnTheNextRequest(t *testing.T) {
	o := settings()
	s := newServer(t, newHouse(), o)
	stranger := func(r *http.Request) { r.Host = "new.example" }
	if w := ask(s, "GET", "/healthz", "", stranger); w.Code != 421 {
		t.Fatalf("%d", w.Code)
	}
	o.HTTP.Hosts, o.HTTP.MaxBody = []string{"new.example"}, 10
	s.Apply(o.HTTP, o.SIP, o.XIMSS, o.Adapter)
	if w := ask(s, "GET", "/healthz", "", stranger); w.Code != 200 {
		t.Errorf("host: %d", w.Code)
	}
	if w := ask(s, "POST", "/api/v1/accounts", `{"aor":"1001@tandem.local"}`); w.Code != 413 {
		t.Errorf("body: %d", w.Code)
	}
}

func TestPlainConnectionsAreLimited(t *testing.T) {
	s := listening(t, newHouse(), settings())
	s.plain.Store(maxPlain)
	c, err := net.Dial("tcp", "127.0.0.1:"+portText(s))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write([]byte("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"))
	if answer := drain(c); answer != "" {
		t.Errorf("one too many is served: %q", answer)
	}
	s.plain.Store(0)
	if res, err := http.Get("http://127.0.0.1:" + portText(s) + "/healthz"); err != nil {
		t.Error(err)
	} else if drain(res.Body) != "ok\n" {
		t.Error("not served")
	}
}

// selfSigned writes a certificate for 127.0.0.1 and its key.
func selfSigned(t *testing.T) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
	if os.WriteFile(cert, certPEM, 0o600) != nil || os.WriteFile(key, keyPEM, 0o600) != nil {
		t.Fatal("cannot write the certificate")
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return cert, key, pool
}
