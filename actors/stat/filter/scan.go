package filter

import (
	"fmt"
	"strings"
)

// Error says what is wrong with a condition, and where.
type Error struct {
	At   int // bytes before it
	What string
}

func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.What) }

// word is one word of a condition.
type word struct {
	at   int
	kind rune   // 'a' a name, '1' a number, '"' a text, 'o' an operator, 0 the end; else itself
	text string // without quotes
}

// scanner cuts a text into words.
type scanner struct {
	text string
	at   int
}

const operators = "=!<>"

// next is the next word. A text in quotes has no escapes: it ends with the next quote.
func (s *scanner) next() (word, error) {
	for s.at < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.at]) >= 0 {
		s.at++
	}
	if s.at == len(s.text) {
		return word{at: s.at}, nil
	}
	begin := s.at
	switch c := s.text[s.at]; {
	case strings.IndexByte("&|~(),", c) >= 0:
		s.at++
		return word{begin, rune(c), s.text[begin:s.at]}, nil
	case c == '"':
		end := strings.IndexByte(s.text[begin+1:], '"')
		if end < 0 {
			return word{}, &Error{begin, "a text that begins here has no second quote"}
		}
		s.at = begin + end + 2
		return word{begin, '"', s.text[begin+1 : s.at-1]}, nil
	case strings.IndexByte(operators, c) >= 0:
		return word{begin, 'o', s.while(func(c byte) bool { return strings.IndexByte(operators, c) >= 0 })}, nil
	case c >= '0' && c <= '9' || c == '-':
		return word{begin, '1', s.while(func(c byte) bool { return c >= '0' && c <= '9' || c == '-' || c == '.' })}, nil
	case letter(c):
		return word{begin, 'a', s.while(func(c byte) bool { return letter(c) || c >= '0' && c <= '9' })}, nil
	}
	return word{}, &Error{begin, fmt.Sprintf("%q means nothing here", s.text[begin])}
}

func (s *scanner) while(is func(byte) bool) string {
	begin := s.at
	for s.at < len(s.text) && is(s.text[s.at]) {
		s.at++
	}
	return s.text[begin:s.at]
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
