package carrier

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

// readBuffer is what is read at once, where there is as much.
const readBuffer = 32 << 10

// accept takes connections until the listener is closed.
func (c *Carrier) accept() {
	for {
		conn, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // too many files, for one
			select {
			case <-time.After(again):
				continue
			case <-c.context.Done():
				return
			}
		}
		select {
		case c.greets <- struct{}{}:
		default: // members come again
			_ = conn.Close()
			continue
		}
		if !c.keep(conn) || !c.run(func() { c.serve(conn) }) {
			<-c.greets
			c.drop(conn)
		}
	}
}

// keep notes a connection, so that Close finds it. False: there are as many as may be.
func (c *Carrier) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || len(c.taken) >= maxTaken {
		return false
	}
	c.taken[conn] = true
	return true
}

func (c *Carrier) drop(conn net.Conn) {
	_ = conn.Close()
	c.mu.Lock()
	delete(c.taken, conn)
	c.mu.Unlock()
}

// serve reads one connection to its end.
func (c *Carrier) serve(raw net.Conn) {
	defer c.drop(raw)
	_ = raw.SetDeadline(time.Now().Add(greetTime))
	conn := tls.Server(raw, c.o.Server)
	in := bufio.NewReaderSize(conn, readBuffer)
	peer, err := greet(conn, in)
	<-c.greets
	switch {
	case err == io.EOF: // a member looks whether anybody is there
		return
	case err != nil:
		c.o.Stranger(raw.RemoteAddr(), err)
		return
	}
	_ = raw.SetDeadline(time.Time{})
	var buffer []byte
	for {
		var kind Kind
		kind, buffer, err = readFrame(in, buffer, MaxFrame)
		if err != nil {
			if errors.Is(err, ErrLarge) {
				c.o.Stranger(raw.RemoteAddr(), err)
			}
			return
		}
		c.o.Take(peer, kind, buffer)
		if cap(buffer) > keptBuffer {
			buffer = nil
		}
	}
}

// greet reads who has connected.
func greet(conn *tls.Conn, in *bufio.Reader) (Peer, error) {
	if err := conn.Handshake(); err != nil {
		return Peer{}, err
	}
	name := certificateName(conn.ConnectionState())
	kind, address, err := readFrame(in, nil, maxHello)
	switch {
	case err != nil:
		return Peer{}, err
	case kind != Hello || name == "":
		return Peer{}, ErrHello
	}
	return Peer{Name: name, Address: string(address)}, nil
}

// certificateName is the name in the certificate at the other end.
func certificateName(s tls.ConnectionState) string {
	if len(s.PeerCertificates) == 0 || len(s.PeerCertificates[0].DNSNames) == 0 {
		return ""
	}
	return s.PeerCertificates[0].DNSNames[0]
}

// readFrame reads a frame into the buffer, or into a larger one. A body grows with what comes, so that a length that
// lies takes no memory.
func readFrame(in *bufio.Reader, buffer []byte, limit int) (Kind, []byte, error) {
	head, err := in.Peek(headerSize)
	if err != nil {
		return 0, buffer, err
	}
	size, kind := int(binary.BigEndian.Uint32(head)), Kind(head[4])
	if size > limit {
		return 0, buffer, ErrLarge
	}
	_, _ = in.Discard(headerSize)
	for buffer = buffer[:0]; len(buffer) < size; {
		from := len(buffer)
		buffer = append(buffer, make([]byte, min(size-from, max(readBuffer, from)))...)
		if _, err := io.ReadFull(in, buffer[from:]); err != nil {
			return 0, buffer, err
		}
	}
	return kind, buffer, nil
}
