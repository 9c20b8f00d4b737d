package media

import (
	"testing"
	"time"

	"tandem/media/codec"
)

// Those who hear the same in one codec have an encoder each where they wish for different things of it; one that nobody
// hears any more is given up.
func TestMixIsEncodedAsWished(t *testing.T) {
	m := newMixer(newTestEngine(t, testConf()), "room", 8000)
	pcmu := codecOf(t, "PCMU")
	for rate := range 3 {
		m.encoded(hearing{codec: pcmu, wishes: codec.Wishes{Rate: rate}})
	}
	if n := len(m.common); n != 3 {
		t.Errorf("%d encoders for three wishes", n)
	}
	at := time.Now()
	for range maxIdle + 1 {
		at = at.Add(codec.Frame)
		m.tick(at)
		m.encoded(hearing{codec: pcmu})
	}
	if n := len(m.common); n != 1 {
		t.Errorf("%d encoders for one who hears", n)
	}
}

// A peer's maxaveragebitrate holds in a conference too (RFC 7587 section 6.1).
func TestMixKeepsToTheBitRate(t *testing.T) {
	opus := codecOf(t, "opus")
	if !opus.Encodes() {
		t.Skip("this build does not encode Opus")
	}
	m := newMixer(newTestEngine(t, testConf()), "room", 8000)
	pcm := make([]int16, frameSamples(8000))
	octets := func(w codec.Wishes) (n int) {
		for i := range 100 {
			for j := range pcm {
				pcm[j] = int16((i*160+j)*7919%9000 - 4500)
			}
			m.sums.clear()
			m.sums.add(pcm, fromVoice)
			for _, c := range m.common {
				c.made = false
			}
			n += len(m.encoded(hearing{codec: opus, wishes: w}))
		}
		return n
	}
	if most, few := octets(codec.Wishes{}), octets(codec.Wishes{Rate: 8000}); few > 100*8000/50/8*5/4 || few >= most {
		t.Errorf("%d octets at 8000 bit/s, %d without a limit", few, most)
	}
}
