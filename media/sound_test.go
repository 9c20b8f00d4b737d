package media

import (
	"testing"
	"time"

	"tandem/media/sound"
	"tandem/media/tone"
	"tandem/media/wav"
)

// sineOf is a sine at -10 dBm0.
func sineOf(rate int, hz float64, long time.Duration) []int16 {
	pcm := make([]int16, int(long.Seconds()*float64(rate)))
	tone.Sine(rate, hz, -10).Read(pcm)
	return pcm
}

// waveSound is a sound as it comes from a WAV file.
func waveSound(t testing.TB, rate int, pcm []int16) *sound.Sound {
	t.Helper()
	file := wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: rate, Channels: 1}, 2*len(pcm))
	for _, x := range pcm {
		file = append(file, byte(x), byte(uint16(x)>>8))
	}
	s, err := sound.Decode("test.wav", file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
