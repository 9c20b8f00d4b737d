package cluster

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// far is how the cluster sees a server of another make at this moment.
type far struct {
	Servers []struct {
		Manager struct{ State string }
	}
	Queues []struct {
		Name          string
		Ready, Paused int
	}
}

// TestExchangeIsTakenOver has three members watch a server that is not theirs, through its manager interface. One of them
// holds the connection; it is killed, and comes back. The others go on to see what happens there, and have it do things.
func TestExchangeIsTakenOver(t *testing.T) {
	lab.Long(t)
	there := lab.Start(t, lab.Options{})
	definition := map[string]any{"definition": map[string]any{"memberships": []map[string]any{{"queue": "sales"}}}}
	if err := there.Ask(http.MethodPut, "agents/1002", definition, nil); err != nil {
		t.Fatal(err)
	}
	there.Phone(t, "1002").Register(600)
	boss := manager(t, there)
	tell := func(action string) {
		t.Helper()
		if got := boss.say(action); !strings.HasPrefix(got, "Response: Success") {
			t.Fatalf("%s: %s", action, got)
		}
	}
	tell("QueueAdd; Queue: sales; Interface: SIP/1002")
	all := start(t, lab.ClusterOptions{Set: []string{fmt.Sprintf("exchanges.servers=[{name: far, address: '%s', user: admin, secret: '%s', context: default}]",
		net.JoinHostPort(there.Bind, strconv.Itoa(there.AMI)), lab.Password)}})
	seen := func(m *lab.Member, paused int) {
		t.Helper()
		lab.Wait(t, settle, fmt.Sprintf("%s sees its agent, paused: %d", m.Name, paused), func() bool {
			var v far
			if m.Ask(http.MethodGet, "queuelog/live?source=cluster:far", nil, &v) != nil || len(v.Servers) != 1 {
				return false
			}
			for _, q := range v.Queues {
				if q.Name == "sales" && q.Ready == 1-paused && q.Paused == paused {
					return v.Servers[0].Manager.State == "live" || v.Servers[0].Manager.State == "quiet"
				}
			}
			return false
		})
	}
	for _, m := range all {
		seen(m, 0)
	}
	tell("QueuePause; Queue: sales; Interface: SIP/1002; Paused: true; Reason: tea")
	for _, m := range all {
		seen(m, 1)
	}
	holder, _ := whoHears(all)
	rest := others(all, holder)
	killed := time.Now()
	holder.Kill()
	tell("QueuePause; Queue: sales; Interface: SIP/1002; Paused: false")
	for _, m := range rest {
		seen(m, 0)
	}
	if m, since := whoHears(rest); m == nil || since.Before(killed) {
		t.Error("nobody has taken the connection over")
	}
	holder.Restart()
	awaitAll(t, all)
	seen(holder, 0)
	holder.Tandem("queuelog", "act", "pause", "--source", "cluster:far", "--agent", "1002", "--reason", "lunch")
	for _, m := range all {
		seen(m, 1)
	}
}

// whoHears is the member that has made the connection last, and when.
func whoHears(members []*lab.Member) (m *lab.Member, since time.Time) {
	for _, x := range members {
		for _, l := range lines(x, "a manager interface is heard") {
			if l.Time.After(since) {
				m, since = x, l.Time
			}
		}
	}
	return m, since
}
