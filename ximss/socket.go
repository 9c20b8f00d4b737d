package ximss

import (
	"net/netip"
	"sync"
)

// Socket is a WebSocket as the web listener hands it over: one document per message (subprotocol "ximss"). It obeys
// the limits of size and time itself.
type Socket interface {
	// ReadMessage belongs to one goroutine; any error is final.
	ReadMessage() ([]byte, error)
	// WriteMessage sends one message in a bounded time; any error is final.
	WriteMessage(message []byte) error
	// SetLimit sets how many bytes a message may have; it belongs to the goroutine of ReadMessage.
	SetLimit(size int)
	Close() error
	LocalAddr() netip.AddrPort
	RemoteAddr() netip.AddrPort
	Secure() bool
}

// ServeSocket takes over a WebSocket. It returns at once; ended is called when the socket has ended.
func (s *Server) ServeSocket(socket Socket, ended func()) {
	w := &socketWire{socket: socket}
	s.start(s.connect(w, visit{binding: WebSocket, local: socket.LocalAddr(), remote: socket.RemoteAddr(),
		secure: socket.Secure()}), ended)
}

// socketWire is the wire of a WebSocket.
type socketWire struct {
	socket  Socket
	closing sync.Once
}

// read returns the next message that is not empty. A zero byte at its end is forgiven: it is how documents end
// over TCP.
func (w *socketWire) read() (string, error) {
	for {
		m, err := w.socket.ReadMessage()
		if err != nil {
			return "", err
		}
		if n := len(m); n > 0 && m[n-1] == 0 {
			m = m[:n-1]
		}
		if len(m) > 0 {
			return string(m), nil
		}
	}
}

func (w *socketWire) write(documents []string) (int, error) {
	for i, d := range documents {
		if err := w.socket.WriteMessage([]byte(d)); err != nil {
			return i, err
		}
	}
	return len(documents), nil
}

func (w *socketWire) allow(size int) { w.socket.SetLimit(size) }

func (w *socketWire) close() { w.closing.Do(func() { _ = w.socket.Close() }) }
