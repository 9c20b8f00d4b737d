package signal

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Program names an application and in whose name it is run. As an address it is written
//
//	name{param,param}#account[@domain]     name#account     #name (the account whose rule says so)
//
// and stands in a URI as the user part. The parameters mean nothing here.
type Program struct {
	Name    string
	Params  []string
	Account AOR // the AOR or an alias
}

// Limits of a program address.
const (
	MaxProgramName   = 64  // bytes of the name
	MaxProgramParams = 16  // parameters
	MaxProgramParam  = 256 // bytes of one parameter
)

// ErrProgram says that a text is no program address.
var ErrProgram = errors.New("signal: no program address")

// programMarks are the three signs of a program address, which a URI holds as escapes.
var programMarks = strings.NewReplacer("%7B", "{", "%7b", "{", "%7D", "}", "%7d", "}", "%23", "#")

// ParseProgram reads a program address. self is the account that "#name" means, and whose domain is
// understood; "" for none.
func ParseProgram(text string, self AOR) (Program, error) {
	text = programMarks.Replace(text)
	i := strings.LastIndexByte(text, '#')
	if i < 0 {
		return Program{}, fmt.Errorf("%w: %q has no '#'", ErrProgram, text)
	}
	head, account := text[:i], text[i+1:]
	if head == "" { // #name, #name{param}
		if self == "" {
			return Program{}, fmt.Errorf("%w: %q says no account", ErrProgram, text)
		}
		return programOf(account, self)
	}
	user, domain, ok := strings.Cut(account, "@")
	if !ok {
		domain = self.Domain()
	}
	if user = Unescape(user); !accountLike(user) || !accountLike(domain) {
		return Program{}, fmt.Errorf("%w: %q says no account", ErrProgram, text)
	}
	return programOf(head, NewAOR(user, domain))
}

// accountLike reports what can be the user or the domain of an account that a program is run for: it is
// written into a URI again.
func accountLike(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`@{},;?%<>"`, r)
	})
}

// programOf reads name{param,param}.
func programOf(head string, account AOR) (Program, error) {
	p := Program{Name: head, Account: account}
	if i := strings.IndexByte(head, '{'); i >= 0 {
		if !strings.HasSuffix(head, "}") {
			return Program{}, fmt.Errorf("%w: %q: no '}' after the parameters", ErrProgram, head)
		}
		p.Name = head[:i]
		var err error
		if p.Params, err = programParams(head[i+1 : len(head)-1]); err != nil {
			return Program{}, err
		}
	}
	if !programName(p.Name) {
		return Program{}, fmt.Errorf("%w: %q is no name of an application", ErrProgram, p.Name)
	}
	return p, nil
}

func programParams(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	params := strings.Split(text, ",")
	if len(params) > MaxProgramParams {
		return nil, fmt.Errorf("%w: %d parameters, at most %d", ErrProgram, len(params), MaxProgramParams)
	}
	for i, p := range params {
		p = unescapeAll(p)
		if len(p) > MaxProgramParam || !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl) {
			return nil, fmt.Errorf("%w: parameter %d is no plain text of at most %d bytes", ErrProgram, i+1, MaxProgramParam)
		}
		params[i] = p
	}
	return params, nil
}

// programName reports a name that an application can have. It begins with a letter: what is dialled
// does not, so *21# and #31#1001 are never programs.
func programName(s string) bool {
	if s == "" || len(s) > MaxProgramName || !letter(s[0]) {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) && (s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// URI is the program's address as a SIP URI: ParseProgram reads from its user and host the same again.
func (p Program) URI() URI {
	var b strings.Builder
	b.WriteString(p.Name)
	for i, param := range p.Params {
		b.WriteString([]string{"%7B", ","}[min(i, 1)])
		escapeTo(&b, param)
	}
	if len(p.Params) > 0 {
		b.WriteString("%7D")
	}
	b.WriteString("%23")
	escapeTo(&b, p.Account.User())
	return URI{Scheme: "sip", User: b.String(), Host: p.Account.Domain()}
}

const upperHex = "0123456789ABCDEF"

// escapeTo writes what may stand in a user part (RFC 3261 section 25.1), and all else as %hh.
func escapeTo(b *strings.Builder, s string) {
	for i := range len(s) {
		c := s[i]
		if letter(c) || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()&=+$/", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
}

// unescapeAll decodes every %hh.
func unescapeAll(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			high, low := strings.IndexByte(upperHex, upper(s[i+1])), strings.IndexByte(upperHex, upper(s[i+2]))
			if high >= 0 && low >= 0 {
				out = append(out, byte(high<<4|low))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 0x20
	}
	return c
}
