package sdp

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tandem/ximss/object"
)

// Text is the session description of an element that has the form of ToXML. Attributes that a client
// left out get what says least: "-" for names, 0 for numbers, 0.0.0.0 for addresses. An error is an
// *Error.
func Text(x *object.XML) (string, error) {
	if x == nil || x.Type != "sdp" {
		return "", &Error{0, "the element is not sdp"}
	}
	w := writing{}
	session := ""
	if ip, ok := x.Attribute("ip", ""); ok {
		session = w.address(ip)
	}
	origin := session
	if ip, ok := x.Attribute("origIP", ""); ok {
		origin = w.address(ip)
	}
	w.put("v=0")
	w.put("o=" + w.word(x, "origUser", "-") + " " + w.word(x, "sessionID", "0") + " " +
		w.word(x, "sessionVersion", "0") + " " + orNone(origin))
	subject, ok := x.Attribute("subject", "")
	if !ok {
		subject = "-"
	}
	w.put("s=" + subject)
	w.lines(x, "i", "u", "e", "p")
	if session != "" {
		w.put("c=" + session)
	}
	w.lines(x, "c")
	w.lines(x, "b")
	if !w.lines(x, "tr") {
		w.put("t=0 0")
	}
	w.lines(x, "z", "k")
	w.others(x, "iuepcbtrzkvosma")
	w.attributes(x)
	for _, m := range children(x, "media") {
		w.media(m, session)
	}
	if w.err != nil {
		return "", w.err
	}
	return w.b.String(), nil
}

const none = "IN IP4 0.0.0.0"

func orNone(address string) string {
	if address == "" {
		return none
	}
	return address
}

type writing struct {
	b     strings.Builder
	count int // of m= lines
	err   error
}

func (w *writing) fail(format string, args ...any) {
	if w.err == nil {
		w.err = &Error{0, fmt.Sprintf(format, args...)}
	}
}

// put writes a line, unless there is something in it that would make two of it.
func (w *writing) put(s string) {
	if !clean(s) {
		w.fail("a control character in the line %.40q", s)
	}
	if w.b.Len()+len(s)+2 > MaxText {
		w.fail("longer than %d bytes", MaxText)
	}
	if w.err == nil {
		w.b.WriteString(s + "\r\n")
	}
}

// clean tells whether a line is text without control characters but tabs.
func clean(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7F {
			return false
		}
	}
	return utf8.ValidString(s)
}

// word is an attribute that must be one word.
func (w *writing) word(x *object.XML, name, absent string) string {
	s, ok := x.Attribute(name, "")
	if !ok {
		return absent
	}
	if len(strings.Fields(s)) != 1 || strings.TrimSpace(s) != s {
		w.fail("%s of %s is not one word", name, x.Type)
	}
	return s
}

// address is "[address]" as the three words of a line; "" for "[]".
func (w *writing) address(s string) string {
	inner, ok := strings.CutPrefix(s, "[")
	if ok {
		inner, ok = strings.CutSuffix(inner, "]")
	} else {
		ok = !strings.Contains(s, "]")
		inner = s
	}
	f := strings.Fields(inner)
	switch {
	case ok && len(f) == 0 && inner == "":
		return ""
	case ok && len(f) == 1:
		return "IN " + family(f[0]) + " " + f[0]
	case ok && len(f) == 3:
		return strings.Join(f, " ")
	}
	w.fail("%.80q is not an address in brackets", s)
	return none
}

// place is "[address]:port", as the three words of an address and the port.
func (w *writing) place(s string) (address, port string) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || !digits(s[i+1:]) {
		w.fail("%.80q is not an address in brackets and a port", s)
		return none, "0"
	}
	return w.address(s[:i]), s[i+1:]
}

func children(x *object.XML, typ string) (found []*object.XML) {
	for _, v := range x.Body {
		if c := v.XML(); c != nil && c.Type == typ {
			found = append(found, c)
		}
	}
	return found
}

// lines writes the lines kept as they were, one set of letters after the other; of one set they stay in
// their order. It tells whether there were any.
func (w *writing) lines(x *object.XML, sets ...string) (any bool) {
	all := children(x, "line")
	for _, set := range sets {
		for _, l := range all {
			if w.err != nil {
				return any
			}
			if kind := l.Attr("type"); len(kind) == 1 && strings.Contains(set, kind) {
				w.put(kind + "=" + l.Text())
				any = true
			}
		}
	}
	return any
}

// others writes the lines of letters that are not known.
func (w *writing) others(x *object.XML, known string) {
	for _, l := range children(x, "line") {
		kind := l.Attr("type")
		switch {
		case len(kind) != 1 || kind[0] < 'a' || kind[0] > 'z' || strings.Contains("vosma", kind):
			w.fail("no line can have the type %.20q", kind)
		case !strings.Contains(known, kind) && w.err == nil:
			w.put(kind + "=" + l.Text())
		}
	}
}

func hasLine(x *object.XML, kind string) bool {
	for _, l := range children(x, "line") {
		if l.Attr("type") == kind {
			return true
		}
	}
	return false
}

func (w *writing) attributes(x *object.XML) {
	for _, a := range children(x, "attr") {
		if w.err != nil {
			return
		}
		s := w.name(a)
		if value := a.Text(); value != "" {
			s += ":" + value
		}
		w.put("a=" + s)
	}
}

// name is that of an attr, which may be anything but nothing, and has a colon at its end alone.
func (w *writing) name(a *object.XML) string {
	s := a.Attr("name")
	if i := strings.IndexByte(s, ':'); i >= 0 && (i < len(s)-1 || a.Text() != "") {
		w.fail("an attribute can not have the name %.40q", s)
	}
	return s
}

func (w *writing) media(m *object.XML, session string) {
	if w.count++; w.count > MaxMedia {
		w.fail("more than %d media", MaxMedia)
		return
	}
	address, port := w.place(m.Attr("ip"))
	if ports, ok := m.Attribute("ports", ""); ok {
		if !digits(ports) {
			w.fail("ports is not a number")
		}
		port += "/" + ports
	}
	codecs := children(m, "codec")
	s := "m=" + w.word(m, "media", "-") + " " + port + " " + w.word(m, "protocol", "-")
	if len(codecs) > MaxCodecs {
		w.fail("more than %d codecs", MaxCodecs)
		return
	}
	for _, c := range codecs {
		s += " " + w.word(c, "id", "-")
	}
	w.put(s)
	w.lines(m, "i")
	if address != "" && (address != session || hasLine(m, "c")) {
		w.put("c=" + address)
	}
	w.lines(m, "c", "b", "k")
	w.others(m, "icbkvosma")
	for _, c := range codecs {
		for _, what := range []line{{"rtpmap", "name"}, {"fmtp", "format"}} {
			if text := c.Attr(what.value); text != "" {
				w.put("a=" + what.kind + ":" + c.Attr("id") + " " + text)
			}
		}
	}
	w.stream(m)
	w.attributes(m)
}

// stream writes the attributes that a medium has as such.
func (w *writing) stream(m *object.XML) {
	if rtcp, ok := m.Attribute("rtcp", ""); ok {
		address, port := w.place(rtcp)
		if address != "" {
			port += " " + address
		}
		w.put("a=rtcp:" + port)
	}
	if _, ok := m.Attribute("ptime", ""); ok {
		w.put("a=ptime:" + w.word(m, "ptime", ""))
	}
	switch direction := m.Attr("direction"); direction {
	case "":
	case "sendrecv", "sendonly", "recvonly", "inactive":
		w.put("a=" + direction)
	default:
		w.fail("%.40q is not a direction", direction)
	}
}
