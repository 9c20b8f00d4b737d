package store

import (
	"context"
	"crypto/sha256"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"maps"
	"time"
)

// Put writes a file whole, and returns when it is on the disk and Get sees it. ErrConflict: the file is
// not as w expects. ErrTooLarge, ErrNoRoom: a limit. ErrUnavailable and errors of ctx: it may or may not
// have been written, and is then the old or the new version, whole.
func (f *Files) Put(ctx context.Context, name string, b []byte, w FileWrite) (FileVersion, error) {
	defer f.lock(name)()
	return f.put(ctx, name, b, w)
}

func (f *Files) put(ctx context.Context, name string, b []byte, w FileWrite) (FileVersion, error) {
	if err := f.admit(name, int64(len(b)), int64(len(b)), w); err != nil {
		return FileVersion{}, err
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
		return FileVersion{}, err
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
func (f *Files) Append(ctx context.Context, name string, b []byte, w FileWrite) (FileVersion, error) {
	defer f.lock(name)()
	for tries := 1; ; tries++ {
		i, err := f.append(ctx, name, b, w)
		if w.Expect != nil || !errors.Is(err, ErrConflict) || tries == writes {
			return i, err
		}
	}
}

func (f *Files) append(ctx context.Context, name string, b []byte, w FileWrite) (FileVersion, error) {
	old, e, ok := f.record(name)
	if !ok || old.id == "" {
		if !ok && w.Expect == nil {
			w.Expect = new(uint64)
		}
		return f.put(ctx, name, b, w)
	}
	if err := f.admit(name, old.size+int64(len(b)), int64(len(b)), w); err != nil {
		return FileVersion{}, err
	}
	h, err := f.resume(ctx, old)
	if err != nil {
		return FileVersion{}, err
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
			return FileVersion{}, f.overtaken(ctx, name, e.Revision, err)
		}
		kept, b = kept[:len(kept)-1], append(tail, b...)
	}
	written, err := f.contents.write(ctx, r.id, b)
	if err == nil {
		r.chunks = append(kept[:len(kept):len(kept)], written...)
		if w.Expect == nil {
			w.Expect = &e.Revision
		}
		var i FileVersion
		if i, err = f.commit(ctx, name, &r, w); err == nil || uncertain(err) {
			return i, err
		}
	}
	f.throw(waste{chunks: written})
	return FileVersion{}, err
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
func (f *Files) Rename(ctx context.Context, from, to string, w FileWrite) (FileVersion, error) {
	defer f.lock(from, to)()
	r, e, ok := f.record(from)
	switch {
	case !ok:
		return FileVersion{}, fmt.Errorf("%w: %s", ErrNoFile, from)
	case from == to:
		return versionOf(e, r), nil
	case w.Expect != nil && *w.Expect != e.Revision:
		return FileVersion{}, ErrConflict
	}
	if err := f.admit(to, r.size, 0, w); err != nil {
		return FileVersion{}, err
	}
	r.from, r.fromRevision = from, e.Revision
	if w.Meta != nil {
		r.meta = maps.Clone(w.Meta)
	}
	i, err := f.commit(ctx, to, r, FileWrite{Expect: new(uint64), Author: w.Author, Reason: w.Reason})
	if err != nil {
		return FileVersion{}, err
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
func (f *Files) commit(ctx context.Context, name string, r *fileRecord, w FileWrite) (FileVersion, error) {
	rev, err := f.bucket.write(ctx, name, envelope{value: r.encode(), author: w.Author, reason: w.Reason}, w.Expect)
	if err != nil {
		return FileVersion{}, err
	}
	f.look(name)
	return versionOf(Entry{Key: name, Revision: rev}, r), nil
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
