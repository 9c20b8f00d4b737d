package load

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

// tasksWanted is how many Tasks wait at once.
const tasksWanted = 50_000

// idlers starts that many Tasks which wait for an event that does not come.
const idlers = `
entry idle is
  Void(ReadInput(3600));
end entry;
entry main is
  for i = 0 while i < Number(Vars().startParameter) by i += 1 loop
    if spawn idle(i) == null then SysLog("no more tasks after " + String(i)); stop; end if;
  end loop;
  SetApplicationStatus("all are there");
  Void(ReadInput(3600));
end entry;
`

// TestIdleTasks measures what Tasks keep that wait in ReadInput.
func TestIdleTasks(t *testing.T) {
	onDemand(t)
	m, _ := startMember(t)
	m.Program("idlers.sppr", idlers)
	tb := table{title: fmt.Sprintf("%d tasks that wait in ReadInput", tasksWanted)}
	tb.add("after", "RSS MiB", "heap MiB", "goroutines", "each: RSS KiB", "heap KiB", "stack KiB", "goroutines")
	before := look(t, m, eagerLooks)
	tb.sample("start", before, before, 0)
	began := time.Now()
	var made struct{ Handler string }
	if err := m.Ask(http.MethodPost, "tasks", map[string]string{"account": "pbx@" + lab.Domain, "program": "idlers",
		"parameter": fmt.Sprintf("#%d", tasksWanted)}, &made); err != nil {
		t.Fatal(err)
	}
	lab.Wait(t, 5*time.Minute, "all tasks wait", func() bool {
		var parent struct{ Status string }
		err := m.Ask(http.MethodGet, "tasks/"+made.Handler, nil, &parent)
		return err == nil && parent.Status != ""
	})
	took := time.Since(began)
	after := look(t, m, eagerLooks)
	tb.sample("all wait", after, before, tasksWanted)
	tb.print()
	fmt.Printf("started in %v: %.0f a second\n", took.Round(time.Millisecond), tasksWanted/took.Seconds())
}

// ivrs answers and plays music until the caller hangs up, as a menu does that waits for a key.
const ivrs = `
entry main is
  if AcceptCall() != null then stop; end if;
  loop
    PlayFile("HoldMusic", -1);
    exitif IsDisconnectEvent(ReadInput(0));
  end loop;
end entry;
`

// lateTicks counts the frames that a member sends a frame late or more.
const lateTicks = "tandem_rtp_late_ticks_total"

// TestIVR lets callers hear a prompt, all at once, from one core, and counts what comes too late.
func TestIVR(t *testing.T) {
	onDemand(t)
	// One core, and two processors of the runtime on it: the kernel parts a core among threads more finely than
	// the runtime a processor among goroutines, so that a collection holds no packet up.
	m, member := startMember(t, "GOMAXPROCS=2")
	m.Program("ivrs.sppr", ivrs)
	if err := m.Ask(http.MethodPost, "accounts", map[string]any{"aor": "ivr@" + lab.Domain, "password": "load-password",
		"forward": map[string]string{"all": "ivrs#ivr"}}, nil); err != nil {
		t.Fatal(err)
	}
	callers := openPhones(t)
	as := &demo(0, 1)[0]
	d := &desk{conn: dial(t, member.at)}
	mustDo(t, d.run(&calling{as: as, numbers: []string{"ivr"}, media: callers.port, hold: true}, *calls, callsPerSecond), "calling")

	heard := &intervals{last: map[uint32]time.Duration{}}
	length := time.Duration(*seconds * float64(time.Second))
	lateBefore := metrics(t, m)[lateTicks]
	var over atomic.Bool
	var listening sync.WaitGroup
	listening.Go(func() { heard.listen(callers, &over) })
	time.Sleep(settle)
	heard.keep.Store(true)
	s := member.spend(t, func() { time.Sleep(length) })
	heard.keep.Store(false)
	over.Store(true)
	listening.Wait()

	tb := table{title: fmt.Sprintf("IVR: %d callers hear a prompt at once, from one core, for %v", *calls, length)}
	tb.add("packets", "of those due %", "gap p50 µs", "p99 µs", "max µs", "over 40 ms %", "late ticks", "% of core", "others %", "")
	gaps := heard.sorted()
	due := float64(*calls) * length.Seconds() * 50
	tb.add(len(gaps), 100*float64(len(gaps))/due, quantile(gaps, 0.5), quantile(gaps, 0.99), quantile(gaps, 1),
		100*heard.over(40*time.Millisecond), int(metrics(t, m)[lateTicks]-lateBefore),
		100*s.cpu.Seconds()/length.Seconds(), s.others, doubt(s.others))
	tb.print()
	mustDo(t, d.resume(&hangingUp{as: as}, callsPerSecond), "hanging up")
}
