package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// orphanAge is how old contents without a file must be before they are swept from an engine that other
// members write to: until then their file may be on its way.
const orphanAge = time.Hour

// sweepLook is how soon a member that shares its engine finds that it is the one to sweep, or not any more.
const sweepLook = 5 * time.Second

// maxWaste is how much may wait for the sweeper; what is beyond is left to the next Open.
const maxWaste = 100000

// owned is what a file has on the disk.
type owned struct {
	revision uint64
	id       string
	size     int64
	chunks   []chunk
}

// sweptHistory is how many revisions of a file's record the engine keeps until the sweeper takes them off.
// What it removes by itself, because of newer ones, it marks nowhere: after a kill it finds it again, and
// takes it for valid if the newer ones are gone. So it must never do so before the sweeper.
const sweptHistory = 64 // the most the engine keeps

// waste is a thing that the disk need not keep: all contents of an id, or some chunks, or the revisions of
// a file's record up to one: those before a newer one, or all of a file that was deleted.
type waste struct {
	own      bool // of a write that this member did not finish: nobody else knows of it
	id       string
	chunks   []chunk
	name     string
	revision uint64
}

// SweepIf says how this member finds out whether it is the one that sweeps, where several have the same files:
// it holds a lease, for example. Sweeping is for one member at a time, but two that do it for a moment do
// no harm. mine must not wait. Of members that keep a store together none sweeps unless it is told to.
func (f *Files) SweepIf(mine func() bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mine = mine
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// sweeps tells whether this member is the one that sweeps.
func (f *Files) sweeps() bool {
	f.mu.Lock()
	mine := f.mine
	f.mu.Unlock()
	return mine == nil || mine()
}

// throw leaves something to the sweeper that no file of this member has come to have.
func (f *Files) throw(w waste) {
	w.own = true
	if w.id == "" && len(w.chunks) == 0 && w.name == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.throwLocked(w)
}

func (f *Files) throwLocked(w waste) {
	if len(f.waste) < maxWaste {
		f.waste = append(f.waste, w)
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// look takes over the newest revision of a file, and throws away what the one before it had. The bucket's
// watch calls it for every change, and a writer before it returns, so that limits know of its file.
func (f *Files) look(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.bucket.copied.get(name) // under the lock, so that no look sees an older one than the last
	was := f.owned[name]
	if ok && was.revision == e.Revision {
		return
	}
	var now owned
	if ok && !e.Deleted {
		r, err := decodeRecord(e.Value)
		if err != nil {
			f.contents.damaged.Add(1)
			f.log.Error("a file record cannot be read and is skipped", "file", name, "err", err)
			return
		}
		now = owned{e.Revision, r.id, r.size, r.chunks}
		f.owned[name] = now
	} else {
		delete(f.owned, name)
	}
	switch {
	case !ok || !f.alone:
	case e.Deleted:
		f.throwLocked(waste{name: name, revision: e.Revision})
	case was.revision != 0:
		f.throwLocked(waste{name: name, revision: e.Revision - 1})
	}
	f.used += now.size - was.size
	if now.id != "" {
		f.refs[now.id]++
	}
	f.release(was, now)
}

// release throws away what a version had and the next one has not, unless another file has it too. Lock
// held.
func (f *Files) release(was, now owned) {
	if was.id == "" {
		return
	}
	f.refs[was.id]--
	switch {
	case f.refs[was.id] <= 0:
		delete(f.refs, was.id)
		f.throwLocked(waste{id: was.id})
	case f.refs[was.id] == 1 && was.id == now.id:
		gone := slices.DeleteFunc(slices.Clone(was.chunks), func(c chunk) bool { return slices.Contains(now.chunks, c) })
		if len(gone) > 0 {
			f.throwLocked(waste{chunks: gone})
		}
	}
}

// sweepOn takes waste off the disk as long as life lasts, and looks for all there is when it becomes this
// member's turn, and from time to time. What fails is left to the next such look, or to the next Open.
func (f *Files) sweepOn(life context.Context, looked time.Time) {
	defer close(f.ended)
	var tick <-chan time.Time // only a member that shares its engine may get the turn
	if !f.alone {
		t := time.NewTicker(sweepLook)
		defer t.Stop()
		tick = t.C
	}
	for turn := f.sweeps(); ; {
		select {
		case <-f.wake:
		case <-tick:
		case <-life.Done():
			return
		}
		f.removeAll(life)
		was := turn
		if turn = f.sweeps(); f.alone || !turn || was && time.Since(looked) < orphanAge {
			continue
		}
		looked = time.Now()
		if err := f.sweep(life, looked); err != nil {
			f.log.Debug("waste of files is left on the disk", "err", err)
			turn = false // so that it is tried again
		}
	}
}

// removeAll takes off the disk what was thrown away, if that is for this member to do.
func (f *Files) removeAll(life context.Context) {
	f.mu.Lock()
	todo := f.waste
	f.waste = nil
	f.mu.Unlock()
	turn := f.sweeps()
	for _, w := range todo {
		if life.Err() != nil {
			return
		}
		if !turn && !w.own {
			continue
		}
		if err := f.remove(life, w); err != nil {
			f.log.Debug("waste of files is left on the disk", "err", err)
		}
	}
}

func (f *Files) remove(ctx context.Context, w waste) error {
	switch {
	case w.name != "":
		// A writer that expects the deletion must find it here and in the engine, or in neither.
		defer f.lock(w.name)()
		return f.bucket.forget(ctx, w.name, w.revision)
	case w.id != "":
		return f.contents.purge(ctx, w.id)
	}
	return f.contents.remove(ctx, w.chunks)
}

// open learns what files there are, follows their changes, makes good what a crash has left, and begins
// to sweep. With others it does not fail: it has nothing that they could not make good as well.
func (f *Files) open(ctx, life context.Context) error {
	var renamed []*fileRecord
	f.bucket.Watch(func(e Entry) { f.look(e.Key) })
	f.bucket.Range("", func(e Entry) bool {
		f.look(e.Key)
		if r, err := decodeRecord(e.Value); err == nil && r.from != "" {
			renamed = append(renamed, r)
		}
		return true
	})
	if f.alone {
		for _, e := range f.bucket.copied.deleted() {
			f.throw(waste{name: e.Key, revision: e.Revision})
		}
	}
	err := f.mend(ctx, renamed)
	if err == nil && f.sweeps() {
		err = f.sweep(ctx, time.Now())
	}
	if err != nil && f.alone {
		return err
	}
	if err != nil {
		f.log.Warn("files are not put in order now", "err", err)
	}
	go f.sweepOn(life, time.Now())
	return nil
}

// mend finishes renames that were cut off.
func (f *Files) mend(ctx context.Context, renamed []*fileRecord) error {
	for _, r := range renamed {
		if e, ok := f.bucket.Get(r.from); ok && e.Revision == r.fromRevision {
			if err := f.leave(ctx, r, FileWrite{Author: "member", Reason: "rename was cut off"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep removes contents without a file, and tells of files whose contents are missing. Where others write at
// the same time, what is younger than orphanAge may be on its way to a file, and contents that a file had
// before they were counted but not afterwards are not missing.
func (f *Files) sweep(ctx context.Context, now time.Time) error {
	before := f.wanted()
	asking, cancel := bounded(ctx)
	counts, err := f.contents.counts(asking)
	cancel()
	if err != nil {
		return fmt.Errorf("contents of files: %w", err)
	}
	wanted, old := f.wanted(), now
	if !f.alone {
		old = now.Add(-orphanAge)
	}
	for id, want := range before {
		if n := counts[id]; n < len(want) && len(wanted[id]) >= len(want) {
			f.missing(id, len(want)-n)
		}
	}
	for id, n := range counts {
		want := wanted[id]
		begun, ok := idTime(id)
		switch {
		case n <= len(want) || !ok || begun.After(old):
		case len(want) == 0:
			err = f.contents.purge(ctx, id)
		default:
			err = f.sweepOne(ctx, id, want, old)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// wanted are the chunks that files have, by id.
func (f *Files) wanted() map[string]map[uint64]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]map[uint64]bool, len(f.owned))
	for _, o := range f.owned {
		for _, c := range o.chunks {
			if all[o.id] == nil {
				all[o.id] = make(map[uint64]bool, len(o.chunks))
			}
			all[o.id][c.seq] = true
		}
	}
	return all
}

// sweepOne removes those chunks of an id that no file has and that are old enough.
func (f *Files) sweepOne(ctx context.Context, id string, want map[uint64]bool, old time.Time) error {
	chunks, err := f.contents.of(ctx, id, old)
	if err != nil {
		return err
	}
	return f.contents.remove(ctx, slices.DeleteFunc(chunks, func(c chunk) bool { return want[c.seq] }))
}

func (f *Files) missing(id string, n int) {
	f.contents.damaged.Add(uint64(n))
	f.log.Error("contents of a file are missing", "contents", id, "chunks", n)
}

// forget takes the revisions of a key up to one out of the bucket for good; if that is a deletion, and the
// key has not been written again, nothing is left of it. Only for a bucket that no other member has a copy
// of: theirs would keep it.
func (b *Bucket) forget(ctx context.Context, key string, revision uint64) error {
	token, err := encodeKey(key)
	if err != nil {
		return err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	st, err := b.engine.js.Stream(ctx, "KV_"+bucketName(b.name))
	if err != nil {
		return verdict(err)
	}
	err = st.Purge(ctx, jetstream.WithPurgeSubject("$KV."+bucketName(b.name)+"."+token),
		jetstream.WithPurgeSequence(revision+1))
	if err != nil {
		return verdict(err)
	}
	b.copied.forget(key, revision)
	return nil
}

// forget drops a deleted key, unless it has been written again.
func (c *copied) forget(key string, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok && e.Deleted && e.Revision == revision {
		delete(c.entries, key)
	}
}

// deleted returns the keys that were deleted and not forgotten.
func (c *copied) deleted() (found []Entry) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, e := range c.entries {
		if e.Deleted {
			found = append(found, e)
		}
	}
	return found
}
