package ami

import (
	"net"
	"sync"
	"time"
)

// writeTime is how long a client may take for what is written at once.
const writeTime = 30 * time.Second

// portion is how many bytes may wait before the rest of an answer waits for room.
const portion = 32 << 10

// outbox holds what waits for a client. Events make nobody wait: a client for whom too many of them wait is cut off. Who
// answers what the client has asked for waits until it reads.
type outbox struct {
	conn net.Conn
	most func() int // bytes

	mu      sync.Mutex
	ready   *sync.Cond
	room    *sync.Cond // part of it was taken to be written
	waiting []byte
	events  int  // bytes of them that are events
	closing bool // what waits is written, and that is all
	slow    bool // too much waited
}

func newOutbox(conn net.Conn, most func() int) *outbox {
	o := &outbox{conn: conn, most: most}
	o.ready, o.room = sync.NewCond(&o.mu), sync.NewCond(&o.mu)
	return o
}

// put adds packets of an answer, each as there is room for it: a client that reads gets a long list. It is not to be
// called by who serves others too.
func (o *outbox) put(packets ...Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range packets {
		for len(o.waiting) >= portion && !o.closing {
			o.room.Wait()
		}
		if o.closing {
			return
		}
		o.waiting = p.Append(o.waiting)
		o.ready.Signal()
	}
}

// raw adds an event, as text. It never waits.
func (o *outbox) raw(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return
	}
	o.waiting = append(o.waiting, text...)
	if o.events += len(text); o.events > o.most() {
		o.closing, o.slow, o.waiting = true, true, nil
		o.room.Broadcast()
		_ = o.conn.Close()
	}
	o.ready.Signal()
}

// close has what waits written, and nothing more.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closing = true
	o.ready.Signal()
	o.room.Broadcast()
}

// wasSlow tells whether the client was cut off for what it did not read.
func (o *outbox) wasSlow() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.slow
}

// run writes until the outbox is closed or the connection is.
func (o *outbox) run() {
	var spare []byte
	for {
		o.mu.Lock()
		for len(o.waiting) == 0 && !o.closing {
			o.ready.Wait()
		}
		text := o.waiting
		o.waiting, o.events = spare[:0], 0
		o.room.Broadcast()
		o.mu.Unlock()
		if len(text) == 0 {
			return
		}
		_ = o.conn.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := o.conn.Write(text); err != nil {
			o.close()
			_ = o.conn.Close() // so that nobody reads on either
			return
		}
		spare = text
		if cap(spare) > 64<<10 {
			spare = nil
		}
	}
}
