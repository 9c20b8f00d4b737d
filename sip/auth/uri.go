package auth

import (
	"strings"

	"tandem/signal"
)

// fits reports whether the digest-uri names what the request asks for, so that credentials can not
// be carried over to another target (RFC 7616 section 3.4.6). It is lenient where phones are known
// to write another text for the same thing:
//
//   - parameters and headers are not compared (";transport=tcp" is added or left out);
//   - neither are sip and sips;
//   - the usual port may be written out or not;
//   - escapes and, in the host, case do not matter;
//   - the user may be missing, or be there where the request has none: some take the registrar's
//     URI, or their own, for every request.
func fits(digestURI string, r *signal.Request) bool {
	if digestURI == r.URI.String() {
		return true
	}
	u, err := signal.ParseURI(digestURI)
	if err != nil {
		return false
	}
	if (u.Scheme == "tel") != (r.URI.Scheme == "tel") || !strings.EqualFold(u.Host, r.URI.Host) || port(u) != port(r.URI) {
		return false
	}
	return u.User == "" || r.URI.User == "" || signal.Unescape(u.User) == signal.Unescape(r.URI.User)
}

// port is the URI's port; one that is usual for its scheme counts as none.
func port(u signal.URI) int {
	if u.Port == 5060 || u.Scheme == "sips" && u.Port == 5061 {
		return 0
	}
	return u.Port
}
