package leg

import (
	"strings"
	"time"

	"tandem/actors/leg/app"
	"tandem/actors/msg"
	"tandem/media"
	"tandem/media/dtmf"
	"tandem/media/sdp"
	"tandem/sip/dialog"
)

// hearing is what decides whom this leg's party hears: its partner, music while the partner's
// party holds the call, or what an application plays.
type hearing struct {
	hasPartner  bool
	partner     string // the partner's stream, "" when the partner joins ours
	partnerHeld bool   // the partner's party holds the call: ours hears music
	waits       bool   // the partner took the call, but the caller is not told yet: it hears what it heard before
}

// join gives the leg a partner, by its stream.
func (h *hearing) join(l *Leg, stream string) {
	h.await(stream)
	h.joined(l)
}

// await gives the leg a partner that it is to be joined with.
func (h *hearing) await(stream string) {
	h.hasPartner, h.partner, h.partnerHeld, h.waits = true, stream, false, true
}

// joined joins the leg with it.
func (h *hearing) joined(l *Leg) {
	h.waits = false
	h.decide(l)
	if l.recorded && l.state == answered {
		l.untaped = false
		l.do(recordCall{h.partner})
	}
	if l.kept.on {
		l.do(keepCall{partner: h.partner})
	}
	if l.params.Held {
		l.do(tellPartner{&msg.LegHold{Held: true}})
	}
}

// decide sets the stream's source. While our own party holds the call the partner's leg decides.
func (h *hearing) decide(l *Leg) {
	switch {
	case l.params.Held:
	case l.transfers.rings:
		l.do(play{app.SourceRingback})
	case !h.hasPartner, h.waits:
	case h.partnerHeld:
		l.do(play{app.SourceMusic})
	case h.partner != "":
		l.do(bridge{h.partner})
	}
}

// onHeld: our party begins or ends holding the call.
func (l *Leg) onHeld(held bool) {
	if l.record.Held = 0; held {
		l.record.Held = l.now.UnixMilli()
	}
	if l.state == answered {
		l.noteChange()
	}
	if l.hearing.hasPartner {
		l.do(tellPartner{&msg.LegHold{Held: held}})
	}
	l.hearing.decide(l) // the partner's party may hold the call too
}

// PartnerHeld: the partner's party holds the call, or takes it back. stream is the partner's.
func (l *Leg) PartnerHeld(held bool, stream string, now time.Time) {
	l.now = now
	l.hearing.partnerHeld, l.hearing.partner = held, stream
	l.hearing.decide(l)
}

// onOffered: the party changes its media: holds, takes back, moves, or asks for our SDP offer.
func (l *Leg) onOffered(e dialog.Offered) {
	if len(e.SDP) == 0 {
		if l.changing() || l.offering() { // what we said in the 200 would be newer than the offer that waits for its turn
			l.refuseOffer(491, "")
			return
		}
		offer, err := l.sdp.Stands(side(l.operations.hold.held), l.prefers())
		if err != nil {
			l.try(l.dialog.RefuseOffer(500, "", l.now))
			return
		}
		if l.asked = l.try(l.dialog.AcceptOffer(offer, l.now)); !l.asked {
			l.sdp.Rollback()
		}
		return
	}
	if !l.faxOffered(e.SDP) && l.answerAudio(e.SDP) {
		l.offerAgain()
	}
}

// offering tells whether an SDP offer of ours waits for its answer. Until that is here there is no other one: the answer
// would be taken for that of the other.
func (l *Leg) offering() bool {
	return l.asked || l.refreshing || l.operations.hold.under || l.faxing.under
}

// onRefresh: the call must be refreshed by an SDP offer, since the party's phone takes no UPDATE: that of what stands.
func (l *Leg) onRefresh() {
	if !l.offering() && l.faxing.offer == nil { // else that offer will do
		l.refresh()
	}
}

func (l *Leg) refresh() {
	l.refreshing = false
	offer, err := l.sdp.Stands(side(l.operations.hold.held), l.prefers())
	if err != nil {
		l.log.Error("no SDP offer", "err", err)
		return
	}
	if l.refreshing = l.try(l.dialog.Reinvite(offer, l.now)); !l.refreshing {
		l.sdp.Rollback()
	}
}

// onReoffered: the party answered an SDP offer that we made inside the call.
func (l *Leg) onReoffered(e dialog.Accepted) {
	if _, err := l.sdp.Accept(e.SDP); err != nil {
		l.log.Warn("SDP answer is not acceptable", "err", err)
		l.reoffered(488, "SDP answer is not acceptable")
		return
	}
	l.settle()
	l.reoffered(200, "")
}

// reoffered: our SDP offer inside the call is settled, or refused.
func (l *Leg) reoffered(status int, reason string) {
	if status >= 300 {
		l.sdp.Rollback()
	}
	if status < 300 || l.speaking { // the refusal of another offer says nothing of this one
		l.speechless = false
	}
	l.refreshing, l.speaking = false, false
	if !l.faxDone(status, reason) {
		l.held(status, reason)
	}
	l.offerNext()
}

// offerNext begins what waited for the answer to our SDP offer.
func (l *Leg) offerNext() {
	l.goBack()
	l.nextHold()
	l.offerSpeech()
}

// offerSpeech offers the party another codec where we can not encode the one it has, and it is played something or joined
// with somebody whose packets can not be passed on. A party that refuses goes on, and does not hear us.
func (l *Leg) offerSpeech() {
	if l.speechless && !l.params.Codec.Encodes() && !l.fax() && !l.changing() && !l.offering() &&
		l.state == answered && l.dialog.State() == dialog.Established {
		l.refresh()
		l.speaking = l.refreshing
	}
}

// Media takes what the stream tells.
func (l *Leg) Media(e media.Event, now time.Time) {
	l.now = now
	switch e := e.(type) {
	case media.Finished:
		l.program.finished(l)
	case media.Silent:
		if l.state == answered && !l.params.Held && l.params.Direction != sdp.SendOnly && l.talked(e.Since) {
			l.hangup(408, "No media from the party", "silent for "+e.Since.String())
		}
	case media.Digit:
		l.log.Debug("digit", "key", string(e.Key), "in_band", e.InBand)
		l.onDigit(string(e.Key))
	case media.Secured:
		l.log.Debug("audio is secured", "profile", e.Profile)
	case media.Unsecured:
		l.hangup(408, "No secured media from the party", e.Reason)
	case media.Speechless:
		l.speechless = true
		l.offerSpeech()
	case media.Heard:
		if l.params.Secure != nil {
			l.facts.Address, l.facts.Port = e.From.Addr().String(), int(e.From.Port())
		}
		l.log.Debug("heard", "from", e.From.String())
	}
}

// talked tells whether the call was up for so long. A phone that rings says nothing, whatever SDP is settled: silence that
// began before the answer counts when the stream tells of it again, after as long.
func (l *Leg) talked(long time.Duration) bool {
	return l.now.Sub(l.began) >= long
}

// onDigit: the party pressed a key. Where it is joined with a partner that one hears it too: as an event or
// in band, as the media bring it.
func (l *Leg) onDigit(key string) {
	switch {
	case l.service.on:
		l.do(tellTask{&msg.LegDigit{Key: key}})
	case l.hearing.hasPartner:
		l.do(tellPartner{&msg.LegDigit{Key: key}}) // whose client may hear no events
	}
}

// onInformed: an INFO came: digits are pressed for the partner, the rest passes as it is. Of a leg that
// serves a Task both are the Task's alone. Who a client talks to is our word: a party that says it is not heard.
func (l *Leg) onInformed(e dialog.Informed) {
	if kind, _, _ := strings.Cut(e.ContentType, ";"); strings.EqualFold(strings.TrimSpace(kind), transferredType) {
		return
	}
	info := &msg.LegInfo{ContentType: e.ContentType, Body: e.Body}
	if !l.service.on {
		if l.hearing.hasPartner {
			l.do(tellPartner{info})
		}
		return
	}
	if d, err := dtmf.ParseINFO(e.ContentType, e.Body); err == nil {
		l.onDigit(string(d.Key))
		return
	}
	l.do(tellTask{info})
}

// informs tells whether our party can be told what the partner does: the call is up, or the partner hears what the
// party sends before it answers.
func (l *Leg) informs() bool {
	return l.state == answered || l.state < answered && l.outgoing && l.taken != nil && l.dialog.CanInfo()
}

// PartnerInfo: the partner's phone sent an INFO. Digits reach our party as it agreed to get them: as
// telephone-events where it can, else as INFO.
func (l *Leg) PartnerInfo(m *msg.LegInfo, now time.Time) {
	l.now = now
	if !l.informs() {
		return
	}
	if d, err := dtmf.ParseINFO(m.ContentType, m.Body); err == nil && l.params.Event != 0 && !l.session() {
		l.do(press{string(d.Key)})
		return
	}
	l.try(l.dialog.Info(m.ContentType, m.Body, now))
}

// PartnerMessage: the partner's phone sent a MESSAGE inside the call.
func (l *Leg) PartnerMessage(m *msg.LegMessage, now time.Time) {
	l.now = now
	if l.state == answered {
		l.try(l.dialog.Message(m.ContentType, m.Body, now))
	}
}
