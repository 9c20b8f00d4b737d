package txn

import (
	"bytes"
	"strings"
)

// derive makes the ACK for a non-2xx response (RFC 3261 section 17.1.1.3) or the CANCEL (section
// 9.1) of an INVITE, from the bytes of the INVITE as we sent it: the same request URI, topmost Via,
// Route, From, Call-ID and CSeq number. An ACK has the To of the response that it acknowledges.
func derive(invite []byte, method, to, reason string) []byte {
	line, rest, _ := bytes.Cut(invite, []byte("\r\n"))
	_, target, _ := bytes.Cut(line, []byte{' '})
	var b bytes.Buffer
	b.Grow(512)
	b.WriteString(method + " ")
	b.Write(target)
	b.WriteString("\r\n")
	vias := 0
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(line) == 0 {
			break
		}
		name, value, _ := strings.Cut(string(line), ":")
		switch name {
		case "Via":
			if vias++; vias > 1 {
				continue
			}
		case "To":
			if to != "" {
				line = []byte("To: " + to)
			}
		case "CSeq":
			number, _, _ := strings.Cut(strings.TrimSpace(value), " ")
			line = []byte("CSeq: " + number + " " + method)
		case "Max-Forwards":
			line = []byte("Max-Forwards: 70")
		case "Route", "From", "Call-ID":
		default:
			continue
		}
		b.Write(line)
		b.WriteString("\r\n")
	}
	if reason != "" && !strings.ContainsAny(reason, "\r\n\x00") {
		b.WriteString("Reason: " + reason + "\r\n")
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	return b.Bytes()
}
