package attack

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	// diskSize is the disk of the member; when belowReserve is left of it nothing is written that must last.
	diskSize     = 192 << 20
	belowReserve = 32 << 20
)

// TestFullDisk fills the member's disk (attack group A36), first so far that its store keeps from writing, then to the last
// octet. Calls go on and new ones come, a queue is served, and registrations stay; the member says that it can not write,
// refuses what must last, and when there is room again everything has been written once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	lab.Long(t)
	disk := lab.NewDisk(t, diskSize)
	if disk == nil {
		return
	}
	w := &cramped{witness: witnessOn(t, lab.Start(t, lab.Options{Data: disk.Path("data"), Env: []string{eager},
		Set: []string{"media.max_recording=2s"}}))}
	w.begin(t)
	w.works(t)
	for _, left := range []int64{belowReserve, 0} {
		disk.Fill(left)
		w.refuses(t)
		w.works(t)
		if out, code := w.Verb("account", "list"); code != 0 {
			t.Errorf("the command line ended with code %d:\n%s", code, out)
		}
		disk.Free()
		w.recovers(t)
		w.works(t)
	}
	w.unharmed(t)
	w.recorder.Hangup()
	w.over(t)
	w.call.Hangup()
	w.books(t, "after all")
	w.Stop()
	w.Restart()
	w.books(t, "after another start")
}

// TestFullDiskOfOne fills the disk of one of three members that keep the store together: its copy goes out of service. Calls
// there are answered all the while, and registrations everywhere, by whoever can write them; when there is room again the
// copy comes back by itself, and each call has one record.
func TestFullDiskOfOne(t *testing.T) {
	t.Parallel()
	lab.Long(t)
	disk := lab.NewDisk(t, diskSize)
	if disk == nil {
		return
	}
	data := t.TempDir()
	const full = "tandem2"
	if err := os.Mkdir(filepath.Join(data, "three"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(disk.Path("data"), filepath.Join(data, "three", full)); err != nil {
		t.Fatal(err)
	}
	all := lab.StartCluster(t, lab.ClusterOptions{Data: data})
	lab.Wait(t, patience, "all see all", func() bool { return together(all) })
	w := &cramped{witness: &witness{Member: all[1]}, caller: all[1].Phone(t, "1000")}
	phones := []*lab.Phone{all[0].Phone(t, "1001"), all[1].Phone(t, "1002"), all[2].Phone(t, "1003")}
	taken := func(when string) {
		t.Helper()
		for i, p := range phones {
			lab.Wait(t, patience, fmt.Sprint(when, " a registration at member ", i+1, " is taken"), func() bool {
				s := p.TryRegister(600)
				if s != 200 && s != 503 {
					t.Errorf("%s a registration at member %d got %d", when, i+1, s)
				}
				return s == 200
			})
		}
	}
	taken("before")
	for round := range 2 {
		disk.Fill(0)
		w.echoes(t)
		taken("while the disk of one is full")
		w.echoes(t)
		lab.Wait(t, patience, "its copy is out of service", func() bool {
			phones[0].TryRegister(600) // each is written to all copies: small ones fit in for a while
			return strings.Contains(w.Log()[w.told:], "will be DISABLED")
		})
		if w.ready(t) || !strings.Contains(w.Log()[w.told:], "disk is full") {
			t.Errorf("%s does not say that its disk is full", full)
		}
		disk.Free()
		lab.Wait(t, patience, "the member whose disk was full is ready", func() bool { return w.ready(t) })
		lab.Wait(t, patience, "its copy is back", func() bool { return strings.Count(w.Log(), "this copy of the store is back") == round+1 })
		w.told = len(w.Log())
		lab.Wait(t, patience, "all see all again", func() bool { return together(all) })
		taken("with room again")
		w.echoes(t)
	}
	for _, m := range all {
		lab.Wait(t, patience, m.Name+" shows each call once", func() bool { return m.Metric("tandem_store_pending_facts") == 0 && once(m, w.made) })
	}
}

// once tells whether each of some calls has one record.
func once(m *lab.Member, calls []string) bool {
	counted := map[string]int{}
	for _, r := range m.Records() {
		counted[r.SIPCallID]++
	}
	for _, id := range calls {
		if counted[id] != 1 {
			return false
		}
	}
	return true
}

// cramped is a member whose disk is full now and then.
type cramped struct {
	*witness
	caller, callee, agent *lab.Phone
	recorder              *lab.Call
	made                  []string // Call-IDs, but that of the witness
	served                int      // callers of the queue
	told                  int      // octets of the log that were looked at
}

func (w *cramped) begin(t *testing.T) {
	t.Helper()
	w.account(t, "greedy", greedy)
	w.caller, w.callee, w.agent = w.Phone(t, "1000"), w.Phone(t, "1001"), w.Phone(t, "1002")
	w.callee.Register(600)
	w.agent.Register(600)
	if err := w.Ask(http.MethodPost, "agents/1002/login", map[string]any{}, nil); err != nil {
		t.Fatal(err)
	}
	w.recorder = w.dial(t, w.Phone(t, "1003"), "greedy")
	w.recorder.Say(600)
}

// works demands what needs no disk: an echo, a call to a phone that is registered, and a caller whom an agent serves.
func (w *cramped) works(t *testing.T) {
	t.Helper()
	w.answers(t)
	w.echoes(t)
	w.talks(t, "1001", w.callee)
	w.talks(t, "2000", w.agent)
	w.served++
}

// echoes calls the echo.
func (w *cramped) echoes(t *testing.T) {
	t.Helper()
	echo := w.dial(t, w.caller, "9196")
	echo.Say(440)
	echo.AwaitTones(t, 300*time.Millisecond, 440)
	echo.Hangup()
	w.made = append(w.made, echo.ID())
}

// talks calls a number, which rings a phone, and lets both hear each other.
func (w *cramped) talks(t *testing.T, number string, at *lab.Phone) {
	t.Helper()
	called := make(chan *lab.Call, 1)
	go func() { called <- w.caller.Call(number) }()
	far := at.Await()
	far.Answer()
	near := <-called
	if near.Status != 200 {
		t.Fatalf("the call to %s got %d %s", number, near.Status, near.Reason)
	}
	near.Say(500)
	far.Say(700)
	far.AwaitTones(t, 300*time.Millisecond, 500)
	near.AwaitTones(t, 300*time.Millisecond, 700)
	near.Hangup()
	far.AwaitEnd()
	w.made = append(w.made, near.ID(), far.ID())
}

// ready tells whether the member says that it is.
func (w *cramped) ready(t *testing.T) bool {
	t.Helper()
	answer, err := http.Get(w.URL() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// refuses demands that the member says why it can not write, and takes nothing that must last.
func (w *cramped) refuses(t *testing.T) {
	t.Helper()
	const why = "the disk is full"
	if s := w.caller.TryRegister(600); s != 503 {
		t.Errorf("a registration got %d", s)
	}
	if w.ready(t) {
		t.Error("the member says that it is ready")
	}
	if !strings.Contains(w.Log()[w.told:], why) {
		t.Errorf("the log does not say that %s", why)
	}
	w.told = len(w.Log())
	err := w.Ask(http.MethodPost, "accounts", map[string]string{"aor": "late@" + lab.Domain, "password": lab.Password}, nil)
	if err == nil {
		t.Error("an account is made that is not kept")
	}
}

// recovers waits until the member writes again.
func (w *cramped) recovers(t *testing.T) {
	t.Helper()
	lab.Wait(t, patience, "the member is ready", func() bool { return w.ready(t) })
	lab.Wait(t, patience, "all is written that waited", func() bool { return w.Metric("tandem_store_pending_facts") == 0 })
	if s := w.caller.TryRegister(600); s != 200 {
		t.Errorf("with room again a registration got %d", s)
	}
	if s := w.caller.TryRegister(0); s != 200 {
		t.Errorf("with room again the end of a registration got %d", s)
	}
	said := w.recorded(t)
	lab.Wait(t, patience, "sound is recorded again", func() bool { return w.recorded(t) != said })
}

// recorded is what the program says that records.
func (w *cramped) recorded(t *testing.T) string {
	t.Helper()
	var list struct{ Tasks []task }
	if err := w.Ask(http.MethodGet, "tasks?limit=10&program=greedy", nil, &list); err != nil || len(list.Tasks) != 1 {
		t.Fatalf("the task that records: %v, %v", list, err)
	}
	return list.Tasks[0].Status
}

// books demands that each call has one record, and each caller of the queue the lines of one.
func (w *cramped) books(t *testing.T, when string) {
	t.Helper()
	counted := map[string]int{}
	count := func() bool {
		clear(counted)
		for _, r := range w.Records() {
			counted[r.SIPCallID]++
		}
		return counted[w.call.ID()] > 0
	}
	lab.Wait(t, patience, "the last call has a record, "+when, count)
	for _, id := range append(w.made, w.call.ID(), w.recorder.ID()) {
		if n := counted[id]; n != 1 {
			t.Errorf("%s: %d records of the call %s", when, n, id)
		}
	}
	var wrong string
	lab.Wait(t, patience, "the queue_log is whole, "+when, func() bool { wrong = w.log(t); return !strings.HasPrefix(wrong, "less") })
	if wrong != "" {
		t.Errorf("%s: %s", when, wrong)
	}
}

// log says what is wrong with the queue_log, "" for nothing; "less" comes first when lines are missing.
func (w *cramped) log(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Data, w.Name, "queue_log"))
	if err != nil {
		t.Fatal(err)
	}
	verbs, callers := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if len(f) < 5 || !strings.HasSuffix(line, "\n") {
			return fmt.Sprintf("a line is cut: %q", line)
		}
		verbs[f[4]]++
		if f[4] == "ENTERQUEUE" {
			callers[f[1]]++
		}
	}
	for _, verb := range []string{"ENTERQUEUE", "CONNECT", "COMPLETECALLER"} {
		switch n := verbs[verb]; {
		case n < w.served:
			return fmt.Sprintf("less: %d lines of %s for %d callers", n, verb, w.served)
		case n > w.served:
			return fmt.Sprintf("%d lines of %s for %d callers", n, verb, w.served)
		}
	}
	if len(callers) != w.served {
		return fmt.Sprintf("%d callers in the queue_log, of %d", len(callers), w.served)
	}
	return ""
}
