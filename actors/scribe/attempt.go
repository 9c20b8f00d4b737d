package scribe

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"tandem/actors/scribe/metadata"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/sip/parts"
)

// attempt is what we have to do with one server.
type attempt struct {
	scribe *Scribe
	number uint64
	server Server
	dialog *dialog.Dialog // nil until its streams are open
	sdp    *sdp.Lines
	said   uint64     // version of what the server knows, or is being told
	asking bool       // a re-INVITE of ours has no answer yet
	owed   bool       // our SDP offer in a 2xx has no answer yet
	part   bool       // a party is missing from what it gets, which was counted
	over   bool       // its dialog has ended
	heard  netip.Addr // its last answer came from there
	conn   uint64     // and over this connection; 0: by UDP
	names  netip.Addr // it wants requests there; none: it has named no address
}

// requests is how many requests of one dialog have numbers of their own.
const requests = 1 << 20

// Opened: the streams of an attempt are open, with what SDP says of each; its server is called.
func (s *Scribe) Opened(number uint64, callID string, lines []sdp.Capability, now time.Time) {
	s.now = now
	a := s.present
	if a == nil || a.number != number || a.dialog != nil {
		s.do(forget{number})
		return
	}
	for i := range lines {
		lines[i].Label = labels[i]
	}
	a.sdp = sdp.NewLines(lines)
	b := s.birth
	contact := b.Contact
	contact.Params = contact.Params.With("+sip.src", "") // RFC 7866 section 6.1.1
	a.dialog = dialog.NewClient(dialog.Call{
		Target: a.server.URI, From: signal.Party{URI: a.server.From}, To: signal.Party{URI: a.server.URI}, CallID: callID,
		Headers: signal.Headers{{Name: "Require", Value: "siprec"}},
	}, dialog.Local{Tag: b.Handler, Contact: contact, Timers: b.Timers, Timing: b.Timing, Headers: b.Headers, Prove: a.server.Prove,
		Dress: a.dress, After: number * requests, Moved: func(m dialog.Move) { s.log.Debug("dialog", "attempt", number, "move", m) }}, now)
	offer, err := a.sdp.Offer(s.direction(), s.prefer())
	if err != nil {
		s.giveUp(refused, err.Error())
		s.next()
		return
	}
	a.said = s.version
	a.try(a.dialog.Invite(offer, now))
}

// calls tells whether an attempt waits for its streams.
func (s *Scribe) calls(number uint64) bool {
	return s.present != nil && s.present.number == number && s.present.dialog == nil
}

// NotResolved: the name of an attempt's server leads nowhere. That of another one may.
func (s *Scribe) NotResolved(number uint64, reason string, now time.Time) {
	s.notCalled(number, refused, reason, now)
}

// NotOpened: there are no streams for an attempt. Another server may be reached from another address of ours, which has ports.
func (s *Scribe) NotOpened(number uint64, reason string, now time.Time) {
	s.notCalled(number, unopened, reason, now)
}

// notCalled: the server of an attempt can not be called. It is the turn of the next.
func (s *Scribe) notCalled(number uint64, why outcome, reason string, now time.Time) {
	s.now = now
	if s.calls(number) {
		s.giveUp(why, reason)
		s.next()
	}
}

// dress puts the document beside the SDP.
func (a *attempt) dress(offer []byte) (contentType string, body []byte) {
	return parts.Mixed(parts.Part{Type: "application/sdp", Body: offer},
		parts.Part{Type: metadata.Type, Disposition: metadata.Disposition, Body: a.scribe.document()})
}

// update tells the server how the call goes; what changes while it has not answered follows then.
func (a *attempt) update() {
	s := a.scribe
	if a != s.present || s.state != recording || a.asking || a.owed || a.said == s.version {
		return
	}
	a.offer()
}

// offer makes our SDP offer anew, of how the call goes now.
func (a *attempt) offer() {
	s := a.scribe
	offer, err := a.sdp.Offer(s.direction(), s.prefer())
	if err != nil {
		s.log.Error("no SDP offer", "err", err)
		return
	}
	a.said = s.version
	if a.asking = a.try(a.dialog.Reinvite(offer, s.now)); !a.asking {
		a.sdp.Rollback()
	}
}

// Response takes a response to a request of ours.
func (s *Scribe) Response(r *signal.Response, now time.Time) {
	s.now = now
	n, _ := strconv.ParseUint(r.Request[strings.LastIndexByte(r.Request, '.')+1:], 10, 64)
	if a := s.attempt(n / requests); a != nil {
		a.comesFrom(r)
		a.wants(a.dialog.Answered(r, now))
	}
}

// comesFrom notes where a server is: whence it answers, and where it wants requests.
func (a *attempt) comesFrom(r *signal.Response) {
	if from := r.Origin.Flow.Remote.Addr(); from.IsValid() {
		a.heard, a.conn = from.Unmap(), r.Origin.Flow.Conn
	}
	if len(r.Contacts) > 0 {
		a.names, _ = netip.ParseAddr(strings.Trim(r.Contacts[0].URI.Host, "[]"))
		a.names = a.names.Unmap()
	}
}

// stranger tells whether a request comes from neither of these: whoever has listened in knows the tags of the dialog too. Of a
// server whose Contact is a name nobody can say that.
func (a *attempt) stranger(r *signal.Request) bool {
	from, conn := r.Origin.Flow.Remote.Addr().Unmap(), r.Origin.Flow.Conn
	if conn != 0 && conn == a.conn { // whoever has that is the server
		return false
	}
	return a.heard.IsValid() && a.names.IsValid() && from != a.heard && from != a.names
}

// attempt is the one of that number, if it has a dialog.
func (s *Scribe) attempt(number uint64) *attempt {
	a := s.former[number]
	if s.present != nil && s.present.number == number {
		a = s.present
	}
	if a == nil || a.dialog == nil {
		return nil
	}
	return a
}

// Request takes a request of a server. It belongs to the dialog with that Call-ID. A stranger is turned away, whatever he
// knows.
func (s *Scribe) Request(r *signal.Request, now time.Time) {
	s.now = now
	for n := s.made; n > 0; n-- {
		if a := s.attempt(n); a != nil && a.dialog.CallID() == r.CallID {
			if a.stranger(r) {
				s.log.Warn("request in the dialog of a recording from a stranger", "method", string(r.Method), "from", r.Origin.Flow.Remote.String())
				s.turnAway(r, 403)
				return
			}
			a.wants(a.dialog.Received(r, now))
			return
		}
	}
	s.turnAway(r, 481)
}

func (s *Scribe) turnAway(r *signal.Request, status int) {
	if r.Method != signal.ACK {
		s.do(toEdge{0, dialog.Respond{Response: &signal.Response{Request: r.ID, Method: r.Method, Status: status, To: r.To}}})
	}
}

// Cancelled takes the CANCEL of a re-INVITE of the server's.
func (s *Scribe) Cancelled(reason string, now time.Time) {
	s.now = now
	if a := s.present; a != nil && a.dialog != nil {
		a.wants(a.dialog.Cancelled(reason, now))
	}
}

// DialogTimer takes a timer of a dialog.
func (s *Scribe) DialogTimer(number uint64, id dialog.TimerID, now time.Time) {
	s.now = now
	if a := s.attempt(number); a != nil {
		a.wants(a.dialog.TimerFired(id, now))
	}
}

// try takes the result of a dialog command; one that the dialog's state forbids is a fault of ours.
func (a *attempt) try(effects []dialog.Effect, err error) bool {
	if err != nil {
		a.scribe.log.Error("dialog refused a command", "state", a.scribe.state.String(), "err", err)
		return false
	}
	a.wants(effects)
	return true
}

// wants takes what the dialog wants done: what concerns the edge is passed on, the rest is ours.
func (a *attempt) wants(effects []dialog.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case dialog.Send, dialog.Cancel, dialog.Respond:
			a.scribe.do(toEdge{a.number, e})
		case dialog.StartTimer:
			a.scribe.do(dialogTimer{a.number, e})
		default:
			a.says(e)
		}
	}
	if a.over {
		a.scribe.do(forget{a.number})
	}
}

// says is the table of what a dialog can tell. A server has nothing to say that is not here: its early responses, INFO and MESSAGE
// are passed over.
func (a *attempt) says(e dialog.Effect) {
	s := a.scribe
	switch e := e.(type) {
	case dialog.Refused:
		s.ended(a, refused, strconv.Itoa(e.Status)+" "+e.Reason)
	case dialog.Ended:
		s.ended(a, lost, e.Cause.Reason)
	case dialog.Accepted:
		a.onAccepted(e)
	case dialog.ReofferRefused:
		s.log.Warn("a recording server refuses an update", "server", a.server.Name, "status", e.Status, "reason", e.Reason)
		a.sdp.Rollback()
		a.answered()
	case dialog.Offered:
		a.onOffered(e)
	case dialog.Confirmed:
		a.onConfirmed(e)
	case dialog.Refresh:
		if !a.asking && !a.owed && a == s.present {
			a.offer()
		}
	case dialog.Referred:
		a.try(a.dialog.RefuseRefer(e.ID, 603, "", s.now))
	case dialog.Replied:
		if a == s.present && s.state == recording && e.Status != 503 { // which our own edge says when it can not be reached
			s.lives()
		}
	}
}

// onAccepted: a 2xx to our INVITE or re-INVITE.
func (a *attempt) onAccepted(e dialog.Accepted) {
	s := a.scribe
	if a != s.present {
		return
	}
	lines, err := a.sdp.Accept(e.SDP)
	if e.First && err != nil {
		s.giveUp(refused, "its SDP answer: "+err.Error())
		s.next()
		return
	}
	if err != nil {
		s.log.Warn("SDP answer is not acceptable", "server", a.server.Name, "err", err)
		a.sdp.Rollback()
		a.answered()
		return
	}
	a.settle(lines)
	if e.First {
		s.takes(a)
	}
	a.answered()
}

// settle sets the streams up as the server wants them.
func (a *attempt) settle(lines []sdp.Line) {
	for i, l := range lines {
		if l.Refused {
			a.scribe.log.Warn("a recording server does not take a stream", "server", a.server.Name, "label", labels[i])
			a.misses()
		}
	}
	a.scribe.do(apply{a.number, lines})
}

// misses counts, once, that the server does not get all of the call.
func (a *attempt) misses() {
	if !a.part {
		a.part = true
		a.scribe.do(count{partial})
	}
}

// NotHeard: what a party says can not be taken to the server of an attempt.
func (s *Scribe) NotHeard(number uint64, now time.Time) {
	s.now = now
	if a := s.present; a != nil && a.number == number {
		a.misses()
	}
}

// answered: our SDP offer has its answer; what has changed since is told now.
func (a *attempt) answered() {
	a.asking = false
	a.update()
}

// onOffered: the server changes its media, or asks for our SDP offer. Whatever it says, it is only sent to.
func (a *attempt) onOffered(e dialog.Offered) {
	s := a.scribe
	switch {
	case a != s.present:
		a.try(a.dialog.RefuseOffer(481, "", s.now))
	case a.asking || a.owed:
		a.try(a.dialog.RefuseOffer(491, "", s.now))
	case len(e.SDP) == 0:
		offer, err := a.sdp.Offer(s.direction(), s.prefer())
		if err != nil {
			a.try(a.dialog.RefuseOffer(500, "", s.now))
			return
		}
		if a.owed = a.try(a.dialog.AcceptOffer(offer, s.now)); !a.owed {
			a.sdp.Rollback()
		}
	default:
		answer, lines, err := a.sdp.Answer(e.SDP, s.direction(), s.prefer())
		if err != nil {
			a.try(a.dialog.RefuseOffer(488, "", s.now))
			return
		}
		if a.try(a.dialog.AcceptOffer(answer, s.now)) {
			a.settle(lines)
		}
	}
}

// onConfirmed: the ACK came; it carries the SDP answer when our 2xx carried the offer.
func (a *attempt) onConfirmed(e dialog.Confirmed) {
	s := a.scribe
	if !a.owed {
		return
	}
	a.owed = false
	lines, err := a.sdp.Accept(e.SDP)
	if err != nil {
		s.log.Warn("SDP answer is not acceptable", "server", a.server.Name, "err", err)
		a.sdp.Rollback()
	} else {
		a.settle(lines)
	}
	a.update()
}
