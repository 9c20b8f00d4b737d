package transport

import (
	"bytes"
	"net/netip"

	"tandem/signal"
)

// FrameConn is one WebSocket connection with the subprotocol "sip" (RFC 7118), after its upgrade.
// The HTTP side implements it: it answers pings, joins fragments, limits the size of a message and
// closes a connection that is idle or does not read.
type FrameConn interface {
	ReadMessage() ([]byte, error)   // one whole message; valid until the next call
	WriteMessage(data []byte) error // called by one goroutine at a time
	Close() error                   // ends a pending ReadMessage
	LocalAddr() netip.AddrPort      // our end
	RemoteAddr() netip.AddrPort     // the peer's end
	Secure() bool                   // TLS: transport WSS, else WS
}

// frameOutlet writes to a FrameConn.
type frameOutlet struct{ FrameConn }

func (o frameOutlet) write(message []byte) error { return o.WriteMessage(message) }
func (o frameOutlet) close() error               { return o.Close() }

// ServeFrames reads messages from a WebSocket until it ends; it blocks. A peer behind a WebSocket
// can be reached by this flow only (RFC 7118 section 5).
func (s *Set) ServeFrames(fc FrameConn) error {
	flow := signal.Flow{Edge: s.edge, Transport: "WS",
		Local: unmap(fc.LocalAddr()), Remote: unmap(fc.RemoteAddr())}
	if fc.Secure() {
		flow.Transport = "WSS"
	}
	c := &conn{flow: flow, out: frameOutlet{fc}, set: s}
	if err := s.conns.add(c, &s.wg); err != nil {
		s.count.refused.Add(1)
		_ = fc.Close()
		return err
	}
	defer s.wg.Done()
	defer c.end()
	for {
		message, err := fc.ReadMessage()
		if err != nil {
			return err
		}
		s.frame(c, message)
	}
}

// frame takes one WebSocket message: a keep-alive of line ends, or one SIP message.
func (s *Set) frame(c *conn, message []byte) {
	if len(bytes.Trim(message, "\r\n")) == 0 {
		s.count.keepalives.Add(1)
		if bytes.Equal(message, crlfcrlf) {
			_ = c.send(crlfcrlf[:2])
		}
		return
	}
	s.throttle(c)
	s.handler.Message(c.flow, message)
}
