package media

import (
	"errors"
	"testing"
	"time"

	"tandem/media/sound"
	"tandem/media/tone"
	"tandem/media/wav"
)

// A voice keeps the mixer, plays to those who come, and tells when a source has ended.
func TestVoice(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	told := newEvents()
	v, err := e.Voice(e.Mixer("room", 16000), told.on)
	if err != nil {
		t.Fatal(err)
	}
	if n := e.Snapshot().Mixers; n != 1 || v.Mixer() != e.Mixer("room", 8000) {
		t.Errorf("%d mixers", n)
	}
	beep := sound.Tone("beep", 8000, 1000, 0, 0, 40*time.Millisecond)
	v.Play(beep) // nobody is there to hear it
	if f := wait[Finished](t, told); f.Source != "beep" || !beep.Completed() {
		t.Errorf("%v has ended", f)
	}
	v.Play(tone.Sine(16000, 600, -10))
	p := newPhone(t, "PCMU")
	s := p.call(e, Options{})
	if err := s.JoinAs(e.Mixer("room", 16000), Role{Deaf: true}); err != nil {
		t.Fatal(err)
	}
	p.hear(600, 200*time.Millisecond)
	v.Play(nil)
	p.quiet(200 * time.Millisecond)
	s.Leave()
	if n := e.Snapshot().Mixers; n != 1 {
		t.Errorf("%d mixers after the last party", n)
	}
	v.Close()
	if n := e.Snapshot().Mixers; n != 0 {
		t.Errorf("%d mixers after the voice", n)
	}
	if err := v.Record(&Recorder{channels: 1}, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed voice records: %v", err)
	}
}

// The only party of a mixer that ended with it comes into the new one of the name.
func TestJoinAgainAfterTheEnd(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	old := e.Mixer("room", 8000)
	s := newPhone(t, "PCMU").call(e, Options{})
	if err := s.Join(old); err != nil {
		t.Fatal(err)
	}
	s.Leave()
	if err := s.Join(old); err != nil {
		t.Fatal(err)
	}
	if err := s.Join(old); err != nil { // by the old one's name it is in the new one already
		t.Fatal(err)
	}
	if now := e.Mixer("room", 8000); now == old || now.Parties() != 1 || e.Snapshot().Mixers != 1 {
		t.Errorf("%d parties in %d mixers", now.Parties(), e.Snapshot().Mixers)
	}
}

func TestVoicesAreBounded(t *testing.T) {
	e := newTestEngine(t, testConf())
	room := e.Mixer("room", 8000)
	for range maxVoices {
		if _, err := e.Voice(room, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Voice(room, nil); err == nil {
		t.Error("one more than may be")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Voice(room, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// A voice records what the parties say and other voices play, and not what it plays itself.
func TestVoiceRecords(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	room := e.Mixer("room", 8000)
	v, err := e.Voice(room, nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := e.Voice(room, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, hz := range []float64{600, 1100} {
		p := newPhone(t, "PCMU")
		if err := p.call(e, Options{}).Join(room); err != nil {
			t.Fatal(err)
		}
		p.talk(hz)
	}
	v.Play(tone.Sine(8000, 1700, -10))
	other.Play(tone.Sine(8000, 2300, -10))
	r, err := e.Recorder("room.wav", 1, 8000)
	if err != nil {
		t.Fatal(err)
	}
	if v.Record(r, 1) == nil || v.Record(r, 0) != nil {
		t.Error("it records into channel 1 of 1, or not into channel 0")
	}
	eventually(t, "a second is on disk", func() bool { return r.Length() > time.Second })
	if err := v.Record(nil, 0); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	clip, err := wav.Load(r.Path())
	if err != nil {
		t.Fatal(err)
	}
	pcm := clip.Samples()
	for hz, want := range map[float64]bool{600: true, 1100: true, 2300: true, 1700: false} {
		d, loudest := tone.NewDetector(8000, hz), -100.0
		for at := 0; at+160 <= len(pcm); at += 160 {
			d.Hear(pcm[at : at+160])
			loudest = max(loudest, d.Level())
		}
		if heard := loudest > -20; heard != want {
			t.Errorf("%g Hz is recorded at %.0f dBm0", hz, loudest)
		}
	}
	if err := v.Record(r, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("into a closed recording: %v", err)
	}
}
