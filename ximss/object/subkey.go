package object

import (
	"encoding/base64"
	"strconv"
)

// The names of the XIMSS form of objects (reference communigate.md 2.5): a dictionary is a sequence of
// <subKey key="name">, an array one of <subValue>, a string is text.
//
// What is not said by that is in an attribute of the element that holds the object: type="number",
// "date", "data", "ip", "xml", "null", "array" and "dictionary" where they are empty. A client that does
// not know it sees the text of a number as it would see a string. It is not written on an element
// that is not ours: there numbers and the like come back as strings. Handles are texts, and come back
// as strings: nobody makes a handle up.
const (
	subKey   = "subKey"
	subValue = "subValue"
	typeName = "type"
)

// ToXML is an object as an element of that name, with its type (ObjectToXML). It fails with ErrDepth, and
// with ErrLong beyond MaxParts.
func ToXML(name string, v Value) (*XML, error) {
	x := NewXML(name)
	h := holding{}
	typ, err := h.hold(x, v, 0)
	if typ == "" && v.Kind() == KindString && v.Text() == "" {
		typ = "string" // apart from no object
	}
	if typ != "" {
		x.SetAttribute(typeName, "", typ)
	}
	return x, err
}

// Hold puts an object into an element as its content, such as a parameter into a taskEvent. It fails
// with ErrDepth, and with ErrLong beyond MaxParts.
func (x *XML) Hold(v Value) error {
	h := holding{}
	_, err := h.hold(x, v, 0)
	return err
}

// MaxParts is how many elements an object may become: one array in many is copied into each.
const MaxParts = 1 << 18

// holding counts the elements that one object becomes.
type holding struct{ parts int }

func (h *holding) hold(x *XML, v Value, depth int) (typ string, err error) {
	if depth > MaxDepth {
		return "", ErrDepth
	}
	switch v.Kind() {
	case KindNull:
		return "null", nil
	case KindString:
		if v.Text() != "" {
			x.Add(v)
		}
		return "", nil
	case KindArray:
		return h.array(x, v.Array(), depth)
	case KindDictionary:
		return h.dictionary(x, v.Dictionary(), depth)
	case KindXML:
		x.Add(v)
		return "xml", nil
	case KindNumber:
		typ = "number"
	case KindDate:
		typ = "date"
	case KindData:
		typ = "data"
	case KindAddress:
		typ = "ip"
	}
	x.Add(String(ScalarText(v)))
	return typ, nil
}

// ScalarText is a string, number, timestamp, ip-address or handle as plain text, and a datablock as
// base64; "" for others.
func ScalarText(v Value) string {
	switch v.Kind() {
	case KindString:
		return v.Text()
	case KindNumber:
		return strconv.FormatInt(v.num, 10)
	case KindDate:
		return DateText(v.num)
	case KindData:
		return base64.StdEncoding.EncodeToString(v.ref.(*datablock).b)
	case KindAddress:
		return AddressText(v.ref.(*address).addr, v.ref.(*address).port)
	case KindHandle:
		return v.Handle().ID
	}
	return ""
}

func (h *holding) array(x *XML, a *Array, depth int) (typ string, err error) {
	if a.Len() == 0 {
		return "array", nil
	}
	for _, v := range a.items {
		if err := h.part(x, NewXML(subValue), v, depth); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (h *holding) dictionary(x *XML, d *Dictionary, depth int) (typ string, err error) {
	if d.Len() == 0 {
		return "dictionary", nil
	}
	for i, key := range d.keys {
		if err := h.part(x, NewXML(subKey, "key", key), d.values[i], depth); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (h *holding) part(x, part *XML, v Value, depth int) error {
	if h.parts++; h.parts > MaxParts {
		return ErrLong
	}
	typ, err := h.hold(part, v, depth+1)
	if typ != "" {
		part.SetAttribute(typeName, "", typ)
	}
	x.Add(part.Value())
	return err
}

// Held is the object that an element has as its content; null where there is no content. Elements of
// other names than ours, one alone, are XML; of several the first counts. What is nested beyond MaxDepth
// is null, and so is the whole beyond MaxParts: an element may stand in many, as one array may.
func (x *XML) Held() Value { return x.held("") }

// FromXML is the object of an element that ToXML made.
func FromXML(x *XML) Value { return x.held(x.Attr(typeName)) }

func (x *XML) held(typ string) Value {
	t := taking{}
	v := t.of(x, typ, 0)
	if t.parts > MaxParts || t.bytes > MaxText {
		return Null
	}
	return v
}

// taking counts what is taken out of one element.
type taking struct{ parts, bytes int }

func (t *taking) of(x *XML, typ string, depth int) Value {
	t.parts += 1 + len(x.Body)
	if depth > MaxDepth || t.parts > MaxParts || t.bytes > MaxText || typ == "null" {
		return Null
	}
	var first *XML
	for _, v := range x.Body {
		if first = v.XML(); first != nil {
			break
		}
	}
	switch {
	case first == nil:
		s := x.Text()
		t.bytes += len(s)
		return heldText(s, typ, depth > 0)
	case typ == "xml" || first.Type != subKey && first.Type != subValue:
		return first.Value()
	case first.Type == subValue:
		return t.array(x, depth)
	}
	return t.dictionary(x, depth)
}

// heldText reads what has no sub-elements. Text that is not of its type is a string.
func heldText(s, typ string, inner bool) Value {
	switch typ {
	case "array":
		return NewArray().Value()
	case "dictionary":
		return NewDictionary().Value()
	case "number":
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return Number(n)
		}
	case "date":
		if seconds, ok := parseDateText(s); ok {
			return Date(seconds)
		}
	case "data":
		if b, err := base64.StdEncoding.DecodeString(s); err == nil {
			return Data(b)
		}
	case "ip":
		if a, port, ok := ParseAddress(s); ok {
			return Address(a, port)
		}
	case "":
		if s == "" && !inner {
			return Null
		}
	}
	return String(s)
}

// parseDateText reads what DateText wrote.
func parseDateText(s string) (seconds int64, ok bool) {
	switch s {
	case "PAST":
		return RemotePast, true
	case "FUTURE":
		return RemoteFuture, true
	}
	return ParseDate(s)
}

func (t *taking) array(x *XML, depth int) Value {
	a := NewArray()
	for _, v := range x.Body {
		if part := v.XML(); part != nil && part.Type == subValue {
			a.Append(t.of(part, part.Attr(typeName), depth+1))
		}
	}
	return a.Value()
}

func (t *taking) dictionary(x *XML, depth int) Value {
	d := NewDictionary()
	for _, v := range x.Body {
		if part := v.XML(); part != nil && part.Type == subKey {
			d.Put(part.Attr("key"), t.of(part, part.Attr(typeName), depth+1))
		}
	}
	return d.Value()
}
