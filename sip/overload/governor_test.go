package overload

import (
	"testing"
	"time"
)

// world is a member in miniature: it begins what the governor lets in, in order, at the rate that it can. Who waits
// longer than patience has gone by then, and what was done for it was done for nobody.
type world struct {
	capacity float64 // requests a second
	governor *Governor
	now      time.Time
	queue    []time.Time // when each came
	done     float64     // room to work, carried over
	served   int
}

const (
	step     = time.Millisecond
	refusal  = 0.05                   // of a request's cost
	patience = 500 * time.Millisecond // T1: then the request is repeated
	target   = 20 * time.Millisecond
)

func newWorld(capacity float64) *world {
	return &world{capacity: capacity, governor: New(target), now: time.Unix(0, 0)}
}

// run lets requests come at a rate, and returns how many a second were served in time. A refusal costs a twentieth of
// a request.
func (w *world) run(rate float64, d time.Duration) float64 {
	w.served = 0
	due := 0.0
	late := time.Duration(0)
	for passed := time.Duration(0); passed < d; passed += step {
		w.now = w.now.Add(step)
		w.done = min(w.done+w.capacity*step.Seconds(), 1+w.capacity*step.Seconds())
		for due += rate * step.Seconds(); due >= 1; due-- {
			if w.governor == nil || w.governor.Admit(Call, w.now) {
				w.queue = append(w.queue, w.now)
			} else {
				w.done -= refusal
			}
		}
		for ; w.done >= 1 && len(w.queue) > 0; w.done-- {
			waited := w.now.Sub(w.queue[0])
			w.queue = w.queue[1:]
			late = max(late, waited)
			if waited < patience {
				w.served++
			}
		}
		if w.governor != nil && passed%(50*time.Millisecond) == 0 {
			w.governor.Beat(late, w.now)
			late = 0
		}
	}
	return float64(w.served) / d.Seconds()
}

// However much more is asked than can be done, most of what can be done is done, and the next ones after the load
// find an open door.
func TestGoodputUnderLoad(t *testing.T) {
	for _, capacity := range []float64{100, 300, 1500, 10000} {
		for _, times := range []float64{1.1, 1.5, 2, 5, 10} {
			w := newWorld(capacity)
			w.run(capacity/2, 5*time.Second)
			if g := w.governor.State(); !g.Open || g.Refused[Call] > 0 {
				t.Fatalf("at half the load of %v: %+v", capacity, g)
			}
			at := w.run(capacity*times, 20*time.Second)
			possible := capacity * (1 - refusal*times) / (1 - refusal) // with the cost of all refusals
			least := 0.8
			if times > 5 {
				least = 0.4 // what was let in before we knew counts for more
			}
			if at < least*min(possible, capacity) {
				t.Errorf("capacity %v, load %v times: %.0f a second of %.0f are served", capacity, times, at, possible)
			}
			w.run(capacity/2, 8*time.Second)
			if after := w.run(capacity/2, 2*time.Second); after < 0.95*capacity/2 {
				t.Errorf("capacity %v, 8 s after %v times: %.0f of %.0f are served", capacity, times, after, capacity/2)
			}
			if !w.governor.State().Open {
				t.Errorf("capacity %v, 10 s after %v times: not open: %+v", capacity, times, w.governor.State())
			}
		}
	}
}

// Without it the same world serves nobody in time.
func TestCollapseWithoutGovernor(t *testing.T) {
	w := newWorld(300)
	w.governor = nil
	w.run(600, 5*time.Second)
	if at := w.run(600, 10*time.Second); at > 10 {
		t.Errorf("%.0f a second are served: then nobody needs a governor", at)
	}
}

// The lesser are refused first, registrations last, emergencies never.
func TestWhoIsRefused(t *testing.T) {
	g, now := New(target), time.Unix(0, 0)
	let := map[Class]int{}
	const beats = 200
	for i := range beats {
		for range 5 { // of each class 100 a second
			now = now.Add(10 * time.Millisecond)
			for c := range classes {
				if g.Admit(c, now) && i > beats/2 {
					let[c]++
				}
			}
		}
		late := time.Duration(0)
		if g.State().Open || g.State().Rate > 150 { // it can do 150 of 400
			late = 2 * target
		}
		g.Beat(late, now)
	}
	if let[Emergency] != 5*(beats/2-1) {
		t.Errorf("emergencies are refused: %v", let)
	}
	if let[Registration] < 9*let[Call]/10 || let[Call] <= 2*let[Chatter] || let[Registration] < 3*5*(beats/2-1)/4 {
		t.Errorf("in this order? %v of %d each; %+v", let, 5*(beats/2-1), g.State())
	}
	if g.State().Refused[Emergency] != 0 || g.State().Refused[Chatter] == 0 {
		t.Errorf("%+v", g.State())
	}
}

// However many phones register, some calls begin; however many cry for help, some of them are heard, and others too.
func TestNobodyTakesAll(t *testing.T) {
	for _, flood := range []Class{Chatter, Registration, Plea} {
		g, now := New(target), time.Unix(0, 0)
		for range 10 {
			now = now.Add(100 * time.Millisecond)
			g.Beat(time.Second, now)
		}
		let := map[Class]int{}
		const seconds = 10
		for i := range seconds * 1000 { // a thousand a second of one class, and ten calls
			now = now.Add(time.Millisecond)
			if g.Admit(flood, now) {
				let[flood]++
			}
			if i%100 == 0 && g.Admit(Call, now) {
				let[Call]++
			}
			if i%100 == 50 && g.Admit(Emergency, now) {
				let[Emergency]++
			}
		}
		if let[Call] < 5*seconds || let[Emergency] != 10*seconds {
			t.Errorf("beside a flood of %v: %v", flood, let)
		}
		if flood == Plea && let[Plea] < 40*seconds || let[flood] > 100*seconds {
			t.Errorf("of the flood: %v", let)
		}
	}
}

// A governor that is open costs no lock and no memory.
func TestOpenIsFree(t *testing.T) {
	g, now := New(target), time.Unix(0, 0)
	g.Beat(0, now)
	if n := testing.AllocsPerRun(100, func() { g.Admit(Call, now) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	g.mu.Lock() // who asks while it is held would wait for ever
	defer g.mu.Unlock()
	if !g.Admit(Call, now) {
		t.Error("refused while open")
	}
}
