package queuelog

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// Floor is what the partitions of a member stand on.
type Floor struct {
	Member *cluster.Member
	Lines  *store.Lines
	Log    *slog.Logger
}

// storeWait is how long the store may take for one thing.
const storeWait = 8 * time.Second

// partitionActor is the shell of one partition.
type partitionActor struct {
	floor   *Floor
	log     *slog.Logger
	name    string
	machine *Partition
	asks    map[uint64]*actor.PID // who waits for an answer
	serial  uint64
	finds   []*actor.PID // who waits to be shown how it stands
	busy    atomic.Bool
}

// Messages that never leave the member: what the store has done.
type (
	looked struct {
		head   Head
		failed Failure
	}
	compared struct {
		sought *Sought
		failed Failure
	}
	appended struct {
		piece    Piece
		sequence uint64
		failed   Failure
	}
)

// Make makes partitions.
func (f *Floor) Make() actor.Actor {
	return &partitionActor{floor: f, log: f.Log, machine: New(), asks: map[uint64]*actor.PID{}}
}

// Receive is the table of contents.
func (a *partitionActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.name, a.log = m.Name, a.log.With("kind", "partition", "id", m.Name)
	case *msg.PartitionLoad:
		a.perform(ctx, a.machine.Load(a.asked(ctx), m, time.Now()))
	case *msg.PartitionRow:
		a.perform(ctx, a.machine.Row(a.asked(ctx), m, time.Now()))
	case *msg.PartitionMark:
		a.perform(ctx, a.machine.Mark(a.asked(ctx), m, time.Now()))
	case *msg.PartitionFind:
		a.waits(ctx.Sender())
		a.perform(ctx, a.machine.Wake())
	case *looked:
		a.perform(ctx, a.machine.Looked(m.head, m.failed, time.Now()))
	case *compared:
		a.perform(ctx, a.machine.Compared(m.sought, m.failed, time.Now()))
	case *appended:
		a.perform(ctx, a.machine.Appended(m.piece, m.sequence, m.failed, time.Now()))
	}
}

// asked notes who asks.
func (a *partitionActor) asked(ctx actor.Context) uint64 {
	a.serial++
	a.asks[a.serial] = ctx.Sender()
	return a.serial
}

// waits notes who is to be shown how it stands, in place of the one who has waited longest if there are too many.
func (a *partitionActor) waits(who *actor.PID) {
	if len(a.finds) >= maxFinds {
		a.finds = a.finds[1:]
	}
	a.finds = append(a.finds, who)
}

func (a *partitionActor) perform(ctx actor.Context, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Look:
			a.work(ctx, func(c context.Context) any { return a.look(c) })
		case Compare:
			head := a.machine.Head()
			a.work(ctx, func(c context.Context) any { return a.compare(c, e, head) })
		case Append:
			a.work(ctx, func(c context.Context) any { return a.append(c, e) })
		case Answer:
			a.floor.Member.Send(a.asks[e.Ask], e.Loaded)
			delete(a.asks, e.Ask)
		}
	}
	now := time.Now()
	if a.machine.Awake() {
		for _, who := range a.finds {
			a.floor.Member.Send(who, proto.Clone(a.machine.Find(now)).(*msg.PartitionFound))
		}
		a.finds = nil
	}
	a.busy.Store(a.machine.Busy(now))
}

// work does something that waits for the store, and tells the actor itself what came of it.
func (a *partitionActor) work(ctx actor.Context, do func(context.Context) any) {
	self, root := ctx.Self(), ctx.ActorSystem().Root
	go func() {
		c, cancel := context.WithTimeout(context.Background(), storeWait)
		defer cancel()
		root.Send(self, do(c))
	}()
}

func (a *partitionActor) look(ctx context.Context) *looked {
	p, ok, err := a.floor.Lines.Last(ctx, a.name)
	switch {
	case err != nil:
		return &looked{failed: a.failure(err)}
	case !ok:
		return &looked{}
	}
	piece, err := pieceOf(p)
	if err != nil {
		return &looked{failed: a.failure(err)}
	}
	return &looked{head: HeadOf(piece, p.Sequence)}
}

// compare reads the pieces that may have lines of some seconds: from the first one whose time has come so far to the first
// one that is younger, and behind that those that have older lines than there were.
func (a *partitionActor) compare(ctx context.Context, c Compare, head Head) *compared {
	out := &compared{sought: c.Sought}
	pieces := 0
	full := func() bool { return pieces >= maxCompared || c.Sought.Full() }
	count := func(p store.Piece) { pieces++; c.Sought.Count(p.Before, p.Lines) }
	p, ok, err := a.floor.Lines.Seek(ctx, a.name, c.Low)
	for ok && err == nil && !full() {
		var piece Piece
		if piece, err = pieceOf(p); err != nil || p.Low > c.High && !piece.Note.Late {
			break
		}
		count(p)
		p, ok, err = a.floor.Lines.Next(ctx, a.name, p.Sequence+1)
	}
	for at := head.Late; ok && err == nil && at >= p.Sequence && at > 0 && !full(); {
		late, found, failed := a.floor.Lines.Next(ctx, a.name, at)
		if err = failed; err != nil || !found || late.Sequence != at {
			break
		}
		count(late)
		at = late.Late
	}
	if full() {
		out.failed = Failure{Large, "these lines are of too long a time to be compared: send fewer at once"}
	}
	if err != nil {
		out.failed = a.failure(err)
	}
	return out
}

func (a *partitionActor) append(ctx context.Context, e Append) *appended {
	note, err := proto.Marshal(e.Piece.Note)
	if err != nil {
		return &appended{failed: a.failure(err)}
	}
	p := e.Piece
	sequence, err := a.floor.Lines.Append(ctx, store.Piece{Partition: a.name, From: p.From, Before: p.Before, Low: p.Low, High: p.High,
		Late: p.Late, Lines: p.Lines, Note: note}, e.After)
	if err != nil {
		return &appended{failed: a.failure(err)}
	}
	return &appended{piece: p, sequence: sequence}
}

// pieceOf is a piece of the store as the machine sees it.
func pieceOf(p store.Piece) (Piece, error) {
	note := &msg.PartitionNote{}
	err := proto.Unmarshal(p.Note, note)
	return Piece{From: p.From, Before: p.Before, Low: p.Low, High: p.High, Late: p.Late, Lines: p.Lines, Note: note}, err
}

// failure is the refusal that an error of the store leads to.
func (a *partitionActor) failure(err error) Failure {
	switch {
	case errors.Is(err, store.ErrConflict):
		return Failure{Position, "another member has written to this partition: go on where it is"}
	case errors.Is(err, store.ErrNoRoom), errors.Is(err, store.ErrDiskFull):
		a.log.Error("lines are not taken: there is no room", "err", err)
		return Failure{Full, err.Error()}
	case errors.Is(err, store.ErrTooLarge):
		return Failure{Large, "too much at once: send fewer lines"}
	}
	a.log.Warn("the raw lines can not be read or written now", "err", err)
	return Failure{Unavailable, "the store can not be read or written now: try again in a moment"}
}

// Busy keeps a partition from being put away while somebody follows. It is asked from outside.
func (a *partitionActor) Busy() bool { return a.busy.Load() }
