package dtmf

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"strconv"
	"strings"
	"time"
)

// Content types of INFO bodies. Neither has an RFC; both are what telephones send.
const (
	TypeRelay = "application/dtmf-relay" // lines Signal=5 and Duration=160
	TypePlain = "application/dtmf"       // the sign alone
)

// maxBody bounds an INFO body; real ones have some 25 bytes.
const maxBody = 256

// unsaid is how long a press lasts when its body does not say.
const unsaid = 250 * time.Millisecond

// ErrType is for a body of another content type.
var ErrType = errors.New("dtmf: not a content type for keys")

// ParseINFO reads the body of an INFO request. Signal may be a key or its event number; a duration
// is in milliseconds and is limited to MaxPress.
func ParseINFO(contentType string, body []byte) (Press, error) {
	if len(body) > maxBody {
		return Press{}, fmt.Errorf("dtmf: body of %d bytes, %d at most", len(body), maxBody)
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Press{}, fmt.Errorf("%w: %q", ErrType, contentType)
	}
	switch kind {
	case TypeRelay:
		return parseRelay(body)
	case TypePlain:
		key, err := parseSignal(string(bytes.TrimSpace(body)))
		return Press{Key: key, Duration: unsaid}, err
	}
	return Press{}, fmt.Errorf("%w: %q", ErrType, contentType)
}

func parseRelay(body []byte) (Press, error) {
	p := Press{Duration: unsaid}
	for line := range strings.FieldsFuncSeq(string(body), func(r rune) bool { return r == '\r' || r == '\n' }) {
		name, value, _ := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		var err error
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "signal":
			p.Key, err = parseSignal(value)
		case "duration":
			p.Duration, err = parseDuration(value)
		}
		if err != nil {
			return Press{}, err
		}
	}
	if p.Key == 0 {
		return Press{}, errors.New("dtmf: body without a Signal line")
	}
	return p, nil
}

// parseSignal accepts a key, or its event number of two digits.
func parseSignal(s string) (byte, error) {
	if len(s) == 1 {
		if n, ok := eventOf(s[0]); ok {
			return events[n], nil
		}
	}
	if n, err := strconv.ParseUint(s, 10, 8); err == nil && len(s) == 2 && n >= 10 && int(n) < len(events) {
		return events[n], nil
	}
	return 0, fmt.Errorf("dtmf: signal %q is not a key", s)
}

func parseDuration(s string) (time.Duration, error) {
	ms, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("dtmf: duration %q is not a number of milliseconds", s)
	}
	return min(time.Duration(ms)*time.Millisecond, MaxPress), nil
}

// RelayBody is the body of type TypeRelay for a press.
func RelayBody(p Press) []byte {
	return fmt.Appendf(nil, "Signal=%c\r\nDuration=%d\r\n", p.Key, p.Duration.Milliseconds())
}

// PlainBody is the body of type TypePlain for a press.
func PlainBody(p Press) []byte { return []byte{p.Key} }
