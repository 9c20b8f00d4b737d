package feed

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// topic is the latest version of its parts and what made it of the one before.
type topic struct {
	now  func() time.Time
	done chan struct{}

	mu        sync.Mutex
	followers map[*Stream]int // a stream may follow a topic under two names
	version   uint64          // 0 before the first
	time      int64
	parts     Parts
	changed   Parts
	gone      []string
	trouble   string
}

func newTopic(now func() time.Time) *topic {
	return &topic{now: now, done: make(chan struct{}), followers: map[*Stream]int{}}
}

func (t *topic) follow(s *Stream) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.followers[s]++
	if t.version > 0 {
		s.nudge()
	}
}

// leave returns how many follow still.
func (t *topic) leave(s *Stream) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.followers[s]--; t.followers[s] <= 0 {
		delete(t.followers, s)
	}
	return len(t.followers)
}

// run computes the topic again and again until nobody follows.
func (t *topic) run(source Source, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		t.compute(source)
		select {
		case <-tick.C:
		case <-t.done:
			return
		}
	}
}

func (t *topic) compute(source Source) {
	ctx, cancel := context.WithTimeout(context.Background(), sourceTime)
	defer cancel()
	parts, err := source(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.advance(parts, err) {
		return
	}
	for s := range t.followers {
		s.nudge()
	}
}

// advance takes the next version over and reports whether it differs. When the source fails, the parts stay
// as they were and the reason is told.
func (t *topic) advance(parts Parts, err error) bool {
	trouble := ""
	if err != nil {
		parts, trouble = t.parts, err.Error()
	}
	changed, gone := difference(t.parts, parts)
	if t.version > 0 && len(changed) == 0 && len(gone) == 0 && trouble == t.trouble {
		return false
	}
	t.version++
	t.time = t.now().UnixMilli()
	t.parts, t.changed, t.gone, t.trouble = parts, changed, gone, trouble
	return true
}

// difference is what makes after of before.
func difference(before, after Parts) (changed Parts, gone []string) {
	changed = Parts{}
	for key, value := range after {
		if old, ok := before[key]; !ok || !bytes.Equal(old, value) {
			changed[key] = value
		}
	}
	for key := range before {
		if _, ok := after[key]; !ok {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	return changed, gone
}

// since is what somebody lacks who has a version: nothing, the last change, or all.
func (t *topic) since(have uint64) (Message, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if have == t.version {
		return Message{}, false
	}
	m := Message{Version: t.version, Time: t.time, Parts: t.parts, Whole: true, Trouble: t.trouble}
	if have > 0 && have+1 == t.version {
		m.Parts, m.Gone, m.Whole = t.changed, t.gone, false
	}
	return m, true
}

// nudge wakes the stream. One mark is enough for any number of changes.
func (s *Stream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
