package object

import (
	"encoding/xml"
	"strings"
)

// XML is an XML element: its name, its namespaces, attributes, and content.
type XML struct {
	Type       string // local name
	Prefix     string
	Namespaces []Namespace
	Attributes []Attribute
	Body       []Value // sub-elements and strings, in order
}

// Namespace binds a prefix ("" is the default one) to a name.
type Namespace struct{ Prefix, Name string }

// Attribute is one attribute.
type Attribute struct{ Prefix, Name, Value string }

// NewXML makes an element without content; the attributes are given as name, value, name, value.
func NewXML(typ string, attributes ...string) *XML {
	x := &XML{Type: typ}
	for i := 0; i+1 < len(attributes); i += 2 {
		x.Attributes = append(x.Attributes, Attribute{Name: attributes[i], Value: attributes[i+1]})
	}
	return x
}

// Value is the element as an object.
func (x *XML) Value() Value { return Value{ref: x} }

// Attribute is the value of an attribute; the prefix is "" for most.
func (x *XML) Attribute(name, prefix string) (value string, ok bool) {
	for _, t := range x.Attributes {
		if t.Name == name && t.Prefix == prefix {
			return t.Value, true
		}
	}
	return "", false
}

// Attr is the value of an attribute without a prefix, "" where there is none.
func (x *XML) Attr(name string) string {
	value, _ := x.Attribute(name, "")
	return value
}

// SetAttribute sets an attribute, in its place where there is one.
func (x *XML) SetAttribute(name, prefix, value string) {
	for i, t := range x.Attributes {
		if t.Name == name && t.Prefix == prefix {
			x.Attributes[i].Value = value
			return
		}
	}
	x.Attributes = append(x.Attributes, Attribute{prefix, name, value})
}

// DeleteAttribute removes an attribute; one that is absent does no harm.
func (x *XML) DeleteAttribute(name, prefix string) {
	for i, t := range x.Attributes {
		if t.Name == name && t.Prefix == prefix {
			x.Attributes = append(x.Attributes[:i], x.Attributes[i+1:]...)
			return
		}
	}
}

// Namespace is the name that the element itself binds to a prefix.
func (x *XML) Namespace(prefix string) (name string, ok bool) {
	for _, n := range x.Namespaces {
		if n.Prefix == prefix {
			return n.Name, true
		}
	}
	return "", false
}

// SetNamespace binds a prefix to a name; "" removes the binding.
func (x *XML) SetNamespace(prefix, name string) {
	for i, n := range x.Namespaces {
		if n.Prefix != prefix {
			continue
		}
		if name == "" {
			x.Namespaces = append(x.Namespaces[:i], x.Namespaces[i+1:]...)
		} else {
			x.Namespaces[i].Name = name
		}
		return
	}
	if name != "" {
		x.Namespaces = append(x.Namespaces, Namespace{prefix, name})
	}
}

// Add appends content: sub-elements and strings. Anything else is not written.
func (x *XML) Add(content ...Value) { x.Body = append(x.Body, content...) }

// Child is the first sub-element of a type, or nil.
func (x *XML) Child(typ string) *XML {
	for _, v := range x.Body {
		if c := v.XML(); c != nil && c.Type == typ {
			return c
		}
	}
	return nil
}

// Text is the element's own strings, joined; of more than MaxText bytes those that fit.
func (x *XML) Text() string {
	if len(x.Body) == 1 {
		return x.Body[0].Text()
	}
	var b strings.Builder
	for _, v := range x.Body {
		if b.Len()+len(v.Text()) > MaxText {
			break
		}
		b.WriteString(v.Text())
	}
	return b.String()
}

// NameOK tells whether a string can be the name of an element or an attribute, or a prefix.
func NameOK(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c >= 0x80:
			return nameToken(s)
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// nameToken asks the reader itself about a name with letters beyond ASCII, so that what is written can
// be read again.
func nameToken(s string) bool {
	if strings.ContainsAny(s, "<>/=:&\"' \t\r\n") {
		return false
	}
	t, err := xml.NewDecoder(strings.NewReader("<" + s + "/>")).RawToken()
	start, ok := t.(xml.StartElement)
	return err == nil && ok && start.Name.Local == s && len(start.Attr) == 0
}
