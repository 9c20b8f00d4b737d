package cluster

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// outage is how long the store is away.
const outage = 15 * time.Second

// TestFive is a cluster of five: three members keep the store and two are its clients. Its Controller is killed, its
// store goes away and comes back, and one member joins and leaves again and again.
func TestFive(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Members: 5})
	t.Run("controller", func(t *testing.T) { killController(t, all) })
	t.Run("store", func(t *testing.T) { loseStore(t, all) })
	history(t, all)
	t.Run("joins", func(t *testing.T) { joinOften(t, all) })
}

// killController kills the Controller; another member must become it.
func killController(t *testing.T, all []*lab.Member) {
	old, epoch, _ := controller(all)
	if old == nil {
		t.Fatal("there is no Controller")
	}
	killed := time.Now()
	old.Kill()
	var heir *lab.Member
	var next uint64
	var at time.Time
	lab.Wait(t, settle, "there is another Controller", func() bool {
		heir, next, at = controller(others(all, old))
		return next > epoch
	})
	t.Logf("Controller %s of epoch %d killed; %s has epoch %d after %v", old.Name, epoch, heir.Name, next,
		at.Sub(killed).Round(time.Millisecond))
	old.Restart()
	awaitAll(t, all)
}

// loseStore freezes two of the three members that keep the store. Nobody may declare anybody dead then.
func loseStore(t *testing.T, all []*lab.Member) {
	frozen, rest := all[1:3], others(all, all[1], all[2])
	var calls []*lab.Call
	for _, m := range rest {
		calls = append(calls, call(t, m, "1000", "9196"))
	}
	pids := map[*lab.Member]int{}
	for _, m := range all {
		pids[m] = m.PID()
	}
	began := time.Now()
	for _, m := range frozen {
		m.Pause()
	}
	for _, m := range frozen {
		awaitGone(t, m.Name, began, rest...)
	}
	call(t, rest[1], "1000", "9196").Hangup() // calls are taken without a store
	<-time.After(time.Until(began.Add(outage)))
	for _, m := range frozen {
		m.Resume()
	}
	thawed := time.Now()
	awaitAll(t, all)
	t.Logf("all see each other %v after an outage of %v", since(thawed), outage)
	lab.Wait(t, settle, "a phone can register", func() bool {
		asked := time.Now()
		status := all[4].Phone(t, "1003").TryRegister(300)
		if took := since(asked); took > soon {
			t.Errorf("a registration was left without an answer for %v", took)
		}
		return status == 200
	})
	t.Logf("registrations are taken %v after it", since(thawed))
	for _, m := range rest {
		if words := blamed(m.Name, began, others(rest, m)...); len(words) > 0 {
			t.Errorf("the loss of the store has cost a member: %+v", words)
		}
	}
	for _, m := range all {
		if m.PID() != pids[m] || len(lines(m, "this member was declared dead")) > 0 {
			t.Errorf("%s has not lived through it", m.Name)
		}
	}
	for i, c := range calls {
		c.Say(700)
		c.AwaitTones(t, time.Second, 700)
		if lost := c.Traffic().Missing; lost > 0 {
			t.Errorf("the call on %s has lost %d packets", rest[i].Name, lost)
		}
		c.Hangup()
	}
}

// joins is how often a member joins and leaves.
const joins = 50

// joinOften lets a member leave and join, in order and not, and looks for what that leaves behind in the others.
func joinOften(t *testing.T, all []*lab.Member) {
	guest, rest := all[4], others(all, all[4])
	base := map[*lab.Member][2]float64{}
	guest.Stop()
	began := time.Now()
	for n := range joins + 1 {
		if n == 1 { // what the first time leaves behind is no leak
			for _, m := range rest {
				base[m] = [2]float64{m.Metric("go_goroutines"), m.Metric("process_open_fds")}
			}
		}
		guest.Restart()
		for _, m := range rest {
			awaitState(t, m, guest.Name, settle, "up")
		}
		if n%2 == 0 {
			guest.Stop()
		} else {
			guest.Kill()
		}
		for _, m := range rest {
			awaitState(t, m, guest.Name, settle, "left", "dead", "lost")
		}
	}
	t.Logf("%d joins and leaves, each %v", joins, (time.Since(began) / (joins + 1)).Round(time.Millisecond))
	const slack = 15 // what comes and goes by itself
	for _, m := range rest {
		var goroutines, files float64
		lab.Wait(t, settle, m.Name+" has no more goroutines and connections than before", func() bool {
			goroutines, files = m.Metric("go_goroutines"), m.Metric("process_open_fds")
			return goroutines <= base[m][0]+slack && files <= base[m][1]+slack
		})
		t.Logf("%s: goroutines %v, before %v; descriptors %v, before %v", m.Name, goroutines, base[m][0], files, base[m][1])
	}
	guest.Restart()
}
