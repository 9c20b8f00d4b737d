package environment

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"path"
	"strings"
	"sync"
	"time"

	"tandem/actors/pbx/cgpl"
)

// Limits bound what a Set holds, in bytes.
type Limits struct {
	Source   int   // text of one program or module
	Sources  int64 // texts of all programs and modules, of all environments
	Contents int64 // sounds and other contents kept in memory; the least recently used make room
}

// DefaultLimits returns the limits of a member.
func DefaultLimits() Limits {
	return Limits{Source: 1 << 20, Sources: 64 << 20, Contents: 256 << 20}
}

// File describes one file of an environment.
type File struct {
	Place    Place
	Path     string // "welcome.wav" or "french/welcome.wav", as stored
	Size     int64  // bytes
	Created  time.Time
	Modified time.Time
	Digest   [sha256.Size]byte // SHA-256 of the contents
}

// Set is the directory of all files of all environments. All methods may be called from any goroutine.
type Set struct {
	member   string
	library  cgpl.Library
	compiler func(file, source string, library cgpl.Library) (*cgpl.Module, cgpl.Diagnostics)
	limits   Limits
	log      *slog.Logger
	contents *contents

	mu      sync.RWMutex
	places  map[string]map[string]*file // by Place.String and folded path; directories end in "/"
	sources int64                       // bytes of all texts
}

// file is a File with what the Set knows of it. It never changes; a new version is a new one.
type file struct {
	File
	source  string   // text of a program or module
	program *program // its compiled form
}

// New makes a Set with the stock files in it. member names the server whose own environment is looked at;
// library is what programs are compiled with; store gives the contents of the files that Put tells of. A
// stock file that breaks a rule of names or sizes is an error.
func New(member string, stock fs.FS, library cgpl.Library, store Source, limits Limits, log *slog.Logger) (*Set, error) {
	s := &Set{member: member, library: library, compiler: cgpl.Compile, limits: limits, log: log,
		contents: newContents(stock, store, limits.Contents), places: map[string]map[string]*file{}}
	return s, fs.WalkDir(stock, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if d.IsDir() {
			return s.Put(File{Place: StockPlace, Path: name + "/"}, nil)
		}
		text, err := fs.ReadFile(stock, name)
		if err != nil {
			return err
		}
		f := File{Place: StockPlace, Path: name, Size: int64(len(text)), Digest: sha256.Sum256(text)}
		if !IsProgram(name) {
			text = nil
		}
		return s.Put(f, text)
	})
}

// IsProgram tells whether a name is that of a program or module, whose text Put wants.
func IsProgram(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == programExt || ext == moduleExt
}

// Put adds a file or a new version of it; of a program with its text. A Path that ends in "/" is a
// language directory, an empty one the environment itself. A version that is there already changes
// nothing. ErrFull and ErrTooLarge: the version before, if any, is gone.
func (s *Set) Put(f File, source []byte) error {
	if err := f.Place.Check(); err != nil {
		return err
	}
	if err := checkPath(f.Path); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.at(f.Place, f.Path)
	if old != nil && old.File == f {
		return nil
	}
	s.drop(f.Place, f.Path)
	compiled := &program{}
	if old != nil && old.Path == f.Path && old.Digest == f.Digest {
		compiled = old.program // the same text stored again
	}
	n := int64(len(source))
	if err := s.fits(f.Place, f.Path, n, s.sources); err != nil {
		return err
	}
	s.sources += n
	at := f.Place.String()
	if s.places[at] == nil {
		s.places[at] = map[string]*file{}
	}
	s.places[at][strings.ToLower(f.Path)] = &file{File: f, source: string(source), program: compiled}
	return nil
}

// fits refuses a text of n bytes beside those that are held.
func (s *Set) fits(p Place, path string, n, held int64) error {
	switch {
	case n > int64(s.limits.Source):
		return fmt.Errorf("%w: %s %s has %d bytes, a program at most %d", ErrTooLarge, p, path, n, s.limits.Source)
	case held+n > s.limits.Sources:
		return fmt.Errorf("%w: %s %s does not fit into the %d bytes for programs", ErrFull, p, path, s.limits.Sources)
	}
	return nil
}

func checkPath(path string) error {
	if path == "" {
		return nil
	}
	if language, ok := strings.CutSuffix(path, "/"); ok {
		return CheckLanguage(language)
	}
	_, _, err := Split(path)
	return err
}

// Remove takes a file or directory out; one that is absent does no harm.
func (s *Set) Remove(p Place, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(p, path)
}

// drop takes a file out. Lock held.
func (s *Set) drop(p Place, path string) {
	if old := s.at(p, path); old != nil {
		s.sources -= int64(len(old.source))
		delete(s.places[p.String()], strings.ToLower(path))
	}
}

// at is the file of an exact place and path, nil if there is none. Lock held.
func (s *Set) at(p Place, path string) *file { return s.places[p.String()][strings.ToLower(path)] }

// order are the places in which a Task of a domain looks.
func (s *Set) order(domain string) [4]Place {
	return [4]Place{{Domain, domain}, {Server, s.member}, {Cluster, ""}, {Stock, ""}}
}

// find looks a name up. Each extension of exts is tried in one directory before the next directory; "" is
// the name as it is. A name with a directory of its own is looked for in that directory only.
func (s *Set) find(domain, language, name string, exts ...string) (*file, error) {
	own, base, err := Split(name)
	if err != nil {
		return nil, err
	}
	directories := []string{own}
	if own == "" && language != "" {
		if err := CheckLanguage(language); err != nil {
			return nil, err
		}
		directories = []string{language, ""}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range s.order(domain) {
		for _, directory := range directories {
			for _, ext := range exts {
				if f := s.at(p, join(directory, base+ext)); f != nil {
					return f, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
}

// Find looks a file up as a Task of the domain finds it that speaks the language ("": none).
func (s *Set) Find(domain, language, name string) (File, error) {
	f, err := s.find(domain, language, name, "")
	if err != nil {
		return File{}, err
	}
	return f.File, nil
}
