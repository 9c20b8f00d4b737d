package farm

import (
	"bytes"
	"cmp"
	"net"
	"strconv"
	"strings"

	"tandem/signal"
	"tandem/sip/octet"
)

// Place is where a URI or a Via leads, as written; the zero Place is none.
type Place struct {
	Host []byte // of an IPv6 address without its brackets
	Port int
}

// Ports where a peer listens that names none (RFC 3261 section 19.1.2).
const (
	usualPort  = 5060
	securePort = 5061
)

// uriPlace reads host and port of a SIP URI; the usual port where none is given. Other schemes name no place.
func uriPlace(uri []byte) Place {
	scheme, rest, _ := bytes.Cut(uri, []byte{':'})
	usual := usualPort
	switch {
	case octet.EqualFold(scheme, "sip"):
	case octet.EqualFold(scheme, "sips"):
		usual = securePort
	default:
		return Place{}
	}
	rest = rest[bytes.LastIndexByte(rest, '@')+1:]
	if end := bytes.IndexAny(rest, ";?>"); end >= 0 {
		rest = rest[:end]
	}
	p, _ := hostPort(rest)
	if p.Port == 0 {
		p.Port = usual
	}
	return p
}

// routePlace reads the place of the first address in a Route value (RFC 3261 section 20.34).
func routePlace(value []byte) Place {
	for i, inside := 0, false; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case !inside && c == '<':
			uri, _, _ := bytes.Cut(value[i+1:], []byte{'>'})
			return uriPlace(trim(uri))
		}
	}
	return Place{Host: value[:0]}
}

// hostPort reads "host", "host:port" or the same with an IPv6 address in brackets.
func hostPort(b []byte) (p Place, ok bool) {
	var port []byte
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return Place{}, false
		}
		p.Host, port = trim(b[1:end]), trim(b[end+1:])
	} else if colon := bytes.IndexByte(b, ':'); colon >= 0 {
		p.Host, port = trim(b[:colon]), b[colon:]
	} else {
		p.Host = trim(b)
	}
	if len(port) > 0 {
		if port[0] != ':' {
			return Place{}, false
		}
		if p.Port, ok = number(trim(port[1:])); !ok {
			return Place{}, false
		}
	}
	return p, len(p.Host) > 0
}

// number reads a port.
func number(b []byte) (n int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n >= 1<<16 {
			return 0, false
		}
	}
	return n, len(b) > 0
}

// key appends the place as HOST:PORT in lower case, without allocating where there is room.
func (p Place) key(b []byte) []byte {
	for _, c := range p.Host {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		b = append(b, c)
	}
	return strconv.AppendInt(append(b, ':'), int64(p.Port), 10)
}

// maxHost is the longest host that a URI can name a member by (RFC 1035 section 2.3.4).
const maxHost = 255

// placeOf is the place that an address HOST:PORT names; no host: it is none.
func placeOf(address string) Place {
	host, port, err := net.SplitHostPort(address)
	n, bad := strconv.Atoi(port)
	if err != nil || bad != nil {
		return Place{}
	}
	return Place{Host: []byte(host), Port: n}
}

// HostOf is the host that a request for a URI is sent to, in lower case, of an IPv6 address without its brackets: its maddr
// where there is one (RFC 3261 section 19.1.1, RFC 3263 section 4).
func HostOf(u signal.URI) string {
	maddr, _ := u.Params.Get("maddr")
	return strings.ToLower(strings.Trim(cmp.Or(maddr, u.Host), "[]"))
}

// placeOfURI is where a parsed URI leads.
func placeOfURI(u signal.URI) Place {
	p := Place{Host: []byte(HostOf(u)), Port: u.Port}
	if p.Port != 0 {
		return p
	}
	p.Port = usualPort
	if u.Sealed() {
		p.Port = securePort
	}
	return p
}
