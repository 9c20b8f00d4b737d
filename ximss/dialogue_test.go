package ximss

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/conf"
)

var update = flag.Bool("update", false, "rewrite the dialogues in testdata")

// peer is the client's end of a connection.
type peer interface {
	send(document string) error
	receive() (string, error)
	close()
}

// tcpPeer talks over TCP.
type tcpPeer struct {
	net.Conn
	in *bufio.Reader
}

func (p *tcpPeer) send(d string) error { _, err := io.WriteString(p, d+"\x00"); return err }

func (p *tcpPeer) receive() (string, error) {
	s, err := p.in.ReadString(0)
	return strings.TrimSuffix(s, "\x00"), err
}

func (p *tcpPeer) close() { _ = p.Conn.Close() }

func dialTCP(t testing.TB, s *Server) *tcpPeer {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", s.Ports()["ximss"]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	return &tcpPeer{conn, bufio.NewReader(conn)}
}

// pipeSocket is a Socket without a network, and its other end.
type pipeSocket struct {
	in, out chan []byte
	ended   chan struct{}
	once    sync.Once
	remote  netip.AddrPort
}

func newPipeSocket() *pipeSocket {
	return &pipeSocket{in: make(chan []byte, 100), out: make(chan []byte, 100), ended: make(chan struct{}),
		remote: netip.MustParseAddrPort("127.0.0.1:40000")}
}

func (p *pipeSocket) ReadMessage() ([]byte, error) {
	select {
	case m := <-p.in:
		return m, nil
	case <-p.ended:
		return nil, io.EOF
	}
}

func (p *pipeSocket) WriteMessage(m []byte) error {
	select {
	case p.out <- bytes.Clone(m):
		return nil
	case <-p.ended:
		return net.ErrClosed
	}
}

func (p *pipeSocket) SetLimit(int)               {}
func (p *pipeSocket) Close() error               { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipeSocket) LocalAddr() netip.AddrPort  { return netip.MustParseAddrPort("127.0.0.1:8010") }
func (p *pipeSocket) RemoteAddr() netip.AddrPort { return p.remote }
func (p *pipeSocket) Secure() bool               { return false }

func (p *pipeSocket) send(d string) error { p.in <- []byte(d); return nil }

func (p *pipeSocket) receive() (string, error) {
	select {
	case m := <-p.out:
		return string(m), nil
	default:
	}
	select {
	case m := <-p.out:
		return string(m), nil
	case <-p.ended:
		select { // what was said before the end
		case m := <-p.out:
			return string(m), nil
		default:
			return "", io.EOF
		}
	case <-time.After(patience):
		return "", errors.New("nothing came")
	}
}

func (p *pipeSocket) close() { _ = p.Close() }

// httpPeer asks over HTTP: METHOD path body, and hears status body.
type httpPeer struct {
	server *Server
	answer string
}

func (p *httpPeer) send(d string) error {
	words := strings.SplitN(d+"  ", " ", 3)
	r := httptest.NewRequest(words[0], words[1], strings.NewReader(strings.TrimSuffix(words[2], "  ")))
	r.RemoteAddr = "127.0.0.1:40000"
	if user, ok := strings.CutPrefix(words[2], "Basic "); ok {
		name, password, _ := strings.Cut(strings.TrimSpace(user), ":")
		r.SetBasicAuth(name, password)
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	p.answer = strings.TrimSpace(fmt.Sprint(w.Code, " ", strings.TrimSpace(w.Body.String())))
	return nil
}

func (p *httpPeer) receive() (string, error) { return p.answer, nil }

func (p *httpPeer) close() {}

// Each dialogue is a file: C: is what the client says, S: what it then hears, in order; "…" in what it hears stands for
// anything. "over tcp", "over websocket", "over both" and "over http" say by what; "again" is a second client beside the first, and
// "leave" closes the connection of the client that speaks. -update writes what is heard, but not over a "…" that fits.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogue/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no dialogues", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		for _, binding := range []string{"tcp", "websocket", "http"} {
			if first != "over "+binding && (first != "over both" || binding == "http") {
				continue
			}
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+binding, func(t *testing.T) {
				got := play(t, string(text), binding)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				} else if got != string(text) {
					t.Errorf("%s: heard\n%s", file, got)
				}
			})
		}
	}
}

// play plays one dialogue and gives it as it went.
func play(t *testing.T, text, binding string) string {
	d := newDoor()
	s := listening(t, d, func(c *conf.XIMSS) {
		if strings.Contains(text, "\n# tls\n") {
			c.Cert, c.Key = certificate(t)
		}
	})
	connect := func() peer {
		switch binding {
		case "tcp":
			return dialTCP(t, s)
		case "http":
			return &httpPeer{server: s}
		}
		p := newPipeSocket()
		s.ServeSocket(p, func() {})
		return p
	}
	p := connect()
	var out []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "C: "):
			if err := p.send(line[3:]); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		case strings.HasPrefix(line, "S: "):
			heard, err := p.receive()
			if err != nil {
				heard = "(closed)"
			}
			if !fits(line[3:], heard) {
				line = "S: " + heard
			}
		case line == "again":
			p = connect()
		case line == "leave":
			p.close()
			<-d.left
		case line == "starttls":
			tp := p.(*tcpPeer)
			c := tls.Client(tp.Conn, &tls.Config{InsecureSkipVerify: true})
			if err := c.Handshake(); err != nil {
				t.Fatal(err)
			}
			p = &tcpPeer{c, bufio.NewReader(c)}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// fits tells whether what was heard is what was expected.
func fits(want, got string) bool {
	parts := strings.Split(want, "…")
	rest, ok := strings.CutPrefix(got, parts[0])
	for _, p := range parts[1:] {
		if p == "" {
			return ok
		}
		_, after, found := strings.Cut(rest, p)
		rest, ok = after, ok && found
	}
	return ok && rest == ""
}
