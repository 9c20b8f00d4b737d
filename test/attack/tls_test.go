package attack

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestHostileTLS comes to the port for TLS with what is none, with handshakes that end in the middle, and as a carrier with
// papers that are not its own (attack group A11).
func TestHostileTLS(t *testing.T) {
	t.Parallel()
	lab.Long(t)
	cert, key := lab.Papers(t)
	office := newOffice(t)
	carriers := map[string]*secureCarrier{}
	var list []string
	for name, papers := range office.bad() {
		carriers[name] = newSecureCarrier(t, papers)
		list = append(list, carriers[name].trunk(len(list)))
	}
	whole := newSecureCarrier(t, office.issue(func(*x509.Certificate) {}))
	list = append(list, whole.trunk(len(list)))
	set := []string{"sip.cert=" + cert, "sip.key=" + key, "sip.header_timeout=2s", "trunks.list=[" + strings.Join(list, ", ") + "]"}
	w := witnessOn(t, lab.Start(t, lab.Options{Set: set, Env: []string{eager, "SSL_CERT_FILE=" + office.file, "SSL_CERT_DIR=/nowhere"}}))

	t.Run("garbage", func(t *testing.T) { garbage(t, w) })
	t.Run("half handshakes", func(t *testing.T) { halfHandshakes(t, w) })
	t.Run("clients with papers", func(t *testing.T) { clientPapers(t, w, office) })
	t.Run("carriers with wrong papers", func(t *testing.T) {
		lab.Wait(t, patience, "the carrier whose papers are right is asked", func() bool { return whole.heard.Load() > 0 })
		for name, x := range carriers {
			lab.Wait(t, patience, "the carrier with papers "+name+" is tried", func() bool { return x.met.Load() > 0 })
			if x.heard.Load() > 0 {
				t.Errorf("the carrier with papers %s hears %d bytes", name, x.heard.Load())
			}
		}
	})
	w.unharmed(t)
	w.over(t)
}

func secureAddr(w *witness) string { return fmt.Sprintf("%s:%d", w.Bind, w.TLS) }

// from dials the port for TLS from an address of loopback.
func from(t *testing.T, w *witness, address string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	c, err := d.Dial("tcp4", secureAddr(w))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// served demands that an honest client of TLS is answered soon.
func served(t *testing.T, w *witness) {
	t.Helper()
	began := time.Now()
	c := tls.Client(from(t, w, "127.0.0.1"), &tls.Config{InsecureSkipVerify: true})
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(began.Add(10 * time.Second))
	r := &stranger{t: t, m: w.Member}
	text := strings.Join([]string{"OPTIONS sip:fence@" + lab.Domain + " SIP/2.0", "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK" + rand.Text(), "Max-Forwards: 70",
		"From: <sip:a@" + lab.Domain + ">;tag=1", "To: <sip:fence@" + lab.Domain + ">", "Call-ID: " + rand.Text(), "CSeq: 1 OPTIONS", "Content-Length: 0", "", ""}, "\r\n")
	if _, err := c.Write([]byte(text)); err != nil {
		r.t.Fatalf("an honest client after %v: %v", time.Since(began), err)
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(c, answer); err != nil || !strings.HasPrefix(string(answer), "SIP/2.0 200") {
		t.Fatalf("an honest client hears %q, %v after %v", answer, err, time.Since(began))
	}
}

// hello is the first message of a handshake, as Go's client writes it.
func hello(t *testing.T, name string) []byte {
	t.Helper()
	ours, theirs := net.Pipe()
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	go func() { _ = tls.Client(ours, &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake() }()
	buffer := make([]byte, 16384)
	n, err := theirs.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return buffer[:n]
}

// garbage is sent in place of a handshake: each connection is closed, and what is said before is an alert at most.
func garbage(t *testing.T, w *witness) {
	sound := hello(t, "tandem.local")
	record := func(kind byte, length int, body []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{kind, 3, 3}, uint16(length)), body...)
	}
	spoilt := func(at int, b byte) []byte {
		out := append([]byte{}, sound...)
		out[at] = b
		return out
	}
	noise := make([]byte, 20000)
	_, _ = rand.Read(noise)
	for what, octets := range map[string][]byte{
		"noise":                       noise,
		"SIP in the clear":            []byte("OPTIONS sip:a@b SIP/2.0\r\n\r\n"),
		"SSL 2":                       {0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16},
		"a record of 64 kB":           record(22, 65535, make([]byte, 65535)),
		"empty records":               []byte(strings.Repeat(string(record(22, 0, nil)), 2000)),
		"warnings without end":        []byte(strings.Repeat(string(record(21, 2, []byte{1, 0})), 2000)),
		"data before all else":        record(23, 100, make([]byte, 100)),
		"a hello of 16 MB":            record(22, 4, []byte{1, 0xff, 0xff, 0xff}),
		"a hello that lies":           record(22, 200, append([]byte{1, 0, 0, 196, 3, 3}, make([]byte, 194)...)),
		"a session of 255 octets":     spoilt(43, 255),
		"a version of nothing":        spoilt(9, 9),
		"half a hello":                sound[:len(sound)/2],
		"a hello, a finished":         append(append([]byte{}, sound...), record(22, 16, append([]byte{20, 0, 0, 12}, make([]byte, 12)...))...),
		"a hello in records of one":   shredded(sound),
		"a hello twice":               append(append([]byte{}, sound...), sound...),
		"a name with NUL":             bytes.Replace(sound, []byte("tandem.local"), []byte("tandem\x00local"), 1),
		"a hello, then SIP":           append(append([]byte{}, sound...), "INVITE sip:9196@tandem.local SIP/2.0\r\n\r\n"...),
		"nothing but the end of it":   {},
		"a heartbeat that asks back":  append(append([]byte{}, sound...), record(24, 3, []byte{1, 0xff, 0xff})...),
		"a change of cipher at first": record(20, 1, []byte{1}),
	} {
		c := from(t, w, "127.0.0.2")
		_, _ = c.Write(octets)
		_ = c.(*net.TCPConn).CloseWrite()
		said, closed := readAll(c, 10*time.Second)
		if !closed || strings.Contains(said, "SIP/2.0") {
			t.Errorf("%s: closed %v, said %.60q", what, closed, said)
		}
		_ = c.Close()
	}
	served(t, w)
}

// shredded puts each octet of a record in one of its own.
func shredded(record []byte) (out []byte) {
	for _, b := range record[5:] {
		out = append(out, 22, 3, 1, 0, 1, b)
	}
	return out
}

// halfHandshakes leaves five thousand handshakes in the middle: some are broken off, the others are kept until the member
// has enough of them. Whoever comes meanwhile is served, and of none there is anything left.
func halfHandshakes(t *testing.T, w *witness) {
	const waves, each = 10, 500
	first := hello(t, "tandem.local")
	for wave := range waves {
		var open sync.WaitGroup
		var left atomic.Int64
		for i := range each {
			c := from(t, w, fmt.Sprint("127.0.2.", 1+wave))
			if _, err := c.Write(first); err != nil {
				t.Fatal(err)
			}
			if i%4 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // broken off
				_ = c.Close()
				continue
			}
			open.Go(func() {
				defer func() { _ = c.Close() }()
				_ = c.SetReadDeadline(time.Now().Add(patience))
				if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
					left.Add(1)
				}
			})
		}
		served(t, w)
		open.Wait()
		if n := left.Load(); n > 0 {
			t.Errorf("%d handshakes that nobody goes on with are kept open", n)
		}
	}
}

// clientPapers shows papers that nobody asks for: they make nobody trusted.
func clientPapers(t *testing.T, w *witness, o *office) {
	for name, papers := range o.bad() {
		asked := false
		c := tls.Client(from(t, w, "127.0.0.3"), &tls.Config{InsecureSkipVerify: true, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			asked = true
			return &papers, nil
		}})
		_ = c.SetDeadline(time.Now().Add(patience))
		text := strings.Join([]string{"INVITE sip:1001@" + lab.Domain + " SIP/2.0", "Via: SIP/2.0/TLS 127.0.0.3:9;branch=z9hG4bK" + rand.Text(), "Max-Forwards: 70",
			"From: <sip:1000@" + lab.Domain + ">;tag=1", "To: <sip:1001@" + lab.Domain + ">", "Call-ID: " + rand.Text(), "CSeq: 1 INVITE",
			"Contact: <sip:1000@127.0.0.3:9;transport=tls>", "Content-Length: 0", "", ""}, "\r\n")
		_, err := c.Write([]byte(text))
		answer := make([]byte, 2000)
		n, _ := c.Read(answer)
		if got := code(string(answer[:n])); err != nil || asked && got != 0 || !asked && got != 407 {
			t.Errorf("papers %s: asked for %v, answered %d, %v", name, asked, got, err)
		}
		_ = c.Close()
	}
}

// office issues papers that the member believes, and such that it must not.
type office struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, file: filepath.Join(t.TempDir(), "roots.pem")}
	made, key := o.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "office"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}, nil, nil)
	o.key = key
	var err error
	if o.cert, err = x509.ParseCertificate(made); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// sign makes a certificate; without a parent one that signs itself.
func (o *office) sign(c, parent *x509.Certificate, by *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
	o.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		o.t.Fatal(err)
	}
	if parent == nil {
		parent, by = c, key
	}
	c.SerialNumber, _ = rand.Int(rand.Reader, big.NewInt(1<<60))
	made, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		o.t.Fatal(err)
	}
	return made, key
}

// issue makes papers for a carrier's address, of which a test spoils something.
func (o *office) issue(spoil func(*x509.Certificate)) tls.Certificate {
	o.t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: carrierHost}, IPAddresses: []net.IP{net.ParseIP(carrierHost)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	spoil(c)
	made, key := o.sign(c, o.cert, o.key)
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}
}

// carrierHost is the address of all carriers.
const carrierHost = "127.0.69.110"

// bad are papers that prove nothing.
func (o *office) bad() map[string]tls.Certificate {
	o.t.Helper()
	all := map[string]tls.Certificate{
		"that are over":           o.issue(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		"of the future":           o.issue(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(30 * time.Minute) }),
		"of another address":      o.issue(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 69, 111)} }),
		"with a name alone":       o.issue(func(c *x509.Certificate) { c.IPAddresses = nil }),
		"with the address in DNS": o.issue(func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{carrierHost} }),
		"with NUL in the name": o.issue(func(c *x509.Certificate) {
			c.Subject.CommonName, c.IPAddresses, c.DNSNames = carrierHost+"\x00.evil.example", nil, []string{carrierHost + "\x00.evil.example"}
		}),
		"for clients": o.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }),
	}
	plain := func() *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: carrierHost}, IPAddresses: []net.IP{net.ParseIP(carrierHost)},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	}
	made, key := o.sign(plain(), nil, nil)
	all["signed by itself"] = tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}
	leaf := o.issue(func(*x509.Certificate) {})
	parent, err := x509.ParseCertificate(leaf.Certificate[0])
	if err != nil {
		o.t.Fatal(err)
	}
	made, key = o.sign(plain(), parent, leaf.PrivateKey.(*ecdsa.PrivateKey))
	all["signed by one who may not sign"] = tls.Certificate{Certificate: [][]byte{made, leaf.Certificate[0]}, PrivateKey: key}
	return all
}

// secureCarrier is a carrier over TLS.
type secureCarrier struct {
	at         string
	met, heard atomic.Int64 // connections; octets after their handshakes
}

func newSecureCarrier(t *testing.T, papers tls.Certificate) *secureCarrier {
	t.Helper()
	l, err := net.Listen("tcp4", carrierHost+":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	x := &secureCarrier{at: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go x.serve(tls.Server(c, &tls.Config{Certificates: []tls.Certificate{papers}}))
		}
	}()
	return x
}

func (x *secureCarrier) serve(c *tls.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	_ = c.Handshake()
	x.met.Add(1)
	buffer := make([]byte, 65535)
	n, _ := c.Read(buffer)
	x.heard.Add(int64(n))
}

// trunk is the carrier's entry in the settings.
func (x *secureCarrier) trunk(n int) string {
	return fmt.Sprintf("{name: tls%d, targets: [%q], probe: 1s}", n, x.at+";transport=tls")
}
