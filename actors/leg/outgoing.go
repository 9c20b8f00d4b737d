package leg

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

// startOutgoing begins the leg of a party that we call.
func startOutgoing(b Birth, work *msg.LegStart, callID string) *Leg {
	l, c := newLeg(b, work), work.Outgoing
	l.outgoing = true
	flow := c.Flow.Signal()
	from := c.From.Signal()
	from.Params = nil
	l.dialog = dialog.NewClient(dialog.Call{
		Target: c.Contact.Signal(), From: from, To: c.To.Signal(), CallID: callID,
		Routes: c.Routes, Headers: msg.ToHeaders(c.Headers), Forwards: int(c.MaxForwards), Other: l.insisting(work, flow),
	}, l.local(b, flow), b.Now)
	l.record.Outgoing, l.record.Account = true, c.Account
	l.party = c.To.Signal().URI
	l.record.From, l.record.To = name(from.URI), name(l.party)
	l.record.SipCallId = callID
	l.record.Queue, l.record.Caller = ofQueue(c)
	l.record.Peer, l.record.Transport = flow.Remote.String(), flow.Transport
	if c.Target != "" {
		l.record.Peer = c.Target
	}
	l.do(publish{}, journal{})
	l.startTimer(unanswered, l.limits.Unanswered)
	if c.PatienceMs > 0 {
		l.startTimer(silent, time.Duration(c.PatienceMs)*time.Millisecond)
	}
	if b.Unable {
		l.refused(&msg.LegRefused{Status: 503, Local: true})
		return l
	}
	offer, err := l.firstOffer(c.Codecs)
	if err != nil {
		status, _ := sdpRefusal(err)
		l.log.Warn("no SDP offer", "err", err)
		l.refused(&msg.LegRefused{Status: int32(status)})
		return l
	}
	l.try(l.dialog.Invite(offer, b.Now))
	return l
}

// firstOffer is the SDP offer for a party who is called: of audio, or of a fax where the caller is one.
func (l *Leg) firstOffer(codecs []string) ([]byte, error) {
	if f := sdp.AsFax(codecs...); f != "" {
		return l.sdp.OfferFax(f)
	}
	return l.sdp.Offer(sdp.SendRecv, l.passing(codecs...))
}

// insisting is the SDP offer that follows one with keys in the plain profile: there are phones that refuse that with 488,
// since they take the encrypted profile alone. Where signalling is in the clear they would not have it either.
func (l *Leg) insisting(work *msg.LegStart, flow signal.Flow) func() []byte {
	if !sealed(work, flow) {
		return nil
	}
	return func() []byte {
		if sdp.AsFax(work.Outgoing.Codecs...) != "" || !l.sdp.Insist() {
			return nil
		}
		offer, err := l.sdp.Offer(sdp.SendRecv, l.passing(work.Outgoing.Codecs...))
		if err != nil {
			l.log.Error("no SDP offer", "err", err)
			return nil
		}
		return offer
	}
}

// onSilent gives up a target that has not said a word, not even that it tries: another one may be better.
func (l *Leg) onSilent() {
	if l.state != waiting || l.dialog.Heard() {
		return
	}
	l.refuse(&msg.LegRefused{Status: 408, Reason: "No answer from there", Local: true})
	l.setCause(408, "No answer from there", byFailure)
	l.hangup(408, "", "not a word in time")
}

// ofQueue names the queue that has had the party called, and for which of its callers: the Task that does says so in a
// header, "sales;call=NAME".
func ofQueue(c *msg.LegCall) (queue, caller string) {
	for _, h := range c.Headers {
		if strings.EqualFold(h.Name, "X-Queue") {
			queue, caller, _ = strings.Cut(h.Value, ";call=")
		}
	}
	return queue, caller
}

// onProgressed: the party rings, or sends early media.
func (l *Leg) onProgressed(e dialog.Progressed) {
	if l.state >= answered {
		return
	}
	early := len(e.SDP) > 0 && l.takeAnswer(e.SDP, e.Tag, l.sdp.Accept) == nil
	if l.state == waiting && e.Status != 181 {
		l.rang()
	}
	l.do(tellOwner{&msg.LegProgressed{Branch: l.branch, Status: int32(e.Status), Reason: e.Reason,
		Early: early, Stream: l.stream, Codec: l.params.Named()}})
}

// takeAnswer settles the SDP answer of the party's fork with that tag, which the session takes by accept. The same one again (183,
// then 200) changes nothing, unless it is another fork's and one has changed its media since: that is not what this one has agreed.
func (l *Leg) takeAnswer(answer []byte, tag string, accept func([]byte) (sdp.Params, error)) error {
	if !bytes.Equal(answer, l.taken) || tag != l.takenOf && !l.sdp.Offered() {
		if _, err := accept(answer); err != nil {
			return err
		}
		l.taken = answer
		l.settle()
	}
	l.takenOf = tag
	return nil
}

// onAccepted: 2xx to our INVITE or re-INVITE.
func (l *Leg) onAccepted(e dialog.Accepted) {
	if !e.First {
		l.onReoffered(e)
		return
	}
	if err := l.takeAnswer(e.SDP, e.Tag, l.sdp.AcceptChosen); err != nil || l.params.Named() == "" {
		l.log.Warn("SDP answer is not acceptable", "err", err)
		l.refuse(&msg.LegRefused{Status: 488, Reason: "SDP answer is not acceptable"})
		l.hangup(488, "SDP answer is not acceptable", "bad SDP answer")
		return
	}
	if l.state >= ending {
		return
	}
	l.transfers.peer = e.Tag
	l.wasAnswered()
	l.do(tellOwner{l.answeredSo()})
}

// onRefused: the party's final refusal; the dialog is over.
func (l *Leg) onRefused(e dialog.Refused) {
	by := byParty
	if e.Local {
		by = byFailure
	}
	l.setCause(e.Status, e.Reason, by)
	if after, err := strconv.Atoi(e.Headers.Get("Retry-After")); err == nil && e.Status == 503 && !e.Local {
		l.record.RetryAfterMs = min(max(int64(after), 0), mostRetry) * 1000
	}
	m := &msg.LegRefused{Status: int32(e.Status), Reason: e.Reason, Headers: msg.FromHeaders(passed(e.Headers)), Local: e.Local}
	for _, c := range redirections(e.Contacts) {
		m.Redirects = append(m.Redirects, msg.FromURI(c.URI))
	}
	if len(m.Redirects) > 0 {
		m.Redirect = m.Redirects[0]
	}
	l.refused(m)
}

// mostRetry bounds how long a party wants to be left alone, seconds.
const mostRetry = 24 * 3600

// maxRedirects is how many addresses of a refusal are passed on; how many are rung is the fork's limit.
const maxRedirects = 20

// redirections are the contacts of a refusal, the most wanted first (RFC 3261 sections 8.1.3.4 and 20.10).
func redirections(contacts []signal.Party) []signal.Party {
	contacts = slices.Clone(contacts)
	slices.SortStableFunc(contacts, func(a, b signal.Party) int { return cmp.Compare(wanted(b), wanted(a)) })
	return contacts[:min(len(contacts), maxRedirects)]
}

// wanted is a contact's q; one that names none, or none that can be read, counts as 1.
func wanted(c signal.Party) float64 {
	text, _ := c.Params.Get("q")
	q, err := strconv.ParseFloat(text, 64)
	if err != nil || !(q >= 0 && q <= 1) {
		return 1
	}
	return q
}

// passed are the header fields of a refusal that mean something to the caller too. A Warning names the host that gives
// it (RFC 3261 section 20.43), which is no affair of the caller's.
func passed(h signal.Headers) signal.Headers {
	var out signal.Headers
	if v := h.Get("Retry-After"); v != "" {
		out = append(out, signal.Header{Name: "Retry-After", Value: v})
	}
	if v := signal.ReasonField(signal.ReadReasons(h.All("Reason"))); v != "" {
		out = append(out, signal.Header{Name: "Reason", Value: v})
	}
	return out
}

// refused ends a leg that was not answered.
func (l *Leg) refused(m *msg.LegRefused) {
	if l.state == ended {
		return
	}
	l.refuse(m)
	l.setCause(int(m.Status), m.Reason, byParty)
	l.finish("refused")
}

// refuse tells the owner that this branch will not be answered.
func (l *Leg) refuse(m *msg.LegRefused) {
	if l.hasOwner {
		m.Branch = l.branch
		l.do(tellOwner{m})
		l.hasOwner = false
	}
}

// Bridge: the call is this leg's; the partner's leg is told likewise and joins the streams.
func (l *Leg) Bridge(stream string, now time.Time) {
	l.now = now
	l.hasOwner = false
	l.hearing.hasPartner, l.hearing.partner = true, stream
	if l.state >= ending { // it ended while it was being chosen
		l.leavePartner()
		return
	}
	if l.params.Held {
		l.onHeld(true)
	}
}
