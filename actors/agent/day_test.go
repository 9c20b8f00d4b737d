package agent

import (
	"testing"
	"time"
)

// What an agent has done today is counted from midnight, and from nothing on the next day.
func TestDay(t *testing.T) {
	night := time.Date(2026, 11, 26, 23, 50, 0, 0, time.UTC)
	a := New("ann", 1, Record{Queues: []Membership{{Queue: "sales"}}}, Settings{}, nil, night)
	a.Gathered(night)
	a.LogOn(LogOn{Device: "d", Phone: "SIP/d"}, night)
	a.Pause("", "lunch", "", night.Add(4*time.Minute))
	morning := night.Add(20 * time.Minute)
	a.Resume("", "", morning)
	if d := a.record.Day; d.Begun.Day() != 27 || d.Paused != 10*time.Minute || d.Worked != 10*time.Minute || d.Calls != 0 {
		t.Errorf("ten minutes after midnight he has done %+v", d)
	}
	word := Word{Queue: "sales", By: 1, Offer: OfferID{1, 1}, Caller: "c1", Number: "0301", Name: "Eve", Since: morning, Stage: StageTalking}
	a.Progress(word, morning.Add(time.Minute))
	if v := a.View(); v.Number != "0301" || v.Name != "Eve" || !v.CallerSince.Equal(morning) {
		t.Errorf("he talks to %+v", v)
	}
	word.Stage, word.WrapUp, word.Number = StageEnded, 30*time.Second, ""
	a.Progress(word, morning.Add(3*time.Minute))
	a.Elapsed(morning.Add(3*time.Minute + 30*time.Second))
	if d := a.record.Day; d.Calls != 1 || d.Talk != 2*time.Minute || d.WrapUp != 30*time.Second || d.Worked != 13*time.Minute+30*time.Second {
		t.Errorf("after a call he has done %+v", d)
	}
	if v := a.View(); v.Number != "" || !v.CallerSince.IsZero() || v.State != Ready {
		t.Errorf("after the call he is %+v", v)
	}
}

// Whoever sees his queues is told when something of them changes, though his state is the same.
func TestChangesOfQueuesAreTold(t *testing.T) {
	now := time.Unix(1e9, 0)
	a := New("ann", 1, Record{Queues: []Membership{{Queue: "sales"}}}, Settings{}, nil, now)
	a.Gathered(now)
	a.LogOn(LogOn{Device: "d", Phone: "SIP/d"}, now)
	for what, effects := range map[string]func() []Effect{
		"paused":  func() []Effect { return a.Pause("sales", "busy", "", now) },
		"resumed": func() []Effect { return a.Resume("sales", "", now) },
		"added":   func() []Effect { return a.Add(Membership{Queue: "support"}, "", now) },
		"removed": func() []Effect { return a.Remove("support", "", now) },
	} {
		if what == "removed" {
			a.Add(Membership{Queue: "support"}, "", now)
		}
		told := false
		for _, e := range effects() {
			_, changed := e.(Changed)
			told = told || changed
		}
		if !told {
			t.Errorf("nobody is told that he was %s", what)
		}
	}
}
