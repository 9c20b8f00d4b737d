package named

import (
	"log/slog"
	"testing"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// lab is a member with keepers of names; Tasks and who asks are probes.
type lab struct {
	*testing.T
	member *cluster.Member
	tasks  *acttest.Probes
	asker  *acttest.Probe
}

func newLab(t *testing.T, limit int) *lab {
	t.Helper()
	l := &lab{T: t, tasks: acttest.NewProbes()}
	askers := acttest.NewProbes()
	log := slog.New(slog.DiscardHandler)
	l.member = cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 100, Log: log, Kinds: []cluster.Kind{
		{Name: "named"}, {Name: "task", Make: l.tasks.Make, Limit: limit}, {Name: "signal", Make: askers.Make}}})
	t.Cleanup(l.member.Stop)
	l.member.Introduce("named", (&Floor{Member: l.member, Log: log}).Make)
	if _, err := l.member.Spawn("signal", &msg.SignalCancel{}); err != nil {
		t.Fatal(err)
	}
	l.asker = askers.Next(t)
	return l
}

func (l *lab) tell(m any) {
	l.Helper()
	if err := l.member.Tell("named", "lobby@t.local", m); err != nil {
		l.Fatal(err)
	}
}

// place asks for an instance that takes a call, and says what is answered.
func (l *lab) place(operation string) *msg.Spawned {
	l.Helper()
	l.tell(&msg.NamedPlace{Operation: operation, Owner: l.asker.PID, Start: &msg.TaskStart{Program: "lobbyist"}})
	return acttest.Await[*msg.Spawned](l.T, l.asker)
}

// message sends a message and says with which status it is answered.
func (l *lab) message(id string) int32 {
	l.Helper()
	l.tell(&msg.NamedMessage{Edge: l.asker.PID, Request: &msg.Request{Id: id, Method: "MESSAGE"}, Start: &msg.TaskStart{Program: "lobbyist"}})
	r := acttest.Await[*msg.SignalRespond](l.T, l.asker).Response
	if r.Request != id || r.Method != "MESSAGE" {
		l.Errorf("answered is %v", r)
	}
	return r.Status
}

func TestOneInstance(t *testing.T) {
	l := newLab(t, 0)
	first := l.place("a")
	task := l.tasks.Next(t)
	if first.Operation != "a" || !first.Pid.Equal(task.PID) {
		t.Errorf("placed is %v", first)
	}
	if m := acttest.Await[*msg.TaskStart](t, task); m.Program != "lobbyist" {
		t.Errorf("started is %v", m)
	}
	if second := l.place("b"); second.Pid != nil || second.Status != 486 || second.Operation != "b" {
		t.Errorf("a second one is placed: %v", second)
	}
	if status := l.message("m"); status != 200 {
		t.Errorf("a message is answered %d", status)
	}
	if m := acttest.Await[*msg.TaskMessage](t, task); m.Request.Id != "m" {
		t.Errorf("told is %v", m)
	}
	task.Stop(t)
	var again *msg.Spawned
	acttest.Until(t, "there is room for another instance", func() bool { again = l.place("c"); return again.Pid != nil })
	if next := l.tasks.Next(t); !again.Pid.Equal(next.PID) {
		t.Errorf("placed is %v", again)
	}
}

func TestMessageStartsAnInstance(t *testing.T) {
	l := newLab(t, 1)
	if status := l.message("one"); status != 200 {
		t.Fatalf("a message is answered %d", status)
	}
	task := l.tasks.Next(t)
	acttest.Await[*msg.TaskStart](t, task)
	if m := acttest.Await[*msg.TaskMessage](t, task); m.Request.Id != "one" {
		t.Errorf("told is %v", m)
	}
	task.Stop(t)
	if status := l.message("two"); status != 200 { // whether it has heard of that end or not
		t.Fatalf("a message is answered %d", status)
	}
	if m := acttest.Await[*msg.TaskMessage](t, l.tasks.Next(t)); m.Request.Id != "two" {
		t.Errorf("told is %v", m)
	}
}

func TestNoRoomForAnInstance(t *testing.T) {
	l := newLab(t, 1)
	var other *actor.PID
	var err error
	if other, err = l.member.Spawn("task", &msg.TaskStart{}); err != nil || other == nil {
		t.Fatal(err)
	}
	if placed := l.place("a"); placed.Status != 503 || placed.Pid != nil {
		t.Errorf("placed is %v", placed)
	}
	if status := l.message("m"); status != 503 {
		t.Errorf("a message is answered %d", status)
	}
}

func TestInstanceOutOfReachIsNotReplaced(t *testing.T) {
	l := newLab(t, 0)
	away := actor.NewPID("127.0.0.1:1", "task/00000001/1")
	a := (&Floor{Member: l.member, Log: slog.New(slog.DiscardHandler)}).Make().(*namedActor)
	a.instance = away
	a.onMessage(nil, &msg.NamedMessage{Edge: l.asker.PID, Request: &msg.Request{Id: "m", Method: "MESSAGE"}})
	if r := acttest.Await[*msg.SignalRespond](t, l.asker).Response; r.Status != 480 || a.instance != away {
		t.Errorf("answered is %d, and the instance is %v", r.Status, a.instance)
	}
	a.onTerminated(away)
	if a.instance != nil {
		t.Errorf("the instance that has ended is %v", a.instance)
	}
}
