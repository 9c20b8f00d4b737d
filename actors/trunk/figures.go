package trunk

import (
	"fmt"
	"time"

	"tandem/actors/msg"
)

// figures are sums over the calls of the last hour, minute by minute.
type figures struct {
	at   int64 // the minute that the last one is of
	sums [minutes]msg.TrunkFigures
}

// Call notes what has become of a leg over the trunk.
func (t *Trunk) Call(r *msg.LegRecord, now time.Time) {
	f := t.figures.of(now)
	if r.Outgoing {
		f.Out++
	} else {
		f.In++
	}
	if r.Answered > 0 {
		f.Answered++
		f.TalkMs += max(r.Ended-r.Answered, 0)
	}
	if !r.Outgoing {
		return
	}
	if r.Answered > 0 {
		f.AnsweredOut++
	}
	if r.Answered > 0 || effective(r) {
		f.Effective++
	}
	if rang := firstSign(r); rang > 0 {
		f.Rang++
		f.DelayMs += max(rang-r.Started, 0)
	}
	t.judge(r, now)
}

// firstSign is when who called heard something of the other side; 0: never.
func firstSign(r *msg.LegRecord) int64 {
	if r.Rang > 0 {
		return r.Rang
	}
	return r.Answered
}

// effective are calls that the network carried to who was called, whatever that one did (ITU-T E.425).
func effective(r *msg.LegRecord) bool {
	switch r.Status {
	case 480, 486, 600, 603:
		return true
	}
	return r.Status == 487 && r.Rang > 0
}

// judge notes an error that a call has shown, and doubts the target where that is to blame.
func (t *Trunk) judge(r *msg.LegRecord, now time.Time) {
	if r.Answered > 0 || r.Status < 400 || effective(r) || r.Status == 487 || r.By == "member" {
		return
	}
	why := fmt.Sprintf("%d %s to INVITE", r.Status, clip(r.Reason))
	for i := range t.targets {
		if t.targets[i].hop.Address() == r.Peer && (r.By == "failure" || r.Status >= 500 && r.Status < 600) {
			t.doubt(i, why, time.Duration(r.RetryAfterMs)*time.Millisecond, now)
			return
		}
	}
	t.wrong(why, now)
}

// of is the sum of the minute, with those before that are too old emptied.
func (f *figures) of(now time.Time) *msg.TrunkFigures {
	minute := now.Unix() / 60
	if minute-f.at > minutes {
		f.at = minute - minutes
	}
	for f.at < minute {
		f.at++
		f.sums[f.at%minutes].Reset()
	}
	return &f.sums[minute%minutes]
}

// hour is the sum of all.
func (f *figures) hour(now time.Time) *msg.TrunkFigures {
	f.of(now)
	sum := &msg.TrunkFigures{}
	for i := range f.sums {
		x := &f.sums[i]
		sum.Out += x.Out
		sum.In += x.In
		sum.Answered += x.Answered
		sum.AnsweredOut += x.AnsweredOut
		sum.Effective += x.Effective
		sum.TalkMs += x.TalkMs
		sum.DelayMs += x.DelayMs
		sum.Rang += x.Rang
	}
	return sum
}
