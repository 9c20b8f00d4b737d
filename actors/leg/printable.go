package leg

import (
	"fmt"
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// maxField bounds what a program has put into a header field or a reason phrase, in bytes.
const maxField = 1024

// printable is a text of a program as a line of SIP may have it: without what would end the line.
func printable(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxField)], "")
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, s)
}

// failed is the Reason of a goodbye to a party whose call did not end because somebody wished it, "" if somebody did
// (RFC 3326 section 2).
func failed(status int, reason string) string {
	if status < 500 {
		return ""
	}
	return fmt.Sprintf(`SIP;cause=%d;text="%s"`, status, strings.NewReplacer(`\`, "", `"`, "'").Replace(printable(reason)))
}

// fields are the header fields that a program adds to a response. Fields whose names are none are left out.
func fields(added []*msg.Header) signal.Headers {
	var out signal.Headers
	for _, h := range msg.ToHeaders(added) {
		if h.Name == "" || strings.ContainsFunc(h.Name, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == ':' }) {
			continue
		}
		out = append(out, signal.Header{Name: h.Name, Value: printable(h.Value)})
	}
	return out
}
