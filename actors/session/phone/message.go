package phone

import (
	"strings"
	"time"

	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Content types of messages.
const (
	plainType     = "text/plain"
	composingType = "application/im-iscomposing+xml" // RFC 3994
	queryType     = "application/vnd.tandem.iq+xml"  // of sessions only
)

// maxText is how long a message may be, in bytes: more does not fit into a datagram with its fields (RFC 3428
// section 8), and a phone would not get it.
const maxText = 1000

// maxQuery is the same for what only sessions read.
const maxQuery = 32 << 10

// messageWait is how long a message is on its way at most; messageTimer is when that is looked at.
const (
	messageWait  = 40 * time.Second
	messageTimer = "messages"
)

// sending is a message on its way.
type sending struct {
	reply Reply
	since time.Time
}

// send sends a message outside of any call. The operation ends when it is delivered, or is not.
func (p *Phone) send(o *operation, contentType, body string) {
	to, err := p.address(o.Attr("peer"))
	switch {
	case err != nil:
		o.fail(err)
		return
	case len(p.sent) >= p.limits.Messages:
		o.fail(ximss.ErrBusy)
		return
	}
	id := p.next()
	p.sent[id] = &sending{o.reply, p.now}
	p.do(Begin{p.origin(&signal.Request{ID: id, Method: signal.MESSAGE, URI: to, From: p.us().WithTag(id),
		To: signal.Party{URI: to}, CallID: id + "@" + p.self.Domain, CSeq: 1, ContentType: contentType, Body: []byte(body)})})
	p.watchMessages()
}

// watchMessages has the time told as long as there is a message on its way.
func (p *Phone) watchMessages() {
	if !p.sweeps && len(p.sent) > 0 {
		p.sweeps = true
		p.do(StartTimer{Timer{"", messageTimer, 0}, messageWait})
	}
}

// sweep ends the messages that take too long: who had to answer is gone.
func (p *Phone) sweep() {
	p.sweeps = false
	for _, id := range sorted(p.sent) {
		if s := p.sent[id]; p.now.Sub(s.since) >= messageWait {
			delete(p.sent, id)
			s.reply.Done(refusal(408, ""))
		}
	}
	p.watchMessages()
}

// delivered takes the answer to a message.
func (p *Phone) delivered(s *sending, r *signal.Response) {
	if r.Provisional() {
		return
	}
	delete(p.sent, r.Request)
	if r.Success() {
		s.reply.Done(nil)
		return
	}
	s.reply.Done(refusal(r.Status, r.Reason))
}

// chatStates are the words for what the other one does, and what a phone is told of it (RFC 3994 section 3.2).
var chatStates = map[string]string{"composing": "active", "paused": "idle", "gone": "idle", "active": "idle"}

// chatSpace is the name space of the word itself, for those who know more than a phone.
const chatSpace = "urn:tandem:chat"

// sendIM is sendIM: a text, or what the user does.
func (p *Phone) sendIM(o *operation) {
	for word, state := range chatStates {
		if o.Child(word) != nil {
			p.send(o, composingType, composing(word, state))
			return
		}
	}
	text := o.Text()
	if b := o.Child("body"); b != nil {
		text = b.Text()
	}
	switch {
	case text == "":
		o.fail(ximss.ErrMissing)
	case len(text) > maxText:
		o.fail(ximss.Fail(ximss.NumLimit, "the message is longer than %d bytes", maxText))
	default:
		p.send(o, plainType+";charset=UTF-8", text)
	}
}

// composing is the document that tells what a user does.
func composing(word, state string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>` + state +
		`</state><contenttype>text/plain</contenttype><chat xmlns="` + chatSpace + `">` + word + `</chat></isComposing>`
}

// sendIQ is iqSend: a question or an answer to another session, whose meaning is theirs alone.
func (p *Phone) sendIQ(o *operation) {
	x := object.NewXML("iq", "type", o.Attr("type"), "iqid", o.Attr("iqid"))
	x.Body = o.Body
	text, err := x.Markup()
	switch {
	case err != nil || o.Attr("type") == "":
		o.fail(ximss.ErrMissing)
	case len(text) > maxQuery:
		o.fail(ximss.Fail(ximss.NumLimit, "the question is longer than %d bytes", maxQuery))
	default:
		p.send(o, queryType, text)
	}
}

// read takes a message for the client.
func (p *Phone) read(r *signal.Request) {
	if !p.bound.on || !p.bound.readIM {
		p.refuse(r, 480)
		return
	}
	if !p.readBody(shown(r.From.URI), r.From.Display, r.ContentType, r.Body) {
		p.refuse(r, 415)
		return
	}
	p.refuse(r, 200)
}

// readBody tells the client a message; false: it can not be told.
func (p *Phone) readBody(peer, name, contentType string, body []byte) bool {
	kind, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	x := object.NewXML("readIM", "peer", peer)
	if name != "" {
		x.SetAttribute("peerName", "", name)
	}
	x.SetAttribute("type", "", "chat")
	x.SetAttribute("gmtTime", "", p.now.UTC().Format(moment))
	switch strings.TrimSpace(kind) {
	case plainType, "":
		child := object.NewXML("body")
		child.Add(object.String(text))
		x.Add(child.Value())
	case composingType:
		word := chatWord(text)
		if word == "" {
			return false
		}
		x.Add(object.NewXML(word).Value())
	case queryType:
		return p.readIQ(peer, text)
	default:
		return false
	}
	p.say(x)
	return true
}

// chatWord is what the other one does, "" where the document does not say.
func chatWord(text string) string {
	x, err := object.ParseXML(text)
	if err != nil {
		return ""
	}
	if c := x.Child("chat"); c != nil {
		if word := strings.TrimSpace(c.Text()); chatStates[word] != "" {
			return word
		}
	}
	if s := x.Child("state"); s != nil {
		switch strings.TrimSpace(s.Text()) {
		case "active":
			return "composing"
		case "idle":
			return "paused"
		}
	}
	return ""
}

// readIQ tells the client another session's question or answer.
func (p *Phone) readIQ(peer, text string) bool {
	q, err := object.ParseXML(text)
	if err != nil || q.Type != "iq" || q.Attr("type") == "" {
		return false
	}
	x := object.NewXML("iqRead", "type", q.Attr("type"), "peer", peer, "iqid", q.Attr("iqid"))
	x.Body = q.Body
	p.say(x)
	return true
}
