package cluster

import (
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// helpNumber is a number of an application that calls for help in these stories.
const helpNumber = "9197"

// TestDrain drains a member that has a call: it is alive and not ready, refuses what is new but calls for help, and lets the call go on
// until it ends by itself; then the command that waits for it ends too. Taken back, it takes calls again. A limit ends
// what does not end by itself.
func TestDrain(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Set: []string{"routing.emergency=" + helpNumber}})
	m, other := all[1], all[0]
	kept := call(t, m, "1000", "9196")
	drained := make(chan int, 1)
	go func() {
		_, code := other.Verb("cluster", "drain", m.Name, "--limit", "5m")
		drained <- code
	}()
	lab.Wait(t, settle, "it is not ready", func() bool { return status(t, m, "/readyz") == http.StatusServiceUnavailable })
	if s := status(t, m, "/healthz"); s != http.StatusOK {
		t.Errorf("a drained member is not alive: %d", s)
	}
	if c := m.Phone(t, "1001").Call("9196"); c.Status == 200 {
		t.Error("a drained member takes a call")
	}
	help := m.Phone(t, "1001").Call(helpNumber)
	if help.Status != 200 {
		t.Errorf("a drained member refuses a call for help: %d %s", help.Status, help.Reason)
	}
	help.Hangup()
	kept.Say(700)
	kept.AwaitTones(t, time.Second, 700)
	select {
	case code := <-drained:
		t.Fatalf("the drain has ended with %d while there is a call", code)
	default:
	}
	kept.Hangup()
	if code := <-drained; code != 0 {
		t.Errorf("the drain has ended with %d", code)
	}
	if missing := kept.Traffic().Missing; missing > 0 {
		t.Errorf("the call has lost %d packets", missing)
	}

	other.Tandem("cluster", "undrain", m.Name)
	lab.Wait(t, settle, "it is ready again", func() bool { return status(t, m, "/readyz") == http.StatusOK })
	stays := call(t, m, "1000", "9196")
	if _, code := other.Verb("cluster", "drain", m.Name, "--limit", "1s"); code != 0 {
		t.Errorf("a drain with a limit has ended with %d", code)
	}
	stays.AwaitEnd()
	lab.Wait(t, settle, "no leg is left", func() bool { return len(m.Legs()) == 0 })
}

// status is that of a page.
func status(t *testing.T, m *lab.Member, path string) int {
	t.Helper()
	answer, err := http.Get(m.URL() + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
