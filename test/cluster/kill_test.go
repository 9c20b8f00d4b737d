package cluster

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestKill kills each of three members under two hundred calls: the front A, which has no media of its own, B, and D,
// which has media for others. One of them is the Controller, one leads the store, each owns a third of the names.
func TestKill(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Set: []string{"media.port_max=18383", "sip.rate_per_source=1000000", "log.level=info"}})
	processing(t, all, remotely, locally, others4)
	for i, name := range []string{"front", "local", "media"} {
		t.Run(name, func(t *testing.T) { killUnderCalls(t, all, all[i]) })
	}
}

// killUnderCalls kills one member and follows what becomes of everything.
func killUnderCalls(t *testing.T, all []*lab.Member, victim *lab.Member) {
	lab.Wait(t, settle, "legs are made for others", func() bool { return right(t, all, all[0].Phone(t, "1010"), all[2:]) })
	l := talk(t, all)
	leader, _, _ := controller(all)
	t.Logf("%s is killed; Controller is %s", victim.Name, leader.Name)
	rest := others(all, victim)
	for _, p := range l.pairs {
		p.note()
	}
	killed := time.Now()
	victim.Kill()

	var busy sync.WaitGroup
	busy.Go(func() { registerAll(t, rest[0], killed) })
	l.endOfTouched(t, victim, killed)
	l.canBeCalled(t, victim, killed)
	busy.Wait()
	l.untouched(t, victim)

	hung := time.Now()
	l.hangUp(t)
	nothingLeft(t, rest)
	t.Logf("nothing is left on the others %v after the last hang-up", since(hung))
	victim.Restart()
	awaitAll(t, all)
	back := time.Now()
	l.oneRecordEach(t)
	t.Logf("all records are there %v after it came back", since(back))
	for _, p := range l.callees { // it does not answer the next calls
		p.Register(0)
	}
}

// endOfTouched waits for the ends of the calls that cannot go on. A phone whose own member is dead and had its leg
// too can not be told: nobody else knows of that dialog.
func (l *load) endOfTouched(t *testing.T, victim *lab.Member, killed time.Time) {
	t.Helper()
	told, untold := 0, 0
	var last time.Duration
	why := map[string]int{}
	for _, p := range l.pairs {
		if !l.touches(p, victim) {
			continue
		}
		for n, c := range []*lab.Call{p.out, p.in} {
			if side := [2]int{p.caller, p.home}[n]; l.all[side] == victim && p.media == victim {
				untold++
				continue
			}
			lab.Wait(t, settle, fmt.Sprintf("the call %v has ended", p), func() bool { return ended(c) })
			last = max(last, time.Since(killed))
			why[c.Why()]++
			told++
			if !strings.HasPrefix(c.Why(), "SIP;cause=") {
				t.Errorf("a call %v ended without a reason: %q", p, c.Why())
			}
		}
	}
	t.Logf("%d ends of calls told within %v, %d can not be: %v", told, last.Round(time.Millisecond), untold, why)
}

// untouched demands that the other calls go on and have lost nothing.
func (l *load) untouched(t *testing.T, victim *lab.Member) {
	t.Helper()
	kept, lost := 0, 0
	for _, p := range l.pairs {
		if l.touches(p, victim) {
			continue
		}
		if ended(p.out) || ended(p.in) {
			t.Errorf("a call %v has ended: %q %q", p, p.out.Why(), p.in.Why())
		}
		kept++
		if n := p.lost(); n > 0 {
			lost += n
			t.Errorf("a call %v has lost %d packets", p, n)
		}
	}
	t.Logf("%d calls go on, with %d packets lost in %d", kept, lost, kept*2)
}

// canBeCalled calls each registered phone from a member that is left and makes legs itself.
func (l *load) canBeCalled(t *testing.T, victim *lab.Member, killed time.Time) {
	t.Helper()
	from := l.callers[1]
	if victim == l.all[1] {
		from = l.callers[2]
	}
	for i := range l.callees {
		var status int
		lab.Wait(t, settle, callee(i)+" can be called", func() bool {
			c := from.Call(callee(i))
			if status = c.Status; status == 200 {
				c.Hangup()
			}
			return status == 200
		})
		t.Logf("%s, with %s, can be called %v after the kill", callee(i), l.all[i].Name, since(killed))
	}
}

// registerAll registers every account at a member, whoever owned its name.
func registerAll(t *testing.T, m *lab.Member, killed time.Time) {
	var each sync.WaitGroup
	for n := 1000; n < 1020; n++ {
		p := m.Phone(t, fmt.Sprint(n))
		each.Go(func() {
			status := 0
			for status != 200 && time.Since(killed) < settle {
				status = p.TryRegister(60)
			}
			if status != 200 {
				t.Errorf("the registration of %s got %d", p.User, status)
				return
			}
			p.TryRegister(0) // it does not answer calls
		})
	}
	each.Wait()
	t.Logf("every account could register within %v", since(killed))
}

// hangUp ends what is left.
func (l *load) hangUp(t *testing.T) {
	t.Helper()
	for _, p := range l.pairs {
		if !ended(p.out) && l.all[p.caller].Alive() && p.media.Alive() {
			p.out.Hangup()
		}
	}
}

// nothingLeft waits until members have no leg, task, request, stream and port in use.
func nothingLeft(t *testing.T, members []*lab.Member) {
	t.Helper()
	for _, m := range members {
		for _, what := range [][2]string{
			{"tandem_actor_count", `kind="leg"`}, {"tandem_actor_count", `kind="task"`}, {"tandem_actor_count", `kind="signal"`},
			{"tandem_rtp_streams", ""}, {"tandem_rtp_ports", `state="used"`},
		} {
			lab.Wait(t, settle, fmt.Sprint(m.Name, " has no ", what, " left"), func() bool {
				return m.Metric(what[0], what[1]) == 0
			})
		}
	}
}

// oneRecordEach demands exactly one record of each leg, over all members' lists.
func (l *load) oneRecordEach(t *testing.T) {
	t.Helper()
	want := map[string]bool{}
	for _, p := range l.pairs {
		want[p.out.ID()], want[p.in.ID()] = true, true
	}
	records := map[string]map[string]lab.Record{} // by Call-ID, by handler
	missing := func() (n int) {
		for id := range want {
			if len(records[id]) == 0 {
				n++
			}
		}
		return n
	}
	ok := waited(settle, func() bool {
		clear(records)
		for _, m := range l.all {
			mine := map[string]int{}
			for _, r := range m.Records() {
				if mine[r.Handler]++; mine[r.Handler] == 2 {
					t.Errorf("%s lists the leg %s twice", m.Name, r.Handler)
				}
				if records[r.SIPCallID] == nil {
					records[r.SIPCallID] = map[string]lab.Record{}
				}
				if old, ok := records[r.SIPCallID][r.Handler]; ok && old != r {
					t.Errorf("two records of one leg differ: %+v and %+v", old, r)
				}
				records[r.SIPCallID][r.Handler] = r
			}
		}
		return missing() == 0
	})
	if !ok {
		t.Errorf("%d of %d legs have no record", missing(), len(want))
	}
	causes := map[string]int{}
	for id := range want {
		if n := len(records[id]); n > 1 {
			t.Errorf("the leg with Call-ID %s has %d records: %v", id, n, records[id])
		}
		for r := range maps.Values(records[id]) {
			causes[r.Cause+" by "+r.By]++
		}
	}
	t.Logf("%d legs with one record each: %v", len(want)-missing(), causes)
}

// waited is lab.Wait for a test that has more to say when it was in vain.
func waited(most time.Duration, ok func() bool) bool {
	over := time.After(most)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-over:
			return ok()
		}
	}
	return true
}
