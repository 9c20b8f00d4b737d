package sound

import (
	"bytes"
	"errors"
	"fmt"

	"tandem/media/codec"
)

// ErrFormat is for a file that is no sound, or one of a kind that is not read.
var ErrFormat = errors.New("sound: not a supported sound file")

// audio is what a file holds: samples, those of its channels interleaved.
type audio struct {
	pcm      []int16
	rate     int
	channels int
}

// kinds are the files that are read, each told by its first octets.
var kinds = []struct {
	is   func(file []byte) bool
	read func(file []byte) (audio, error)
}{
	{isWave, readWave},
	{isAU, readAU},
	{isGSM, readGSM},
	{isMP3, readMP3},
}

// Decode reads a file, whose kind is told by what it holds: WAV of linear samples, mu-law, A-law or GSM
// 06.10; AU; bare GSM 06.10; MP3. Two channels are added up to one. The name is for errors, which wrap
// ErrFormat.
func Decode(name string, file []byte) (*Sound, error) {
	s, err := decode(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return s, nil
}

func decode(file []byte) (*Sound, error) {
	if len(file) > MaxBytes {
		return nil, fmt.Errorf("%d bytes; %d at most", len(file), MaxBytes)
	}
	for _, k := range kinds {
		if !k.is(file) {
			continue
		}
		a, err := k.read(file)
		if err != nil {
			return nil, err
		}
		return a.sound()
	}
	return nil, errors.New("neither WAV nor AU nor GSM nor MP3")
}

// check is for the header of a file, before its samples are read.
func (a audio) check() error {
	if _, known := codec.FileRate(a.rate); !known {
		return fmt.Errorf("%d samples a second are not read", a.rate)
	}
	if a.channels < 1 || a.channels > 2 {
		return fmt.Errorf("%d channels; 1 and 2 are read", a.channels)
	}
	return nil
}

func (a audio) sound() (*Sound, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	rate, _ := codec.FileRate(a.rate)
	pcm := mono(a.pcm, a.channels)
	if span(len(pcm), rate) > MaxLength {
		return nil, fmt.Errorf("longer than %v", MaxLength)
	}
	to := rates[0]
	if rate > to {
		to = rates[1]
	}
	pcm, err := codec.Convert(pcm, rate, to)
	if err != nil {
		return nil, err
	}
	return newSound(pcm, to), nil
}

// mono adds two channels up, at half their level, in place.
func mono(pcm []int16, channels int) []int16 {
	if channels == 1 {
		return pcm
	}
	for i := range len(pcm) / 2 {
		pcm[i] = int16((int(pcm[2*i]) + int(pcm[2*i+1])) / 2)
	}
	return pcm[:len(pcm)/2]
}

// begins tells that there is a word at a place of the file.
func begins(file []byte, at int, word string) bool {
	return len(file) >= at && bytes.HasPrefix(file[at:], []byte(word))
}
