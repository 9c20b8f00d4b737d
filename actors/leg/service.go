package leg

import (
	"time"

	"tandem/actors/msg"
)

// service is what a leg does for a Task: the Task decides what becomes of the party, and is told what the
// party does. A partner's end leaves the party to the Task, where it would end the call of another leg.
type service struct {
	on    bool
	mixed bool // the party is in a mixer, or is being joined with it
	// attends: the party attends the call of another leg.
	attends bool
}

// Serve gives the leg a Task in place of the one it had, or of none. A leg that is over by then says so.
func (l *Leg) Serve(m *msg.LegServe, now time.Time) {
	l.now = now
	if m.Task == nil {
		l.release()
		return
	}
	if l.state >= ending {
		l.do(serveTask{m}, tellTask{l.lastWord()})
		return
	}
	l.wasTaken()
	if l.transfers.searching() && m.By != nil { // the party was sent to a program
		l.loseTask()
		l.transfers.found()
		l.do(forgetPartner{}, silence{})
		l.hearing = hearing{}
		l.becomeAlone()
	}
	l.giveUpOperations()
	if l.program.running() {
		l.program.stop()
		l.do(silence{})
	}
	l.service.on, l.hasOwner = true, l.hasOwner && !l.outgoing
	if m.Program != "" {
		l.record.Application = m.Program
	}
	l.do(serveTask{m}, publish{})
	if l.state == answered {
		l.do(tellTask{l.answeredSo()})
	}
}

// release ends the service: with a partner the leg lives on as any other.
func (l *Leg) release() {
	if !l.service.on {
		return
	}
	l.leaveTask()
	if !l.hearing.hasPartner && !l.search.on {
		l.hangup(0, "", "neither Task nor partner")
	}
}

// leaveTask: the leg serves nobody from here on, and the Task hears no more of it.
func (l *Leg) leaveTask() {
	l.giveUpOperations()
	l.leaveMixer()
	l.service = service{}
	l.do(serveTask{&msg.LegServe{}})
}

// endService tells the Task that the leg is over: once.
func (l *Leg) endService() {
	l.giveUpSearch()
	l.giveUpOperations()
	if !l.service.on {
		return
	}
	l.leaveMixer()
	l.service = service{}
	l.do(endDeck{}, tellTask{l.lastWord()})
}

func (l *Leg) lastWord() *msg.LegEnded {
	return &msg.LegEnded{Status: l.record.Status, Reason: l.record.Reason}
}

// answeredSo is how the leg was answered.
func (l *Leg) answeredSo() *msg.LegAnswered {
	return &msg.LegAnswered{Branch: l.branch, Stream: l.stream, Codec: l.params.Named(),
		Allow: l.dialog.PeerAllows()}
}

// TaskGone: the Task has ended or died. Nobody else has a use for the party.
func (l *Leg) TaskGone(now time.Time) {
	l.now = now
	if !l.service.on {
		return
	}
	l.leaveMixer()
	l.service = service{}
	l.giveUpSearch()
	if l.state < answered {
		l.reject(500, "", nil)
		return
	}
	l.hangup(0, "", "Task is gone")
}

// Answer answers the caller's call without a partner. A search for others is given up.
func (l *Leg) Answer(now time.Time) {
	l.now = now
	switch {
	case !l.service.on || l.state >= ending:
	case l.state == answered:
		l.do(tellTask{l.answeredSo()})
	case !l.outgoing:
		l.giveUpSearch()
		l.accept("")
	}
}

// hasMedia tells whether the party hears something, or will as soon as its ACK is here.
func (l *Leg) hasMedia() bool {
	return l.state == answered || l.state < answered && l.answer != nil
}

// Play plays a sound to the party. What plays to it already, a partner or a mixer, goes on.
func (l *Leg) Play(m *msg.LegPlay, now time.Time) {
	l.now = now
	if !l.service.on {
		return
	}
	if why := l.deckBusy(); why != "" {
		l.do(tellTask{&msg.LegPlayed{Play: m.Play, Error: why}})
		return
	}
	l.do(startSound{m})
}

// deckBusy is why nothing can be played to the party now.
func (l *Leg) deckBusy() string {
	switch {
	case !l.hasMedia():
		return "the call has no media yet"
	case l.hearing.hasPartner:
		return "the party is joined with another one"
	case l.service.mixed:
		return "the party is in a mixer"
	case l.service.attends:
		return "the party attends a call"
	}
	return ""
}

// Tape records what the party says, whoever else hears it.
func (l *Leg) Tape(m *msg.LegTape, now time.Time) {
	l.now = now
	if !l.service.on {
		return
	}
	if !l.hasMedia() {
		l.do(tellTask{&msg.LegRecorded{Record: m.Record, Error: "the call has no media yet"}})
		return
	}
	l.do(startTape{m})
}

// Press presses keys for the party.
func (l *Leg) Press(m *msg.LegPress, now time.Time) {
	l.now = now
	if l.service.on && l.hasMedia() {
		l.do(press{m.Digits})
		l.tellKeys(m.Digits)
	}
}

// Part leaves the partner or the mixer: the party is alone with its Task.
func (l *Leg) Part(now time.Time) {
	l.now = now
	if !l.service.on || !l.hearing.hasPartner && !l.service.mixed && !l.service.attends {
		return
	}
	l.partPartner()
	l.leaveMixer()
	l.do(silence{})
}

// MakeRoom parts the leg from the partner it has, before its Task gives it another one.
func (l *Leg) MakeRoom(now time.Time) {
	l.now = now
	if l.service.on {
		l.partPartner()
	}
}

// partPartner tells the partner that we leave it.
func (l *Leg) partPartner() {
	if !l.hearing.hasPartner {
		return
	}
	l.do(tellPartner{&msg.LegParted{Status: 200}}, forgetPartner{})
	l.hearing = hearing{}
	l.becomeAlone()
}

// parted leaves the party to the Task, since its partner is gone.
func (l *Leg) parted(status int32, reason string) {
	l.do(tellTask{&msg.LegParted{Status: status, Reason: reason}}, forgetPartner{}, silence{})
	l.hearing = hearing{}
	l.becomeAlone()
}

// Mix joins the party with a mixer, or changes how it takes part in it.
func (l *Leg) Mix(m *msg.LegMix, now time.Time) {
	l.now = now
	if !l.service.on {
		return
	}
	if !l.hasMedia() {
		l.do(tellTask{&msg.LegParted{Partner: m.Mixer, Status: 481, Reason: "The call has no media yet"}})
		return
	}
	l.partPartner()
	if l.service.attends {
		l.leaveMixer()
	}
	l.service.mixed = true
	l.do(hush{}, mix{m})
}

// MixerGone: the mixer has ended, or would not take the party.
func (l *Leg) MixerGone(status int32, reason string, now time.Time) {
	l.now = now
	if !l.service.mixed {
		return
	}
	l.service.mixed = false
	l.do(tellTask{&msg.LegParted{Status: status, Reason: reason}}, forgetMixer{}, silence{})
}

// leaveMixer leaves the mixer that the party is in, or the call that it attends.
func (l *Leg) leaveMixer() {
	if l.service.mixed {
		l.service.mixed = false
		l.do(forgetMixer{})
	}
	if l.service.attends {
		l.service.attends = false
		l.do(forgetAttended{})
	}
}
