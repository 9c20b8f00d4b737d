package object

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parser reads the text form of objects (reference cgpl.md 1.8). On input there may be white space, line
// ends and comments between the signs, all escapes of the language in strings, and "-_.@" and letters
// beyond ASCII in atoms.
type Parser struct {
	// Handles reads what a Writer with Handles wrote. Without it a handle, #(class:id), is null: nobody
	// may make a handle up.
	Handles bool
	// Folded makes dictionaries whose keys are not case-sensitive, as the platform makes them.
	Folded bool
}

// ParseError tells what was expected, and where.
type ParseError struct {
	Expected string
	Offset   int // in bytes, from 0
	Line     int // from 1
	Column   int // from 1, in characters
}

// Error is such as "line 1, column 7: \";\" is expected".
func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s is expected", e.Line, e.Column, e.Expected)
}

// Parse reads one object and nothing after it. An error is a *ParseError.
func Parse(s string) (Value, error) { return Parser{}.Parse(s) }

// ParsePrefix reads the object that a text begins with, and gives what follows it: on a command line
// other words do. An error is a *ParseError.
func ParsePrefix(s string) (v Value, rest string, err error) { return Parser{}.ParsePrefix(s) }

// Parse reads one object and nothing after it. An error is a *ParseError.
func (o Parser) Parse(s string) (Value, error) {
	p := parsing{Parser: o, s: s}
	v, err := p.value(0)
	if err != nil {
		return Null, err
	}
	if err := p.blank(); err != nil {
		return Null, err
	}
	if p.at < len(p.s) {
		return Null, p.expected("the end")
	}
	return v, nil
}

// ParsePrefix reads the object that a text begins with, and gives what follows it.
func (o Parser) ParsePrefix(s string) (v Value, rest string, err error) {
	p := parsing{Parser: o, s: s}
	if v, err = p.value(0); err != nil {
		return Null, s, err
	}
	return v, s[p.at:], nil
}

// parsing is one text while it is read.
type parsing struct {
	Parser
	s  string
	at int
}

func (p *parsing) expected(what string) error { return p.expectedAt(p.at, what) }

func (p *parsing) expectedAt(at int, what string) error {
	before := p.s[:at]
	line := 1 + strings.Count(before, "\n")
	column := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return &ParseError{what, at, line, column}
}

// peek is the next byte, 0 at the end.
func (p *parsing) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

// blank skips white space and comments.
func (p *parsing) blank() error {
	for p.at < len(p.s) {
		rest := p.s[p.at:]
		switch {
		case strings.IndexByte(" \t\r\n", rest[0]) >= 0:
			p.at++
		case strings.HasPrefix(rest, "//"):
			if end := strings.IndexAny(rest, "\r\n"); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.s)
			}
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return p.expected(`the "*/" of this comment`)
			}
			p.at += end + 4
		default:
			return nil
		}
	}
	return nil
}

// sign takes a sign, after blanks.
func (p *parsing) sign(c byte) error {
	if err := p.blank(); err != nil {
		return err
	}
	if p.peek() != c {
		return p.expected(`"` + string(rune(c)) + `"`)
	}
	p.at++
	return nil
}

func (p *parsing) value(depth int) (Value, error) {
	if err := p.blank(); err != nil {
		return Null, err
	}
	if depth > MaxDepth {
		return Null, p.expected(fmt.Sprintf("no nesting deeper than %d", MaxDepth))
	}
	switch c := p.peek(); {
	case c == '(':
		return p.array(depth)
	case c == '{':
		return p.dictionary(depth, p.Folded)
	case c == '[':
		return p.data()
	case c == '#':
		return p.marked(depth)
	case c == '<':
		x, rest, err := parseXML(p.s[p.at:], depth)
		if err != nil {
			return Null, p.expected("an XML element (" + err.Error() + ")")
		}
		p.at = len(p.s) - len(rest)
		return x.Value(), nil
	}
	s, err := p.str("a value")
	return String(s), err
}

func (p *parsing) array(depth int) (Value, error) {
	a := NewArray()
	p.at++
	for {
		if err := p.blank(); err != nil {
			return Null, err
		}
		if a.Len() == 0 && p.peek() == ')' {
			p.at++
			return a.Value(), nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return Null, err
		}
		a.Append(v)
		if err := p.blank(); err != nil {
			return Null, err
		}
		switch p.peek() {
		case ',':
		case ')':
			p.at++
			return a.Value(), nil
		default:
			return Null, p.expected(`"," or ")"`)
		}
		p.at++
	}
}

func (p *parsing) dictionary(depth int, folded bool) (Value, error) {
	d := &Dictionary{folded: folded}
	p.at++
	for {
		if err := p.blank(); err != nil {
			return Null, err
		}
		if p.peek() == '}' {
			p.at++
			return d.Value(), nil
		}
		key, err := p.str(`a key or "}"`)
		if err != nil {
			return Null, err
		}
		if err := p.sign('='); err != nil {
			return Null, err
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return Null, err
		}
		if err := p.sign(';'); err != nil {
			return Null, err
		}
		d.Put(key, v)
	}
}

// data reads [base64], which may be broken over lines.
func (p *parsing) data() (Value, error) {
	end := strings.IndexByte(p.s[p.at:], ']')
	if end < 0 {
		return Null, p.expected(`the "]" of this datablock`)
	}
	code := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, p.s[p.at+1:p.at+end])
	b, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		return Null, p.expected("base64")
	}
	p.at += end + 1
	return Data(b), nil
}

// atomByte tells what an atom may have on input.
func atomByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 ||
		c == '-' || c == '_' || c == '.' || c == '@'
}

// str reads an atom, or strings in quotes that follow each other and join.
func (p *parsing) str(what string) (string, error) {
	if p.peek() != '"' {
		from := p.at
		for p.at < len(p.s) && atomByte(p.s[p.at]) {
			p.at++
		}
		if p.at == from {
			return "", p.expected(what)
		}
		return strings.Clone(p.s[from:p.at]), nil // one atom must not keep the whole text
	}
	var b []byte
	for {
		var err error
		if b, err = p.quoted(b); err != nil {
			return "", err
		}
		end := p.at
		if err := p.blank(); err != nil {
			return "", err
		}
		if p.peek() != '"' {
			p.at = end
			return string(b), nil
		}
	}
}

// quoted reads one string in quotes and appends it.
func (p *parsing) quoted(b []byte) ([]byte, error) {
	from := p.at
	p.at++
	for p.at < len(p.s) {
		c := p.s[p.at]
		p.at++
		switch c {
		case '"':
			return b, nil
		case '\r', '\n':
			return nil, p.expectedAt(p.at-1, "the quote that ends the string")
		case 0:
			return nil, p.expectedAt(p.at-1, "a string without a zero byte")
		case '\\':
			var err error
			if b, err = p.escape(b); err != nil {
				return nil, err
			}
		default:
			b = append(b, c)
		}
	}
	return nil, p.expectedAt(from, "the end of this string")
}

// escape reads what follows a backslash (cgpl.md 1.1).
func (p *parsing) escape(b []byte) ([]byte, error) {
	from := p.at - 1
	if p.at == len(p.s) {
		return nil, p.expected("an escaped character")
	}
	c := p.s[p.at]
	p.at++
	switch {
	case c == 'r':
		return append(b, '\r'), nil
	case c == 'n', c == 'e':
		return append(b, '\n'), nil
	case c == 't':
		return append(b, '\t'), nil
	case c >= '0' && c <= '9':
		if p.at+2 <= len(p.s) {
			n, err := strconv.ParseUint(p.s[p.at-1:p.at+2], 10, 8)
			if err == nil && n > 0 {
				p.at += 2
				return append(b, byte(n)), nil
			}
		}
		return nil, p.expectedAt(from, "a code of three digits, 001 to 255,")
	case c == 'u' && p.peek() == '\'':
		end := strings.IndexByte(p.s[p.at+1:], '\'')
		if end >= 1 && end <= 6 {
			n, err := strconv.ParseUint(p.s[p.at+1:p.at+1+end], 16, 32)
			if err == nil && n > 0 && utf8.ValidRune(rune(n)) {
				p.at += end + 2
				return utf8.AppendRune(b, rune(n)), nil
			}
		}
		return nil, p.expectedAt(from, "a code point in hexadecimal digits")
	}
	return append(b, c), nil
}
