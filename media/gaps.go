package media

import (
	"sync"
	"time"
)

// Cut is a place in a recording at which something was left out, since it was paused.
type Cut struct {
	At   time.Duration // from the beginning of the file
	Long time.Duration // what is missing there
}

// gaps are the times at which a recording is paused, in order. Frames are told by the time at which they were heard, so
// that one which waits for the disk meanwhile is neither lost nor kept by that.
type gaps struct {
	mu   sync.Mutex
	list []gap
}

// gap is a time of a pause; the last one may go on.
type gap struct{ from, to time.Time }

func (g gap) open() bool { return g.to.IsZero() }

// Pause leaves out what is heard from now on, in all channels: the file goes on with what is heard after Resume. False:
// it is paused already, or was too often.
func (r *Recorder) Pause() bool {
	g := &r.gaps
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.list); n == maxGaps || n > 0 && g.list[n-1].open() {
		return false
	}
	g.list = append(g.list, gap{from: time.Now()})
	return true
}

// Resume ends a pause. False: there is none.
func (r *Recorder) Resume() bool {
	g := &r.gaps
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.list)
	if n == 0 || !g.list[n-1].open() {
		return false
	}
	g.list[n-1].to = time.Now()
	return true
}

// Cuts are the places of pauses in the file. One with which it ended, or before the first frame, is none. It may be called
// when the recording has ended.
func (r *Recorder) Cuts() (out []Cut) {
	<-r.done
	r.gaps.mu.Lock()
	defer r.gaps.mu.Unlock()
	if r.start.IsZero() {
		return nil
	}
	missing := time.Duration(0)
	for _, p := range r.gaps.list {
		long := p.to.Sub(p.from)
		if p.open() {
			break
		}
		if at := p.from.Add(-missing).Sub(r.start); at > 0 && at < r.Length() {
			out = append(out, Cut{At: at, Long: long})
		}
		missing += long
	}
	return out
}

// within tells whether a frame was heard while the recording was paused.
func (g *gaps) within(at time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := len(g.list) - 1; i >= 0; i-- {
		if p := g.list[i]; !at.Before(p.from) {
			return p.open() || at.Before(p.to)
		}
	}
	return false
}

// before is how long the recording was paused altogether before a time that is in no pause.
func (g *gaps) before(at time.Time) (sum time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.list {
		if p.open() || at.Before(p.to) {
			break
		}
		sum += p.to.Sub(p.from)
	}
	return sum
}
