package measure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tandem/actors/stat/filter"
)

// Formula gives each action a value (reference statserver.md 3.1, Formula). It is written
//
//	DistByConnID, Value("price") * 2 + Duration / 60
//
// with numbers, the value of a pair that is attached to the action, or of an attribute of it, its Duration in seconds,
// + - * / and parentheses. What is not there, no number, or divided by zero is 0. DistByConnID in front: each connection
// id counts once.
type Formula struct {
	text     string
	distinct bool
	of       func(with filter.Attributes, duration float64) float64
}

// value is the value of an action; without a formula 0.
func (f *Formula) value(with filter.Attributes, duration float64) float64 {
	if f.of == nil {
		return 0
	}
	v := f.of(with, duration)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

func (f Formula) String() string { return f.text }

// Limits of a formula.
const (
	maxFormula = 4096 // bytes
	maxNesting = 50   // parentheses within each other
)

// ParseFormula reads a formula.
func ParseFormula(text string) (f Formula, err error) {
	if len(text) > maxFormula {
		return f, fmt.Errorf("formula: it has at most %d bytes", maxFormula)
	}
	rest := strings.TrimSpace(text)
	if after, ok := strings.CutPrefix(rest, "DistByConnID"); ok {
		if after, ok = strings.CutPrefix(strings.TrimSpace(after), ","); !ok {
			return f, fmt.Errorf("formula: DistByConnID is followed by a comma and an expression")
		}
		f.distinct, rest = true, after
	}
	p := &formulaParser{text: rest}
	of, err := p.sum()
	if p.space(); err == nil && p.at < len(p.text) {
		err = p.wrong("+ - * / or the end")
	}
	if err != nil {
		return Formula{}, err
	}
	f.text, f.of = text, of
	return f, nil
}

// term is a part of a formula.
type term = func(with filter.Attributes, duration float64) float64

type formulaParser struct {
	text  string
	at    int
	depth int
}

func (p *formulaParser) wrong(wanted string) error {
	return fmt.Errorf("formula: at character %d: %s is wanted, not %q", p.at+1, wanted, p.text[p.at:min(len(p.text), p.at+12)])
}

func (p *formulaParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// sign takes one of some characters, if it is next.
func (p *formulaParser) sign(of string) byte {
	if p.space(); p.at < len(p.text) && strings.IndexByte(of, p.text[p.at]) >= 0 {
		p.at++
		return p.text[p.at-1]
	}
	return 0
}

// sum is products with + and - between, product is factors with * and / between. Results are made floating before they are
// used on, so that no processor fuses two operations and rounds otherwise.
func (p *formulaParser) sum() (term, error) { return p.chain("+-", p.product) }

func (p *formulaParser) product() (term, error) { return p.chain("*/", p.factor) }

func (p *formulaParser) chain(signs string, part func() (term, error)) (term, error) {
	all, err := part()
	for err == nil {
		c := p.sign(signs)
		if c == 0 {
			break
		}
		var next term
		if next, err = part(); err == nil {
			all = join(c, all, next)
		}
	}
	return all, err
}

func join(sign byte, a, b term) term {
	return func(w filter.Attributes, d float64) float64 {
		x, y := a(w, d), b(w, d)
		switch sign {
		case '+':
			return float64(x + y)
		case '-':
			return float64(x - y)
		case '*':
			return float64(x * y)
		}
		if y == 0 {
			return 0
		}
		return float64(x / y)
	}
}

func (p *formulaParser) factor() (term, error) {
	if p.depth++; p.depth > maxNesting {
		return nil, fmt.Errorf("formula: more than %d parentheses are within each other", maxNesting)
	}
	defer func() { p.depth-- }()
	switch {
	case p.sign("-") != 0:
		t, err := p.factor()
		return func(w filter.Attributes, d float64) float64 { return -t(w, d) }, err
	case p.sign("(") != 0:
		t, err := p.sum()
		if err == nil && p.sign(")") == 0 {
			err = p.wrong("a closing parenthesis")
		}
		return t, err
	}
	p.space()
	begin := p.at
	for p.at < len(p.text) && (isWord(p.text[p.at])) {
		p.at++
	}
	word := p.text[begin:p.at]
	if v, err := strconv.ParseFloat(word, 64); err == nil && (word[0] >= '0' && word[0] <= '9' || word[0] == '.') {
		return func(filter.Attributes, float64) float64 { return v }, nil
	}
	return p.named(begin, word)
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c == '_'
}

// named is Duration, Value("key") or an attribute.
func (p *formulaParser) named(begin int, word string) (term, error) {
	switch word {
	case "Duration":
		return func(_ filter.Attributes, d float64) float64 { return d }, nil
	case "Value":
		key, err := p.quoted()
		return func(w filter.Attributes, _ float64) float64 { return numeric(w.Pair(key)) }, err
	}
	for _, name := range filter.Names {
		if name == word {
			return func(w filter.Attributes, _ float64) float64 { return numeric(w.Attribute(name)) }, nil
		}
	}
	p.at = begin
	return nil, p.wrong(`a number, Duration, Value("key") or an attribute`)
}

func (p *formulaParser) quoted() (key string, err error) {
	if p.sign("(") == 0 || p.sign(`"`) == 0 {
		return "", p.wrong(`("key")`)
	}
	end := strings.IndexByte(p.text[p.at:], '"')
	if end < 0 {
		return "", p.wrong("a second quote")
	}
	key = p.text[p.at : p.at+end]
	if p.at += end + 1; p.sign(")") == 0 {
		return "", p.wrong("a closing parenthesis")
	}
	return key, nil
}

// numeric is the number that a text is; 0 where it is none.
func numeric(text string, ok bool) float64 {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if !ok || err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
