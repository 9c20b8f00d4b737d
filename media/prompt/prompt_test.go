package prompt

import (
	"errors"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/media/dtmf"
)

// listen reads a source to its end, or for so long.
func listen(s Source, most time.Duration) []int16 {
	var pcm []int16
	frame := make([]int16, s.Rate()/50)
	for range int(most / (20 * time.Millisecond)) {
		if !s.Read(frame) {
			break
		}
		pcm = append(pcm, frame...)
	}
	return pcm
}

// loudness is the root mean square of what is not silent, and the peak.
func loudness(pcm []int16) (rms, peak float64) {
	sum, n := 0.0, 0.0
	for _, x := range pcm {
		v := math.Abs(float64(x))
		peak = max(peak, v)
		if v > 30 {
			sum, n = sum+v*v, n+1
		}
	}
	return math.Sqrt(sum / max(n, 1)), peak
}

// The names the demo numbers and the conference speak.
func TestNeededNames(t *testing.T) {
	names := Names()
	for _, want := range strings.Fields("0 1 2 3 4 5 6 7 8 9 a z dot colon dash this-call-uses codec pcmu pcma g722 " +
		"your-address-is port you-are-on-member goodbye you-are-the-only-one-in-this-conference " +
		"you-are-in-conference joined left beep music ringback busy tune silence") {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestEveryPromptIsAudible(t *testing.T) {
	for _, name := range Names() {
		s, err := Open(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.Rate() != Rate || s.Name() == "" {
			t.Errorf("%s: %d Hz, named %q", name, s.Rate(), s.Name())
		}
		pcm := listen(s, 10*time.Second)
		rms, peak := loudness(pcm)
		if name == "silence" {
			if peak != 0 {
				t.Errorf("silence has a peak of %.0f", peak)
			}
			continue
		}
		if rms < 800 || rms > 6000 || peak > 26000 {
			t.Errorf("%s: level %.0f, peak %.0f", name, rms, peak)
		}
		if seconds := float64(len(pcm)) / Rate; seconds < 0.1 {
			t.Errorf("%s lasts %.2f s", name, seconds)
		}
	}
}

// What the server plays must not press keys at a peer that listens in band.
func TestNoPromptPressesKeys(t *testing.T) {
	for _, name := range Names() {
		s, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := dtmf.NewDetector(Rate).Hear(nil, listen(s, 20*time.Second)); len(got) > 0 {
			t.Errorf("%s presses %c", name, got[0].Key)
		}
	}
}

func TestOpenUnknown(t *testing.T) {
	for _, name := range []string{"", "nothing", "../prompt", "speech/0"} {
		if _, err := Open(name); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if s, err := Open("  This call  USES "); err != nil || s.Name() != "this-call-uses" {
		t.Errorf("%v", err)
	}
}

func sounds(s *Speech) string {
	var names []string
	for _, x := range s.sounds {
		names = append(names, x.clip.Name())
	}
	return strings.Join(names, " ")
}

func TestSaySpellsWhatItDoesNotKnow(t *testing.T) {
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"This call uses", "codec", "PCMU"}, "this-call-uses codec pcmu"},
		{[]string{"127.0.0.1", "port", "5060"}, "1 2 7 dot 0 dot 0 dot 1 port 5 0 6 0"},
		{[]string{"fe80::A1"}, "f e 8 0 colon colon a 1"},
		{[]string{"m1"}, "m 1"},
		{[]string{"a b", "é!", ""}, "a b"},
		{nil, ""},
	} {
		if got := sounds(Say(c.words...)); got != c.want {
			t.Errorf("%q: %q, want %q", c.words, got, c.want)
		}
	}
	if n := len(Say(strings.Repeat("1", 10000)).sounds); n != maxSounds {
		t.Errorf("%d sounds", n)
	}
}

func TestSayPlaysAllOfItOnce(t *testing.T) {
	s := Say("port", "50")
	want := 0
	for _, x := range s.sounds {
		want += len(x.clip.Samples()) + int(x.pause.Seconds()*Rate)
	}
	pcm := listen(s, time.Minute)
	if short := want - len(pcm); short > 0 || short <= -160 {
		t.Errorf("%d samples of %d", len(pcm), want)
	}
	if s.Read(make([]int16, 160)) || Say().Read(make([]int16, 160)) {
		t.Error("it speaks on after its end")
	}
	// A file of an odd number of samples, or a pause, must not shift what follows.
	first := s.sounds[0].clip.Samples()
	if !slices.Equal(pcm[:len(first)], first) {
		t.Error("the first word is not as it is in its file")
	}
}

func TestMusicIsALongLoopWithoutASeam(t *testing.T) {
	pcm := piece()
	if seconds := len(pcm) / Rate; seconds < 30 || seconds > 60 {
		t.Errorf("%d s", seconds)
	}
	rms, peak := loudness(pcm)
	if rms < 1000 || peak > 10000 {
		t.Errorf("level %.0f, peak %.0f", rms, peak)
	}
	largest := 0
	for i := 1; i < len(pcm); i++ {
		largest = max(largest, step(pcm[i-1], pcm[i]))
	}
	if seam := step(pcm[len(pcm)-1], pcm[0]); seam > largest {
		t.Errorf("a step of %d at the seam, %d anywhere else", seam, largest)
	}
	// No second of it is silent, and none drowns the others.
	for at := 0; at+Rate <= len(pcm); at += Rate {
		if second, _ := loudness(pcm[at : at+Rate]); second < rms/3 || second > rms*3 {
			t.Errorf("second %d: level %.0f of %.0f", at/Rate, second, rms)
		}
	}
	m := Music()
	if got := listen(m, 2*time.Minute); len(got) != 120*Rate || !slices.Equal(got[len(pcm):2*len(pcm)], pcm) {
		t.Error("the second round differs from the first")
	}
}

func step(a, b int16) int { return max(int(a)-int(b), int(b)-int(a)) }

// The binary must stay small.
func TestEmbeddedSize(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(files, ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		about, err := d.Info()
		total += about.Size()
		return err
	})
	if err != nil || total > 1_500_000 {
		t.Errorf("%d bytes, %v", total, err)
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	frame := make([]int16, 160)
	for _, s := range []Source{Music(), Say(strings.Repeat("5", 100))} {
		if n := testing.AllocsPerRun(100, func() { s.Read(frame) }); n != 0 {
			t.Errorf("%s: %v allocations", s.Name(), n)
		}
	}
}

func BenchmarkMusic(b *testing.B) {
	m, frame := Music(), make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		m.Read(frame)
	}
}

func BenchmarkCompose(b *testing.B) {
	for b.Loop() {
		compose()
	}
}

func BenchmarkSay(b *testing.B) {
	s, frame := Say("127.0.0.1"), make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		if !s.Read(frame) {
			s.next = 0
		}
	}
}
