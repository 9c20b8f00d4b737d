package storage

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// Files keeps the files of all accounts, by key. Its errors are ErrNoFile, ErrExists, ErrTooLarge, ErrQuota
// when it has no room at all, ErrChanged, and others that are its own.
type Files interface {
	Stat(key string) (File, bool)
	List(prefix string) []File // in order of their keys
	Get(ctx context.Context, key string, offset, limit int64) ([]byte, error)
	// Put writes a file whole. since 0: it must not exist; more: it must have this Revision; less: whatever.
	// Meta nil keeps the properties that it has.
	Put(ctx context.Context, key string, b []byte, since int64, meta map[string]string) error
	Append(ctx context.Context, key string, b []byte) error
	Rename(ctx context.Context, from, to string) error
	Delete(ctx context.Context, key string) error
}

// ErrChanged says that a file is not as it was when it was looked at.
var ErrChanged = errors.New("storage: the file was changed meanwhile")

// File describes a file.
type File struct {
	Name     string // key among Files; path within an account's Storage; name within a listed directory
	Size     int64  // bytes; -1 of a directory
	Created  time.Time
	Modified time.Time
	Meta     map[string]string // shared: must not be changed
	Digest   [32]byte          // SHA-256 of the contents
	Revision int64
}

// Limits bound what one account may have.
type Limits struct {
	Bytes    int64         // of all files
	Files    int           // files and directories
	Messages int           // voice messages
	Heard    time.Duration // after which a heard message is deleted; 0 never
}

// MaxRead is the most bytes that one read gives (reference cgpl.md 2.9).
const MaxRead = 1 << 20

// changes is how often a change is made again because somebody was quicker.
const changes = 4

// Storage reads and writes the files of accounts. All methods may be called from any goroutine; an account is
// an AOR in its canonical spelling.
type Storage struct {
	files  Files
	limits func() Limits

	locks [64]sync.Mutex // by account: its writers on this member wait for each other
}

// New makes a Storage; limits tells those of the moment.
func New(files Files, limits func() Limits) *Storage { return &Storage{files: files, limits: limits} }

// Read returns bytes of a file from a position on, at most limit and at most MaxRead; none behind its end. A
// negative limit is MaxRead.
func (s *Storage) Read(ctx context.Context, account, name string, position, limit int64) ([]byte, error) {
	k, err := key(account, name)
	if err != nil {
		return nil, err
	}
	if position < 0 {
		return nil, ErrPosition
	}
	if limit < 0 || limit > MaxRead {
		limit = MaxRead
	}
	return s.files.Get(ctx, k, position, limit)
}

// Whence says where Write puts its bytes.
type Whence int64

// Places beside a position in bytes, which is not negative. A position lies within the file or at its end; the
// file is not cut off behind what is written.
const (
	Whole  Whence = -1 - iota // replaces the file, or makes it
	End                       // behind the end
	Create                    // makes the file, which must not exist
)

// Write writes a file, and makes it if there is none. ErrQuota: the account has no room for it.
func (s *Storage) Write(ctx context.Context, account, name string, b []byte, at Whence) error {
	k, err := key(account, name)
	if err != nil {
		return err
	}
	defer s.lock(account)()
	old, exists := s.files.Stat(k)
	if exists && at == Create {
		return ErrExists
	}
	if err := s.free(account, name); !exists && err != nil {
		return err
	}
	size := int64(len(b))
	switch {
	case at == End:
		size += old.Size
	case at >= 0:
		size = max(old.Size, int64(at)+size)
	}
	if err := s.admit(account, k, size); err != nil {
		return err
	}
	switch at {
	case Whole:
		return s.files.Put(ctx, k, b, -1, nil)
	case Create:
		return s.files.Put(ctx, k, b, 0, nil)
	case End:
		return s.files.Append(ctx, k, b)
	}
	return s.overwrite(ctx, k, b, int64(at))
}

// overwrite changes bytes in the middle of a file.
func (s *Storage) overwrite(ctx context.Context, key string, b []byte, at int64) error {
	for try := 1; ; try++ {
		f, ok := s.files.Stat(key)
		if at > f.Size {
			return ErrPosition
		}
		if ok && at == f.Size {
			return s.files.Append(ctx, key, b)
		}
		var whole []byte
		if ok {
			var err error
			if whole, err = s.files.Get(ctx, key, 0, -1); err != nil {
				return err
			}
		}
		if at > int64(len(whole)) {
			return ErrPosition
		}
		n := copy(whole[at:], b)
		err := s.files.Put(ctx, key, append(whole, b[n:]...), f.Revision, nil)
		if !errors.Is(err, ErrChanged) || try == changes {
			return err
		}
	}
}

// Delete removes a file.
func (s *Storage) Delete(ctx context.Context, account, name string) error {
	k, err := key(account, name)
	if err != nil {
		return err
	}
	if _, ok := s.files.Stat(k); !ok {
		return ErrNoFile
	}
	return s.files.Delete(ctx, k)
}

// Rename gives a file another name, under which there must be none.
func (s *Storage) Rename(ctx context.Context, account, from, to string) error {
	old, err := key(account, from)
	if err != nil {
		return err
	}
	k, err := key(account, to)
	if err != nil {
		return err
	}
	defer s.lock(account)()
	if _, ok := s.files.Stat(old); !ok {
		return ErrNoFile
	}
	if _, ok := s.files.Stat(k); ok {
		return ErrExists
	}
	if err := s.free(account, to); err != nil {
		return err
	}
	return s.files.Rename(ctx, old, k)
}

// free refuses the name of a new file when it is that of a directory, or below a file.
func (s *Storage) free(account, path string) error {
	if len(s.files.List(root(account)+path+"/")) > 0 {
		return ErrExists
	}
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		if _, file := s.files.Stat(root(account) + path[:i]); file {
			return ErrExists
		}
	}
	return nil
}

// Used is what an account has: bytes, and files with directories.
func (s *Storage) Used(account string) (bytes int64, files int) {
	for _, f := range s.files.List(root(account)) {
		bytes += f.Size
		files++
	}
	return bytes, files
}

// admit refuses a version of a file that the account has no room for. Lock held.
func (s *Storage) admit(account, key string, size int64) error {
	limits := s.limits()
	bytes, files := s.Used(account)
	old, ok := s.files.Stat(key)
	if !ok && files >= limits.Files || bytes-old.Size+size > limits.Bytes {
		return ErrQuota
	}
	return nil
}

// lock makes the caller the only writer of an account on this member, until unlock.
func (s *Storage) lock(account string) (unlock func()) {
	n := uint32(0)
	for i := range len(account) {
		n = n*31 + uint32(account[i])
	}
	l := &s.locks[n%uint32(len(s.locks))]
	l.Lock()
	return l.Unlock
}

// Clear removes all files of an account, as when it is deleted.
func (s *Storage) Clear(ctx context.Context, account string) error {
	defer s.lock(account)()
	for _, f := range s.files.List(root(account)) {
		if err := s.files.Delete(ctx, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// Move gives all files of an account to another, as when it is renamed. It is done file by file: after a
// failure it is done again, and goes on with what is left.
func (s *Storage) Move(ctx context.Context, from, to string) error {
	defer s.lock(from)()
	for _, f := range s.files.List(root(from)) {
		if err := s.files.Rename(ctx, f.Name, root(to)+strings.TrimPrefix(f.Name, root(from))); err != nil {
			return err
		}
	}
	return nil
}
