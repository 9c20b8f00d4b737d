package cgpl

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"tandem/ximss/object"
)

func compiled(t testing.TB, source string) *Module {
	t.Helper()
	m, list := Compile("main.sppr", source, kit)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

// heap is what the process has in use, without what can be collected.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestIdleIsSmall parks many tasks in a call that waits, as in a queue.
func TestIdleIsSmall(t *testing.T) {
	const tasks = 5000
	m := compiled(t, `
		var calls;
		function ask(q, n) { var got = Hold(n); return got + q; }
		entry main {
			p = Vars().startParameter; who = p[0]; tries = 0; calls = 1; list = NewArray();
			loop { list[0] = who; x = ask("menu" + who, 5); tries += 1; exitif tries > 3; }
		}`)
	parked, s := make([]*Machine, tasks), &stage{}
	before := heap()
	for i := range parked {
		vars := object.NewFolded()
		vars.Set("startParameter", object.NewArray(object.String("x")).Value())
		parked[i] = New(m, nil, s, Limits{})
		if err := parked[i].Start("main", vars); err != nil {
			t.Fatal(err)
		}
		if o := parked[i].Run(); o.State != Blocked {
			t.Fatal(o)
		}
	}
	each := (heap() - before) / tasks
	t.Logf("%d bytes for a task that waits, %d as it says itself", each, parked[0].Footprint())
	if each > 2048 {
		t.Errorf("a task that waits takes %d bytes", each)
	}
	if f := parked[0].Footprint(); f < each/2 || f > 2*each {
		t.Errorf("it says %d bytes", f)
	}
	runtime.KeepAlive(parked)
}

// TestStackIsGivenBack goes deep, and waits when it has come back.
func TestStackIsGivenBack(t *testing.T) {
	m := compiled(t, `function deep(n) { var a, b, c, d; return n == 0 ? 0 : deep(n - 1) + 1; } entry main { x = deep(900); Hold(x); Print(x); }`)
	s := &stage{}
	task := New(m, nil, s, Limits{})
	if err := task.Start("MAIN", nil); err != nil {
		t.Fatal(err)
	}
	if o := task.Run(); o.State != Blocked || task.Footprint() > 2048 {
		t.Fatalf("%v, %d bytes", o, task.Footprint())
	}
	task.Resume(object.Null)
	if o := task.Run(); o.State != Done || s.said[0] != "#900" {
		t.Fatal(o, s.said)
	}
	if o := task.Run(); o.State != Done || len(task.Where()) != 0 {
		t.Error("it goes on after its end", o)
	}
}

// TestStackKeepsTheCallers waits in a section whose window ends before its caller's does.
func TestStackKeepsTheCallers(t *testing.T) {
	m := compiled(t, `
		function deep(n) forward; function deep(n) { return n == 0 ? 0 : deep(n - 1); }
		function small() { return Wait(1); }
		entry main { x = deep(300) + small(); y = 1 + (x + (x + (x + (x + (x + (x + (x + (x + Wait(2))))))))); Print(x, y); }`)
	if out := perform(m, nil, Limits{}); out[2] != "#1 #11" {
		t.Error(out)
	}
}

// TestEndlessPrograms run into the limits that programs have in the product.
func TestEndlessPrograms(t *testing.T) {
	for _, c := range []struct{ source, text string }{
		{`entry main { loop { } }`, TextSteps},
		{`procedure p() { p(); } entry main { p(); }`, TextDepth},
		{`entry main { a = NewArray(); for (i = 0;; i += 1) { a[i] = "0123456789012345" + "x"; } }`, TextMemory},
		{`entry main { s = "0123456789"; loop { s += s; } }`, TextMemory},
		{`entry main { s = ""; loop { s += "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz"; } }`, TextMemory},
		{`entry main { a = NewArray(1, "x"); loop { b = NewArray(); b[0] = a; b[1] = Copy(a); a = b; } }`, TextMemory},
	} {
		before, most := heap(), int64(0)
		task := New(compiled(t, c.source), nil, &stage{}, Limits{})
		if err := task.Start("main", nil); err != nil {
			t.Fatal(err)
		}
		o, slices := task.Run(), 1
		for ; o.State == Sliced; o = task.Run() {
			if slices++; slices%50 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, int64(m.HeapAlloc)-before)
			}
		}
		if o.State != Failed || o.Err.Text != c.text {
			t.Errorf("%s\nends with %v", c.source, o)
		}
		t.Logf("%s: %d slices, at most %d MiB with what was dropped", c.text, slices, most>>20)
		if most > 4*DefaultLimits.Memory {
			t.Errorf("%s\ntook %d MiB", c.source, most>>20)
		}
	}
}

// TestOneModuleForAll runs one module in many tasks at once.
func TestOneModuleForAll(t *testing.T) {
	m := compiled(t, `
		var seen; const prefix = "n";
		function fib(n) forward; function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
		entry main { for (i = 0; i < 12; i += 1) { seen = (seen || "") + prefix + "," + prefix; Hold(fib(i)); } Print(Length(seen)); }`)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			out := perform(m, nil, Limits{Slice: 50})
			if out[12] != "#36" || out[13] != "done" {
				t.Error(out)
			}
		})
	}
	all.Wait()
}

// TestUseOutOfTurn calls a machine's methods when they have nothing to do.
func TestUseOutOfTurn(t *testing.T) {
	task := New(compiled(t, `entry main { x = Wait(1); Print(x); } entry Second { stop; } procedure p() { }`), nil, &stage{}, Limits{})
	if o := task.Run(); o.State != Failed || o.Err.Text != TextNotStarted {
		t.Error(o)
	}
	for _, name := range []string{"third", "p", "nowhere::main"} {
		if err := task.Start(name, nil); err == nil {
			t.Errorf("started at %s", name)
		}
	}
	if err := task.Start("second", nil); err != nil {
		t.Error(err)
	}
	if err := task.Start("main", nil); err == nil {
		t.Error("started twice")
	}
	task.Resume(object.Number(1))
	if o := task.Run(); o.State != Stopped {
		t.Error(o)
	}
}

func TestModuleSaysWhatItNeeds(t *testing.T) {
	m, list := Compile("en/My.Queue.sppr", `
		procedure Play(x) external; function tools::a() external; function Tools::b() external; entry main { } entry Other { }`, kit)
	if list.Err() != nil {
		t.Fatal(list)
	}
	if got := fmt.Sprint(m.Name(), m.File(), m.Entries(), m.Externals()); got != "my.queue en/My.Queue.sppr [main Other] [play tools]" &&
		got != "my.queueen/My.Queue.sppr[main Other] [play tools]" {
		t.Error(got)
	}
}

func TestReserveIsAskedBefore(t *testing.T) {
	lib := Library{}
	lib.Add(Builtin{Name: "Make", Call: func(c *Call) (object.Value, error) {
		if err := c.Reserve(1 << 40); err != nil {
			return object.Null, err
		}
		return object.Null, errors.New("made a terabyte")
	}})
	m, list := Compile("main.sppr", `entry main { x = Make(); }`, lib)
	if list.Err() != nil {
		t.Fatal(list)
	}
	if out := perform(m, nil, Limits{}); out[0] != "failed: "+TextMemory+" at main.sppr:1:18 main" {
		t.Error(out)
	}
	if err := (&Call{}).Reserve(1 << 40); err != nil {
		t.Error("a call without a machine has limits:", err)
	}
}
