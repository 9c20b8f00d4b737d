package sdp

import (
	"fmt"
	"strings"

	"tandem/ximss/object"
)

// Error tells in which line of the text something is wrong.
type Error struct {
	Line int // from 1; 0: the text as a whole
	Text string
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return "SDP: " + e.Text
	}
	return fmt.Sprintf("SDP: line %d: %s", e.Line, e.Text)
}

// ToXML reads a session description. Lines may end in any way; unknown ones are kept. An error is an
// *Error.
func ToXML(text string) (*object.XML, error) {
	if len(text) > MaxText {
		return nil, &Error{0, fmt.Sprintf("longer than %d bytes", MaxText)}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	r := reading{}
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		if fault := r.line(line); fault != "" {
			return nil, &Error{i + 1, fault}
		}
	}
	switch {
	case !r.version:
		return nil, &Error{0, "no v= line"}
	case r.origin == nil:
		return nil, &Error{0, "no o= line"}
	}
	return r.xml(), nil
}

// reading is a description while it is read. What is in it has no line ends.
type reading struct {
	version    bool
	origin     []string // user, identifier, version, address
	subject    string
	hasSubject bool
	session    part
	media      []*media
}

// part is what the session and a medium have alike.
type part struct {
	address    string         // of its c= line, as the form has it, "" if there is none
	lines      []line         // with no place of their own
	attributes []object.Value // attr elements
}

type line struct{ kind, value string }

// media is one m= line and what follows it.
type media struct {
	part
	kind, port, ports, protocol string
	rtcp, direction, ptime      string
	codecs                      []*object.XML
}

// line takes in one line and says what is wrong with it, or "".
func (r *reading) line(s string) (fault string) {
	if len(s) < 2 || s[1] != '=' || s[0] < 'a' || s[0] > 'z' {
		return "not a letter, an equals sign and a value"
	}
	if !clean(s) {
		return "a control character or a byte that is no UTF-8"
	}
	kind, value := s[:1], s[2:]
	if !r.version && kind != "v" {
		return "v= is expected first"
	}
	at := &r.session
	if n := len(r.media); n > 0 {
		at = &r.media[n-1].part
	}
	switch kind {
	case "v":
		if r.version || value != "0" {
			return "v=0 is expected, once"
		}
		r.version = true
	case "o":
		return r.originLine(value)
	case "s":
		if r.hasSubject || len(r.media) > 0 {
			return "s= is misplaced"
		}
		r.subject, r.hasSubject = value, true
	case "m":
		return r.mediaLine(value)
	case "c":
		address, ok := addressOf(strings.Fields(value))
		if !ok {
			return "c= has no network type, address type and address"
		}
		if at.address == "" {
			at.address = address
		} else {
			at.lines = append(at.lines, line{kind, value})
		}
	case "a":
		r.attribute(value)
	default:
		at.lines = append(at.lines, line{kind, value})
	}
	return ""
}

func (r *reading) originLine(value string) (fault string) {
	f := strings.Fields(value)
	if len(f) != 6 || r.origin != nil || len(r.media) > 0 {
		return "o= has not six words, or is misplaced"
	}
	address, _ := addressOf(f[3:])
	r.origin = []string{f[0], f[1], f[2], address}
	return ""
}

// addressOf is "[address]" of a network type, an address type and an address. Where the types do not
// follow from the address all three stand in the brackets.
func addressOf(words []string) (address string, ok bool) {
	if len(words) != 3 {
		return "", false
	}
	if words[0] == "IN" && words[1] == family(words[2]) && !strings.ContainsAny(words[2], "[]") {
		return "[" + words[2] + "]", true
	}
	return "[" + strings.Join(words, " ") + "]", true
}

// family is the address type that an address has by its looks; a name counts as IPv4.
func family(address string) string {
	if strings.Contains(address, ":") {
		return "IP6"
	}
	return "IP4"
}

func (r *reading) mediaLine(value string) (fault string) {
	f := strings.Fields(value)
	if len(f) < 3 {
		return "m= has not a medium, a port and a protocol"
	}
	if len(r.media) == MaxMedia {
		return fmt.Sprintf("more than %d m= lines", MaxMedia)
	}
	if len(f) > 3+MaxCodecs {
		return fmt.Sprintf("more than %d payloads", MaxCodecs)
	}
	m := &media{kind: f[0], protocol: f[2]}
	m.port, m.ports, _ = strings.Cut(f[1], "/")
	if !digits(m.port) || strings.HasSuffix(f[1], "/") || m.ports != "" && !digits(m.ports) {
		return "the port is not a number"
	}
	for _, id := range f[3:] {
		m.codecs = append(m.codecs, object.NewXML("codec", "id", id))
	}
	r.media = append(r.media, m)
	return ""
}

func digits(s string) bool {
	return s != "" && len(s) <= 10 && strings.Trim(s, "0123456789") == ""
}

// attribute takes in an a= line: in its own place of a medium, or as an attr element.
func (r *reading) attribute(s string) {
	name, value, found := strings.Cut(s, ":")
	at := &r.session
	if n := len(r.media); n > 0 {
		if r.media[n-1].place(name, value, found) {
			return
		}
		at = &r.media[n-1].part
	}
	if found && value == "" {
		name = s
	}
	x := object.NewXML("attr", "name", name)
	if value != "" {
		x.Add(object.String(value))
	}
	at.attributes = append(at.attributes, x.Value())
}

// place puts an attribute where the form has a place for it. false: it has none, or it is taken.
func (m *media) place(name, value string, found bool) bool {
	switch name {
	case "sendrecv", "sendonly", "recvonly", "inactive":
		return !found && fill(&m.direction, name)
	case "ptime":
		return value != "" && !strings.ContainsAny(value, " \t") && fill(&m.ptime, value)
	case "rtcp":
		f := strings.Fields(value)
		if len(f) == 1 && digits(f[0]) {
			return fill(&m.rtcp, ":"+f[0]) // its address is that of the medium, which may come later
		}
		if len(f) == 4 && digits(f[0]) {
			address, _ := addressOf(f[1:])
			return fill(&m.rtcp, address+":"+f[0])
		}
	case "rtpmap":
		return m.describe("name", value)
	case "fmtp":
		return m.describe("format", value)
	}
	return false
}

func fill(place *string, value string) bool {
	if *place != "" {
		return false
	}
	*place = value
	return true
}

// describe gives the first codec of a payload number that lacks it its name or format.
func (m *media) describe(what, value string) bool {
	id, text, _ := strings.Cut(value, " ")
	if text == "" || strings.TrimSpace(text) != text {
		return false
	}
	for _, c := range m.codecs {
		if _, taken := c.Attribute(what, ""); c.Attr("id") == id && !taken {
			c.SetAttribute(what, "", text)
			return true
		}
	}
	return false
}

func (r *reading) xml() *object.XML {
	x := object.NewXML("sdp", "origUser", r.origin[0], "sessionID", r.origin[1],
		"sessionVersion", r.origin[2], "origIP", r.origin[3])
	if r.session.address != "" {
		x.SetAttribute("ip", "", r.session.address)
	}
	if r.hasSubject && r.subject != "-" {
		x.SetAttribute("subject", "", r.subject)
	}
	r.session.dropTime()
	r.session.put(x)
	for _, m := range r.media {
		x.Add(m.xml(r.session.address).Value())
	}
	return x
}

// dropTime drops the t= line that the form takes for granted.
func (p *part) dropTime() {
	at := -1
	for i, l := range p.lines {
		if l.kind == "t" || l.kind == "r" {
			if at >= 0 || l != (line{"t", "0 0"}) {
				return
			}
			at = i
		}
	}
	if at >= 0 {
		p.lines = append(p.lines[:at], p.lines[at+1:]...)
	}
}

func (p *part) put(x *object.XML) {
	x.Add(p.attributes...)
	for _, l := range p.lines {
		e := object.NewXML("line", "type", l.kind)
		if l.value != "" {
			e.Add(object.String(l.value))
		}
		x.Add(e.Value())
	}
}

func (m *media) xml(session string) *object.XML {
	address := m.address
	if address == "" {
		address = session
	}
	if address == "" {
		address = "[]"
	}
	x := object.NewXML("media", "media", m.kind, "protocol", m.protocol, "ip", address+":"+m.port)
	if m.ports != "" {
		x.SetAttribute("ports", "", m.ports)
	}
	if strings.HasPrefix(m.rtcp, ":") {
		m.rtcp = address + m.rtcp
	}
	for _, a := range []line{{"rtcp", m.rtcp}, {"direction", m.direction}, {"ptime", m.ptime}} {
		if a.value != "" {
			x.SetAttribute(a.kind, "", a.value)
		}
	}
	for _, c := range m.codecs {
		x.Add(c.Value())
	}
	m.put(x)
	return x
}
