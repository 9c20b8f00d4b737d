package keeper

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tandem/actors/account"
	"tandem/actors/leg"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
)

// mend makes good what a life of this member left open that was alone; if this one is, also what its lives in a cluster
// did. It replays the journal from the checkpoint, of which a member of a cluster has none.
func (k *Keeper) mend(ctx context.Context) error {
	entry, was := k.bucket().Get(checkpoints + k.Member)
	if k.Alone {
		if err := k.mendLives(ctx); err != nil {
			return err
		}
	} else if !was {
		return nil
	}
	var from checkpointEntry
	if was {
		if err := json.Unmarshal(entry.Value, &from); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
	if err := k.mendFrom(ctx, from.Position); err != nil || k.Alone {
		return err
	}
	return k.bucket().Delete(ctx, checkpoints+k.Member, store.Write{Author: "member", Reason: "not alone any more"})
}

func (k *Keeper) mendFrom(ctx context.Context, position uint64) error {
	lost, registered := map[string]*msg.LegRecord{}, 0
	var last time.Time // the newest fact: the last sign of life
	err := k.Store.Journal().Read(ctx, position, func(f store.Fact) bool {
		last = f.At
		switch f.Kind {
		case leg.FactStarted:
			if r := k.record(f); r != nil && r.Member == k.Member {
				lost[f.Subject] = r // those of other members are theirs to close
			}
		case leg.FactEnded:
			delete(lost, f.Subject)
		case account.FactRegistered:
			registered += k.registered(f)
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("reading the journal: %w", err)
	}
	if n := len(lost) + registered; n > 0 {
		k.Log.Info("mended after a crash", "legs", len(lost), "registrations", registered)
	}
	for _, r := range lost {
		end(r, last, "Member died")
	}
	return k.write(ctx, lost)
}

// mendLives closes what lives of this member in a cluster have left, now that it is alone.
func (k *Keeper) mendLives(ctx context.Context) error {
	marks, err := life.Marks(k.bucket())
	if err != nil {
		return err
	}
	for _, m := range marks {
		if m.Member != k.Member {
			continue
		}
		left, err := k.Close(ctx, m, "it is alone now", time.Time{})
		if err != nil {
			return err
		}
		for aor, b := range left.registered {
			k.registered(store.Fact{Subject: aor, Body: b.Encode(), Position: b.Position})
		}
		if err := left.forget(ctx); err != nil {
			return err
		}
	}
	return nil
}

// registered takes a registration that the snapshot does not have yet.
func (k *Keeper) registered(f store.Fact) int {
	b, err := account.DecodeBindings(f.Body)
	if err != nil {
		k.Log.Error("registration in the journal is not readable", "account", f.Subject, "position", f.Position, "err", err)
		return 0
	}
	b.Position = f.Position
	if k.snapshot(f.Subject, b) || !k.Directory.SetBindings(signal.AOR(f.Subject), b) {
		return 0 // a later one came from its owner meanwhile
	}
	if err := k.bucket().PutLater(f.Subject, b.Encode()); err != nil {
		k.Log.Warn("registration is not snapshot", "account", f.Subject, "err", err)
	}
	return 1
}
