package web

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Socket is one WebSocket that carries SIP (RFC 7118 section 5) or XIMSS, one of theirs per WebSocket message.
// ReadMessage belongs to one goroutine; the other methods may be called from any.
type Socket struct {
	conn   *websocket.Conn
	remote netip.AddrPort
	secure bool

	times  socketTimes
	pinger *time.Timer
	midway bool        // the reader is inside a message
	binary atomic.Bool // the peer spoke in binary last

	writing sync.Mutex // gorilla allows one writer
}

// socketTimes are the time limits of a socket.
type socketTimes struct {
	ping    time.Duration // the peer is pinged at this interval
	message time.Duration // a message must be whole within it after its first byte
	write   time.Duration // a peer must take one message within it
}

// idle is how long a peer that answers pings can be silent, with room for two that are late.
func (t socketTimes) idle() time.Duration { return t.ping * 5 / 2 }

// newSocket takes over the upgraded connection and begins to ping.
func newSocket(conn *websocket.Conn, remote netip.AddrPort, secure bool, times socketTimes) *Socket {
	s := &Socket{conn: conn, remote: remote, secure: secure, times: times}
	conn.SetPongHandler(func(string) error { return s.heard() })
	conn.SetPingHandler(func(payload string) error {
		_ = conn.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(s.times.write))
		return s.heard()
	})
	s.pinger = time.AfterFunc(time.Hour, s.ping) // Reset, so that ping sees the field set
	s.pinger.Reset(times.ping)
	return s
}

// ping asks the peer for a sign of life and arranges for the next time.
func (s *Socket) ping() {
	if s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(s.times.write)) != nil {
		_ = s.Close()
		return
	}
	s.pinger.Reset(s.times.ping)
}

// heard gives the peer another idle time, but a message that drips no more time than it has.
func (s *Socket) heard() error {
	if s.midway {
		return nil
	}
	return s.conn.SetReadDeadline(time.Now().Add(s.times.idle()))
}

// ReadMessage returns the next message, whether it came as text or binary, whole or in
// fragments. The bytes belong to the caller. Any error is final.
func (s *Socket) ReadMessage() ([]byte, error) {
	if err := s.heard(); err != nil {
		return nil, err
	}
	kind, r, err := s.conn.NextReader()
	if err != nil {
		return nil, err
	}
	s.midway = true
	defer func() { s.midway = false }()
	if err := s.conn.SetReadDeadline(time.Now().Add(s.times.message)); err != nil {
		return nil, err
	}
	s.binary.Store(kind == websocket.BinaryMessage)
	return io.ReadAll(r)
}

// WriteMessage sends one message, as text if the peer speaks text and the message is UTF-8, as
// RFC 6455 section 5.6 demands of text. It waits for the peer, but not longer than its time; after
// an error the socket is closed.
func (s *Socket) WriteMessage(message []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	kind := websocket.TextMessage
	if s.binary.Load() || !utf8.Valid(message) {
		kind = websocket.BinaryMessage
	}
	err := s.conn.SetWriteDeadline(time.Now().Add(s.times.write))
	if err == nil {
		err = s.conn.WriteMessage(kind, message)
	}
	if err != nil {
		_ = s.Close()
	}
	return err
}

// SetLimit sets how many bytes a message may have. It belongs to the goroutine of ReadMessage.
func (s *Socket) SetLimit(size int) { s.conn.SetReadLimit(int64(size)) }

// Close ends the connection at once; a blocked ReadMessage or WriteMessage returns.
func (s *Socket) Close() error {
	s.pinger.Stop()
	return s.conn.Close()
}

// leave says goodbye with a close code and ends the connection.
func (s *Socket) leave(code int, reason string) {
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason),
		time.Now().Add(time.Second))
	_ = s.Close()
}

// LocalAddr is our end, which a peer is told in Contact; the zero address when the listener has none.
func (s *Socket) LocalAddr() netip.AddrPort {
	if a, ok := s.conn.LocalAddr().(*net.TCPAddr); ok {
		at := a.AddrPort()
		return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	}
	return netip.AddrPort{}
}

// RemoteAddr is where the peer is.
func (s *Socket) RemoteAddr() netip.AddrPort { return s.remote }

// Secure reports whether the connection is under TLS: wss, not ws.
func (s *Socket) Secure() bool { return s.secure }
