package load

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// pong answers events under a key; ping sends so many to the one under a key, each when the last was answered.
const pong = `
entry main is
  key = Vars().startParameter;
  Void(CreateMeeting("load", key));
  if ActivateMeeting("load", key) != null then stop; end if;
  SetApplicationStatus("ready");
  loop
    e = ReadInput(3600);
    Void(SendEvent(e.sender, "pong"));
  end loop;
end entry;
`

const ping = `
entry main is
  rounds = 0;
  loop
    go = ReadInput(3600);
    found = FindMeeting("load", go.parameter);
    for i = 0 while i < 20 by i += 1 loop
      Void(SendEvent(found.id, "ping"));
      Void(ReadInput(30));
    end loop;
    rounds += 1;
    SetApplicationStatus(String(rounds));
  end loop;
end entry;
`

const (
	perBatch = 20  // events there and back in one batch, as the program says
	batches  = 100 // of each kind
	dials    = 200 // calls of each kind whose delay is measured
	cycles   = 600 // calls of which the processor time is taken
	callers  = 6   // that call at once
)

// TestMembers measures what it costs that a call is shared between members, as ratios to a call on one, in one run:
// an event between Tasks, the delay until an answer, and processor time.
func TestMembers(t *testing.T) {
	onDemand(t)
	alone := lab.Start(t, lab.Options{Bind: "127.99.0.1", Set: quiet})
	all := lab.StartCluster(t, lab.ClusterOptions{Set: quiet})
	for _, m := range append([]*lab.Member{alone}, all...) {
		pinServer(t, m.PID())
	}
	for i, word := range []string{"remotely", "locally", "locally-for-others"} {
		if err := all[0].Ask(http.MethodPut, "settings/cluster.call_legs?member="+all[i].Name, map[string]string{"value": word}, nil); err != nil {
			t.Fatal(err)
		}
	}
	lab.Wait(t, time.Minute, "legs are made for others", func() bool {
		c := all[0].Phone(t, "1000").Call("9196")
		if c.Status == 200 {
			c.Hangup()
		}
		return c.Status == 200 && c.Media().Addr().String() == all[2].Bind
	})
	dialling(t, all)
	costs(t, alone, all)
	eventsAcross(t, all)
}

var quiet = []string{"log.level=warn", "sip.rate_per_source=1000000", "tasks.max_per_account=1000",
	"media.port_max=32767", "media.quarantine=0s"}

// dialling measures the delay from INVITE to 200, of legs on another member and of legs on the phone's own.
func dialling(t *testing.T, all []*lab.Member) {
	delays := map[string][]time.Duration{}
	phones := map[string]*lab.Phone{"here": all[1].Phone(t, "1000"), "on another member": all[0].Phone(t, "1000")}
	for range dials {
		for where, p := range phones {
			p.Deaf = true
			began := time.Now()
			c := p.Call("9196")
			delays[where] = append(delays[where], time.Since(began))
			if c.Status != 200 {
				t.Fatalf("a call got %d", c.Status)
			}
			c.Hangup()
		}
	}
	tb := table{title: fmt.Sprintf("From INVITE to 200, %d calls of each kind by turns", dials)}
	tb.add("the leg lives", "p50 µs", "p99 µs", "ratio of p50")
	base := median(delays["here"])
	for _, where := range []string{"here", "on another member"} {
		d := slices.Sorted(slices.Values(delays[where]))
		tb.add(where, quantile(d, 0.5), quantile(d, 0.99), ratio(quantile(d, 0.5), base))
	}
	tb.print()
}

// costs measures processor time of a call, from INVITE to BYE, on a member alone and on three that share it.
func costs(t *testing.T, alone *lab.Member, all []*lab.Member) {
	tb := table{title: fmt.Sprintf("Processor time of a call to an echo, %d calls by %d phones", cycles, callers)}
	tb.add("on", "µs CPU/call", "ratio")
	var base time.Duration
	for _, c := range []struct {
		name    string
		at      *lab.Member
		members []*lab.Member
	}{
		{"one member alone", alone, []*lab.Member{alone}},
		{"one of three", all[1], all},
		{"two of three", all[0], all},
	} {
		idle := used(t, c.members)
		began := time.Now()
		<-time.After(settle * 5) // what three members do when there is nothing to do
		idle, idled := used(t, c.members)-idle, time.Since(began)
		before := used(t, c.members)
		began = time.Now()
		cycle(t, c.at)
		took := time.Since(began)
		<-time.After(settle)
		cpu := used(t, c.members) - before - time.Duration(float64(idle)*float64(took+settle)/float64(idled))
		per := max(cpu, 0) / cycles
		if base == 0 {
			base = per
		}
		tb.add(c.name, per, ratio(per, base))
	}
	tb.print()
}

// cycle makes calls and ends them.
func cycle(t *testing.T, m *lab.Member) {
	t.Helper()
	var busy sync.WaitGroup
	for range callers {
		p := m.Phone(t, "1000")
		p.Deaf = true
		busy.Go(func() {
			for range cycles / callers {
				c := p.Call("9196")
				if c.Status != 200 {
					t.Errorf("a call got %d", c.Status)
					return
				}
				c.Hangup()
			}
		})
	}
	busy.Wait()
}

// used is the processor time of members so far.
func used(t *testing.T, members []*lab.Member) (sum time.Duration) {
	t.Helper()
	for _, m := range members {
		sum += server{pid: m.PID()}.cpuTime(t)
	}
	return sum
}

// eventsAcross measures how long an event takes from one Task to another and back, on one member and between two, while
// phones call.
func eventsAcross(t *testing.T, all []*lab.Member) {
	here, there := all[1], all[2]
	here.Program("ping.sppr", ping)
	here.Program("pong.sppr", pong)
	startTask(t, here, "pong", "here")
	startTask(t, there, "pong", "there")
	handler := startTask(t, here, "ping", "")
	stop := make(chan struct{})
	var busy sync.WaitGroup
	for range callers {
		p := all[0].Phone(t, "1000")
		p.Deaf = true
		busy.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if c := p.Call("9196"); c.Status == 200 {
					c.Hangup()
				}
			}
		})
	}
	times, done := map[string][]time.Duration{}, 0
	for range batches {
		for _, where := range []string{"here", "there"} {
			done++
			began := time.Now()
			if err := here.Ask(http.MethodPost, "tasks/"+handler+"/event", map[string]string{"event": "go", "parameter": where}, nil); err != nil {
				t.Fatal(err)
			}
			awaitStatus(t, here, handler, fmt.Sprint(done))
			times[where] = append(times[where], time.Since(began)/(2*perBatch))
		}
	}
	close(stop)
	busy.Wait()
	tb := table{title: fmt.Sprintf("An event from Task to Task while %d phones call, means of %d, %d times", callers, 2*perBatch, batches)}
	tb.add("to a Task", "p50 µs", "p99 µs", "ratio of p50")
	base := median(times["here"])
	for where, name := range map[string]string{"here": "on the same member", "there": "on another member"} {
		d := slices.Sorted(slices.Values(times[where]))
		tb.add(name, quantile(d, 0.5), quantile(d, 0.99), ratio(quantile(d, 0.5), base))
	}
	tb.print()
}

// startTask starts a program, once it is there, and waits until it is ready if it says so.
func startTask(t *testing.T, m *lab.Member, program, parameter string) string {
	t.Helper()
	var made struct{ Handler string }
	lab.Wait(t, time.Minute, program+" runs", func() bool {
		return m.Ask(http.MethodPost, "tasks", map[string]string{"account": "pbx@" + lab.Domain, "program": program,
			"parameter": parameter}, &made) == nil
	})
	if program == "pong" {
		awaitStatus(t, m, made.Handler, "ready")
	}
	return made.Handler
}

// awaitStatus asks for a Task's status without a pause: it is what is measured.
func awaitStatus(t *testing.T, m *lab.Member, handler, want string) {
	t.Helper()
	for over := time.Now().Add(time.Minute); ; {
		var task struct{ Status string }
		if err := m.Ask(http.MethodGet, "tasks/"+handler, nil, &task); err != nil {
			t.Fatal(err)
		}
		if task.Status == want || task.Status == `"`+want+`"` {
			return
		}
		if time.Now().After(over) {
			t.Fatalf("the task says %q, not %q", task.Status, want)
		}
	}
}
