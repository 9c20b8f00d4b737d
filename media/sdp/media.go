package sdp

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tandem/media/codec"
)

// mediaLine is one m= section of a peer's SDP.
type mediaLine struct {
	number  int // of the line, for errors
	kind    string
	port    int
	proto   string
	formats []string
	conn    connection
	attrs   attributes
}

// attributes are the a= lines that matter, of a session or of one m-line.
type attributes struct {
	direction Direction
	directed  bool // a direction was given
	mux       bool
	ptime     time.Duration
	maxPtime  time.Duration
	rtcp      string
	maps      []rtpmap
	says      []says // those of Opus
	mid       string
	bundle    []string // mids of a group BUNDLE (RFC 9143)
	security  security
	cryptos   []crypto // those of use
	keyed     bool     // there are such lines, of use or not
	fax       []string // those of T.38, as they came
}

// rtpmap is the meaning of a payload number.
type rtpmap struct {
	number uint8
	name   string
	clock  int
}

var directions = map[string]Direction{
	"sendrecv": SendRecv, "sendonly": SendOnly, "recvonly": RecvOnly, "inactive": Inactive,
}

// set takes in one attribute; one that can not be read counts as absent.
func (a *attributes) set(name, value string) {
	if d, ok := directions[name]; ok && value == "" {
		a.direction, a.directed = d, true
		return
	}
	if a.security.set(name, value) {
		return
	}
	if isFaxAttribute(name) {
		a.addFax(name, value)
		return
	}
	switch name {
	case "mid":
		a.mid = parseMid(value)
	case "group":
		if f := strings.Fields(value); len(f) > 0 && f[0] == "BUNDLE" {
			a.bundle = f[1:]
		}
	case "rtcp-mux":
		a.mux = true
	case "ptime":
		a.ptime = parseMilliseconds(value)
	case "maxptime":
		a.maxPtime = parseMilliseconds(value)
	case "rtcp":
		a.rtcp = value
	case "crypto":
		a.addCrypto(value)
	case "fmtp":
		if s, ok := parseSays(value); ok && s.text != "" && len(a.says) < MaxFormats {
			a.says = append(a.says, s)
		}
	case "rtpmap":
		if m, ok := parseMap(value); ok && len(a.maps) < MaxFormats {
			a.maps = append(a.maps, m)
		}
	}
}

// parseMilliseconds reads a ptime; some peers write fractions ("20.0").
func parseMilliseconds(s string) time.Duration {
	whole, _, _ := strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}

// parseMap reads "number name/clock[/channels]"; audio of more than one channel is not ours. That of Opus says two
// whatever there is in it (RFC 7587 section 7).
func parseMap(value string) (rtpmap, bool) {
	f := strings.Fields(value)
	if len(f) != 2 {
		return rtpmap{}, false
	}
	n, err := strconv.ParseUint(f[0], 10, 7)
	if err != nil {
		return rtpmap{}, false
	}
	name, rest, _ := strings.Cut(f[1], "/")
	clock, channels, _ := strings.Cut(rest, "/")
	hz, err := strconv.ParseUint(clock, 10, 31)
	if err != nil || channels != "" && channels != "1" && !strings.EqualFold(f[1], opusMap) {
		return rtpmap{}, false
	}
	return rtpmap{uint8(n), name, int(hz)}, true
}

// isRTP reports a profile of RTP, whose formats are payload numbers.
func isRTP(proto string) bool { return strings.Contains(proto, "RTP/") }

// isPlain reports a profile that a leg without Capability.Secure speaks.
func isPlain(proto string) bool { return proto == "RTP/AVP" || proto == "RTP/AVPF" }

const eventName = "telephone-event"

// meaning is what a payload number of the m-line stands for: by its rtpmap, else by RFC 3551.
func (m *mediaLine) meaning(number uint8) (rtpmap, bool) {
	for _, r := range m.attrs.maps {
		if r.number == number {
			return r, true
		}
	}
	if c, ok := codec.ByStatic(int(number)); ok {
		return rtpmap{number, c.Name, c.Clock}, true
	}
	return rtpmap{}, false
}

// common are the codecs of the m-line that are among ours, in its order, each once.
func (m *mediaLine) common(ours []codec.Codec) []Format {
	var out []Format
	for _, text := range m.formats {
		n, _ := strconv.ParseUint(text, 10, 8)
		r, ok := m.meaning(uint8(n))
		if !ok {
			continue
		}
		for _, c := range ours {
			if strings.EqualFold(c.Name, r.name) && c.Clock == r.clock && find(out, c) < 0 {
				f := Format{Codec: c, Payload: r.number}
				if c.Parameters() != "" {
					f.Says = m.said(r.number)
				}
				out = append(out, f)
			}
		}
	}
	return out
}

// event is the telephone-event payload that goes with a codec of that clock: the same clock (RFC
// 4733 section 2.1), else the 8000 Hz that many peers give for all. clock is 0 when there is none.
func (m *mediaLine) event(clock int) (number uint8, eventClock int) {
	for _, text := range m.formats {
		n, _ := strconv.ParseUint(text, 10, 8)
		r, ok := m.meaning(uint8(n))
		if !ok || r.number == 0 || !strings.EqualFold(r.name, eventName) {
			continue // 0 is PCMU by RFC 3551, and our word for "none"
		}
		if r.clock == clock {
			return r.number, clock
		}
		if r.clock == 8000 && eventClock == 0 {
			number, eventClock = r.number, r.clock
		}
	}
	return number, eventClock
}

// packet is how much audio the peer wants in one packet, ours being the default.
func (m *mediaLine) packet(session attributes, ours time.Duration) time.Duration {
	p, limit := m.attrs.ptime, m.attrs.maxPtime
	if p == 0 {
		p = session.ptime
	}
	if p == 0 {
		p = ours
	}
	if limit == 0 {
		limit = session.maxPtime
	}
	if limit > 0 {
		p = min(p, limit)
	}
	return min(max(p.Truncate(ptimeStep), minPtime), maxPtime)
}

// rtcp is where RTCP goes: with the RTP, where the rtcp attribute says (RFC 3605), or one port up.
// An address that we would not send RTP to gets no RTCP either.
func (m *mediaLine) rtcp(remote netip.AddrPort, ours netip.Addr) netip.AddrPort {
	if !remote.IsValid() {
		return remote
	}
	addr, port := remote.Addr(), int(remote.Port())+1
	if f := strings.Fields(m.attrs.rtcp); len(f) > 0 {
		n, err := strconv.ParseUint(f[0], 10, 16)
		if err != nil {
			return netip.AddrPort{}
		}
		port = int(n)
		if len(f) > 1 {
			c, ok := parseConnection(strings.Join(f[1:], " "))
			if !ok || checkAddress(c.addr, ours) != "" {
				return netip.AddrPort{}
			}
			addr = c.addr
		}
	}
	if port < minPort || port > 65535 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(addr, uint16(port))
}

// checkAddress says why RTP may not be sent to an address, "" when it may.
func checkAddress(addr, ours netip.Addr) string {
	switch {
	case !addr.IsValid():
		return "no address (names are not resolved)"
	case addr.IsUnspecified():
		return "unspecified address"
	case addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "not a unicast address"
	case ours.IsValid() && addr.Is4() != ours.Unmap().Is4():
		return "not our address family"
	case addr.IsLoopback() && !ours.IsLoopback():
		return "loopback address"
	}
	return ""
}

// find is the place of a codec in a list of formats, or -1.
func find(list []Format, c codec.Codec) int {
	for i := range list {
		if same(list[i].Codec, c) {
			return i
		}
	}
	return -1
}

// same reports the same codec: L16 is one per clock.
func same(a, b codec.Codec) bool { return a.Name == b.Name && a.Clock == b.Clock }
