package signal

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// AOR is an address of record: user@domain, lower case, without scheme or parameters. It is the
// name of an account, a queue or an application.
type AOR string

// NewAOR makes the AOR of a user in a domain.
func NewAOR(user, domain string) AOR { return AOR(strings.ToLower(user + "@" + domain)) }

// User is the part before the @.
func (a AOR) User() string { u, _, _ := strings.Cut(string(a), "@"); return u }

// Domain is the part after the @.
func (a AOR) Domain() string { _, d, _ := strings.Cut(string(a), "@"); return d }

// Param is one URI or header parameter; a flag has an empty Value.
type Param struct{ Name, Value string }

// Params are parameters in the order of the wire; names compare without regard to case.
type Params []Param

// Get returns the value of the named parameter and whether it is there.
func (p Params) Get(name string) (string, bool) {
	for _, q := range p {
		if strings.EqualFold(q.Name, name) {
			return q.Value, true
		}
	}
	return "", false
}

// With returns p with the named parameter set to value; p itself is left as it was.
func (p Params) With(name, value string) Params {
	return append(p.Without(name), Param{name, value})
}

// Without returns p without the named parameter.
func (p Params) Without(name string) Params {
	out := make(Params, 0, len(p)+1)
	for _, q := range p {
		if !strings.EqualFold(q.Name, name) {
			out = append(out, q)
		}
	}
	return out
}

// AppendTo appends the parameters as they stand behind a URI or a party, each with its ';'.
func (p Params) AppendTo(b []byte) []byte {
	for _, q := range p {
		b = append(append(b, ';'), q.Name...)
		if q.Value != "" {
			b = append(append(b, '='), q.Value...)
		}
	}
	return b
}

// usualText is room for the text of most URIs and parties, so that writing one allocates once.
const usualText = 160

// URI is a SIP or SIPS URI (RFC 3261 section 19.1), or a tel URI with the number as User
// (RFC 3966). User is kept as it was written, escapes included; Host is without brackets for IPv6.
type URI struct {
	Scheme  string // "sip", "sips", "tel"; "*" for the Contact of REGISTER that means all
	User    string
	Host    string
	Port    int    // 0 when none is given
	Params  Params // after ';'
	Headers string // after '?', as written
}

// Errors of ParseURI.
var (
	ErrScheme  = errors.New("signal: scheme is not sip, sips or tel")
	ErrBadURI  = errors.New("signal: malformed URI")
	ErrControl = errors.New("signal: control character")
)

// ParseURI reads one URI. It is strict: what it accepts can be written into a header again.
func ParseURI(s string) (URI, error) {
	if s == "*" {
		return URI{Scheme: "*"}, nil
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f || s[i] == '<' || s[i] == '>' || s[i] == '"' {
			return URI{}, fmt.Errorf("%w in URI", ErrControl)
		}
	}
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return URI{}, ErrBadURI
	}
	u := URI{Scheme: strings.ToLower(scheme)}
	switch u.Scheme {
	case "tel":
		u.User, rest, _ = strings.Cut(rest, ";")
		u.Params = parseParams(rest)
		return u, nil
	case "sip", "sips":
	default:
		return URI{}, fmt.Errorf("%w: %q", ErrScheme, scheme)
	}
	// A '@' may stand only between user and host; '?' and ';' before it belong to the user.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		u.User, rest = rest[:i], rest[i+1:]
	}
	rest, u.Headers, _ = strings.Cut(rest, "?")
	hostport, params, _ := strings.Cut(rest, ";")
	u.Params = parseParams(params)
	return u, u.setHostPort(hostport)
}

func (u *URI) setHostPort(s string) error {
	host, port := s, ""
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return ErrBadURI
		}
		host, port = s[1:end], s[end+1:]
		if port != "" && port[0] != ':' {
			return ErrBadURI
		}
		port = strings.TrimPrefix(port, ":")
	} else if i := strings.IndexByte(s, ':'); i >= 0 {
		host, port = s[:i], s[i+1:]
	}
	if host == "" {
		return ErrBadURI
	}
	u.Host = strings.ToLower(host)
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return fmt.Errorf("%w: port %q", ErrBadURI, port)
		}
		u.Port = int(n)
	}
	return nil
}

// Sealed tells whether a URI asks for a connection that nobody else can read: sips, or TLS as its transport (RFC 3261
// section 19.1.1).
func (u URI) Sealed() bool {
	transport, _ := u.Params.Get("transport")
	return u.Scheme == "sips" || strings.EqualFold(transport, "tls")
}

// usualParams bounds the room that is made before parameters are read: a stranger can write many
// semicolons.
const usualParams = 8

func parseParams(s string) Params {
	if s == "" {
		return nil
	}
	out := make(Params, 0, min(1+strings.Count(s, ";"), usualParams))
	for part := range strings.SplitSeq(s, ";") {
		if name, value, _ := strings.Cut(part, "="); name != "" { // without one it could not be written
			out = append(out, Param{name, value})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// String writes the URI as it stands in a header or a request line.
func (u URI) String() string { return string(u.AppendTo(make([]byte, 0, usualText))) }

// AppendTo appends what String returns.
func (u URI) AppendTo(b []byte) []byte {
	if u.Scheme == "*" {
		return append(b, '*')
	}
	b = append(append(b, u.Scheme...), ':')
	if u.User != "" {
		b = append(b, u.User...)
		if u.Scheme != "tel" {
			b = append(b, '@')
		}
	}
	if strings.IndexByte(u.Host, ':') >= 0 {
		b = append(append(append(b, '['), u.Host...), ']')
	} else {
		b = append(b, u.Host...)
	}
	if u.Port != 0 {
		b = strconv.AppendInt(append(b, ':'), int64(u.Port), 10)
	}
	b = u.Params.AppendTo(b)
	if u.Headers != "" {
		b = append(append(b, '?'), u.Headers...)
	}
	return b
}

// AOR is the account the URI names: user (unescaped where that is safe) and host in lower case.
func (u URI) AOR() AOR { return NewAOR(Unescape(u.User), u.Host) }

// Unescape decodes %hh in a user part. Escapes of control characters, '@', '%' and of octets
// beyond ASCII stay as written, so the result can not break out of a header or an AOR.
func Unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil &&
				n > ' ' && n < 0x7f && n != '@' && n != '%' && n != '<' && n != '>' && n != '"' {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Party is a name-addr with its parameters: the value of From, To, Contact, Refer-To.
type Party struct {
	Display string // without quotes and escapes
	URI     URI
	Params  Params // header parameters, the tag among them
}

// Tag is the party's tag, "" when it has none.
func (p Party) Tag() string { t, _ := p.Params.Get("tag"); return t }

// WithTag returns the party with the given tag.
func (p Party) WithTag(tag string) Party {
	p.Params = p.Params.With("tag", tag)
	return p
}

// String writes the party in name-addr form, the display name quoted and escaped.
func (p Party) String() string { return string(p.AppendTo(make([]byte, 0, usualText))) }

// AppendTo appends what String returns.
func (p Party) AppendTo(b []byte) []byte {
	if p.URI.Scheme == "*" {
		return append(b, '*')
	}
	if p.Display != "" {
		b = append(b, '"')
		b = append(b, quoteEscaper.Replace(p.Display)...)
		b = append(b, `" `...)
	}
	b = append(p.URI.AppendTo(append(b, '<')), '>')
	return p.Params.AppendTo(b)
}

// quoteEscaper makes a display name the inside of a quoted string: a control character, which may not stand in a field, becomes a
// space (RFC 3261 section 25.1).
var quoteEscaper = func() *strings.Replacer {
	pairs := []string{`\`, `\\`, `"`, `\"`, "\x7f", " "}
	for c := range byte(' ') {
		if c != '\t' {
			pairs = append(pairs, string(rune(c)), " ")
		}
	}
	return strings.NewReplacer(pairs...)
}()

// ParseParty reads one name-addr or addr-spec with header parameters (RFC 3261 section 20.10): in
// the addr-spec form parameters belong to the header, not to the URI.
func ParseParty(s string) (Party, error) {
	var p Party
	s = strings.TrimSpace(s)
	rest := s
	switch {
	case strings.HasPrefix(s, `"`):
		var err error
		if p.Display, rest, err = parseQuoted(s); err != nil {
			return Party{}, err
		}
		rest = strings.TrimSpace(rest)
		if !strings.HasPrefix(rest, "<") {
			return Party{}, fmt.Errorf("%w: no '<' after the display name", ErrBadURI)
		}
	case strings.Contains(s, "<"):
		i := strings.IndexByte(s, '<')
		p.Display, rest = strings.TrimSpace(s[:i]), s[i:]
	}
	uri, params := rest, ""
	if strings.HasPrefix(rest, "<") {
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return Party{}, fmt.Errorf("%w: no '>'", ErrBadURI)
		}
		uri, params = rest[1:end], strings.TrimSpace(rest[end+1:])
		if params != "" && params[0] != ';' {
			return Party{}, fmt.Errorf("%w: text after '>'", ErrBadURI)
		}
	} else {
		uri, params, _ = strings.Cut(rest, ";")
	}
	var err error
	if p.URI, err = ParseURI(strings.TrimSpace(uri)); err != nil {
		return Party{}, err
	}
	p.Params = parseParams(params)
	for i, q := range p.Params {
		p.Params[i] = Param{strings.TrimSpace(q.Name), strings.TrimSpace(q.Value)}
	}
	return p, nil
}

// parseQuoted reads a quoted string at the start of s; rest follows the closing quote.
func parseQuoted(s string) (text, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), s[i+1:], nil
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", fmt.Errorf("%w: quote is not closed", ErrBadURI)
}
