package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"tandem/conf"
)

func listen(t *testing.T, change func(*conf.CLI)) *Server {
	t.Helper()
	c := conf.DefaultCLI()
	c.Port = 0
	if change != nil {
		change(&c)
	}
	d := &desk{password: "1234"}
	s := New(Options{CLI: c, Host: "test", Version: "1", Executor: d, Authenticator: d, Log: slog.New(slog.DiscardHandler)})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// client talks as the ancestor's library does: one line out, one line in, and another one where data follow.
type client struct {
	*testing.T
	net.Conn
	in *bufio.Reader
}

func call(t *testing.T, s *Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", s.Port()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{t, conn, bufio.NewReader(conn)}
}

func (c *client) line() string {
	c.Helper()
	line, err := c.in.ReadString('\n')
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return strings.TrimSuffix(line, "\r\n")
}

func (c *client) say(line, want string) {
	c.Helper()
	if _, err := io.WriteString(c.Conn, line+"\n"); err != nil {
		c.Fatal(err)
	}
	if got := c.line(); !strings.HasPrefix(got, want) {
		c.Errorf("%s: %s, want %s", line, got, want)
	}
}

func TestListener(t *testing.T) {
	s := listen(t, nil)
	a, b := call(t, s), call(t, s)
	first, second := a.line(), b.line()
	if first == second || !strings.HasPrefix(first, "200 Tandem at test PWD Server 1 ready <") {
		t.Errorf("greetings %q, %q", first, second)
	}
	a.say("USER admin", "300 ")
	a.say("PASS 1234", "200 ")
	a.say("MAINDOMAINNAME", "200 data follow")
	if got := a.line(); got != "main" {
		t.Error(got)
	}
	a.say("INLINE", "200 ")
	a.say("MAINDOMAINNAME", "201 main")
	a.say("ECHO "+strings.Repeat("x", accountLine), "201 xxx")
	a.say("QUIT", "200 ")
	if got := a.line(); got != "(EOF)" {
		t.Error(got)
	}
	b.say("USER admin", "300 ")
	b.say("PASS wrong", "500 ")
	if n := s.Snapshot(); n.Connections > 2 || n.Failed != 1 || n.Answers[codeInline] != 2 {
		t.Errorf("%+v", n)
	}
}

// Strangers can not fill the door: half of the connections stay for those who log in.
func TestConnectionsAreLimited(t *testing.T) {
	s := listen(t, func(c *conf.CLI) { c.MaxConns = 2 })
	admin := call(t, s)
	admin.line()
	admin.say("USER admin", "300 ")
	admin.say("PASS 1234", "200 ")
	stranger := call(t, s)
	if got := stranger.line(); !strings.HasPrefix(got, "200 ") {
		t.Error(got)
	}
	if got := call(t, s).line(); got != "500 too many connections, try again later" {
		t.Error(got)
	}
	c := conf.DefaultCLI()
	s.Apply(c)
	if got := call(t, s).line(); !strings.HasPrefix(got, "200 ") {
		t.Error("a raised limit does not act:", got)
	}
	if n := s.Snapshot(); n.Refused != 1 {
		t.Errorf("%+v", n)
	}
}

// Who crowds the door without logging in gives way to the next one, the first one first.
func TestStrangersGiveWay(t *testing.T) {
	s := listen(t, func(c *conf.CLI) { c.MaxConns = 6 })
	var strangers []*client
	for range 4 {
		c := call(t, s)
		if got := c.line(); !strings.HasPrefix(got, "200 ") {
			t.Fatal(got)
		}
		strangers = append(strangers, c)
	}
	admin := call(t, s)
	admin.line()
	if got := strangers[0].line(); got != "(EOF)" {
		t.Errorf("the first stranger hears %q", got)
	}
	admin.say("USER admin", "300 ")
	admin.say("PASS 1234", "200 ")
	strangers[1].say("USER admin", "300 ")
}

// Who says nothing is sent away.
func TestIdleConnectionsAreClosed(t *testing.T) {
	s := listen(t, func(c *conf.CLI) { c.IdleTimeout = 50 * time.Millisecond })
	c := call(t, s)
	c.line()
	c.say("USER admin", "300 ")
	c.say("PASS 1234", "200 ")
	if got := c.line(); got != "(EOF)" {
		t.Error(got)
	}
}

func TestListenerThatCanNotListen(t *testing.T) {
	s := listen(t, nil)
	c := conf.DefaultCLI()
	c.Port = s.Port()
	second := New(Options{CLI: c, Log: slog.New(slog.DiscardHandler)})
	if err := second.Listen(); err == nil {
		t.Error("two listen on one port")
	}
	c.Port = -1
	none := New(Options{CLI: c, Log: slog.New(slog.DiscardHandler)})
	if err := none.Listen(); err != nil || none.Port() != 0 {
		t.Errorf("a listener that is off: %v, port %d", err, none.Port())
	}
}
