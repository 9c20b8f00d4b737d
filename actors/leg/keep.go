package leg

import (
	"time"

	"tandem/actors/msg"
)

// kept is the recording of the call that a Task wants. It goes on with whomever the party talks to.
type kept struct {
	on     bool
	paused bool
}

// Limits of what a Task may say of a recording.
const (
	maxMeta     = 16
	maxMetaText = 200 // bytes of a key and of a value
)

// RecordCall begins, pauses, takes up or ends the recording of the call, or notes something of it.
func (l *Leg) RecordCall(m *msg.LegRecordCall, now time.Time) {
	l.now = now
	if !l.service.on {
		return
	}
	if status, reason := l.kept.refuses(m, l.hasMedia()); status != 0 {
		l.done(m.Operation, status, reason)
		return
	}
	switch m.Action {
	case "start":
		l.kept = kept{on: true}
		partner := ""
		if l.hearing.hasPartner {
			partner = l.hearing.partner
		}
		l.do(keepCall{partner, m}) // which tells how it went
		return
	case "pause", "resume":
		l.kept.paused = m.Action == "pause"
	case "stop":
		l.kept = kept{}
	}
	l.do(turnKept{m})
	l.done(m.Operation, 200, "")
}

// TurnRecording pauses the recording that a Task has begun, or takes it up, for somebody who may; with "" it only tells
// how the call is recorded: none, on or paused.
func (l *Leg) TurnRecording(turn string, now time.Time) string {
	l.now = now
	pause := turn == "pause"
	switch {
	case !l.kept.on:
		return "none"
	case (pause || turn == "resume") && l.kept.paused != pause:
		l.kept.paused = pause
		l.do(turnKept{&msg.LegRecordCall{Action: turn}})
	}
	if l.kept.paused {
		return "paused"
	}
	return "on"
}

// refuses is why that can not be done now.
func (k *kept) refuses(m *msg.LegRecordCall, media bool) (status int, reason string) {
	if len(m.Meta) > maxMeta {
		return 413, "Too much is to be known of the recording"
	}
	for key, value := range m.Meta {
		if key == "" || len(key) > maxMetaText || len(value) > maxMetaText {
			return 413, "Too much is to be known of the recording"
		}
	}
	switch m.Action {
	case "start":
		if k.on {
			return 491, "The call is recorded already"
		}
		if !media {
			return 481, "The call has no media yet"
		}
		return 0, ""
	case "pause", "resume", "stop", "note":
		if !k.on {
			return 481, "The call is not recorded"
		}
		if m.Action == "pause" && k.paused || m.Action == "resume" && !k.paused {
			return 491, "The recording is so already"
		}
		return 0, ""
	}
	return 400, "A recording can be started, paused, resumed and stopped"
}

// TapeFailed: the recording that the account wants could not begin.
func (l *Leg) TapeFailed(now time.Time) {
	l.now = now
	l.untaped = true
}

// RecordFailed: the recording that a Task wants could not begin.
func (l *Leg) RecordFailed(now time.Time) {
	l.now = now
	l.kept = kept{}
}
