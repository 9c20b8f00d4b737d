package sdp

import (
	"errors"
	"fmt"
)

// Errors of an exchange; the text of a wrapping error says which line and why.
var (
	// ErrMalformed: the SDP can not be read, or breaks the rules of the exchange. 400 in SIP.
	ErrMalformed = errors.New("sdp: malformed")
	// ErrNotAcceptable: the SDP is fine, but there is nothing in it that we can do. 488 in SIP.
	ErrNotAcceptable = errors.New("sdp: not acceptable")
	// ErrNoOffer: an SDP answer came, but no SDP offer of ours waits for one.
	ErrNoOffer = errors.New("sdp: answer without an offer")
)

// malformed says what is wrong with the line of that number, counted from 1.
func malformed(line int, format string, args ...any) error {
	return fmt.Errorf("%w: line %d: %s", ErrMalformed, line, fmt.Sprintf(format, args...))
}
