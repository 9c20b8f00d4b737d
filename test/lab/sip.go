package lab

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// sipMessage is a SIP message as far as a phone looks into it.
type sipMessage struct {
	start  string
	fields [][2]string
	body   string
}

func parseSIP(text string) (m sipMessage, ok bool) {
	head, body, ok := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	m.start, m.body = lines[0], body
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if long, ok := compact[name]; ok {
			name = long
		}
		m.fields = append(m.fields, [2]string{name, strings.TrimSpace(value)})
	}
	return m, ok
}

// compact are the short names (RFC 3261 section 7.3.3) by which a member answers where there is little room.
var compact = map[string]string{"v": "Via", "f": "From", "t": "To", "i": "Call-ID", "l": "Content-Length"}

// status is the code of a response, 0 of a request.
func (m sipMessage) status() int {
	rest, ok := strings.CutPrefix(m.start, "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0
	}
	code, _ := strconv.Atoi(rest[:3])
	return code
}

func (m sipMessage) method() string { method, _, _ := strings.Cut(m.start, " "); return method }

// get is the first field of a name, "" when there is none.
func (m sipMessage) get(name string) string {
	for _, f := range m.fields {
		if strings.EqualFold(f[0], name) {
			return f[1]
		}
	}
	return ""
}

func (m sipMessage) all(name string) (values []string) {
	for _, f := range m.fields {
		if strings.EqualFold(f[0], name) {
			values = append(values, f[1])
		}
	}
	return values
}

func (m sipMessage) branch() string {
	_, rest, _ := strings.Cut(m.get("Via"), "branch=")
	branch, _, _ := strings.Cut(rest, ";")
	return branch
}

// response answers a request; tag is that of a dialog that begins, with SDP as its body.
func (m sipMessage) response(status, extra, sdp string) string {
	lines := []string{"SIP/2.0 " + status}
	for _, f := range m.fields {
		switch strings.ToLower(f[0]) {
		case "via", "from", "to", "call-id", "cseq", "record-route":
			lines = append(lines, f[0]+": "+f[1])
		}
	}
	if extra != "" {
		lines = append(lines, extra)
	}
	if sdp != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	return strings.Join(append(lines, fmt.Sprintf("Content-Length: %d", len(sdp)), "", sdp), "\r\n")
}

var inBrackets = regexp.MustCompile(`<([^>]*)>`)

// uriOf is the URI of a name-addr.
func uriOf(value string) string {
	if found := inBrackets.FindStringSubmatch(value); found != nil {
		return found[1]
	}
	return value
}

// hostOf is host and port of a SIP URI, the port 5060 if there is none.
func hostOf(uri string) string {
	_, rest, _ := strings.Cut(uri, ":")
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		rest = rest[i+1:]
	}
	host, _, _ := strings.Cut(rest, ";")
	if !strings.Contains(host, ":") {
		host += ":5060"
	}
	return host
}

// mediaOf is where a description wants its audio, nil when it describes none.
func mediaOf(sdp string) *net.UDPAddr {
	at := &net.UDPAddr{}
	for line := range strings.SplitSeq(sdp, "\r\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 3 && f[0] == "c=IN":
			at.IP = net.ParseIP(f[2])
		case len(f) > 2 && f[0] == "m=audio":
			at.Port, _ = strconv.Atoi(f[1])
		}
	}
	if at.IP == nil || at.Port == 0 {
		return nil
	}
	return at
}
