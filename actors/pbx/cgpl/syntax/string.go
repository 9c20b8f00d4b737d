package syntax

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads a string literal, which ends on its line.
func (s *scanner) text(t *token) {
	t.kind = kindString
	var b strings.Builder
	s.skip(1)
	for {
		switch c := s.peek(0); {
		case s.ended(), c == '\n', c == '\r':
			s.report.Fault(t.at, `the string is not closed on its line: write '"', or \n for a line end`)
			t.text = b.String()
			return
		case c == '"':
			s.skip(1)
			t.text = b.String()
			return
		case c == '\\':
			s.escape(&b)
		case c == 0:
			s.report.Fault(s.at, "a string has no zero byte: take it out")
			s.skip(1)
		default:
			b.WriteByte(c)
			s.skip(1)
		}
	}
}

// escapes of one letter; \e is the platform's line end.
var escapes = map[byte]byte{'"': '"', '\\': '\\', 'r': '\r', 'n': '\n', 't': '\t', 'e': '\n'}

func (s *scanner) escape(b *strings.Builder) {
	c := s.peek(1)
	plain, known := escapes[c]
	switch {
	case known:
		b.WriteByte(plain)
		s.skip(2)
	case digit(c) && digit(s.peek(2)) && digit(s.peek(3)):
		s.code(b)
	case c == 'u' && s.peek(2) == '\'':
		s.point(b)
	case c == 0, c == '\n', c == '\r': // the string ends here, which text says
		s.skip(1)
	default:
		s.report.Warn(s.at, fmt.Sprintf(`\%c is no escape and stands for the character itself: write it alone, or \\`,
			s.character(1)))
		s.skip(1)
		_, size := utf8.DecodeRuneInString(s.source[s.place:])
		b.WriteString(s.source[s.place : s.place+size])
		s.skip(size)
	}
}

func (s *scanner) character(ahead int) rune {
	c, _ := utf8.DecodeRuneInString(s.source[s.place+ahead:])
	return c
}

// code is \ddd, a byte in decimal.
func (s *scanner) code(b *strings.Builder) {
	n, _ := strconv.Atoi(s.source[s.place+1 : s.place+4])
	if n == 0 || n > 255 {
		s.report.Fault(s.at, fmt.Sprintf(`\%03d is no byte of a string: they go from \001 to \255`, n))
	} else {
		b.WriteByte(byte(n))
	}
	s.skip(4)
}

// point is \u'hex', a character by its code point.
func (s *scanner) point(b *strings.Builder) {
	n := 3
	for value(s.peek(n)) < 16 {
		n++
	}
	code, err := strconv.ParseUint(s.source[s.place+3:s.place+n], 16, 32)
	if s.peek(n) != '\'' || err != nil || code == 0 || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
		s.report.Fault(s.at, `expected \u'hex' with the code of a character, such as \u'20AC'`)
	} else {
		b.WriteRune(rune(code))
		n++
	}
	s.skip(n)
}
