package sip

import (
	"net/netip"
	"slices"
	"sync"

	"tandem/signal"
)

// farmLines knows which members got something that came over a connection of ours.
type farmLines struct {
	mu    sync.Mutex
	known map[uint64][]string // by the connection's number
}

// add notes a member; true when it is new.
func (l *farmLines) add(conn uint64, member string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.known[conn], member) {
		return false
	}
	if l.known == nil {
		l.known = map[uint64][]string{}
	}
	l.known[conn] = append(l.known[conn], member)
	return true
}

func (l *farmLines) take(conn uint64) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	members := l.known[conn]
	delete(l.known, conn)
	return members
}

// face is how the peers of a member's flows reach it: what a Contact names.
type face struct {
	host string
	port int
}

// faces are those of other members, as many as they have addresses and transports.
type faces struct {
	mu    sync.RWMutex
	known map[signal.Flow]face
}

// maxFaces bounds them, should a member have all addresses of a large network.
const maxFaces = 4096

// faceOf leaves of a flow what its face depends on: of a connection that the member opened, not the port.
func faceOf(f signal.Flow) signal.Flow {
	near := signal.Flow{Edge: f.Edge, Transport: f.Transport, Local: f.Local}
	if f.Conn != 0 {
		near.Local = netip.AddrPortFrom(f.Local.Addr(), 0)
	}
	return near
}

func (f *faces) learn(flow signal.Flow, now face) {
	key := faceOf(flow)
	if known, ok := f.of(flow); ok && known == now {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[signal.Flow]face{}
	}
	if _, known := f.known[key]; known || len(f.known) < maxFaces {
		f.known[key] = now
	}
}

func (f *faces) of(flow signal.Flow) (face, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	known, ok := f.known[faceOf(flow)]
	return known, ok
}
