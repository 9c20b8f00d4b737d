package leg

import (
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
)

// A call may change from audio to T.38 and back. It does so on both sides or on neither: whose party offers it keeps that
// offer open, its partner offers it to its own party in the words of the first, and the answer goes back in the words of
// the second. Applications are no faxes.
//
//	party ─ offer ─► leg ─ LegFax ─► partner ─ offer ─► its party
//	      ◄─ answer ─    ◄─ LegFax ─         ◄─ answer ─

// faxing is a change that is under way: one at a time, from one side or the other.
type faxing struct {
	offer []byte // our party's, which waits for what the partner's says; nil: none
	fax   bool   // it is of a fax, not of audio
	under bool   // our offer is with our party, for the partner's
	own   bool   // no partner waits for it: it brings our party back to audio
	back  bool   // our party is to be brought back once other offers of ours are answered
	told  int    // how often the partner was told to be what our party is; 0: it has done so, or nobody needed to tell
	again bool   // it could not just then
}

// faxLimit is how long the partner's party may take. A re-INVITE may be tried again for 20 s before that (dialog: five
// times after 491), and an UPDATE must be answered within 32 s (RFC 3311 section 5.2).
const faxLimit = 25 * time.Second

// faxAgain is after what time the partner is told once more to be what our party is, where it could not just then.
const faxAgain = 10 * time.Second

// fax tells whether the party is one now.
func (l *Leg) fax() bool { return l.params.Fax != "" }

// changing tells whether a change is under way.
func (l *Leg) changing() bool { return l.faxing.offer != nil || l.faxing.under }

// faxOffered takes an SDP offer of our party that has to do with a fax. false: it has not, and is answered as any other.
func (l *Leg) faxOffered(offer []byte) bool {
	if l.faxing.under { // what it offers would cross what it is offered
		l.refuseOffer(491, "")
		return true
	}
	to, err := l.sdp.OffersFax(offer)
	switch {
	case err != nil:
		return false // its answer says why
	case to == "" && (!l.fax() || !l.hearing.hasPartner):
		return false
	case l.refreshing: // as above
		l.refuseOffer(491, "")
	case to != "" && l.fax():
		l.answerFax(offer, l.sdp.Said()) // what stands, said again
	case !l.hearing.hasPartner || l.hearing.waits || l.state != answered:
		l.log.Info("SDP offer refused", "err", "a fax, and nobody who could take it")
		l.refuseOffer(488, "")
	case l.operations.hold.under || l.operations.hold.held:
		l.refuseOffer(491, "")
	default:
		l.faxing = faxing{offer: offer, fax: to != ""}
		l.startTimer(faxWait, faxLimit)
		l.do(tellPartner{&msg.LegFax{Fax: string(to)}})
	}
	return true
}

func (l *Leg) refuseOffer(status int, reason string) {
	l.try(l.dialog.RefuseOffer(status, reason, l.now))
}

// answerFax answers our party's offer of a fax with what the other one says; false: it can not be.
func (l *Leg) answerFax(offer []byte, says sdp.Fax) bool {
	answer, _, err := l.sdp.AnswerFax(offer, says)
	return l.agree(answer, err)
}

// agree gives our party the answer to its offer, or says that there can be none.
func (l *Leg) agree(answer []byte, err error) bool {
	if err != nil {
		status, reason := sdpRefusal(err)
		l.log.Info("SDP offer refused", "err", err)
		l.refuseOffer(status, reason)
		return false
	}
	if !l.try(l.dialog.AcceptOffer(answer, l.now)) {
		l.sdp.Rollback() // what the party never hears does not stand
		return false
	}
	l.settle()
	return true
}

// PartnerFax: the partner's party would change to a fax or back, or answers our party's wish.
func (l *Leg) PartnerFax(m *msg.LegFax, now time.Time) {
	l.now = now
	to := sdp.AsFax(m.Fax)
	switch {
	case m.Answer:
		l.faxAnswered(m)
	case l.state != answered || l.offering() || l.operations.hold.held || l.changing():
		l.tellFax(491, "")
	case (to != "") == l.fax():
		l.tellFax(200, "")
	default:
		l.offerFax(to)
	}
}

// offerFax offers our party what the partner's wants, or what we want ourselves.
func (l *Leg) offerFax(to sdp.Fax) {
	l.faxing.under = true
	offer, err := l.sdp.OfferFax(to)
	if to == "" {
		offer, err = l.sdp.Offer(sdp.SendRecv, l.prefers())
	}
	if err != nil {
		l.log.Info("a fax is not offered", "err", err)
		l.faxDone(488, "")
		return
	}
	if !l.try(l.dialog.Reinvite(offer, l.now)) {
		l.sdp.Rollback()
		l.faxDone(500, "")
	}
}

// tellFax answers the partner's wish.
func (l *Leg) tellFax(status int, reason string) {
	l.do(tellPartner{&msg.LegFax{Answer: true, Fax: string(l.params.Fax), Status: int32(status), Reason: reason}})
}

// faxDone: our party has answered what the partner's wanted, or what we did; false: it was asked no such thing.
func (l *Leg) faxDone(status int, reason string) bool {
	if !l.faxing.under {
		return false
	}
	own := l.faxing.own
	l.faxing.under, l.faxing.own = false, false
	switch {
	case own && l.fax() && l.state == answered: // and nobody to be one with
		l.setCause(488, "The party stays a fax", byFailure)
		l.hangup(0, "", "the party stays a fax")
	case own:
	case l.hearing.hasPartner:
		l.tellFax(status, reason)
	default: // whoever wanted it is gone
		l.bringBack("")
	}
	return true
}

// faxAnswered: the partner's party has answered what ours wanted. Where that does not wait any more the partner's goes back
// to what ours is.
func (l *Leg) faxAnswered(m *msg.LegFax) {
	offer, says := l.faxing.offer, sdp.AsFax(m.Fax)
	if offer != nil && m.Status < 300 && (says != "") != l.faxing.fax {
		return // it answers what it was told before
	}
	l.faxing.offer = nil
	switch {
	case l.state != answered:
	case offer != nil && m.Status >= 300:
		l.refuseOffer(refusal(int(m.Status)), printable(m.Reason))
	case offer != nil && (says != "" && l.answerFax(offer, says) || says == "" && l.answerAudio(offer)):
	case m.Status < 300 && (says != "") != l.fax():
		l.straighten()
	case m.Status < 300:
		l.faxing.told, l.faxing.again = 0, false
	default:
		l.notDone(m)
	}
}

// maxTold is how often the partner is told: two that follow each other would do so for ever.
const maxTold = 4

// straighten tells the partner to be what our party is.
func (l *Leg) straighten() {
	if l.faxing.told == maxTold {
		l.notStraight()
		return
	}
	l.faxing.told++
	l.do(tellPartner{&msg.LegFax{Fax: string(l.params.Fax)}})
}

// notDone: the partner does not become what our party is. It may have had an offer of its own under way, once.
func (l *Leg) notDone(m *msg.LegFax) {
	switch {
	case l.faxing.told == 0:
	case m.Status == 491 && !l.faxing.again:
		l.faxing.again = true
		l.startTimer(faxBack, faxAgain)
	case (sdp.AsFax(m.Fax) != "") != l.fax():
		l.notStraight()
	}
}

// notStraight: two of whom one is a fax and the other is none have no call.
func (l *Leg) notStraight() {
	if l.hearing.hasPartner && !l.transfers.searching() {
		l.unjoin(488, "One party stays a fax", "one party stays a fax")
	}
}

// onFaxWait: the partner has not said in time what its party is. That may have become a fax: only the word of it is lost.
func (l *Leg) onFaxWait() {
	if l.faxing.offer == nil {
		return
	}
	l.giveUpFax(504)
	if l.state == answered && l.hearing.hasPartner {
		l.straighten()
	}
}

// onFaxBack tells the partner once more, unless what has come meanwhile says more.
func (l *Leg) onFaxBack() {
	if l.state == answered && l.hearing.hasPartner && l.faxing.told > 0 && !l.changing() {
		l.straighten()
	}
}

// answerAudio answers our party's offer of audio.
func (l *Leg) answerAudio(offer []byte) bool {
	d := side(l.operations.hold.held)
	answer, _, err := l.sdp.Answer(offer, d, l.prefers())
	if err != nil && l.speechless { // it may have nothing but what it has, and is better not heard than not answered
		answer, _, err = l.sdp.Answer(offer, d, prefer(l.params.Codec.Name))
	}
	return l.agree(answer, err)
}

// giveUpFax refuses what our party wants, since there is nobody to ask any more, or not in time.
func (l *Leg) giveUpFax(status int) {
	if l.faxing.offer == nil {
		return
	}
	l.faxing.offer = nil
	if l.state == answered {
		l.refuseOffer(status, "")
	}
}

// becomeAlone: there is no partner any more, and what the party hears next is audio.
func (l *Leg) becomeAlone() { l.bringBack("") }

// bringBack offers audio to a party that is a fax, or becomes one, since whom it is joined with is none. What it wanted of
// the partner before is refused.
func (l *Leg) bringBack(codec string) {
	l.giveUpFax(488)
	audio := sdp.AsFax(codec) == ""
	l.faxing.own = l.faxing.own && audio // else the partner wants to hear how it ends
	l.faxing.back = l.state == answered && audio
	l.faxing.told, l.faxing.again = 0, false // by another partner
	l.goBack()
}

// goBack offers the audio as soon as no other SDP offer of ours is under way.
func (l *Leg) goBack() {
	if !l.faxing.back || l.offering() || l.state != answered {
		return
	}
	l.faxing.back = false
	if l.fax() {
		l.faxing.own = true
		l.offerFax("")
	}
}
