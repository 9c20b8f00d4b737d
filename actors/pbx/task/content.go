package task

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/ximss/object"
)

type message = proto.Message

// content is a body with its type as programs see it: Content-Type, Content-Subtype and "".
func content(kind string, body []byte) object.Value {
	d := object.NewFolded()
	main, sub, _ := strings.Cut(kind, "/")
	sub, _, _ = strings.Cut(sub, ";")
	d.Set("Content-Type", object.String(strings.TrimSpace(main)))
	if sub = strings.TrimSpace(sub); sub != "" {
		d.Set("Content-Subtype", object.String(sub))
	}
	d.Set("", object.String(string(body)))
	return d.Value()
}

// fromContent reads such a dictionary.
func fromContent(d *object.Dictionary) (kind string, body []byte, ok bool) {
	if d == nil {
		return "", nil, false
	}
	kind = d.GetFold("Content-Type").Text()
	if sub := d.GetFold("Content-Subtype").Text(); sub != "" {
		kind += "/" + sub
	}
	v := d.Get("")
	if b, isData := v.Bytes(); isData {
		return kind, b, clean(kind)
	}
	return kind, []byte(v.Text()), clean(kind)
}

// clean tells whether a text may stand in a header: no control characters that would begin another one.
func clean(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return len(s) <= 1024
}

// reasonHeader is a Reason header (RFC 3326) of a code and a text: below 1000 a SIP status, from there on a
// Q.850 cause. "" where there is no code.
func reasonHeader(code object.Value, text string) string {
	n, ok := code.Int()
	if s, isText := code.Str(); isText {
		n, ok = leading(s)
	}
	if !ok || n <= 0 {
		return ""
	}
	protocol := "SIP"
	if n >= 1000 {
		protocol, n = "Q.850", n-1000
	}
	header := fmt.Sprintf("%s;cause=%d", protocol, n)
	if text != "" && clean(text) {
		header += `;text="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	return header
}

// leading is the number that a text begins with.
func leading(s string) (int64, bool) {
	end := 0
	for end < len(s) && end < 9 && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	return n, err == nil
}
