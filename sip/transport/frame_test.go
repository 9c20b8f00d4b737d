package transport

import (
	"io"
	"net/netip"
	"sync"
	"testing"
)

// pipe is a FrameConn with channels at its other end.
type pipe struct {
	in, out chan string
	done    chan struct{}
	once    sync.Once
	secure  bool
}

func newPipe() *pipe {
	return &pipe{in: make(chan string, 100), out: make(chan string, 100), done: make(chan struct{})}
}

func (p *pipe) ReadMessage() ([]byte, error) {
	select {
	case text := <-p.in:
		return []byte(text), nil
	case <-p.done:
		return nil, io.EOF
	}
}

func (p *pipe) WriteMessage(data []byte) error { p.out <- string(data); return nil }
func (p *pipe) Close() error                   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipe) LocalAddr() netip.AddrPort      { return netip.MustParseAddrPort("127.0.0.1:8010") }
func (p *pipe) RemoteAddr() netip.AddrPort     { return netip.MustParseAddrPort("[::ffff:192.0.2.1]:4711") }
func (p *pipe) Secure() bool                   { return p.secure }

func TestFrames(t *testing.T) {
	s, h := listen(t, loopback(), nil)
	p := newPipe()
	p.secure = true
	ended := make(chan error)
	go func() { ended <- s.ServeFrames(p) }()
	p.in <- "\r\n\r\n"
	if got := <-p.out; got != "\r\n" {
		t.Errorf("keep-alive answered by %q", got)
	}
	p.in <- "REGISTER"
	got := next(t, h.messages)
	if got.text != "REGISTER" || got.flow.Transport != "WSS" || got.flow.Conn == 0 ||
		got.flow.Remote != netip.MustParseAddrPort("192.0.2.1:4711") {
		t.Fatalf("got %+v", got)
	}
	if err := s.Send(got.flow, []byte("401")); err != nil {
		t.Fatal(err)
	}
	if got := <-p.out; got != "401" {
		t.Errorf("got %q", got)
	}
	p.Close()
	if err := <-ended; err != io.EOF {
		t.Error(err)
	}
}
