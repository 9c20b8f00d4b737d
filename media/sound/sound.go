package sound

import (
	"sync"
	"time"

	"tandem/media/codec"
)

// Sound is audio in memory, one channel. It is never changed, but for what it remembers of its own
// work; any number of players may play it at once.
type Sound struct {
	versions [2]version // at 8000 and 16000 samples a second
	native   int        // the version that was decoded; the other is made of it when first asked for
}

// version is a sound at one sample rate.
type version struct {
	rate      int
	pcm       []int16 // valid once made is closed
	once      sync.Once
	made      chan struct{}
	encodings [encodings]encoding
}

// rates are those of the versions.
var rates = [2]int{8000, 16000}

// newSound makes a sound of samples at one of the rates, which become its own.
func newSound(pcm []int16, rate int) *Sound {
	s := &Sound{}
	for i := range s.versions {
		v := &s.versions[i]
		v.rate, v.made = rates[i], make(chan struct{})
		if rates[i] == rate {
			s.native, v.pcm = i, pcm
			close(v.made)
		}
	}
	return s
}

// Length is how long the sound lasts.
func (s *Sound) Length() time.Duration {
	v := &s.versions[s.native]
	return span(len(v.pcm), v.rate)
}

// at is the version for a sample rate: the wide one for every rate above 8000. A long sound that was not
// asked for at that rate before is had as it was decoded, until it has been made over.
func (s *Sound) at(rate int) *version {
	i := 0
	if rate > rates[0] {
		i = 1
	}
	v, native := &s.versions[i], &s.versions[s.native]
	if v == native {
		return v
	}
	if s.Length() <= waitFor {
		v.once.Do(func() { v.makeOf(native) })
		return v
	}
	v.once.Do(func() { go v.makeOf(native) })
	select {
	case <-v.made:
		return v
	default:
		return native
	}
}

func (v *version) makeOf(native *version) {
	// Both rates can be converted.
	v.pcm, _ = codec.Convert(native.pcm, native.rate, v.rate)
	close(v.made)
}

// span is the time of so many samples.
func span(samples, rate int) time.Duration {
	return time.Duration(samples) * time.Second / time.Duration(rate)
}

// samples is how many fall into the time.
func samples(d time.Duration, rate int) int {
	return int(d/time.Second)*rate + int(d%time.Second)*rate/int(time.Second)
}
