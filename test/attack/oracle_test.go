package attack

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

const (
	patience = 30 * time.Second
	toneHz   = 1004 // of 9197
	// kept is the part of its audio that the other call must hear.
	kept = 0.9
	// longestGap is the longest silence of the other call's packets: far more than a busy test machine
	// needs, far less than a server that stands still takes.
	longestGap = time.Second
	// grown is how much more memory may be in use once all is over, in bytes: caches and pools.
	grown = 24 << 20
)

// calm is another Task, which does what it is told.
const calm = `
entry main is
  loop
    event = ReadInput(3600);
    exitif event.what == "end";
    SetApplicationStatus(event.parameter);
  end loop;
end entry;
`

// churn makes garbage and keeps nothing, so that the collector runs.
const churn = `
entry main is
  text = "0123456789"; loop text += text; exitif Length(text) > 1000000; end loop;
  n = 0;
  loop Void(text + "."); n += 1; exitif n == 30; end loop;
end entry;
`

// witness is what an attack must not touch.
type witness struct {
	*lab.Member
	call     *lab.Call
	task     string
	began    time.Time
	heard    time.Duration // when the attack began
	accounts int
	heap     float64
	words    int
}

// newWitness starts a member with a call of 9197 and a Task that waits. The collector is eager, so that what
// the heap holds is what lives.
func newWitness(t *testing.T, set ...string) *witness {
	t.Helper()
	lab.Long(t)
	return witnessOn(t, lab.Start(t, lab.Options{Set: set, Env: []string{eager}}))
}

// eager is the environment in which what the heap holds is what lives.
const eager = "GOGC=20"

// witnessOn is newWitness on a member that runs.
func witnessOn(t *testing.T, m *lab.Member) *witness {
	t.Helper()
	w := &witness{Member: m}
	w.Program("calm.sppr", calm)
	w.Program("churn.sppr", churn)
	w.task = w.runs(t, "calm")
	w.call = w.dial(t, w.Phone(t, "1010"), "9197")
	w.call.AwaitTones(t, time.Second, toneHz)
	w.answers(t)
	w.accounts, w.heap = len(w.Accounts()), w.heapNow(t)
	w.began, w.heard = time.Now(), w.call.Heard().Heard(0, toneHz)
	return w
}

// runs starts a program and gives the handler of its task.
func (w *witness) runs(t *testing.T, program string) string {
	t.Helper()
	var made struct{ Handler string }
	if err := w.Ask(http.MethodPost, "tasks", map[string]string{"account": "pbx@" + lab.Domain, "program": program}, &made); err != nil {
		t.Fatal(err)
	}
	return made.Handler
}

// dial makes a call that must be answered.
func (w *witness) dial(t *testing.T, p *lab.Phone, number string) *lab.Call {
	t.Helper()
	c := p.Call(number)
	if c.Status != 200 {
		t.Fatalf("the call of %s to %.80s got %d %s", p.User, number, c.Status, c.Reason)
	}
	return c
}

// answers demands that the other Task does soon what it is told.
func (w *witness) answers(t *testing.T) {
	t.Helper()
	w.words++
	word := fmt.Sprint("word", w.words)
	if err := w.Ask(http.MethodPost, "tasks/"+w.task+"/event", map[string]string{"event": "say", "parameter": word}, nil); err != nil {
		t.Fatal("the other task: ", err)
	}
	lab.Wait(t, 5*time.Second, "the other task answers", func() bool { return w.status(w.task) == word })
}

// status is the application status of a task, "" when it is not there.
func (w *witness) status(task string) string {
	var one struct{ Status string }
	_ = w.Ask(http.MethodGet, "tasks/"+task, nil, &one)
	return one.Status
}

// judged is how long the other call must have lasted, or a loss of its first packets would count for much.
const judged = 2 * time.Second

// unharmed demands, after the attack and while its calls may still stand, that the other call and the other
// Task have noticed nothing.
func (w *witness) unharmed(t *testing.T) {
	t.Helper()
	w.answers(t)
	lab.Wait(t, patience, "the call has lasted long enough to judge it", func() bool { return time.Since(w.began) > judged })
	took := time.Since(w.began)
	heard := w.call.Heard().Heard(0, toneHz) - w.heard
	if heard < time.Duration(kept*float64(took)) {
		t.Errorf("the other call heard %v of its tone in %v", heard, took)
	}
	if gap := w.call.Gap(took); gap > longestGap {
		t.Errorf("the other call heard nothing for %v", gap)
	}
}

// over demands, when the attack's calls have ended, that nothing is left of it.
func (w *witness) over(t *testing.T) {
	t.Helper()
	lab.Wait(t, patience, "the other call and task alone are left", func() bool {
		return len(w.Legs()) == 1 && w.tasks() == 1
	})
	if n := len(w.Accounts()); n != w.accounts {
		t.Errorf("%d accounts are left of %d", n, w.accounts)
	}
	// What a collection has found living while the attack went on counts until the next one, which comes when garbage
	// has been made in proportion to it.
	lab.Wait(t, 60*time.Second, fmt.Sprintf("the heap returns to %.0f MiB", w.heap/(1<<20)), func() bool {
		if w.heapNow(t) < w.heap+grown {
			return true
		}
		w.runs(t, "churn")
		lab.Wait(t, patience, "the garbage is made", func() bool { return w.tasks() == 1 })
		return false
	})
}

// tasks is how many live.
func (w *witness) tasks() int {
	var list struct{ Tasks []struct{ Handler string } }
	if w.Ask(http.MethodGet, "tasks?limit=1000", nil, &list) != nil {
		return -1
	}
	return len(list.Tasks)
}

func (w *witness) heapNow(t *testing.T) float64 {
	t.Helper()
	answer, err := http.Get(w.URL() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "go_memstats_heap_alloc_bytes "); ok {
			n, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the member does not tell its memory")
	return 0
}

// account makes an account whose calls a program of its name takes.
func (w *witness) account(t *testing.T, name, source string) {
	t.Helper()
	w.Program(name+".sppr", source)
	if err := w.Ask(http.MethodPost, "accounts", map[string]any{"aor": name + "@" + lab.Domain, "password": "pass-" + name,
		"forward": map[string]string{"all": name + "#" + name}}, nil); err != nil {
		t.Fatal(err)
	}
	w.accounts++
}

// do runs a command of the admin command line that must succeed.
func (w *witness) do(t *testing.T, format string, args ...any) string {
	t.Helper()
	command := fmt.Sprintf(format, args...)
	out, err := w.Console().Do(command)
	if err != nil {
		t.Fatalf("%.200s: %v", command, err)
	}
	return out
}
