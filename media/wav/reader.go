package wav

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"tandem/media/codec"
)

// maxHeader is how much may come before the samples: names, pictures and whatever else programs put
// into files.
const maxHeader = 1 << 20

// unknownSize is what programs write that do not know the length yet.
const unknownSize = 1<<32 - 1

// Reader reads the samples of one file.
type Reader struct {
	format  Format
	from    *bufio.Reader
	rest    int64 // bytes of samples the header promised and that were not read yet
	decoder codec.Decoder
	raw     []byte
}

// NewReader reads the header. Errors wrap ErrFormat, or come from the reader.
func NewReader(r io.Reader) (*Reader, error) {
	w := &Reader{from: bufio.NewReader(r)}
	if err := w.header(); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: it ends within its header", ErrFormat)
		}
		return nil, err
	}
	w.decoder = decoderOf(w.format.Encoding)
	w.raw = make([]byte, 4096)
	return w, nil
}

func decoderOf(e Encoding) codec.Decoder {
	name := map[Encoding]string{ALaw: "PCMA", MuLaw: "PCMU"}[e]
	c, known := codec.ByName(name)
	if !known {
		return littleEndian{}
	}
	return c.NewDecoder()
}

// littleEndian decodes the linear samples of a file; in RTP they are big endian.
type littleEndian struct{}

func (littleEndian) Decode(dst []int16, raw []byte) []int16 {
	for ; len(raw) >= 2; raw = raw[2:] {
		dst = append(dst, int16(binary.LittleEndian.Uint16(raw)))
	}
	return dst
}

// Format tells what the file holds.
func (r *Reader) Format() Format { return r.format }

// Samples is how many samples, those of all channels together, the header promises beyond what was read.
func (r *Reader) Samples() int64 { return r.rest / int64(r.format.SampleBytes()) }

// Read fills pcm with the next samples, those of several channels interleaved, and returns how many
// there were. At the end, of the file or of what is left of it, it returns 0 and io.EOF.
func (r *Reader) Read(pcm []int16) (int, error) {
	frame := r.format.frameBytes()
	want := int64(min(len(pcm)*r.format.SampleBytes(), len(r.raw)))
	want = min(want, r.rest)
	want -= want % int64(frame)
	if want == 0 {
		if len(pcm) < r.format.Channels {
			return 0, io.ErrShortBuffer
		}
		return 0, io.EOF
	}
	n, err := io.ReadFull(r.from, r.raw[:want])
	r.rest -= int64(n)
	n -= n % frame
	if err == nil || n > 0 {
		return len(r.decoder.Decode(pcm[:0], r.raw[:n])), nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return 0, err
}

// header reads chunks until the samples begin.
func (r *Reader) header() error {
	var riff [12]byte
	if _, err := io.ReadFull(r.from, riff[:]); err != nil {
		return err
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return fmt.Errorf("%w: it does not begin with RIFF and WAVE", ErrFormat)
	}
	for seen := int64(0); seen <= maxHeader; {
		var head [8]byte
		if _, err := io.ReadFull(r.from, head[:]); err != nil {
			return err
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch string(head[:4]) {
		case "data":
			r.rest = size
			if size == unknownSize {
				r.rest = maxData
			}
			if r.format.Channels == 0 {
				return fmt.Errorf("%w: samples come before their format", ErrFormat)
			}
			return nil
		case "fmt ":
			if err := r.formatChunk(size); err != nil {
				return err
			}
		default:
			if err := r.skip(size); err != nil {
				return err
			}
		}
		seen += 8 + size
	}
	return fmt.Errorf("%w: no samples in its first %d bytes", ErrFormat, maxHeader)
}

// formatChunk reads the 16, 18 or 40 bytes there are mostly, and passes over what is longer.
func (r *Reader) formatChunk(size int64) error {
	var body [40]byte
	n := min(size, int64(len(body)))
	if size < 16 || size%2 != 0 {
		return fmt.Errorf("%w: a format of %d bytes", ErrFormat, size)
	}
	if _, err := io.ReadFull(r.from, body[:n]); err != nil {
		return err
	}
	le := binary.LittleEndian
	f := Format{Encoding(le.Uint16(body[0:])), int(le.Uint32(body[4:])), int(le.Uint16(body[2:]))}
	if f.Encoding == extensible && n == 40 {
		f.Encoding = Encoding(le.Uint16(body[24:]))
	}
	if err := f.check(); err != nil {
		return err
	}
	if bits := int(le.Uint16(body[14:])); bits != 8*f.SampleBytes() {
		return fmt.Errorf("%w: %d bits in a sample; %d are", ErrFormat, bits, 8*f.SampleBytes())
	}
	r.format = f
	return r.skip(size - n)
}

// skip passes over a chunk and the byte that makes its size even.
func (r *Reader) skip(size int64) error {
	size += size & 1
	if size > maxHeader {
		return fmt.Errorf("%w: %d bytes before the samples; %d at most", ErrFormat, size, maxHeader)
	}
	_, err := io.CopyN(io.Discard, r.from, size)
	return err
}
