package translate

import (
	"errors"
	"strings"

	"tandem/signal"
)

const lws = " \t"

// quotedLen is the length of the quoted string at the start of s, both quotes included; -1 when
// its end is missing.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// unquote takes the escapes out of the inside of a quoted string.
func unquote(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// indexOutside is the place of the first sep in s outside quoted strings and angle brackets, or
// len(s); -1 when a quote is not closed.
func indexOutside(s string, sep byte) int {
	angle := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == sep && !angle:
			return i
		case c == '"' && !angle:
			n := quotedLen(s[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		}
	}
	return len(s)
}

// next cuts the first element off a comma-separated list.
func next(list string) (element, rest string, err error) {
	i := indexOutside(list, ',')
	if i < 0 {
		return "", "", ErrMalformed
	}
	element = strings.Trim(list[:i], lws)
	if i < len(list) {
		rest = list[i+1:]
		if strings.Trim(rest, lws) == "" {
			return "", "", ErrMalformed
		}
	}
	if element == "" {
		return "", "", ErrMalformed
	}
	return element, rest, nil
}

// address are the parts of a name-addr or addr-spec with its header parameters, as text.
type address struct {
	display string // without quotes and escapes
	uri     string
	params  string // after the first ';'
}

// splitAddress finds the parts of one address. Without angle brackets the URI ends at the first
// semicolon and may hold neither comma nor question mark (RFC 3261 section 20.10).
func splitAddress(s string) (address, error) {
	s = strings.Trim(s, lws)
	var a address
	rest := s
	if strings.HasPrefix(s, `"`) {
		n := quotedLen(s)
		if n < 0 {
			return a, ErrMalformed
		}
		a.display, rest = unquote(s[1:n-1]), strings.TrimLeft(s[n:], lws)
		if !strings.HasPrefix(rest, "<") {
			return a, ErrMalformed
		}
	} else if i := strings.IndexAny(s, `<;"`); i >= 0 && s[i] == '<' {
		a.display, rest = strings.TrimRight(s[:i], lws), s[i:]
	} else if i >= 0 && s[i] == '"' {
		return a, ErrMalformed
	}
	return a, a.split(rest)
}

func (a *address) split(s string) error {
	if !strings.HasPrefix(s, "<") {
		a.uri, a.params, _ = strings.Cut(s, ";")
		a.uri = strings.TrimRight(a.uri, lws)
		if strings.ContainsAny(a.uri, "?,") {
			return ErrMalformed
		}
		return nil
	}
	end := strings.IndexByte(s, '>')
	if end < 0 {
		return ErrMalformed
	}
	a.uri = s[1:end]
	tail := strings.TrimLeft(s[end+1:], lws)
	if tail == "" {
		return nil
	}
	if tail[0] != ';' {
		return ErrMalformed
	}
	a.params = tail[1:]
	return nil
}

// readParams reads header parameters. A quoted value keeps its quotes, so it can be written again.
func readParams(s string) (signal.Params, error) {
	if s == "" {
		return nil, nil
	}
	out := make(signal.Params, 0, 2)
	for s != "" {
		i := indexOutside(s, ';')
		if i < 0 {
			return nil, ErrMalformed
		}
		part := s[:i]
		s = s[min(i+1, len(s)):]
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.Trim(name, lws), strings.Trim(value, lws)
		if name == "" && value == "" {
			continue // as in ";;" and after a last ';'
		}
		out = append(out, signal.Param{Name: name, Value: value})
	}
	return out, checkParams(out)
}

// readParty reads one address.
func readParty(s string) (signal.Party, error) {
	a, err := splitAddress(s)
	if err != nil {
		return signal.Party{}, err
	}
	if strings.ContainsAny(a.display, "\r\n") {
		return signal.Party{}, ErrUnsafe
	}
	// A quoted pair may stand for any other control, NUL included (section 25.1): legal, and useless.
	p := signal.Party{Display: harmless(a.display)}
	if p.URI, err = signal.ParseURI(a.uri); err != nil {
		return signal.Party{}, err
	}
	if err := checkURI(&p.URI); err != nil {
		return signal.Party{}, err
	}
	p.Params, err = readParams(a.params)
	return p, err
}

// readContacts appends the addresses of one Contact field; "*" stands for all (REGISTER). With
// skipForeign, contacts of a scheme that is not ours are left out: nobody could be called there.
func readContacts(dst []signal.Party, list string, skipForeign bool) ([]signal.Party, error) {
	for list != "" {
		element, rest, err := next(list)
		if err != nil {
			return dst, err
		}
		list = rest
		if element == "*" {
			dst = append(dst, signal.Party{URI: signal.URI{Scheme: "*"}})
			continue
		}
		p, err := readParty(element)
		if skipForeign && errors.Is(err, signal.ErrScheme) {
			continue
		}
		if err != nil {
			return dst, err
		}
		dst = append(dst, p)
	}
	return dst, nil
}

// readRoutes appends the elements of one Route or Record-Route field, as text.
func readRoutes(dst []string, list string) ([]string, error) {
	for list != "" {
		element, rest, err := next(list)
		if err != nil {
			return dst, err
		}
		if err := checkRoute(element); err != nil {
			return dst, err
		}
		dst, list = append(dst, element), rest
	}
	return dst, nil
}

// checkRoute tells whether s is one element of a route set: a name-addr (RFC 3261 section 20.34).
func checkRoute(s string) error {
	p, err := readParty(s)
	if err != nil {
		return err
	}
	if !strings.Contains(s, "<") || p.URI.Scheme == "tel" || indexOutside(s, ',') != len(s) {
		return ErrMalformed
	}
	if !all(s, inField) {
		return ErrUnsafe
	}
	return nil
}

// checkParty tells whether the party can be written.
func checkParty(p *signal.Party) error {
	if err := checkURI(&p.URI); err != nil {
		return err
	}
	return checkParams(p.Params)
}

// tagOf is the tag in the text of a From or To field; nothing is asked of the URI.
func tagOf(s string) (string, error) {
	a, err := splitAddress(s)
	if err != nil {
		return "", err
	}
	params, err := readParams(a.params)
	if err != nil {
		return "", err
	}
	tag, _ := params.Get("tag")
	return tag, nil
}
