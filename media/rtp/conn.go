package rtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// maxFailures is how many reads may fail in a row before a socket is given up.
const maxFailures = 1000

// Handler takes datagrams in. The octets are the callee's until it returns, to read and to write.
type Handler func(datagram []byte, from netip.AddrPort)

// Conn is one bound UDP port. How datagrams get from the kernel to the handler is its own matter:
// a goroutine per port, or one reader for many.
type Conn interface {
	// Serve begins to deliver; one datagram at a time. To be called once.
	Serve(Handler)
	// Send sends one datagram. It does not keep the octets.
	Send(datagram []byte, to netip.AddrPort) error
	// Close frees the port and returns when the handler will not be called any more. It must not
	// be called by the handler.
	Close() error
}

// Network binds ports.
type Network interface {
	Listen(netip.AddrPort) (Conn, error)
}

// UDP is the Network of plain sockets with a reading goroutine for each.
type UDP struct {
	buffers sync.Pool
}

// NewUDP makes a network of plain sockets.
func NewUDP() *UDP {
	return &UDP{buffers: sync.Pool{New: func() any { return new([BufferSize]byte) }}}
}

// Listen binds the address, which must have a port.
func (u *UDP) Listen(local netip.AddrPort) (Conn, error) {
	family := "udp6"
	if local.Addr().Unmap().Is4() {
		family = "udp4"
	}
	socket, err := net.ListenUDP(family, net.UDPAddrFromAddrPort(local))
	if err != nil {
		return nil, fmt.Errorf("rtp: bind %s: %w", local, err)
	}
	return &udpConn{network: u, socket: socket, done: make(chan struct{})}, nil
}

type udpConn struct {
	network *UDP
	socket  *net.UDPConn
	serving sync.Once
	done    chan struct{}
}

func (c *udpConn) Serve(handle Handler) {
	c.serving.Do(func() { go c.read(handle) })
}

func (c *udpConn) read(handle Handler) {
	defer close(c.done)
	buffer := c.network.buffers.Get().(*[BufferSize]byte)
	defer c.network.buffers.Put(buffer)
	for failures := 0; failures < maxFailures; {
		n, from, err := c.socket.ReadFromUDPAddrPort(buffer[:])
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// The kernel may report the fate of an earlier send here; that is no end.
			failures++
			continue
		}
		failures = 0
		handle(buffer[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()))
	}
}

func (c *udpConn) Send(datagram []byte, to netip.AddrPort) error {
	_, err := c.socket.WriteToUDPAddrPort(datagram, to)
	return err
}

func (c *udpConn) Close() error {
	err := c.socket.Close()
	// A conn that never served has no reader to wait for.
	c.serving.Do(func() { close(c.done) })
	<-c.done
	return err
}
