package task

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// alone is a world in which nobody else is.
type alone struct{}

func (*alone) Self() string                                        { return "self" }
func (*alone) Tell(string, *msg.TaskEvent) error                   { return ErrNoObject }
func (*alone) Sound(_, _, name string) (string, bool)              { return name, true }
func (*alone) Module(string, string, string) (*cgpl.Module, error) { return nil, ErrNoFile }
func (*alone) Person(string) (Person, bool)                        { return Person{}, false }
func (*alone) Challenge(string, *signal.Request) signal.Headers    { return nil }
func (*alone) NonceKey() []byte                                    { return nil }
func (*alone) System(string) object.Value                          { return object.Null }
func (*alone) Service(string) (Service, bool)                      { return Service{}, false }

// lives is a Task of a program that answers its party's call first.
type lives struct {
	*testing.T
	*Task
	now time.Time
	log strings.Builder
}

func program(t *testing.T, source string) *lives {
	l := &lives{T: t, now: time.Unix(1e9, 0)}
	module, list := cgpl.Compile("test", "entry main is Void(AcceptCall()); "+source+" end entry;", Library())
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	l.Task = New(&msg.TaskStart{Program: "test", Account: "pbx@t.local", Request: msg.FromRequest(&signal.Request{})},
		"leg", module, &alone{}, DefaultLimits, log)
	l.Start(l.now)
	l.LegAnswered(&msg.LegAnswered{Codec: "PCMU"}, "leg", l.now)
	return l
}

// over checks that the program has come to its end, and no mode was left in a way that is none.
func (l *lives) over() {
	l.Helper()
	if l.Mode() != "ended" || strings.Contains(l.log.String(), "illegal") {
		l.Errorf("waits in %q, mode %s:\n%s", l.Waiting(), l.Mode(), &l.log)
	}
}

// told are the messages of one kind that the party's or another leg was told.
func told[M message](l *lives, leg string) (list []M) {
	for _, e := range l.Effects() {
		if to, ok := e.(ToLeg); ok && to.Leg == leg {
			if m, ok := to.Message.(M); ok {
				list = append(list, m)
			}
		}
	}
	return list
}

// bridge lets another Task ask for a bridge or a transfer.
func (l *lives) bridge(transfer bool) {
	l.Bridge(&msg.TaskBridge{Ticket: 1, Codec: "PCMU", Transfer: transfer}, "other", "leg2", l.now)
}

// mixer makes the mixer that the program wants.
func (l *lives) mixer() {
	for _, e := range l.Effects() {
		if m, ok := e.(MakeMixer); ok {
			l.Spawned(m.Operation, "mixer", l.now)
		}
	}
}

// refer lets the phone ask for a transfer, and a Signal look for the one whom it wants.
func (l *lives) refer() {
	u, _ := signal.ParseURI("sip:third@t.local")
	l.Referred(&msg.LegReferred{Refer: "1", Target: msg.FromURI(u)}, "leg", l.now)
	l.Dialled("signal", l.now)
	l.Effects()
}

// What a program waits for from its party ends when it loses the party, in each way there is.
func TestNobodyWaitsForWhoHasLeft(t *testing.T) {
	t.Run("bridge is broken", func(t *testing.T) {
		l := program(t, `SignalOption("bridgeBreak", "disconnect"); Void(AcceptBridge(ReadInput(9)));
			Void(SendCallOptions(null)); if ReadInput(0).what != "breakBridge" || ReadInput(0).what != "disconnected" then
			loop Void(ReadInput(9)); end loop; end if;`)
		l.bridge(false)
		l.Unbridged(&msg.TaskUnbridged{Ticket: 1}, "other", l.now)
		l.over()
	})
	t.Run("phone sends another one", func(t *testing.T) {
		l := program(t, `if SendCallOptions(null) != "task is not connected" then loop Void(ReadInput(9)); end loop; end if;`)
		l.refer()
		l.Taken(&msg.LegAccept{Codec: "PCMU"}, "leg2", l.now)
		l.over()
	})
	t.Run("given away", func(t *testing.T) {
		l := program(t, `e = ReadInput(9); Void(AcceptTransfer(e));
			if SendCallOptions(null) != "task is not connected" || StartBridge(e.sender) != "task is not connected" ||
			StartTransfer(e.sender) != "task is not connected" || !IsConnected() then loop Void(ReadInput(9)); end loop; end if;`)
		l.bridge(true)
		l.over()
	})
	t.Run("hangs up while the mixer plays", func(t *testing.T) {
		l := program(t, `Void(AttachMixer(ReadInput(9))); PlayFile("x");
			if IsConnected() || ReadInput(0).what != "disconnected" then loop Void(ReadInput(9)); end loop; end if;`)
		l.bridge(false)
		l.mixer()
		l.LegEnded(&msg.LegEnded{Status: 200}, "leg", l.now)
		l.over()
	})
	t.Run("hangs up before the queue has a place for it", func(t *testing.T) {
		l := program(t, `Void(QueueJoin("sales")); if ReadInput(9).what != "queueLeft" || IsConnected() then loop Void(ReadInput(9)); end loop; end if;`)
		l.LegEnded(&msg.LegEnded{Status: 200}, "leg", l.now)
		l.over()
	})
	t.Run("the mixer loses its last party", func(t *testing.T) {
		l := program(t, `Void(AttachMixer(ReadInput(9))); PlayFile("x");
			if ReadInput(0).what != "breakBridge" then loop Void(ReadInput(9)); end loop; end if;`)
		l.bridge(false)
		l.mixer()
		l.Unbridged(&msg.TaskUnbridged{Ticket: 1}, "other", l.now)
		l.over()
	})
}

// A Task that is killed while its mixer plays does not go on with its program.
func TestKilledTaskDoesNothingMore(t *testing.T) {
	l := program(t, `Void(AttachMixer(ReadInput(9))); PlayFile("x"); SysLog("goes on");`)
	l.bridge(false)
	l.mixer()
	l.Kill(l.now)
	l.over()
	if strings.Contains(l.log.String(), "goes on") {
		t.Error("goes on:\n", &l.log)
	}
}

// A Task that is killed while it waits for a place in a queue does not go on with what its queue says of that, and ends once.
func TestKilledTaskLeavesItsQueue(t *testing.T) {
	l := program(t, `Void(QueueJoin("sales")); Void(ReadInput(9)); SysLog("goes on");`)
	l.Effects()
	l.Kill(l.now)
	l.over()
	if strings.Contains(l.log.String(), "goes on") {
		t.Error("goes on:\n", &l.log)
	}
	left, stopped := 0, 0
	for _, e := range l.Effects() {
		switch e.(type) {
		case OutOfLine:
			left++
		case Stop:
			stopped++
		}
	}
	if left != 1 || stopped != 1 {
		t.Errorf("leaves the queue %d times, stops %d times", left, stopped)
	}
}

// Whom the phone wants the Task to talk to is not put in the place of a party that has left it, or is joined with
// another one by then.
func TestTransferComesTooLate(t *testing.T) {
	for name, source := range map[string]string{
		"disconnected": `Void(ReadInput(9)); Disconnect(); Void(ReadInput(9));`,
		"joined":       `Void(AcceptBridge(ReadInput(9))); Void(ReadInput(9));`,
		"asks":         `Void(StartBridge(ReadInput(9).sender));`,
		"mixed":        `Void(AttachMixer(ReadInput(9))); Void(ReadInput(9));`,
	} {
		t.Run(name, func(t *testing.T) {
			l := program(t, source)
			l.refer()
			l.bridge(false)
			l.mixer()
			l.Taken(&msg.LegAccept{Codec: "PCMU"}, "leg3", l.now)
			if leg := l.Row().Leg; leg == "leg3" || len(told[*msg.LegHangup](l, "leg3")) != 1 {
				t.Errorf("talks to %q", leg)
			}
		})
	}
}

// What was set of the mixer before it is there is told to it.
func TestMixerIsTuned(t *testing.T) {
	l := program(t, `MediaOption("inputSilenceLevel", 500); Void(AttachMixer(ReadInput(9))); Void(ReadInput(9));`)
	l.bridge(false)
	l.mixer()
	var level int32
	for _, e := range l.Effects() {
		if to, ok := e.(ToMixer); ok && to.Mixer == "mixer" {
			level = to.Message.(*msg.MixerSet).SilenceLevel
		}
	}
	if level != 500 {
		t.Errorf("the level is %d", level)
	}
}

// TestTransferFromTrunk: a phone behind a trunk has the rights of that, whoever's Task it talks to.
func TestTransferFromTrunk(t *testing.T) {
	u, _ := signal.ParseURI("sip:0049891@t.local")
	m := &msg.LegReferred{Refer: "1", Target: msg.FromURI(u), Trunk: "carrier"}
	l := program(t, `loop Void(ReadInput(9)); end loop;`)
	l.Effects()
	l.Referred(m, "leg", l.now)
	dialled := false
	for _, e := range l.Effects() {
		if d, ok := e.(Dial); ok {
			dialled = true
			if o := d.Request.Origin; o.Account != "" || o.Trunk != "carrier" || d.Request.From.URI.User != "pbx" {
				t.Errorf("calls with the rights of %+v from %s", o, d.Request.From)
			}
		}
	}
	if !dialled {
		t.Error("nobody is called")
	}
	l = program(t, `Void(AcceptBridge(ReadInput(9))); loop Void(ReadInput(9)); end loop;`)
	l.bridge(false)
	l.Effects()
	l.Referred(m, "leg", l.now)
	if found := told[*msg.LegFind](l, "leg"); len(found) != 1 || found[0].Account != "" {
		t.Errorf("in a bridge the platform is told %v", found)
	}
}
