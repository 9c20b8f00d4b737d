package lab

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// answers says whether the member at an address is the one that it should be.
func answers(t *testing.T, m *Member) bool {
	t.Helper()
	var health struct{ Member string }
	return m.Ask(http.MethodGet, "health", nil, &health) == nil && health.Member == m.Name
}

// TestCluster goes through the lives of the members of a cluster: each dies, freezes and comes back alone, at the
// address that it had.
func TestCluster(t *testing.T) {
	Long(t)
	all := StartCluster(t, ClusterOptions{Set: []string{"sip.user_agent=lab"},
		SetOf: map[string][]string{"tandem2": {"sip.user_agent=two"}}})
	seen := map[string]bool{}
	for _, m := range all {
		if !answers(t, m) || seen[m.Bind] {
			t.Errorf("%s at %s", m.Name, m.Bind)
		}
		seen[m.Bind] = true
	}
	second := all[1]
	for m, want := range map[*Member]string{all[0]: "lab", second: "two"} {
		if out := m.Tandem("config", "show"); !strings.Contains(out, want) {
			t.Errorf("%s was not told its settings:\n%s", m.Name, out)
		}
	}
	before := second.URL()
	second.Kill()
	if answers(t, second) || !answers(t, all[0]) || !answers(t, all[2]) {
		t.Error("not the one that was killed is gone")
	}
	second.Restart()
	if !answers(t, second) || second.URL() != before {
		t.Errorf("%s, before at %s, is at %s", second.Name, before, second.URL())
	}
	second.Pause()
	second.Resume()
	if stopped(second.PID()) || !answers(t, second) {
		t.Error("it does not go on")
	}
	all[2].Stop()
	all[0].Pause() // the end of the test resumes it
}

func TestClusterUnderASupervisor(t *testing.T) {
	Long(t)
	all := StartCluster(t, ClusterOptions{Members: 2, Supervised: true})
	first := all[0].PID()
	second := all[1].PID()
	all[1].KillMember()
	if all[1].PID() == second || all[0].PID() != first || !answers(t, all[0]) || !answers(t, all[1]) {
		t.Error("another member was started again")
	}
}

func TestLateMembers(t *testing.T) {
	Long(t)
	all := StartCluster(t, ClusterOptions{Members: 2, Late: []string{"tandem2"}})
	if all[1].run != nil || !answers(t, all[0]) {
		t.Error("it was started")
	}
	all[1].Restart()
	if !answers(t, all[1]) {
		t.Error("it does not answer")
	}
}

// A network of the test's own is cut between two members, in one direction or both, and joined again; the test
// reaches them all the time, and a call is heard. The members find each other dead so late that no cut is long enough,
// however slow the machine is: what they make of cuts is another test's.
func TestNetwork(t *testing.T) {
	Long(t)
	n := NewNet(t)
	if n == nil {
		return
	}
	all := StartCluster(t, ClusterOptions{Net: n, Set: []string{"cluster.dead_after=9s"}})
	const whole = " 12 13 21 23 31 32"
	reach := func(want string) {
		t.Helper()
		var got string
		if !poll(readyTime, nil, func() bool { got = n.Paths(all...); return got == want }) {
			t.Errorf("reach each other:%s, want%s", got, want)
		}
	}
	reach(whole)
	n.Isolate(all[2])
	reach(" 12 21")
	n.Heal()
	n.Partition(Side(all[0]), Side(all[1]))
	reach(" 13 23 31 32")
	for _, m := range all {
		if !answers(t, m) {
			t.Errorf("%s is out of reach of the test", m.Name)
		}
	}
	n.Heal()
	reach(whole)

	// Without a majority for the store nobody could take a registration; the members need a moment to find it again.
	p := all[0].Phone(t, "1000")
	registers := func() bool { return p.TryRegister(60) == 200 }
	Wait(t, 30*time.Second, "a phone registers when the network is whole", registers)
	p.Move(all[1])
	Wait(t, 30*time.Second, "it registers at another member", registers)
	c := p.Call("9196")
	if c.Status != 200 {
		t.Fatalf("the call got %d %s", c.Status, c.Reason)
	}
	c.Say(700)
	c.AwaitTones(t, time.Second, 700)
	c.Hangup()
	all[1].Kill()
	all[1].Restart()
	reach(whole)
}
