package media

import (
	"path/filepath"
	"testing"
	"time"
)

// frameAt is a frame that a recorder's own goroutine is given: a constant, so that it is known again.
func frameAt(r *Recorder, t *tap, at time.Time, value int16) *heard {
	h := &heard{tap: t, at: at, pcm: make([]int16, frameSamples(r.rate))}
	for i := range h.pcm {
		h.pcm[i] = value
	}
	return h
}

// What is heard in a pause is not in the file, both channels stay in step behind it, and the cut is told.
func TestPauseIsCutOut(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	r, err := e.Recorder("x.wav", 2, 8000)
	if err != nil {
		t.Fatal(err)
	}
	left, right := &tap{recorder: r}, &tap{recorder: r, channel: 1}
	// The beginning lies back so far that two pauses can be written into the list by hand.
	began := time.Now().Add(-time.Minute)
	second := func(n float64) time.Time { return began.Add(time.Duration(n * float64(time.Second))) }
	r.gaps.list = []gap{{second(-3), second(-2)}, {second(2), second(5)}, {second(6), second(16)}}
	for n := range 1000 {
		at := began.Add(time.Duration(n) * 20 * time.Millisecond)
		value := int16(1000 + n/50) // by the second
		for _, tap := range []*tap{left, right} {
			r.queue <- frameAt(r, tap, at, value)
		}
	}
	if r.Resume() || !r.Pause() || r.Pause() {
		t.Error("a pause that is none was ended, or one was begun twice")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	a, b, _ := channels(t, filepath.Join(c.Recordings, "x.wav"))
	want := []int16{1000, 1001, 1005, 1016, 1017, 1018, 1019}
	if len(a) != 8000*len(want) || r.Length() != time.Duration(len(want))*time.Second {
		t.Fatalf("the file has %d samples, %v", len(a), r.Length())
	}
	for n, value := range want {
		for _, at := range []int{8000*n + 20, 8000*n + 7900} {
			if a[at] != value || b[at] != value {
				t.Errorf("second %d has %d and %d, want %d", n, a[at], b[at], value)
			}
		}
	}
	cuts := r.Cuts()
	if len(cuts) != 2 || cuts[0] != (Cut{2 * time.Second, 3 * time.Second}) || cuts[1] != (Cut{3 * time.Second, 10 * time.Second}) {
		t.Errorf("cuts %v", cuts)
	}
}

// Pauses are bounded, and a stream is in a few recordings at once, each of which ends for itself.
func TestRecordingsOfOneStream(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	p := newPhone(t, "PCMU")
	s := p.call(e, Options{})
	var all []*Recorder
	for _, name := range []string{"1.wav", "2.wav", "3.wav", "4.wav", "5.wav"} {
		r, err := e.Recorder(name, 1, 8000)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		all = append(all, r)
	}
	for i, r := range all {
		if err := s.Record(r, 0); (err == nil) != (i < maxTaps) {
			t.Errorf("recording %d: %v", i, err)
		}
	}
	if err := s.Record(all[0], 0); err != nil {
		t.Errorf("the same one again: %v", err)
	}
	s.StopRecord(all[1])
	p.talk(500)
	p.hearPackets(25) // as many frames of the stream
	for _, i := range []int{0, 1} {
		if err := all[i].Close(); err != nil {
			t.Fatal(err)
		}
		if n := all[i].Length(); (n > 0) != (i == 0) {
			t.Errorf("recording %d has %v", i, n)
		}
	}
	r := all[0]
	for range maxGaps {
		if !r.Pause() || !r.Resume() {
			t.Fatal("a pause is refused")
		}
	}
	if r.Pause() {
		t.Error("there is no end of pauses")
	}
}
