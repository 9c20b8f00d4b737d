package cluster

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// The queue of these tests, how many wait in it, and how soon offers must go on when its owner is gone.
const (
	survivors   = "survivors"
	number      = "8100"
	waiters     = 51
	offersAgain = 8 * time.Second
)

// hall is a queue over three members: callers who wait at each of them, and agents whose phones are at each of them.
type hall struct {
	all     []*lab.Member
	callers []*guest
	agents  []*worker
}

// guest is a caller in line.
type guest struct {
	home *lab.Member
	user string // who he is in the queue's list
	call *lab.Call
}

// worker is an agent's phone, which answers whoever calls.
type worker struct {
	name  string
	home  *lab.Member
	phone *lab.Phone

	mu     sync.Mutex
	served []time.Time // when he was rung
}

// row is a queue as REST shows it, and inLine one who waits.
type row struct {
	Member                 string
	Waiting, Agents, Ready int
	Gathering              bool
}

type inLine struct {
	Caller, Number, State string
	Position              int
}

// openHall makes the queue, agents who are paused, and callers who wait.
func openHall(t *testing.T, all []*lab.Member) *hall {
	t.Helper()
	h := &hall{all: all}
	define := func(path string, d map[string]any) {
		t.Helper()
		if err := all[0].Ask(http.MethodPut, path, map[string]any{"definition": d}, nil); err != nil {
			t.Fatal(err)
		}
	}
	define("queues/"+survivors, map[string]any{"numbers": []string{number}, "strategy": "linear", "retry": "1s"})
	for i := range 6 {
		w := &worker{name: fmt.Sprint(1011 + i), home: all[i%3]}
		define("agents/"+w.name, map[string]any{"memberships": []map[string]any{{"queue": survivors, "position": i}}})
		w.phone = w.home.Phone(t, w.name)
		lab.Wait(t, settle, w.name+" is registered", func() bool { return w.phone.TryRegister(600) == 200 }) // his name may be moving
		h.agents = append(h.agents, w)
	}
	for _, w := range h.agents {
		h.tell(t, w, "login", map[string]any{})
		h.tell(t, w, "pause", map[string]any{"reason": "test"})
	}
	h.enter(t)
	return h
}

// tell has an agent do something, by whichever member answers.
func (h *hall) tell(t *testing.T, w *worker, verb string, body any) {
	t.Helper()
	lab.Try(t, settle, w.name+" is told to "+verb, func() (err error) {
		for _, m := range h.all {
			if !m.Alive() {
				continue
			}
			one := m.Ask(http.MethodPost, "agents/"+w.name+"/"+verb, body, nil)
			if one == nil {
				return nil
			}
			err = errors.Join(err, fmt.Errorf("%s: %w", m.Name, one))
		}
		return err
	})
}

// enter lets callers come, one after the other, to each member by turns.
func (h *hall) enter(t *testing.T) {
	t.Helper()
	phones := map[*lab.Member][]*lab.Phone{}
	for i := range waiters {
		home := h.all[i%3]
		phones[home] = append(phones[home], home.Phone(t, "1000"))
		p := phones[home][len(phones[home])-1]
		p.User = fmt.Sprint("7", 100+i) // a guest with a number of his own
		c := p.Call(number)
		if c.Status != 200 {
			t.Fatalf("the caller %s got %d %s", p.User, c.Status, c.Reason)
		}
		h.callers = append(h.callers, &guest{home, p.User, c})
		lab.Wait(t, settle, p.User+" is in line", func() bool { return slices.Contains(h.line(home), p.User) })
	}
}

// look asks a member how the queue stands.
func (h *hall) look(m *lab.Member) (r row, err error) {
	err = m.Ask(http.MethodGet, "queues/"+survivors, nil, &r)
	return r, err
}

// line are the numbers of those who wait, in order, as a member tells it.
func (h *hall) line(m *lab.Member) (numbers []string) {
	var found struct{ Callers []inLine }
	if err := m.Ask(http.MethodGet, "queues/"+survivors+"/callers?limit=1000", nil, &found); err != nil {
		return nil
	}
	for _, c := range found.Callers {
		if c.Position > 0 {
			numbers = append(numbers, c.Number)
		}
	}
	return numbers
}

// owner is the member that has the queue.
func (h *hall) owner(t *testing.T) (owner *lab.Member) {
	t.Helper()
	lab.Wait(t, settle, "the queue has an owner", func() bool {
		for _, m := range h.all {
			if !m.Alive() {
				continue
			}
			r, err := h.look(m)
			for _, o := range h.all {
				if err == nil && o.Name == r.Member && o.Alive() {
					owner = o
					return true
				}
			}
		}
		return false
	})
	return owner
}

// still is how many calls go on, but for those of members that are gone: those phones hear nothing any more.
func (h *hall) still(gone ...*lab.Member) (n int) {
	for _, c := range h.callers {
		if !ended(c.call) && !slices.Contains(gone, c.home) {
			n++
		}
	}
	return n
}

// keeps demands that all who are still there wait in the order in which they came.
func (h *hall) keeps(t *testing.T, after string, gone ...*lab.Member) {
	t.Helper()
	var want, got []string
	for _, c := range h.callers {
		if !slices.Contains(gone, c.home) {
			want = append(want, c.user)
		}
	}
	m := others(h.all, gone...)[0]
	began := time.Now()
	lab.Wait(t, settle, fmt.Sprintf("%d wait in order after %s", len(want), after), func() bool {
		got = h.line(m)
		return slices.Equal(got, want)
	})
	t.Logf("after %s %d wait in their order, seen after %v", after, len(got), since(began))
	for _, c := range h.callers {
		if !slices.Contains(gone, c.home) && ended(c.call) {
			t.Errorf("after %s the call of %s has ended: %s", after, c.user, c.call.Why())
		}
	}
}

// work lets the agents on living members answer whoever rings, talk for a while and hang up.
func (h *hall) work(t *testing.T, talk time.Duration) {
	t.Helper()
	for _, w := range h.agents {
		if !w.home.Alive() {
			continue
		}
		go func() {
			for c := range w.phone.Incoming() {
				w.mu.Lock()
				w.served = append(w.served, time.Now())
				w.mu.Unlock()
				c.Answer()
				select {
				case <-c.Ended():
				case <-time.After(talk):
					c.Throw("BYE", "", "") // his member may be gone
				}
			}
		}()
		h.tell(t, w, "resume", map[string]any{})
	}
}

// next is when an agent of living members was rung first after a moment; zero: none was yet.
func (h *hall) next(after time.Time) (first time.Time) {
	for _, w := range h.agents {
		w.mu.Lock()
		for _, at := range w.served {
			if at.After(after) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		w.mu.Unlock()
	}
	return first
}

// TestQueueSurvives kills the queue's owner while all wait, lets agents work and kills the next owner, and restarts
// members one after the other: who is not at the member that is down keeps the place, and offers go on.
func TestQueueSurvives(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	h := openHall(t, all)
	h.keeps(t, "all have come")

	first := h.owner(t)
	killed := time.Now()
	first.Kill()
	h.keeps(t, "the owner was killed", first)
	t.Logf("%s was killed, %s has the queue after %v", first.Name, h.owner(t).Name, since(killed))

	first.Restart()
	awaitAll(t, all)
	h.keeps(t, "it came back", first)
	h.work(t, 2*time.Second)
	lab.Wait(t, settle, "somebody is served", func() bool { return h.still(first) < waiters-waiters/3-3 })
	second := h.owner(t)
	killed = time.Now()
	second.Kill()
	var next time.Time
	lab.Wait(t, settle, "an agent is rung again", func() bool { next = h.next(killed.Add(300 * time.Millisecond)); return !next.IsZero() })
	t.Logf("%s was killed, the next agent rang %v later", second.Name, next.Sub(killed).Round(time.Millisecond))
	if next.Sub(killed) > offersAgain {
		t.Errorf("offers went on after more than %v", offersAgain)
	}
	lab.Wait(t, 2*settle, "all are served or gone with their member", func() bool { return h.still(first, second) == 0 })
}

// TestQueueThroughRestarts stops and starts each member in turn: nobody else loses the place.
func TestQueueThroughRestarts(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	h := openHall(t, all)
	var gone []*lab.Member
	for _, m := range all[:2] {
		m.Stop()
		gone = append(gone, m)
		h.keeps(t, m.Name+" was stopped", gone...)
		m.Begin()
		m.AwaitReady()
		awaitAll(t, all)
		h.keeps(t, m.Name+" came back", gone...)
	}
	for _, w := range h.agents { // R14: what they are outlives restarts
		var a struct{ State, Reason string }
		lab.Wait(t, settle, w.name+" is paused still", func() bool {
			return all[2].Ask(http.MethodGet, "agents/"+w.name, nil, &a) == nil && a.State == "paused" && a.Reason == "test"
		})
	}
}
