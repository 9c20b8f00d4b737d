package object

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxAttributes is how many attributes and namespaces an element that is read may have.
const MaxAttributes = 256

// tagging is one element on its way to XML text. Nothing stands between children: clients index them.
type tagging struct {
	b     strings.Builder
	limit int
	left  *int // pieces of content that may still be looked at: what is empty leaves no text to count
	err   error
}

// Markup is the XML text of an element, on one line: line ends and tabs are character references. A
// name that XML does not allow has its bad characters replaced by "_", and content that is neither
// string nor element is left out. It fails as Writer.Write does.
func (x *XML) Markup() (string, error) {
	left := MaxText
	return x.markup(MaxText, 0, &left)
}

// markup is the text of an element at a depth. left goes on counting from element to element.
func (x *XML) markup(limit, depth int, left *int) (string, error) {
	t := tagging{limit: limit, left: left}
	t.element(x, depth)
	if t.err != nil {
		return "", t.err
	}
	return t.b.String(), nil
}

func (t *tagging) put(s string) {
	if t.err == nil && t.b.Len()+len(s) > t.limit {
		t.err = ErrLong
	}
	if t.err == nil {
		t.b.WriteString(s)
	}
}

func (t *tagging) element(x *XML, depth int) {
	*t.left -= len(x.Body)
	switch {
	case depth > MaxDepth:
		t.err = ErrDepth
	case *t.left < 0 && t.err == nil:
		t.err = ErrLong
	}
	if t.err != nil {
		return
	}
	name := qualified(x.Prefix, x.Type)
	t.put("<" + name)
	for _, n := range x.Namespaces {
		if n.Prefix == "" {
			t.attribute("xmlns", n.Name)
		} else {
			t.attribute(qualified("xmlns", n.Prefix), n.Name)
		}
	}
	for _, a := range x.Attributes {
		t.attribute(qualified(a.Prefix, a.Name), a.Value)
	}
	if x.empty() {
		t.put("/>")
		return
	}
	t.put(">")
	for _, v := range x.Body {
		if v.Kind() == KindXML {
			t.element(v.XML(), depth+1)
		} else {
			t.escape(v.Text())
		}
	}
	t.put("</" + name + ">")
}

// empty tells whether there is no content to write.
func (x *XML) empty() bool {
	for _, v := range x.Body {
		if v.Kind() == KindXML || v.Text() != "" {
			return false
		}
	}
	return true
}

func (t *tagging) attribute(name, value string) {
	t.put(" " + name + `="`)
	t.escape(value)
	t.put(`"`)
}

func qualified(prefix, name string) string {
	if prefix == "" {
		return mendName(name)
	}
	return mendName(prefix) + ":" + mendName(name)
}

func mendName(s string) string {
	if NameOK(s) {
		return s
	}
	mended := strings.Map(func(r rune) rune {
		if r < 0x80 && NameOK("_"+string(r)) {
			return r
		}
		return '_'
	}, s)
	if !NameOK(mended) {
		mended = "_" + mended
	}
	return mended
}

// escape writes text. What XML can not hold at all, control characters and bytes that are no UTF-8,
// becomes U+FFFD.
func (t *tagging) escape(s string) {
	if t.err != nil {
		return
	}
	from := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		e := ""
		switch {
		case r == '&':
			e = "&amp;"
		case r == '<':
			e = "&lt;"
		case r == '>':
			e = "&gt;"
		case r == '"':
			e = "&quot;"
		case r == '\n':
			e = "&#10;"
		case r == '\r':
			e = "&#13;"
		case r == '\t':
			e = "&#9;"
		case r < ' ' || r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF:
			e = "\uFFFD"
		}
		if e != "" {
			t.put(s[from:i])
			t.put(e)
			from = i + n
		}
		i += n
	}
	t.put(s[from:])
}

// ParseXML reads one element from XML text; blanks, comments and processing instructions may stand
// around it. A document type is refused, so there are no entities but the five of XML itself. Text of
// white space with a line end in it, beside sub-elements, is layout and dropped.
func ParseXML(s string) (*XML, error) {
	x, rest, err := ParseXMLPrefix(s)
	if err != nil {
		return nil, err
	}
	if _, more, err := ParseXMLPrefix(rest); !errors.Is(err, io.EOF) || more != "" {
		return nil, errors.New("XML: text after the end of the element")
	}
	return x, nil
}

// ParseXMLPrefix reads the element that a text begins with, and gives what follows it. The error is
// io.EOF where there is none up to the end.
func ParseXMLPrefix(s string) (x *XML, rest string, err error) {
	return parseXML(s, 0)
}

// parseXML reads an element that is nested to a depth already.
func parseXML(s string, depth int) (x *XML, rest string, err error) {
	r := xmlReading{d: xml.NewDecoder(strings.NewReader(s)), depth: depth}
	for {
		token, err := r.d.RawToken()
		switch t := token.(type) {
		case nil:
			if err == io.EOF {
				return nil, "", io.EOF
			}
			return nil, "", fmt.Errorf("XML: %w", err)
		case xml.StartElement:
			if x, err = r.element(t); err != nil {
				return nil, "", err
			}
			return x, s[r.d.InputOffset():], nil
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, "", errors.New("XML: text where an element is expected")
			}
		case xml.Comment, xml.ProcInst:
		default:
			return nil, "", errors.New("XML: a document type or a stray end tag")
		}
	}
}

type xmlReading struct {
	d     *xml.Decoder
	depth int
	way   []level
}

// level is an element whose end has not been read.
type level struct {
	x    *XML
	name xml.Name
	text []byte // what will be its next string; comments and CDATA part none
}

// element reads to the end of an element. The way down is a list, since RawToken, which alone keeps
// prefixes as they are written, does not match ends with starts.
func (r *xmlReading) element(start xml.StartElement) (*XML, error) {
	if err := r.push(start); err != nil {
		return nil, err
	}
	for {
		token, err := r.d.RawToken()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("XML: %w", err)
		}
		top := &r.way[len(r.way)-1]
		switch t := token.(type) {
		case xml.StartElement:
			top.endText()
			if err := r.push(t); err != nil {
				return nil, err
			}
		case xml.CharData:
			top.text = append(top.text, t...)
		case xml.EndElement:
			if t.Name != top.name {
				return nil, fmt.Errorf("XML: %s ends what %s began", t.Name.Local, top.name.Local)
			}
			top.endText()
			top.x.dropLayout()
			x := top.x
			if r.way = r.way[:len(r.way)-1]; len(r.way) == 0 {
				return x, nil
			}
		case xml.Directive:
			return nil, errors.New("XML: a declaration inside an element")
		}
	}
}

// push goes down into an element.
func (r *xmlReading) push(start xml.StartElement) error {
	if r.depth+len(r.way) > MaxDepth {
		return ErrDepth
	}
	x, err := opened(start)
	if err != nil {
		return err
	}
	if n := len(r.way); n > 0 {
		r.way[n-1].x.Add(x.Value())
	}
	r.way = append(r.way, level{x: x, name: start.Name})
	return nil
}

func (l *level) endText() {
	if len(l.text) > 0 {
		l.x.Add(String(string(l.text)))
		l.text = nil
	}
}

// opened makes an element of a start tag.
func opened(start xml.StartElement) (*XML, error) {
	if !nameFits(start.Name) {
		return nil, fmt.Errorf("XML: the name %q is not allowed", start.Name.Local)
	}
	if len(start.Attr) > MaxAttributes {
		return nil, fmt.Errorf("XML: more than %d attributes", MaxAttributes)
	}
	x := &XML{Type: start.Name.Local, Prefix: start.Name.Space}
	for _, a := range start.Attr {
		if !nameFits(a.Name) {
			return nil, fmt.Errorf("XML: the name %q is not allowed", a.Name.Local)
		}
		prefix, binds := a.Name.Local, a.Name.Space == "xmlns"
		if a.Name.Space == "" && a.Name.Local == "xmlns" {
			prefix, binds = "", true
		}
		if binds {
			if _, ok := x.Namespace(prefix); ok {
				return nil, fmt.Errorf("XML: the namespace of %q twice", prefix)
			}
			x.Namespaces = append(x.Namespaces, Namespace{prefix, a.Value})
			continue
		}
		if _, ok := x.Attribute(a.Name.Local, a.Name.Space); ok {
			return nil, fmt.Errorf("XML: the attribute %q twice", a.Name.Local)
		}
		x.Attributes = append(x.Attributes, Attribute{a.Name.Space, a.Name.Local, a.Value})
	}
	return x, nil
}

func nameFits(n xml.Name) bool {
	return NameOK(n.Local) && (n.Space == "" || NameOK(n.Space))
}

func (x *XML) dropLayout() {
	elements := false
	for _, v := range x.Body {
		elements = elements || v.Kind() == KindXML
	}
	if !elements {
		return
	}
	kept := x.Body[:0]
	for _, v := range x.Body {
		if s, ok := v.Str(); ok && strings.ContainsAny(s, "\r\n") && strings.TrimSpace(s) == "" {
			continue
		}
		kept = append(kept, v)
	}
	x.Body = kept
}
