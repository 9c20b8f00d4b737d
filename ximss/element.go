package ximss

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"tandem/ximss/object"
)

// Limits of a document that are no settings. Its size is one (ximss.max_message).
const (
	maxDepth    = 64   // elements within one another
	maxElements = 4096 // elements in all
)

// Read reads one document: an element in UTF-8, with the five entities of XML itself and no document type. The
// error is an *Error of NumMalformed.
func Read(text string) (*object.XML, error) {
	x, err := object.ParseXML(text)
	switch {
	case errors.Is(err, object.ErrDepth):
		return nil, errDeep
	case err != nil:
		return nil, Fail(NumMalformed, "the document is not well-formed: %s", reason(err))
	}
	left := maxElements
	if !within(x, maxDepth, &left) {
		return nil, errDeep
	}
	return x, nil
}

var errDeep = Fail(NumMalformed, "the document has more than %d elements, or %d within one another", maxElements, maxDepth)

// reason is what an error says, cut to a length that fits an attribute.
func reason(err error) string {
	const most = 200
	s := strings.TrimPrefix(err.Error(), "XML: ")
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}

// within tells whether an element obeys the limits. Those of the parser are wider, since it serves files too.
func within(x *object.XML, depth int, left *int) bool {
	if *left--; *left < 0 || depth == 0 {
		return false
	}
	for _, v := range x.Body {
		if c := v.XML(); c != nil && !within(c, depth-1, left) {
			return false
		}
	}
	return true
}

// Write is an element as a document. One that can not be written is our own fault, and becomes an empty text.
func Write(x *object.XML) string {
	s, err := x.Markup()
	if err != nil {
		return ""
	}
	return s
}

// Message makes an element of a name and attributes, given as name, value; one whose value is "" is left out,
// since clients take an attribute that is there for meant.
func Message(name string, attributes ...string) *object.XML {
	x := object.NewXML(name)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] != "" {
			x.Attributes = append(x.Attributes, object.Attribute{Name: attributes[i], Value: attributes[i+1]})
		}
	}
	return x
}

// WithText gives an element a text as its only content, and returns it.
func WithText(x *object.XML, text string) *object.XML {
	x.Body = nil
	if text != "" {
		x.Add(object.String(text))
	}
	return x
}

// IsOn reads a switch as clients write them.
func IsOn(s string) bool {
	return s == "1" || strings.EqualFold(s, "yes") || strings.EqualFold(s, "true")
}

// Response is the answer to a request: an error's number and text, or neither.
func Response(id string, err error) *object.XML {
	x := Message("response", "id", id)
	if err == nil {
		return x
	}
	e := AsError(err)
	x.SetAttribute("errorText", "", e.Text)
	x.SetAttribute("errorNum", "", num(e.Num))
	return x
}

// RequestID is the id of a request, which it must have.
func RequestID(x *object.XML) (string, error) {
	id := x.Attr("id")
	switch {
	case id == "":
		return "", errNoID
	case len(id) > maxID:
		return "", errLongID
	}
	return id, nil
}

// maxID is how long the id of a request may be.
const maxID = 256

var (
	errNoID   = Fail(NumMalformed, "the attribute id is missing")
	errLongID = Fail(NumMalformed, "the attribute id is longer than %d bytes", maxID)
)

// sortedKeys are the keys of a map in their order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
