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

// protocol is what a WebSocket can carry here.
type protocol struct {
	name  string // the subprotocol
	path  string
	about string // for who asks wrongly
	limit string // the setting that bounds connections of one address
	read  int    // bytes of a connection's read buffer
}

var (
	// sipProtocol is SIP over WebSocket (RFC 7118 section 4.1).
	sipProtocol = protocol{"sip", "/sip", "SIP over WebSocket (RFC 7118)", "sip.max_conns_per_ip", 4096}
	// ximssProtocol is XIMSS, a document per message. Thousands of clients are silent most of the time.
	ximssProtocol = protocol{"ximss", "/ximss", "XIMSS over WebSocket", "ximss.max_conns_per_ip", 512}
)

// writeTime is how long a peer may take to accept one message before it is given up.
const writeTime = 10 * time.Second

// upgradeSIP turns the request into a WebSocket and hands it to the SIP edge until it ends.
func (s *Server) upgradeSIP(w http.ResponseWriter, r *http.Request) {
	if socket, end := s.upgrade(w, r, sipProtocol, s.live.Load().sip); socket != nil {
		defer end()
		s.services.Sockets.ServeSocket(socket)
	}
}

// upgradeXIMSS turns the request into a WebSocket and hands it over; nothing of the request stays.
func (s *Server) upgradeXIMSS(w http.ResponseWriter, r *http.Request) {
	if socket, end := s.upgrade(w, r, ximssProtocol, s.live.Load().ximss); socket != nil {
		s.services.XIMSS.ServeSocket(socket, end)
	}
}

// upgrade turns the request into a WebSocket, or answers it. end closes the socket and counts it out.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, p protocol, limits socketLimits) (socket *Socket, end func()) {
	if err := s.mayUpgrade(r, p); err != nil {
		s.refuse(w, r, err)
		return nil, nil
	}
	from := sourcePort(r)
	if err := s.sockets.reserve(from.Addr(), p, limits); err != nil {
		s.refuse(w, r, err)
		return nil, nil
	}
	conn, err := s.sockets.upgraders[p.name].Upgrade(w, r, nil)
	if err != nil { // answered by the upgrader
		s.log.Debug("upgrade failed", slog.String("source", from.String()), slog.Any("err", err))
		s.sockets.release(from.Addr(), p)
		return nil, nil
	}
	conn.SetReadLimit(limits.size)
	socket = newSocket(conn, from, r.TLS != nil, socketTimes{
		ping: limits.ping, message: limits.message, write: s.sockets.write})
	if !s.sockets.add(socket) {
		socket.leave(websocket.CloseGoingAway, "the member stops")
		s.sockets.release(from.Addr(), p)
		return nil, nil
	}
	return socket, func() {
		_ = socket.Close()
		s.sockets.remove(socket)
		s.sockets.release(from.Addr(), p)
	}
}

// mayUpgrade checks what the upgrader would refuse without saying why.
func (s *Server) mayUpgrade(r *http.Request, p protocol) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return Refuse(http.StatusUpgradeRequired, "upgrade", "%s is %s: open it as a WebSocket", p.path, p.about)
	}
	if !slices.Contains(websocket.Subprotocols(r), p.name) {
		return Invalid("%s is %s and needs the WebSocket subprotocol %q", p.path, p.about, p.name)
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

// socketLimits are the limits of the WebSockets of a protocol that a reload changes.
type socketLimits struct {
	total     int           // most at once, of all protocols
	perSource int           // most of one address
	size      int64         // bytes of a message
	ping      time.Duration // the peer is pinged at this interval
	message   time.Duration // a message must be whole within it after its first byte
}

// socketSource is who opens WebSockets of a protocol.
type socketSource struct {
	from     netip.Addr
	protocol string
}

// sockets are the WebSockets that are open.
type sockets struct {
	upgraders map[string]*websocket.Upgrader // by the name of the protocol
	write     time.Duration                  // a peer must take one message within it

	mu       sync.Mutex
	reserved int
	bySource map[socketSource]int
	open     map[*Socket]struct{}
	stopped  bool
}

func newSockets(handshake time.Duration) *sockets {
	c := &sockets{upgraders: map[string]*websocket.Upgrader{}, write: writeTime,
		bySource: map[socketSource]int{}, open: map[*Socket]struct{}{}}
	writers := &sync.Pool{}
	for _, p := range []protocol{sipProtocol, ximssProtocol, sourceProtocol} {
		c.upgraders[p.name] = &websocket.Upgrader{
			HandshakeTimeout: handshake, ReadBufferSize: p.read, WriteBufferSize: 4096,
			WriteBufferPool: writers, Subprotocols: []string{p.name},
			CheckOrigin: func(*http.Request) bool { return true }, // mayUpgrade has checked
		}
	}
	return c
}

// reserve counts a connection in before it is upgraded, or refuses it.
func (c *sockets) reserve(from netip.Addr, p protocol, l socketLimits) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	source := socketSource{from, p.name}
	switch {
	case c.stopped:
		return Unavailable("the member stops; connect to another")
	case c.reserved >= l.total:
		return Unavailable("%d WebSockets are open, which is the limit (http.max_web_sockets)", l.total)
	case c.bySource[source] >= l.perSource:
		return Refuse(http.StatusTooManyRequests, "too_many",
			"%d WebSockets of this address are open, which is the limit (%s)", l.perSource, p.limit)
	}
	c.reserved++
	c.bySource[source]++
	return nil
}

// release counts a connection out.
func (c *sockets) release(from netip.Addr, p protocol) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved--
	source := socketSource{from, p.name}
	if c.bySource[source]--; c.bySource[source] <= 0 {
		delete(c.bySource, source)
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
