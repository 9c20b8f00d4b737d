package dialog

import (
	"strconv"
	"strings"

	"tandem/signal"
	"tandem/sip/parts"
)

const (
	sdpType     = "application/sdp"
	sipfragType = "message/sipfrag"
)

// ourMethods is the Allow field where the owner gave none.
const ourMethods = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, UPDATE, REFER, NOTIFY"

// emit adds an effect to the answer of the present event.
func (d *Dialog) emit(e Effect) { d.out = append(d.out, e) }

// take returns the effects of the present event.
func (d *Dialog) take() []Effect {
	out := d.out
	d.out = nil
	return out
}

// send emits a request.
func (d *Dialog) send(r *signal.Request) { d.emit(Send{Request: r, Flow: d.local.Flow}) }

// request makes the next request on a path, with the next CSeq.
func (d *Dialog) request(p *path, m signal.Method) *signal.Request {
	p.sent++
	r := d.compose(p, m, p.sent)
	r.Headers = d.local.Headers
	d.keepUnproven(p, r)
	switch m {
	case signal.INVITE, signal.UPDATE, signal.REFER, signal.NOTIFY:
		r.Contacts = []signal.Party{d.local.Contact}
	}
	return r
}

// compose addresses a request to the end of a path.
func (d *Dialog) compose(p *path, m signal.Method, cseq uint32) *signal.Request {
	d.lastID++
	uri, routes := p.hop()
	return &signal.Request{
		ID:     d.local.Tag + "." + strconv.FormatUint(d.lastID, 10),
		Method: m, URI: uri, Routes: routes,
		From: d.us, To: p.peer, CallID: d.callID, CSeq: cseq,
	}
}

// acknowledge makes and sends the ACK of a 2xx to invite. It has the INVITE's CSeq and credentials
// (RFC 3261 section 13.2.2.4).
func (d *Dialog) acknowledge(p *path, invite *signal.Request, sdp []byte) *signal.Request {
	ack := d.compose(p, signal.ACK, invite.CSeq)
	for _, h := range invite.Headers {
		if strings.EqualFold(h.Name, "Authorization") || strings.EqualFold(h.Name, "Proxy-Authorization") {
			ack.Headers = append(ack.Headers, h)
		}
	}
	setSDP(&ack.ContentType, &ack.Body, sdp)
	d.send(ack)
	return ack
}

// response makes an answer to a request of the peer.
func (d *Dialog) response(r *signal.Request, status int, reason string) *signal.Response {
	to := r.To
	if to.Tag() == "" {
		to = to.WithTag(d.local.Tag)
	}
	return &signal.Response{Request: r.ID, Method: r.Method, Status: status, Reason: reason,
		To: to, Headers: d.local.Headers}
}

// answer makes a response that carries our Contact: the peer's target for what follows.
func (d *Dialog) answer(r *signal.Request, status int, reason string, sdp []byte) *signal.Response {
	p := d.response(r, status, reason)
	p.Contacts = []signal.Party{d.local.Contact}
	setSDP(&p.ContentType, &p.Body, sdp)
	return p
}

// respond answers a request without a body.
func (d *Dialog) respond(r *signal.Request, status int, reason string) {
	d.emit(Respond{d.response(r, status, reason)})
}

// respondWith answers a request with one more header field.
func (d *Dialog) respondWith(r *signal.Request, status int, name, value string) {
	p := d.response(r, status, "")
	p.Headers = p.Headers.With(name, value)
	d.emit(Respond{p})
}

// busy answers 500 and asks the peer to try again within ten seconds (RFC 3261 section 14.2).
func (d *Dialog) busy(r *signal.Request) {
	d.respondWith(r, 500, "Retry-After", strconv.Itoa(d.draw(11)))
}

func setSDP(contentType *string, body *[]byte, sdp []byte) {
	if sdp != nil {
		*contentType, *body = sdpType, sdp
	}
}

// dress gives an INVITE of ours its SDP, with what its owner wants to go beside it.
func (d *Dialog) dress(r *signal.Request, sdp []byte) {
	if sdp != nil && d.local.Dress != nil {
		r.ContentType, r.Body = d.local.Dress(sdp)
		return
	}
	setSDP(&r.ContentType, &r.Body, sdp)
}

// sdpOf finds the SDP in a body: the body itself or one part of several. ok is false where there is a body and no SDP in it.
func sdpOf(contentType string, body []byte) (sdp []byte, ok bool) {
	if len(body) == 0 {
		return nil, true
	}
	list, err := parts.Read(contentType, body)
	if err != nil {
		return nil, false
	}
	for _, p := range list {
		if p.Type == sdpType && len(p.Body) > 0 {
			return p.Body, true
		}
	}
	return nil, false
}

// responseSDP is the SDP of a response, nil where there is none that can be read.
func responseSDP(r *signal.Response) []byte {
	sdp, _ := sdpOf(r.ContentType, r.Body)
	return sdp
}
