package cluster

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// The queue of a shift, who works in it, and how many callers come to each member at once.
const (
	shiftQueue   = "shift"
	shiftNumber  = "8200"
	shiftAgents  = 6
	shiftCallers = 3
)

// roomyCalls are settings of members for as many calls from one place.
var roomyCalls = []string{"media.port_max=18383", "sip.rate_per_source=1000000", "log.level=info"}

// staff is the name of one of the agents.
func staff(i int) string { return fmt.Sprint(1011 + i%shiftAgents) }

// shift is a queue with agents who take whoever rings, and callers who come, wait, talk or give up, as long as the test
// lasts: at each member that is there.
type shift struct {
	all    []*lab.Member
	agents []*worker

	mu     sync.Mutex
	idle   *sync.Cond
	shut   map[*lab.Member]bool // nobody calls there
	inside map[*lab.Member]int  // calls there that are being made
	taken  int                  // by agents
}

// openShift makes the queue and lets all begin.
func openShift(t *testing.T, all []*lab.Member) *shift {
	t.Helper()
	s := &shift{all: all, shut: map[*lab.Member]bool{}, inside: map[*lab.Member]int{}}
	s.idle = sync.NewCond(&s.mu)
	h := &hall{all: all}
	define := func(path string, d map[string]any) {
		t.Helper()
		if err := all[0].Ask(http.MethodPut, path, map[string]any{"definition": d}, nil); err != nil {
			t.Fatal(err)
		}
	}
	define("queues/"+shiftQueue, map[string]any{"numbers": []string{shiftNumber}, "strategy": "rrmemory", "retry": "1s"})
	for i := range shiftAgents {
		w := &worker{name: staff(i), home: all[i%len(all)]}
		define("agents/"+w.name, map[string]any{"memberships": []map[string]any{{"queue": shiftQueue, "position": i}}})
		w.phone = w.home.Phone(t, w.name)
		w.phone.Deaf = true
		w.phone.Register(600)
		s.agents = append(s.agents, w)
		h.tell(t, w, "login", map[string]any{})
		go s.work(t, w)
	}
	for i, m := range all {
		for n := range shiftCallers {
			go s.call(t, m, fmt.Sprint("7", 100+10*i+n))
		}
	}
	return s
}

// work takes whoever rings, but for some, talks for a moment and hangs up.
func (s *shift) work(t *testing.T, w *worker) {
	for {
		select {
		case c := <-w.phone.Incoming():
			if rand.IntN(6) == 0 {
				c.Refuse("486 Busy Here")
				continue
			}
			c.Answer()
			s.mu.Lock()
			s.taken++
			s.mu.Unlock()
			select {
			case <-c.Ended():
			case <-time.After(time.Duration(200+rand.IntN(1800)) * time.Millisecond):
				c.Throw("BYE", "", "") // his member may be gone
			}
		case <-t.Context().Done():
			return
		}
	}
}

// call has one caller come again and again.
func (s *shift) call(t *testing.T, m *lab.Member, user string) {
	p := m.Phone(t, "1000")
	p.User, p.Deaf = user, true // a guest with a number of his own
	for t.Context().Err() == nil {
		s.enter(m, 1)
		if t.Context().Err() != nil {
			return
		}
		c := p.Call(shiftNumber)
		s.enter(m, -1)
		select {
		case <-c.Ended():
		case <-time.After(time.Duration(500+rand.IntN(4000)) * time.Millisecond):
			c.Throw("BYE", "", "")
		case <-t.Context().Done():
		}
	}
}

// enter waits until callers may call at a member, and counts those who are about to.
func (s *shift) enter(m *lab.Member, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for by > 0 && s.shut[m] {
		s.idle.Wait()
	}
	s.inside[m] += by
	s.idle.Broadcast()
}

// leave has nobody call at a member any more; those who wait and talk there go on.
func (s *shift) leave(m *lab.Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.shut[m] = true; s.inside[m] > 0; {
		s.idle.Wait()
	}
}

// back has all be there again that a member has lost.
func (s *shift) back(t *testing.T, m *lab.Member) {
	t.Helper()
	for _, w := range s.agents {
		if w.home == m {
			lab.Wait(t, settle, w.name+" is registered again", func() bool { return w.phone.TryRegister(600) == 200 })
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut[m] = false
	s.idle.Broadcast()
}

func (s *shift) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// served waits until agents have taken so many callers.
func (s *shift) served(t *testing.T, n int) {
	t.Helper()
	lab.Wait(t, 2*settle, fmt.Sprint(n, " callers are taken"), func() bool { return s.count() >= n })
}
