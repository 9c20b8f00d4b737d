package txn

import (
	"net/netip"
	"sync"

	"tandem/signal"
)

// path is a flow in half the space: what many flows have in common is kept once.
type path struct {
	near   *near
	remote netip.AddrPort
	conn   uint64
}

// near is our end of a flow. The local port of a connection, which is another one for each that we
// open, is left out: the connection's number says which one it is.
type near struct {
	edge, transport string
	local           netip.AddrPort
}

// nears are the known ends of ours: as many as we have addresses and transports.
type nears struct {
	mu    sync.RWMutex
	known map[near]*near
}

// maxNears bounds the table, should a socket be bound to all addresses of a large network.
const maxNears = 1024

func (n *nears) path(f signal.Flow) path {
	end := near{edge: f.Edge, transport: f.Transport, local: f.Local}
	if f.Conn != 0 {
		end.local = netip.AddrPortFrom(f.Local.Addr(), 0)
	}
	n.mu.RLock()
	p := n.known[end]
	n.mu.RUnlock()
	if p == nil {
		p = n.learn(end)
	}
	return path{near: p, remote: f.Remote, conn: f.Conn}
}

func (n *nears) learn(end near) *near {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) < maxNears {
		n.known[end] = &end
	}
	return &end
}

// flow is the path as a flow to send over.
func (p path) flow() signal.Flow {
	return signal.Flow{Edge: p.near.edge, Transport: p.near.transport, Local: p.near.local,
		Remote: p.remote, Conn: p.conn}
}

// line is the connection that the path uses.
func (p path) line() line { return line{p.near.edge, p.conn} }

// from reports whether a message that came over f came from where the path leads: over the same
// connection, or as a datagram from the same address, whichever member it came to. The port may be another one: some phones listen
// on one and send from another. RFC 3261 section 17.1.3 asks for less, the branch alone.
func (p path) from(f signal.Flow) bool {
	return p.remote.Addr() == f.Remote.Addr() && p.near.transport == f.Transport && p.conn == f.Conn &&
		(p.conn == 0 || p.near.edge == f.Edge)
}

// moves reports whether a request that comes again by the way now, of the same peer, shows that this is the one that is open: the
// one by which it came first may be dead. That is another connection, or a datagram that comes to another member.
func (p path) moves(now path) bool {
	if p.conn == 0 || now.conn == 0 {
		return p.conn == now.conn && p.remote == now.remote && p.near.edge != now.near.edge
	}
	return p.remote.Addr() == now.remote.Addr() && p.near.transport == now.near.transport && p.line() != now.line()
}
