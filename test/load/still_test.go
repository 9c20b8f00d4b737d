package load

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// watchNap is how long a watcher sleeps at a time, and stillFrom from when on it is late because of the machine: a
	// member that is busy lets it on its core far sooner.
	watchNap  = 20 * time.Millisecond
	stillFrom = 200 * time.Millisecond
)

// stillness is when the member's core was not to be had, be it that other programs or other machines had it: then a member
// is silent, too, and it is not his doing. A thread on that core sleeps, and sees how late it wakes.
type stillness struct {
	mu    sync.Mutex
	times []still
	last  time.Time // it woke; zero: never
}

type still struct{ from, to time.Time }

// watchCore watches the member's core until the test is over.
func watchCore(t *testing.T) *stillness {
	t.Helper()
	s, done := &stillness{}, make(chan error, 1)
	var stop atomic.Bool
	go func() {
		runtime.LockOSThread() // the thread ends with this goroutine, and its place on the core with it
		var only unix.CPUSet
		only.Set(cores[0])
		if err := unix.SchedSetaffinity(0, &only); err != nil {
			done <- err
			return
		}
		// The thread itself must sleep: a timer of Go's wakes whatever thread is awake, on another core.
		nap := unix.NsecToTimespec(int64(watchNap))
		for at := time.Now(); !stop.Load(); at = s.woke(at, time.Now()) {
			_ = unix.Nanosleep(&nap, nil) // a signal may end it early
		}
		done <- nil
	}()
	t.Cleanup(func() {
		stop.Store(true)
		if err := <-done; err != nil {
			t.Error("the member's core is not watched: ", err)
		}
	})
	return s
}

// woke notes a sleep that was far too long, and returns its end.
func (s *stillness) woke(slept, now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = now
	if now.Sub(slept) > stillFrom {
		s.times = append(s.times, still{slept, now})
	}
	return now
}

// within is for how long of a time the core stood still, or still does.
func (s *stillness) within(from, to time.Time) (sum time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.last.IsZero() && to.Sub(s.last) > stillFrom {
		sum = to.Sub(later(from, s.last))
	}
	for i := len(s.times) - 1; i >= 0 && s.times[i].to.After(from); i-- {
		begun, ended := later(from, s.times[i].from), s.times[i].to
		if ended.After(to) {
			ended = to
		}
		sum += max(0, ended.Sub(begun))
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *stillness) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum, longest time.Duration
	for _, one := range s.times {
		sum, longest = sum+one.to.Sub(one.from), max(longest, one.to.Sub(one.from))
	}
	return fmt.Sprintf("the member's core stood still %d times for more than %v, %v in all, %v at most", len(s.times), stillFrom,
		sum.Round(time.Millisecond), longest.Round(time.Millisecond))
}

// TestStillness counts what lies within a time.
func TestStillness(t *testing.T) {
	at := func(ms int) time.Time { return time.Unix(0, 0).Add(time.Duration(ms) * time.Millisecond) }
	s := &stillness{}
	for _, woke := range [][2]int{{0, 30}, {30, 530}, {530, 560}, {1000, 1400}} {
		s.woke(at(woke[0]), at(woke[1]))
	}
	for _, c := range []struct{ from, to, want int }{{0, 1500, 900}, {1300, 1700, 400}, {1500, 1700, 200}, {100, 200, 100}, {500, 1100, 130}, {600, 900, 0}, {1400, 1500, 0}} {
		if got := s.within(at(c.from), at(c.to)); got != time.Duration(c.want)*time.Millisecond {
			t.Errorf("from %d to %d: %v", c.from, c.to, got)
		}
	}
}
