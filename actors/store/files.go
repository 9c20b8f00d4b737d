package store

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"maps"
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
	wake  chan struct{}    // something was wasted; holds one token
	ended chan struct{}    // closed when the sweeper has returned
}

// FileInfo describes one version of a file.
type FileInfo struct {
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
func (f *Files) Stat(name string) (FileInfo, bool) {
	r, e, ok := f.record(name)
	if !ok {
		return FileInfo{}, false
	}
	return infoOf(e, r), true
}

// List describes the files whose names begin with prefix, in order of their names. It never waits.
func (f *Files) List(prefix string) (list []FileInfo) {
	f.bucket.Range(prefix, func(e Entry) bool {
		if r, err := decodeRecord(e.Value); err == nil {
			list = append(list, infoOf(e, r))
		}
		return true
	})
	return list
}

// Get returns limit bytes of a file from offset on, less where it ends, all to its end when limit is
// negative. ErrNoFile: there is none. ErrDamaged: contents that were acknowledged are missing.
func (f *Files) Get(ctx context.Context, name string, offset, limit int64) ([]byte, FileInfo, error) {
	for range writes {
		r, e, ok := f.record(name)
		if !ok {
			return nil, FileInfo{}, fmt.Errorf("%w: %s", ErrNoFile, name)
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
		return b, infoOf(e, r), err
	}
	return nil, FileInfo{}, fmt.Errorf("%w: %s is replaced again and again", ErrConflict, name)
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

// Put writes a file whole, and returns when it is on the disk and Get sees it. ErrConflict: the file is
// not as w expects. ErrTooLarge, ErrNoRoom: a limit. ErrUnavailable and errors of ctx: it may or may not
// have been written, and is then the old or the new version, whole.
func (f *Files) Put(ctx context.Context, name string, b []byte, w FileWrite) (FileInfo, error) {
	defer f.lock(name)()
	return f.put(ctx, name, b, w)
}

func (f *Files) put(ctx context.Context, name string, b []byte, w FileWrite) (FileInfo, error) {
	if err := f.admit(name, int64(len(b)), int64(len(b)), w); err != nil {
		return FileInfo{}, err
	}
	now := time.Now().UTC()
	r := &fileRecord{size: int64(len(b)), created: now, modified: now, meta: maps.Clone(w.Meta)}
	if len(b) > 0 {
		r.id = newID(now)
	}
	h := sha256.New()
	h.Write(b)
	r.seal(h)
	var err error
	if r.chunks, err = f.contents.write(ctx, r.id, b); err != nil {
		f.throw(waste{id: r.id})
		return FileInfo{}, err
	}
	if old, _, ok := f.record(name); ok {
		r.created = old.created
		if w.Meta == nil {
			r.meta = old.meta
		}
	}
	i, err := f.commit(ctx, name, r, w)
	if err != nil && !uncertain(err) {
		f.throw(waste{id: r.id})
	}
	return i, err
}

// Append writes bytes behind the end of a file, and makes it if there is none. It is as lasting as Put, and
// as whole. Errors are those of Put.
func (f *Files) Append(ctx context.Context, name string, b []byte, w FileWrite) (FileInfo, error) {
	defer f.lock(name)()
	for tries := 1; ; tries++ {
		i, err := f.append(ctx, name, b, w)
		if w.Expect != nil || !errors.Is(err, ErrConflict) || tries == writes {
			return i, err
		}
	}
}

func (f *Files) append(ctx context.Context, name string, b []byte, w FileWrite) (FileInfo, error) {
	old, e, ok := f.record(name)
	if !ok || old.id == "" {
		if !ok && w.Expect == nil {
			w.Expect = new(uint64)
		}
		return f.put(ctx, name, b, w)
	}
	if err := f.admit(name, old.size+int64(len(b)), int64(len(b)), w); err != nil {
		return FileInfo{}, err
	}
	h, err := f.resume(ctx, old)
	if err != nil {
		return FileInfo{}, err
	}
	h.Write(b)
	r := *old
	r.size, r.modified, r.from, r.fromRevision = old.size+int64(len(b)), time.Now().UTC(), "", 0
	r.seal(h)
	if w.Meta != nil {
		r.meta = maps.Clone(w.Meta)
	}
	kept := old.chunks
	// A short last chunk is written anew with what comes, so that many small appends do not make as many
	// chunks.
	if last := kept[len(kept)-1]; last.size <= chunkSize/2 {
		tail, err := f.contents.read(ctx, old.id, last)
		if err != nil {
			return FileInfo{}, f.overtaken(ctx, name, e.Revision, err)
		}
		kept, b = kept[:len(kept)-1], append(tail, b...)
	}
	written, err := f.contents.write(ctx, r.id, b)
	if err == nil {
		r.chunks = append(kept[:len(kept):len(kept)], written...)
		if w.Expect == nil {
			w.Expect = &e.Revision
		}
		var i FileInfo
		if i, err = f.commit(ctx, name, &r, w); err == nil || uncertain(err) {
			return i, err
		}
	}
	f.throw(waste{chunks: written})
	return FileInfo{}, err
}

// overtaken is ErrConflict where contents are missing because another member has written a newer version than
// the one that was looked at; else it is err. That version may not have come here yet.
func (f *Files) overtaken(ctx context.Context, name string, revision uint64, err error) error {
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	history, failed := f.bucket.History(ctx, name)
	if n := len(history); failed != nil || n > 0 && history[n-1].Revision <= revision {
		return err
	}
	if err := f.bucket.copied.wait(ctx, revision+1); err != nil {
		return err
	}
	return ErrConflict
}

// resume is the hash behind the last byte of a version.
func (f *Files) resume(ctx context.Context, r *fileRecord) (hash.Hash, error) {
	h := sha256.New()
	if h.(encoding.BinaryUnmarshaler).UnmarshalBinary(r.hash) == nil {
		return h, nil
	}
	h.Reset() // it was written by another release of Go
	b, err := f.read(ctx, r, 0, -1)
	h.Write(b)
	return h, err
}

// seal takes over the digest of all contents.
func (r *fileRecord) seal(h hash.Hash) {
	h.Sum(r.digest[:0])
	r.hash, _ = h.(encoding.BinaryMarshaler).MarshalBinary() // always succeeds
}

// Rename gives a file another name, under which there must be none: else ErrConflict. ErrNoFile: there is
// none to rename. For a moment it has both names, and a crash in this moment is made good by the next Open.
func (f *Files) Rename(ctx context.Context, from, to string, w FileWrite) (FileInfo, error) {
	defer f.lock(from, to)()
	r, e, ok := f.record(from)
	switch {
	case !ok:
		return FileInfo{}, fmt.Errorf("%w: %s", ErrNoFile, from)
	case from == to:
		return infoOf(e, r), nil
	case w.Expect != nil && *w.Expect != e.Revision:
		return FileInfo{}, ErrConflict
	}
	if err := f.admit(to, r.size, 0, w); err != nil {
		return FileInfo{}, err
	}
	r.from, r.fromRevision = from, e.Revision
	if w.Meta != nil {
		r.meta = maps.Clone(w.Meta)
	}
	i, err := f.commit(ctx, to, r, FileWrite{Expect: new(uint64), Author: w.Author, Reason: w.Reason})
	if err != nil {
		return FileInfo{}, err
	}
	return i, f.leave(ctx, r, w)
}

// leave ends a rename: the old name goes, unless it has a newer version already.
func (f *Files) leave(ctx context.Context, r *fileRecord, w FileWrite) error {
	err := f.bucket.Delete(ctx, r.from, Write{Expect: &r.fromRevision, Author: w.Author, Reason: w.Reason})
	if errors.Is(err, ErrConflict) {
		return nil
	}
	f.look(r.from)
	return err
}

// Delete removes a file. To remove what does not exist is no error. Other errors are those of Put.
func (f *Files) Delete(ctx context.Context, name string, w FileWrite) error {
	defer f.lock(name)()
	err := f.bucket.Delete(ctx, name, Write{Expect: w.Expect, Author: w.Author, Reason: w.Reason})
	f.look(name)
	return err
}

// Watch calls told for every later change of a file whose name begins with prefix, by whatever member, in
// the order of the revisions; Stat shows the change already. Of a deleted file only Name and Revision are
// told. told must hand on and return, and must not write files. After stop no new call begins.
func (f *Files) Watch(prefix string, told func(i FileInfo, deleted bool)) (stop func()) {
	return f.bucket.Watch(func(e Entry) {
		if !strings.HasPrefix(e.Key, prefix) {
			return
		}
		if e.Deleted {
			told(FileInfo{Name: e.Key, Revision: e.Revision}, true)
		} else if r, err := decodeRecord(e.Value); err == nil {
			told(infoOf(e, r), false)
		}
	})
}

// Used are the bytes of all files.
func (f *Files) Used() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.used
}

func infoOf(e Entry, r *fileRecord) FileInfo {
	return FileInfo{Name: e.Key, Size: r.size, Created: r.created, Modified: r.modified, Digest: r.digest,
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

// admit refuses a version of size bytes, of which so many are new, that breaks a limit.
func (f *Files) admit(name string, size, more int64, w FileWrite) error {
	if _, err := encodeKey(name); err != nil {
		return err
	}
	if size > f.limits.MaxFile {
		return fmt.Errorf("%w: file of %d bytes, at most %d", ErrTooLarge, size, f.limits.MaxFile)
	}
	if used := f.Used(); used+more > f.limits.MaxFiles {
		return fmt.Errorf("%w: %d bytes of %d are in use", ErrNoRoom, used, f.limits.MaxFiles)
	}
	if err := (envelope{author: w.Author, reason: w.Reason}).check(); err != nil {
		return err
	}
	return checkMeta(w.Meta)
}

// commit writes the record of a version: with it the version is there.
func (f *Files) commit(ctx context.Context, name string, r *fileRecord, w FileWrite) (FileInfo, error) {
	e := envelope{value: r.encode(), author: w.Author, reason: w.Reason}
	for tries := 1; ; tries++ {
		rev, err := f.bucket.write(ctx, name, e, w.Expect)
		if err == nil {
			f.look(name)
			return infoOf(Entry{Key: name, Revision: rev}, r), nil
		}
		_, there := f.bucket.Get(name)
		// The sweeper may have forgotten a deletion whose revision was expected.
		if !errors.Is(err, ErrConflict) || w.Expect == nil || *w.Expect != 0 || there || tries == writes {
			return FileInfo{}, err
		}
	}
}

// uncertain tells whether a write that ended in err may have happened.
func uncertain(err error) bool {
	return !errors.Is(err, ErrConflict) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrDiskFull)
}

// lock makes the caller the only writer of one or two files on this member, until unlock.
func (f *Files) lock(names ...string) (unlock func()) {
	slots := [2]int{slotOf(names[0]), slotOf(names[len(names)-1])}
	first, second := min(slots[0], slots[1]), max(slots[0], slots[1])
	f.locks[first].Lock()
	if first == second {
		return f.locks[first].Unlock
	}
	f.locks[second].Lock()
	return func() { f.locks[second].Unlock(); f.locks[first].Unlock() }
}

// slotOf is the lock of a name (FNV-1a).
func slotOf(name string) int {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return int(h % uint32(len(Files{}.locks)))
}
