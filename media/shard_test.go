package media

import (
	"testing"
	"testing/synctest"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
)

// metronome notes the times it was told, and holds the loop up when asked to.
type metronome struct {
	at   []time.Time
	real []time.Time
	hold map[int]time.Duration // before which tick, for how long
}

func (m *metronome) tick(at time.Time) (until time.Time) {
	m.at, m.real = append(m.at, at), append(m.real, time.Now())
	if d := m.hold[len(m.at)]; d > 0 {
		<-time.After(d)
	}
	return until
}

// run lets a shard tick for so long, in the bubble's own time.
func (m *metronome) run(t *testing.T, long time.Duration) (late uint64) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		s := newShard(rtp.NewUDP())
		<-time.After(7 * time.Millisecond) // an idle shard has nothing to make good
		turn := s.add(m)
		<-time.After(long)
		s.remove(turn)
		s.close()
		late = s.late.Load()
	})
	return late
}

func TestPace(t *testing.T) {
	var m metronome
	if late := m.run(t, 1010*time.Millisecond); late != 0 {
		t.Errorf("%d late ticks", late)
	}
	if n := len(m.at); n < 50 || n > 51 {
		t.Fatalf("%d ticks in a second", n)
	}
	for i := range m.at {
		if i > 0 && m.at[i].Sub(m.at[i-1]) != codec.Frame {
			t.Errorf("tick %d belongs %v after the one before", i, m.at[i].Sub(m.at[i-1]))
		}
		if off := m.real[i].Sub(m.at[i]); off < 0 || off > slotTime {
			t.Errorf("tick %d came %v after its time", i, off)
		}
	}
}

// A loop that was held up for three frames makes all of them good, at their own times.
func TestCatchUp(t *testing.T) {
	m := metronome{hold: map[int]time.Duration{10: 3*codec.Frame + 5*time.Millisecond}}
	late := m.run(t, time.Second)
	for i := 1; i < len(m.at); i++ {
		if m.at[i].Sub(m.at[i-1]) != codec.Frame {
			t.Fatalf("tick %d belongs %v after the one before", i, m.at[i].Sub(m.at[i-1]))
		}
	}
	if late != 2 {
		t.Errorf("%d late ticks, want 2", late)
	}
}

// One that was held up for a second makes five frames good and leaves the others out.
func TestCatchUpLimit(t *testing.T) {
	m := metronome{hold: map[int]time.Duration{10: time.Second}}
	late := m.run(t, 1500*time.Millisecond)
	gap := m.at[10].Sub(m.at[9])
	if left := time.Second - gap; left < (catchUp-1)*codec.Frame || left > (catchUp+1)*codec.Frame {
		t.Errorf("the first tick after a second belongs %v after the last", gap)
	}
	for i := 11; i < len(m.at); i++ {
		if m.at[i].Sub(m.at[i-1]) != codec.Frame {
			t.Errorf("tick %d belongs %v after the one before", i, m.at[i].Sub(m.at[i-1]))
		}
	}
	if late < 40 || late > 52 {
		t.Errorf("%d late ticks, want about 50", late)
	}
}

func TestSlotsAreSpread(t *testing.T) {
	s := newShard(rtp.NewUDP())
	defer s.close()
	used := map[int]int{}
	for range 3 * slots {
		used[s.add(&metronome{}).slot]++
	}
	for slot, n := range used {
		if n != 3 {
			t.Errorf("slot %d has %d of %d tickers", slot, n, 3*slots)
		}
	}
}

// An owner who does not take its events loses them, and holds nobody up.
func TestEventsDropped(t *testing.T) {
	e := newTestEngine(t, testConf())
	gate := make(chan struct{})
	s, err := e.Open(Options{ID: "a", OnEvent: func(Event) { <-gate }})
	if err != nil {
		t.Fatal(err)
	}
	for range eventQueue + 10 {
		s.notify(Silent{})
	}
	if n := e.Snapshot().EventsDropped; n < 9 {
		t.Errorf("%d events dropped", n)
	}
	close(gate)
}
