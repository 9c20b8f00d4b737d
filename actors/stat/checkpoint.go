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
	"maps"
	"slices"
	"strings"
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
	from string
	rest *bufio.Reader
}

// unseal reads the head of a checkpoint.
func unseal(from string, r io.Reader) (*sealed, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	s := &sealed{from: from, rest: bufio.NewReader(io.LimitReader(z, maxCheckpoint))}
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
// before it only when that is not missed: see handed.
func (h *Hall) Checkpoint(ctx context.Context) error {
	h.saving.Lock()
	defer h.saving.Unlock()
	done := false
	h.alone(func() { done = h.position == h.saved })
	if done {
		return nil
	}
	handed, missed := h.handed(ctx, h.places())
	if missed > 0 {
		h.await(missed)
		return nil
	}
	m, err := h.image()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := h.write(m, bounded{ctx, &b}); err != nil {
		return err
	}
	if missed := h.missed(m.places, handed); missed > 0 { // given up meanwhile
		h.await(missed)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkpointTime)
	defer cancel()
	if err := h.put(ctx, checkpoints+h.Member.Name(), b.Bytes()); err != nil {
		return err
	}
	h.backed = m.here()
	h.alone(func() { h.saved = m.Position })
	return nil
}

// await tells that the checkpoint before stays for a while.
func (h *Hall) await(missed int) {
	h.Log.Debug("a checkpoint waits until others have written what they have taken over", "statistics", missed)
	h.hasten(writeAgain)
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

// missed is how many statistics are in the pool, and have their meters in this member's checkpoint, but neither here any more
// nor in that of their new owner.
func (h *Hall) missed(all []place, handed map[string]bool) (n int) {
	h.alone(func() {
		if len(h.given) > 0 && h.backed == nil {
			h.backed = map[string]uint64{}
		}
		maps.Copy(h.backed, h.given)
		clear(h.given)
	})
	for _, x := range all {
		if at, has := h.backed[x.id]; has && at == x.p.Position && !x.here && !handed[x.id] {
			n++
		}
	}
	return n
}

// handed are the statistics that this member's checkpoint has, and which their new owners have written down. Until all are,
// that checkpoint stays, for whoever takes over after the new owner's death would find them nowhere else: but in the whole
// journal, of which the beginning may be gone.
func (h *Hall) handed(ctx context.Context, all []place) (handed map[string]bool, missed int) {
	if missed = h.missed(all, nil); missed == 0 {
		return nil, 0
	}
	handed = map[string]bool{}
	others, owner := map[string]*sealed{}, once(h.ownerOf)
	for _, s := range h.checkpoints(ctx) {
		others[s.from] = s
	}
	for _, x := range all {
		if s := others[owner(x.p)]; s != nil && s.from != h.Member.Name() && s.Pool[x.id].Here && s.Pool[x.id].Position == x.p.Position {
			handed[x.id] = true
		}
	}
	return handed, h.missed(all, handed)
}

// checkpoints are those of all members whose heads can be read, the newest first.
func (h *Hall) checkpoints(ctx context.Context) (all []*sealed) {
	for _, f := range h.Files.List(checkpoints) {
		if !strings.HasPrefix(f.Name, checkpoints) {
			continue
		}
		b, err := h.get(ctx, f.Name)
		var s *sealed
		if err == nil {
			s, err = unseal(strings.TrimPrefix(f.Name, checkpoints), bytes.NewReader(b))
		}
		if err != nil {
			h.Log.Warn("a checkpoint of statistics can not be used", "file", f.Name, "err", err)
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *sealed) int { return cmp.Compare(b.Position, a.Position) })
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
	for _, s := range all {
		if s.from == h.Member.Name() {
			h.backed = s.here()
		}
	}
	for i, s := range all {
		if s.from == h.Member.Name() && all[0].Latest-s.Latest < ownIsNew.Milliseconds() {
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
	for _, f := range append(h.Files.List(checkpoints), h.Files.List(restored)...) {
		if !used[f.Name] && h.isOld(f) {
			h.remove(ctx, f)
		}
	}
	there := map[string]bool{}
	for _, prefix := range []string{checkpoints, restored} {
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
