package lab

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"time"
)

// Sound is audio in memory: for each channel samples from -1 to 1.
type Sound struct {
	Rate     int // samples a second
	Channels [][]float64
}

// Silence is so much of nothing on one channel.
func Silence(rate int, length time.Duration) Sound {
	return Sound{rate, [][]float64{make([]float64, count(rate, length))}}
}

// Tone is a sum of sines of equal strength on one channel. Level is that of each, in dB below full
// scale: -10 is loud, -60 hardly there.
func Tone(rate int, length time.Duration, level float64, hz ...float64) Sound {
	s := Silence(rate, length)
	peak := math.Pow(10, level/20)
	for _, f := range hz {
		for i := range s.Channels[0] {
			s.Channels[0][i] += peak * math.Sin(2*math.Pi*f*float64(i)/float64(rate))
		}
	}
	return s
}

// Then is s followed by more, which has the same rate and channels.
func (s Sound) Then(more Sound) Sound {
	joined := Sound{Rate: s.Rate}
	for i := range s.Channels {
		joined.Channels = append(joined.Channels, append(s.Channels[i][:len(s.Channels[i]):len(s.Channels[i])],
			more.Channels[i]...))
	}
	return joined
}

// Length is how long the sound is.
func (s Sound) Length() time.Duration {
	if len(s.Channels) == 0 || s.Rate == 0 {
		return 0
	}
	return time.Duration(len(s.Channels[0])) * time.Second / time.Duration(s.Rate)
}

func count(rate int, length time.Duration) int {
	return int(int64(rate) * int64(length) / int64(time.Second))
}

const (
	pcm        = 1      // format tag of linear samples
	extensible = 0xFFFE // format tag that puts the real one further behind
	bits       = 16
)

// WriteWAV writes the sound as linear samples of 16 bits.
func (s Sound) WriteWAV(path string) error {
	channels := len(s.Channels)
	if channels == 0 {
		return errors.New("a sound without channels")
	}
	size := len(s.Channels[0]) * channels * bits / 8
	b := make([]byte, 0, 44+size)
	le := binary.LittleEndian
	b = le.AppendUint32(append(b, "RIFF"...), uint32(36+size))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, pcm), uint16(channels))
	b = le.AppendUint32(le.AppendUint32(b, uint32(s.Rate)), uint32(s.Rate*channels*bits/8))
	b = le.AppendUint16(le.AppendUint16(b, uint16(channels*bits/8)), bits)
	b = le.AppendUint32(append(b, "data"...), uint32(size))
	for i := range s.Channels[0] {
		for _, c := range s.Channels {
			b = le.AppendUint16(b, uint16(int16(math.Round(max(-1, min(1, c[i]))*math.MaxInt16))))
		}
	}
	return os.WriteFile(path, b, 0o600)
}

// ReadWAV reads a file of linear samples of 16 bits. One that its writer had no time to close, with
// a length of nothing or of everything, is read to its end.
func ReadWAV(path string) (Sound, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Sound{}, err
	}
	s, err := parseWAV(b)
	if err != nil {
		return Sound{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

func parseWAV(b []byte) (Sound, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return Sound{}, errors.New("is no WAV file")
	}
	var s Sound
	for b = b[12:]; len(b) >= 8; {
		kind, size := string(b[:4]), int(binary.LittleEndian.Uint32(b[4:8]))
		b = b[8:]
		if kind == "data" {
			if size == 0 || size > len(b) {
				size = len(b)
			}
			return s, s.fill(b[:size])
		}
		if size > len(b) {
			break
		}
		if kind == "fmt " {
			if err := s.format(b[:size]); err != nil {
				return Sound{}, err
			}
		}
		b = b[min(size+size%2, len(b)):]
	}
	return Sound{}, errors.New("has no samples")
}

func (s *Sound) format(b []byte) error {
	if len(b) < 16 {
		return errors.New("has a format that is cut short")
	}
	le := binary.LittleEndian
	tag, channels, width := le.Uint16(b), int(le.Uint16(b[2:])), le.Uint16(b[14:])
	if (tag != pcm && tag != extensible) || width != bits || channels < 1 {
		return fmt.Errorf("has format %d with %d bits on %d channels, not linear samples of 16 bits",
			tag, width, channels)
	}
	s.Rate, s.Channels = int(le.Uint32(b[4:])), make([][]float64, channels)
	return nil
}

func (s *Sound) fill(b []byte) error {
	n := len(s.Channels)
	if n == 0 {
		return errors.New("has samples before their format")
	}
	for i := 0; i+2*n <= len(b); i += 2 * n {
		for c := range n {
			v := int16(binary.LittleEndian.Uint16(b[i+2*c:]))
			s.Channels[c] = append(s.Channels[c], float64(v)/(math.MaxInt16+1))
		}
	}
	return nil
}
