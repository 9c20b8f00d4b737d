package ami

import (
	"net"
	"sync"
	"time"
)

// writeTime is how long a client may take for what is written at once.
const writeTime = 30 * time.Second

// outbox holds what waits for a client. It never makes anybody wait: a client for whom too much waits is cut off.
type outbox struct {
	conn net.Conn
	most func() int // bytes

	mu      sync.Mutex
	ready   *sync.Cond
	waiting []byte
	closing bool // what waits is written, and that is all
	slow    bool // too much waited
}

func newOutbox(conn net.Conn, most func() int) *outbox {
	o := &outbox{conn: conn, most: most}
	o.ready = sync.NewCond(&o.mu)
	return o
}

// put adds packets; they travel one behind the other.
func (o *outbox) put(packets ...Packet) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return
	}
	for _, p := range packets {
		o.waiting = p.Append(o.waiting)
	}
	o.check()
}

// raw adds text that is written already.
func (o *outbox) raw(text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return
	}
	o.waiting = append(o.waiting, text...)
	o.check()
}

func (o *outbox) check() {
	if len(o.waiting) > o.most() {
		o.closing, o.slow, o.waiting = true, true, nil
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
		o.waiting = spare[:0]
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
