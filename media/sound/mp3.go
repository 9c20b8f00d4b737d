package sound

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// isMP3 tells a frame of MPEG audio, or the names that many programs put before the first.
func isMP3(file []byte) bool {
	return begins(file, 0, "ID3") || len(file) >= 4 && file[0] == 0xFF && file[1]>>5 == 7
}

// readMP3 reads MPEG audio of layer 3. The library makes two channels of all, and panics of some files
// that are broken.
func readMP3(file []byte) (a audio, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("MP3: %v", fault)
		}
	}()
	d, err := mp3.NewDecoder(struct{ io.Reader }{bytes.NewReader(file)})
	if err != nil {
		return a, fmt.Errorf("MP3: %w", err)
	}
	a = audio{rate: d.SampleRate(), channels: 2}
	if err := a.check(); err != nil {
		return a, err
	}
	most := int64(samples(MaxLength, a.rate)+1) * 4
	octets, err := io.ReadAll(io.LimitReader(d, most))
	if len(octets) == 0 {
		return a, errors.Join(errors.New("MP3: no samples"), err)
	}
	// What was read of a file that is broken further on is played.
	a.pcm = little16(octets)
	return a, nil
}
