package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Encoding is how samples are stored; the numbers are those of the file.
type Encoding uint16

// The encodings.
const (
	PCM   Encoding = 1 // linear, 16 bits, little endian
	ALaw  Encoding = 6
	MuLaw Encoding = 7

	extensible = 0xFFFE // the encoding is told further on
)

// Format is what a file holds.
type Format struct {
	Encoding Encoding
	Rate     int // samples a second, of each channel
	Channels int // interleaved
}

// Limits of what is accepted.
const (
	MinRate     = 8000
	MaxRate     = 48000
	MaxChannels = 2
	maxData     = 1<<32 - 1 - 64 // bytes of samples that the header's fields can tell
)

// ErrFormat is for a file that is no WAV file, or one of a kind that is not supported.
var ErrFormat = errors.New("wav: not a supported WAV file")

// SampleBytes is the size of one sample.
func (f Format) SampleBytes() int {
	if f.Encoding == PCM {
		return 2
	}
	return 1
}

// frameBytes is the size of one sample of each channel.
func (f Format) frameBytes() int { return f.SampleBytes() * f.Channels }

func (f Format) check() error {
	switch {
	case f.Encoding != PCM && f.Encoding != ALaw && f.Encoding != MuLaw:
		return fmt.Errorf("%w: encoding %d; 1 (PCM), 6 (A-law) and 7 (mu-law) are", ErrFormat, f.Encoding)
	case f.Rate < MinRate || f.Rate > MaxRate:
		return fmt.Errorf("%w: %d samples a second; %d to %d are", ErrFormat, f.Rate, MinRate, MaxRate)
	case f.Channels < 1 || f.Channels > MaxChannels:
		return fmt.Errorf("%w: %d channels; 1 and 2 are", ErrFormat, f.Channels)
	}
	return nil
}

// AppendHeader appends the header of a file with so many bytes of samples. Its length depends on the
// encoding only. Laws other than PCM bring a fact chunk, which some players ask for.
func AppendHeader(dst []byte, f Format, bytes int) []byte {
	le := binary.LittleEndian
	size, extra := 16, 0
	if f.Encoding != PCM {
		size, extra = 18, 12
	}
	dst = append(dst, "RIFF"...)
	dst = le.AppendUint32(dst, uint32(4+8+size+extra+8+bytes+bytes%2))
	dst = append(dst, "WAVEfmt "...)
	dst = le.AppendUint32(dst, uint32(size))
	dst = le.AppendUint16(dst, uint16(f.Encoding))
	dst = le.AppendUint16(dst, uint16(f.Channels))
	dst = le.AppendUint32(dst, uint32(f.Rate))
	dst = le.AppendUint32(dst, uint32(f.Rate*f.frameBytes()))
	dst = le.AppendUint16(dst, uint16(f.frameBytes()))
	dst = le.AppendUint16(dst, uint16(8*f.SampleBytes()))
	if f.Encoding != PCM {
		dst = le.AppendUint16(dst, 0)
		dst = append(dst, "fact"...)
		dst = le.AppendUint32(dst, 4)
		dst = le.AppendUint32(dst, uint32(bytes/f.frameBytes()))
	}
	dst = append(dst, "data"...)
	return le.AppendUint32(dst, uint32(bytes))
}
