package phone

import (
	"strings"

	"tandem/sip/dialog"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Keys travel between session and leg in INFO, as telephones send them that have no other way: the leg gives them to a
// program, or presses them for its partner as that can hear them.
const (
	relayType = "application/dtmf-relay"
	// transferredType is how a leg says who its partner is now, where it knows.
	transferredType = "application/vnd.tandem.transferred"
	keys            = "0123456789*#ABCD"
	maxKeys         = 64   // of one callSendDTMF
	maxInfo         = 4096 // bytes of an INFO
)

// informs tells whether the peer can be told something: the call is up, or its early media are heard, as of a menu that
// speaks before the call is answered.
func (c *call) informs() bool { return c.state == up || c.state == ringing && c.dialog.CanInfo() }

// sendDTMF is callSendDTMF: one key after the other, before the answer where something speaks already.
func (c *call) sendDTMF(o *operation) *ximss.Error {
	text := strings.ToUpper(strings.TrimSpace(o.Text()))
	switch {
	case text == "":
		return ximss.ErrMissing
	case len(text) > maxKeys:
		return ximss.Fail(ximss.NumLimit, "more than %d keys", maxKeys)
	case strings.Trim(text, keys) != "":
		return ximss.Fail(ximss.NumMalformed, "keys are 0-9, *, # and A-D")
	case !c.informs():
		return errWrong
	}
	for _, key := range text {
		if !c.try(c.dialog.Info(relayType, []byte("Signal="+string(key)+"\r\nDuration=160\r\n"), c.phone.now)) {
			return errWrong
		}
	}
	return nil
}

// sendInfo is callSendInfo: the content of the request goes to the peer, as what contentType says.
func (c *call) sendInfo(o *operation) *ximss.Error {
	kind, text := o.Attr("contentType"), o.Text()
	switch {
	case kind == "":
		return ximss.ErrMissing
	case len(kind)+len(text) > maxInfo:
		return ximss.Fail(ximss.NumLimit, "more than %d bytes", maxInfo)
	case !strings.Contains(kind, "/") || strings.ContainsFunc(kind, func(r rune) bool { return r < ' ' || r > '~' }):
		return ximss.Fail(ximss.NumMalformed, "the contentType is none")
	case !c.informs():
		return errWrong
	}
	if !c.try(c.dialog.Info(kind, []byte(text), c.phone.now)) {
		return errWrong
	}
	return nil
}

// informed: an INFO came: a key of the peer's, or something else.
func (c *call) informed(e dialog.Informed) {
	if c.made != nil || c.state == gone {
		return
	}
	if e.ContentType == transferredType {
		c.partnerChanged(strings.TrimSpace(string(e.Body)))
		return
	}
	if key, ok := keyOf(e); ok {
		x := c.message("callDTMF")
		x.Add(object.String(key))
		c.phone.say(x)
		return
	}
	if len(e.Body) > maxInfo {
		return
	}
	x := c.message("callInfo")
	if e.ContentType != "" {
		x.SetAttribute("contentType", "", e.ContentType)
	}
	x.Add(object.String(strings.ToValidUTF8(string(e.Body), "")))
	c.phone.say(x)
}

// keyOf is the key that an INFO tells of, in either of the two forms that are in use.
func keyOf(e dialog.Informed) (string, bool) {
	kind, _, _ := strings.Cut(strings.ToLower(e.ContentType), ";")
	text := strings.TrimSpace(string(e.Body))
	switch strings.TrimSpace(kind) {
	case "application/dtmf":
	case relayType:
		for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
			if name, value, _ := strings.Cut(line, "="); strings.EqualFold(strings.TrimSpace(name), "signal") {
				text = strings.TrimSpace(value)
			}
		}
	default:
		return "", false
	}
	text = strings.ToUpper(text)
	return text, len(text) == 1 && strings.Contains(keys, text)
}

// partnerChanged: whoever the client talked to was transferred, or has left the call to somebody else.
func (c *call) partnerChanged(peer string) {
	x := c.message("callTransferred")
	if peer != "" && len(peer) <= maxPeer {
		c.peer, c.peerName = strings.ToValidUTF8(peer, ""), ""
		x.SetAttribute("peer", "", c.peer)
	}
	c.phone.say(x)
}
