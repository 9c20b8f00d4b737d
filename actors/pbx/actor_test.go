package pbx

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/meeting"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// lab is a member whose Tasks are real; legs, Signals and mixers are probes.
type lab struct {
	*testing.T
	member  *cluster.Member
	table   *Table
	legs    *acttest.Probes
	signals *acttest.Probes
	mixers  *acttest.Probes
	modules map[string]*cgpl.Module
	library cgpl.Library
	logged  chan string // what programs write with SysLog
}

// ears keeps what programs say.
type ears struct {
	slog.Handler
	said chan string
}

func (e ears) Enabled(context.Context, slog.Level) bool { return true }
func (e ears) WithAttrs([]slog.Attr) slog.Handler       { return e }
func (e ears) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if r.Message == "program says" && a.Key == "text" {
			e.said <- a.Value.String()
		}
		return true
	})
	return nil
}

// mostOfAccount is how many Tasks one account may have in a lab, where no call began them.
const mostOfAccount = 1200

func newLab(t *testing.T, services ...task.Service) *lab {
	t.Helper()
	l := &lab{T: t, table: NewTable(), legs: acttest.NewProbes(), signals: acttest.NewProbes(), mixers: acttest.NewProbes(),
		modules: map[string]*cgpl.Module{}, library: task.Library(), logged: make(chan string, 100000)}
	log := slog.New(ears{slog.DiscardHandler, l.logged})
	l.member = cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 1000, Log: log, Kinds: []cluster.Kind{
		{Name: "leg", Make: l.legs.Make}, {Name: "signal", Make: l.signals.Make}, {Name: "mixer", Make: l.mixers.Make},
		{Name: "task", Limit: 2000}, {Name: "meeting", Idle: time.Minute}}})
	t.Cleanup(l.member.Stop)
	all := map[string]task.Service{}
	for _, s := range services {
		all[strings.ToLower(s.Name)] = s
	}
	floor := &Floor{Member: l.member, Programs: l, Services: all, Table: l.table,
		Person: func(a string) (task.Person, bool) {
			return task.Person{Address: a, Zone: time.UTC}, strings.HasSuffix(a, "@tandem.local")
		},
		System:    func(string) object.Value { return object.Null },
		Challenge: func(string, *signal.Request) signal.Headers { return nil },
		Limits: func() task.Limits {
			limits := task.DefaultLimits
			limits.Program.Memory, limits.Program.Steps, limits.Input = 1<<20, 1_000_000, 100
			return limits
		},
		Workers: make(chan struct{}, 4), PerAccount: func() int { return mostOfAccount }, Log: log}
	meetings := &meeting.Floor{Member: l.member, Log: log}
	l.member.Introduce("task", floor.Make)
	l.member.Introduce("meeting", meetings.Make)
	return l
}

// program adds a program.
func (l *lab) program(name, source string) {
	l.Helper()
	m, list := cgpl.Compile(name+".sppr", source, l.library)
	if err := list.Err(); err != nil {
		l.Fatal(err)
	}
	l.modules[name] = m
}

func (l *lab) Program(_, _, name string) (*cgpl.Module, error) {
	if m := l.modules[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("program %q is not found", name)
}

func (l *lab) Module(domain, language, name string) (*cgpl.Module, error) {
	return l.Program(domain, language, name)
}

func (l *lab) Sound(_, _, name string) (string, bool) { return name + ".wav", true }

// start starts a program without a call.
func (l *lab) start(program string, parameter string) string {
	l.Helper()
	pid, err := l.member.Spawn("task", &msg.TaskStart{Program: program, Account: "pbx@tandem.local", Parameter: parameter})
	if err != nil {
		l.Fatal(err)
	}
	return l.member.Handler(pid)
}

// call starts a program by a call, whose leg is a probe.
func (l *lab) call(program string) (leg *acttest.Probe, task string) {
	l.Helper()
	legPID, err := l.member.Spawn("leg", &msg.LegStart{})
	if err != nil {
		l.Fatal(err)
	}
	leg = l.legs.Next(l)
	pid, err := l.member.Spawn("task", &msg.TaskStart{Program: program, Account: "pbx@tandem.local", Leg: legPID,
		Codecs: []string{"PCMU"}, Request: msg.FromRequest(&signal.Request{Method: signal.INVITE,
			URI:  signal.URI{Scheme: "sip", User: "200", Host: "tandem.local"},
			From: signal.Party{URI: signal.URI{Scheme: "sip", User: "ann", Host: "a.test"}}})})
	if err != nil {
		l.Fatal(err)
	}
	return leg, l.member.Handler(pid)
}

// says waits for what a program writes next.
func (l *lab) says() string {
	l.Helper()
	select {
	case s := <-l.logged:
		return s
	case <-time.After(time.Minute):
		l.Fatal("no program says anything")
	}
	return ""
}

// ended waits until a Task is gone.
func (l *lab) ended(task string) {
	l.Helper()
	acttest.Until(l, "the task has ended", func() bool { _, lives := l.table.Row(task); return !lives })
}

// A caller is answered, hears a file, presses a key, and hangs up; lists show it meanwhile.
func TestCall(t *testing.T) {
	l := newLab(t)
	l.program("menu", `entry main is
	  if AcceptCall() != null then stop; end if;
	  SetApplicationStatus("menu");
	  PlayFile("hello");
	  SysLog(ReadInput(5));
	  SysLog(ReadInput(5).what);
	end entry;`)
	leg, handler := l.call("menu")
	acttest.Await[*msg.LegAnswer](t, leg)
	task, _ := l.member.Parse(handler)
	l.member.Send(task, &msg.LegAnswered{Leg: leg.PID, Codec: "PCMU"})
	play := acttest.Await[*msg.LegPlay](t, leg)
	if f := play.Sound.File; f.GetPath() != "hello.wav" || f.GetDomain() != "tandem.local" {
		t.Errorf("plays %v", play.Sound)
	}
	acttest.Until(t, "the list shows it", func() bool {
		r, ok := l.table.Row(handler)
		return ok && r.Mode == "connected" && r.Status == "menu" && r.Waiting == "PlayFile" && strings.Contains(r.Where, ":4:")
	})
	l.member.Send(task, &msg.LegDigit{Leg: leg.PID, Key: "7"})
	if stop := acttest.Await[*msg.LegStop](t, leg); stop.Play != play.Play {
		t.Errorf("stops %d, plays %d", stop.Play, play.Play)
	}
	l.member.Send(task, &msg.LegPlayed{Leg: leg.PID, Play: play.Play, PositionMs: 120})
	if got := l.says(); got != "7" {
		t.Errorf("read %q", got)
	}
	l.member.Send(task, &msg.LegEnded{Leg: leg.PID, Status: 200})
	if got := l.says(); got != "disconnected" {
		t.Errorf("read %q", got)
	}
	l.ended(handler)
}

// A leg that dies without a word is a hang-up, and a program that is not there refuses the call.
func TestLegDies(t *testing.T) {
	l := newLab(t)
	l.program("wait", `entry main is Void(AcceptCall()); SysLog(ReadInput(60).what); end entry;`)
	leg, handler := l.call("wait")
	acttest.Await[*msg.LegAnswer](t, leg)
	leg.Stop(t)
	if got := l.says(); got != "disconnected" {
		t.Errorf("read %q", got)
	}
	l.ended(handler)

	leg, handler = l.call("nobody")
	if r := acttest.Await[*msg.LegReject](t, leg); r.Status != 404 {
		t.Errorf("refused with %d", r.Status)
	}
	l.ended(handler)
}

// Two Tasks join their parties: each leg is told the other, and the end of one is told to the other Task.
func TestBridge(t *testing.T) {
	l := newLab(t)
	l.program("front", `entry main is
	  Void(AcceptCall());
	  peer = ReadInput(60).sender;
	  SysLog(StartBridge(peer));
	  SysLog(ReadInput(60).what);
	  SysLog(IsConnected());
	end entry;`)
	l.program("back", `entry main is
	  Void(AcceptCall());
	  Void(SendEvent(Vars().startParameter, "here"));
	  e = ReadInput(60);
	  SysLog(IsStartBridgeEvent(e));
	  SysLog(AcceptBridge(e));
	  SysLog(AcceptBridge(e));
	  loop exitif IsDisconnectEvent(ReadInput(60)); end loop;
	end entry;`)
	legA, front := l.call("front")
	a, _ := l.member.Parse(front)
	acttest.Await[*msg.LegAnswer](t, legA)
	l.member.Send(a, &msg.LegAnswered{Leg: legA.PID, Codec: "PCMU"})

	legPID, _ := l.member.Spawn("leg", &msg.LegStart{})
	legB := l.legs.Next(t)
	b, err := l.member.Spawn("task", &msg.TaskStart{Program: "back", Account: "pbx@tandem.local", Leg: legPID,
		Parameter: "#(STTaskHandle:" + front + ")", Request: msg.FromRequest(&signal.Request{})})
	if err != nil {
		t.Fatal(err)
	}
	acttest.Await[*msg.LegAnswer](t, legB)
	l.member.Send(b, &msg.LegAnswered{Leg: legB.PID, Codec: "PCMA"})

	if got := acttest.Await[*msg.LegAccept](t, legB); !got.Partner.Equal(legA.PID) || got.Codec != "PCMU" {
		t.Errorf("the back leg is joined with %v", got)
	}
	if got := acttest.Await[*msg.LegAccept](t, legA); !got.Partner.Equal(legB.PID) || got.Codec != "PCMA" {
		t.Errorf("the front leg is joined with %v", got)
	}
	l.logs("YES", "#null#", "bridge request cancelled", "#null#")
	l.member.Send(b, &msg.LegEnded{Leg: legB.PID, Status: 200})
	acttest.Await[*msg.LegPart](t, legA)
	l.logs("breakBridge", "YES")
	acttest.Await[*msg.LegHangup](t, legA)
}

// logs waits for lines of programs, in any order.
func (l *lab) logs(want ...string) {
	l.Helper()
	left := map[string]int{}
	for _, w := range want {
		left[w]++
	}
	for range want {
		got := l.says()
		if left[got]--; left[got] < 0 {
			l.Fatalf("a program says %q, still expected %v", got, left)
		}
	}
}

// SendEvent to a Task that has ended returns its error, and so does one to a handler of another incarnation.
func TestDeadHandler(t *testing.T) {
	l := newLab(t)
	l.program("short", `entry main is end entry;`)
	l.program("asks", `entry main is
	  SysLog(SendEvent(Vars().startParameter, "hello", 1));
	  SysLog(StartBridge(Vars().startParameter));
	end entry;`)
	dead := l.start("short", "")
	l.ended(dead)
	acttest.Until(t, "the actor is gone", func() bool {
		pid, _ := l.member.Parse(dead)
		return l.member.Offer(pid, &msg.TaskEvent{}) != nil
	})
	l.start("asks", "#(STTaskHandle:"+dead+")")
	l.logs("async Object not found", "task is not connected")
	l.start("asks", "#(STTaskHandle:no-handler-at-all)")
	l.logs("async Object not found", "task is not connected")
}

// A Task that panics, loops, eats memory or recurses ends alone, with a named exception.
func TestRunaways(t *testing.T) {
	l := newLab(t)
	l.program("loop", `entry main is loop end loop; end entry;`)
	l.program("eat", `entry main is a = NewArray(); loop AddElement(a, "0123456789" + String(Length(a))); end loop; end entry;`)
	l.program("dig", `function f(x) is return f(x) + 1; end function; entry main is Void(f(1)); end entry;`)
	l.program("calm", `entry main is loop e = ReadInput(60); exitif e.what == "stop"; SysLog(e.parameter); end loop; end entry;`)
	calm := l.start("calm", "")
	pid, _ := l.member.Parse(calm)
	var bad []string
	for _, p := range []string{"loop", "eat", "dig"} {
		bad = append(bad, l.start(p, ""))
	}
	for i := range 10 {
		l.member.Send(pid, &msg.TaskEvent{Name: "go", Parameter: fmt.Sprint("n", i)})
		if got := l.says(); got != fmt.Sprint("n", i) {
			t.Errorf("the calm one reads %q", got)
		}
	}
	for _, h := range bad {
		acttest.Until(t, "the runaway has ended", func() bool { _, lives := l.table.Row(h); return !lives })
	}
	if _, lives := l.table.Row(calm); !lives {
		t.Error("the calm one is gone")
	}
}

// A service works elsewhere, and the Task goes on with its result; a helper is spawned and linked.
func TestServicesAndSpawn(t *testing.T) {
	l := newLab(t, task.Service{Name: "HTTPCall", Run: func(_ context.Context, c task.Caller, args []object.Value) object.Value {
		return object.String(c.Account + " called " + args[0].Text())
	}})
	l.program("parent", `
	entry helper is SysLog(Vars().startParameter); Void(ReadInput(60)); end entry;
	entry main is
	  SysLog(HTTPCall("http://a.test/", null));
	  id = StartHTTPCall("http://b.test/", null);
	  e = ReadInput(60);
	  SysLog(IsHTTPCompletedEvent(e) != null and e.parameter.id == id);
	  child = spawn helper("work");
	  Void(LinkTask(child));
	  Void(SendEvent(child, "done"));
	  e = ReadInput(60);
	  SysLog(IsTaskEndedEvent(e) and Same(e.sender, e.sender));
	  SysLog(ReadAccount());
	end entry;
	function ReadAccount() is return MyEmail(); end function;`)
	l.start("parent", "")
	l.logs("pbx@tandem.local called http://a.test/", "YES", "work", "YES", "pbx@tandem.local")
}

// A program that spawns without end, and does not look whether it could, has no more Tasks than its account may,
// can be ended, and leaves room when its Tasks have ended.
func TestSpawnWithoutEnd(t *testing.T) {
	l := newLab(t)
	l.program("bomb", `
	entry main is loop Void(spawn child(null)); end loop; end entry;
	entry child is Void(ReadInput(600)); end entry;`)
	l.program("spawns", `
	entry main is child = spawn other(null); SysLog(IsTask(child)); end entry;
	entry other is stop; end entry;`)
	kill := func(task string) {
		pid, _ := l.member.Parse(task)
		l.member.Send(pid, &msg.TaskKill{})
		l.ended(task)
	}
	bomb := l.start("bomb", "")
	acttest.Until(t, "the account has all its tasks", func() bool { return len(l.table.Rows()) >= mostOfAccount })
	l.start("spawns", "")
	if said := l.says(); said != "#null#" {
		t.Errorf("one more task is spawned: %s", said)
	}
	kill(bomb)
	rows := l.table.Rows()
	if n := len(rows); n > mostOfAccount {
		t.Errorf("%d tasks live where %d may", n, mostOfAccount)
	}
	for _, r := range rows {
		kill(r.Task)
	}
	l.start("spawns", "")
	if said := l.says(); said != "YES" {
		t.Errorf("no task is spawned when all others have ended: %s", said)
	}
}

// Events with large parameters are refused long before as many wait as may, and keep what they say.
func TestLargeEvents(t *testing.T) {
	held := make(chan struct{})
	l := newLab(t, task.Service{Name: "HTTPCall", Run: func(context.Context, task.Caller, []object.Value) object.Value {
		<-held
		return object.Null
	}})
	l.program("sender", `entry main is
	  to = Vars().startParameter;
	  large = NewArray();
	  for i = 0 while i < 15000 by i += 1 loop AddElement(large, 1); end loop;
	  sent = 0;
	  loop
	    error = SendEvent(to, "large", large);
	    exitif error != null or sent == 900;
	    sent += 1;
	    Void(CheckQueue("none")); // the reader has some time to say that it is full
	  end loop;
	  SysLog(error);
	end entry;`)
	l.program("reader", `entry main is
	  Void(HTTPCall("http://a.test/", null)); // until the sender has done
	  n = 0;
	  loop
	    e = ReadInput(1);
	    exitif e == null;
	    if Length(e.parameter) == 15000 then n += 1; end if;
	    Void(HTTPCall("http://a.test/", null)); // what it may do without waiting begins anew
	  end loop;
	  SysLog(n >= 16 and n < 900);
	end entry;`)
	reader := l.start("reader", "")
	l.start("sender", "#(STTaskHandle:"+reader+")")
	if said := l.says(); said != "event queue is full" {
		t.Errorf("the sender says %q", said)
	}
	close(held)
	if said := l.says(); said != "YES" {
		t.Errorf("the reader says %q", said)
	}
}

// A Task hears once that another has ended, however often it asked to, and can not ask without end.
func TestLinks(t *testing.T) {
	l := newLab(t)
	l.program("links", `
	entry main is
	  child = spawn other(null);
	  for i = 0 while i < 1000 by i += 1 loop
	    if LinkTask(child) != null then SysLog("refused"); end if;
	  end loop;
	  Void(SendEvent(child, "end"));
	  SysLog(IsTaskEndedEvent(ReadInput(60)));
	  SysLog(ReadInput(1));
	  for i = 0 while i < 1100 by i += 1 loop
	    error = LinkTask(spawn other(null));
	    exitif error != null;
	  end loop;
	  SysLog(String(i) + error);
	end entry;
	entry other is Void(ReadInput(60)); end entry;`)
	l.start("links", "")
	for _, want := range []string{"YES", "#null#", "1000too many tasks are linked"} {
		if said := l.says(); said != want {
			t.Errorf("it says %q, expected %q", said, want)
		}
	}
}

// Meetings and queues go by the account's keeper.
func TestMeetings(t *testing.T) {
	l := newLab(t)
	l.program("host", `entry main is
	  SysLog(CreateMeeting("rooms", "12", "topic"));
	  SysLog(ActivateMeeting("rooms", "12"));
	  SysLog(Enqueue("q", "me").length);
	  Void(SendEvent(Vars().startParameter, "ready"));
	  SysLog(ReadInput(60).parameter);
	  Void(ReadInput(60)); // its end would take it out of the queue
	end entry;`)
	l.program("guest", `entry main is
	  Void(ReadInput(60));
	  m = FindMeeting("rooms", "12");
	  SysLog(m.parameter);
	  SysLog(SendEvent(m.id, "hello", "hi"));
	  SysLog(ReadQueue("q").parameter);
	end entry;`)
	guest := l.start("guest", "")
	l.start("host", "#(STTaskHandle:"+guest+")")
	l.logs("#null#", "#null#", "#1", "topic", "#null#", "hi", "me")
}

// Events between many Tasks arrive once, and in order for each pair: each Task sends ten events to each of its ten
// neighbours, and reads what its neighbours send. The short form has fewer Tasks.
func TestEventsInOrder(t *testing.T) {
	tasks := 1000
	if testing.Short() {
		tasks = 100
	}
	l := newLab(t)
	l.program("node", `
	var next, count;
	procedure read(e) is
	  if e == null or else e.what != "n" then return; end if;
	  key = String(e.parameter[0]);
	  if e.parameter[1] != Number(next.(key)) then SysLog("wrong order"); stop; end if;
	  next.(key) = String(e.parameter[1] + 1);
	  count += 1;
	end procedure;
	entry main is
	  next = NewDictionary(); count = 0;
	  loop e = ReadInput(60); exitif e.what == "peers"; read(e); end loop;
	  p = e.parameter;
	  for i = 0 while i < 10 by i += 1 loop
	    for r = 0 while r < 10 by r += 1 loop
	      m = NewArray(); m[0] = p.name; m[1] = i;
	      loop
	        exitif SendEvent(p.peers[r], "n", m) == null;
	        read(ReadInput(1));
	      end loop;
	    end loop;
	    read(ReadInput(0));
	  end loop;
	  while count < 100 loop read(ReadInput(60)); end loop;
	  SysLog(count);
	end entry;`)
	handlers := make([]string, tasks)
	for i := range handlers {
		handlers[i] = l.start("node", "")
	}
	for i, h := range handlers {
		var peers []string
		for k := range 10 {
			peers = append(peers, "#(STTaskHandle:"+handlers[(i+k+1)%tasks]+")")
		}
		pid, _ := l.member.Parse(h)
		l.member.Send(pid, &msg.TaskEvent{Name: "peers",
			Parameter: fmt.Sprintf("{name=#%d;peers=(%s);}", i, strings.Join(peers, ","))})
	}
	for range tasks {
		if got := l.says(); got != "#100" {
			t.Fatalf("a Task says %q", got)
		}
	}
}
