package stat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"tandem/actors/store"
)

const (
	// asides is where checkpoints are put aside; then the member, and a number.
	asides = "stat/aside/"
	// maxAsides is how many a member has. Each of them waits for another member to write once, which takes seconds.
	maxAsides = 16
)

// aside is a checkpoint of this member before its last one, which others may need still: it has statistics that were given up,
// and that their new owners have not written down. Who takes over after the new owner's death would find them nowhere else: but
// in the whole journal, of which the beginning may be gone.
//
// A checkpoint is put aside rather than kept in its place. If the next one waited until the new owner has written, two members
// that have given each other something would wait for one another.
type aside struct {
	file string
	has  map[string]uint64 // statistics, with the positions of their openings
}

// fileOf is the checkpoint of a member, which takes the place of the one before it.
func fileOf(member string) string { return checkpoints + member }

// writer is the member that has written a checkpoint; aside, whether it is one that was put aside. False: the file is none.
func writer(file string) (member string, aside, ok bool) {
	if rest, ok := strings.CutPrefix(file, asides); ok {
		return path.Dir(rest), true, true
	}
	member, ok = strings.CutPrefix(file, checkpoints)
	return member, false, ok
}

// putAside keeps the checkpoint of this member under a second name, before another one takes its place.
func (h *Hall) putAside(ctx context.Context) error {
	b, err := h.get(ctx, fileOf(h.Member.Name()))
	if errors.Is(err, store.ErrNoFile) {
		return nil // nothing is overwritten
	}
	if err != nil {
		return err
	}
	if len(h.asides) >= maxAsides {
		h.Log.Warn("a checkpoint of statistics is overwritten though others have not written yet what they have taken over",
			"put aside", len(h.asides))
		return nil
	}
	file := ""
	for n := 0; file == "" || slices.ContainsFunc(h.asides, func(a aside) bool { return a.file == file }); n++ {
		file = fmt.Sprint(asides, h.Member.Name(), "/", n)
	}
	if err := h.put(ctx, file, b); err != nil {
		return err
	}
	h.asides = append(h.asides, aside{file, maps.Clone(h.backed)})
	return nil
}

// clearAside deletes what was put aside, once all is handed over that it has; all are the statistics of a checkpoint that is
// written.
func (h *Hall) clearAside(ctx context.Context, all []place) error {
	if len(h.asides) == 0 {
		return nil
	}
	handed := h.handed(ctx, all)
	for i := len(h.asides) - 1; i >= 0; i-- {
		if missed(h.asides[i].has, all, handed) > 0 {
			continue
		}
		if err := h.drop(ctx, h.asides[i].file); err != nil {
			return err
		}
		h.asides = slices.Delete(h.asides, i, i+1)
	}
	return nil
}

// missed is how many statistics of a checkpoint of this member are in the pool, but neither here any more nor in the
// checkpoint of their new owner.
func missed(has map[string]uint64, all []place, handed map[string]bool) (n int) {
	for _, x := range all {
		if at, known := has[x.id]; known && at == x.p.Position && !x.here && !handed[x.id] {
			n++
		}
	}
	return n
}

// handed are the statistics which other members own and have written down. What these have put aside does not count: it may go
// at any moment.
func (h *Hall) handed(ctx context.Context, all []place) map[string]bool {
	handed, others, owner := map[string]bool{}, map[string]*sealed{}, once(h.ownerOf)
	for _, s := range h.checkpoints(ctx) {
		if !s.aside {
			others[s.from] = s
		}
	}
	for _, x := range all {
		if s := others[owner(x.p)]; s != nil && s.from != h.Member.Name() && s.Pool[x.id].Here && s.Pool[x.id].Position == x.p.Position {
			handed[x.id] = true
		}
	}
	return handed
}

// overwritten tells whether the next checkpoint would lose something that others have not written down.
func (h *Hall) overwritten(ctx context.Context, all []place) bool {
	h.alone(func() {
		if len(h.given) > 0 && h.backed == nil {
			h.backed = map[string]uint64{}
		}
		maps.Copy(h.backed, h.given)
		clear(h.given)
	})
	return missed(h.backed, all, nil) > 0 && missed(h.backed, all, h.handed(ctx, all)) > 0
}

// own takes note of what this member has written before it began again.
func (h *Hall) own(all []*sealed) {
	for _, s := range all {
		switch {
		case s.from != h.Member.Name():
		case s.aside:
			h.asides = append(h.asides, aside{s.file, s.here()})
		default:
			h.backed = s.here()
		}
	}
}

// unsealed reads the head of a checkpoint in the store.
func (h *Hall) unsealed(ctx context.Context, file string) (*sealed, error) {
	b, err := h.get(ctx, file)
	if err != nil {
		return nil, err
	}
	s, err := unseal(file, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	s.from, s.aside, _ = writer(file)
	return s, nil
}
