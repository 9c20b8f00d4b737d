package stat

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// Files keep checkpoints: those of package store.
type Files interface {
	Put(ctx context.Context, name string, b []byte, w store.FileWrite) (store.FileVersion, error)
	Get(ctx context.Context, name string, offset, limit int64) ([]byte, store.FileVersion, error)
	List(prefix string) []store.FileVersion
	Delete(ctx context.Context, name string, w store.FileWrite) error
}

// Checkpoints lie in the store's files, one for each member, which takes the place of the one before it.
const (
	checkpoints = "stat/checkpoint/"
	// CheckpointEvery is how often a member writes its own, where it has taken facts meanwhile.
	CheckpointEvery = 30 * time.Second
	checkpointTime  = 30 * time.Second // for writing one
	// oldCheckpoint is when that of a member that writes none any more is taken away.
	oldCheckpoint = 7 * 24 * time.Hour
	// maxCheckpoint bounds what is read of one, in bytes.
	maxCheckpoint = 4 << 30
)

// checkpoint is all that a hall knows at one position of the journal.
type checkpoint struct {
	head
	reader *reader.Reader
	world  *engine.World
}

// head is the first part of a checkpoint; the reader and the world follow it, each as it writes itself.
type head struct {
	Version  int               `json:"version"`
	Position uint64            `json:"position"`
	Latest   int64             `json:"latest"`
	Pool     map[string]inPool `json:"pool"`
	Reader   int               `json:"reader"` // bytes
}

// inPool is a statistic of the pool as a checkpoint has it.
type inPool struct {
	pooled
	Here bool `json:"here,omitempty"` // its meter is in the world of the checkpoint
}

// version is that of the form in which checkpoints are written. One of another form is not read.
const version = 3

// image is a hall at one position of the journal, to be written while the hall goes on.
type image struct {
	head
	places []place
	reader bytes.Buffer
	world  *engine.Snapshot
}

// image is the hall as it is now. It must be written. The lock is held, and only for a moment: what takes long is done beside.
func (h *Hall) image() (*image, error) {
	m, err := h.outline()
	if err != nil {
		return nil, err
	}
	m.Reader, m.Pool = m.reader.Len(), make(map[string]inPool, len(m.places))
	for _, x := range m.places {
		m.Pool[x.id] = inPool{pooled{Request: x.p.Request, Opened: x.p.Opened, Position: x.p.Position, Restored: x.p.Restored, By: x.p.By,
			Asked: x.asked}, x.here}
	}
	return m, nil
}

// outline is what of an image must be copied at one moment.
func (h *Hall) outline() (*image, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := &image{head: head{Version: version, Position: h.position, Latest: h.latest}, places: h.allPlaces()}
	if err := h.reader.Save(&m.reader); err != nil {
		return nil, err
	}
	m.world = h.world.Snapshot()
	return m, nil
}

// write writes an image; portable, since all of it is text or has its own form.
func (h *Hall) write(m *image, w io.Writer) error {
	first, err := json.Marshal(m.head)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is a good one
	if err == nil {
		_, err = fmt.Fprintf(z, "%s\n%s", first, m.reader.Bytes())
	}
	if failed := m.world.Write(z, h.alone); err == nil { // in any case, since it ends the snapshot
		err = failed
	}
	return errors.Join(err, z.Close())
}

// bounded is a writer until a ctx is over: a member that ends has not the time for a checkpoint of any size.
type bounded struct {
	context.Context
	to io.Writer
}

// Write implements io.Writer.
func (b bounded) Write(p []byte) (int, error) {
	if err := b.Err(); err != nil {
		return 0, err
	}
	return b.to.Write(p)
}

// alone does something while nobody else uses the hall.
func (h *Hall) alone(do func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	do()
}

// sealed is a checkpoint of which the head alone is read, which says whether the rest is wanted.
type sealed struct {
	head
	file  string
	from  string // the member that has written it
	aside bool   // it has written another one since
	rest  *bufio.Reader
}

// unseal reads the head of a checkpoint.
func unseal(file string, r io.Reader) (*sealed, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	s := &sealed{file: file, rest: bufio.NewReader(io.LimitReader(z, maxCheckpoint))}
	first, err := s.rest.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("it has no head: %w", err)
	}
	if err := json.Unmarshal(first, &s.head); err != nil || s.Version != version || s.Reader < 0 || s.Reader > maxCheckpoint {
		return nil, fmt.Errorf("it is no checkpoint of this version: %w", errors.Join(err, errors.ErrUnsupported))
	}
	return s, nil
}

// open reads the rest. It can be done once.
func (s *sealed) open() (*checkpoint, error) {
	c, err := &checkpoint{head: s.head}, error(nil)
	known := io.LimitReader(s.rest, int64(s.Reader))
	if c.reader, err = reader.Load(known); err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, known); err != nil {
		return nil, err
	}
	if c.world, err = engine.Load(s.rest, engine.Options{}); err != nil {
		return nil, err
	}
	return c, nil
}

// pooled are the statistics of a checkpoint as a hall has them.
func (c *checkpoint) pooled() (map[string]*pooled, error) {
	all := make(map[string]*pooled, len(c.Pool))
	for id, in := range c.Pool {
		p := in.pooled
		o, err := engine.ParseObject(p.Request.Object) // the rest of the request is read when it is needed
		if err != nil {
			return nil, fmt.Errorf("statistic %s: %w", id, err)
		}
		p.object, p.name, p.here = o, o.String(), in.Here
		all[id] = &p
	}
	return all, nil
}

// Checkpoint writes down where the hall stands, if it has taken anything since it did so last. It takes the place of the one
// before it, which is put aside where others need it still.
func (h *Hall) Checkpoint(ctx context.Context) error {
	h.saving.Lock()
	defer h.saving.Unlock()
	done := false
	h.alone(func() { done = h.position == h.saved })
	if done {
		return h.clearAside(ctx, h.places())
	}
	m, err := h.image()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := h.write(m, bounded{ctx, &b}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkpointTime)
	defer cancel()
	if h.overwritten(ctx, m.places) {
		if err := h.putAside(ctx); err != nil {
			return err
		}
	}
	if err := h.put(ctx, fileOf(h.Member.Name()), b.Bytes()); err != nil {
		return err
	}
	h.backed = m.here()
	h.alone(func() { h.saved = m.Position })
	return h.clearAside(ctx, m.places)
}

// here are the statistics whose meters a checkpoint has, with the positions of their openings.
func (c *head) here() map[string]uint64 {
	all := map[string]uint64{}
	for id, in := range c.Pool {
		if in.Here {
			all[id] = in.Position
		}
	}
	return all
}

// checkpoints are those of all members whose heads can be read, and what they have put aside; the newest first. Others write
// meanwhile: what was put aside goes after something else was written, and comes before. So it is looked at first, and again.
func (h *Hall) checkpoints(ctx context.Context) (all []*sealed) {
	for _, prefix := range []string{asides, checkpoints, asides} {
		for _, f := range h.Files.List(prefix) {
			_, aside, ok := writer(f.Name)
			if !ok {
				continue
			}
			s, err := h.unsealed(ctx, f.Name)
			switch known := func(k *sealed) bool { return k.file == f.Name && k.Position == s.Position }; {
			case aside && errors.Is(err, store.ErrNoFile): // it has just gone
			case err != nil:
				h.Log.Warn("a checkpoint of statistics can not be used", "file", f.Name, "err", err)
			case !slices.ContainsFunc(all, known):
				all = append(all, s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *sealed) int { return cmp.Compare(b.Position, a.Position) })
	return all
}

// ownIsNew is by how much the checkpoint of this member may be older than the newest one and still be the better one to begin
// with: it has the meters that are likely to be wanted here.
const ownIsNew = 10 * time.Minute

// Load begins where a new checkpoint stands, whoever has written it; without any, at the beginning of the journal. To be
// called before Run.
func (h *Hall) Load(ctx context.Context) error {
	began := time.Now()
	all := h.checkpoints(ctx)
	h.own(all)
	for i, s := range all {
		if s.from == h.Member.Name() && !s.aside && all[0].Latest-s.Latest < ownIsNew.Milliseconds() {
			all = append([]*sealed{s}, slices.Delete(all, i, i+1)...)
			break
		}
	}
	for _, s := range all {
		c, err := s.open()
		var pool map[string]*pooled
		if err == nil {
			pool, err = c.pooled()
		}
		if err != nil {
			h.Log.Warn("a checkpoint of statistics can not be used", "member", s.from, "err", err)
			continue
		}
		h.world, h.reader, h.position, h.latest = c.world, c.reader, c.Position, c.Latest
		for id, p := range pool {
			h.enter(id, p)
		}
		h.Log.Info("statistics go on", "position", h.position, "statistics", len(h.pool), "took", time.Since(began))
		return nil
	}
	return nil
}

// weed takes away checkpoints of members that write none any more, backups from which no statistic of the pool was restored,
// and pieces of files that are gone.
func (h *Hall) weed(ctx context.Context) {
	used := map[string]bool{}
	for _, x := range h.places() {
		if x.p.Restored != nil {
			used[x.p.Restored.File] = true
		}
	}
	for _, f := range slices.Concat(h.Files.List(checkpoints), h.Files.List(asides), h.Files.List(restored)) {
		if !used[f.Name] && h.isOld(f) {
			h.remove(ctx, f)
		}
	}
	there := map[string]bool{}
	for _, prefix := range []string{checkpoints, asides, restored} {
		for _, f := range h.Files.List(prefix) {
			there[f.Name] = true
		}
	}
	for _, f := range h.Files.List(pieces) {
		if !there[wholeOf(f.Name)] && h.isOld(f) { // a new one may be on its way
			h.remove(ctx, f)
		}
	}
}

func (h *Hall) isOld(f store.FileVersion) bool {
	return h.Now().Sub(f.Modified) > oldCheckpoint && !f.Modified.IsZero()
}

func (h *Hall) remove(ctx context.Context, f store.FileVersion) {
	if err := h.Files.Delete(ctx, f.Name, store.FileWrite{Expect: &f.Revision}); err != nil {
		h.Log.Debug("an old file of statistics stays", "file", f.Name, "err", err)
	}
}
