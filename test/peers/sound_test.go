package peers

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	// rate is the sample rate of what phones play, and at which we listen: that of G.711.
	rate = 8000
	// header is the length of the header of a WAV file as both phones write it.
	header = 44
	// enough is how much of a tone in a row within it makes it recognised.
	enough = 400 * time.Millisecond
	// latest is how much of the end of a recording is judged.
	latest = 600 * time.Millisecond
)

// tone writes the file of what a phone plays, longer than any story.
func tone(t testing.TB, dir string, hz float64) (path string) {
	t.Helper()
	path = filepath.Join(dir, "tone.wav")
	if err := lab.Tone(rate, 2*time.Minute, -12, hz).WriteWAV(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// recorded reads a recording that may still grow, one channel, false if there is nothing yet. It does
// not believe the header: linphone writes it at the end of a call, zeros before, and appends the next
// call; two calls of baresip in one second share a file, and the first closes it last. at is the sample rate: that of
// Opus is made ours by the mean of what falls into a sample.
func recorded(path string, at int) (lab.Sound, bool) {
	b, err := os.ReadFile(path)
	if err != nil || len(b) < header {
		return lab.Sound{}, false
	}
	each := at / rate
	samples := make([]float64, (len(b)-header)/2/each)
	for i := range samples {
		for j := range each {
			x := int16(binary.LittleEndian.Uint16(b[header+2*(i*each+j):]))
			samples[i] += float64(x) / math.MaxInt16 / float64(each)
		}
	}
	return lab.Sound{Rate: rate, Channels: [][]float64{samples}}, true
}

// hear waits until a phone hears these tones from now on, all of them and nothing else of weight.
func hear(t testing.TB, p phone, hz ...float64) {
	t.Helper()
	listen(t, p, fmt.Sprintf("does not hear %v Hz", hz), func(s lab.Sound) bool { return s.Heard(0, hz...) >= enough })
}

// heard waits until a phone has heard so much of a tone since now, which may be over again.
func heard(t testing.TB, p phone, hz float64) {
	t.Helper()
	old, _ := p.Heard()
	past := samples(old)
	lab.Wait(t, patience, fmt.Sprintf("%s has not heard %v Hz", p.Number(), hz), func() bool {
		s, ok := p.Heard()
		if !ok {
			return false
		}
		past = min(past, samples(s))
		return lab.Sound{Rate: rate, Channels: [][]float64{s.Channels[0][past:]}}.Heard(0, hz) >= long
	})
}

// hearMusic waits until a phone hears something that holds no tone of a party.
func hearMusic(t testing.TB, p phone) {
	t.Helper()
	listen(t, p, "hears no music", func(s lab.Sound) bool {
		for _, party := range seats {
			if s.Heard(0, party.hz) > 0 {
				return false
			}
		}
		return s.Silent(0) < enough
	})
}

// hearEachOther waits until both phones hear the other's tone and not their own.
func hearEachOther(t testing.TB, a, b phone) {
	t.Helper()
	hear(t, a, b.Tone())
	hear(t, b, a.Tone())
}

// listen waits until the latest piece of what a phone has heard since now is as asked. What it heard
// before does not count, so that a recording that stands still proves nothing.
func listen(t testing.TB, p phone, what string, is func(lab.Sound) bool) {
	t.Helper()
	old, _ := p.Heard()
	past := samples(old)
	lab.Wait(t, patience, p.Number()+" "+what, func() bool {
		s, ok := p.Heard()
		if !ok {
			return false
		}
		past = min(past, samples(s)) // a new call begins a new recording
		fresh := s.Channels[0][past:]
		n := int(latest.Seconds() * rate)
		return len(fresh) >= n && is(lab.Sound{Rate: rate, Channels: [][]float64{fresh[len(fresh)-n:]}})
	})
}

func samples(s lab.Sound) int {
	if len(s.Channels) == 0 {
		return 0
	}
	return len(s.Channels[0])
}
