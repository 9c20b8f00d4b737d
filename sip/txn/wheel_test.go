package txn

import "testing"

// bell notes when it fires, and sets itself again while the machine behind it has time left.
type bell struct {
	timer timer
	at    []Tick
}

func (b *bell) fire(now Tick) { b.at = append(b.at, now) }

func TestWheel(t *testing.T) {
	w := newWheel()
	bells := map[Tick]*bell{}
	for _, due := range []Tick{1, 2, slots - 1, slots, slots + 1, 3*slots + 5} {
		b := &bell{}
		b.timer.owner = b
		bells[due] = b
		w.set(&b.timer, due)
	}
	gone := &bell{}
	gone.timer.owner = gone
	w.set(&gone.timer, 10)
	w.unset(&gone.timer)
	w.unset(&gone.timer)
	for now := Tick(1); now < 4*slots; now++ {
		for _, owner := range w.advance(now, nil) {
			owner.fire(now)
		}
	}
	for due, b := range bells {
		if len(b.at) != 1 || b.at[0] != due {
			t.Errorf("due at %d, fired at %v", due, b.at)
		}
	}
	if len(gone.at) != 0 {
		t.Error("a timer that was taken out fired")
	}
}

func TestWheelSetAgain(t *testing.T) {
	w := newWheel()
	b := &bell{}
	b.timer.owner = b
	w.set(&b.timer, 100)
	w.set(&b.timer, 50)  // earlier: moved
	w.set(&b.timer, 200) // later: fires early, and is then set again
	if got := w.advance(49, nil); len(got) != 0 {
		t.Error("too early")
	}
	if got := w.advance(50, nil); len(got) != 1 {
		t.Error("not moved to the earlier time")
	}
	w.set(&b.timer, 20) // past: with the next turn
	if got := w.advance(51, nil); len(got) != 1 {
		t.Error("a time in the past never fires")
	}
}

func TestWheelAfterALongSleep(t *testing.T) {
	w := newWheel()
	var all [100]bell
	for i := range all {
		all[i].timer.owner = &all[i]
		w.set(&all[i].timer, Tick(i*100+1))
	}
	if got := w.advance(1_000_000, nil); len(got) != len(all) {
		t.Errorf("%d of %d fired", len(got), len(all))
	}
}

func BenchmarkWheel(b *testing.B) {
	w := newWheel()
	var x bell
	x.timer.owner = &x
	for i := range b.N {
		w.set(&x.timer, Tick(i%3200))
		w.unset(&x.timer)
	}
}
