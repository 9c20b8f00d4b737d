package attack

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// doors are the ports at which members hear each other: actors' messages, and two of the store.
var doors = []string{"7010", "7011", "7012"}

const (
	// moment is how long a door may take to shut, or a member to open it.
	moment = 10 * time.Second
	// idlers hold connections open at each door and say nothing.
	idlers = 200
	// giant is what a message claims to be long, the most that HTTP/2 can say (RFC 9113 section 4.1).
	giant = 1<<24 - 1
)

// square is a cluster under attack, with a call on one member that goes on all the while.
type square struct {
	all  []*lab.Member
	call *lab.Call
}

func newSquare(t *testing.T) *square {
	t.Helper()
	lab.Long(t)
	s := &square{all: lab.StartCluster(t, lab.ClusterOptions{Members: 4, Late: []string{"tandem4"},
		SetOf: map[string][]string{"tandem4": {"member.name=tandem1"}}})}
	for _, m := range s.all[:3] {
		for _, o := range s.all[:3] {
			if o != m {
				lab.Wait(t, patience, m.Name+" sees "+o.Name, func() bool { return s.said(m, "member up", o.Name) > 0 })
			}
		}
	}
	s.call = s.all[0].Phone(t, "1000").Call("9197")
	if s.call.Status != 200 {
		t.Fatalf("the call got %d", s.call.Status)
	}
	s.call.AwaitTones(t, time.Second, toneHz)
	return s
}

// said counts what a member has said of another one.
func (s *square) said(m *lab.Member, msg, name string) (n int) {
	for l := range strings.Lines(m.Story()) {
		if strings.Contains(l, `msg="`+msg+`"`) && strings.Contains(l, " name="+name+" ") {
			n++
		}
	}
	return n
}

// stands demands that no member has been lost and the call has lost nothing.
func (s *square) stands(t *testing.T, after string) {
	t.Helper()
	s.call.AwaitTones(t, time.Second, toneHz)
	if lost := s.call.Traffic().Missing; lost > 0 {
		t.Errorf("after %s the call has lost %d packets", after, lost)
	}
	for _, m := range s.all[:3] {
		for _, o := range s.all[:3] {
			if n := s.said(m, "member dead", o.Name) + s.said(m, "member lost", o.Name); n > 0 {
				t.Errorf("after %s %s has lost %s", after, m.Name, o.Name)
			}
		}
		if strings.Contains(m.Story(), "panic") {
			t.Errorf("after %s %s has panicked", after, m.Name)
		}
	}
}

// TestClusterDoors comes to the doors between members: in plain text, with the wrong papers, with the right ones and
// a giant message, in great number; and as a member that is one already.
func TestClusterDoors(t *testing.T) {
	s := newSquare(t)
	target := s.all[1]
	t.Run("plain text", func(t *testing.T) {
		for _, port := range doors {
			plainText(t, net.JoinHostPort(target.Bind, port))
		}
		s.stands(t, "plain text")
	})
	t.Run("wrong papers", func(t *testing.T) {
		for _, port := range doors {
			wrongPapers(t, net.JoinHostPort(target.Bind, port), target.Name)
		}
		s.stands(t, "wrong papers")
	})
	t.Run("giant", func(t *testing.T) { giantMessage(t, s, target) })
	t.Run("idlers", func(t *testing.T) { manyIdlers(t, s, target) })
	t.Run("fake join", func(t *testing.T) { fakeJoin(t, s) })
	t.Run("twin", func(t *testing.T) { twin(t, s) })
	s.call.Hangup()
}

// plainText says what members would say, without TLS, and rubbish. NATS greets before it asks for TLS; nothing else
// may be told.
func plainText(t *testing.T, address string) {
	t.Helper()
	rubbish := make([]byte, 64<<10)
	_, _ = rand.Read(rubbish)
	for name, text := range map[string][]byte{
		"HTTP/2": []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
		"NATS":   []byte("CONNECT {\"verbose\":true}\r\nSUB > 1\r\nPING\r\n"),
		"noise":  rubbish,
	} {
		conn, err := net.DialTimeout("tcp", address, moment)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(moment))
		_, _ = conn.Write(text)
		answer, err := io.ReadAll(conn)
		_ = conn.Close()
		if bytes.Contains(answer, []byte("PONG")) || bytes.Contains(answer, []byte("+OK")) || bytes.Contains(answer, []byte("MSG ")) {
			t.Errorf("%s: %s was answered by %q", address, name, answer)
		}
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Errorf("%s: the door stays open for %s", address, name)
		}
	}
}

// wrongPapers shakes hands with papers of the attacker's own making.
func wrongPapers(t *testing.T, address, name string) {
	t.Helper()
	for what, c := range map[string]*tls.Config{
		"none":           {InsecureSkipVerify: true},
		"forged":         {InsecureSkipVerify: true, Certificates: []tls.Certificate{forge(t, name)}},
		"an old version": {InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, Certificates: []tls.Certificate{forge(t, name)}},
	} {
		c.NextProtos = []string{"h2"}
		conn, err := net.DialTimeout("tcp", address, moment)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(moment))
		secure := tls.Client(conn, c)
		err = secure.Handshake()
		if err == nil { // the other side's verdict comes with the first byte of TLS 1.3
			_, err = secure.Read(make([]byte, 1))
		}
		if err == nil {
			t.Errorf("%s: %s papers were good enough", address, what)
		}
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Errorf("%s: the door stays open for %s papers", address, what)
		}
		_ = conn.Close()
	}
}

// forge makes papers with a member's name.
func forge(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	made, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}
}

// giantMessage has the papers of a member, stolen, and claims a message of 16 MiB, and sends it.
func giantMessage(t *testing.T, s *square, target *lab.Member) {
	papers := filepath.Join(s.all[2].Data, "cluster", "member.pem")
	own, err := tls.LoadX509KeyPair(papers, papers)
	if err != nil {
		t.Fatal(err)
	}
	before := target.Metric("process_resident_memory_bytes")
	for range 10 {
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: moment}, "tcp", net.JoinHostPort(target.Bind, doors[0]),
			&tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{own}})
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(moment))
		text := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
		head := binary.BigEndian.AppendUint32(nil, giant<<8) // length and type DATA
		text = append(append(text, head...), 0, 0, 0, 0, 1)  // no flags, stream 1
		_, err = conn.Write(append(text, make([]byte, giant)...))
		if err == nil {
			_, err = io.Copy(io.Discard, conn)
		}
		if e, ok := err.(net.Error); ok && e.Timeout() {
			t.Error("the door stays open for a giant message")
		}
		_ = conn.Close()
	}
	if more := target.Metric("process_resident_memory_bytes") - before; more > 5*giant {
		t.Errorf("ten giant messages have cost %.0f bytes of memory", more)
	}
	s.stands(t, "giant messages")
}

// manyIdlers opens connections and says nothing; members that come must still be heard.
func manyIdlers(t *testing.T, s *square, target *lab.Member) {
	var held []net.Conn
	defer func() {
		for _, c := range held {
			_ = c.Close()
		}
	}()
	for _, port := range doors {
		for range idlers {
			c, err := net.DialTimeout("tcp", net.JoinHostPort(target.Bind, port), moment)
			if err != nil {
				break // it takes no more: as good
			}
			held = append(held, c)
		}
	}
	s.stands(t, "idle connections")
	if s := target.Phone(t, "1003").TryRegister(60); s != 200 {
		t.Errorf("a registration under idle connections got %d", s)
	}
}

// fakeJoin asks to become a member: with rubbish, with too much, with a ticket that nobody has printed, often.
func fakeJoin(t *testing.T, s *square) {
	rubbish := make([]byte, 1<<10)
	_, _ = rand.Read(rubbish)
	post := func(body []byte) int {
		answer, err := http.Post(s.all[0].URL()+"/cluster/join", "application/octet-stream", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	codes := map[int]int{}
	for range 50 {
		codes[post(rubbish)]++
	}
	codes[post(nil)]++
	codes[post(make([]byte, 1<<20))]++
	t.Logf("52 requests to join were answered by %v", codes)
	for code := range codes {
		if code < 400 || code >= 500 && code != http.StatusServiceUnavailable {
			t.Errorf("a fake request to join got %d", code)
		}
	}
	if codes[http.StatusTooManyRequests] == 0 {
		t.Error("nobody limits requests to join")
	}
	s.stands(t, "fake requests to join")
}

// twin starts a fourth member with the papers and the name of the first, as a copy of a machine does. The first one
// stays who it is, and the copy ends.
func twin(t *testing.T, s *square) {
	original, copied := s.all[0], s.all[3]
	files, err := filepath.Glob(filepath.Join(original.Data, "cluster", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal("the first member has no papers: ", err)
	}
	home := filepath.Join(copied.Data, "cluster")
	if err := os.RemoveAll(home); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, filepath.Base(f)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	why := "the name " + original.Name + " belongs to the member at " + net.JoinHostPort(original.Bind, doors[0])
	began := time.Now()
	copied.Begin()
	code := copied.AwaitExit(2 * patience)
	t.Logf("the copy ended with code %d after %v", code, time.Since(began).Round(time.Millisecond))
	if code == 0 || !strings.Contains(copied.Story(), why) {
		t.Errorf("the copy has not ended because it is one; it said:\n%s", copied.Story())
	}
	s.stands(t, "a copy of a member")
	if s := original.Phone(t, "1002").TryRegister(60); s != 200 {
		t.Errorf("a registration at the original got %d", s)
	}
}
