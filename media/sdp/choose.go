package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"tandem/media/codec"
)

// sends and hears split a direction; direction joins them again.
func (d Direction) sends() bool { return d == SendRecv || d == SendOnly }
func (d Direction) hears() bool { return d == SendRecv || d == RecvOnly }

func direction(sends, hears bool) Direction {
	switch {
	case sends && hears:
		return SendRecv
	case sends:
		return SendOnly
	case hears:
		return RecvOnly
	}
	return Inactive
}

var directionNames = [...]string{SendRecv: "sendrecv", SendOnly: "sendonly", RecvOnly: "recvonly", Inactive: "inactive"}

// String is the direction as an SDP attribute.
func (d Direction) String() string {
	if d < 0 || int(d) >= len(directionNames) {
		return "inactive"
	}
	return directionNames[d]
}

// side is what a peer's m-line says about its end.
type side struct {
	remote netip.AddrPort // not valid: the unspecified address, nothing can be sent
	sends  bool
	hears  bool
}

// side reads address and direction of an m-line. why says what makes the line unusable.
func (d *description) side(m *mediaLine, c Capability) (s side, why string) {
	dir := SendRecv
	if m.attrs.directed {
		dir = m.attrs.direction
	} else if d.attrs.directed {
		dir = d.attrs.direction
	}
	s.sends, s.hears = dir.sends(), dir.hears()
	if c.Secure != nil {
		return s, "" // ICE finds the address
	}
	conn := m.conn
	if !conn.given {
		conn = d.conn
	}
	if conn.addr.IsValid() && conn.addr.IsUnspecified() {
		s.hears = false
		return s, ""
	}
	if why := checkAddress(conn.addr, c.Address); why != "" {
		return s, strings.TrimSpace(conn.text + " " + why)
	}
	if m.port < minPort {
		return s, fmt.Sprintf("port %d is below %d", m.port, minPort)
	}
	s.remote = netip.AddrPortFrom(conn.addr, uint16(m.port))
	return s, ""
}

// usable says why we can not take an m-line, "" when we can.
func (d *description) usable(m *mediaLine, c Capability) string {
	switch {
	case m.port == 0:
		return "refused by the peer (port 0)"
	case m.kind != "audio":
		return "m=" + m.kind
	case c.Secure == nil && dtlsProfiles[m.proto]:
		if why := d.dtlsTrouble(m, c); why != "" {
			return why
		}
	case c.Secure == nil && !isPlain(m.proto) && !keyedProfiles[m.proto]:
		return "protocol " + m.proto
	case c.Secure == nil && m.keyTrouble(c) != "":
		return m.keyTrouble(c)
	case c.Secure != nil && d.secureTrouble(m) != "":
		return d.secureTrouble(m)
	}
	if len(m.common(c.Codecs)) == 0 {
		return "no common codec in " + strings.Join(m.formats, " ")
	}
	_, why := d.side(m, c)
	return why
}

// choose finds the m-line to take: the active one of before, else the first that we can do; of one with encryption and
// one without, which is how some peers offer a choice, the one with it.
func (d *description) choose(active int, c Capability) (int, error) {
	var reasons []string
	best := -1
	for i := range d.media {
		m := &d.media[i]
		if why := d.usable(m, c); why != "" {
			reasons = append(reasons, fmt.Sprintf("line %d: %s", m.number, why))
		} else if best < 0 || i == active || best != active && d.media[best].prefers(m, c) {
			best = i
		}
	}
	if best >= 0 {
		return best, nil
	}
	if len(reasons) == 0 {
		reasons = []string{"no m-line"}
	}
	return -1, fmt.Errorf("%w: %s", ErrNotAcceptable, strings.Join(reasons, "; "))
}

// pick is the codec to use of those in common: the first preferred, the one in use, the peer's first.
func pick(common []Format, prefer []codec.Codec, current Params, talking bool) Format {
	for _, c := range prefer {
		if i := find(common, c); i >= 0 {
			return common[i]
		}
	}
	if talking {
		if i := find(common, current.Codec); i >= 0 {
			return common[i]
		}
	}
	return common[0]
}

// spoken are the codecs that we can talk by: those that we can encode, and others where they are asked for, which somebody
// does whose packets are passed on.
func spoken(ours, prefer []codec.Codec) (out []codec.Codec) {
	for _, c := range ours {
		if c.Encodes() || slices.ContainsFunc(prefer, func(p codec.Codec) bool { return same(p, c) }) {
			out = append(out, c)
		}
	}
	return out
}

// preferred are our codecs with the preferred ones first.
func preferred(ours, prefer []codec.Codec) []codec.Codec {
	out := make([]codec.Codec, 0, len(ours))
	add := func(c codec.Codec) {
		for _, have := range out {
			if same(have, c) {
				return
			}
		}
		out = append(out, c)
	}
	for _, p := range prefer {
		for _, c := range ours {
			if same(c, p) {
				add(c)
			}
		}
	}
	for _, c := range ours {
		add(c)
	}
	return out
}
