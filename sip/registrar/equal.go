package registrar

import (
	"slices"
	"strings"

	"tandem/signal"
)

// same reports whether two bindings are of one device's contact: the same flow of the same instance
// (RFC 5626 section 6), or else the same URI.
func same(a, b Binding) bool {
	if a.Instance() != "" && a.RegID() != "" && b.Instance() != "" && b.RegID() != "" {
		return a.Instance() == b.Instance() && a.RegID() == b.RegID()
	}
	return equal(a.Contact, b.Contact)
}

// mustMatch are the URI parameters that make a difference even where one URI has none
// (RFC 3261 section 19.1.4).
var mustMatch = []string{"transport", "user", "ttl", "method", "maddr"}

// equal compares two URIs by RFC 3261 section 19.1.4: the user with case, the host without, ports
// and certain parameters as written, other parameters only where both have them.
func equal(a, b signal.URI) bool {
	if a.Scheme != b.Scheme || signal.Unescape(a.User) != signal.Unescape(b.User) ||
		!strings.EqualFold(a.Host, b.Host) || a.Port != b.Port {
		return false
	}
	for _, name := range mustMatch {
		v, inA := a.Params.Get(name)
		w, inB := b.Params.Get(name)
		if inA != inB || !strings.EqualFold(v, w) {
			return false
		}
	}
	return !slices.ContainsFunc(a.Params, func(p signal.Param) bool {
		w, both := b.Params.Get(p.Name)
		return both && !strings.EqualFold(p.Value, w)
	})
}
