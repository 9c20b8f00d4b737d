package filter

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Attributes are what a fact carries besides its kind.
type Attributes interface {
	// Pair is the value of a key of the attached data (user data, reasons, extensions). False: there is none.
	Pair(key string) (value string, ok bool)
	// Attribute is one of Names. False: the fact does not have it.
	Attribute(name string) (value string, ok bool)
}

// Names are the attributes that a comparison may name (reference statserver.md 2.1).
var Names = []string{"ANI", "CustomerID", "DNIS", "ExtensionReasonCode", "MediaType", "TenantID", "ThisQueue", "TreatmentType"}

// Filter says which facts a statistic counts.
type Filter struct {
	text string
	test test[Attributes]
}

// Parse reads a filter. The error is an *Error.
func Parse(text string) (Filter, error) {
	t, err := parse(text, filterTerm)
	return Filter{text, t}, err
}

// Holds answers whether a fact is counted. The zero Filter counts all.
func (f Filter) Holds(a Attributes) bool { return f.test == nil || f.test(a) }

func (f Filter) String() string { return f.text }

// filterTerm reads PairExists or a comparison. What a fact does not have makes a term false, whatever the comparison.
func filterTerm(p *parser[Attributes]) (test[Attributes], error) {
	name, err := p.take('a', "PairExists or the name of an attribute")
	if err != nil {
		return nil, err
	}
	if name.text == "PairExists" {
		return pairTerm(p)
	}
	attribute, ok := attributeNamed(name.text)
	if !ok {
		return nil, &Error{name.at, fmt.Sprintf("%q is no attribute: %s", name.text, strings.Join(Names, ", "))}
	}
	holds, err := p.comparison()
	if err != nil {
		return nil, err
	}
	want := p.word
	if want.kind != '"' && want.kind != '1' && want.kind != 'a' {
		return nil, p.wants("a text or a number")
	}
	return func(a Attributes) bool {
		value, ok := a.Attribute(attribute)
		return ok && holds(compare(value, want.text))
	}, p.step()
}

func attributeNamed(text string) (string, bool) {
	for _, n := range Names {
		if strings.EqualFold(n, text) {
			return n, true
		}
	}
	return "", false
}

// pairTerm reads the key and value of PairExists. The value * means any, the empty one too.
func pairTerm(p *parser[Attributes]) (test[Attributes], error) {
	texts, err := p.arguments(2)
	if err != nil {
		return nil, err
	}
	return func(a Attributes) bool {
		value, ok := a.Pair(texts[0])
		return ok && (texts[1] == "*" || value == texts[1])
	}, nil
}

// compare compares numbers as numbers and everything else as texts, letter by letter.
func compare(a, b string) int {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	if errX == nil && errY == nil {
		return cmp.Compare(x, y)
	}
	return cmp.Compare(a, b)
}
