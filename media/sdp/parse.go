package sdp

import (
	"bytes"
	"net/netip"
	"strconv"
	"strings"
)

// description is what we need to know of a peer's SDP.
type description struct {
	conn  connection // session level
	attrs attributes // session level
	media []mediaLine
}

// connection is a c= line. A name instead of an address is kept as "no address".
type connection struct {
	given bool
	addr  netip.Addr // not valid: a host name
	text  string
}

// parse reads an SDP. Unknown types and attributes are passed over (RFC 8866 section 5); CRLF and LF
// end a line.
func parse(text []byte) (*description, error) {
	if len(text) > MaxSize {
		return nil, malformed(1, "more than %d octets", MaxSize)
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, malformed(1+bytes.Count(text[:i], []byte("\n")), "NUL")
	}
	var d description
	var seen [256]bool
	number := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		number++
		line = strings.TrimSuffix(line, "\r")
		if line == "" {
			continue
		}
		if len(line) < 2 || line[1] != '=' || strings.Contains(line, "\r") {
			return nil, malformed(number, "not of the form x=value")
		}
		if seen['v'] == (line[0] == 'v') || line[0] == 'v' && line != "v=0" {
			return nil, malformed(number, "v=0 must stand first and only there")
		}
		if err := d.line(line[0], line[2:], number); err != nil {
			return nil, err
		}
		seen[line[0]] = true
	}
	if !seen['o'] {
		return nil, malformed(number, "no o= line")
	}
	return &d, nil
}

// line takes in one line of the SDP.
func (d *description) line(kind byte, value string, number int) error {
	switch kind {
	case 'o':
		if len(strings.Fields(value)) < 6 {
			return malformed(number, "o= needs six fields")
		}
	case 'c':
		c, ok := parseConnection(value)
		if !ok {
			return malformed(number, "c= is not IN IP4 or IN IP6 with an address")
		}
		if m := d.last(); m != nil {
			m.conn = c
		} else {
			d.conn = c
		}
	case 'm':
		if len(d.media) == MaxMedia {
			return malformed(number, "more than %d m-lines", MaxMedia)
		}
		m, err := parseMedia(value, number)
		if err != nil {
			return err
		}
		d.media = append(d.media, m)
	case 'a':
		name, v, _ := strings.Cut(value, ":")
		if m := d.last(); m != nil {
			m.attrs.set(name, v)
		} else {
			d.attrs.set(name, v)
		}
	}
	return nil
}

// last is the m-line that following lines belong to, nil at session level.
func (d *description) last() *mediaLine {
	if len(d.media) == 0 {
		return nil
	}
	return &d.media[len(d.media)-1]
}

func parseConnection(value string) (connection, bool) {
	f := strings.Fields(value)
	if len(f) != 3 || f[0] != "IN" || (f[1] != "IP4" && f[1] != "IP6") {
		return connection{}, false
	}
	host, _, _ := strings.Cut(f[2], "/") // TTL and count of multicast
	c := connection{given: true, text: host}
	if addr, err := netip.ParseAddr(host); err == nil {
		if addr.Zone() != "" || addr.Is4() != (f[1] == "IP4") {
			return connection{}, false
		}
		c.addr = addr.Unmap()
	}
	return c, true
}

// parseMedia reads the value of an m= line.
func parseMedia(value string, number int) (mediaLine, error) {
	for i := range len(value) {
		if value[i] < ' ' || value[i] >= 0x7f {
			return mediaLine{}, malformed(number, "m= with other than printable characters")
		}
	}
	f := strings.Fields(value)
	if len(f) < 4 {
		return mediaLine{}, malformed(number, "m= needs media, port, protocol and a format")
	}
	if len(f)-3 > MaxFormats {
		return mediaLine{}, malformed(number, "more than %d formats", MaxFormats)
	}
	port, _, _ := strings.Cut(f[1], "/") // number of ports
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return mediaLine{}, malformed(number, "port %q", port)
	}
	m := mediaLine{number: number, kind: f[0], port: int(n), proto: f[2], formats: f[3:]}
	if isRTP(m.proto) {
		for _, text := range m.formats {
			if n, err := strconv.ParseUint(text, 10, 8); err != nil || n > lastDynamic {
				return mediaLine{}, malformed(number, "payload number %q", text)
			}
		}
	}
	return m, nil
}
