package auth

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// maxField is the longest Authorization field that is read, in bytes.
	maxField = 4096
	// maxParams is how many parameters it may have; RFC 7616 knows a dozen.
	maxParams = 32
	scheme    = "digest"
)

// errCredentials says that an Authorization field can not be read; wrapped with what is wrong.
var errCredentials = errors.New("auth: malformed credentials")

// credentials are the parameters of a digest Authorization field (RFC 7616 section 3.4).
type credentials struct {
	user, realm, nonce, uri string
	response                string // lower case
	algorithm               algorithm
	qop                     string // "", "auth" or "auth-int"
	cnonce                  string
	nc                      string    // as written, since it is hashed
	count                   uint32    // its value; 1 without qop
	issued                  time.Time // when the nonce was made, once it is known to be ours
}

// isDigest reports whether a field is of the Digest scheme; all others are nobody's business here.
func isDigest(field string) bool {
	name, _, ok := strings.Cut(strings.TrimLeft(field, " \t"), " ")
	return ok && strings.EqualFold(name, scheme)
}

// parseCredentials reads the field, strictly: each parameter once, nothing between them.
func parseCredentials(field string) (credentials, error) {
	if len(field) > maxField {
		return credentials{}, fmt.Errorf("%w: %d bytes", errCredentials, len(field))
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(field, " \t"), " ")
	params, err := parseParams(rest)
	if err != nil {
		return credentials{}, err
	}
	c := credentials{user: params["username"], realm: params["realm"], nonce: params["nonce"],
		uri: params["uri"], response: strings.ToLower(params["response"]), cnonce: params["cnonce"],
		qop: strings.ToLower(params["qop"]), nc: params["nc"], count: 1}
	for _, must := range []string{"username", "realm", "nonce", "uri", "response"} {
		if params[must] == "" {
			return credentials{}, fmt.Errorf("%w: no %s", errCredentials, must)
		}
	}
	if c.algorithm, err = parseAlgorithm(params["algorithm"]); err != nil {
		return credentials{}, err
	}
	if len(c.response) != c.algorithm.hexLen() || strings.Trim(c.response, "0123456789abcdef") != "" {
		return credentials{}, fmt.Errorf("%w: response is no hash of this algorithm", errCredentials)
	}
	return c, c.checkQOP()
}

// checkQOP reads the parameters that belong to qop. Without qop (RFC 2069, which RFC 3261 section
// 22.4 keeps alive) there is no count, and a nonce serves once.
func (c *credentials) checkQOP() error {
	switch c.qop {
	case "":
		return nil
	case "auth", "auth-int":
	default:
		return fmt.Errorf("%w: unknown qop", errCredentials)
	}
	n, err := strconv.ParseUint(c.nc, 16, 32)
	if err != nil || n == 0 || len(c.nc) != 8 {
		return fmt.Errorf("%w: nc is not eight hexadecimal digits", errCredentials)
	}
	if c.cnonce == "" {
		return fmt.Errorf("%w: no cnonce", errCredentials)
	}
	c.count = uint32(n)
	return nil
}

// parseParams reads name=value pairs with commas between them; names in lower case.
func parseParams(s string) (map[string]string, error) {
	params := make(map[string]string, 12)
	for s = skipBlank(s); s != ""; s = skipBlank(s) {
		name, rest, ok := strings.Cut(s, "=")
		name = strings.ToLower(strings.TrimRight(name, " \t"))
		if !ok || !isToken(name) {
			return nil, fmt.Errorf("%w: parameter without a name", errCredentials)
		}
		if _, twice := params[name]; twice || len(params) == maxParams {
			return nil, fmt.Errorf("%w: parameter twice, or too many", errCredentials)
		}
		value, rest, err := parseValue(skipBlank(rest))
		if err != nil {
			return nil, err
		}
		params[name] = value
		s = skipBlank(rest)
		if s == "" {
			break
		}
		if s[0] != ',' {
			return nil, fmt.Errorf("%w: no comma after a parameter", errCredentials)
		}
		s = s[1:]
	}
	return params, nil
}

// parseValue reads a token or a quoted string at the start of s.
func parseValue(s string) (value, rest string, err error) {
	if s != "" && s[0] == '"' {
		return parseQuoted(s[1:])
	}
	end := strings.IndexAny(s, ", \t")
	if end < 0 {
		end = len(s)
	}
	if !isToken(s[:end]) {
		return "", "", fmt.Errorf("%w: value is no token", errCredentials)
	}
	return s[:end], s[end:], nil
}

// parseQuoted reads what follows an opening quote, up to the closing one. Control characters are
// refused. Escapes are seldom: without one the value is a part of s.
func parseQuoted(s string) (value, rest string, err error) {
	var unescaped []byte
	start := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && unescaped == nil:
			return s[:i], s[i+1:], nil
		case c == '"':
			return string(append(unescaped, s[start:i]...)), s[i+1:], nil
		case c < ' ' && c != '\t', c == 0x7f:
			return "", "", fmt.Errorf("%w: control character", errCredentials)
		case c == '\\' && i+1 < len(s):
			unescaped = append(unescaped, s[start:i]...)
			i++
			start = i
		}
	}
	return "", "", fmt.Errorf("%w: quote is not closed", errCredentials)
}

func skipBlank(s string) string { return strings.TrimLeft(s, " \t") }

// isToken reports whether s is a token of RFC 3261 section 25.1, with '=' and '/' besides: nonces
// in base64 are sent without quotes by some.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') &&
			strings.IndexByte("-.!%*_+`'~=/", c) < 0 {
			return false
		}
	}
	return s != ""
}

// quote writes a quoted string.
func quote(s string) string { return `"` + quoteEscaper.Replace(s) + `"` }

var quoteEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", " ", "\n", " ", "\x00", " ")
