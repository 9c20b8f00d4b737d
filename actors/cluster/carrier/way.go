package carrier

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// headerSize is what stands before each body.
const headerSize = 5

// keptBuffer is the size up to which an empty buffer is kept for the next frames.
const keptBuffer = 64 << 10

// way is what goes to one address.
type way struct {
	carrier *Carrier
	address string

	mu       sync.Mutex
	conn     *tls.Conn // nil: none is open
	dialling bool
	writing  bool // somebody writes, and takes along what comes meanwhile
	closed   bool
	unsent   []byte // frames that nobody writes yet
	spare    []byte // an empty buffer
	retry    time.Time
}

// add puts a frame behind those that wait. Where nobody writes, the caller has to: it gets the connection to flush.
func (w *way) add(k Kind, body []byte) *tls.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.unsent)+headerSize+len(body) > maxUnsent && len(w.unsent) > 0 {
		return nil
	}
	if w.conn == nil && !w.dial() {
		return nil
	}
	w.unsent = appendFrame(w.unsent, k, body)
	if w.conn == nil || w.writing {
		return nil
	}
	w.writing = true
	return w.conn
}

func appendFrame(to []byte, k Kind, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(len(body)))
	to = append(to, byte(k))
	return append(to, body...)
}

// flush writes until nothing waits, or another connection has taken the place of this one.
func (w *way) flush(conn *tls.Conn) {
	for {
		w.mu.Lock()
		frames := w.unsent
		if w.conn != conn {
			w.mu.Unlock()
			return
		}
		if len(frames) == 0 {
			w.writing = false
			w.mu.Unlock()
			return
		}
		w.unsent, w.spare = w.spare, nil
		w.mu.Unlock()

		_ = conn.SetWriteDeadline(time.Now().Add(writeTime))
		_, err := conn.Write(frames)
		w.mu.Lock()
		if cap(frames) <= keptBuffer {
			w.spare = frames[:0]
		}
		w.mu.Unlock()
		if err != nil {
			w.lose(conn)
		}
	}
}

// dial opens a connection beside, unless that has just failed. Lock held; false: not now.
func (w *way) dial() bool {
	if w.dialling {
		return true
	}
	if time.Now().Before(w.retry) {
		return false
	}
	w.dialling = true
	go func() { // Close does not wait for an answer of somebody else
		conn, err := w.connect()
		if err != nil || !w.open(conn) {
			w.lose(nil)
		}
	}()
	return true
}

// connect opens a connection and says by which address we are reached.
func (w *way) connect() (*tls.Conn, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTime}, Config: w.carrier.o.Client}
	conn, err := d.DialContext(w.carrier.context, "tcp", w.address)
	if err != nil {
		if w.carrier.o.Foreign != nil && isVerdict(err) {
			w.carrier.o.Foreign(w.address, err)
		}
		return nil, err
	}
	_ = conn.SetWriteDeadline(time.Now().Add(dialTime))
	if _, err = conn.Write(appendFrame(nil, Hello, []byte(w.carrier.o.Address))); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn.(*tls.Conn), nil
}

// isVerdict says that a connection was not opened because we refuse who is at the other end, and not because the network
// or the other end would not have it.
func isVerdict(err error) bool {
	var network *net.OpError
	return !errors.As(err, &network) && !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) &&
		!errors.Is(err, context.DeadlineExceeded)
}

// open takes the connection over and writes what waited for it. False: nobody wants it any more.
func (w *way) open(conn *tls.Conn) bool {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		_ = conn.Close()
		return false
	}
	w.conn, w.dialling, w.writing = conn, false, true
	w.mu.Unlock()
	if !w.carrier.run(func() { w.watch(conn) }) {
		_ = conn.Close()
		return false
	}
	w.carrier.o.Up(w.address)
	w.flush(conn)
	return true
}

// watch waits for the end of the connection: its reader says nothing else.
func (w *way) watch(conn *tls.Conn) {
	var one [1]byte
	_, _ = conn.Read(one[:])
	w.lose(conn)
}

// lose drops a connection that broke, or, for nil, one that could not be opened, with all that waits.
func (w *way) lose(conn *tls.Conn) {
	w.mu.Lock()
	if w.conn != conn || w.closed {
		w.mu.Unlock()
		return
	}
	w.conn, w.dialling, w.writing, w.unsent, w.retry = nil, false, false, nil, time.Now().Add(again)
	w.mu.Unlock()
	if conn != nil {
		_ = conn.NetConn().Close() // without a goodbye, for which it would wait
	}
	w.carrier.o.Down(w.address)
}

func (w *way) close() {
	w.mu.Lock()
	conn := w.conn
	w.closed, w.conn, w.unsent = true, nil, nil
	w.mu.Unlock()
	if conn != nil {
		_ = conn.NetConn().Close()
	}
}
