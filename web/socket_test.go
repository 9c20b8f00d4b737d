package web

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"tandem/conf"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// echo answers each message with itself.
func echo(s *Socket) {
	for {
		m, err := s.ReadMessage()
		if err != nil || s.WriteMessage(m) != nil {
			return
		}
	}
}

// listening starts a server on a free port.
func listening(t *testing.T, h *house, o Options) *Server {
	t.Helper()
	s := newServer(t, h, o)
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
	return s
}

func sipURL(s *Server) string {
	return (&url.URL{Scheme: "ws", Host: net.JoinHostPort("127.0.0.1",
		portText(s)), Path: "/sip"}).String()
}

func portText(s *Server) string {
	_, port, _ := net.SplitHostPort((&net.TCPAddr{Port: s.Ports()["http"]}).String())
	return port
}

// dial opens a WebSocket, or returns the refusal.
func dial(s *Server, header http.Header, protocols ...string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{Subprotocols: protocols, HandshakeTimeout: patience}
	c, res, err := d.Dial(sipURL(s), header)
	if c != nil {
		_ = c.SetReadDeadline(time.Now().Add(patience))
	}
	return c, res, err
}

func mustDial(t *testing.T, s *Server) *websocket.Conn {
	t.Helper()
	c, _, err := dial(s, nil, "sip")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestWhoMayOpenAWebSocket(t *testing.T) {
	h := newHouse()
	h.serve = echo
	s := listening(t, h, settings())
	origin := func(o string) http.Header { return http.Header{"Origin": {o}} }
	for name, c := range map[string]struct {
		header    http.Header
		protocols []string
		status    int
	}{
		"a program":           {nil, []string{"sip"}, 101},
		"several protocols":   {nil, []string{"xmpp", "sip"}, 101},
		"our own page":        {origin("http://127.0.0.1:" + portText(s)), []string{"sip"}, 101},
		"a page we know":      {origin("https://phones.example"), []string{"sip"}, 101},
		"a stranger's page":   {origin("https://evil.example"), []string{"sip"}, 403},
		"another port's page": {origin("http://127.0.0.1:1"), []string{"sip"}, 403},
		"a page of no origin": {origin("null"), []string{"sip"}, 403},
		"wrong subprotocol":   {nil, []string{"xmpp"}, 400},
		"no subprotocol":      {nil, nil, 400},
		"a stranger's name":   {http.Header{"Host": {"evil.example"}}, []string{"sip"}, 421},
	} {
		conn, res, err := dial(s, c.header, c.protocols...)
		if res == nil || res.StatusCode != c.status {
			t.Errorf("%s: %v %v", name, res, err)
			continue
		}
		if conn != nil {
			if conn.Subprotocol() != "sip" {
				t.Errorf("%s: subprotocol %q", name, conn.Subprotocol())
			}
			_ = conn.Close()
		} else if !strings.Contains(drain(res.Body), `"message"`) {
			t.Errorf("%s: the refusal says nothing", name)
		}
	}
}

func TestPlainHTTPIsToldToUpgrade(t *testing.T) {
	w := ask(newServer(t, newHouse(), settings()), "GET", "/sip", "")
	if code, _ := errorOf(t, w); w.Code != 426 || code != "upgrade" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestMessagesCrossWhole(t *testing.T) {
	h := newHouse()
	h.serve = echo
	s := listening(t, h, settings())
	c := mustDial(t, s)
	big := bytes.Repeat([]byte("x"), conf.DefaultSIP().MaxMessage)
	for _, m := range []struct {
		kind, answer int
		text         []byte
	}{
		{websocket.TextMessage, websocket.TextMessage, []byte("OPTIONS sip:a SIP/2.0\r\n\r\n")},
		{websocket.TextMessage, websocket.TextMessage, []byte("\r\n\r\n")},
		{websocket.BinaryMessage, websocket.BinaryMessage, []byte("MESSAGE sip:a SIP/2.0\r\n\r\n")},
		{websocket.TextMessage, websocket.BinaryMessage, []byte("\xff\xfe")}, // not UTF-8
		{websocket.TextMessage, websocket.TextMessage, big},
	} {
		if err := c.WriteMessage(m.kind, m.text); err != nil {
			t.Fatal(err)
		}
		kind, got, err := c.ReadMessage()
		if err != nil || kind != m.answer || !bytes.Equal(got, m.text) {
			t.Fatalf("%d %.30q (%d bytes) %v", kind, got, len(got), err)
		}
	}
}

func TestFragmentsMakeOneMessage(t *testing.T) {
	h := newHouse()
	h.serve = echo
	c := mustDial(t, listening(t, h, settings()))
	w, err := c.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Repeat("fragment ", 2000) // longer than the writer's buffer: many frames
	for part := range strings.SplitAfterSeq(want, " ") {
		_, _ = w.Write([]byte(part))
		if strings.HasPrefix(part, "fragment") && len(part)%2 == 1 {
			_ = c.WriteControl(websocket.PingMessage, []byte("between"), time.Now().Add(patience))
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.ReadMessage(); err != nil || string(got) != want {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestAPingIsAnsweredWithItsPayload(t *testing.T) {
	h := newHouse()
	h.serve = echo
	c := mustDial(t, listening(t, h, settings()))
	pong := make(chan string, 1)
	c.SetPongHandler(func(payload string) error { pong <- payload; return nil })
	go func() { _, _, _ = c.ReadMessage() }()
	if err := c.WriteControl(websocket.PingMessage, []byte("payload"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-pong:
		if got != "payload" {
			t.Errorf("%q", got)
		}
	case <-time.After(patience):
		t.Error("no pong")
	}
}

func TestATooLongMessageEndsTheConnection(t *testing.T) {
	h := newHouse()
	h.serve = echo
	o := settings()
	o.SIP.MaxMessage = 1000
	c := mustDial(t, listening(t, h, o))
	_ = c.WriteMessage(websocket.TextMessage, bytes.Repeat([]byte("x"), 1001))
	_, _, err := c.ReadMessage()
	if !websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
		t.Errorf("%v", err)
	}
}

// ended reports the error that ended a socket's reading.
func ended() (func(*Socket), <-chan error) {
	out := make(chan error, 1)
	return func(s *Socket) {
		for {
			if _, err := s.ReadMessage(); err != nil {
				out <- err
				return
			}
		}
	}, out
}

func mustEnd(t *testing.T, out <-chan error) {
	t.Helper()
	select {
	case err := <-out:
		var netErr net.Error
		if !errors.As(err, &netErr) || !netErr.Timeout() {
			t.Errorf("ended by %v, not by time", err)
		}
	case <-time.After(patience):
		t.Error("the connection lives on")
	}
}

func TestASilentPeerIsGivenUp(t *testing.T) {
	h := newHouse()
	serve, out := ended()
	h.serve = serve
	o := settings()
	o.HTTP.Timeout = 40 * time.Millisecond // pinged so often; a peer that does not read answers none
	mustDial(t, listening(t, h, o))
	mustEnd(t, out)
}

func TestAPeerThatAnswersPingsLives(t *testing.T) {
	h := newHouse()
	h.serve = echo
	o := settings()
	o.HTTP.Timeout = 40 * time.Millisecond
	c := mustDial(t, listening(t, h, o))
	pings := make(chan struct{}, 100)
	answer := c.PingHandler()
	c.SetPingHandler(func(payload string) error { pings <- struct{}{}; return answer(payload) })
	go func() { _, _, _ = c.ReadMessage() }()
	for range 6 { // longer than the idle time
		select {
		case <-pings:
		case <-time.After(patience):
			t.Fatal("no more pings: the connection has ended")
		}
	}
}

func TestAMessageThatDripsIsGivenUp(t *testing.T) {
	h := newHouse()
	serve, out := ended()
	h.serve = serve
	o := settings()
	o.SIP.HeaderTimeout = 50 * time.Millisecond
	c := mustDial(t, listening(t, h, o))
	raw := c.NetConn()
	// A text frame without its end, then pings that must not prolong it. A mask of zeros.
	_, _ = raw.Write([]byte{0x01, 0x81, 0, 0, 0, 0, 'O'})
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				_, _ = raw.Write([]byte{0x89, 0x80, 0, 0, 0, 0})
			}
		}
	}()
	mustEnd(t, out)
}

func TestASlowReaderIsGivenUp(t *testing.T) {
	h := newHouse()
	closed := make(chan error, 1)
	h.serve = func(s *Socket) {
		message := bytes.Repeat([]byte("x"), 60000)
		for {
			if err := s.WriteMessage(message); err != nil {
				_, err = s.ReadMessage() // closed: returns at once
				closed <- err
				return
			}
		}
	}
	s := listening(t, h, settings())
	s.sockets.write = 50 * time.Millisecond
	mustDial(t, s) // and never reads
	select {
	case err := <-closed:
		if err == nil {
			t.Error("the socket still reads after a failed write")
		}
	case <-time.After(patience):
		t.Error("the writer waits for ever")
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	for name, edit := range map[string]func(*Options){
		"in all":      func(o *Options) { o.HTTP.MaxWebSockets = 2 },
		"per address": func(o *Options) { o.SIP.MaxConnsPerIP = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			done := make(chan struct{}, 1)
			h.serve = func(s *Socket) { echo(s); done <- struct{}{} }
			o := settings()
			edit(&o)
			s := listening(t, h, o)
			first := mustDial(t, s)
			mustDial(t, s)
			if _, res, err := dial(s, nil, "sip"); err == nil || res.StatusCode/100 == 1 ||
				res.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("a third: %v %v", res, err)
			}
			_ = first.Close()
			<-done
			// The place is free once the server has counted it out, just behind done.
			for deadline := time.Now().Add(patience); ; {
				if c, _, err := dial(s, nil, "sip"); err == nil {
					_ = c.Close()
					return
				} else if time.Now().After(deadline) {
					t.Fatal("the place is not free again")
				}
			}
		})
	}
}

func TestTheSocketKnowsItsPeer(t *testing.T) {
	h := newHouse()
	seen := make(chan *Socket, 1)
	h.serve = func(s *Socket) { seen <- s; echo(s) }
	c := mustDial(t, listening(t, h, settings()))
	s := <-seen
	if s.RemoteAddr().String() != c.LocalAddr().String() ||
		s.LocalAddr().String() != c.RemoteAddr().String() || s.Secure() {
		t.Errorf("%v %v %v", s.RemoteAddr(), s.LocalAddr(), s.Secure())
	}
}

func TestManyWritersOneSocket(t *testing.T) {
	h := newHouse()
	const writers, each = 8, 50
	h.serve = func(s *Socket) {
		for range writers {
			go func() {
				for range each {
					_ = s.WriteMessage([]byte("message"))
				}
			}()
		}
		echo(s)
	}
	c := mustDial(t, listening(t, h, settings()))
	for i := range writers * each {
		if _, m, err := c.ReadMessage(); err != nil || string(m) != "message" {
			t.Fatalf("%d: %q %v", i, m, err)
		}
	}
}
