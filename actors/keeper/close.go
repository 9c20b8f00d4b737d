package keeper

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tandem/actors/account"
	"tandem/actors/leg"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
)

// Left is what remains to be done for a life whose legs are closed: registrations that it answered and that are in no
// snapshot wait for the owners of their names.
type Left struct {
	keeper     *Keeper
	mark       life.Mark
	legs       int // that were closed
	registered map[string]account.Bindings
}

// Close closes the legs of a dead life: see package life. heard is when it was heard last, the zero time if nobody
// knows. It is the Controller's alone, but nothing is done twice if two members take themselves for it.
func (k *Keeper) Close(ctx context.Context, m life.Mark, why string, heard time.Time) (*Left, error) {
	closer := rand.Text()
	k.mu.Lock()
	k.closers[closer] = true
	k.mu.Unlock()
	position, err := k.declare(ctx, m, life.Dead{Member: m.Member, Closer: closer, By: k.Member, Why: why})
	if err != nil {
		return nil, err
	}
	if err := k.bury(ctx, m, life.Death{Position: position, Closer: closer}); err != nil {
		return nil, err
	}
	open, left, last, err := k.read(ctx, m, position)
	if err != nil {
		return nil, err
	}
	if !heard.IsZero() {
		last = heard
	}
	for _, r := range open {
		end(r, last, "Member lost")
		r.Closer = closer
	}
	if err := k.write(ctx, open); err != nil {
		return nil, err
	}
	k.Log.Info("closed what a dead member left open", "name", m.Member, "boot", m.Boot, "because", why, "legs", len(open),
		"registrations", len(left))
	return &Left{keeper: k, mark: m, legs: len(open), registered: left}, nil
}

// declare writes the fact that a life is over.
func (k *Keeper) declare(ctx context.Context, m life.Mark, d life.Dead) (position uint64, err error) {
	type result struct {
		position uint64
		err      error
	}
	written := make(chan result, 1)
	fact := store.Fact{Kind: life.FactDead, Subject: m.Boot, At: time.Now(), Body: d.Encode()}
	if err := k.Store.Journal().Append(fact, func(p uint64, err error) { written <- result{p, err} }); err != nil {
		return 0, err
	}
	select {
	case r := <-written:
		return r.position, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// buryTries is how often a grave is written anew because somebody else has changed it.
const buryTries = 5

// bury notes the death in the grave.
func (k *Keeper) bury(ctx context.Context, m life.Mark, d life.Death) error {
	for range buryTries {
		g, expect := life.Grave{Member: m.Member, Boot: m.Boot}, uint64(0)
		if e, ok := k.bucket().Get(g.Key()); ok {
			if expect = e.Revision; json.Unmarshal(e.Value, &g) != nil {
				return fmt.Errorf("grave %s can not be read", e.Key)
			}
		}
		g.Died(d)
		_, err := k.bucket().Put(ctx, g.Key(), g.Encode(), store.Write{Expect: &expect, Author: "member"})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("grave of %s: %w", m.Boot, store.ErrConflict)
}

// graveTime is how long a grave is kept: whoever reads the journal from a later place than that finds no word of the dead
// life there, and who begins earlier finds the death itself.
const graveTime = 24 * time.Hour

// Weed takes away the graves that nobody needs any more; how many is told. It is the Controller's, but does no harm twice.
func (k *Keeper) Weed(ctx context.Context, now time.Time) (weeded int, err error) {
	var old []store.Entry
	k.bucket().Range(life.Reserved, func(e store.Entry) bool {
		if g, ok := life.ReadGrave(e); ok && now.Sub(e.At) > graveTime && !k.marked(g.Boot) {
			old = append(old, e)
		}
		return true
	})
	for _, e := range old {
		err := k.bucket().Delete(ctx, e.Key, store.Write{Expect: &e.Revision, Author: "member", Reason: "over for long"})
		if err != nil && !errors.Is(err, store.ErrConflict) {
			return weeded, fmt.Errorf("taking away the grave %s: %w", e.Key, err)
		}
		weeded++
	}
	return weeded, nil
}

// marked tells whether a life has its mark yet: then it is not closed.
func (k *Keeper) marked(boot string) bool {
	_, ok := k.bucket().Get(life.Mark{Boot: boot}.Key())
	return ok
}

// read finds what a life left open before its death at that position of the journal.
func (k *Keeper) read(ctx context.Context, m life.Mark, death uint64) (open map[string]*msg.LegRecord,
	registered map[string]account.Bindings, last time.Time, err error) {
	open, registered = map[string]*msg.LegRecord{}, map[string]account.Bindings{}
	var fence life.Fence
	for _, g := range life.Graves(k.bucket()) {
		fence.Note(g)
	}
	err = k.Store.Journal().Read(ctx, m.Position, func(f store.Fact) bool {
		if f.Position >= death {
			return false
		}
		switch f.Kind {
		case life.FactDead:
			_ = fence.Take(f) // one that can not be read lets nothing pass
		case leg.FactStarted:
			if r := k.record(f); r != nil && r.Boot == m.Boot {
				open[f.Subject], last = r, f.At
			}
		case leg.FactEnded:
			if r := k.record(f); r != nil && r.Boot == m.Boot && fence.Counts(r, f.Position) {
				delete(open, f.Subject)
				last = f.At
			}
		case account.FactRegistered:
			k.readRegistered(f, registered)
		}
		return true
	})
	if err != nil {
		return nil, nil, last, fmt.Errorf("reading the journal: %w", err)
	}
	for aor, b := range registered {
		if k.snapshot(aor, b) {
			delete(registered, aor)
		}
	}
	return open, registered, last, nil
}

// readRegistered keeps the newest registrations of each account.
func (k *Keeper) readRegistered(f store.Fact, all map[string]account.Bindings) {
	b, err := account.DecodeBindings(f.Body)
	if err != nil {
		k.Log.Error("registration in the journal is not readable", "account", f.Subject, "position", f.Position, "err", err)
		return
	}
	if b.Position = f.Position; !b.Older(all[f.Subject]) {
		all[f.Subject] = b
	}
}

// snapshot tells whether the snapshot of an account is as new as a fact of it.
func (k *Keeper) snapshot(aor string, b account.Bindings) bool {
	if e, ok := k.bucket().Get(aor); ok {
		if have, err := account.DecodeBindings(e.Value); err == nil {
			return !have.Older(b)
		}
	}
	return false
}

// Done brings registrations that are left to the owners of their names, and takes the mark away when that is done.
// False: some names have no owner yet; ask again later.
func (l *Left) Done(ctx context.Context) (bool, error) {
	k := l.keeper
	for aor, b := range l.registered {
		if _, known := k.Directory.Record(signal.AOR(aor)); known {
			if err := k.Recall(aor, b.Encode()); err != nil {
				k.Log.Debug("registrations are not recalled yet", "account", aor, "err", err)
				return false, nil
			}
		}
		delete(l.registered, aor)
	}
	return true, l.forget(ctx)
}

// Boot is the boot tag of that life.
func (l *Left) Boot() string { return l.mark.Boot }

// Legs is how many legs were closed.
func (l *Left) Legs() int { return l.legs }

func (l *Left) forget(ctx context.Context) error {
	return l.keeper.bucket().Delete(ctx, l.mark.Key(), store.Write{Author: "member", Reason: "closed"})
}
