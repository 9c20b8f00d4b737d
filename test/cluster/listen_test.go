package cluster

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// A supervisor on a third member dials *75 and the number of an agent, whose caller came in by another member: he hears
// both, whispers to the agent by key 2, is heard by both by key 3, and leaves the call as it was; one who has no right
// hears nothing. When he comes and goes the call has no gap.
func TestSupervisorListens(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	agents := all[1].Phone(t, "1002")
	agents.Register(300)
	caller := make(chan *lab.Call, 1)
	phone := all[0].Phone(t, "1000")
	go func() { caller <- phone.Call("1002") }()
	agent := agents.Await()
	agent.Answer()
	calls := <-caller
	if calls.Status != 200 {
		t.Fatalf("the agent's phone answers with %d %s", calls.Status, calls.Reason)
	}
	const long = 500 * time.Millisecond
	calls.Say(600)
	agent.Say(1100)
	agent.AwaitTones(t, long, 600)
	calls.AwaitTones(t, long, 1100)

	streams := rtpStreams(all...)
	stranger := all[2].Phone(t, "1001").Call("*751002")
	stranger.AwaitEnd() // it has said that it does not work
	began := time.Now()
	boss := all[2].Phone(t, "1010").Call("*751002")
	boss.AwaitTones(t, long, 600, 1100)
	boss.Say(1700)
	agent.AwaitTones(t, long, 600)
	boss.Press("2")
	agent.AwaitTones(t, long, 600, 1700)
	calls.AwaitTones(t, long, 1100)
	boss.Press("3")
	calls.AwaitTones(t, long, 1100, 1700)
	boss.Press("1")
	calls.AwaitTones(t, long, 1100)
	boss.Hangup()
	agent.AwaitTones(t, long, 600)
	calls.AwaitTones(t, long, 1100)
	for who, c := range map[string]*lab.Call{"caller": calls, "agent": agent} {
		gap := c.Gap(time.Since(began))
		t.Logf("the longest time between two packets to the %s is %v", who, gap)
		if gap > 200*time.Millisecond { // what a busy machine adds, too
			t.Errorf("the %s had a gap of %v", who, gap)
		}
	}
	lab.Wait(t, 30*time.Second, "nothing stays but the call", func() bool { return rtpStreams(all...) == streams })

	phones := all[2].Phone(t, "1010")
	phones.Register(300)
	if status := listen(t, all[2], "1001", "1002"); status != http.StatusForbidden {
		t.Errorf("who has no right is answered %d", status)
	}
	if status := listen(t, all[2], "1010", "1002"); status != http.StatusOK {
		t.Errorf("the supervisor is answered %d", status)
	}
	boss = phones.Await()
	boss.Answer()
	boss.AwaitTones(t, long, 600, 1100)
	all[2].Kill()
	agent.AwaitTones(t, long, 600)
	calls.AwaitTones(t, long, 1100)
	calls.Hangup()
	lab.Wait(t, 30*time.Second, "all streams are closed", func() bool { return rtpStreams(all[0], all[1]) == 0 })
}

// listen asks that an account's own devices be called, so that it hears an agent.
func listen(t *testing.T, m *lab.Member, user, agent string) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.URL()+"/api/v1/agents/"+agent+"/listen", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(user+"@"+lab.Domain, "1234")
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
