package transport

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"tandem/signal"
)

// errCap refuses a connection beyond the caps of the settings.
var errCap = errors.New("transport: too many connections")

// reserve is the part of each cap that is kept beyond it for connections that we open, leastReserve at least: whoever
// fills the caps by connecting must not keep our requests from a trunk, an emergency call among them.
const reserve, leastReserve = 4, 16

// conns is the table of connections: by flow number for sending, by peer for reuse, and counted by
// source for the cap.
type conns struct {
	mu     sync.RWMutex
	total  int // caps
	perIP  int
	last   uint64
	number map[uint64]*conn
	peer   map[peer]*conn
	count  map[[16]byte]int // by sourceKey
	shut   bool
}

// peer is the far end of a connection, for its reuse (RFC 3261 section 18.1.1). The name is the one
// that the certificate was checked against: a connection to one name must not carry what is meant
// for another at the same address, and one that was opened to us by TLS has proved no name at all.
type peer struct {
	transport string
	remote    netip.AddrPort
	name      string // TLS that we opened only
}

// newConns begins to number connections where no earlier process of this member can have come: a
// flow may outlive us in the store, and must not lead to another peer then.
func newConns() *conns {
	return &conns{last: uint64(time.Now().Unix()) << 20, number: map[uint64]*conn{}, peer: map[peer]*conn{}, count: map[[16]byte]int{}}
}

// limit sets the caps; connections beyond new ones stay.
func (t *conns) limit(total, perIP int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total, t.perIP = total, perIP
}

// add gives c its flow number and enters it, unless a cap forbids. It counts the goroutine that will
// read the connection, so that closing the set can wait for it.
func (t *conns) add(c *conn, readers *sync.WaitGroup) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	source := sourceKey(c.flow.Remote.Addr())
	if t.shut {
		return ErrClosed
	}
	if len(t.number) >= c.room(t.total) || t.count[source] >= c.room(t.perIP) {
		return errCap
	}
	t.last++
	c.flow.Conn = t.last
	t.number[t.last] = c
	t.peer[c.peer()] = c
	t.count[source]++
	readers.Add(1)
	return nil
}

// room is how many connections there may be for this one to be added.
func (c *conn) room(most int) int {
	if c.ours {
		most += max(most/reserve, leastReserve)
	}
	return most
}

func (t *conns) remove(c *conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.number[c.flow.Conn] != c {
		return
	}
	delete(t.number, c.flow.Conn)
	if p := c.peer(); t.peer[p] == c {
		delete(t.peer, p)
	}
	source := sourceKey(c.flow.Remote.Addr())
	if t.count[source]--; t.count[source] == 0 {
		delete(t.count, source)
	}
}

// get finds the connection of a flow, nil when it is gone.
func (t *conns) get(flow signal.Flow) *conn {
	t.mu.RLock()
	defer t.mu.RUnlock()
	c := t.number[flow.Conn]
	if c == nil || c.flow.Remote != flow.Remote || c.flow.Transport != flow.Transport {
		return nil
	}
	return c
}

// to finds a connection to a peer, nil when there is none.
func (t *conns) to(p peer) *conn {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.peer[p]
}

func (t *conns) len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.number)
}

// shutdown refuses further connections and returns those that are there.
func (t *conns) shutdown() []*conn {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shut = true
	all := make([]*conn, 0, len(t.number))
	for _, c := range t.number {
		all = append(all, c)
	}
	return all
}
