package guard

import (
	"bytes"
	"hash/maphash"
	"strconv"
	"strings"

	"tandem/signal"
	"tandem/sip/octet"
)

// fault makes the Fault of a problem with its stateless answer.
func (g *Guard) fault(data []byte, response bool, p *problem) *Fault {
	f := &Fault{Status: p.status, Reason: p.reason, Cause: p.cause, Close: p.close}
	if f.Reason == "" {
		f.Reason = signal.ReasonPhrase(p.status)
	}
	if !response {
		f.Reply = g.reply(data, p, f.Reason)
	}
	return f
}

// reply writes the response to a request that may be broken in any way (RFC 3261 section 8.2.7).
// The lines that it returns are taken from the request as they are, but never with a control
// character in them. nil when the message is an ACK or nothing that could be answered.
func (g *Guard) reply(data []byte, p *problem, reason string) []byte {
	data = data[:min(len(data), g.limits.MaxMessage)]
	line, head, _ := bytes.Cut(data, []byte{'\n'})
	if bytes.HasPrefix(line, []byte("ACK ")) || !endsLikeRequest(line) {
		return nil
	}
	r := g.salvage(head)
	if !r.via {
		return nil
	}
	out := make([]byte, 0, 512)
	out = append(out, version+" "...)
	out = strconv.AppendInt(out, int64(p.status), 10)
	out = append(append(append(out, ' '), reason...), crlf...)
	out = append(out, r.lines...)
	if p.extra != nil {
		out = append(out, p.extra(g, head)...)
	}
	return append(out, "Content-Length: 0\r\n\r\n"...)
}

// endsLikeRequest reports a first line that ends in a version of SIP, spaces after it forgiven.
func endsLikeRequest(line []byte) bool {
	line = trimRight(line)
	return looksLikeResponse(line[bytes.LastIndexByte(line, ' ')+1:])
}

// salvaged are the fields of a broken request that its response returns.
type salvaged struct {
	via   bool // the first Via tells a protocol and a host
	lines []byte
}

// salvage collects Via, From, To, Call-ID and CSeq from lines of any kind.
func (g *Guard) salvage(head []byte) (r salvaged) {
	var seen [kinds]int
	var to []byte
	for n := 0; len(head) > 0 && n < g.limits.MaxHeaders; n++ {
		var line []byte
		if line, head = nextLenient(head); line == nil {
			break
		}
		name, value, ok := bytes.Cut(line, []byte{':'})
		k := kindOf(trim(name))
		if value = trim(value); !ok || len(value) > g.limits.MaxHeader {
			continue
		}
		seen[k]++
		switch k {
		case kindVia:
			if seen[k] == 1 {
				if r.via = isAnswerable(value); !r.via {
					return r
				}
			}
			if seen[k] <= g.limits.MaxVias {
				r.add("Via", value)
			}
		case kindFrom, kindCallID, kindCSeq:
			if seen[k] == 1 {
				r.add([...]string{kindFrom: "From", kindCallID: "Call-ID", kindCSeq: "CSeq"}[k], value)
			}
		case kindTo:
			if seen[k] == 1 {
				to = value
			}
		}
	}
	if to != nil {
		if !hasTag(to) {
			to = append(append(to[:len(to):len(to)], ";tag="...), g.tag(r.lines)...)
		}
		r.add("To", to)
	}
	return r
}

func (r *salvaged) add(name string, value []byte) {
	r.lines = append(append(append(r.lines, name...), ": "...), value...)
	r.lines = append(r.lines, crlf...)
}

// tag is the same for the same request whenever it is repeated, so no state is needed (section
// 8.2.7).
func (g *Guard) tag(lines []byte) []byte {
	return strconv.AppendUint([]byte("g"), maphash.Bytes(g.seed, lines), 36)
}

// nextLenient returns the next field on one line, every control character a space; nil at the empty
// line. Any line feed ends a line here.
func nextLenient(head []byte) (line, rest []byte) {
	for {
		raw, after, found := bytes.Cut(head, []byte{'\n'})
		line, rest = append(line, raw...), after
		if !found || len(after) == 0 || (after[0] != ' ' && after[0] != '\t') {
			break
		}
		head = after
	}
	for i, c := range line {
		if c < ' ' || c == 0x7f {
			line[i] = ' '
		}
	}
	if line = trim(line); len(line) == 0 {
		return nil, nil
	}
	return line, rest
}

// isAnswerable reports a Via of whatever version whose sender can be made out.
func isAnswerable(via []byte) bool {
	parts := bytes.SplitN(via, []byte{'/'}, 3)
	if len(parts) < 3 || !octet.EqualFold(trim(parts[0]), "sip") {
		return false
	}
	transport, host := word(parts[2])
	return isToken(transport) && len(host) > 0 && (host[0] == '[' || isAlpha(host[0]) || isDigit(host[0]))
}

// The fields that some answers must have (RFC 3261 sections 8.2.1, 8.2.2.3 and 8.2.3).

func allow(*Guard, []byte) string { return "Allow: " + signal.Allow + "\r\n" }

func accept(*Guard, []byte) string { return "Accept: application/sdp\r\n" }

func acceptEncoding(*Guard, []byte) string { return "Accept-Encoding: identity\r\n" }

func unsupported(g *Guard, head []byte) string {
	end := bytes.Index(head, crlfcrlf)
	if end < 0 {
		return ""
	}
	var tags []string
	for _, t := range unknownOptions(head[:end+2], g.limits.Options) {
		if isToken([]byte(t)) && len(tags) < maxUnsupported {
			tags = append(tags, t)
		}
	}
	return "Unsupported: " + strings.Join(tags, ", ") + "\r\n"
}

// maxUnsupported bounds the list in a 420; one is enough to make the point.
const maxUnsupported = 16
