package transport

import (
	"errors"
	"sync"

	"tandem/signal"
)

// Errors of sending.
var (
	ErrClosed = errors.New("transport: flow is closed")
	ErrSlow   = errors.New("transport: peer does not read; connection closed")
)

// maxQueuedBytes bounds the memory of one connection's queue, whatever its number of messages.
const maxQueuedBytes = 4 << 20

// outlet is the writing half of a connection: bytes of a stream, or one frame of a WebSocket.
type outlet interface {
	write(message []byte) error // may block, up to the outlet's own time limit
	close() error               // ends reading and writing
}

// conn is one connection with its write queue. The writing goroutine exists only while something is
// queued, so a quiet connection costs no goroutine and no queue.
type conn struct {
	flow signal.Flow
	ours bool   // we opened it
	name string // that the peer's certificate proved, "" for none
	out  outlet
	set  *Set

	mu      sync.Mutex
	queue   [][]byte
	waiting int  // messages accepted and not yet written
	bytes   int  // their length
	writing bool // a writing goroutine exists
	ending  bool // close when the queue is written
	closed  bool
}

func (c *conn) peer() peer { return peer{c.flow.Transport, c.flow.Remote, c.name} }

// send queues one message, which must not change afterwards. It never waits for the peer.
func (c *conn) send(message []byte) error {
	c.mu.Lock()
	if c.closed || c.ending {
		c.mu.Unlock()
		return ErrClosed
	}
	if c.waiting >= c.set.conf.Queue || c.bytes+len(message) > maxQueuedBytes {
		c.mu.Unlock()
		c.set.count.slow.Add(1)
		c.close()
		return ErrSlow
	}
	c.queue = append(c.queue, message)
	c.waiting++
	c.bytes += len(message)
	if !c.writing {
		c.writing = true
		c.set.wg.Go(c.drain)
	}
	c.mu.Unlock()
	return nil
}

// drain writes what is queued, in order, and ends when there is nothing more.
func (c *conn) drain() {
	for {
		batch := c.take()
		if batch == nil {
			return
		}
		for _, message := range batch {
			if err := c.out.write(message); err != nil {
				c.set.count.sendErrors.Add(1)
				c.close()
				return
			}
			c.mu.Lock()
			c.waiting--
			c.bytes -= len(message)
			c.mu.Unlock()
		}
	}
}

// take returns what is queued; nil means that the writing goroutine has to end.
func (c *conn) take() [][]byte {
	c.mu.Lock()
	batch := c.queue
	c.queue = nil
	if len(batch) > 0 && !c.closed {
		c.mu.Unlock()
		return batch
	}
	c.writing = false
	ending := c.ending
	c.mu.Unlock()
	if ending {
		c.close()
	}
	return nil
}

// end closes the connection once everything queued is written.
func (c *conn) end() {
	c.mu.Lock()
	c.ending = true
	writing := c.writing
	c.mu.Unlock()
	if !writing {
		c.close()
	}
}

// close ends the connection at once; only the first call has an effect.
func (c *conn) close() {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return
	}
	c.closed = true
	c.queue = nil
	c.mu.Unlock()
	c.set.conns.remove(c)
	_ = c.out.close() // the peer may have closed it already: nothing is lost either way
	c.set.handler.Closed(c.flow)
}
