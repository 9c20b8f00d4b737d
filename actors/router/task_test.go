package router

import (
	"slices"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/signal"
)

// program lets a caller call a number that runs a program; it returns the caller's leg, the Task and its
// work.
func (l *lab) program(id, to string) (caller, task *acttest.Probe, start *msg.TaskStart, owner *msg.LegStart) {
	l.Helper()
	l.call(id, to)
	caller, owner = l.leg()
	l.member.Send(owner.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU", "PCMA"}})
	task = l.tasks.Next(l)
	return caller, task, acttest.Await[*msg.TaskStart](l, task), owner
}

func TestCallIsHandedToATask(t *testing.T) {
	l := newLab(t, newWorld())
	caller, task, start, leg := l.program("q", "7012")
	if start.Program != "park" || !slices.Equal(start.Params, []string{"12"}) || start.Account != "pbx@t.local" ||
		!start.Leg.Equal(caller.PID) || start.Request.Id != "q" || start.Call != leg.Call ||
		!slices.Equal(start.Codecs, []string{"PCMU", "PCMA"}) {
		t.Errorf("the Task was told %v", start)
	}
	if leg.Application != "" || leg.Incoming == nil || leg.Number != "7012" {
		t.Errorf("the leg was told %v", leg)
	}
	if m := acttest.Await[*msg.LegServe](t, caller); !m.Task.Equal(task.PID) || m.Program != "park" {
		t.Errorf("the leg serves %v", m)
	}
	l.ingress.Cancelled("q", "because")
	if m := acttest.Await[*msg.SignalCancelled](t, caller); m.Reason != "because" {
		t.Errorf("the leg was told %v", m)
	}
	l.answered("q", 200) // it had answered before
	l.member.Send(leg.Owner, &msg.LegAnswered{Leg: caller.PID})
	l.quiet()
}

// The leg ends as the Task wants it, without an answer.
func TestTaskRejectsTheCall(t *testing.T) {
	l := newLab(t, newWorld())
	caller, _, _, leg := l.program("q", "200")
	acttest.Await[*msg.LegServe](t, caller)
	l.answered("q", 603)
	l.member.Send(leg.Owner, &msg.LegEnded{Leg: caller.PID, Status: 603})
	l.quiet()
}

func TestNoRoomForATask(t *testing.T) {
	l := newLab(t, newWorld(), limit("task", 1))
	first, _, _, leg := l.program("a", "200")
	l.call("b", "200")
	second, work := l.leg()
	l.member.Send(work.Owner, &msg.LegReady{Leg: second.PID})
	if m := acttest.Await[*msg.LegReject](t, second); m.Status != 503 || len(m.Headers) != 1 || m.Headers[0].Name != "Retry-After" {
		t.Errorf("the leg was told %v", m)
	}
	l.answered("b", 503)
	l.answered("a", 200)
	l.member.Send(leg.Owner, &msg.LegAnswered{Leg: first.PID})
	l.quiet()
}

// A device rings, and nobody answers: the leg that waits is handed to the Task.
func TestUnansweredCallIsHandedToATask(t *testing.T) {
	l := newLab(t, newWorld())
	l.limits.RingTimeout = time.Millisecond
	caller, device, _ := l.ringing("q", "1023")
	if m := acttest.Await[*msg.LegHangup](t, device); m.Reason != signal.ReasonNoAnswer {
		t.Errorf("the device was told %v", m)
	}
	task := l.tasks.Next(t)
	if m := acttest.Await[*msg.TaskStart](t, task); m.Program != "voicemail" || m.Account != "1023@t.local" {
		t.Errorf("the Task was told %v", m)
	}
	if m := acttest.Await[*msg.LegServe](t, caller); !m.Task.Equal(task.PID) {
		t.Errorf("the leg serves %v", m)
	}
	caller.Stop(t) // it dies before it has answered: somebody has to
	if r := l.response(); r.Status != 500 {
		t.Errorf("answered %+v", r)
	}
	l.quiet()
}

// taskCall lets a Task call, and returns its device and what that was told.
func (l *lab) taskCall(task *acttest.Probe, start *msg.SignalStart, to ...string) {
	l.Helper()
	start.Call, start.Caller, start.Task, start.Edge = "c", task.PID, true, l.ingress.Edge("c")
	start.Request = msg.FromRequest(&signal.Request{ID: "t", Method: signal.INVITE, MaxForwards: 70,
		From: signal.Party{Display: "Sales", URI: uri(l, "sip:2000@t.local")}, Origin: signal.Origin{Account: "pbx@t.local"}})
	for _, user := range to {
		start.Targets = append(start.Targets, msg.FromURI(uri(l, "sip:"+user+"@t.local")))
	}
	if _, err := l.member.Spawn("signal", start); err != nil {
		l.Fatal(err)
	}
}

func TestTaskCalls(t *testing.T) {
	l := newLab(t, newWorld())
	pid, _ := l.member.Spawn("task", &msg.TaskStart{})
	task := l.tasks.Next(t)
	l.taskCall(task, &msg.SignalStart{}, "1001", "1003", "nobody")
	first, work := l.leg()
	second, other := l.leg()
	if work.Branch > other.Branch { // they were begun in that order, and come as they like
		first, work, second, other = second, other, first, work
	}
	if from := work.Outgoing.From.Signal(); from.Display != "Sales" || from.URI.User != "2000" || other.Outgoing.Account != "1003@t.local" {
		t.Errorf("the devices are told %v and %v", work, other)
	}
	l.member.Send(work.Owner, &msg.LegProgressed{Leg: first.PID, Branch: work.Branch, Status: 183, Early: true, Stream: "s", Codec: "PCMU"})
	if m := acttest.Await[*msg.LegProgress](t, task); !m.Partner.Equal(first.PID) || m.Stream != "s" || m.Codec != "PCMU" {
		t.Errorf("the Task hears %v", m)
	}
	l.member.Send(work.Owner, &msg.LegAnswered{Leg: first.PID, Branch: work.Branch, Stream: "s", Codec: "PCMU"})
	if m := acttest.Await[*msg.LegAccept](t, task); !m.Partner.Equal(first.PID) || m.Codec != "PCMU" {
		t.Errorf("the Task got %v", m)
	}
	if m := acttest.Await[*msg.LegServe](t, first); !m.Task.Equal(pid) {
		t.Errorf("the device serves %v", m)
	}
	acttest.Await[*msg.LegHangup](t, second)
	l.quiet()
}

// A Task that takes its call back, or ends, leaves no device ringing; and its time to ring counts.
func TestTasksCallEnds(t *testing.T) {
	l := newLab(t, newWorld())
	_, _ = l.member.Spawn("task", &msg.TaskStart{})
	task := l.tasks.Next(t)
	l.taskCall(task, &msg.SignalStart{}, "1001")
	device, work := l.leg()
	l.member.Send(work.Owner, &msg.LegEnded{Leg: task.PID})
	acttest.Await[*msg.LegHangup](t, device)
	l.quiet()

	l.taskCall(task, &msg.SignalStart{RingMs: 1}, "1001")
	device, _ = l.leg()
	if m := acttest.Await[*msg.LegHangup](t, device); m.Reason != signal.ReasonNoAnswer {
		t.Errorf("the device was told %v", m)
	}
	if m := acttest.Await[*msg.LegReject](t, task); m.Status != 480 {
		t.Errorf("the Task got %v", m)
	}
	l.quiet()

	l.taskCall(task, &msg.SignalStart{NoServices: true}, "1013") // whose calls all go elsewhere
	device, work = l.leg()
	if work.Outgoing.Account != "1013@t.local" {
		t.Errorf("rung is %v", work)
	}
	task.Stop(t)
	acttest.Await[*msg.LegHangup](t, device)
	l.quiet()
	if len(l.edge.responses) != 0 {
		t.Errorf("answered %+v, which nobody had asked", l.response())
	}
}

// A leg that looks for somebody, on its Task's behalf or in a transfer, is given to the program that it
// finds.
func TestLegFindsAProgram(t *testing.T) {
	l := newLab(t, newWorld())
	pid, _ := l.member.Spawn("leg", &msg.LegStart{})
	party := l.legs.Next(t)
	find := &msg.SignalStart{Call: "c", Caller: pid, Edge: l.ingress.Edge("c"), Codecs: []string{"PCMU"},
		Request: msg.FromRequest(&signal.Request{ID: "q", Method: signal.INVITE, URI: uri(t, "sip:menu{a}#pbx@t.local"),
			Origin: signal.Origin{Account: "1000@t.local"}})}
	if _, err := l.member.Spawn("signal", find); err != nil {
		t.Fatal(err)
	}
	task := l.tasks.Next(t)
	if m := acttest.Await[*msg.TaskStart](t, task); !m.Leg.Equal(pid) || m.Program != "menu" || m.Params[0] != "a" {
		t.Errorf("the Task was told %v", m)
	}
	if m := acttest.Await[*msg.LegServe](t, party); !m.Task.Equal(task.PID) {
		t.Errorf("the leg serves %v", m)
	}
	l.quiet()
}

// A Named Task is asked from the keeper of its name, which may have one already.
func TestCallToANamedTask(t *testing.T) {
	l := newLab(t, newWorld())
	l.call("q", "lobby")
	caller, work := l.leg()
	l.member.Send(work.Owner, &msg.LegReady{Leg: caller.PID, Codecs: []string{"PCMU"}})
	keeper := l.named.Next(t)
	ask := acttest.Await[*msg.NamedPlace](t, keeper)
	if ask.Start.Program != "lobbyist" || ask.Start.Account != "pbx@t.local" || !ask.Start.Leg.Equal(caller.PID) ||
		!ask.Owner.Equal(work.Owner) {
		t.Fatalf("the keeper was asked %v", ask)
	}
	pid, _ := l.member.Spawn("task", ask.Start)
	l.member.Send(ask.Owner, &msg.Spawned{Operation: ask.Operation, Pid: pid})
	if m := acttest.Await[*msg.LegServe](t, caller); !m.Task.Equal(pid) {
		t.Errorf("the leg serves %v", m)
	}
	l.call("p", "lobby")
	second, other := l.leg()
	l.member.Send(other.Owner, &msg.LegReady{Leg: second.PID, Codecs: []string{"PCMU"}})
	ask = acttest.Await[*msg.NamedPlace](t, keeper)
	l.member.Send(ask.Owner, &msg.Spawned{Operation: ask.Operation, Status: 486})
	if m := acttest.Await[*msg.LegReject](t, second); m.Status != 486 {
		t.Errorf("the second caller got %v", m)
	}
	l.answered("q", 200)
	l.answered("p", 486)
	for leg, start := range map[*acttest.Probe]*msg.LegStart{caller: work, second: other} {
		l.member.Send(start.Owner, &msg.LegEnded{Leg: leg.PID})
	}
	l.quiet()
}

// A message for a name that is no account's goes to who takes it.
func TestMessageForAName(t *testing.T) {
	l := newLab(t, newWorld())
	taken := make(chan string, 1)
	l.ingress.SetErrands(Errands{TakeMessage: func(m *msg.SignalStart) bool {
		if m.Request.Uri.User != "lobby" {
			return false
		}
		taken <- m.Request.Id
		l.member.Send(m.Edge, &msg.SignalRespond{Response: &msg.Response{Request: m.Request.Id, Method: "MESSAGE", Status: 202}})
		return true
	}})
	for user, status := range map[string]int{"lobby": 202, "nobody": 404} {
		l.ingress.Receive(&signal.Request{ID: user, Method: signal.MESSAGE, CallID: user, URI: uri(t, "sip:"+user+"@t.local")})
		if r := l.response(); r.Request != user || r.Status != status {
			t.Errorf("MESSAGE to %s is answered %+v", user, r)
		}
	}
	if id := <-taken; id != "lobby" {
		t.Errorf("taken is %s", id)
	}
	l.quiet()
}
