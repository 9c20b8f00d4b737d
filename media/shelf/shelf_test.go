package shelf

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/media/sound"
	"tandem/media/wav"
)

func file(length time.Duration) []byte {
	n := int(length.Seconds() * 8000)
	return append(wav.AppendHeader(nil, wav.Format{Encoding: wav.PCM, Rate: 8000, Channels: 1}, 2*n), make([]byte, 2*n)...)
}

var errNone = errors.New("no such file")

// counted reads files of a second each, and counts.
func counted(reads *atomic.Int32) Read {
	return func(_, path string) ([]byte, error) {
		reads.Add(1)
		if path == "none" {
			return nil, errNone
		}
		return file(time.Second), nil
	}
}

func TestDecodedOnce(t *testing.T) {
	var reads atomic.Int32
	s := New(1<<20, counted(&reads))
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if got, err := s.File("t.local", "a"); err != nil || got.Length() != time.Second {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	all.Wait()
	if n := reads.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
	other, err := s.File("other", "a")
	if mine, _ := s.File("t.local", "a"); err != nil || other == mine || reads.Load() != 2 {
		t.Errorf("another domain's file is the same: %v", err)
	}
}

func TestFailuresAreNotKept(t *testing.T) {
	var reads atomic.Int32
	s := New(1<<20, counted(&reads))
	for range 2 {
		if _, err := s.File("", "none"); !errors.Is(err, errNone) {
			t.Errorf("got %v", err)
		}
		if _, err := s.Octets([]byte("no sound")); err == nil {
			t.Error("decoded what is no sound")
		}
	}
	if s.Bytes() != 0 || reads.Load() != 2 {
		t.Errorf("%d bytes after %d reads", s.Bytes(), reads.Load())
	}
}

// A file that makes the decoder panic is told of, and the next one has a desk.
func TestDecoderPanics(t *testing.T) {
	real := decode
	defer func() { decode = real }()
	decode = func(string, []byte) (*sound.Sound, error) { panic("index out of range") }
	s := New(1<<20, nil)
	for range 2 * cap(s.desks) {
		if got, err := s.Octets([]byte("evil")); got != nil || err == nil {
			t.Errorf("got %v, %v", got, err)
		}
	}
	decode = real
	if _, err := s.Octets(file(time.Second)); err != nil {
		t.Error(err)
	}
}

// A file that does not come keeps no other one waiting.
func TestSlowFile(t *testing.T) {
	hold := make(chan struct{})
	s := New(1<<20, func(_, path string) ([]byte, error) {
		if path == "slow" {
			<-hold
		}
		return file(time.Second), nil
	})
	var slow sync.WaitGroup
	for range 2 * cap(s.desks) {
		slow.Go(func() {
			if _, err := s.File("", "slow"); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := s.File("", "quick"); err != nil {
		t.Error(err)
	}
	close(hold)
	slow.Wait()
}

func TestLastUsedStay(t *testing.T) {
	var reads atomic.Int32
	one := int64(costSecond) + 1024
	s := New(3*one, counted(&reads))
	want := func(name string, again int32) {
		t.Helper()
		before := reads.Load()
		if _, err := s.File("", name); err != nil || reads.Load()-before != again {
			t.Errorf("%s was read %d times, %v", name, reads.Load()-before, err)
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		want(name, 1)
	}
	want("a", 0)
	want("d", 1) // b goes
	want("a", 0)
	want("c", 0)
	want("b", 1) // d goes
	want("d", 1)
	if s.Bytes() > 3*one {
		t.Errorf("%d bytes lie there", s.Bytes())
	}
	if _, err := s.Octets(file(10 * time.Second)); err != nil || s.Bytes() > 3*one {
		t.Errorf("what is larger than the shelf: %v, %d bytes", err, s.Bytes())
	}
}

func TestSameOctetsAreOneSound(t *testing.T) {
	s := New(1<<20, nil)
	a, err := s.Octets(file(time.Second))
	b, _ := s.Octets(file(time.Second))
	c, _ := s.Octets(file(2 * time.Second))
	if err != nil || a != b || a == c {
		t.Errorf("%p %p %p, %v", a, b, c, err)
	}
}

func BenchmarkFile(b *testing.B) {
	var reads atomic.Int32
	s := New(1<<24, counted(&reads))
	for i := range b.N {
		if _, err := s.File("t.local", strconv.Itoa(i%64)); err != nil {
			b.Fatal(err)
		}
	}
}
