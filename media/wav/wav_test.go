package wav

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

func ramp(n int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(i * 7)
	}
	return pcm
}

func readAll(t testing.TB, from []byte) (Format, []int16) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(from))
	if err != nil {
		t.Fatal(err)
	}
	var pcm []int16
	piece := make([]int16, 1234)
	for {
		n, err := r.Read(piece)
		if errors.Is(err, io.EOF) {
			return r.Format(), pcm
		}
		if err != nil {
			t.Fatal(err)
		}
		pcm = append(pcm, piece[:n]...)
	}
}

func TestWriteAndRead(t *testing.T) {
	for _, channels := range []int{1, 2} {
		path := filepath.Join(t.TempDir(), "a.wav")
		w, err := Create(path, 8000, channels)
		if err != nil {
			t.Fatal(err)
		}
		want := ramp(20000 * channels)
		for rest := want; len(rest) > 0; {
			n := min(len(rest), 160*channels)
			if err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if w.Written() != 20000 {
			t.Errorf("%d written", w.Written())
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		format, got := readAll(t, file)
		if format != (Format{PCM, 8000, channels}) || !slices.Equal(got, want) {
			t.Errorf("%+v, %d samples", format, len(got))
		}
		if riff := binary.LittleEndian.Uint32(file[4:]); int(riff) != len(file)-8 {
			t.Errorf("RIFF tells %d of %d", riff, len(file)-8)
		}
		if _, err := Create(path, 8000, 1); !errors.Is(err, fs.ErrExist) {
			t.Errorf("the file was overwritten: %v", err)
		}
	}
}

// At any moment what is on disk is a valid file and lacks a quarter of a second at most.
func TestCrashLosesAQuarterAtMost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	w, err := Create(path, 8000, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := ramp(8000 * 5)
	for at := 0; at < len(want); at += 160 {
		if err := w.Write(want[at : at+160]); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, got := readAll(t, file)
		if missing := at + 160 - len(got); missing > 2000 || !slices.Equal(got, want[:len(got)]) {
			t.Fatalf("after %d samples %d are missing", at+160, missing)
		}
		if told := int(binary.LittleEndian.Uint32(file[40:])); told != len(file)-headerSize {
			t.Fatalf("the header tells %d bytes of %d", told, len(file)-headerSize)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCutFileStaysReadable(t *testing.T) {
	for _, channels := range []int{1, 2} {
		want := ramp(200)
		file := AppendHeader(nil, Format{PCM, 16000, channels}, 400)
		for _, x := range want {
			file = binary.LittleEndian.AppendUint16(file, uint16(x))
		}
		for cut := range file {
			if cut < headerSize {
				if _, err := NewReader(bytes.NewReader(file[:cut])); !errors.Is(err, ErrFormat) {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				continue
			}
			_, got := readAll(t, file[:cut])
			if n := (cut - headerSize) / (2 * channels) * channels; !slices.Equal(got, want[:n]) {
				t.Fatalf("cut at %d: %d samples, want %d", cut, len(got), n)
			}
		}
	}
}

// disk is a file on a disk that has room for so many bytes.
type disk struct {
	data   []byte
	room   int
	closed bool
}

func (d *disk) WriteAt(p []byte, at int64) (int, error) {
	end := min(int(at)+len(p), d.room)
	if end > len(d.data) {
		d.data = append(d.data, make([]byte, end-len(d.data))...)
	}
	if n := copy(d.data[min(int(at), len(d.data)):], p); n < len(p) {
		return n, syscall.ENOSPC
	}
	return len(p), nil
}

func (d *disk) Close() error { d.closed = true; return nil }

func TestFullDisk(t *testing.T) {
	d := &disk{room: 40001}
	w := newWriter(d, Format{PCM, 8000, 2})
	failures := 0
	for range 100 {
		if err := w.Write(ramp(1600)); errors.Is(err, syscall.ENOSPC) {
			failures++
		} else if err != nil || failures > 0 {
			t.Fatalf("after %d failures: %v", failures, err)
		}
	}
	if failures == 0 {
		t.Fatal("the full disk was not reported")
	}
	if err := w.Close(); !errors.Is(err, syscall.ENOSPC) || !d.closed {
		t.Errorf("close: %v, closed %v", err, d.closed)
	}
	_, got := readAll(t, d.data)
	if n := (40001 - headerSize) / 4 * 2; len(got) != n {
		t.Errorf("%d samples are readable, want %d", len(got), n)
	}
}

func TestFileOfFourGigabytes(t *testing.T) {
	w := newWriter(&disk{room: 1 << 20}, Format{PCM, 8000, 1})
	w.written = maxData - 100
	if err := w.Write(ramp(8001)); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range [][2]int{{0, 1}, {7999, 1}, {96000, 1}, {8000, 0}, {8000, 3}} {
		if _, err := Create(filepath.Join(dir, "x.wav"), c[0], c[1]); !errors.Is(err, ErrFormat) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := Create(filepath.Join(dir, "none", "x.wav"), 8000, 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestReadsLaws(t *testing.T) {
	for encoding, loudest := range map[Encoding]int16{MuLaw: 32124, ALaw: 32256} {
		b := map[Encoding]byte{MuLaw: 0x80, ALaw: 0xAA}[encoding]
		file := append(AppendHeader(nil, Format{encoding, 8000, 1}, 3), b, b, b)
		format, got := readAll(t, file)
		if format.Encoding != encoding || !slices.Equal(got, []int16{loudest, loudest, loudest}) {
			t.Errorf("%d: %+v %v", encoding, format, got)
		}
	}
}

// Other programs' files: chunks before the samples, odd sizes, the extensible format, no length.
func TestReadsForeignFiles(t *testing.T) {
	plain := append(AppendHeader(nil, Format{PCM, 8000, 1}, 4), 1, 0, 2, 0)
	list := []byte("LIST\x03\x00\x00\x00abc\x00")
	extended := slices.Concat([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x28\x00\x00\x00\xFE\xFF"), plain[22:36],
		[]byte{22, 0, 16, 0, 4, 0, 0, 0, 1, 0}, make([]byte, 14), plain[36:])
	unknown := slices.Clone(plain)
	binary.LittleEndian.PutUint32(unknown[40:], unknownSize)
	for name, file := range map[string][]byte{
		"plain":             plain,
		"chunk in between":  slices.Concat(plain[:36], list, plain[36:]),
		"chunk at front":    slices.Concat(plain[:12], list, plain[12:]),
		"chunk behind":      slices.Concat(plain, list),
		"extensible":        extended,
		"length not known":  unknown,
		"fmt with an extra": slices.Concat(plain[:16], []byte{18, 0, 0, 0}, plain[20:36], []byte{0, 0}, plain[36:]),
	} {
		if format, got := readAll(t, file); format != (Format{PCM, 8000, 1}) || !slices.Equal(got, []int16{1, 2}) {
			t.Errorf("%s: %+v %v", name, format, got)
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	good := AppendHeader(nil, Format{PCM, 8000, 1}, 0)
	change := func(at int, b ...byte) []byte {
		file := slices.Clone(good)
		copy(file[at:], b)
		return file
	}
	for name, file := range map[string][]byte{
		"empty": {}, "text": []byte("hello, this is not a WAV file at all, but long enough"),
		"MP3 inside": change(20, 0x55), "3 channels": change(22, 3), "0 channels": change(22, 0),
		"100 Hz": change(24, 100, 0), "8 bits": change(34, 8), "huge chunk": change(12, 'j', 'u', 'n', 'k', 0, 0, 0, 0xFF),
		"tiny fmt": change(16, 2), "odd fmt": change(16, 17), "data first": change(12, 'd', 'a', 't', 'a'),
	} {
		if _, err := NewReader(bytes.NewReader(file)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadIntoTooSmallASlice(t *testing.T) {
	r, err := NewReader(bytes.NewReader(append(AppendHeader(nil, Format{PCM, 8000, 2}, 4), 1, 2, 3, 4)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]int16, 1)); !errors.Is(err, io.ErrShortBuffer) {
		t.Errorf("%v", err)
	}
}

func TestClip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	w, err := Create(path, 48000, 2)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, 2*4800)
	for i := range pcm {
		pcm[i] = int16(2000 + 2000*(i%2))
	}
	if err := errors.Join(w.Write(pcm), w.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Rate() != 16000 || len(c.Samples()) != 1600 || c.Samples()[800] < 2990 || c.Samples()[800] > 3010 {
		t.Errorf("%d Hz, %d samples, %d", c.Rate(), len(c.Samples()), c.Samples()[800])
	}
	s, frame, frames := c.Source(), make([]int16, 300), 0
	for s.Read(frame) {
		frames++
	}
	if frames != 6 || frame[299] != 0 || s.Name() != path {
		t.Errorf("%d frames, last sample %d", frames, frame[299])
	}
	if _, err := Load(path + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	odd := AppendHeader(nil, Format{PCM, 44100, 1}, 0)
	if _, err := ReadClip("odd", bytes.NewReader(odd)); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
	long := append(AppendHeader(nil, Format{MuLaw, 8000, 1}, MaxClip+1), make([]byte, MaxClip+1)...)
	if _, err := ReadClip("long", bytes.NewReader(long)); !errors.Is(err, ErrFormat) {
		t.Errorf("%v", err)
	}
}

func TestFramesDoNotAllocate(t *testing.T) {
	d := &disk{room: 1 << 20, data: make([]byte, 0, 1<<20)}
	w, frame := newWriter(d, Format{PCM, 8000, 2}), ramp(320)
	if n := testing.AllocsPerRun(200, func() {
		if err := w.Write(frame); err != nil {
			panic(err)
		}
	}); n != 0 {
		t.Errorf("writing: %v allocations", n)
	}
	s := (&Clip{pcm: ramp(100000)}).Source()
	if n := testing.AllocsPerRun(200, func() { s.Read(frame) }); n != 0 {
		t.Errorf("playing: %v allocations", n)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(append(AppendHeader(nil, Format{PCM, 8000, 2}, 4), 1, 2, 3, 4))
	f.Add(append(AppendHeader(nil, Format{MuLaw, 8000, 1}, 4), 1, 2, 3, 4))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, ErrFormat) {
				t.Fatalf("%v", err)
			}
			return
		}
		total, piece := 0, make([]int16, 100)
		for {
			n, err := r.Read(piece)
			if err != nil {
				break
			}
			if total += n; n == 0 || n%r.Format().Channels != 0 || total > len(file) {
				t.Fatalf("%d samples, %d in all, of %d bytes", n, total, len(file))
			}
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "a.wav"), 8000, 2)
	if err != nil {
		b.Fatal(err)
	}
	frame := ramp(320)
	b.ReportAllocs()
	for b.Loop() {
		if w.written > 1<<26 { // stay on one small file
			w.written = 0
		}
		if err := w.Write(frame); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
}
