package rtp

import "net/netip"

// maxFailures is how many reads may fail in a row before a socket is given up.
const maxFailures = 1000

// Handler takes datagrams in. The octets are the callee's until it returns, to read and to write. It
// must not wait: the other ports of its network may be read by the same goroutine.
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

// Socket is a port as its network has bound it.
type Socket interface {
	Conn
	// Local is the address that it is bound to, its port given by the system where none was asked for.
	Local() netip.AddrPort
	// Widen asks the kernel to keep so many octets that have come and were not read yet; less only means that a burst may
	// be cut.
	Widen(octets int)
	// Gather lets the port take part in passes: what is sent during one leaves in batches, at its end at the latest. It is
	// for a port from which many peers are sent to. To be called once, before Serve. A failure of what was gathered is not
	// told.
	Gather(*Gathering)
}

// Network binds ports.
type Network interface {
	Listen(netip.AddrPort) (Socket, error)
	// Begin begins a pass of somebody who is about to send much. The readers of the network do so by themselves.
	Begin() Pass
	// Close frees what the ports share. All of them are closed before.
	Close() error
}

// NewNetwork is the cheapest network that the system has for many ports: one reader for all of them, whose passes are
// those of the gathering. Where the kernel refuses that, the error says why, and the network has a reader for each port.
func NewNetwork(g *Gathering) (Network, error) {
	loop, err := newLoop(g)
	if err != nil {
		return NewUDP(), err
	}
	return loop, nil
}
