package queue

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// statistic is what a member tells of one.
type statistic struct {
	ID, Member, Problem string
	Value               float64
	Age, Complete       int64
}

// measure asks a member for a statistic, until it can be told.
func measure(t *testing.T, m *lab.Member, object, name string) (v statistic) {
	t.Helper()
	lab.Wait(t, patience, m.Name+" tells "+name+" of "+object, func() bool {
		v = statistic{}
		err := m.Ask(http.MethodPut, "stat/statistics", map[string]string{"object": object, "stat_type": name}, &v)
		return err == nil && v.Problem == ""
	})
	return v
}

// comes waits until a statistic comes to a value, as all members tell.
func comes(t *testing.T, all []*lab.Member, object, name string, want float64) (v statistic) {
	t.Helper()
	for _, m := range all {
		if m.Alive() {
			lab.Wait(t, patience, fmt.Sprintf("%s tells %g as %s of %s", m.Name, want, name, object), func() bool {
				v = measure(t, m, object, name)
				return v.Value == want
			})
		}
	}
	return v
}

// The member that computes the statistics of a queue dies while callers wait and an agent talks. They go on as if
// nothing had been: what was counted is, and what goes on is as old as it is.
func TestStatisticsSurvive(t *testing.T) {
	lab.Long(t)
	all := company(t)
	first := comes(t, all, "Queue:sales", "Total_Calls_Entered", 0)
	dies := 0
	for n, m := range all {
		if m.Name == first.Member {
			dies = n
		}
	}
	lives, p := all[(dies+1)%3], agent(t, all[(dies+2)%3], "1002")
	for _, name := range []string{"CurrentOldestWaiting", "CurrentCallsWaiting", "Total_Calls_Answered", "Total_Calls_Abandoned"} {
		comes(t, all, "Queue:sales", name, 0)
	}
	command(t, p, "*43") // he pauses
	begun := time.Now()
	calls := []*lab.Call{enter(t, lives, "1006", "2000"), enter(t, lives, "1007", "2000"), enter(t, lives, "1008", "2000")}
	comes(t, all, "Queue:sales", "CurrentCallsWaiting", 3)
	calls[2].Hangup()
	comes(t, all, "Queue:sales", "CurrentCallsWaiting", 2)
	all[dies].Kill()
	killed := time.Now()
	for name, want := range map[string]float64{"Total_Calls_Entered": 3, "CurrentCallsWaiting": 2, "Total_Calls_Abandoned": 1, "Total_Calls_Answered": 0} {
		v := comes(t, all, "Queue:sales", name, want)
		if v.Member == first.Member || v.Complete > begun.UnixMilli() {
			t.Errorf("%s is %+v", name, v)
		}
	}
	t.Logf("statistics are told again %v after the death of their owner", time.Since(killed).Round(time.Millisecond))
	if v := measure(t, lives, "Queue:sales", "CurrentOldestWaiting"); v.Value > time.Since(begun).Seconds()+1 || v.Value+1 < time.Since(killed).Seconds() { // whole seconds
		t.Errorf("the oldest one waits for %g s, and began %v ago", v.Value, time.Since(begun))
	}
	lab.Wait(t, patience, "the agent is ready", func() bool {
		command(t, p, "*44")
		var a struct{ State string }
		return lives.Ask(http.MethodGet, "agents/1002", nil, &a) == nil && a.State != "paused"
	})
	call := p.Await()
	call.Answer()
	comes(t, all, "Queue:sales", "Total_Calls_Answered", 1)
	comes(t, all, "Agent:1002", "CurrNumberInboundStatuses", 1)
	call.Hangup()
	comes(t, all, "Agent:1002", "CurrNumberInboundStatuses", 0)
}
