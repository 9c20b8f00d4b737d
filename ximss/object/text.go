package object

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of the written forms.
const (
	MaxDepth = 200      // how deep objects are nested where they are written or read
	MaxText  = 64 << 20 // bytes of one written object, where a Writer does not say less
)

// Failures of writing.
var (
	// ErrDepth is also what becomes of an object that contains itself.
	ErrDepth = errors.New("the object is nested too deeply or contains itself")
	ErrLong  = errors.New("the text of the object is too long")
)

// Writer writes the text form of objects (reference cgpl.md 1.8): one line, no blanks but in strings.
// Whoever reads it back gets an equal object, but for handles.
type Writer struct {
	// Handles keeps what only tasks may know, for messages between them: handles, and which
	// dictionaries fold their keys. A Parser with Handles understands it.
	Handles bool
	Limit   int // bytes; 0 is MaxText
}

// Write is the text form. Null alone is "#null#". It fails with ErrDepth beyond MaxDepth, at once also
// where an object contains itself, and with ErrLong beyond the limit.
func (w Writer) Write(v Value) (string, error) {
	if v.IsNull() {
		return "#null#", nil
	}
	p := printing{Writer: w}
	if p.Limit == 0 {
		p.Limit = MaxText
	}
	p.left = p.Limit
	p.value(v, 0)
	if p.err != nil {
		return "", p.err
	}
	return p.b.String(), nil
}

// Format is the text form for logs and people. What can not be written, or takes more than a mebibyte, is
// named as unprintable; that reads back as null.
func Format(v Value) string {
	s, err := Writer{Limit: 1 << 20}.Write(v)
	if err != nil {
		return "#(unprintable:" + err.Error() + ")"
	}
	return s
}

// printing is one object on its way to text.
type printing struct {
	Writer
	b    strings.Builder
	left int // see tagging
	err  error
}

// put adds text and watches the limit.
func (p *printing) put(s string) {
	if p.err == nil && p.b.Len()+len(s) > p.Limit {
		p.err = ErrLong
	}
	if p.err == nil {
		p.b.WriteString(s)
	}
}

func (p *printing) value(v Value, depth int) {
	if depth > MaxDepth {
		p.err = ErrDepth
	}
	if p.err != nil {
		return
	}
	switch v.Kind() {
	case KindNull:
		p.put("#NULL#")
	case KindString:
		p.put(Quote(v.Text()))
	case KindNumber:
		p.put("#" + strconv.FormatInt(v.num, 10))
	case KindData:
		p.data(v.ref.(*datablock).b)
	case KindDate:
		p.put("#T" + DateText(v.num))
	case KindAddress:
		p.put("#I" + AddressText(v.ref.(*address).addr, v.ref.(*address).port))
	case KindArray:
		p.array(v.Array(), depth)
	case KindDictionary:
		p.dictionary(v.Dictionary(), depth)
	case KindXML:
		p.element(v.XML(), depth)
	case KindHandle:
		p.handle(v.Handle())
	}
}

func (p *printing) array(a *Array, depth int) {
	p.put("(")
	for i, v := range a.items {
		if i > 0 {
			p.put(",")
		}
		p.value(v, depth+1)
	}
	p.put(")")
}

func (p *printing) dictionary(d *Dictionary, depth int) {
	if p.Handles && d.folded {
		p.put("#")
	}
	p.put("{")
	for i, key := range d.keys {
		p.put(Quote(key))
		p.put("=")
		p.value(d.values[i], depth+1)
		p.put(";")
	}
	p.put("}")
}

func (p *printing) data(b []byte) {
	if base64.StdEncoding.EncodedLen(len(b)) > p.Limit {
		p.err = ErrLong
		return
	}
	p.put("[" + base64.StdEncoding.EncodeToString(b) + "]")
}

func (p *printing) element(x *XML, depth int) {
	s, err := x.markup(p.Limit-p.b.Len(), depth, &p.left)
	if err != nil {
		p.err = err
		return
	}
	p.put(s)
}

// handle writes #(class:id). Clients skip it up to the parenthesis, so an identifier that would
// confuse them is quoted.
func (p *printing) handle(h *Handle) {
	class, id := h.Class, h.ID
	if strings.ContainsAny(class, `"\():`) || !plain(class) {
		class = quote(class)
	}
	if strings.ContainsAny(id, `"\()`) || !plain(id) {
		id = quote(id)
	}
	p.put("#(" + class + ":" + id + ")")
}

// plain tells whether there are only printable characters of ASCII.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Quote is a string in the text form: as it is if it has only letters and digits, else in quotes.
func Quote(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// quote puts a string in quotes. Control characters, and bytes that are no UTF-8, are written as their
// decimal codes, so that the text form is text whatever was in the string.
func quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := 0; i < len(s); {
		c, n := s[i], 1
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c == 0x7F:
			fmt.Fprintf(&b, `\%03d`, c)
		case c < 0x80:
			b.WriteByte(c)
		default:
			var r rune
			if r, n = utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && n == 1 {
				fmt.Fprintf(&b, `\%03d`, c)
			} else {
				b.WriteString(s[i : i+n])
			}
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

// The seconds of the first and the last moment that the text form can name.
var (
	firstSecond = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

// Past and Future tell whether a timestamp lies beyond the years 1 to 9999: such ones are written as the
// remote past and the remote future, and have no calendar.
func Past(seconds int64) bool   { return seconds < firstSecond }
func Future(seconds int64) bool { return seconds > lastSecond }

// DateText is a timestamp as DD-MM-YYYY_HH:MM:SS in GMT, "PAST", or "FUTURE".
func DateText(seconds int64) string {
	switch {
	case Past(seconds):
		return "PAST"
	case Future(seconds):
		return "FUTURE"
	}
	return time.Unix(seconds, 0).UTC().Format("02-01-2006_15:04:05")
}

// AddressText is an ip-address as "[address]" or "[address]:port".
func AddressText(a netip.Addr, port uint16) string {
	s := "[" + a.String() + "]"
	if port == 0 {
		return s
	}
	return s + ":" + strconv.Itoa(int(port))
}
