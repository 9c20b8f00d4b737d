package dialog

import (
	"slices"
	"strings"

	"tandem/signal"
)

// path is one dialog towards one peer (RFC 3261 section 12): who the peer is, where its requests
// go, and the two sequence numbers. A client has one per fork until the first 2xx chooses one.
type path struct {
	peer   signal.Party    // the peer with its tag: To of our requests
	target signal.URI      // remote target, for which it named its Contact
	routes []string        // route set, first hop first
	sent   uint32          // CSeq of our last request
	seen   uint32          // CSeq of the peer's last request, 0 before the first
	sdp    []byte          // client: the SDP that the last 1xx carried
	rseq   uint32          // client: of its last reliable 1xx, 0 before the first
	agreed bool            // client: a reliable 1xx had the SDP answer: no other counts
	moved  bool            // client: an UPDATE changed what a 1xx had agreed, before the 2xx
	ack    *signal.Request // client: ACK of its 2xx, sent again with every repeat of that 2xx
	over   bool            // client: it was ended by BYE, ours or its own
}

// refresh takes the peer's new target, if the message names one (section 12.2).
func (p *path) refresh(contacts []signal.Party) {
	if len(contacts) > 0 && contacts[0].URI.Host != "" {
		p.target = contacts[0].URI
	}
}

// hop returns the request URI and the Route fields by which a request reaches the peer. A first
// route without lr is a strict router: it wants to find itself in the request URI, and the target
// at the end of the routes (section 12.2.1.1).
func (p *path) hop() (signal.URI, []string) {
	if len(p.routes) == 0 {
		return p.target, nil
	}
	first, err := signal.ParseParty(p.routes[0])
	if err != nil {
		return p.target, p.routes
	}
	if _, loose := first.URI.Params.Get("lr"); loose {
		return p.target, p.routes
	}
	// What may not stand in a request URI is left out (section 19.1.1).
	first.URI.Headers = ""
	first.URI.Params = first.URI.Params.Without("method")
	routes := append(slices.Clone(p.routes[1:]), signal.Party{URI: p.target}.String())
	return first.URI, routes
}

// routeSet reads Record-Route fields in the order of the wire, one route per element.
func routeSet(fields []string) []string {
	var out []string
	for _, f := range fields {
		for start := 0; start < len(f); {
			end := start + elementEnd(f[start:])
			if route := strings.TrimSpace(f[start:end]); route != "" {
				out = append(out, route)
			}
			start = end + 1
		}
	}
	return out
}

// reversed is the route set of a client: Record-Route backwards (section 12.1.2).
func reversed(routes []string) []string {
	slices.Reverse(routes)
	return routes
}

// elementEnd is the index of the comma that ends the first element of a list, or its length.
// Commas inside quotes and angle brackets belong to the element.
func elementEnd(s string) int {
	quoted, angled := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angled = true
		case c == '>':
			angled = false
		case c == ',' && !angled:
			return i
		}
	}
	return len(s)
}
