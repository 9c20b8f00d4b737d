package keeper

import (
	"context"

	"tandem/actors/leg"
	"tandem/actors/life"
	"tandem/actors/store"
)

// recall shows the last records to the lists.
func (k *Keeper) recall(ctx context.Context) error {
	for _, g := range life.Graves(k.bucket()) {
		k.fence.Note(g)
	}
	k.seen = k.Store.Journal().Last()
	keep := func(f store.Fact) bool { return f.Kind == leg.FactEnded || f.Kind == life.FactDead }
	return k.Store.Journal().Tail(ctx, leg.Recent, keep, func(f store.Fact) bool {
		k.show(f)
		k.seen = max(k.seen, f.Position)
		return true
	})
}

// show puts a record that counts, and that this life has not put there itself, into the table.
func (k *Keeper) show(f store.Fact) {
	switch f.Kind {
	case life.FactDead:
		if err := k.fence.Take(f); err != nil {
			k.Log.Error("the death of a member in the journal is not readable", "boot", f.Subject, "position", f.Position, "err", err)
		}
	case leg.FactEnded:
		r := k.record(f)
		if r == nil || !k.fence.Counts(r, f.Position) || k.boot != "" && r.Boot == k.boot {
			return
		}
		k.mu.Lock()
		ours := k.closers[r.Closer]
		k.mu.Unlock()
		if !ours {
			k.Table.Recall(r)
		}
	}
}

// CatchUp shows the records to the lists that other members have written meanwhile.
func (k *Keeper) CatchUp(ctx context.Context) error {
	if k.Alone {
		return nil
	}
	select {
	case <-k.catching:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { k.catching <- struct{}{} }()
	return k.Store.Journal().Read(ctx, k.seen+1, func(f store.Fact) bool {
		k.show(f)
		k.seen = f.Position
		return true
	})
}
