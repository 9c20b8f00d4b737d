package phone

import (
	"strings"

	"tandem/ximss"
	"tandem/ximss/object"
	"tandem/ximss/sdp"
)

// description reads the session description in a request, in either form; nil when there is none. The client gets
// the next ones in the same form.
func (p *Phone) description(o *operation) ([]byte, *ximss.Error) {
	if x := o.Child("sdp"); x != nil {
		text, err := sdp.Text(x)
		if err != nil {
			return nil, ximss.Fail(ximss.NumMalformed, "the sdp can not be used: %v", err)
		}
		p.text = false
		return []byte(text), nil
	}
	x := o.Child("sdpText")
	if x == nil {
		return nil, nil
	}
	text := x.Text()
	switch {
	case len(text) > sdp.MaxText:
		return nil, ximss.Fail(ximss.NumMalformed, "the sdpText is longer than %d bytes", sdp.MaxText)
	case strings.TrimSpace(text) == "":
		return nil, ximss.Fail(ximss.NumMalformed, "the sdpText is empty")
	}
	p.text = true
	return []byte(lines(text)), nil
}

// lines ends each line as a description has it (RFC 8866 section 5): XML leaves no carriage return where it stood.
func lines(text string) string {
	text = strings.TrimLeft(strings.ReplaceAll(text, "\r", ""), "\n")
	return strings.ReplaceAll(strings.TrimRight(text, "\n")+"\n", "\n", "\r\n")
}

// describe adds a session description to a message, in the client's form. One that can not be told as XML is told as
// text, which is what came.
func (p *Phone) describe(x *object.XML, body []byte) *object.XML {
	if len(body) == 0 {
		return x
	}
	if !p.text {
		if d, err := sdp.ToXML(string(body)); err == nil {
			x.Add(d.Value())
			return x
		}
	}
	d := object.NewXML("sdpText")
	d.Add(object.String(string(body)))
	x.Add(d.Value())
	return x
}

// held tells whether who sends a description wants to hear nothing: the direction of its first medium, or of all
// where that has none of its own (RFC 8866 section 6.7).
func held(body []byte) bool {
	media, direction := 0, ""
	for line := range strings.SplitSeq(string(body), "\n") {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "m="):
			media++
		case media < 2:
			switch line {
			case "a=sendrecv", "a=recvonly", "a=sendonly", "a=inactive":
				direction = line
			}
		}
	}
	return direction == "a=sendonly" || direction == "a=inactive"
}

// hasMedia tells whether a description has any medium; webRTC whether it is one of a browser.
func hasMedia(body []byte) bool { return strings.Contains("\n"+string(body), "\nm=") }

func webRTC(body []byte) bool {
	text := "\n" + string(body)
	return strings.Contains(text, "\na=fingerprint:") || strings.Contains(text, "RTP/SAVPF") ||
		strings.Contains(text, "\na=webrtc")
}
