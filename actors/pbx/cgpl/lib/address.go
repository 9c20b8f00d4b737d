package lib

import (
	"strings"

	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// addresses has ip-addresses, of section 2.4.
var addresses = []cgpl.Builtin{
	is("IsIPAddress", object.KindAddress),
	{Name: "IPAddress", Min: 1, Max: 1, Call: func(c *call) (object.Value, error) {
		if c.Arg(0).Kind() == object.KindAddress {
			return c.Arg(0), nil
		}
		a, port, ok := object.ParseAddress(strings.TrimSpace(c.Arg(0).Text()))
		if !ok {
			return null, nil
		}
		return object.Address(a, port), nil
	}},
}

// uris has section 2.7, without what needs the router.
var uris = []cgpl.Builtin{
	{Name: "SIPURIToEmail", Min: 1, Max: 1, Call: sipURIToEmail},
	{Name: "EmailToSIPURI", Min: 1, Max: 1, Call: emailToSIPURI},
	{Name: "PhoneNumberToSIPURI", Min: 1, Max: 1, Call: phoneNumberToSIPURI},
}

const maxURI = 4096 // bytes

// sipURIToEmail leaves the user and the host of a SIP URI (RFC 3261 section 19.1), which may stand in
// angle brackets after a name; null where it has no user.
func sipURIToEmail(c *call) (object.Value, error) {
	s := strings.TrimSpace(c.Arg(0).Text())
	if len(s) > maxURI {
		return null, nil
	}
	if _, inner, ok := strings.Cut(s, "<"); ok {
		s, _, ok = strings.Cut(inner, ">")
		if !ok {
			return null, nil
		}
	}
	scheme, rest, _ := strings.Cut(s, ":")
	if !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return null, nil
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return null, nil
	}
	user, host := rest[:at], rest[at+1:]
	if i := strings.IndexAny(host, ";?"); i >= 0 {
		host = host[:i]
	}
	host, okHost := hostname(host)
	user, _, _ = strings.Cut(user, ":") // a password
	if user, _, _ = strings.Cut(user, ";"); !okHost {
		return null, nil
	}
	user, ok := unescape(user)
	if !ok || !word(user) || strings.Contains(user, "@") {
		return null, nil
	}
	return object.String(user + "@" + host), nil
}

// hostname cuts the port off; false where it is no name or address.
func hostname(s string) (host string, ok bool) {
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", false
		}
		_, _, ok = object.ParseAddress(s[:end+1])
		return s[:end+1], ok && port(s[end+1:])
	}
	host, rest := s, ""
	if i := strings.IndexByte(s, ':'); i >= 0 {
		host, rest = s[:i], s[i:]
	}
	for i := 0; i < len(host); i++ {
		c := host[i] | 0x20
		if !(c >= 'a' && c <= 'z' || host[i] >= '0' && host[i] <= '9' || strings.IndexByte("-._", host[i]) >= 0) {
			return "", false
		}
	}
	return host, host != "" && port(rest)
}

// port tells whether a text is nothing, or a colon and a number.
func port(s string) bool {
	return s == "" || len(s) > 1 && len(s) <= 6 && s[0] == ':' && strings.Trim(s[1:], "0123456789") == ""
}

// word tells whether a text is not empty and has no blanks and control characters.
func word(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] == 0x7F {
			return false
		}
	}
	return s != ""
}

func unescape(s string) (plain string, ok bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) || unhex(s[i+1]) < 0 || unhex(s[i+2]) < 0 {
			return "", false
		}
		b = append(b, byte(unhex(s[i+1])<<4|unhex(s[i+2])))
		i += 2
	}
	return string(b), true
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// emailToSIPURI escapes what the user part of a SIP URI can not have as it is.
func emailToSIPURI(c *call) (object.Value, error) {
	s := strings.TrimSpace(c.Arg(0).Text())
	at := strings.LastIndexByte(s, '@')
	if at < 0 || len(s) > maxURI {
		return null, nil
	}
	host, ok := hostname(s[at+1:])
	if !ok || host != s[at+1:] || !word(s[:at]) || strings.Contains(s[:at], "@") {
		return null, nil
	}
	if a, _, isAddress := object.ParseAddress(host); isAddress && a.Is4() {
		host = strings.Trim(host, "[]") // mail has brackets around it, SIP has none
	}
	var b strings.Builder
	for i := 0; i < at; i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			strings.IndexByte("-_.!~*'()&=+$,/", c) >= 0:
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.WriteString("%" + string(digits[c>>4]) + string(digits[c&15]))
		}
	}
	return object.String("sip:" + b.String() + "@" + host), nil
}

// phoneNumberToSIPURI drops everything but the digits and a plus before them; null without a digit, and
// where there is no domain.
func phoneNumberToSIPURI(c *call) (object.Value, error) {
	home, ok := c.Host.(Home)
	s := strings.TrimSpace(c.Arg(0).Text())
	if !ok || home.Domain() == "" || len(s) > maxURI {
		return null, nil
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if digits == "" {
		return null, nil
	}
	if s[0] == '+' {
		digits = "+" + digits
	}
	return object.String("sip:" + digits + "@" + home.Domain()), nil
}
