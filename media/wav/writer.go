package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrTooLong is for a recording that has reached the 4 GB a WAV file can tell.
var ErrTooLong = errors.New("wav: the file is full")

// Writer writes linear samples to a file. It is driven by one goroutine, which a slow disk may hold
// up; a call's own goroutines must not be that one.
type Writer struct {
	file    file
	format  Format
	pending []byte // samples not written yet, less than writePart of a second
	written int64  // bytes of samples in the file
	err     error  // the first failure; it stays
}

// file is what a Writer needs of an *os.File.
type file interface {
	io.WriterAt
	io.Closer
}

// Create makes a new file of linear samples. A file of that name must not be there already.
func Create(path string, rate, channels int) (*Writer, error) {
	format := Format{PCM, rate, channels}
	if err := format.check(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, fmt.Errorf("wav: %w", err)
	}
	w := newWriter(f, format)
	if err := w.header(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// writePart is the part of a second that is written at once: what a process that dies loses at most.
const writePart = 4

func newWriter(f file, format Format) *Writer {
	room := format.Rate / writePart * format.frameBytes()
	return &Writer{file: f, format: format, pending: make([]byte, 0, room)}
}

// Write adds samples, those of several channels interleaved. After a failure, as of a full disk, all
// further writes fail alike, and what was written before stays readable.
func (w *Writer) Write(pcm []int16) error {
	for _, x := range pcm {
		if len(w.pending) == cap(w.pending) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		w.pending = binary.LittleEndian.AppendUint16(w.pending, uint16(x))
	}
	return w.err
}

// Written is how many samples of each channel were accepted and not lost by a failure.
func (w *Writer) Written() int64 {
	return (w.written + int64(len(w.pending))) / int64(w.format.frameBytes())
}

// Close writes what is pending and closes the file. It returns the first failure of all.
func (w *Writer) Close() error {
	err := w.flush()
	if closing := w.file.Close(); err == nil && closing != nil {
		err = fmt.Errorf("wav: %w", closing)
	}
	return err
}

// flush writes the pending samples, and then the sizes, so that the header never tells of more than
// there is. Of a write that failed half-way, the whole frames count.
func (w *Writer) flush() error {
	if w.err != nil {
		w.pending = w.pending[:0]
		return w.err
	}
	if w.written+int64(len(w.pending)) > maxData {
		w.err, w.pending = ErrTooLong, w.pending[:0]
		return w.err
	}
	n, err := w.file.WriteAt(w.pending, headerSize+w.written)
	w.written += int64(n - n%w.format.frameBytes())
	w.pending = w.pending[:0]
	if err != nil {
		err = fmt.Errorf("wav: %w", err)
	}
	w.err = err
	if sizes := w.header(); w.err == nil {
		w.err = sizes
	}
	return w.err
}

// headerSize is the length of the header of linear samples.
const headerSize = 44

func (w *Writer) header() error {
	var room [headerSize]byte
	if _, err := w.file.WriteAt(AppendHeader(room[:0], w.format, int(w.written)), 0); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}
