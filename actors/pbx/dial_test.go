package pbx

import (
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

// A Signal that was told to give up may have found somebody, or nobody, before it heard of it: that is nothing to
// the call that the Task makes now.
func TestCancelledCallIsOver(t *testing.T) {
	l := newLab(t)
	l.program("again", `entry main is
	  Void(StartCall("sip:first@tandem.local"));
	  CancelCall();
	  Void(StartCall("sip:second@tandem.local"));
	  e = ReadInput(60);
	  SysLog(e.what); SysLog(e.parameter); SysLog(IsConnected());
	end entry;`)
	task, _ := l.member.Parse(l.start("again", ""))
	first, second := l.signals.Next(t), l.signals.Next(t)
	if acttest.Await[*msg.SignalStart](t, first).Targets[0].User != "first" {
		first, second = second, first
	}
	leg := func() *acttest.Probe {
		if _, err := l.member.Spawn("leg", &msg.LegStart{}); err != nil {
			t.Fatal(err)
		}
		return l.legs.Next(t)
	}
	late, right := leg(), leg()
	l.member.Send(task, &msg.LegProgress{Status: 180, By: first.PID})
	l.member.Send(task, &msg.LegReject{Status: 486, By: first.PID})
	l.member.Send(task, &msg.LegAccept{Partner: late.PID, Codec: "PCMU", By: first.PID})
	acttest.Await[*msg.LegHangup](t, late)
	l.member.Send(task, &msg.LegAccept{Partner: right.PID, Codec: "PCMU", By: second.PID})
	l.logs("callCompleted", "#null#", "YES")
	acttest.Await[*msg.LegHangup](t, right)
}
