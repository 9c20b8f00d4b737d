package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// sipProtocol is the WebSocket subprotocol of SIP (RFC 7118 section 4.1).
const sipProtocol = "sip"

// writeTime is how long a peer may take to accept one message before it is given up.
const writeTime = 10 * time.Second

// upgradeSIP turns the request into a WebSocket and hands it to the SIP edge until it ends.
func (s *Server) upgradeSIP(w http.ResponseWriter, r *http.Request) {
	if err := s.mayUpgrade(r); err != nil {
		s.refuse(w, r, err)
		return
	}
	from := sourcePort(r)
	now := s.live.Load()
	if err := s.sockets.reserve(from.Addr(), now.sockets); err != nil {
		s.refuse(w, r, err)
		return
	}
	defer s.sockets.release(from.Addr())
	conn, err := s.sockets.upgrader.Upgrade(w, r, nil)
	if err != nil { // answered by the upgrader
		s.log.Debug("upgrade failed", slog.String("source", from.String()), slog.Any("err", err))
		return
	}
	conn.SetReadLimit(now.maxMessage)
	socket := newSocket(conn, from, r.TLS != nil, socketTimes{
		ping: s.bound.Timeout, message: now.sockets.message, write: s.sockets.write})
	defer func() { _ = socket.Close() }()
	if !s.sockets.add(socket) {
		socket.leave(websocket.CloseGoingAway, "the member stops")
		return
	}
	defer s.sockets.remove(socket)
	s.services.Sockets.ServeSocket(socket)
}

// mayUpgrade checks what the upgrader would refuse without saying why.
func (s *Server) mayUpgrade(r *http.Request) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return Refuse(http.StatusUpgradeRequired, "upgrade",
			"/sip is SIP over WebSocket (RFC 7118): open it as a WebSocket")
	}
	if !slices.Contains(websocket.Subprotocols(r), sipProtocol) {
		return Invalid("/sip needs the WebSocket subprotocol %q (RFC 7118 section 4.1)", sipProtocol)
	}
	if origin := r.Header.Get("Origin"); !s.allowedOrigin(origin, r.Host) {
		return Refuse(http.StatusForbidden, "origin",
			"a page of %q may not open a WebSocket here: add it to http.origins", origin)
	}
	return nil
}

// allowedOrigin accepts programs, which send no Origin, our own pages and those configured.
func (s *Server) allowedOrigin(origin, host string) bool {
	if origin == "" || slices.Contains(s.live.Load().origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// socketLimits are the limits of WebSockets that a reload changes.
type socketLimits struct {
	total     int           // most at once
	perSource int           // most of one address
	message   time.Duration // a message must be whole within it after its first byte
}

// sockets are the WebSockets that are open.
type sockets struct {
	upgrader websocket.Upgrader
	write    time.Duration // a peer must take one message within it

	mu       sync.Mutex
	reserved int
	bySource map[netip.Addr]int
	open     map[*Socket]struct{}
	stopped  bool
}

func newSockets(handshake time.Duration) *sockets {
	return &sockets{
		upgrader: websocket.Upgrader{
			HandshakeTimeout: handshake, ReadBufferSize: 4096, WriteBufferSize: 4096,
			WriteBufferPool: &sync.Pool{}, Subprotocols: []string{sipProtocol},
			CheckOrigin: func(*http.Request) bool { return true }, // mayUpgrade has checked
		},
		write:    writeTime,
		bySource: map[netip.Addr]int{}, open: map[*Socket]struct{}{},
	}
}

// reserve counts a connection in before it is upgraded, or refuses it.
func (c *sockets) reserve(from netip.Addr, l socketLimits) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopped:
		return Unavailable("the member stops; connect to another")
	case c.reserved >= l.total:
		return Unavailable("%d WebSockets are open, which is the limit (http.max_web_sockets)", l.total)
	case c.bySource[from] >= l.perSource:
		return Refuse(http.StatusTooManyRequests, "too_many",
			"%d WebSockets of this address are open, which is the limit (sip.max_conns_per_ip)", l.perSource)
	}
	c.reserved++
	c.bySource[from]++
	return nil
}

// release counts a connection out.
func (c *sockets) release(from netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved--
	if c.bySource[from]--; c.bySource[from] <= 0 {
		delete(c.bySource, from)
	}
}

// add remembers an open socket for closeAll; false when that has been called.
func (c *sockets) add(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		return false
	}
	c.open[s] = struct{}{}
	return true
}

func (c *sockets) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, s)
}

// count is how many sockets are open.
func (c *sockets) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

// closeAll says goodbye to every socket and lets no new one in.
func (c *sockets) closeAll() {
	c.mu.Lock()
	c.stopped = true
	open := make([]*Socket, 0, len(c.open))
	for s := range c.open {
		open = append(open, s)
	}
	c.mu.Unlock()
	var leaving sync.WaitGroup
	for _, s := range open {
		leaving.Go(func() { s.leave(websocket.CloseGoingAway, "the member stops") })
	}
	done := make(chan struct{})
	go func() { leaving.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * time.Second): // a peer that takes nothing cannot hold the stop
	}
}
