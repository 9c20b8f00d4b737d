package exchange

import (
	"context"
	"net"
	"time"

	"tandem/ximss/ami"
)

// line is a connection to a server. Whoever reads it waits until what it has read was taken, and so does the server: what
// is not taken is kept in no buffer of ours but the connection's.
type line struct {
	conn   net.Conn
	unsent chan ami.Packet
	ended  context.Context
	end    context.CancelFunc
}

// dial connects, and reads the greeting.
func dial(address string) (*line, *ami.Reader, error) {
	conn, err := (&net.Dialer{Timeout: dialTime}).Dial("tcp", address)
	if err != nil {
		return nil, nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(dialTime))
	in := ami.NewReader(conn)
	if _, err := in.Greeting(); err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	_ = conn.SetReadDeadline(time.Time{}) // the machine knows how long silence may last
	l := &line{conn: conn, unsent: make(chan ami.Packet, maxUnsent)}
	l.ended, l.end = context.WithCancel(context.Background())
	go l.write()
	return l, in, nil
}

// close ends the connection.
func (l *line) close() {
	l.end()
	_ = l.conn.Close()
}

// put has an action sent. A server for which too many wait is given up.
func (l *line) put(p ami.Packet) {
	select {
	case l.unsent <- p:
	default:
		l.close()
	}
}

func (l *line) write() {
	for {
		select {
		case p := <-l.unsent:
			_ = l.conn.SetWriteDeadline(time.Now().Add(writeTime))
			if _, err := l.conn.Write(p.Append(nil)); err != nil {
				l.close()
				return
			}
		case <-l.ended.Done():
			return
		}
	}
}

// read hands on what the server says, as much as is there at once, until the connection ends.
func (l *line) read(in *ami.Reader, hand func([]ami.Packet) (taken <-chan struct{})) error {
	for {
		p, err := in.Next()
		batch := []ami.Packet{p}
		for err == nil && len(batch) < maxBatch && in.Ready() {
			if p, err = in.Next(); err == nil {
				batch = append(batch, p)
			}
		}
		if err == nil || len(batch[0]) > 0 {
			select {
			case <-hand(batch):
			case <-l.ended.Done():
				return net.ErrClosed
			}
		}
		if err != nil {
			return err
		}
	}
}
