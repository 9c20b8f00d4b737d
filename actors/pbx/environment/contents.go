package environment

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// Source is the one who keeps the files that Put tells of.
type Source interface {
	// Contents returns the bytes of a file by its Key; ErrNotFound if it has gone.
	Contents(ctx context.Context, key string) ([]byte, error)
}

// soundExts are tried in this order for a sound that is named without extension.
var soundExts = []string{".wav", ".au", ".gsm", ".mp3"}

// versionMark begins the path of one version of one file: "~0123456789abcdef/domain/tandem.local/fr/a.wav",
// with the first bytes of its digest.
const (
	versionMark  = "~"
	versionBytes = 8
)

// Sound is a media file.
type Sound struct {
	Name   string            // with its extension, by which its format is known
	Digest [sha256.Size]byte // of Data: what was decoded once need not be decoded again
	Data   []byte            // shared: must not be changed
}

// Locate finds a sound, trying the known extensions where the name has none, and returns the path by which
// every member finds the same version of the same file, whatever the domain; Sound takes it. Two files never
// have the same path, so what was made of one can be kept by its path.
func (s *Set) Locate(domain, language, name string) (path string, err error) {
	f, err := s.find(domain, language, name, soundNames(name)...)
	if err != nil {
		return "", err
	}
	return versionMark + version(f.Digest) + "/" + f.Place.String() + "/" + f.Path, nil
}

func version(digest [sha256.Size]byte) string { return hex.EncodeToString(digest[:versionBytes]) }

// Sound returns a media file by the path that Locate gave, on whatever member, or by a name in the default
// directories of a domain. It may wait for the store when the file was not played for long. ErrNotFound: there
// is no such file; or it was replaced meanwhile, and the version that was located is not in memory.
func (s *Set) Sound(ctx context.Context, domain, path string) (Sound, error) {
	f, err := s.sound(domain, path)
	if err != nil {
		return Sound{}, err
	}
	b, err := s.contents.get(ctx, f)
	return Sound{Name: f.Path, Digest: f.Digest, Data: b}, err
}

func (s *Set) sound(domain, path string) (*file, error) {
	exact, ok := strings.CutPrefix(path, versionMark)
	wanted, exact, deep := strings.Cut(exact, "/")
	if !ok || !deep {
		return s.find(domain, "", path, soundNames(path)...)
	}
	place, name, err := parse(exact)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	f := s.at(place, name)
	s.mu.RUnlock()
	if f != nil && version(f.Digest) == wanted {
		return f, nil
	}
	if digest, ok := s.contents.version(wanted); ok {
		return &file{File: File{Place: place, Path: name, Digest: digest}}, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, path)
}

// version is the digest of contents in memory that begins so.
func (c *contents) version(wanted string) (digest [sha256.Size]byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for digest := range c.known {
		if version(digest) == wanted {
			return digest, true
		}
	}
	return digest, false
}

// soundNames are the endings that a name is tried with.
func soundNames(name string) []string {
	if path.Ext(name) != "" {
		return []string{""}
	}
	return append([]string{""}, soundExts...)
}

// ReadEnvirFile is the function of that name (reference cgpl.md 2.10). The bytes are shared and must not be
// changed. ErrNotFound; other errors are those of the store.
func (s *Set) ReadEnvirFile(ctx context.Context, domain, language, name string) ([]byte, error) {
	f, err := s.find(domain, language, name, "")
	if err != nil {
		return nil, err
	}
	return s.read(ctx, f)
}

// read returns the bytes of any file.
func (s *Set) read(ctx context.Context, f *file) ([]byte, error) {
	if IsProgram(f.Path) {
		return []byte(f.source), nil
	}
	return s.contents.get(ctx, f)
}

// contents keeps the bytes of files by their digest, up to a number of bytes.
type contents struct {
	stock fs.FS
	store Source
	limit int64

	mu     sync.Mutex
	held   int64
	known  map[[sha256.Size]byte]*list.Element // of *content
	recent *list.List                          // the most recently used in front
	coming map[[sha256.Size]byte]*fetch
}

type content struct {
	digest [sha256.Size]byte
	data   []byte
}

// fetch is a content on its way; those who want it too wait for the same.
type fetch struct {
	done chan struct{}
	data []byte
	err  error
}

func newContents(stock fs.FS, store Source, limit int64) *contents {
	return &contents{stock: stock, store: store, limit: limit, recent: list.New(),
		known: map[[sha256.Size]byte]*list.Element{}, coming: map[[sha256.Size]byte]*fetch{}}
}

// get returns the bytes of a file, from memory where they are there.
func (c *contents) get(ctx context.Context, f *file) ([]byte, error) {
	c.mu.Lock()
	if e, ok := c.known[f.Digest]; ok {
		c.recent.MoveToFront(e)
		c.mu.Unlock()
		return e.Value.(*content).data, nil
	}
	way, ok := c.coming[f.Digest]
	if !ok {
		way = &fetch{done: make(chan struct{})}
		c.coming[f.Digest] = way
		// Whoever came first may lose patience; the others must not lose the file by that.
		go c.fetch(context.WithoutCancel(ctx), f, way)
	}
	c.mu.Unlock()
	select {
	case <-way.done:
		return way.data, way.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch brings the bytes of a file and keeps them.
func (c *contents) fetch(ctx context.Context, f *file, way *fetch) {
	if f.Place.Scope == Stock {
		way.data, way.err = fs.ReadFile(c.stock, f.Path)
	} else {
		way.data, way.err = c.store.Contents(ctx, Key(f.Place, f.Path))
	}
	if way.err == nil && sha256.Sum256(way.data) != f.Digest {
		// A newer version is there already, and Put will tell of it in a moment.
		way.err = fmt.Errorf("%w: %s was replaced meanwhile", ErrNotFound, f.Path)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.coming, f.Digest)
	if way.err == nil {
		c.keep(content{f.Digest, way.data})
	}
	close(way.done)
}

// keep holds a content; the least recently used make room. One that is larger than all the room there is
// is not kept. Lock held.
func (c *contents) keep(k content) {
	size := int64(len(k.data))
	if size > c.limit {
		return
	}
	for c.held+size > c.limit {
		oldest := c.recent.Back()
		gone := c.recent.Remove(oldest).(*content)
		delete(c.known, gone.digest)
		c.held -= int64(len(gone.data))
	}
	c.held += size
	c.known[k.digest] = c.recent.PushFront(&k)
}
