package ximss

import (
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestStatistics: an agent hears of himself as he logs in and pauses, by each binding; what is not his he may not see, and what
// can not be is refused with what is wrong.
func TestStatistics(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	staffed(t, m)
	works := m.XIMSS(t, "1002")
	works.Must(`<signalBind><sdp/></signalBind>`)
	var watchers []*lab.XIMSS
	for _, b := range bindings {
		x := b.connect(m, t, "1002")
		x.Must(`<statOpen object="Agent:1002" statType="CurrentReadyAgents"/>`)
		if first := x.Await("statInfo", "object", "Agent:1002"); first.Attr("value") != "0" {
			t.Errorf("%s: the first value is %s", b.name, first.Attr("value"))
		}
		watchers = append(watchers, x)
	}
	works.Must(`<agentLogin/>`)
	for _, x := range watchers {
		x.Await("statInfo", "value", "1")
	}
	works.Must(`<agentPause reason="lunch"/>`)
	x := watchers[0]
	id := x.Await("statInfo", "value", "0").Attr("statistic")
	x.Must(`<statSuspend statistic="` + id + `"/>`)
	x.Must(`<statResume statistic="` + id + `"/>`)
	x.Must(`<statPeek statistic="` + id + `"/>`)
	x.Must(`<statClose statistic="` + id + `"/>`)
	x.Must(`<statProfile/>`)
	x.Await("statProfile")
	for request, want := range map[string]string{
		`<statClose statistic="` + id + `"/>`:                                                             "statistic not found",
		`<statPeek statistic="none"/>`:                                                                    "statistic not found",
		`<statOpen object="Agent:1003" statType="CurrentReadyAgents"/>`:                                   "access denied",
		`<statOpen object="Queue:support" statType="CurrentCallsWaiting"/>`:                               "access denied",
		`<statOpen object="Queue:sales" statType="Nothing"/>`:                                             "stat type",
		`<statOpen object="Queue:sales" category="TotalNumber" mainMask="CallWeight"/>`:                   "CallWeight",
		`<statOpen object="Queue:sales" category="TotalNumber" mainMask="CallWait" filter="Colour = 3"/>`: "filter",
	} {
		if got := x.Ask(request); !strings.Contains(got, want) {
			t.Errorf("%s: %q", request, got)
		}
	}
	admin := m.XIMSS(t, "admin")
	admin.Must(`<statOpen object="Agent:1002" category="CurrentStateReasons" subject="AgentStatus" mainMask="*"/>`)
	admin.Await("statInfo", "object", "Agent:1002")
	works.Must(`<agentReady/>`)
	admin.Await("statInfo", "object", "Agent:1002") // the state has changed, the number has not
}
