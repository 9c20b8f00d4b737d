package task

import (
	"log/slog"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// finds is a world in which calls to attend are found.
type finds struct{ alone }

func (*finds) Service(name string) (Service, bool) {
	return Service{Name: name}, name == "calltoattend"
}

// supervisor is a Task of a caller who has proved to be an account, or not.
func supervisor(t *testing.T, account, source string) *lives {
	l := &lives{T: t, now: time.Unix(1e9, 0)}
	module, list := cgpl.Compile("test", "entry main is Void(AcceptCall()); "+source+" end entry;", Library())
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	r := &signal.Request{}
	r.Origin.Account = signal.AOR(account)
	l.Task = New(&msg.TaskStart{Program: "test", Account: "pbx@t.local", Request: msg.FromRequest(r)}, "leg", module, &finds{},
		DefaultLimits, log)
	l.Start(l.now)
	l.LegAnswered(&msg.LegAnswered{Codec: "PCMU"}, "leg", l.now)
	return l
}

// finding answers the Task's search for a call, and tells in whose name it was asked.
func (l *lives) finding(v object.Value) (who string) {
	l.Helper()
	for _, e := range l.Effects() {
		if s, ok := e.(Serve); ok {
			who = s.Arguments[0].Text()
			l.Result(s.Operation, v, l.now)
		}
	}
	return who
}

func legOf(name string) object.Value { return object.NewArray(object.String(name)).Value() }

// Who has proved to be an account attends by its right, and hears of the end of that call and of no other.
func TestAttendCall(t *testing.T) {
	l := supervisor(t, "1010@t.local", `
		if AttendCall("1002") != null then stop; end if;
		if AttendCall("1002", "barge") != "486-full" then stop; end if;
		if AttendCall("1003", "whisper") != "access denied" then stop; end if;
		if not IsAttendEndedEvent(ReadInput(9)) then stop; end if;
		Void(AttendCall(null));
		Disconnect();
		SysLog(AttendCall("1002"));`)
	attends := func(part, leg string, status int32) {
		t.Helper()
		if who := l.finding(legOf(leg)); who != "1010@t.local" {
			t.Fatalf("%s asks", who)
		}
		list := told[*msg.LegAttend](l, "leg")
		if len(list) != 1 || list[0].Part != part {
			t.Fatalf("told %v", list)
		}
		l.LegDone(&msg.LegDone{Operation: list[0].Operation, Status: status, Reason: "full"}, "leg", l.now)
	}
	attends("listen", "first", 200)
	attends("barge", "second", 486)
	l.finding(object.String("access denied"))
	l.LegParted("second", "leg", l.now)
	if l.Waiting() != readInput {
		t.Fatalf("waits in %q", l.Waiting())
	}
	l.LegParted("first", "leg", l.now)
	if list := told[*msg.LegPart](l, "leg"); len(list) != 0 {
		t.Errorf("left what was left already: %v", list)
	}
	l.over()
	if l := supervisor(t, "", `if AttendCall("1002") == "access denied" then stop; end if; Void(ReadInput(9));`); l.Waiting() != "" {
		t.Errorf("somebody who has proved nothing waits in %q", l.Waiting())
	}
}
