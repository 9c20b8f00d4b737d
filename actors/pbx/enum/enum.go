package enum

import (
	"context"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"tandem/sip/resolve/naptr"
)

// Failures.
var (
	ErrNumber = errors.New("enum: the text is no telephone number")
	ErrDomain = errors.New("enum: the domain is no domain name")
	ErrNone   = errors.New("enum: nothing is known of the number")
)

// maxDigits is the length of a telephone number (E.164).
const maxDigits = 15

// Domain is where numbers are looked up if nothing else is said.
const Domain = "e164.arpa"

// Name is a number as a name under a domain: its digits backwards (RFC 6116 section 3.2). number is the
// number in its full form, which the rules are applied to.
func Name(text, domain string) (name, number string, err error) {
	digits := make([]byte, 0, maxDigits)
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c == '+' && i == 0, strings.IndexByte("-.() ", c) >= 0:
		default:
			return "", "", ErrNumber
		}
	}
	if len(digits) == 0 || len(digits) > maxDigits {
		return "", "", ErrNumber
	}
	domain = strings.TrimSuffix(strings.ToLower(domain), ".")
	if !domainFits(domain) {
		return "", "", ErrDomain
	}
	var b strings.Builder
	for _, d := range slices.Backward(digits) {
		b.WriteByte(d)
		b.WriteByte('.')
	}
	return b.String() + domain, "+" + string(digits), nil
}

// domainFits tells whether a text is a domain name that leaves room for a number.
func domainFits(domain string) bool {
	if len(domain) > 200 {
		return false
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(c rune) bool {
			return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_'
		}) {
			return false
		}
	}
	return true
}

// Find finds the URLs of a number for a service such as "sip", the best first, under a domain; "" is the usual
// one. ErrNone: there is none; naptr.ErrServer: nobody knows.
func Find(ctx context.Context, servers []netip.AddrPort, service, text, domain string) ([]string, error) {
	if domain == "" {
		domain = Domain
	}
	name, number, err := Name(text, domain)
	if err != nil {
		return nil, err
	}
	records, err := naptr.Ask(ctx, servers, name)
	switch urls := choose(records, service, number); {
	case len(urls) > 0:
		return urls, nil
	case err != nil && !errors.Is(err, naptr.ErrNone):
		return nil, err
	}
	return nil, ErrNone
}

// choose are the URLs that the records of a number come to for a service, in their order. Those that do not end
// with a URL are passed over: they would lead to further questions.
func choose(records []naptr.Record, service, number string) (urls []string) {
	for _, r := range records {
		if !strings.EqualFold(r.Flags, "u") || !serves(r.Service, service) {
			continue
		}
		if url, ok := apply(r.Expression, number); ok {
			urls = append(urls, url)
		}
	}
	return urls
}

// serves tells whether a rule is about a service: "E2U+sip" about sip, and so about sip:x (RFC 6116 section
// 3.4.3).
func serves(field, service string) bool {
	parts := strings.Split(strings.ToLower(field), "+")
	if parts[0] != "e2u" {
		return false
	}
	service = strings.TrimPrefix(strings.ToLower(service), "e2u+")
	return slices.ContainsFunc(parts[1:], func(p string) bool { return p == service || strings.HasPrefix(p, service+":") })
}

// apply applies a rule's substitution to a number: !expression!replacement!flags, with whatever sign in the
// place of "!" (RFC 3402 section 3.2).
func apply(substitution, number string) (url string, ok bool) {
	if substitution == "" {
		return "", false
	}
	parts := strings.Split(substitution[1:], substitution[:1])
	if len(parts) != 3 || parts[2] != "" && parts[2] != "i" {
		return "", false
	}
	expression := parts[0]
	if parts[2] == "i" {
		expression = "(?i)" + expression
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return "", false
	}
	re.Longest() // as POSIX has it
	found := re.FindStringSubmatch(number)
	if found == nil {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(parts[1]); i++ {
		c := parts[1][i]
		if c != '\\' || i+1 == len(parts[1]) {
			b.WriteByte(c)
			continue
		}
		i++
		if n := int(parts[1][i]) - '0'; n >= 1 && n <= 9 {
			if n >= len(found) {
				return "", false
			}
			b.WriteString(found[n])
			continue
		}
		b.WriteByte(parts[1][i])
	}
	url = b.String()
	return url, url != "" && !strings.ContainsFunc(url, func(c rune) bool { return c <= ' ' || c == 0x7f })
}
