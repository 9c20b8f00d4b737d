package stat

import (
	"bytes"
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
	Version  int                `json:"version"`
	Position uint64             `json:"position"`
	Latest   int64              `json:"latest"`
	Pool     map[string]*pooled `json:"pool"`
	Reader   int                `json:"reader"` // bytes
}

// version is that of the form in which checkpoints are written. One of another form is not read.
const version = 2

// write puts a checkpoint of the hall into w; portable, since all of it is text or has its own form. The lock is held.
func (h *Hall) write(w io.Writer) error {
	var known bytes.Buffer
	if err := h.reader.Save(&known); err != nil {
		return err
	}
	first, err := json.Marshal(head{version, h.position, h.latest, h.pool, known.Len()})
	if err != nil {
		return err
	}
	z := gzip.NewWriter(w)
	if _, err := fmt.Fprintf(z, "%s\n%s", first, known.Bytes()); err != nil {
		return err
	}
	if err := h.world.Save(z); err != nil {
		return err
	}
	return z.Close()
}

// read reads a checkpoint.
func read(b []byte) (*checkpoint, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxCheckpoint))
	if err != nil {
		return nil, err
	}
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	c := &checkpoint{}
	if err := json.Unmarshal(first, &c.head); err != nil || !ok || c.Version != version || c.Reader < 0 || c.Reader > len(rest) {
		return nil, fmt.Errorf("it is no checkpoint of this version: %w", errors.Join(err, errors.ErrUnsupported))
	}
	if c.reader, err = reader.Load(bytes.NewReader(rest[:c.Reader])); err != nil {
		return nil, err
	}
	if c.world, err = engine.Load(bytes.NewReader(rest[c.Reader:]), engine.Options{}); err != nil {
		return nil, err
	}
	for id, p := range c.Pool {
		o, _, err := p.Request.define()
		if err != nil {
			return nil, fmt.Errorf("statistic %s: %w", id, err)
		}
		p.object = o
	}
	return c, nil
}

// Checkpoint writes down where the hall stands, if it has taken anything since it did so last.
func (h *Hall) Checkpoint(ctx context.Context) error {
	var b bytes.Buffer
	h.mu.Lock()
	position := h.position
	if position == h.saved {
		h.mu.Unlock()
		return nil
	}
	err := h.write(&b)
	h.mu.Unlock()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkpointTime)
	defer cancel()
	if _, err := h.Files.Put(ctx, checkpoints+h.Member.Name(), b.Bytes(), store.FileWrite{}); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.saved = position
	return nil
}

// checkpoints are those of all members that can be read, the newest first.
func (h *Hall) checkpoints(ctx context.Context) (all []*checkpoint) {
	for _, f := range h.Files.List(checkpoints) {
		if !strings.HasPrefix(f.Name, checkpoints) {
			continue
		}
		b, _, err := h.Files.Get(ctx, f.Name, 0, -1)
		var c *checkpoint
		if err == nil {
			c, err = read(b)
		}
		if err != nil {
			h.Log.Warn("a checkpoint of statistics can not be used", "file", f.Name, "err", err)
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *checkpoint) int { return -compare(a.Position, b.Position) })
	return all
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Load begins where the newest checkpoint stands, whoever has written it; without any, at the beginning of the journal. To
// be called before Run.
func (h *Hall) Load(ctx context.Context) error {
	all := h.checkpoints(ctx)
	if len(all) == 0 {
		return nil
	}
	c := all[0]
	h.world, h.reader, h.position, h.latest, h.pool = c.world, c.reader, c.Position, c.Latest, c.Pool
	for id, p := range h.pool {
		_, err := h.world.Value(id, h.latest)
		p.here = err == nil
	}
	h.Log.Info("statistics go on", "position", h.position, "statistics", len(h.pool))
	return nil
}

// weed takes away checkpoints of members that write none any more.
func (h *Hall) weed(ctx context.Context) {
	for _, f := range h.Files.List(checkpoints) {
		if h.Now().Sub(f.Modified) > oldCheckpoint && !f.Modified.IsZero() {
			if err := h.Files.Delete(ctx, f.Name, store.FileWrite{Expect: &f.Revision}); err != nil {
				h.Log.Debug("an old checkpoint stays", "file", f.Name, "err", err)
			}
		}
	}
}

// past is a world that is replayed up to where the hall stands, for statistics whose owner this member has become.
type past struct {
	checkpoint
	wanted map[string]*pooled
}

// take takes a fact of the journal.
func (p *past) take(f store.Fact) {
	p.Position = f.Position
	switch f.Kind {
	case openedKind:
		if w := p.wanted[f.Subject]; w != nil && w.Position == f.Position {
			if o, d, err := w.Request.define(); err == nil {
				_, _ = p.world.Open(f.Subject, o, d, w.Opened) // it was opened like this before
			}
		}
	case closedKind:
		p.world.Close(f.Subject)
	case askedKind:
	default:
		facts, err := p.reader.Read(f.Kind, f.Body)
		if err != nil {
			return // whoever follows has said so
		}
		for _, x := range facts {
			p.Latest = max(p.Latest, x.At)
			_ = p.world.Apply(x)
		}
	}
}

// settle brings the meters of this member's statistics into its world, and gives up those of others. It is called when
// names may have moved, and returns false while something is left to do.
func (h *Hall) settle(ctx context.Context) bool {
	h.mu.Lock()
	wanted := map[string]*pooled{}
	for id, p := range h.pool {
		switch mine := h.mine(p.object); {
		case mine && !p.here:
			wanted[id] = p
		case !mine && p.here:
			h.world.Close(id)
			p.here = false
		}
	}
	h.mu.Unlock()
	if len(wanted) == 0 {
		return true
	}
	began := time.Now()
	if err := h.takeOver(ctx, wanted); err != nil {
		h.Log.Warn("statistics are not taken over yet", "statistics", len(wanted), "err", err)
		return false
	}
	h.Log.Info("statistics are taken over", "statistics", len(wanted), "took", time.Since(began))
	return true
}

// takeOver finds for each statistic the newest checkpoint that has its meter, or the newest before its opening, and
// replays the journal from there.
func (h *Hall) takeOver(ctx context.Context, wanted map[string]*pooled) error {
	bases := append(h.checkpoints(ctx), &checkpoint{world: engine.New(engine.Options{}), reader: reader.New()})
	for _, c := range bases {
		part := map[string]*pooled{}
		for id, p := range wanted {
			_, err := c.world.Value(id, c.Latest)
			if opened := c.Pool[id]; err == nil && opened != nil && opened.Position == p.Position || c.Position < p.Position {
				part[id] = p
				delete(wanted, id)
			}
		}
		if len(part) == 0 {
			continue
		}
		if err := h.replay(ctx, &past{*c, part}); err != nil {
			return err
		}
	}
	return nil
}

// replay replays the journal to where the hall stands, and moves the meters there.
func (h *Hall) replay(ctx context.Context, p *past) error {
	for id := range p.Pool {
		if p.wanted[id] == nil {
			p.world.Close(id)
		}
	}
	if err := h.catchUp(ctx, p); err != nil {
		return err
	}
	h.following.Lock() // the hall stands still for the rest
	defer h.following.Unlock()
	if err := h.catchUp(ctx, p); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.moveIn(p)
}

// catchUp replays the journal to where the hall stands now.
func (h *Hall) catchUp(ctx context.Context, p *past) error {
	end := h.at()
	if p.Position > end {
		return fmt.Errorf("%w: a checkpoint is at %d, and this member at %d", ErrNotYet, p.Position, end)
	}
	return h.Journal.Read(ctx, p.Position+1, func(f store.Fact) bool {
		if f.Position > end {
			return false
		}
		p.take(f)
		return true
	})
}

// moveIn moves meters into the hall's world; both stand at the same position.
func (h *Hall) moveIn(p *past) error {
	ids := slices.Sorted(maps.Keys(p.wanted))
	now := h.now()
	h.world.Advance(now)
	p.world.Advance(now)
	h.world.Take(p.world, ids)
	for _, id := range ids {
		if h.pool[id] != p.wanted[id] {
			h.world.Close(id)
			continue
		}
		if _, err := h.world.Value(id, now); err != nil {
			return fmt.Errorf("statistic %s: %w", id, err)
		}
		p.wanted[id].here = true
	}
	return nil
}
