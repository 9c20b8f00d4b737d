package dialog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tandem/signal"
)

// Received takes a request inside the dialog (ACK, BYE, re-INVITE, UPDATE, INFO, REFER, NOTIFY,
// MESSAGE, OPTIONS). Whoever knows the Call-ID and both tags is taken for the peer: an owner that
// wants more asks Stranger before.
func (d *Dialog) Received(r *signal.Request, now time.Time) []Effect {
	d.now = now
	if r.Method == signal.ACK {
		d.acked(r)
		return d.take()
	}
	switch p := d.pathOf(r); {
	case r.Method == signal.CANCEL:
		// The edge answers CANCEL; its meaning comes by Cancelled.
	case p == nil, d.state == Over:
		d.respond(r, 481, "")
	case r.CSeq <= p.seen:
		d.outOfOrder(r)
	default:
		p.seen = r.CSeq
		if p == d.path {
			d.follow(r.Origin.Flow)
		}
		d.serve(p, r)
	}
	return d.take()
}

// pathOf finds the dialog that a request belongs to, by Call-ID and both tags; nil if to none.
func (d *Dialog) pathOf(r *signal.Request) *path {
	p := d.path
	if p == nil {
		p = d.forkOf(r.From.Tag())
	}
	if p == nil || p.over || !d.isPeer(p, r) {
		return nil
	}
	return p
}

// isPeer reports whether a request was made by the far end of the path.
func (d *Dialog) isPeer(p *path, r *signal.Request) bool {
	return r.CallID == d.callID && r.From.Tag() == p.peer.Tag() && r.To.Tag() == d.local.Tag
}

// follow makes the flow of the peer's last request the way to the peer: its NAT may have bound it
// anew, or it may have connected again. Where the owner named no flow, requests go on to be sent
// to what the target resolves to.
func (d *Dialog) follow(f signal.Flow) {
	if !f.IsZero() && !d.local.Flow.IsZero() {
		d.local.Flow = f
	}
}

// Flow is the present way to the peer.
func (d *Dialog) Flow() signal.Flow { return d.local.Flow }

// CallID names the dialog, with both tags.
func (d *Dialog) CallID() string { return d.callID }

// optionAware is the option of a phone that shows whether its call is recorded.
const optionAware = "record-aware"

// RecordAware tells whether the peer wants to be told by SDP that the call is recorded (RFC 7866 section 6.2), as it said with the INVITE or
// its 2xx.
func (d *Dialog) RecordAware() bool { return d.aware }

// Stranger reports whether a request comes from another address than the peer's present flow. A
// NAT that binds anew, or a new connection, changes the port and is no stranger. A phone that has
// changed networks is one until it proves its account; so is another address of the peer's proxy. A session is
// known by its handler, wherever its client is.
func (d *Dialog) Stranger(r *signal.Request) bool {
	from, peer := r.Origin.Flow, d.local.Flow
	if peer.Session != "" || from.Session != "" {
		return from.Session != peer.Session
	}
	return !peer.IsZero() && from.Remote.Addr().Unmap() != peer.Remote.Addr().Unmap()
}

// outOfOrder refuses a request whose CSeq is not above that of an earlier one (RFC 3261 section
// 12.2.2). An INVITE is asked to come again while another is open (section 14.2).
func (d *Dialog) outOfOrder(r *signal.Request) {
	if r.Method == signal.INVITE && (d.unanswered() || d.exchange.phase == asked) {
		d.busy(r)
		return
	}
	d.respond(r, 500, "CSeq Out Of Order")
}

// serve answers a request by method. States that answer otherwise than Established do:
//
//	BYE       every state takes it; see byeReceived
//	INVITE    491 or 500 unless Established and no SDP exchange is open; see offered
//	UPDATE    the same with SDP, and in an early dialog once the first exchange is complete; without SDP a mere
//	          target refresh everywhere
//	PRACK     481 unless it names the 1xx that waits for one
//	REFER     491 unless Established
//	Ending    all but BYE get 481: we have left (section 15.1.1)
func (d *Dialog) serve(p *path, r *signal.Request) {
	if r.Method == signal.BYE {
		d.byeReceived(p, r)
		return
	}
	if d.state == Ending {
		d.respond(r, 481, "")
		return
	}
	if unknown := d.unsupported(r); unknown != "" {
		d.respondWith(r, 420, "Unsupported", unknown)
		return
	}
	switch r.Method {
	case signal.INVITE, signal.UPDATE:
		d.offered(p, r)
	case signal.INFO:
		d.informed(r)
	case signal.MESSAGE:
		d.respond(r, 200, "")
		d.emit(Messaged{ContentType: r.ContentType, Body: r.Body})
	case signal.OPTIONS:
		d.capabilities(r)
	case signal.REFER:
		d.referred(r)
	case signal.PRACK:
		d.prackReceived(r)
	case signal.NOTIFY:
		d.notified(r)
	default:
		d.notAllowed(r)
	}
}

func (d *Dialog) notAllowed(r *signal.Request) {
	p := d.response(r, 405, "")
	p.Headers = withAllow(p.Headers)
	d.emit(Respond{p})
}

// prackReceived takes a PRACK where we know what that is.
func (d *Dialog) prackReceived(r *signal.Request) {
	switch {
	case d.local.Reliably == Never:
		d.notAllowed(r)
	case !d.isServer():
		d.respond(r, 481, "")
	default:
		d.pracked(r)
	}
}

// unsupported lists the options of Require that we do not name in Supported (section 8.2.2.3).
func (d *Dialog) unsupported(r *signal.Request) string {
	var out []string
	for _, v := range r.Headers.All("Require") {
		for option := range strings.SplitSeq(v, ",") {
			option = strings.TrimSpace(option)
			if option != "" && !d.local.Headers.Has("Supported", option) {
				out = append(out, option)
			}
		}
	}
	return strings.Join(out, ", ")
}

// informed takes an INFO. No INFO packages are in use, so one that names a package is refused
// (RFC 6086 section 4.2.2); the older kind, which names none, carries DTMF and is welcome.
func (d *Dialog) informed(r *signal.Request) {
	if r.Headers.Get("Info-Package") != "" {
		d.respondWith(r, 469, "Recv-Info", "")
		return
	}
	d.respond(r, 200, "")
	d.emit(Informed{ContentType: r.ContentType, Body: r.Body})
}

// capabilities answers OPTIONS (RFC 3261 section 11.2).
func (d *Dialog) capabilities(r *signal.Request) {
	p := d.answer(r, 200, "", nil)
	p.Headers = withAllow(p.Headers).With("Accept", sdpType+", "+sipfragType)
	if p.Headers.Get("Supported") == "" {
		p.Headers = p.Headers.With("Supported", "")
	}
	d.emit(Respond{p})
}

// PeerAllows are the methods that the peer says it takes (the Allow field of its INVITE or of its 2xx), none
// when it does not say.
func (d *Dialog) PeerAllows() []string { return d.allow }

// allowed reads an Allow field.
func allowed(h signal.Headers) (methods []string) {
	for _, field := range h.All("Allow") {
		for m := range strings.SplitSeq(field, ",") {
			if m = strings.ToUpper(strings.TrimSpace(m)); m != "" && len(methods) < maxAllow {
				methods = append(methods, m)
			}
		}
	}
	return methods
}

// maxAllow bounds the methods of an Allow field that are heeded; about 15 are known.
const maxAllow = 32

// withAllow adds the Allow field where the owner's headers have none.
func withAllow(h signal.Headers) signal.Headers {
	if h.Get("Allow") != "" {
		return h
	}
	return h.With("Allow", ourMethods)
}

// Answered takes a response to a request that this dialog sent. When it is Over, all are ignored.
func (d *Dialog) Answered(r *signal.Response, now time.Time) []Effect {
	d.now = now
	if r = d.proved(r); r == nil {
		return d.take()
	}
	switch {
	case d.state == Over:
	case d.client.invite != nil && r.Request == d.client.id:
		d.inviteAnswered(r)
	case d.exchange.ours != nil && r.Request == d.exchange.ours.ID:
		d.reinviteAnswered(r)
	case r.Provisional():
	case d.aside(r):
	case r.Request == d.timing.refresh:
		d.refreshAnswered(r)
	case r.Method == signal.INVITE && r.Success():
		d.repeatACK(r.Request) // an earlier re-INVITE
	case r.Method == signal.BYE:
		if d.state == Ending && r.Request == d.byeID {
			d.end(d.cause, "BYE answered")
		}
	case r.Method == signal.REFER:
		d.referAnswered(r)
	case r.Method == signal.NOTIFY:
		d.notifyAnswered(r)
	case lone[r.Method] && d.state == Established:
		d.emit(Replied{Request: r.Request, Status: r.Status, Reason: r.Reason})
		if r.Status == 481 || r.Status == 408 {
			d.lost(r.Status, string(r.Method))
		}
	}
	return d.take()
}

// lone are the requests inside a dialog that stand for themselves: nothing follows from their answer
// here, but that the dialog is lost when the peer does not know it (RFC 5057 section 5.1).
var lone = map[signal.Method]bool{signal.INFO: true, signal.MESSAGE: true, signal.OPTIONS: true}

// aside takes the answer to a small request that went to an early fork; false where it is none. Nothing follows from
// it: a phone that knows no INFO before its answer may still answer, and the fork may not be the one that did.
func (d *Dialog) aside(r *signal.Response) bool {
	i := slices.Index(d.client.asides, r.Request)
	if i >= 0 {
		d.client.asides = slices.Delete(d.client.asides, i, i+1)
	}
	return i >= 0
}

// CanInfo reports whether Info is possible now: the call is up, or we are its caller and hear early media.
func (d *Dialog) CanInfo() bool {
	return d.state == Established || d.state == Proceeding && d.client.early != nil && !d.client.early.over
}

// Info sends an INFO. Before the answer it goes to the fork that is heard (RFC 3261 section 12: an early dialog
// carries requests like any other), and its answer is not told.
func (d *Dialog) Info(contentType string, body []byte, now time.Time) ([]Effect, error) {
	if d.state != Proceeding || !d.CanInfo() {
		return d.sendLone(signal.INFO, contentType, body, now)
	}
	if len(d.client.asides) >= maxAsides {
		return nil, fmt.Errorf("%w: INFO before the answer", ErrLimit)
	}
	d.now = now
	r := d.request(d.client.early, signal.INFO)
	r.ContentType, r.Body = contentType, body
	d.client.asides = append(d.client.asides, r.ID)
	d.send(r)
	return d.take(), nil
}

// Message sends a MESSAGE inside the dialog.
func (d *Dialog) Message(contentType string, body []byte, now time.Time) ([]Effect, error) {
	return d.sendLone(signal.MESSAGE, contentType, body, now)
}

// Probe asks the peer for a sign of life, by OPTIONS: one that is gone ends the dialog.
func (d *Dialog) Probe(now time.Time) ([]Effect, error) {
	return d.sendLone(signal.OPTIONS, "", nil, now)
}

func (d *Dialog) sendLone(m signal.Method, contentType string, body []byte, now time.Time) ([]Effect, error) {
	if d.state != Established {
		return nil, d.wrongState(string(m))
	}
	d.now = now
	r := d.request(d.path, m)
	r.ContentType, r.Body = contentType, body
	d.send(r)
	return d.take(), nil
}
