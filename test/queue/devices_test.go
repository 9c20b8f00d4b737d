package queue

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// figure is a statistic that is asked for without a name.
type figure struct {
	Object   string `json:"object"`
	Category string `json:"category"`
	Subject  string `json:"subject"`
	Mask     string `json:"main_mask"`
	Exact    bool   `json:"exact"`
}

// ask asks a member for it, until it can be told.
func (f figure) ask(t *testing.T, m *lab.Member) (v statistic) {
	t.Helper()
	lab.Wait(t, patience, fmt.Sprintf("%s tells %+v", m.Name, f), func() bool {
		v = statistic{}
		return m.Ask(http.MethodPut, "stat/statistics", f, &v) == nil && v.Problem == ""
	})
	return v
}

// comes waits until it comes to a value, as all members tell.
func (f figure) comes(t *testing.T, all []*lab.Member, want float64) {
	t.Helper()
	for _, m := range all {
		var v statistic
		lab.Wait(t, patience, fmt.Sprintf("%s tells %g as %+v", m.Name, want, f), func() bool {
			v = f.ask(t, m)
			return v.Value == want
		})
	}
}

// Accounts call each other through different members. What their devices, the agent, and the group of the settings come to
// is the same whichever member is asked.
func TestDevicesAndGroups(t *testing.T) {
	lab.Long(t)
	all := company(t)
	body := map[string]string{"value": `[{name: team, agents: ["1002", "1003"]}, {name: sellers, expression: 'LoggedIn("sales")'}]`}
	lab.Wait(t, patience, "a group is set", func() bool {
		return all[2].Ask(http.MethodPut, "settings/stat.agent_groups", body, nil) == nil
	})
	parties := []string{"RegDN:1006", "RegDN:1002", "Agent:1002", "GroupAgents:team"}
	count := func(object, mask string) figure { return figure{object, "TotalNumber", "DNAction", mask, false} }
	length := func(object string) figure { return figure{object, "TotalTime", "DNAction", "CallInternal", true} }
	for _, o := range parties { // they count from now on
		count(o, "CallInternal").comes(t, all, 0)
		length(o).comes(t, all, 0)
	}
	forwarded, dialed := count("GroupAgents:team", "CallForwarded"), count("RegDN:1006", "CallAbandonedFromDialing")
	forwarded.comes(t, all, 0)
	dialed.comes(t, all, 0)
	p, caller := agent(t, all[1], "1002"), all[0].Phone(t, "1006")
	for _, group := range []string{"GroupAgents:team", "GroupAgents:sellers"} {
		figure{group, "CurrentNumber", "AgentStatus", "WaitForNextCall", false}.comes(t, all, 1)
	}
	count("RegDN:1002", "CallInternal").comes(t, all, 1) // he has logged on by a feature code
	counted, before := map[string]float64{}, length("RegDN:1002").ask(t, all[0]).Value
	for _, o := range parties {
		counted[o] = count(o, "CallInternal").ask(t, all[0]).Value
	}

	begun, calls := time.Now(), make(chan *lab.Call)
	go func() { calls <- caller.Call("1002") }()
	call := p.Await()
	figure{"Agent:1002", "CurrentNumber", "AgentStatus", "CallRinging", false}.comes(t, all, 1)
	answered := time.Now()
	call.Answer()
	out := <-calls
	figure{"RegDN:1002", "CurrentNumber", "DNStatus", "CallInternal", false}.comes(t, all, 1)
	figure{"RegDN:1006", "CurrentNumber", "DNStatus", "CallInternal", false}.comes(t, all, 1)
	figure{"GroupAgents:team", "CurrentNumber", "AgentStatus", "CallInternal", false}.comes(t, all, 1)
	least := time.Since(answered)
	out.Hangup()
	for _, o := range parties {
		count(o, "CallInternal").comes(t, all, counted[o]+1)
	}
	least -= 2 * time.Millisecond // facts have whole ones
	most := time.Since(begun)
	for _, m := range all {
		for _, v := range []float64{length("RegDN:1006").ask(t, m).Value, length("RegDN:1002").ask(t, m).Value - before} {
			if v < least.Seconds() || v > most.Seconds() {
				t.Errorf("%s tells of %g s of talk; it was %v to %v", m.Name, v, least, most)
			}
		}
	}

	go func() { calls <- caller.Call("1002") }()
	p.Await().Refuse("486 Busy Here")
	if c := <-calls; c.Status == 200 {
		t.Fatal("a refused call is up")
	}
	forwarded.comes(t, all, 1)
	dialed.comes(t, all, 1)
}
