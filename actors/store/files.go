package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandem/conf"
)

// Files is the set of files by name: recordings, voice mail, prompts, sources of applications. The
// directory of names is in the memory of every member, and asking it never waits; the contents are on the
// disk. Names are any 1 to 250 bytes; "/" means nothing here but that prefixes often end in it. A file has
// at most conf.Store.MaxFile bytes, all of them together conf.Store.MaxFiles. All methods may be called
// from any goroutine.
//
// A file is written chunks first, each synced, and then its record, a revision of the bucket of files:
// before that revision the old version is there whole, behind it the new one. What a crash leaves of
// chunks without a record is swept at the next Open.
type Files struct {
	bucket   *Bucket
	contents *contents
	limits   conf.Store
	alone    bool // no other member writes to this engine
	log      *slog.Logger

	locks [64]sync.Mutex // by name: writers of one file on this member wait for each other

	mu    sync.Mutex
	owned map[string]owned // by name: what each file has on the disk
	refs  map[string]int   // files by id of contents; two for a moment during a rename
	used  int64            // bytes of all files
	waste []waste          // what the sweeper has to do
	mine  func() bool      // whether this member is the one that sweeps; nil: it is
	wake  chan struct{}    // something was wasted; holds one token
	ended chan struct{}    // closed when the sweeper has returned
}

// FileVersion describes one version of a file.
type FileVersion struct {
	Name     string
	Size     int64     // bytes
	Created  time.Time // of the first version under this name
	Modified time.Time // of this version
	Digest   [sha256.Size]byte
	Meta     map[string]string // as given by the writer; shared: must not be changed
	Revision uint64            // grows with every write
}

// FileWrite says how and by whom a file is written.
type FileWrite struct {
	// Expect makes it a compare-and-set: the file must have this revision, 0: must not exist.
	Expect         *uint64
	Author, Reason string // kept with the revision; at most 250 and 1000 bytes
	// Meta are properties of the file, at most 64 with 16 KiB; nil keeps those that it has.
	Meta map[string]string
}

// writes is how often a write that was overtaken by another is tried before it is given up.
const writes = 4

// Stat describes a file; false if there is none. It never waits.
func (f *Files) Stat(name string) (FileVersion, bool) {
	r, e, ok := f.record(name)
	if !ok {
		return FileVersion{}, false
	}
	return versionOf(e, r), true
}

// List describes the files whose names begin with prefix, in order of their names. It never waits.
func (f *Files) List(prefix string) (list []FileVersion) {
	f.bucket.Range(prefix, func(e Entry) bool {
		if r, err := decodeRecord(e.Value); err == nil {
			list = append(list, versionOf(e, r))
		}
		return true
	})
	return list
}

// Get returns limit bytes of a file from offset on, less where it ends, all to its end when limit is
// negative. ErrNoFile: there is none. ErrDamaged: contents that were acknowledged are missing.
func (f *Files) Get(ctx context.Context, name string, offset, limit int64) ([]byte, FileVersion, error) {
	for range writes {
		r, e, ok := f.record(name)
		if !ok {
			return nil, FileVersion{}, fmt.Errorf("%w: %s", ErrNoFile, name)
		}
		b, err := f.read(ctx, r, offset, limit)
		if err != nil {
			err = f.overtaken(ctx, name, e.Revision, err)
		}
		switch {
		case errors.Is(err, ErrConflict):
			continue // it was replaced while it was read
		case errors.Is(err, ErrDamaged):
			f.contents.damaged.Add(1)
			f.log.Error("a file cannot be read", "file", name, "err", err)
		}
		return b, versionOf(e, r), err
	}
	return nil, FileVersion{}, fmt.Errorf("%w: %s is replaced again and again", ErrConflict, name)
}

// read collects a range of a version.
func (f *Files) read(ctx context.Context, r *fileRecord, offset, limit int64) ([]byte, error) {
	end := r.size
	if limit >= 0 && limit < r.size-offset {
		end = offset + limit
	}
	if offset < 0 || offset >= end {
		return []byte{}, nil
	}
	out := make([]byte, 0, end-offset)
	at := int64(0)
	for _, c := range r.chunks {
		if at < end && at+c.size > offset {
			b, err := f.contents.read(ctx, r.id, c)
			if err != nil {
				return nil, err
			}
			out = append(out, b[max(0, offset-at):min(c.size, end-at)]...)
		}
		at += c.size
	}
	return out, nil
}

// overtaken is ErrConflict where contents are missing because another member has written a newer version than
// the one that was looked at; else it is err. That version may not have come here yet.
func (f *Files) overtaken(ctx context.Context, name string, revision uint64, err error) error {
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	newest, failed := f.bucket.newest(ctx, name)
	if failed != nil || newest > 0 && newest <= revision {
		return err
	}
	if err := f.bucket.copied.wait(ctx, revision+1); err != nil {
		return err
	}
	return ErrConflict
}

// Watch calls told for every later change of a file whose name begins with prefix, by whatever member, in
// the order of the revisions; Stat shows the change already. Of a deleted file only Name and Revision are
// told. told must hand on and return, and must not write files. After stop no new call begins.
func (f *Files) Watch(prefix string, told func(i FileVersion, deleted bool)) (stop func()) {
	return f.bucket.Watch(func(e Entry) {
		if !strings.HasPrefix(e.Key, prefix) {
			return
		}
		if e.Deleted {
			told(FileVersion{Name: e.Key, Revision: e.Revision}, true)
		} else if r, err := decodeRecord(e.Value); err == nil {
			told(versionOf(e, r), false)
		}
	})
}

// Used are the bytes of all files.
func (f *Files) Used() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used
}

func versionOf(e Entry, r *fileRecord) FileVersion {
	return FileVersion{Name: e.Key, Size: r.size, Created: r.created, Modified: r.modified, Digest: r.digest,
		Meta: r.meta, Revision: e.Revision}
}

// record is the newest version of a file.
func (f *Files) record(name string) (*fileRecord, Entry, bool) {
	e, ok := f.bucket.Get(name)
	if !ok {
		return nil, e, false
	}
	r, err := decodeRecord(e.Value)
	return r, e, err == nil
}
