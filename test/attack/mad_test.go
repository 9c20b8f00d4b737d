package attack

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	rounds    = 10               // of each attack
	linePause = 10 * time.Second // between two lines about strangers, of messages and of the store each
)

// TestMadMember has a member that has gone mad say nonsense to another one, in the language of members too. Strangers
// who do so besides fill no log.
func TestMadMember(t *testing.T) {
	lab.Long(t)
	all := lab.StartCluster(t, lab.ClusterOptions{Env: []string{eager}})
	lab.Wait(t, patience, "all see all", func() bool { return together(all) })
	w := witnessOn(t, all[0])
	own, err := tls.LoadX509KeyPair(filepath.Join(all[1].Data, "cluster", "member.pem"), filepath.Join(all[1].Data, "cluster", "member.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range doors {
		at := net.JoinHostPort(all[0].Bind, port)
		t.Run("nonsense at "+port, func(t *testing.T) {
			for range rounds {
				garble(t, at)
				babble(t, at, own)
			}
			w.answers(t)
		})
	}
	t.Run("frames", func(t *testing.T) {
		for range rounds {
			rave(t, net.JoinHostPort(all[0].Bind, doors[0]), own)
		}
		w.answers(t)
	})
	lab.Wait(t, patience, "the call has lasted long enough to judge it", func() bool { return time.Since(w.began) > flood })
	w.unharmed(t)
	lab.Wait(t, patience, "all still see all", func() bool { return together(all) })
	few := 2 * (1 + int(time.Since(w.began)/linePause))
	for _, m := range all {
		if n := strings.Count(m.Log(), "panic"); n != 0 {
			t.Errorf("%s speaks of a panic:\n%s", m.Name, m.Log())
		}
		if n := strings.Count(m.Log(), "was refused"); n == 0 && m == all[0] || n > few {
			t.Errorf("%s wrote %d lines about strangers", m.Name, n)
		}
	}
	w.over(t)
	// Members that end all at once may not find the store for what they still have to write.
	w.call.Hangup()
	lab.Wait(t, patience, "the record of the call is kept", func() bool { return len(w.Records()) > 0 })
}

// together says that each member sees all as living, in the lives that they began with.
func together(all []*lab.Member) bool {
	for _, m := range all {
		var view struct{ Members []struct{ State string } }
		if m.Ask(http.MethodGet, "cluster", nil, &view) != nil || len(view.Members) != len(all) {
			return false
		}
		for _, row := range view.Members {
			if row.State != "up" {
				return false
			}
		}
	}
	return true
}

func dial(t *testing.T, at string) net.Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", at, patience)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// garble says things that are no TLS.
func garble(t *testing.T, at string) {
	t.Helper()
	noise := make([]byte, 64<<10)
	_, _ = rand.Read(noise)
	for _, what := range [][]byte{[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), []byte("INFO {}\r\nPING\r\n"), noise,
		bytes.Repeat([]byte{0x16, 0x03, 0x01, 0xff, 0xff}, 1000)} {
		c := dial(t, at)
		_, _ = c.Write(what)
		answer, _ := io.ReadAll(io.LimitReader(c, 1<<16))
		if bytes.Contains(answer, []byte("server_id")) || len(answer) > 1024 {
			t.Errorf("%s told a stranger %d bytes: %.200q", at, len(answer), answer)
		}
		_ = c.Close()
	}
}

// babble says nonsense with a right certificate.
func babble(t *testing.T, at string, own tls.Certificate) {
	t.Helper()
	noise := make([]byte, 256<<10)
	_, _ = rand.Read(noise)
	preface := "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
	for _, what := range []string{string(noise), preface + string(noise), "CONNECT {\"verbose\":true,\"name\":" + strings.Repeat("[", 1<<20),
		"CONNECT {}\r\nPUB $JS.API.STREAM.DELETE 9999999999\r\n" + string(noise), "INFO " + strings.Repeat("{", 1<<20) + "\r\n"} {
		c := tls.Client(dial(t, at), &tls.Config{Certificates: []tls.Certificate{own}, InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		if err := c.Handshake(); err != nil {
			t.Fatalf("%s refuses a member: %v", at, err)
		}
		_ = c.SetDeadline(time.Now().Add(2 * time.Second))
		_, _ = io.WriteString(c, what)
		_, _ = io.Copy(io.Discard, io.LimitReader(c, 1<<20))
		_ = c.Close()
	}
}

// rave speaks as members do, length, kind and body: frames that lie about their length, of kinds that nobody knows, and
// bodies that mean nothing. Kind 0 says by which address the speaker is reached; 1 to 3 are what ties and signs of life say.
func rave(t *testing.T, at string, own tls.Certificate) {
	t.Helper()
	frame := func(length uint32, kind byte, body []byte) []byte {
		return append(append(binary.BigEndian.AppendUint32(nil, length), kind), body...)
	}
	whole := func(kind byte, body []byte) []byte { return frame(uint32(len(body)), kind, body) }
	noise := make([]byte, 64<<10)
	_, _ = rand.Read(noise)
	hello := whole(0, []byte("127.0.0.1:1"))
	for _, what := range [][]byte{
		whole(0, noise),
		whole(1, noise),
		append(hello, frame(1<<32-1, 1, noise)...),
		append(hello, frame(60<<20, 1, noise)...), // it never comes whole
		bytes.Join([][]byte{hello, hello, whole(1, nil), whole(2, nil), whole(3, nil), whole(77, noise), whole(1, noise),
			whole(2, noise), whole(3, noise), whole(1, bytes.Repeat([]byte{0x0a, 0x80, 0x80, 0x80, 0x80, 0x08}, 1000))}, nil),
	} {
		c := tls.Client(dial(t, at), &tls.Config{Certificates: []tls.Certificate{own}, InsecureSkipVerify: true})
		if err := c.Handshake(); err != nil {
			t.Fatalf("%s refuses a member: %v", at, err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, _ = c.Write(what)
		if n, _ := io.Copy(io.Discard, io.LimitReader(c, 1<<20)); n != 0 {
			t.Errorf("%s answers %d bytes where members only listen", at, n)
		}
		_ = c.Close()
	}
}
