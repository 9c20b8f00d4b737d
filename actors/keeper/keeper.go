package keeper

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/leg"
	"tandem/actors/life"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// checkpoints is what the keys of checkpoints begin with, one for each member that is or was alone, among the
// registrations. Members of a cluster have a mark for each of their lives instead.
const checkpoints = life.Reserved + "checkpoint."

// Options are what a keeper works with.
type Options struct {
	Store     *store.Store
	Directory *account.Directory
	Table     *leg.Table
	Member    string // name of this member
	Alone     bool   // there are no other members
	// Recall brings registrations in the store's form to the owner of the name. An error: not now.
	Recall func(aor string, bindings []byte) error
	Log    *slog.Logger
}

// Keeper knows from which position of the journal on something of this member's may be open.
type Keeper struct {
	Options
	boot     string        // of this life; "" as long as nothing can be open
	catching chan struct{} // holds one token: what follows it is for its taker
	fence    life.Fence
	seen     uint64 // position up to which the records of other members are in the table

	mu      sync.Mutex
	open    map[string]uint64 // legs that live: the position of their first fact, 0 until it is written
	before  uint64            // the journal's end at the last look
	saved   uint64            // the position in the store
	closers map[string]bool   // ours
	over    bool              // this life was declared dead: its mark is not its own any more
}

// New makes a keeper.
func New(o Options) *Keeper {
	k := &Keeper{Options: o, catching: make(chan struct{}, 1), open: map[string]uint64{}, closers: map[string]bool{}}
	k.catching <- struct{}{}
	return k
}

// Open shows the last records to the lists, and makes good what nobody else does.
func (k *Keeper) Open(ctx context.Context) error {
	if err := k.recall(ctx); err != nil {
		return err
	}
	return k.mend(ctx)
}

// Begin puts the mark of this life into the store: before its first leg.
func (k *Keeper) Begin(ctx context.Context, boot string) error {
	k.boot = boot
	if k.Alone {
		return nil
	}
	m := life.Mark{Member: k.Member, Boot: boot, Position: k.Store.Journal().Last()}
	k.before, k.saved = m.Position, m.Position
	_, err := k.bucket().Put(ctx, m.Key(), m.Encode(), store.Write{Author: "member"})
	return err
}

// End takes the mark away if nothing is open. What is, the Controller closes.
func (k *Keeper) End() {
	if k.Alone || k.boot == "" {
		k.Checkpoint()
		return
	}
	k.mu.Lock()
	left := len(k.open)
	if k.over {
		left++
	}
	k.over = true
	k.mu.Unlock()
	if left == 0 {
		if err := k.bucket().PutLater(life.Mark{Boot: k.boot}.Key(), nil); err != nil {
			k.Log.Warn("the mark of this life stays in the store", "err", err)
		}
	}
}

// Over says that others have declared this life dead.
func (k *Keeper) Over() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.over = true
}

// Opened notes that a leg began; position 0 means: its fact is on the way.
func (k *Keeper) Opened(leg string, position uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.open[leg]; known || position == 0 {
		k.open[leg] = position
	}
}

// Closed notes that a leg's record is durable.
func (k *Keeper) Closed(leg string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.open, leg)
}

// Checkpoint moves the position in the store to where the journal ended at the last look, or to the oldest leg
// that lives. A look ago: by now what was in the journal then has reached its snapshot, which the
// empty write-behind queue confirms.
func (k *Keeper) Checkpoint() {
	end := k.Store.Journal().Last()
	k.mu.Lock()
	position, over := k.before, k.over
	k.before = end
	for _, p := range k.open {
		position = min(position, p)
	}
	k.mu.Unlock()
	if over || position == 0 || position == k.saved || k.Store.Snapshot().Later > 0 {
		return
	}
	key, value := k.checkpoint(position)
	if err := k.bucket().PutLater(key, value); err != nil {
		k.Log.Warn("checkpoint is not written", "err", err)
		return
	}
	k.saved = position
}

// checkpointEntry is the checkpoint of a member that is alone.
type checkpointEntry struct{ Position uint64 }

func (k *Keeper) checkpoint(position uint64) (key string, value []byte) {
	if !k.Alone {
		m := life.Mark{Member: k.Member, Boot: k.boot, Position: position}
		return m.Key(), m.Encode()
	}
	value, _ = json.Marshal(checkpointEntry{position}) // a number always marshals
	return checkpoints + k.Member, value
}

func (k *Keeper) bucket() *store.Bucket { return k.Store.Bucket(store.Registrations) }

// record is the record in a fact of a leg; nil where it can not be read.
func (k *Keeper) record(f store.Fact) *msg.LegRecord {
	r := &msg.LegRecord{}
	if err := proto.Unmarshal(f.Body, r); err != nil {
		k.Log.Error("record in the journal is not readable", "leg", f.Subject, "position", f.Position, "err", err)
		return nil
	}
	return r
}

// end makes the record of an open leg that of its end. When that was nobody knows: it is said to have lived as long as
// somebody heard of its member.
func end(r *msg.LegRecord, last time.Time, reason string) {
	r.Ended = max(r.Started, last.UnixMilli())
	r.Status, r.Reason, r.By = 500, reason, "member"
}

// write writes records into the journal and returns when they are durable.
func (k *Keeper) write(ctx context.Context, records map[string]*msg.LegRecord) error {
	written, waiting := make(chan error, len(records)), 0
	await := func() error {
		select {
		case err := <-written:
			waiting--
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, r := range records {
		body, err := proto.Marshal(r)
		if err != nil {
			return err
		}
		fact := store.Fact{Kind: leg.FactEnded, Subject: r.Leg, At: time.Now(), Body: body}
		done := func(_ uint64, err error) {
			if err == nil {
				k.Table.Add(r)
			}
			written <- err
		}
		for err = k.Store.Journal().Append(fact, done); err != nil; err = k.Store.Journal().Append(fact, done) {
			if err != store.ErrFull || waiting == 0 { // full of what others wait for: another time
				return err
			}
			if err := await(); err != nil {
				return err
			}
		}
		waiting++
	}
	for waiting > 0 {
		if err := await(); err != nil {
			return err
		}
	}
	return nil
}
