package shelf

import (
	"container/list"
	"crypto/sha256"
	"fmt"
	"runtime"
	"sync"
	"time"

	"tandem/media/sound"
)

// Shelf keeps decoded sounds up to a limit of bytes; those that were not asked for the longest go first.
// Its methods may be called from any goroutine. They may wait for a disk and for the decoding, so none
// of them belongs into a mailbox.
type Shelf struct {
	read  Read
	limit int64
	desks chan struct{} // as many decode at once

	mu    sync.Mutex
	bytes int64
	used  *list.List // of *entry, last used first
	by    map[key]*list.Element
	under map[key]*decoding
}

// Read brings a file of an application environment. A path names one version of a file: what it names never
// changes.
type Read func(domain, path string) ([]byte, error)

// key is a file by its name, or what a program brought by the hash of it.
type key struct {
	domain, path string
	hash         [sha256.Size]byte
}

type entry struct {
	key   key
	sound *sound.Sound
	bytes int64
}

// decoding is one under way; whoever wants the same waits for it.
type decoding struct {
	done  chan struct{}
	sound *sound.Sound
	err   error
}

// New makes an empty shelf that holds so many bytes.
func New(limit int64, read Read) *Shelf {
	return &Shelf{read: read, limit: limit, desks: make(chan struct{}, max(runtime.GOMAXPROCS(0)/2, 1)),
		used: list.New(), by: map[key]*list.Element{}, under: map[key]*decoding{}}
}

// File is the sound of a file of an application environment.
func (s *Shelf) File(domain, path string) (*sound.Sound, error) {
	return s.get(key{domain: domain, path: path}, path, func() ([]byte, error) { return s.read(domain, path) })
}

// Octets is the sound of a media file that a program brought along.
func (s *Shelf) Octets(octets []byte) (*sound.Sound, error) {
	return s.get(key{hash: sha256.Sum256(octets)}, "datablock", func() ([]byte, error) { return octets, nil })
}

// Bytes is how much the shelf holds, as it counts.
func (s *Shelf) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// get takes a sound from the shelf, or has it made: once, however many ask for it meanwhile. A failure
// is not kept: the next one tries again.
func (s *Shelf) get(k key, name string, read func() ([]byte, error)) (*sound.Sound, error) {
	s.mu.Lock()
	if e, ok := s.by[k]; ok {
		s.used.MoveToFront(e)
		s.mu.Unlock()
		return e.Value.(*entry).sound, nil
	}
	if d, ok := s.under[k]; ok {
		s.mu.Unlock()
		<-d.done
		return d.sound, d.err
	}
	d := &decoding{done: make(chan struct{})}
	s.under[k] = d
	s.mu.Unlock()

	octets, err := read() // not at a desk: a store that is slow does not keep others from decoding
	if d.err = err; err == nil {
		d.sound, d.err = s.decode(name, octets)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.under, k)
	s.keep(k, d)
	close(d.done)
	return d.sound, d.err
}

// decode decodes when its turn comes. Files come from outside: one that makes the decoder panic is no sound,
// and costs nobody his call.
func (s *Shelf) decode(name string, octets []byte) (got *sound.Sound, err error) {
	s.desks <- struct{}{}
	defer func() {
		<-s.desks
		if cause := recover(); cause != nil {
			got, err = nil, fmt.Errorf("shelf: %s makes the decoder panic: %v", name, cause)
		}
	}()
	return decode(name, octets)
}

// decode is sound.Decode; a test has it panic.
var decode = sound.Decode

// keep puts a sound on the shelf and makes room for it. One that is larger than the shelf is not kept.
func (s *Shelf) keep(k key, d *decoding) {
	if d.err != nil {
		return
	}
	size := cost(d.sound)
	if size > s.limit {
		return
	}
	for s.bytes+size > s.limit {
		s.drop(s.used.Back())
	}
	s.by[k] = s.used.PushFront(&entry{k, d.sound, size})
	s.bytes += size
}

func (s *Shelf) drop(e *list.Element) {
	gone := s.used.Remove(e).(*entry)
	delete(s.by, gone.key)
	s.bytes -= gone.bytes
}

// costSecond is what a second of sound may take, in bytes: samples at both rates, and encoded as PCMU,
// PCMA and L16 at the one, as L16 at the other.
const costSecond = 16000 + 32000 + 8000 + 8000 + 16000 + 32000

// cost is what a sound may come to take.
func cost(s *sound.Sound) int64 {
	return int64(s.Length()/time.Millisecond)*costSecond/1000 + 1024
}
