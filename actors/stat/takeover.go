package stat

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// past is a world that is replayed up to where the hall stands, for statistics whose owner this member has become.
type past struct {
	checkpoint
	wanted map[string]*pooled
	seeds  func(o *origin, id string) *measure.Saved
}

// take takes a fact of the journal.
func (p *past) take(f store.Fact) {
	if p.Position == 0 {
		p.fill(f.At.UnixMilli())
	}
	p.Position = f.Position
	switch f.Kind {
	case openedKind:
		if w := p.wanted[f.Subject]; w != nil && w.Position == f.Position {
			if o, d, err := w.Request.define(); err == nil {
				_, _ = p.world.Resume(f.Subject, o, d, w.Opened, p.seeds(w.Restored, f.Subject)) // it was opened like this before
			}
		}
	case closedKind:
		if w := p.wanted[f.Subject]; w == nil || !w.filled() || f.Position > w.Position {
			p.world.Close(f.Subject) // but for one that is filled, which was opened anew later
		}
	case askedKind:
	default:
		facts, err := p.reader.Read(f)
		if err != nil {
			return // whoever follows has said so
		}
		for _, x := range facts {
			p.Latest = max(p.Latest, x.At)
			_ = p.world.Apply(x)
		}
	}
}

// filled tells whether a statistic counts from the journal's first fact on. One that was restored begins with what its backup
// has counted, which the journal of another installation does not have.
func (p *pooled) filled() bool { return p.Request.BackFill && p.Restored == nil }

// fill opens those that count from the journal's first fact on.
func (p *past) fill(at int64) {
	for id, w := range p.wanted {
		if o, d, err := w.Request.define(); err == nil && w.filled() {
			_, _ = p.world.Open(id, o, d, at) // it could be opened like this
		}
	}
}

// settle brings the meters of this member's statistics into its world, and gives up those of others. It is called when
// names may have moved. done is false while something is left to do; taken, where meters have come.
func (h *Hall) settle(ctx context.Context) (done, taken bool) {
	wanted, mine := map[string]*pooled{}, once(h.mine)
	var others []place
	for _, x := range h.places() {
		switch mine := mine(x.p); {
		case mine && !x.here:
			wanted[x.id] = x.p
		case !mine && x.here:
			others = append(others, x)
		}
	}
	h.giveUp(others)
	if len(wanted) == 0 {
		return true, false
	}
	began, n := time.Now(), len(wanted)
	if err := h.takeOver(ctx, wanted); err != nil {
		h.Log.Warn("statistics are not taken over yet", "statistics", len(wanted), "err", err)
		return false, false
	}
	h.Log.Info("statistics are taken over", "statistics", n, "took", time.Since(began))
	h.alone(func() { h.saved = 0 }) // the checkpoint of this position has not got them
	return true, true
}

// giveUpAtOnce is how many statistics are given up while the hall stands still.
const giveUpAtOnce = 256

// giveUp ends statistics that are others' now.
func (h *Hall) giveUp(all []place) {
	for part := range slices.Chunk(all, giveUpAtOnce) {
		h.alone(func() {
			for _, x := range part {
				if h.pool[x.id] == x.p && x.p.here && !h.mine(x.p) {
					h.world.Close(x.id)
					x.p.here = false
					h.given[x.id] = x.p.Position
				}
			}
		})
	}
}

// takeOver finds for each statistic the newest checkpoint that has its meter, or the newest before its opening, and
// replays the journal from there.
func (h *Hall) takeOver(ctx context.Context, wanted map[string]*pooled) error {
	for _, s := range h.checkpoints(ctx) {
		part := s.of(wanted)
		if len(part) == 0 {
			continue
		}
		c, err := s.open()
		if err != nil {
			h.Log.Warn("a checkpoint of statistics can not be used", "member", s.from, "err", err)
			continue
		}
		if err := h.replay(ctx, &past{*c, part, h.seeds(ctx)}); err != nil {
			return err
		}
		for id := range part {
			delete(wanted, id)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return h.replay(ctx, &past{checkpoint{world: engine.New(engine.Options{}), reader: reader.New()}, wanted, h.seeds(ctx)})
}

// of are those statistics that can go on from a checkpoint: it has their meters, or was written before they were opened.
func (s *sealed) of(wanted map[string]*pooled) map[string]*pooled {
	part := map[string]*pooled{}
	for id, p := range wanted {
		if in, known := s.Pool[id]; known && in.Here && in.Position == p.Position || s.Position < p.Position && !p.filled() {
			part[id] = p
		}
	}
	return part
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

// moveIn moves meters into the hall's world; both stand at the same position. One that the journal does not know, or no more,
// begins anew, rather than that all the others wait for it.
func (h *Hall) moveIn(p *past) (failed error) {
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
			h.Log.Warn("a statistic is not found in the journal and begins anew", "statistic", id, "err", err)
			if err := h.anew(id, p.wanted[id], now); err != nil {
				failed = errors.Join(failed, fmt.Errorf("statistic %s: %w", id, err))
				continue
			}
		}
		p.wanted[id].here = true
	}
	return failed
}

// anew opens a statistic that counts from now on.
func (h *Hall) anew(id string, p *pooled, now int64) error {
	o, d, err := p.Request.define()
	if err == nil {
		_, err = h.world.Open(id, o, d, now)
	}
	return err
}
