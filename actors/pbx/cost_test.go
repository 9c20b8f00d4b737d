package pbx

import (
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// costs is a member with nothing on it but Tasks of one program.
type costs struct {
	program *cgpl.Module
	member  *cluster.Member
	table   *Table
}

func newCosts(b *testing.B, source string) *costs {
	b.Helper()
	program, list := cgpl.Compile("cost.sppr", source, task.Library())
	if err := list.Err(); err != nil {
		b.Fatal(err)
	}
	c := &costs{program: program, table: NewTable()}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	c.member = cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 1000, Log: log,
		Kinds: []cluster.Kind{{Name: "task", Limit: 200_000},
			{Name: "leg", Make: func() actor.Actor { return silent{} }}}})
	b.Cleanup(c.member.Stop)
	floor := &Floor{Member: c.member, Programs: c, Table: c.table,
		Person:    func(a string) (task.Person, bool) { return task.Person{Address: a, Zone: time.UTC}, true },
		System:    func(string) object.Value { return object.Null },
		Challenge: func(string, *signal.Request) signal.Headers { return nil },
		Limits:    func() task.Limits { return task.DefaultLimits },
		Workers:   make(chan struct{}, 4), Log: log}
	c.member.Introduce("task", floor.Make)
	return c
}

func (c *costs) Program(_, _, _ string) (*cgpl.Module, error) { return c.program, nil }
func (c *costs) Module(_, _, _ string) (*cgpl.Module, error)  { return c.program, nil }
func (c *costs) Sound(_, _, name string) (string, bool)       { return name, true }

// start starts a Task as a command or a call does.
func (c *costs) start(b *testing.B, m *msg.TaskStart) string {
	b.Helper()
	pid, err := c.member.Spawn("task", m)
	if err != nil {
		b.Fatal(err)
	}
	return c.member.Handler(pid)
}

// until waits for what the Tasks come to by themselves.
func until(b *testing.B, what string, so func() bool) {
	b.Helper()
	for end := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(end) {
			b.Fatal(what + ": not within a minute")
		}
		runtime.Gosched()
	}
}

// held is the memory in use, in bytes: of the heap, and of stacks.
func held() (heap, stack uint64) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.StackInuse
}

// BenchmarkIdle tells what a Task keeps that waits in ReadInput: without a call, and with one.
func BenchmarkIdle(b *testing.B) {
	for _, with := range []string{"nobody", "a caller"} {
		b.Run(with, func(b *testing.B) {
			c := newCosts(b, `entry main is Void(ReadInput(86400)); end entry;`)
			leg, err := c.member.Spawn("leg", &msg.LegStart{})
			if err != nil {
				b.Fatal(err)
			}
			heap, stack := held()
			for b.Loop() {
				start := &msg.TaskStart{Program: "cost", Account: "pbx@tandem.local"}
				if with != "nobody" {
					start.Leg, start.Request, start.Codecs = leg, invite(), []string{"PCMU", "PCMA", "G722"}
				}
				c.start(b, start)
			}
			until(b, "all Tasks wait", func() bool { return len(c.table.Rows()) == b.N })
			heapAfter, stackAfter := held()
			b.ReportMetric(float64(int64(heapAfter-heap))/float64(b.N), "heap-B/task")
			b.ReportMetric(float64(int64(stackAfter-stack))/float64(b.N), "stack-B/task")
		})
	}
}

// silent is a leg that says nothing.
type silent struct{}

func (silent) Receive(actor.Context) {}

// invite is a call of usual size, as it comes from an edge: nothing of it is shared.
func invite() *msg.Request {
	text := func(s string) string { return strings.Clone(s) }
	r := &signal.Request{ID: text("edge.1"), Method: signal.INVITE, CallID: text("a84b4c76e66710@pc33.tandem.local"), MaxForwards: 70,
		URI:         signal.URI{Scheme: "sip", User: text("200"), Host: text("tandem.local")},
		From:        signal.Party{Display: text("Ann"), URI: signal.URI{Scheme: "sip", User: text("ann"), Host: text("tandem.local")}},
		ContentType: text("application/sdp"), Body: make([]byte, 600)}
	for range 10 {
		r.Headers = append(r.Headers, signal.Header{Name: text("User-Agent"), Value: text("a telephone of some make, 1.2.3")})
	}
	return msg.FromRequest(r)
}

// BenchmarkEvents sends an event to and fro between two Tasks: an operation is one event, sent and read.
func BenchmarkEvents(b *testing.B) {
	c := newCosts(b, `
	entry main is
	  p = Vars().startParameter; n = 0; peer = p.peer;
	  if peer == null then peer = ReadInput(86400).sender; n = 1; end if;
	  loop
	    Void(SendEvent(peer, "ball"));
	    exitif n >= p.times;
	    exitif ReadInput(86400) == null;
	    n += 1;
	  end loop;
	end entry;`)
	start := func(peer string) string {
		return c.start(b, &msg.TaskStart{Program: "cost", Account: "pbx@tandem.local",
			Parameter: fmt.Sprintf("{peer=%s;times=#%d;}", peer, b.N/2)})
	}
	first := start("#null#")
	b.ReportAllocs()
	b.ResetTimer()
	start("#(STTaskHandle:" + first + ")")
	until(b, "both have had their events", func() bool { return c.member.Alive("task") == 0 })
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
