package web

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
)

// contentPolicy lets a page load from this member alone: no inline script, no frame around it.
const contentPolicy = "default-src 'self'; img-src 'self' data:; object-src 'none'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// withHeaders sets what every answer carries. Answers hold private things, so nothing is cached.
func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		// A stranger learns nothing; our own forms still say where they come from, see ownOrigin.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// hostnames are the names under which the member answers. A page of a stranger whose name was made
// to resolve to our address (DNS rebinding) sends the stranger's name, which is not among them.
type hostnames map[string]bool

// newHostnames accepts the configured names and the machine's own.
func newHostnames(configured []string) hostnames {
	h := hostnames{"localhost": true}
	if own, err := os.Hostname(); err == nil {
		h[strings.ToLower(own)] = true
	}
	for _, name := range configured {
		h[strings.ToLower(name)] = true
	}
	return h
}

// accept reports whether a Host header names this member. Addresses always do: a name is needed to
// rebind.
func (h hostnames) accept(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(withoutPort(host), "."))
	if h[name] || strings.HasSuffix(name, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(name)
	return err == nil
}

// withoutPort cuts the port, and the brackets of an IPv6 address.
func withoutPort(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// checkHost refuses requests that name another host.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.live.Load().hosts.accept(r.Host) {
			s.refuse(w, r, Refuse(http.StatusMisdirectedRequest, "host",
				"this member is not called %q: use its address, or add the name to http.hosts", r.Host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkOrigin refuses what a browser sends for the page of another site, if it would change
// something.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	c := http.NewCrossOriginProtection()
	c.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, Refuse(http.StatusForbidden, "cross_origin",
			"a page of %q may not change anything here: use the member's own pages",
			r.Header.Get("Origin")))
	}))
	return c.Handler(next)
}

// source is the address that a request came from, without the port. IPv4 in IPv6 clothes is IPv4.
func source(r *http.Request) netip.Addr {
	return sourcePort(r).Addr()
}

// sourcePort is source with the port.
func sourcePort(r *http.Request) netip.AddrPort {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// fromLoopback reports whether the request was made on this machine. What a proxy passes on was
// not, though the proxy may stand here.
func fromLoopback(r *http.Request) bool {
	forwarded := r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != ""
	return source(r).IsLoopback() && !forwarded
}
