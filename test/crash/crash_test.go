package crash

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	rounds  = 5
	workers = 4
	// most is how many phones one worker makes in a round at most.
	most = 150
	// The kill comes at a random moment between these, after the load has begun.
	earliest, latest = 300 * time.Millisecond, 3 * time.Second
	password         = "crash-test"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// seed is that of TANDEM_CRASH_SEED, to repeat a run, or a new one.
func seed(t *testing.T) uint64 {
	text := os.Getenv("TANDEM_CRASH_SEED")
	if text == "" {
		return rand.Uint64()
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal("TANDEM_CRASH_SEED: ", err)
	}
	return n
}

func TestKillUnderLoad(t *testing.T) {
	lab.Long(t)
	s := seed(t)
	t.Logf("TANDEM_CRASH_SEED=%d repeats the moments of the kills", s)
	random := rand.New(rand.NewPCG(s, s))
	m := lab.Start(t, lab.Options{Set: []string{"sip.md5_agents=SIPcrash", "media.port_max=32767"}})
	l := newLedger()
	for round := range rounds {
		after := earliest + time.Duration(random.Int64N(int64(latest-earliest)))
		load := begin(m, l, round)
		<-time.After(after)
		l.killed = time.Now()
		m.Kill()
		for _, err := range load.end() {
			t.Errorf("round %d, before the kill: %v", round, err)
		}
		a, c, calls, r := l.size()
		t.Logf("round %d: killed after %v; acknowledged so far: %d accounts, %d registrations, %d calls, "+
			"%d records seen", round, after.Round(time.Millisecond), a, c, calls, r)
		m.Restart()
		l.compare(t, m)
		if t.Failed() {
			return
		}
	}
	if a, c, calls, r := l.size(); a == 0 || c == 0 || calls == 0 || r == 0 {
		t.Errorf("a load without accounts (%d), registrations (%d), calls (%d) or records (%d) shows nothing",
			a, c, calls, r)
	}
}

// load is what goes on while the member is killed.
type load struct {
	stop chan struct{}
	done sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

// begin starts the workers and one who reads records.
func begin(m *lab.Member, l *ledger, round int) *load {
	w := &load{stop: make(chan struct{})}
	for i := range workers {
		w.done.Go(func() {
			for n := 0; n < most && !w.stopped(); n++ {
				if !w.onePhone(m, l, fmt.Sprintf("r%dw%dn%d", round, i, n)) {
					return
				}
			}
		})
	}
	w.done.Go(func() { w.read(m, l) })
	return w
}

// end waits until all have noticed the kill, and returns what failed before it.
func (w *load) end() []error {
	close(w.stop)
	w.done.Wait()
	return w.errs
}

func (w *load) stopped() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// onePhone adds an account, registers its phone and makes two calls: one that ends and one that the
// crash has to end. It reports false when the member is gone.
func (w *load) onePhone(m *lab.Member, l *ledger, name string) bool {
	p, err := newPhone(name, m.UDPAddr())
	if err != nil {
		return false
	}
	defer p.close()
	if m.Ask(http.MethodPost, "accounts", map[string]string{"aor": p.aor(), "password": password}, nil) != nil {
		return false // the connection broke: a refusal would leave the ledger empty, which is seen
	}
	l.note(l.accounts, p.aor())
	if err := p.register(password); err != nil {
		return w.fail(err)
	}
	l.note(l.contacts, p.contact())
	for _, hangUp := range []bool{true, false} {
		if err := p.call("9196", hangUp, l.called); err != nil {
			return w.fail(err)
		}
	}
	return true
}

// fail keeps an error unless it is the broken connection of a member that was killed.
func (w *load) fail(err error) bool {
	if !isNet(err) {
		w.mu.Lock()
		w.errs = append(w.errs, err)
		w.mu.Unlock()
	}
	return false
}

// read notes the records that the member shows, until it is gone.
func (w *load) read(m *lab.Member, l *ledger) {
	var list struct{ Records []lab.Record }
	for !w.stopped() {
		if m.Ask(http.MethodGet, "records?limit=10000", nil, &list) != nil {
			return
		}
		for _, r := range list.Records {
			l.note(l.records, r.Handler)
		}
	}
}
