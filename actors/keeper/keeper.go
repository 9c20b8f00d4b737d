package actors

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
)

// checkpoints is what the keys of checkpoints begin with, one for each member, among the
// registrations: where nothing waits to be written, all that was before it is written.
const checkpoints = "~checkpoint."

// keeper makes good at a start what a crash left open: registrations that are in the journal and
// not yet in their snapshot, and legs that began and have no record. It reads the journal from its
// checkpoint on: a position before which nothing is open.
type keeper struct {
	store     *store.Store
	directory *account.Directory
	table     *leg.Table
	member    string
	log       *slog.Logger

	mu     sync.Mutex
	open   map[string]uint64 // legs that live: the position of their first fact, 0 until it is written
	before uint64            // the journal's end at the last look
	saved  uint64            // the checkpoint in the store
}

// checkpointEntry is the checkpoint in the store.
type checkpointEntry struct{ Position uint64 }

// openKeeper reads the journal behind the checkpoint and mends.
func (h *House) openKeeper(ctx context.Context) error {
	h.keeper = &keeper{store: h.store, directory: h.directory, table: h.legs,
		member: h.live.Conf().Member.Name, log: h.log, open: map[string]uint64{}}
	h.closes(func(context.Context) error { h.keeper.checkpoint(); return nil })
	if err := h.keeper.recall(ctx); err != nil {
		return err
	}
	return h.keeper.mend(ctx)
}

// recall shows the last records to the lists.
func (k *keeper) recall(ctx context.Context) error {
	ended := func(f store.Fact) bool { return f.Kind == leg.FactEnded }
	return k.store.Journal().Tail(ctx, leg.Recent, ended, func(f store.Fact) bool {
		if r := k.record(f); r != nil {
			k.table.Recall(r)
		}
		return true
	})
}

// mend replays the journal from the checkpoint.
func (k *keeper) mend(ctx context.Context) error {
	var from checkpointEntry
	if e, ok := k.store.Bucket(store.Registrations).Get(checkpoints + k.member); ok {
		if err := json.Unmarshal(e.Value, &from); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
	}
	lost, registered := map[string]*msg.LegRecord{}, 0
	var last time.Time // the newest fact: the last sign of life
	err := k.store.Journal().Read(ctx, from.Position, func(f store.Fact) bool {
		last = f.At
		switch f.Kind {
		case leg.FactStarted:
			if r := k.record(f); r != nil && r.Member == k.member {
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
		k.log.Info("mended after a crash", "legs", len(lost), "registrations", registered)
	}
	return k.closeLost(ctx, lost, last)
}

// registered takes a registration that the snapshot does not have yet.
func (k *keeper) registered(f store.Fact) int {
	b, err := account.DecodeBindings(f.Body)
	if err != nil {
		k.log.Error("registration in the journal is not readable", "account", f.Subject, "position", f.Position, "err", err)
		return 0
	}
	b.Position = f.Position
	if e, ok := k.store.Bucket(store.Registrations).Get(f.Subject); ok {
		if have, err := account.DecodeBindings(e.Value); err == nil && !have.Older(b) {
			return 0
		}
	}
	if !k.directory.SetBindings(signal.AOR(f.Subject), b) {
		return 0 // a later one came from its owner meanwhile
	}
	if err := k.store.Bucket(store.Registrations).PutLater(f.Subject, b.Encode()); err != nil {
		k.log.Warn("registration is not snapshot", "account", f.Subject, "err", err)
	}
	return 1
}

// closeLost writes the records of legs whose member died before it could, so that every leg has
// exactly one. When they ended nobody knows: they are said to have lived as long as the journal did.
func (k *keeper) closeLost(ctx context.Context, lost map[string]*msg.LegRecord, last time.Time) error {
	written := make(chan error, len(lost))
	for _, r := range lost {
		r.Ended = max(r.Started, last.UnixMilli())
		r.Status, r.Reason, r.By = 500, "Member died", "member"
		body, err := proto.Marshal(r)
		if err != nil {
			return err
		}
		err = k.store.Journal().Append(store.Fact{Kind: leg.FactEnded, Subject: r.Leg, At: time.Now(), Body: body},
			func(_ uint64, err error) {
				if err == nil {
					k.table.Add(r)
				}
				written <- err
			})
		if err != nil {
			return err
		}
	}
	for range lost {
		select {
		case err := <-written:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (k *keeper) record(f store.Fact) *msg.LegRecord {
	r := &msg.LegRecord{}
	if err := proto.Unmarshal(f.Body, r); err != nil {
		k.log.Error("record in the journal is not readable", "leg", f.Subject, "position", f.Position, "err", err)
		return nil
	}
	return r
}

// opened notes that a leg began; position 0 means: its fact is on the way.
func (k *keeper) opened(leg string, position uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.open[leg]; known || position == 0 {
		k.open[leg] = position
	}
}

// closed notes that a leg's record is durable.
func (k *keeper) closed(leg string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.open, leg)
}

// checkpoint moves the checkpoint to where the journal ended at the last look, or to the oldest leg
// that lives. A look ago: by now what was in the journal then has reached its snapshot, which the
// empty write-behind queue confirms.
func (k *keeper) checkpoint() {
	end := k.store.Journal().Last()
	k.mu.Lock()
	position := k.before
	k.before = end
	for _, p := range k.open {
		position = min(position, p)
	}
	k.mu.Unlock()
	if position == 0 || position == k.saved || k.store.Snapshot().Later > 0 {
		return
	}
	value, _ := json.Marshal(checkpointEntry{position}) // a number always marshals
	if err := k.store.Bucket(store.Registrations).PutLater(checkpoints+k.member, value); err != nil {
		k.log.Warn("checkpoint is not written", "err", err)
		return
	}
	k.saved = position
}
