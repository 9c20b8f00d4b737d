package codec

import (
	"bufio"
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"
)

// The lengths that RFC 6716 section 3.1 gives by the first octets.
func TestOpusUnits(t *testing.T) {
	for _, c := range []struct {
		payload []byte
		want    int // in units of 2.5 ms
	}{
		{nil, 0}, {[]byte{0}, 4}, {[]byte{1 << 3}, 8}, {[]byte{2 << 3}, 16}, {[]byte{3 << 3}, 24},
		{[]byte{9<<3 | 1}, 16}, {[]byte{12 << 3}, 4}, {[]byte{15<<3 | 2}, 16},
		{[]byte{16 << 3}, 1}, {[]byte{29<<3 | 4}, 2}, {[]byte{31 << 3}, 8}, {[]byte{31<<3 | 1}, 16},
		{[]byte{31<<3 | 3}, 0}, {[]byte{31<<3 | 3, 0}, 0}, {[]byte{31<<3 | 3, 3}, 24}, {[]byte{31<<3 | 3, 6 | 128}, 48},
		{[]byte{3<<3 | 3, 63}, 48}, // more than a payload may hold
	} {
		if got := known(t, "opus").Units(c.payload); got != 120*c.want {
			t.Errorf("%x: %d, want %d", c.payload, got, 120*c.want)
		}
	}
}

func known(t testing.TB, name string) Codec {
	t.Helper()
	c, ok := ByName(name)
	if !ok {
		t.Fatalf("no codec %s", name)
	}
	return c
}

// frames reads payload of testdata: a second of a tone of 1004 Hz, a payload of 20 ms in each line, as libopus makes them.
func frames(t testing.TB, name string) (payloads [][]byte) {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		payload, err := hex.DecodeString(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// opusFiles are one for each mode, and one of two channels.
var opusFiles = []string{"opus-silk.txt", "opus-hybrid.txt", "opus-celt.txt", "opus-stereo.txt", "opus-narrow.txt", "opus-long.txt"}

// share is how much of the power of audio is in a tone, 0 to 1, and level its amplitude.
func share(pcm []int16, hz float64, rate int) (share, level float64) {
	var re, im, all float64
	for i, x := range pcm {
		at := 2 * math.Pi * hz * float64(i) / float64(rate)
		re += float64(x) * math.Cos(at)
		im += float64(x) * math.Sin(at)
		all += float64(x) * float64(x)
	}
	n := float64(len(pcm))
	level = 2 * math.Hypot(re, im) / n
	return level * level / 2 * n / max(all, 1), level
}

// A tone in is the same tone out, whatever its payload is made of.
func TestOpusDecodesATone(t *testing.T) {
	for _, file := range opusFiles {
		d, payloads := known(t, "opus").NewDecoder(), frames(t, file)
		var pcm []int16
		for i, payload := range payloads {
			before := len(pcm)
			pcm = d.Decode(pcm, payload)
			if want := known(t, "opus").Units(payload) * opusRate / opusClock; len(pcm)-before != want {
				t.Fatalf("%s: %d samples of payload %d, want %d", file, len(pcm)-before, i, want)
			}
		}
		pcm = pcm[len(pcm)/4:]
		if of, level := share(pcm, 1004, opusRate); of < 0.98 || math.Abs(level-8000) > 800 {
			t.Errorf("%s: %.3f of the power is in the tone, of amplitude %.0f", file, of, level)
		}
	}
}

// What is no Opus gives nothing, and the next payload is heard again.
func TestOpusMalformed(t *testing.T) {
	d, payloads := known(t, "opus").NewDecoder(), frames(t, opusFiles[0])
	for _, bad := range [][]byte{nil, {31<<3 | 3}, {31<<3 | 3, 0}, {3<<3 | 3, 63, 1, 2}, {1, 2, 3, 4}} {
		if pcm := d.Decode(nil, bad); len(pcm) != 0 {
			t.Errorf("%x: %d samples", bad, len(pcm))
		}
	}
	if pcm := d.Decode(nil, payloads[0]); len(pcm) != 320 {
		t.Errorf("%d samples", len(pcm))
	}
}

// FuzzOpus decodes whatever may come, several payloads one after the other: nothing panics, and no payload holds more than
// it may.
func FuzzOpus(f *testing.F) {
	for _, file := range opusFiles {
		payloads := frames(f, file)
		f.Add(payloads[0], payloads[1], payloads[2])
		f.Add(payloads[3], []byte{31<<3 | 3, 6}, payloads[4])
	}
	f.Fuzz(func(t *testing.T, first, second, third []byte) {
		d, room := known(t, "opus").NewDecoder(), make([]int16, 0, opusLongest)
		for _, payload := range [][]byte{first, second, third, first} {
			if len(payload) > 1500 {
				return // no datagram holds it
			}
			if pcm := d.Decode(room, payload); len(pcm) > opusLongest*opusRate/opusClock {
				t.Fatalf("%d samples of %d octets", len(pcm), len(payload))
			}
			if m, ok := d.(Mender); ok {
				if pcm := m.Mend(room, 320, payload); len(pcm) != 320 {
					t.Fatalf("%d samples made up", len(pcm))
				}
			}
		}
	})
}

func BenchmarkOpusDecode(b *testing.B) {
	for _, file := range opusFiles {
		b.Run(strings.TrimSuffix(file, ".txt"), func(b *testing.B) {
			d, payloads, room := known(b, "opus").NewDecoder(), frames(b, file), make([]int16, 0, opusLongest)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				d.Decode(room, payloads[i%len(payloads)])
			}
		})
	}
}
