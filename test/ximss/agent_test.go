package ximss

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// hears is within what time sessions must be told on when the owner of an agent's name dies.
const hears = 8 * time.Second

// staffed defines a queue and an agent of it, unless they are there.
func staffed(t *testing.T, m *lab.Member) {
	t.Helper()
	for path, definition := range map[string]any{
		"queues/sales": map[string]any{"wrapuptime": "20s"},
		"agents/1002":  map[string]any{"memberships": []map[string]any{{"queue": "sales"}}},
	} {
		lab.Wait(t, settle, path, func() bool {
			return m.Ask(http.MethodPut, path, map[string]any{"definition": definition}, nil) == nil
		})
	}
}

// becomes waits until a client is told that the agent stands so.
func becomes(t *testing.T, x *lab.XIMSS, state, reachable string) {
	t.Helper()
	for m := x.Await("agentState", "state", state); m.Attr("reachable") != reachable; m = x.Await("agentState", "state", state) {
	}
}

// TestAgentOverMembers: an agent has a session on each member. The one that owns his name dies, with a session of his:
// the others go on, see the same, and are his devices.
func TestAgentOverMembers(t *testing.T) {
	lab.Long(t)
	all := company(t)
	staffed(t, all[0])
	var sessions []*lab.XIMSS
	for _, m := range all {
		x := m.XIMSS(t, "1002")
		x.Must(`<signalBind><sdp/></signalBind>`)
		x.Must(`<agentSubscribe/>`)
		sessions = append(sessions, x)
	}
	sessions[0].Must(`<agentLogin/>`)
	for _, x := range sessions {
		becomes(t, x, "ready", "1")
	}
	owner := ""
	lab.Wait(t, settle, "the agent's owner is known", func() bool {
		var agent struct{ Member string }
		err := all[0].Ask(http.MethodGet, "agents/1002", nil, &agent)
		owner = agent.Member
		return err == nil && owner != ""
	})
	var left []*lab.XIMSS
	for i, m := range all {
		if m.Name == owner {
			m.Kill()
			continue
		}
		left = append(left, sessions[i])
	}
	began := time.Now()
	lab.Wait(t, settle, "his next owner lets him pause", func() bool { return left[0].Ask(`<agentPause reason="lunch"/>`) == "" })
	becomes(t, left[1], "paused", "1")
	if took := time.Since(began); took > hears {
		t.Errorf("he could pause, and the other session knew it, after %v", took)
	}
	left[1].Must(`<agentReady/>`)
	becomes(t, left[0], "ready", "1")
	left[1].Must(`<queueSubscribe queue="sales"/>`)
	if q := left[1].Await("queueState", "queue", "sales"); q.Attr("waiting") != "0" || q.Attr("stale") != "" {
		t.Errorf("the queue stands %s", fmt.Sprint(q))
	}
}
