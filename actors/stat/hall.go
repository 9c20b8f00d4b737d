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
	End(ctx context.Context) (position uint64, err error)
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
	MaxFile int64                                      // bytes that Files take as one; 0: any number
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
	factsCome    = 500 * time.Millisecond // facts of a moment are in the journal by then
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

	saving sync.Mutex        // held while a checkpoint is written; before the others
	backed map[string]uint64 // statistics that others may need this member's checkpoint for, and the positions of their openings
	asides []aside           // its checkpoints before, which others may need

	mu       sync.Mutex
	world    *engine.World
	reader   *reader.Reader
	pool     map[string]*pooled // by id
	each     map[string]int     // how many of them an account has opened
	given    map[string]uint64  // those that were given up, and when they were opened: see Hall.backed
	doubtful []string           // those that were opened lately and are not computed here
	position uint64             // of the journal, up to which all is taken
	latest   int64              // the newest time of a fact
	saved    uint64             // position of the checkpoint
	end      uint64             // of the journal, by the last look at it
	seen     time.Time          // when end was found to be ahead of position; zero: it is not
	waiting  []*waiter
	watchers map[string]*watcher // by member
	grown    int64               // when values that grow with time were looked at last
	broken   int                 // facts that could not be taken
	untold   int                 // values before resets that a member has not taken, beyond the limit
	seating  atomic.Pointer[seating]

	stale atomic.Bool // the settings may say something else of objects now
	board *board
	wake  chan struct{}      // a round is wanted
	eager chan struct{}      // a look at the journal is
	soon  chan time.Duration // a checkpoint is, after it
}

// New makes a hall that has taken nothing yet.
func New(o Options) *Hall {
	if o.Solutions == nil {
		o.Solutions = whole{}
	}
	h := &Hall{Options: o, world: engine.New(engine.Options{}), reader: reader.New(), pool: map[string]*pooled{}, each: map[string]int{},
		watchers: map[string]*watcher{}, wake: make(chan struct{}, 1), eager: make(chan struct{}, 1),
		soon: make(chan time.Duration, 1), given: map[string]uint64{}}
	h.board = newBoard(h)
	return h
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
