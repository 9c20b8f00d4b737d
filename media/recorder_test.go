package media

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
	"tandem/media/wav"
)

// channels reads a file and takes its channels apart.
func channels(t testing.TB, path string) (left, right []int16, f wav.Format) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := wav.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, 4096)
	for {
		n, err := r.Read(pcm)
		for i := 0; i < n; i += r.Format().Channels {
			left = append(left, pcm[i])
			if r.Format().Channels == 2 {
				right = append(right, pcm[i+1])
			}
		}
		if errors.Is(err, io.EOF) {
			return left, right, r.Format()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// share is how much of the sound is the tone.
func share(pcm []int16, rate int, hz float64) float64 {
	d := tone.NewDetector(rate, hz)
	d.Hear(pcm)
	present, total := d.Heard()
	return float64(present) / float64(total)
}

// Both legs of a call, one of them through the relay's fast path: each in its channel, in step.
func TestRecordStereo(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := join(t, e, a, b)
	r, err := e.Recorder("call/1.wav", 2, 8000)
	if err != nil {
		t.Fatal(err)
	}
	for channel, s := range []*Stream{sa, sb} {
		if err := s.Record(r, channel); err != nil {
			t.Fatal(err)
		}
	}
	// Silence first, so that both begin at once within the recording.
	stop := a.say(tone.Silence(8000), a.write)
	b.hearPackets(5)
	stop()
	a.talk(600)
	b.talk(1100)
	b.hear(600, time.Second)
	a.hear(1100, time.Second)
	if n := e.Snapshot(); n.Recordings != 1 || n.Relayed == 0 {
		t.Errorf("%d recordings, %d relayed", n.Recordings, n.Relayed)
	}
	sa.StopRecord(r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	left, right, f := channels(t, filepath.Join(c.Recordings, "call/1.wav"))
	if f.Channels != 2 || f.Rate != 8000 {
		t.Fatalf("format %+v", f)
	}
	// How near the channels are is TestRecordingAlignment's: here a busy machine lets one phone begin late.
	left, right = left[len(left)/2:], right[len(right)/2:]
	// A machine that is busy holds the phones up, and each break takes some of a tone; what matters is who is where.
	if own, other := share(left, 8000, 600), share(left, 8000, 1100); own < 0.1 || other > 0.05 {
		t.Errorf("the left channel holds %.2f of its own leg and %.2f of the other", own, other)
	}
	if own, other := share(right, 8000, 1100), share(right, 8000, 600); own < 0.1 || other > 0.05 {
		t.Errorf("the right channel holds %.2f of its own leg and %.2f of the other", own, other)
	}
	if n := r.Dropped(); n != 0 { // a busy machine has a slow disk; TestSlowDisk counts them
		t.Logf("%d frames dropped", n)
	}
	if n := e.Snapshot().Recordings; n != 0 {
		t.Errorf("%d recordings go on", n)
	}
}

// hearPackets waits for so many packets.
func (p *phone) hearPackets(n int) {
	for range n {
		p.next()
	}
}

// A process that dies leaves a file that can be played up to the last second.
func TestRecordingSurvives(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	e := newTestEngine(t, c)
	p := newPhone(t, "G722")
	r, err := e.Recorder("x.wav", 1, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.call(e, Options{}).Record(r, 0); err != nil {
		t.Fatal(err)
	}
	p.talk(1500)
	eventually(t, "a second is on disk", func() bool {
		pcm, _, _ := channels(t, r.Path()) // nothing was closed
		return len(pcm) >= 16000 && share(pcm[8000:], 16000, 1500) > 0.7
	})
}

// What a process that dies loses is half a second at most: the rest is in the file already.
func TestRecordingIsHardlyBehind(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Recordings = t.TempDir()
	r, err := newTestEngine(t, c).Recorder("x.wav", 1, 8000)
	if err != nil {
		t.Fatal(err)
	}
	into, frame := &tap{recorder: r}, make([]int16, 160)
	heard := 0
	for _, more := range []int{30, 7, 100, 13} {
		for range more {
			into.write(frame, time.Unix(0, 0).Add(time.Duration(heard)*codec.Frame))
			heard++
		}
		eventually(t, "all but half a second is on disk", func() bool {
			pcm, _, _ := channels(t, r.Path()) // nothing was closed
			return len(pcm) >= heard*160-4000
		})
	}
}

// Of a silence so much is kept; a sound begins at its full length after it, and two channels keep all.
func TestSkipSilence(t *testing.T) {
	for _, c := range []struct {
		channels int
		longer   time.Duration
		want     time.Duration
	}{
		{1, 300 * time.Millisecond, 800 * time.Millisecond},
		{1, 0, 1700 * time.Millisecond},
		{2, 300 * time.Millisecond, 1700 * time.Millisecond},
	} {
		d := &disk{}
		r := record(t, d, c.channels, time.Hour)
		r.SkipSilence(c.longer, 100)
		into, at := &tap{recorder: r}, time.Unix(0, 0)
		for _, part := range []struct {
			x    int16
			long time.Duration
		}{
			{1000, 200 * time.Millisecond}, {100, 1200 * time.Millisecond},
			{-500, 100 * time.Millisecond}, {50, 200 * time.Millisecond},
		} {
			for range int(part.long / codec.Frame) {
				frame := make([]int16, 160)
				for i := range frame {
					frame[i] = part.x
				}
				into.write(frame, at)
				at = at.Add(codec.Frame)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if r.Length() != c.want || d.pcm[0] != 1000 {
			t.Errorf("%d channels, silence up to %v: %v, not %v", c.channels, c.longer, r.Length(), c.want)
		}
		loud := 0
		for _, x := range d.pcm {
			if x == -500 {
				loud++
			}
		}
		if loud != 800 {
			t.Errorf("%d samples of the second sound", loud)
		}
	}
}

func TestRecorderRefuses(t *testing.T) {
	c := testConf()
	c.Recordings, c.MaxRecordings = t.TempDir(), 1
	e := newTestEngine(t, c)
	for _, bad := range [][2]int{{0, 8000}, {3, 8000}, {1, 44100}} {
		if _, err := e.Recorder("bad.wav", bad[0], bad[1]); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
	r, err := e.Recorder("a.wav", 1, 8000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Recorder("b.wav", 1, 8000); !errors.Is(err, ErrRecordings) {
		t.Errorf("a second of one: %v", err)
	}
	s := newPhone(t, "PCMU").call(e, Options{})
	if s.Record(r, 1) == nil {
		t.Error("recorded into a channel that is not there")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if s.Record(r, 0) == nil {
		t.Error("recorded into what is closed")
	}
	if _, err := e.Recorder("a.wav", 1, 8000); !errors.Is(err, os.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
	if n := e.Snapshot().Recordings; n != 0 {
		t.Errorf("%d recordings left", n)
	}
}

// disk is a file that keeps what is written, waits while it is told to, and fails when it is told to.
type disk struct {
	pcm   []int16
	gate  chan struct{}
	fails error
}

func (d *disk) Write(pcm []int16) error {
	if d.gate != nil {
		<-d.gate
	}
	d.pcm = append(d.pcm, pcm...)
	return d.fails
}

func (d *disk) Close() error { return nil }

// record starts a recorder on the disk.
func record(t testing.TB, d *disk, channels int, limit time.Duration) *Recorder {
	c := testConf()
	c.MaxRecording = limit
	r := newRecorder(newTestEngine(t, c), "test", channels, 8000)
	go r.run(d)
	return r
}

// A disk that stands still costs frames, not calls.
func TestSlowDisk(t *testing.T) {
	d := &disk{gate: make(chan struct{})}
	r := record(t, d, 1, time.Hour)
	into := &tap{recorder: r}
	frame, at := make([]int16, 160), time.Now()
	for range recorderQueue + 200 {
		into.write(frame, at)
		at = at.Add(codec.Frame)
	}
	if n := r.Dropped(); n < 100 || n > 200 {
		t.Errorf("%d frames dropped", n)
	}
	close(d.gate)
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if want := r.Length(); want < time.Duration(recorderQueue)*codec.Frame {
		t.Errorf("%v were written", want)
	}
}

func TestFullDisk(t *testing.T) {
	broken := errors.New("disk full")
	r := record(t, &disk{fails: broken}, 1, time.Hour)
	into := &tap{recorder: r}
	for i := range 20 {
		into.write(make([]int16, 160), time.Unix(0, 0).Add(time.Duration(i)*codec.Frame))
	}
	<-r.Done()
	into.write(make([]int16, 160), time.Now()) // nobody listens, nothing blocks
	if err := r.Close(); !errors.Is(err, broken) {
		t.Errorf("closed with %v", err)
	}
}

func TestRecordingLimit(t *testing.T) {
	d := &disk{}
	r := record(t, d, 1, time.Second)
	into := &tap{recorder: r}
	for i := range 100 {
		into.write(make([]int16, 160), time.Unix(0, 0).Add(time.Duration(i)*codec.Frame))
	}
	<-r.Done()
	if len(d.pcm) != 8000 || r.Length() != time.Second {
		t.Errorf("%d samples, length %v", len(d.pcm), r.Length())
	}
}

// Frames go where their time is: what one channel missed is silence, and two streams in one channel
// are added.
func TestRecordingAlignment(t *testing.T) {
	frame := func(x int16) []int16 {
		pcm := make([]int16, 160)
		for i := range pcm {
			pcm[i] = x
		}
		return pcm
	}
	d := &disk{}
	r := record(t, d, 2, time.Hour)
	left, right, more := &tap{recorder: r}, &tap{recorder: r, channel: 1}, &tap{recorder: r, channel: 1}
	start := time.Unix(1000, 0)
	left.write(frame(1), start)
	left.write(frame(2), start.Add(codec.Frame+7*time.Millisecond)) // a slot of another shard
	right.write(frame(20000), start.Add(10*time.Minute))
	more.write(frame(20000), start.Add(10*time.Minute))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if want := 2 * (10*60*8000 + 160); len(d.pcm) != want {
		t.Fatalf("%d samples, want %d", len(d.pcm), want)
	}
	at := func(sample, channel int) int16 { return d.pcm[2*sample+channel] }
	if at(0, 0) != 1 || at(160, 0) != 2 || at(320, 0) != 0 || at(0, 1) != 0 {
		t.Error("the left channel is not where it should be")
	}
	if at(10*60*8000, 1) != 32767 {
		t.Errorf("two at 20000 make %d", at(10*60*8000, 1))
	}
}
