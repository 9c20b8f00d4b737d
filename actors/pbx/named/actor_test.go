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
		{Name: "named", Announced: true}, {Name: "task", Make: l.tasks.Make, Limit: limit}, {Name: "signal", Make: askers.Make}}})
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

// stands is a Task that an earlier keeper of the name has started.
func (l *lab) stands(since int64) *acttest.Probe {
	l.Helper()
	pid, err := l.member.Spawn("task", &msg.TaskStart{})
	if err != nil {
		l.Fatal(err)
	}
	if err := l.member.Announce(cluster.Announcement{Kind: "named", Name: "lobby@t.local", Owner: pid,
		Message: &msg.NamedStands{Task: pid, Since: since}}); err != nil {
		l.Fatal(err)
	}
	return l.tasks.Next(l.T)
}

// A keeper that is made anew hears of the instance that an earlier one has started, and makes no second one.
func TestEarlierInstanceIsKnown(t *testing.T) {
	l := newLab(t, 0)
	task := l.stands(1)
	if placed := l.place("a"); placed.Status != 486 {
		t.Errorf("placed is %v", placed)
	}
	if status := l.message("m"); status != 200 {
		t.Errorf("a message is answered %d", status)
	}
	if m := acttest.Await[*msg.TaskMessage](t, task); m.Request.Id != "m" {
		t.Errorf("told is %v", m)
	}
}

// Of two instances the younger one ends, whichever is heard of first; and so does one that is being made.
func TestYoungerInstanceEnds(t *testing.T) {
	l := newLab(t, 0)
	second := l.stands(200)
	elder := l.stands(100)
	acttest.Await[*msg.TaskKill](t, second)
	acttest.Await[*msg.TaskKill](t, l.stands(300))
	if status := l.message("m"); status != 200 {
		t.Errorf("a message is answered %d", status)
	}
	acttest.Await[*msg.TaskMessage](t, elder)

	a := (&Floor{Member: l.member, Log: slog.New(slog.DiscardHandler)}).Make().(*namedActor)
	a.instance, a.starting = elder.PID, &msg.NamedPlace{Operation: "o", Owner: l.asker.PID, Start: &msg.TaskStart{}}
	made := l.stands(400)
	a.onSpawned(nil, &msg.Spawned{Operation: "o", Pid: made.PID})
	if s := acttest.Await[*msg.Spawned](t, l.asker); s.Status != 486 || a.instance != elder.PID {
		t.Errorf("told is %v, and the instance is %v", s, a.instance)
	}
	acttest.Await[*msg.TaskKill](t, made)
}

// Before it is known whether an instance lives nothing is started; where the name moves meanwhile, who waits is refused.
func TestNothingStartsBeforeAllIsHeard(t *testing.T) {
	l := newLab(t, 0)
	a := (&Floor{Member: l.member, Log: slog.New(slog.DiscardHandler)}).Make().(*namedActor)
	a.gathers = true
	a.onPlace(nil, &msg.NamedPlace{Operation: "a", Owner: l.asker.PID, Start: &msg.TaskStart{}})
	for range maxHeld {
		a.onMessage(nil, &msg.NamedMessage{Edge: l.asker.PID, Request: &msg.Request{Id: "m", Method: "MESSAGE"}})
	}
	if r := acttest.Await[*msg.SignalRespond](t, l.asker).Response; r.Status != 480 {
		t.Errorf("one too many is answered %d", r.Status)
	}
	a.onStopping()
	if s := acttest.Await[*msg.Spawned](t, l.asker); s.Status != 503 || l.member.Alive("task") != 0 {
		t.Errorf("told is %v, and %d tasks live", s, l.member.Alive("task"))
	}
}
