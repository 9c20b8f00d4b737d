package txn

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
)

// Errors of beginning a transaction.
var (
	ErrFull   = errors.New("txn: too many transactions")
	ErrMerged = errors.New("txn: request came by another way already")
	ErrExists = errors.New("txn: transaction exists")
	ErrNone   = errors.New("txn: no such transaction")
)

const shards = 64

// Sender hands bytes to a transport; it does not block, and the bytes do not change afterwards.
type Sender func(flow signal.Flow, data []byte) error

// Table holds the transactions of one member.
type Table struct {
	live     atomic.Pointer[Times]
	limit    atomic.Int64
	send     Sender
	reliable func(transport string) bool
	orphan   func(Key)                 // see OnOrphan
	trying   func(*sip.Request) []byte // see OnTrying
	begin    time.Time

	shard [shards]shard
	names names
	lines lines
	nears nears
	wheel *wheel
	count counters

	stop chan struct{}
	done chan struct{}
}

type shard struct {
	mu      sync.Mutex
	servers map[Key]*Server
	merges  map[uint64]*Server
	clients map[Key]*asked
}

type counters struct {
	servers, clients, pending                                atomic.Int64
	repeatsIn, repeatsOut, timeouts, full, merged, strangers atomic.Uint64
}

// Counters is a snapshot of a table.
type Counters struct {
	Servers, Clients int    // transactions now
	RepeatsIn        uint64 // requests and responses that came again
	RepeatsOut       uint64 // messages that we sent again
	Timeouts         uint64 // transactions that gave up waiting
	Full             uint64 // requests refused for the limit
	Merged           uint64 // requests that came by two ways
	Strangers        uint64 // responses from elsewhere than the request went to
}

// New makes a table of at most limit server transactions, and as many client ones, and starts its
// clock. Reliable tells of a transport whether it repeats by itself.
func New(t Times, limit int, send Sender, reliable func(transport string) bool) *Table {
	table := &Table{send: send, reliable: reliable, orphan: func(Key) {},
		trying: func(*sip.Request) []byte { return nil }, begin: time.Now(), wheel: newWheel(),
		stop: make(chan struct{}), done: make(chan struct{})}
	table.Apply(t, limit)
	table.names.known = map[string]*asked{}
	table.lines.known = map[line]map[waiter]bool{}
	table.nears.known = map[near]*near{}
	for i := range table.shard {
		s := &table.shard[i]
		s.servers, s.merges, s.clients = map[Key]*Server{}, map[uint64]*Server{}, map[Key]*asked{}
	}
	go table.run()
	return table
}

// Apply takes new times, good from the next timer on, and a new limit.
func (t *Table) Apply(times Times, limit int) {
	t.live.Store(&times)
	t.limit.Store(int64(limit))
}

func (t *Table) times() Times { return *t.live.Load() }

// reserve is the part of the limit that is kept beyond it for what may end a call, and beyond that for calls for help: a
// quarter each, for help leastHelp at least.
const reserve, leastHelp = 4, 16

// room is how many transactions there may be, each way. A call must end even when nobody can begin
// one: BYE and CANCEL, and what else begins no dialog, get more. Who calls for help gets most.
func (t *Table) room(rank Rank) int64 {
	limit := t.limit.Load()
	room := limit
	if rank != Outside {
		room += limit / reserve
	}
	if rank == Urgent {
		room += max(limit/reserve, leastHelp)
	}
	return room
}

// Rank is how much room there is for a request.
type Rank int

// The ranks; each has room beyond that of those before it.
const (
	Outside Rank = iota // it begins something
	Inside              // it belongs to a dialog, or begins none
	Urgent              // it is outside any dialog, and calls for help
)

// Kind is what a request of ours is.
type Kind int

// The kinds.
const (
	Other Kind = iota
	Invite
	InviteForHelp
)

// rank of a request of ours.
func (k Kind) rank() Rank { return [...]Rank{Other: Inside, Invite: Outside, InviteForHelp: Urgent}[k] }

// run turns the wheel.
func (t *Table) run() {
	defer close(t.done)
	beat := time.NewTicker(Step)
	defer beat.Stop()
	var due []timed
	for {
		select {
		case <-beat.C:
		case <-t.stop:
			return
		}
		now := t.now()
		due = t.wheel.advance(now, due[:0])
		for i, owner := range due {
			owner.fire(now)
			due[i] = nil // the slice outlives the transaction
		}
		for _, l := range t.lines.take() {
			l.of.lose(l.conn)
		}
	}
}

// Close stops all timers. Transactions that are left get no further event.
func (t *Table) Close() {
	close(t.stop)
	<-t.done
}

func (t *Table) now() Tick { return Tick(time.Since(t.begin) / Step) }

func (t *Table) of(k Key) *shard { return &t.shard[k[0]%shards] }

// Counters returns the present counts.
func (t *Table) Counters() Counters {
	c := &t.count
	return Counters{Servers: int(c.servers.Load()), Clients: int(c.clients.Load()),
		RepeatsIn: c.repeatsIn.Load(), RepeatsOut: c.repeatsOut.Load(), Timeouts: c.timeouts.Load(),
		Full: c.full.Load(), Merged: c.merged.Load(), Strangers: c.strangers.Load()}
}

// Settle waits until every request, received or sent, has its final response, or ctx ends.
func (t *Table) Settle(ctx context.Context) {
	beat := time.NewTicker(Step)
	defer beat.Stop()
	for t.count.pending.Load() > 0 {
		select {
		case <-beat.C:
		case <-ctx.Done():
			return
		}
	}
}
