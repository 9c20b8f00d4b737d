package webrtc

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"tandem/media/rtp"
)

// ErrClosed tells that the port or the peer is closed.
var ErrClosed = errors.New("webrtc: closed")

// Port is one UDP port for all peers. A datagram is a peer's by the fragment that its check names, or by the address
// that such a check came from.
type Port struct {
	network  rtp.Network // of the one socket
	socket   rtp.Socket
	identity *Identity
	// dawn is Consent before the port was opened: signs of life are counted from here by the steady clock, so that one at 0 is
	// none. Were it the wall's, all peers would be lost when that is set forward.
	dawn time.Time

	mu     sync.RWMutex // a leaf: taken with the lock of a peer held, never the other way round
	closed bool
	peers  map[*Peer]struct{}
	names  map[string]*Peer // by our fragment
	owners map[netip.AddrPort]*Peer

	stop  chan struct{}
	ended sync.WaitGroup
}

// Listen binds the port; 0 is any. It reads until Close. In the passes of the gathering it sends in batches.
func Listen(local netip.AddrPort, identity *Identity, g *rtp.Gathering) (*Port, error) {
	network, _ := rtp.NewNetwork(g) // the lesser one will do, too
	socket, err := network.Listen(local)
	if err != nil {
		_ = network.Close() // the other error says more
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	socket.Widen(readBuffer)
	socket.Gather(g)
	p := &Port{
		network: network, socket: socket, identity: identity, dawn: time.Now().Add(-Consent), stop: make(chan struct{}), peers: map[*Peer]struct{}{},
		names: map[string]*Peer{}, owners: map[netip.AddrPort]*Peer{},
	}
	answer := make([]byte, 0, maxAnswer)
	socket.Serve(func(datagram []byte, from netip.AddrPort) { p.take(datagram, from, answer) })
	p.ended.Go(p.watch)
	return p, nil
}

// Local is the address that the port is bound to.
func (p *Port) Local() netip.AddrPort { return p.socket.Local() }

// Fingerprint is the value of a=fingerprint for all peers of the port.
func (p *Port) Fingerprint() string { return p.identity.Fingerprint }

// Open makes a peer, which nobody can reach before Agree. told is called from goroutines of the port with what becomes
// of it, and must not block.
func (p *Port) Open(told func(Event)) (*Peer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	peer := &Peer{port: p, told: told}
	p.peers[peer] = struct{}{}
	return peer, nil
}

// Count is how many peers are open.
func (p *Port) Count() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.peers)
}

// Close closes all peers and the port, and returns when its goroutines have ended.
func (p *Port) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	close(p.stop)
	err := p.socket.Close()
	for _, peer := range p.all() {
		_ = peer.Close() // never fails
	}
	p.ended.Wait()
	return errors.Join(err, p.network.Close())
}

func (p *Port) all() []*Peer {
	p.mu.RLock()
	defer p.mu.RUnlock()
	out := make([]*Peer, 0, len(p.peers))
	for peer := range p.peers {
		out = append(out, peer)
	}
	return out
}

// take is the way of one datagram. answer is room for one.
func (p *Port) take(datagram []byte, from netip.AddrPort, answer []byte) {
	switch carrierOf(datagram) {
	case checking:
		if c, err := parseCheck(datagram); err == nil {
			if peer := p.named(c.local); peer != nil {
				peer.check(c, datagram, from, answer)
			}
		}
	case handshaking:
		if peer := p.owner(from); peer != nil {
			peer.hello(datagram, from)
		}
	case audio:
		if peer := p.owner(from); peer != nil {
			peer.hear(datagram, from)
		}
	}
}

func (p *Port) named(fragment []byte) *Peer {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.names[string(fragment)]
}

func (p *Port) owner(address netip.AddrPort) *Peer {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.owners[address]
}

// claim makes an address a peer's. false: it is that of another one that lives.
func (p *Port) claim(address netip.AddrPort, peer *Peer, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.owners[address]; other != nil && other != peer && other.lives(now) {
		return false
	}
	p.owners[address] = peer
	return true
}

func (p *Port) disclaim(peer *Peer, addresses ...netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range addresses {
		if p.owners[a] == peer {
			delete(p.owners, a)
		}
	}
}

func (p *Port) name(fragment string, peer *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names[fragment] = peer
}

func (p *Port) unname(fragment string, peer *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.names[fragment] == peer {
		delete(p.names, fragment)
	}
}

func (p *Port) forget(peer *Peer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.peers, peer)
}

// watch looks after the peers until the port is closed.
func (p *Port) watch() {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case now := <-ticker.C:
			for _, peer := range p.all() {
				peer.watch(now)
			}
		}
	}
}
