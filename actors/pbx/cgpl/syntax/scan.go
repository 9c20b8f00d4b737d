package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// kind is what a token is: one of these four, or the keyword or sign itself.
type kind string

const (
	kindName   kind = "a name"
	kindNumber kind = "a number"
	kindString kind = "a string"
	kindEnd    kind = "the end of the file"
)

// token is one lexeme.
type token struct {
	kind   kind
	at     Position
	text   string // a name or keyword as spelled, the value of a string
	number int64
}

// String is how a message speaks of it.
func (t token) String() string {
	switch t.kind {
	case kindName:
		return "the name " + t.text
	case kindNumber:
		return fmt.Sprintf("the number %d", t.number)
	case kindString, kindEnd:
		return string(t.kind)
	}
	return `"` + string(t.kind) + `"`
}

var keywords = func() map[string]kind {
	set := map[string]kind{}
	for word := range strings.FieldsSeq("and by const elif else end entry exitif external false for forward " +
		"function if is loop not null or procedure return spawn stop then true var while xor") {
		set[word] = kind(word)
	}
	return set
}()

// set are kinds of tokens of which one may come.
type set map[kind]bool

func setOf(list string) set {
	s := set{}
	for word := range strings.FieldsSeq(list) {
		s[kind(word)] = true
	}
	return s
}

// scanner cuts a source into tokens.
type scanner struct {
	source string
	place  int
	at     Position // of the place
	report *Report
}

func newScanner(source string, report *Report) *scanner {
	return &scanner{strings.TrimPrefix(source, "\ufeff"), 0, Position{1, 1}, report}
}

// peek is the byte so many places ahead; 0 beyond the end. A zero byte is not part of any token.
func (s *scanner) peek(ahead int) byte {
	if s.place+ahead < len(s.source) {
		return s.source[s.place+ahead]
	}
	return 0
}

func (s *scanner) ended() bool { return s.place >= len(s.source) }

// skip passes n bytes and counts lines and columns. A line ends with LF, CR LF or a lone CR.
func (s *scanner) skip(n int) {
	for range n {
		switch b := s.source[s.place]; {
		case b == '\n', b == '\r' && s.peek(1) != '\n':
			s.at = Position{s.at.Line + 1, 1}
		case b == '\r', b&0xC0 == 0x80: // the LF will count; inside of a character
		default:
			s.at.Column++
		}
		s.place++
	}
}

// next is the next token. What is no token is reported and passed over.
func (s *scanner) next() token {
	for {
		s.blank()
		t := token{kind: kindEnd, at: s.at}
		if s.ended() {
			return t
		}
		b := s.peek(0)
		switch {
		case letter(b):
			s.word(&t)
			return t
		case digit(b):
			s.number(&t)
			return t
		case b == '"':
			s.text(&t)
			return t
		}
		if s.sign(&t) {
			return t
		}
		s.stranger()
	}
}

// stranger reports a character that begins no token, and all like it that follow.
func (s *scanner) stranger() {
	c, size := utf8.DecodeRuneInString(s.source[s.place:])
	s.report.Fault(s.at, fmt.Sprintf("the character %q has no meaning here: take it out", c))
	same := s.source[s.place : s.place+size]
	for strings.HasPrefix(s.source[s.place:], same) {
		s.skip(size)
	}
}

// blank passes blanks and comments.
func (s *scanner) blank() {
	for !s.ended() {
		switch b := s.peek(0); {
		case b == ' ', b == '\t', b == '\n', b == '\r', b == '\f', b == '\v':
			s.skip(1)
		case b == '/' && s.peek(1) == '/':
			n := strings.IndexAny(s.source[s.place:], "\r\n")
			if n < 0 {
				n = len(s.source) - s.place
			}
			s.skip(n)
		case b == '/' && s.peek(1) == '*':
			n := strings.Index(s.source[s.place+2:], "*/")
			if n < 0 {
				s.report.Fault(s.at, `the comment that begins here has no end: write "*/"`)
				n = len(s.source) - s.place - 4
			}
			s.skip(n + 4)
		default:
			return
		}
	}
}

func (s *scanner) word(t *token) {
	n := 1
	for letter(s.peek(n)) || digit(s.peek(n)) {
		n++
	}
	t.text = s.source[s.place : s.place+n]
	s.skip(n)
	t.kind = kindName
	if k, ok := keywords[Fold(t.text)]; ok {
		t.kind = k
	}
}

func (s *scanner) sign(t *token) bool {
	n := signLength(s.peek(0), s.peek(1))
	if n == 0 {
		return false
	}
	t.text = s.source[s.place : s.place+n]
	t.kind = kind(t.text)
	s.skip(n)
	return true
}

// signLength is the length of the longest sign that begins with these two; 0 where there is none.
func signLength(a, b byte) int {
	switch a {
	case '+', '-', '*', '/', '%', '=', '!', '<', '>':
		if b == '=' {
			return 2
		}
	case '&', '|':
		if b == '=' || b == a {
			return 2
		}
	case ':':
		if b == ':' {
			return 2
		}
	case '^', '?', '.', ',', ';', '(', ')', '[', ']', '{', '}':
	default:
		return 0
	}
	return 1
}

// bases of numbers by the letter after a leading zero.
func baseOf(b byte) int64 {
	switch b | 0x20 {
	case 'x':
		return 16
	case 'o':
		return 8
	case 'b':
		return 2
	}
	return 10
}

// number reads digits in the base of their prefix.
func (s *scanner) number(t *token) {
	t.kind = kindNumber
	base, n := int64(10), 0
	if s.peek(0) == '0' {
		if base = baseOf(s.peek(1)); base != 10 {
			n = 2
		}
	}
	first, large := n, false
	for ; value(s.peek(n)) < base; n++ {
		d := value(s.peek(n))
		large = large || t.number > (1<<63-1-d)/base
		t.number = t.number*base + d
	}
	wrong := ""
	switch {
	case letter(s.peek(n)) || digit(s.peek(n)):
		for letter(s.peek(n)) || digit(s.peek(n)) {
			n++
		}
		wrong = fmt.Sprintf("%s is no number: a name begins with a letter", s.source[s.place:s.place+n])
	case n == first:
		wrong = fmt.Sprintf("digits are missing after %s", s.source[s.place:s.place+n])
	case s.peek(n) == '.' && digit(s.peek(n+1)):
		for n++; digit(s.peek(n)); n++ {
		}
		wrong = fmt.Sprintf("there are no fractions, and so no %s: use smaller units", s.source[s.place:s.place+n])
	case large:
		wrong = "the number is too large: the largest is 9223372036854775807"
	}
	if wrong != "" {
		s.report.Fault(t.at, wrong)
		t.number = 0
	}
	s.skip(n)
}

// value is that of a digit; 99 of what is none.
func value(b byte) int64 {
	switch {
	case digit(b):
		return int64(b - '0')
	case b|0x20 >= 'a' && b|0x20 <= 'f':
		return int64(b|0x20-'a') + 10
	}
	return 99
}

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' }
func digit(b byte) bool  { return b >= '0' && b <= '9' }

// Fold makes one of all spellings of a name: ASCII letters become lower case.
func Fold(name string) string {
	for i := range len(name) {
		if name[i] >= 'A' && name[i] <= 'Z' {
			return strings.ToLower(name)
		}
	}
	return name
}
