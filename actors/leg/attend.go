package leg

import (
	"time"

	"tandem/actors/msg"
	"tandem/media"
)

// parts are the ways in which a call can be attended, by their words.
var parts = map[string]media.Part{"listen": media.Listen, "whisper": media.Whisper, "barge": media.Barge}

// Attend lets our party attend the call of another leg, or changes how.
func (l *Leg) Attend(m *msg.LegAttend, now time.Time) {
	l.now = now
	_, known := parts[m.Part]
	switch {
	case !l.service.on:
		return
	case !known || m.Leg == nil:
		l.done(m.Operation, 400, "A call is attended to listen, whisper or barge")
		return
	case !l.hasMedia():
		l.done(m.Operation, 481, "The call has no media yet")
		return
	}
	l.partPartner()
	if l.service.mixed {
		l.leaveMixer()
	}
	l.service.attends = true
	l.do(hush{}, attend{m})
	l.done(m.Operation, 200, "")
}

// AttendedGone: the call that our party attends is over, or can not be attended.
func (l *Leg) AttendedGone(status int32, reason string, now time.Time) {
	l.now = now
	if !l.service.attends {
		return
	}
	l.service.attends = false
	l.do(tellTask{&msg.LegParted{Status: status, Reason: reason}}, forgetAttended{}, silence{})
}

// Attendable tells whether others may attend our call now.
func (l *Leg) Attendable() bool { return l.state < ending }
