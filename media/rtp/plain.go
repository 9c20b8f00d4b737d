package rtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// UDP is the Network of plain sockets with a reading goroutine for each: for systems that have no Loop.
type UDP struct {
	buffers sync.Pool
}

// NewUDP makes a network of plain sockets.
func NewUDP() *UDP {
	return &UDP{buffers: sync.Pool{New: func() any { return new([BufferSize]byte) }}}
}

// Close has nothing to free: each port is closed by itself.
func (u *UDP) Close() error { return nil }

// Listen binds the address.
func (u *UDP) Listen(local netip.AddrPort) (Socket, error) {
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

// Begin implements Network; a reader of one port has nothing to gather.
func (u *UDP) Begin() Pass { return nil }

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

func (c *udpConn) Local() netip.AddrPort {
	at := c.socket.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

func (c *udpConn) Widen(octets int) { _ = c.socket.SetReadBuffer(octets) }

// Gather implements Socket: each datagram leaves by itself.
func (c *udpConn) Gather(*Gathering) {}

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
