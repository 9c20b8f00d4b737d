package sound

import (
	"bytes"
	"errors"
	"fmt"

	"tandem/media/wav"
)

// ErrFormat is for a file that is no sound, or one of a kind that is not read.
var ErrFormat = errors.New("sound: not a supported sound file")

// Decode reads a file, whose kind is told by what it holds. The name is for errors.
func Decode(name string, data []byte) (*Sound, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("%w: %s: %d bytes; %d at most", ErrFormat, name, len(data), MaxBytes)
	}
	clip, err := wav.ReadClip(name, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, name, err)
	}
	return newSound(clip.Samples(), clip.Rate()), nil
}
