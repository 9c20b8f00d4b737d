package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// clientele stands in for ximss: sockets echo, connections and requests say who they are.
type clientele struct {
	conns chan net.Conn
	waits chan struct{} // a request waits
}

func newClientele() *clientele {
	return &clientele{conns: make(chan net.Conn, 1), waits: make(chan struct{}, 1)}
}

func (c *clientele) ServeSocket(s *Socket, ended func()) { go func() { echo(s); ended() }() }

func (c *clientele) ServeConn(conn net.Conn) { c.conns <- conn }

func (c *clientele) IsPath(path string) bool { return strings.HasPrefix(path, "/Session/") }

func (c *clientele) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("wait") != "" {
		c.waits <- struct{}{}
		<-r.Context().Done()
		return
	}
	_, _ = io.WriteString(w, "session")
}

// receiving is a server with a clientele.
func receiving(t *testing.T, edit func(*Options)) (*Server, *clientele) {
	t.Helper()
	h, c, o := newHouse(), newClientele(), settings()
	if edit != nil {
		edit(&o)
	}
	s, err := New(o, Services{Accounts: houseAccounts{h}, Registrations: houseRegistrations{h}, Calls: h, Tasks: h, Sessions: h, Queues: houseQueues{}, Agents: houseAgents{}, Recordings: houseRecordings{},
		Health: h, Settings: h, Stored: &houseStored{}, Sockets: h, XIMSS: c, Authenticator: h})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return s, c
}

func dialXIMSS(s *Server, header http.Header, protocol string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: []string{protocol}, HandshakeTimeout: patience}
	c, res, err := d.Dial(strings.TrimSuffix(sipURL(s), "/sip")+"/ximss", header)
	if c != nil {
		_ = c.SetReadDeadline(time.Now().Add(patience))
	}
	return c, res, err
}

func TestXIMSSOverWebSocket(t *testing.T) {
	s, _ := receiving(t, func(o *Options) { o.XIMSS.MaxMessage = 1000 })
	for name, c := range map[string]struct {
		origin, protocol string
		status           int
	}{
		"a program":         {"", "ximss", 101},
		"our own page":      {"http://127.0.0.1:" + portText(s), "ximss", 101},
		"a page we know":    {"https://phones.example", "ximss", 101},
		"a stranger's page": {"https://evil.example", "ximss", 403},
		"another protocol":  {"", "sip", 400},
	} {
		header := http.Header{}
		if c.origin != "" {
			header.Set("Origin", c.origin)
		}
		conn, res, err := dialXIMSS(s, header, c.protocol)
		if res == nil || res.StatusCode != c.status {
			t.Fatalf("%s: %v %v", name, res, err)
		}
		if conn == nil {
			continue
		}
		_ = conn.WriteMessage(websocket.TextMessage, []byte("<noop/>"))
		if _, got, err := conn.ReadMessage(); string(got) != "<noop/>" {
			t.Errorf("%s: %q %v", name, got, err)
		}
		_ = conn.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", 1001)))
		if _, _, err = conn.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			t.Errorf("%s: %v", name, err)
		}
		_ = conn.Close()
	}
}

func TestXIMSSSocketsAreCountedApart(t *testing.T) {
	s, _ := receiving(t, func(o *Options) { o.XIMSS.MaxConnsPerIP = 1; o.SIP.MaxConnsPerIP = 1 })
	first, _, err := dialXIMSS(s, nil, "ximss")
	if err != nil {
		t.Fatal(err)
	}
	if _, res, err := dialXIMSS(s, nil, "ximss"); err == nil || res.StatusCode != 429 {
		t.Errorf("a second: %v %v", res, err)
	}
	mustDial(t, s) // at /sip
	_ = first.Close()
	for deadline := time.Now().Add(patience); ; {
		if c, _, err := dialXIMSS(s, nil, "ximss"); err == nil {
			_ = c.Close()
			return
		} else if time.Now().After(deadline) {
			t.Fatal("the place is not free again")
		}
	}
}

// What begins with "<" on the HTTP port is no HTTP.
func TestXIMSSOnTheHTTPPort(t *testing.T) {
	s, c := receiving(t, nil)
	conn, err := net.Dial("tcp", "127.0.0.1:"+portText(s))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, "<noop id=\"1\"/>\x00")
	taken := <-c.conns
	in := bufio.NewReader(taken)
	if got, err := in.ReadString(0); got != "<noop id=\"1\"/>\x00" {
		t.Fatalf("%q %v", got, err)
	}
	_, _ = io.WriteString(conn, "more\x00")
	if got, err := in.ReadString(0); got != "more\x00" {
		t.Fatalf("%q %v", got, err)
	}
	_, _ = io.WriteString(taken, "answer")
	_ = taken.Close()
	if got, err := io.ReadAll(conn); string(got) != "answer" {
		t.Errorf("%q %v", got, err)
	}
	if res, err := http.Get("http://127.0.0.1:" + portText(s) + "/healthz"); err != nil || drain(res.Body) != "ok\n" {
		t.Errorf("HTTP on the same port: %v", err)
	}
}

func TestSessionsAreForOwnPages(t *testing.T) {
	s, _ := receiving(t, nil)
	for name, c := range map[string]struct {
		method, origin, site string
		status               int
		body                 string
	}{
		"a program":             {"POST", "", "", 200, "session"},
		"our own page":          {"POST", "http://127.0.0.1:8010", "same-origin", 200, "session"},
		"the user":              {"GET", "", "none", 200, "session"},
		"a page we know":        {"POST", "https://phones.example", "cross-site", 200, "session"},
		"which asks before":     {"OPTIONS", "https://phones.example", "cross-site", 204, ""},
		"a stranger's page":     {"POST", "https://evil.example", "cross-site", 403, "cross_origin"},
		"a stranger's question": {"OPTIONS", "https://evil.example", "cross-site", 403, "cross_origin"},
		"a stranger's image":    {"GET", "", "cross-site", 403, "cross_origin"},
		"a neighbour's image":   {"GET", "", "same-site", 403, "cross_origin"},
		"a page of no origin":   {"POST", "null", "cross-site", 403, "cross_origin"},
	} {
		w := ask(s, c.method, "/Session/1-A/sync", "", func(r *http.Request) {
			r.Header.Del("Authorization")
			if c.origin != "" {
				r.Header.Set("Origin", c.origin)
			}
			if c.site != "" {
				r.Header.Set("Sec-Fetch-Site", c.site)
			}
		})
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		shared := w.Header().Get("Access-Control-Allow-Origin")
		if want := map[bool]string{true: c.origin}[c.status/100 == 2]; shared != want {
			t.Errorf("%s: shared with %q, want %q", name, shared, want)
		}
		if len(w.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%s: a cookie", name)
		}
	}
}

func TestAPollDoesNotHoldTheStop(t *testing.T) {
	s, c := receiving(t, nil)
	go func() {
		if res, err := http.Get("http://127.0.0.1:" + portText(s) + "/Session/1-A/?wait=1"); err == nil {
			_ = res.Body.Close()
		}
	}()
	<-c.waits
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// Frames that are made to hurt end their connection, whatever they claim; none is answered but by a close.
func TestHostileFrames(t *testing.T) {
	s, _ := receiving(t, func(o *Options) { o.XIMSS.MaxMessage = 4096; o.XIMSS.MessageTime = time.Second })
	masked := func(first, second byte, more ...byte) []byte {
		return append(append([]byte{first, second | 0x80}, more...), 0, 0, 0, 0) // a mask of zeros
	}
	for name, frame := range map[string][]byte{
		"a length with the top bit":    append(masked(0x81, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "x"...),
		"a length of 2^62":             append(masked(0x81, 127, 0x40, 0, 0, 0, 0, 0, 0, 0), "x"...),
		"a length beyond the limit":    append(masked(0x81, 127, 0, 0, 0, 0, 0, 0, 0x10, 1), "x"...),
		"an unmasked frame":            {0x81, 1, 'x'},
		"a big ping":                   append(masked(0x89, 126, 1, 0), bytes.Repeat([]byte("x"), 256)...),
		"a ping in fragments":          masked(0x09, 0),
		"a frame of an unknown kind":   masked(0x83, 0),
		"a control of an unknown kind": masked(0x8b, 0),
		"reserved bits":                masked(0xf1, 0),
		"a compressed message":         append(masked(0xc1, 1), 0),
		"an end without a beginning":   masked(0x80, 0),
		"a beginning in a message":     append(masked(0x01, 0), masked(0x81, 0)...),
		"fragments without end":        bytes.Repeat(append(masked(0x00, 1), 'x'), 5000),
		"a close of one byte":          append(masked(0x88, 1), 'x'),
		"text that is no UTF-8":        append(masked(0x81, 2), 0xc3, 0x28),
	} {
		t.Run(name, func(t *testing.T) {
			c, _, err := dialXIMSS(s, nil, "ximss")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			if name == "fragments without end" {
				frame = append(append(masked(0x01, 1), 'x'), frame...)
			}
			if _, err := c.NetConn().Write(frame); err != nil {
				t.Fatal(err)
			}
			_, got, err := c.ReadMessage()
			if name == "text that is no UTF-8" && err == nil {
				return // it is the reader of the document who refuses it
			}
			if err == nil {
				t.Errorf("answered %q", got)
			}
			var late net.Error
			if errors.As(err, &late) && late.Timeout() {
				t.Error("the connection lives on")
			}
		})
	}
}

func TestHostileUpgrades(t *testing.T) {
	s, _ := receiving(t, nil)
	if _, res, err := dialXIMSS(s, http.Header{"X-Filler": {strings.Repeat("x", 128<<10)}}, "ximss"); err == nil || res.StatusCode != 431 {
		t.Errorf("a giant header: %v %v", res, err)
	}
	if _, res, err := dialXIMSS(s, nil, strings.Repeat("a,", 10000)+"b"); err == nil || res.StatusCode != 400 {
		t.Errorf("thousands of protocols: %v %v", res, err)
	}
	d := websocket.Dialer{Subprotocols: []string{"ximss"}, EnableCompression: true}
	c, res, err := d.Dial(strings.TrimSuffix(sipURL(s), "/sip")+"/ximss", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if agreed := res.Header.Get("Sec-Websocket-Extensions"); agreed != "" {
		t.Errorf("%s is agreed: a small frame could become a large message", agreed)
	}
}
