package stat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// Journal is what is followed, and what the pool is written into.
type Journal interface {
	Append(f store.Fact, done func(position uint64, err error)) error
	Read(ctx context.Context, from uint64, f func(store.Fact) bool) error
	Recent(from uint64, f func(store.Fact) bool) bool
	Last() uint64
	Watch() (grown <-chan struct{}, stop func())
}

// Member is this member among others: that of package cluster.
type Member interface {
	Name() string
	Owner(kind, name string) (member string, ok bool)
	Epoch(kind, name string) (uint64, bool)
	Holdings() uint64
	AskMember(ctx context.Context, member, what string, body []byte) ([]byte, error)
}

// Options are what a Hall works with.
type Options struct {
	Member  Member
	Journal Journal
	Files   Files                                      // of checkpoints
	Names   func(solution string) *Catalogue           // what requests may name in it, now; nil: there is no such solution
	Keep    func() time.Duration                       // how long a statistic is kept after the last request
	Backups func() (every time.Duration, file string)  // that a member writes by itself; nil, or never: none
	Objects func() map[engine.Object]reader.Definition // what the settings say of them now; nil: nothing
	Now     func() time.Time
	Log     *slog.Logger

	Solutions Solutions // nil: no member belongs to any
}

// Kind is that of the names of statistics: those of one object have one owner.
const Kind = "stat"

// Times and limits of a hall.
const (
	roundsApart  = 2 * time.Millisecond   // at least, between two rounds that take what the journal has told
	looksApart   = 10 * time.Millisecond  // at least, between two looks at the journal
	lookEvery    = 100 * time.Millisecond // at the journal though it tells nothing, while somebody watches
	idleEvery    = 250 * time.Millisecond // while nobody does
	factsCome    = 500 * time.Millisecond // facts of a moment are in the journal by then
	maxWaiting   = 10_000                 // who wait for the hall to get somewhere
	maxPool      = 200_000                // statistics that are open in the cluster
	maxEach      = 5000                   // of them that one account has opened, unless it is an administrator's
	maxInReply   = 1000                   // statistics of one question
	answerWithin = 4 * time.Second        // of a question of another member
	maxAhead     = 2 * time.Second        // by which a moment that is asked for may be ahead of our clock
)

// Errors that those who ask see.
var (
	ErrUnknown = errors.New("there is no such statistic; it may have been dropped, because nobody asked for it")
	ErrNotYet  = errors.New("the statistics of this object have no owner at the moment, or he is not ready yet; ask again")
	ErrFull    = errors.New("too many statistics are open")
	ErrEach    = fmt.Errorf("this account has %d statistics open, which is the most; use those, or drop some", maxEach)
)

// Hall is the statistics of one member.
type Hall struct {
	Options

	following sync.Mutex // held while facts are taken; before mu

	mu       sync.Mutex
	world    *engine.World
	reader   *reader.Reader
	pool     map[string]*pooled // by id
	each     map[string]int     // how many of them an account has opened
	position uint64             // of the journal, up to which all is taken
	latest   int64              // the newest time of a fact
	saved    uint64             // position of the checkpoint
	looks    uint64             // at the journal, that were begun
	waiting  []*waiter
	watchers map[string]*watcher // by member
	grown    int64               // when values that grow with time were looked at last
	broken   int                 // facts that could not be taken
	seating  atomic.Pointer[seating]

	stale atomic.Bool // the settings may say something else of objects now
	board *board
	wake  chan struct{} // somebody waits
}

// waiter waits until the hall has taken a position of the journal, and a moment has come.
type waiter struct {
	position uint64
	at       int64
	look     uint64 // at the journal, which must be made after it began to wait; 0: none need be
	done     chan struct{}
}

// New makes a hall that has taken nothing yet.
func New(o Options) *Hall {
	if o.Solutions == nil {
		o.Solutions = whole{}
	}
	h := &Hall{Options: o, world: engine.New(engine.Options{}), reader: reader.New(), pool: map[string]*pooled{}, each: map[string]int{},
		watchers: map[string]*watcher{}, wake: make(chan struct{}, 1)}
	h.board = newBoard(h)
	return h
}

// Run follows the journal until ctx ends.
func (h *Hall) Run(ctx context.Context) {
	var beside sync.WaitGroup
	beside.Go(func() { h.board.run(ctx) })
	beside.Go(func() { h.keep(ctx) })
	defer beside.Wait()
	grown, stop := h.Journal.Watch()
	defer stop()
	failing, looked, look := false, time.Time{}, true
	for ctx.Err() == nil {
		if look {
			looked = time.Now()
		}
		err := h.round(ctx, look)
		if (err != nil) != failing && ctx.Err() == nil {
			failing = err != nil
			if failing {
				h.Log.Warn("the journal can not be read; statistics stand still", "err", err)
			} else {
				h.Log.Info("the journal can be read again")
			}
		}
		look = h.pause(ctx, grown, looked)
	}
}

// pause waits until the journal has grown, somebody waits, or it is time to look again anyway: it tells whether it is.
func (h *Hall) pause(ctx context.Context, grown <-chan struct{}, looked time.Time) (look bool) {
	t := time.NewTimer(roundsApart)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	t.Reset(time.Until(looked.Add(h.patience())))
	select {
	case <-t.C:
	case <-grown:
	case <-h.wake:
	case <-ctx.Done():
	}
	return time.Since(looked) >= h.patience()
}

// patience is after how long the hall looks at the journal though it tells nothing.
func (h *Hall) patience() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	every := idleEvery
	if len(h.waiting) > 0 || len(h.watchers) > 0 {
		every = lookEvery
	}
	now := h.now()
	for _, w := range h.waiting {
		switch left := time.Duration(w.at-now) * time.Millisecond; {
		case left > 0:
			every = min(every, max(left, looksApart))
		case w.look > 0:
			every = min(every, looksApart)
		}
	}
	return every
}

// round takes what the journal has by now, and lets those go on who waited for it. The journal is asked only by a look; else
// what it has told is all.
func (h *Hall) round(ctx context.Context, look bool) error {
	h.following.Lock()
	defer h.following.Unlock()
	err := h.follow(ctx, look)
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for _, f := range h.world.Advance(now) {
		if p := h.pool[f.ID]; p != nil {
			h.reset(f.ID, h.shown(f.ID, p, f.Value))
		}
	}
	h.mark(now)
	h.release(now, look) // though it could not be read: what is known is better than nothing
	return err
}

// follow takes the facts behind those that are taken.
func (h *Hall) follow(ctx context.Context, look bool) error {
	take := func(f store.Fact) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.take(f)
		return true
	}
	h.mu.Lock()
	from := h.position + 1
	if look {
		h.looks++
	}
	h.mu.Unlock()
	if !look && h.Journal.Recent(from, take) {
		return nil
	}
	return h.Journal.Read(ctx, from, take)
}

func (h *Hall) at() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position
}

// now is the time in milliseconds, and never before a fact that is taken: the clocks of members differ a little.
func (h *Hall) now() int64 { return max(h.Now().UnixMilli(), h.latest) }

// take takes a fact of the journal.
func (h *Hall) take(f store.Fact) {
	h.position = f.Position
	switch f.Kind {
	case openedKind:
		h.opened(f)
		return
	case askedKind:
		if p := h.pool[f.Subject]; p != nil {
			p.Asked, p.written = max(p.Asked, f.At.UnixMilli()), false
		}
		return
	case closedKind:
		h.closed(f.Subject)
		return
	}
	facts, err := h.reader.Read(f)
	if err != nil {
		h.fault("a fact of the journal can not be read and is not counted", f, err)
		return
	}
	for _, x := range facts {
		h.latest = max(h.latest, x.At)
		if err := h.world.Apply(x); err != nil {
			h.fault("a fact is not counted", f, fmt.Errorf("%s %s: %w", x.Object, x.What, err))
		}
	}
}

// fault logs what could not be taken: the first ones, and then ever fewer.
func (h *Hall) fault(what string, f store.Fact, err error) {
	h.broken++
	if h.broken&(h.broken-1) == 0 {
		h.Log.Error(what, "kind", f.Kind, "position", f.Position, "err", err, "faults", h.broken)
	}
}

// reach waits until the hall has taken a position of the journal and all that was in it when reach was called, by whatever
// member, and a moment, in milliseconds, has come.
func (h *Hall) reach(ctx context.Context, position uint64, at int64) error {
	return h.wait(ctx, &waiter{position: position, at: at, look: 1})
}

// taken waits until the hall has taken a position of the journal, which is known to be there.
func (h *Hall) taken(ctx context.Context, position uint64) error {
	return h.wait(ctx, &waiter{position: position})
}

func (h *Hall) wait(ctx context.Context, w *waiter) error {
	w.done = make(chan struct{})
	h.mu.Lock()
	switch {
	case w.look == 0 && w.position <= h.position:
		h.mu.Unlock()
		return nil
	case len(h.waiting) >= maxWaiting:
		h.mu.Unlock()
		return ErrNotYet
	case w.look > 0:
		w.look = h.looks + 1
	}
	h.waiting = append(h.waiting, w)
	h.mu.Unlock()
	h.rouse()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		h.mu.Lock()
		defer h.mu.Unlock()
		for i, x := range h.waiting {
			if x == w {
				h.waiting = append(h.waiting[:i], h.waiting[i+1:]...)
				break
			}
		}
		return ErrNotYet
	}
}

// rouse has a round made soon.
func (h *Hall) rouse() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// release lets those go on who have what they waited for. A round has just been made; looked says that the journal was asked.
func (h *Hall) release(now int64, looked bool) {
	left := h.waiting[:0]
	for _, w := range h.waiting {
		if w.position <= h.position && w.at <= now && (w.look == 0 || looked && w.look <= h.looks) {
			close(w.done)
		} else {
			left = append(left, w)
		}
	}
	clear(h.waiting[len(left):])
	h.waiting = left
}
