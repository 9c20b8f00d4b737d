package leg

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

// startIncoming begins the leg of a party that calls us.
func startIncoming(b Birth, work *msg.LegStart, r *signal.Request) *Leg {
	l := newLeg(b, work)
	local := l.local(b, r.Origin.Flow)
	l.dialog = dialog.NewServer(r, local, b.Now)
	l.record.Account = string(r.Origin.Account)
	l.party = r.From.URI
	l.forwards, l.carried = cmp.Or(r.MaxForwards, 70), carried(r.Headers)
	l.asserted = work.Asserted.Signal()
	l.caller = signal.Party{Display: r.From.Display, URI: l.self().URI}
	l.record.From, l.record.To = name(r.From.URI), work.Called
	if l.record.Account != "" {
		l.record.From = l.record.Account
	}
	l.record.SipCallId, l.record.Agent = r.CallID, r.Origin.Agent
	l.transfers.peer = r.From.Tag()
	l.record.Peer, l.record.Transport = r.Origin.Flow.Remote.String(), r.Origin.Flow.Transport
	l.do(publish{}, journal{})
	l.startTimer(unanswered, l.limits.Unanswered)
	if b.Unable {
		l.reject(503, "", signal.Headers{{Name: "Retry-After", Value: "5"}})
		return l
	}
	if status, h := local.Judge(r); status != 0 {
		l.reject(status, "", h)
		return l
	}
	if len(r.Body) > 0 && !isSDP(r.ContentType, r.Body) {
		l.reject(415, "", signal.Headers{{Name: "Accept", Value: "application/sdp"}})
		return l
	}
	l.offer = r.Body
	if !l.readOffer() {
		return l
	}
	if replaces, err := dialog.ParseReplaces(r.Headers); err != nil {
		l.reject(400, "Replaces is malformed", nil)
		return l
	} else if replaces != nil {
		l.transfers.take(replaces, string(r.Origin.Account))
		return l
	}
	if work.Application != "" {
		l.Run(&msg.LegRun{Application: work.Application, Argument: work.Argument, Number: work.Number}, b.Now)
		return l
	}
	l.do(tellOwner{&msg.LegReady{Stream: l.stream, Codecs: l.offered}})
	return l
}

// carried are the fields of an INVITE that go on with the call to whom its program finds.
func carried(h signal.Headers) (out signal.Headers) {
	for _, f := range h {
		for _, name := range [...]string{"Privacy", "X-Passed", "Diversion", "History-Info"} {
			if strings.EqualFold(f.Name, name) {
				out = append(out, f)
			}
		}
	}
	return out
}

// readOffer looks at the SDP offer without answering it; false: it was refused.
func (l *Leg) readOffer() bool {
	if len(l.offer) == 0 {
		return true
	}
	if f, err := l.sdp.OffersFax(l.offer); err == nil && f != "" {
		l.offered = []string{string(f)}
		return true
	}
	formats, err := l.sdp.Inspect(l.offer)
	if err != nil {
		status, reason := sdpRefusal(err)
		l.reject(status, reason, nil)
		return false
	}
	for _, f := range formats {
		l.offered = append(l.offered, f.Named())
	}
	return true
}

// sdpRefusal is the answer to an SDP body that can not be accepted.
func sdpRefusal(err error) (status int, reason string) {
	if errors.Is(err, sdp.ErrMalformed) {
		return 400, "Malformed SDP"
	}
	return 488, ""
}

// reject refuses the caller's INVITE; the leg is over.
func (l *Leg) reject(status int, reason string, h signal.Headers) {
	l.setCause(status, reason, byMember)
	effects, err := l.dialog.Reject(status, reason, h, l.now)
	if err != nil { // the caller was quicker: its CANCEL has ended the dialog
		return
	}
	l.dialogWants(effects)
	if l.state < ending {
		l.over(dialog.Cause{By: dialog.ByUs, Status: status, Reason: reason})
	}
}

// Progress shows the caller how its call goes.
func (l *Leg) Progress(m *msg.LegProgress, now time.Time) {
	l.now = now
	if l.transfers.searching() {
		l.transfers.progress(m)
		return
	}
	if l.outgoing || l.state >= answered || l.accepting {
		return
	}
	m = l.search.shown(m)
	early := m.Stream != ""
	body := l.earlySDP(early || m.Media, m.Codec)
	if l.state == waiting && m.Status != 181 {
		l.rang()
	}
	l.try(l.dialog.Progress(provisional(m.Status), printable(m.Reason), body, fields(m.Headers), now))
	switch {
	case !early || body == nil:
	case l.service.on: // until the Task accepts it that is no partner, but what the party hears
		l.do(hush{}, bridge{m.Stream})
	default:
		l.hearing.join(l, m.Stream)
	}
}

// provisional is the status of a progress, whatever a program asked for.
func provisional(status int32) int {
	if status < 101 || status > 199 {
		return 180
	}
	return int(status)
}

// rang notes that the caller hears ringing.
func (l *Leg) rang() {
	l.record.Rang = l.now.UnixMilli()
	l.become(ringing, "progress")
	if l.outgoing {
		l.noteChange()
	}
}

// earlySDP is the SDP of a provisional response: our answer, or our offer where the caller brought none and insists on
// one.
func (l *Leg) earlySDP(wanted bool, codecName string) []byte {
	if !l.dialog.MustOffer() {
		return l.earlyAnswer(wanted, codecName)
	}
	offer, err := l.sdp.Offer(sdp.SendRecv, l.passing(codecName))
	if err != nil {
		l.log.Error("no SDP offer", "err", err)
		return nil
	}
	l.asked = true
	return offer
}

// earlyAnswer is the SDP answer of a provisional response: once it is given it stays.
func (l *Leg) earlyAnswer(wanted bool, codecName string) []byte {
	if !wanted && l.answer == nil || len(l.offer) == 0 {
		return nil
	}
	if err := l.answerOffer(codecName); err != nil {
		return nil // the final response will say so
	}
	return l.answer
}

// answerOffer answers the caller's SDP offer; an answer that was given is not changed (RFC 3261
// section 13.2.1).
func (l *Leg) answerOffer(codecName string) error {
	if l.answer != nil {
		return nil
	}
	if l.dialog.RecordAware() {
		l.sdp.Record(l.howRecorded())
	}
	answer, _, err := l.sdp.Answer(l.offer, sdp.SendRecv, l.passing(codecName))
	if f := sdp.AsFax(codecName); f != "" {
		answer, _, err = l.sdp.AnswerFax(l.offer, f)
	}
	if err != nil {
		return err
	}
	l.answer = answer
	l.settle()
	return nil
}

// accept answers the caller's INVITE, with the partner's codec where the caller can do it. The call is answered when
// the 200 is sent, which is at once where no PRACK is missing; until then the caller may give up. false: it is refused.
func (l *Leg) accept(codecName string) bool {
	if l.accepting {
		return true
	}
	body, ok := l.acceptingSDP(codecName)
	if !ok {
		return false
	}
	l.accepting = true
	l.accepting = l.try(l.dialog.Accept(body, l.now)) && l.state < answered
	return l.accepting || l.state == answered
}

// onAcceptSent: the caller is told that its call is answered.
func (l *Leg) onAcceptSent() {
	l.accepting = false
	l.wasAnswered()
	if l.hasOwner {
		l.do(tellOwner{l.answeredSo()})
		l.hasOwner = false
	}
	if l.service.on {
		l.do(tellTask{l.answeredSo()})
	}
	switch {
	case l.hearing.waits:
		l.joinTaker()
	case !l.hearing.hasPartner: // whose early media it may have been a fax for
		l.becomeAlone()
	}
	l.program.wasAnswered(l)
}

// acceptingSDP is the SDP body of the 200: the answer to the caller's offer, or our offer when the
// INVITE had none. false: the call was refused.
func (l *Leg) acceptingSDP(codecName string) (body []byte, ok bool) {
	if len(l.offer) > 0 {
		if err := l.answerOffer(codecName); err != nil {
			status, reason := sdpRefusal(err)
			l.reject(status, reason, nil)
			return nil, false
		}
		return l.answer, true
	}
	if l.dialog.Agreed() { // a 1xx had our offer
		return nil, true
	}
	offer, err := l.sdp.Offer(sdp.SendRecv, l.passing(codecName))
	if err != nil {
		l.log.Error("no SDP offer", "err", err)
		l.reject(500, "", nil)
		return nil, false
	}
	l.asked = true
	return offer, true
}

func (l *Leg) wasAnswered() {
	l.began, l.record.Answered = l.now, l.now.UnixMilli()
	l.become(answered, "answered")
	l.offer, l.offered, l.answer, l.taken, l.takenOf = nil, nil, nil, nil, "" // what they led to is in the session
	l.noteChange()
	l.stopTimer(unanswered)
	l.startTimer(alive, l.limits.Probe)
	l.offerSpeech()
}

// Accept joins the caller with the party that took the call. A leg that is up already (a transfer)
// leaves its old partner for the new one.
func (l *Leg) Accept(m *msg.LegAccept, now time.Time) {
	l.now = now
	if m.By == nil { // not by whom we had look for somebody
		l.transfers.giveUp()
	}
	switch {
	case m.Given, m.By != nil && l.transfers.searching():
		l.giveUpSearch()
		l.loseTask()
	case m.By != nil:
		l.wasTaken()
	default:
		l.giveUpSearch()
	}
	l.hearing.hasPartner = true // from here on it is told when we end
	if l.state >= ending {
		l.leavePartner()
		return
	}
	if l.state == answered {
		l.transfers.found()
		l.tellTransferred(l.transfers.target)
		l.transfers.target = signal.URI{}
		l.hearing.await(m.Stream)
		l.sdp.Pass(m.Codec) // the party is told the word of this partner from the next exchange on
		l.joinTaker()
		l.bringBack(m.Codec)
		return
	}
	l.hearing.await(m.Stream)
	l.dialog.Beside(fields(m.Headers))
	l.accept(m.Codec)
}

// joinTaker joins the caller, whose call is up, with who took it.
func (l *Leg) joinTaker() {
	l.transfers.takes = false
	l.program.stop()
	if l.service.on {
		l.do(hush{})
		l.leaveMixer()
	}
	l.hearing.joined(l)
	l.do(publish{})
}

// Reject: nobody takes the caller's call. A leg that is up already reports it and goes on.
func (l *Leg) Reject(m *msg.LegReject, now time.Time) {
	l.now = now
	if l.transfers.searching() {
		l.transfers.failed(int(m.Status), m.Reason)
		return
	}
	if l.search.on && m.By != nil {
		l.notFound(int(m.Status), m.Reason, fields(m.Headers))
		return
	}
	if l.state < answered {
		l.giveUpSearch()
		l.hasOwner = l.hasOwner && l.service.on // else it is the owner's own word
		l.reject(refusal(int(m.Status)), printable(m.Reason), fields(m.Headers))
	}
}

// onConfirmed: the ACK came; it carries the SDP answer when our 2xx carried the offer.
func (l *Leg) onConfirmed(e dialog.Confirmed) {
	defer l.offerSpeech()
	defer l.beginEarly()
	l.takeLateAnswer(e.SDP)
}

// onEarlyAnswered: the PRACK of our 1xx came; it carries the SDP answer when that carried the offer.
func (l *Leg) onEarlyAnswered(e dialog.EarlyAnswered) { l.takeLateAnswer(e.SDP) }

// takeLateAnswer settles the SDP answer to an offer that a response of ours had.
func (l *Leg) takeLateAnswer(answer []byte) {
	if !l.asked {
		return
	}
	l.asked = false
	if len(answer) == 0 {
		l.hangup(488, "No SDP answer", "no SDP answer")
		return
	}
	if _, err := l.sdp.Accept(answer); err != nil {
		l.log.Warn("SDP answer is not acceptable", "err", err)
		l.hangup(488, "SDP answer is not acceptable", "bad SDP answer")
		return
	}
	l.settle()
	l.offerNext()
}
