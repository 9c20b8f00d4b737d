package txn

import "sync"

// slots is the number of slots of the wheel: it turns once in 41 seconds, longer than 64*T1 with
// the usual T1, so that nearly every timer is looked at only when it is due.
const slots = 4096

// timed is something that has a timer.
type timed interface {
	// fire is called once when the timer is due, or earlier: the machine knows what is due.
	fire(now Tick)
}

// timer is one entry of the wheel.
type timer struct {
	prev, next *timer // nil when it is not set
	due        Tick
	owner      timed
}

// wheel is a hashed timer wheel: setting and firing cost the same whatever the number of timers.
type wheel struct {
	mu    sync.Mutex
	now   Tick
	slots [slots]timer // heads of rings
}

func newWheel() *wheel {
	w := &wheel{}
	for i := range w.slots {
		head := &w.slots[i]
		head.prev, head.next = head, head
	}
	return w
}

// set makes t fire at due or earlier. A timer that is set for an earlier time is left there: most
// timers are put off, few are advanced, and the owner sets it again when it fires.
func (w *wheel) set(t *timer, due Tick) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.next != nil {
		if t.due <= due {
			return
		}
		t.unlink()
	}
	t.due = max(due, w.now+1)
	head := &w.slots[t.due%slots]
	t.prev, t.next = head.prev, head
	t.prev.next, head.prev = t, t
}

// unset takes t out.
func (w *wheel) unset(t *timer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t.next != nil {
		t.unlink()
	}
}

func (t *timer) unlink() {
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next = nil, nil
}

// advance turns the wheel to now and returns the owners of the timers that are due, appended to
// owners.
func (w *wheel) advance(now Tick, owners []timed) []timed {
	w.mu.Lock()
	defer w.mu.Unlock()
	from := max(w.now+1, now-slots+1) // after a long sleep once around is enough
	for at := from; at <= now; at++ {
		head := &w.slots[at%slots]
		for t := head.next; t != head; {
			after := t.next
			if t.due <= now {
				t.unlink()
				owners = append(owners, t.owner)
			}
			t = after
		}
	}
	w.now = max(w.now, now)
	return owners
}
