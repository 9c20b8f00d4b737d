package web

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// beforeXIMSS serves the paths of the HTTP binding of XIMSS. They log somebody in by a GET as well, so that no
// request of another site's page is let through; those that are configured are (http.origins).
func (s *Server) beforeXIMSS(next http.Handler) http.Handler {
	x := s.services.XIMSS
	if x == nil {
		return next
	}
	own := s.count(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if !s.allowedOrigin(origin, r.Host) || origin == "" && !fromHere(r) {
			s.refuse(w, r, Refuse(http.StatusForbidden, "cross_origin",
				"a page of %q may not use sessions: add it to http.origins", origin))
			return
		}
		if origin != "" && shareWith(w, r, origin) {
			return
		}
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.stopping, cancel)() // a poll must not hold the stop
		x.ServeHTTP(w, r.WithContext(ctx))
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if x.IsPath(r.URL.Path) {
			own.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// fromHere tells whether a request without an origin comes from a program, an own page or the user, and not from
// an image or a link of another site.
func fromHere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return true
	}
	return false
}

// shareWith lets an allowed page read the answer, and answers when its browser asks for leave.
func shareWith(w http.ResponseWriter, r *http.Request, origin string) (answered bool) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// orXIMSS makes listeners on whose connections XIMSS may be spoken instead of HTTP: the first byte tells, which
// no HTTP request begins with (reference communigate.md 1.1).
func (s *Server) orXIMSS(listeners []net.Listener) []net.Listener {
	if s.services.XIMSS == nil {
		return listeners
	}
	out := make([]net.Listener, len(listeners))
	for i, l := range listeners {
		out[i] = &eitherListener{l, s.services.XIMSS.ServeConn}
	}
	return out
}

type eitherListener struct {
	net.Listener
	take func(net.Conn)
}

func (l *eitherListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &eitherConn{Conn: conn, take: l.take}, nil
}

// eitherConn is a connection of which nobody has read yet. When XIMSS takes it over, the HTTP server, which reads
// first, sees it end, and can do nothing to it any more.
type eitherConn struct {
	net.Conn
	take  func(net.Conn)
	begun bool // Read alone looks at it
	taken atomic.Bool
}

func (c *eitherConn) Read(b []byte) (int, error) {
	if c.taken.Load() {
		return 0, io.EOF
	}
	n, err := c.Conn.Read(b)
	if c.begun || n == 0 {
		return n, err
	}
	c.begun = true
	if b[0] != '<' {
		return n, err
	}
	c.taken.Store(true)
	_ = c.Conn.SetDeadline(time.Time{})
	c.take(&begunConn{Conn: c.Conn, read: bytes.Clone(b[:n])})
	return 0, io.EOF
}

func (c *eitherConn) Close() error {
	if c.taken.Load() {
		return nil
	}
	return c.Conn.Close()
}

func (c *eitherConn) SetDeadline(t time.Time) error {
	if c.taken.Load() {
		return nil
	}
	return c.Conn.SetDeadline(t)
}

func (c *eitherConn) SetReadDeadline(t time.Time) error {
	if c.taken.Load() {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *eitherConn) SetWriteDeadline(t time.Time) error {
	if c.taken.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// begunConn is a connection of which something was read already.
type begunConn struct {
	net.Conn
	read []byte
}

func (c *begunConn) Read(b []byte) (int, error) {
	if len(c.read) > 0 {
		n := copy(b, c.read)
		if c.read = c.read[n:]; len(c.read) == 0 {
			c.read = nil
		}
		return n, nil
	}
	return c.Conn.Read(b)
}
