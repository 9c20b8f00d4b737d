package object

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
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

// marked reads what begins with "#".
func (p *parsing) marked(depth int) (Value, error) {
	rest := p.s[p.at+1:]
	switch {
	case hasFold(rest, "NULL#"):
		p.at += len("#NULL#")
		return Null, nil
	case hasFold(rest, "TPAST"):
		p.at += len("#TPAST")
		return Date(RemotePast), nil
	case hasFold(rest, "TFUTURE"):
		p.at += len("#TFUTURE")
		return Date(RemoteFuture), nil
	case hasFold(rest, "T"):
		return p.date()
	case hasFold(rest, "I["):
		return p.address()
	case hasFold(rest, "("):
		return p.handle()
	case hasFold(rest, "{") && p.Handles:
		p.at++
		return p.dictionary(depth, true)
	}
	return p.number()
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (p *parsing) number() (Value, error) {
	end := p.at + 1
	for end < len(p.s) && (atomByte(p.s[end]) || p.s[end] == '+') {
		end++
	}
	n, ok := ParseNumber(p.s[p.at+1 : end])
	if !ok {
		return Null, p.expectedAt(p.at+1, "a number of 64 bits, a timestamp (T), an address (I[) or NULL#")
	}
	p.at = end
	return Number(n), nil
}

// ParseNumber reads a whole number as the language writes it: decimal, 0x, 0o or 0b, with "-" before.
func ParseNumber(s string) (n int64, ok bool) {
	digits, negative := strings.CutPrefix(s, "-")
	base := 10
	if len(digits) > 2 && digits[0] == '0' {
		switch digits[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
		if base != 10 {
			digits = digits[2:]
		}
	}
	if digits == "" || digits[0] == '-' || digits[0] == '+' {
		return 0, false
	}
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, base, 64)
	return n, err == nil
}

func (p *parsing) date() (Value, error) {
	end := p.at + 2
	for end < len(p.s) && strings.IndexByte("0123456789-_:", p.s[end]) >= 0 {
		end++
	}
	seconds, ok := ParseDate(p.s[p.at+2 : end])
	if !ok {
		return Null, p.expectedAt(p.at+2, "a date as DD-MM-YYYY_HH:MM:SS")
	}
	p.at = end
	return Date(seconds), nil
}

// ParseDate reads DD-MM-YYYY, with _HH:MM:SS or without, in GMT: seconds since 1970.
func ParseDate(s string) (seconds int64, ok bool) {
	layout := "02-01-2006"
	if strings.Contains(s, "_") {
		layout += "_15:04:05"
	}
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		return 0, false
	}
	return t.Unix(), true
}

// address reads #I[address] or #I[address]:port.
func (p *parsing) address() (Value, error) {
	from := p.at + 2
	end := strings.IndexByte(p.s[from:], ']')
	if end < 0 {
		return Null, p.expectedAt(from, `the "]" of this address`)
	}
	end += from + 1
	if end+1 < len(p.s) && p.s[end] == ':' && p.s[end+1] >= '0' && p.s[end+1] <= '9' {
		for end++; end < len(p.s) && p.s[end] >= '0' && p.s[end] <= '9'; end++ {
		}
	}
	a, port, ok := ParseAddress(p.s[from:end])
	if !ok {
		return Null, p.expectedAt(from, "an ip-address and a port up to 65535")
	}
	p.at = end
	return Address(a, port), nil
}

// ParseAddress reads "address", "[address]" or "[address]:port", and "a.b.c.d:port". An IPv4 address in
// the clothes of IPv6 is one of IPv4; zones are refused, since they mean nothing on another member.
func ParseAddress(s string) (a netip.Addr, port uint16, ok bool) {
	host, number := s, ""
	if inner, found := strings.CutPrefix(s, "["); found {
		host, number, found = strings.Cut(inner, "]")
		if !found {
			return a, 0, false
		}
		if number != "" {
			if number[0] != ':' || len(number) == 1 {
				return a, 0, false
			}
			number = number[1:]
		}
	} else if strings.Count(s, ":") == 1 {
		host, number, _ = strings.Cut(s, ":")
		if number == "" {
			return a, 0, false
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, 0, false
	}
	if number != "" {
		if strings.Trim(number, "0123456789") != "" {
			return netip.Addr{}, 0, false
		}
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return netip.Addr{}, 0, false
		}
		port = uint16(n)
	}
	return a.Unmap(), port, true
}

// handle reads #(class:id), either in quotes or up to the sign that ends it.
func (p *parsing) handle() (Value, error) {
	p.at += 2
	class, err := p.handlePart(':')
	if err != nil {
		return Null, err
	}
	id, err := p.handlePart(')')
	if err != nil || !p.Handles {
		return Null, err
	}
	return (&Handle{Class: class, ID: id}).Value(), nil
}

func (p *parsing) handlePart(end byte) (string, error) {
	if p.peek() == '"' {
		b, err := p.quoted(nil)
		if err != nil {
			return "", err
		}
		return string(b), p.sign(end)
	}
	n := strings.IndexByte(p.s[p.at:], end)
	if n < 0 {
		return "", p.expected(`the "` + string(rune(end)) + `" of a handle`)
	}
	part := strings.Clone(p.s[p.at : p.at+n])
	p.at += n + 1
	return part, nil
}
