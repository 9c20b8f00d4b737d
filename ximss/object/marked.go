package object

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

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
	if zero := strings.IndexByte(p.s[p.at:p.at+n], 0); zero >= 0 { // texts have none: it could not be written
		p.at += zero
		return "", p.expected("a sign of a handle")
	}
	part := strings.Clone(p.s[p.at : p.at+n])
	p.at += n + 1
	return part, nil
}
