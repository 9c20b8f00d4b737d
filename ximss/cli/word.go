package cli

import (
	"strings"

	"tandem/ximss/object"
)

// words is a line while it is read.
type words struct{ rest string }

// skip passes blanks.
func (w *words) skip() { w.rest = strings.TrimLeft(w.rest, " \t") }

// end tells whether nothing is left.
func (w *words) end() bool { w.skip(); return w.rest == "" }

// name takes the letters that a line begins with.
func (w *words) name() string {
	w.skip()
	n := 0
	for n < len(w.rest) && w.rest[n] != ' ' && w.rest[n] != '\t' {
		n++
	}
	name := w.rest[:n]
	w.rest = w.rest[n:]
	return name
}

// ahead is the bare word that comes next; "" where something else comes.
func (w *words) ahead() string {
	w.skip()
	n := 0
	for n < len(w.rest) && bare(w.rest[n]) {
		n++
	}
	return w.rest[:n]
}

// bare tells whether a character may be part of a string without quotes. People type addresses so;
// programs quote whatever is not letters and digits.
func bare(c byte) bool { return c > ' ' && c != 0x7f && strings.IndexByte(`"(){}[]<>=;,`, c) < 0 }

// takes takes an option word if it comes next.
func (w *words) takes(word string) bool {
	if !strings.EqualFold(w.ahead(), word) {
		return false
	}
	w.rest = w.rest[len(word):]
	return true
}

// text takes a string: a bare word, or one string in quotes. Unlike in objects, two in a row are two.
func (w *words) text() (string, *Failure) {
	if word := w.ahead(); word != "" {
		w.rest = w.rest[len(word):]
		return word, nil
	}
	n := quoted(w.rest)
	if n == 0 {
		return "", ErrIllegal
	}
	v, err := object.Parse(w.rest[:n])
	if err != nil {
		return "", ErrIllegal
	}
	w.rest = w.rest[n:]
	return v.Text(), nil
}

// quoted is the length of the string in quotes that a text begins with; 0: there is none.
func quoted(s string) int {
	if s == "" || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

// object takes any object. A bare word of characters that no object has, such as *, is a string too.
func (w *words) object(folded bool) (object.Value, *Failure) {
	if word := w.ahead(); word != "" && word[0] != '#' {
		w.rest = w.rest[len(word):]
		return object.String(word), nil
	}
	v, rest, err := object.Parser{Folded: folded}.ParsePrefix(w.rest)
	if err != nil {
		return object.Null, ErrIllegal
	}
	w.rest = rest
	return v, nil
}
