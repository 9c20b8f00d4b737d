package media

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"tandem/conf"
	"tandem/media/rtp"
	"tandem/media/webrtc"
)

// Errors of Open.
var (
	// ErrNoPorts tells that all RTP ports are in use or in quarantine.
	ErrNoPorts = rtp.ErrNoPorts
	// ErrExists tells that there is a stream of that name.
	ErrExists = errors.New("media: a stream of that name is open")
)

// Engine owns the ports, the shards and everything that lives on them.
type Engine struct {
	conf     conf.Media
	log      *slog.Logger
	ports    *rtp.Pools
	identity *webrtc.Identity // that all streams show
	webrtc   []*webrtc.Port   // one for each local address; not changed after ListenWebRTC
	shards   []*shard
	seed     maphash.Seed
	doors    doors
	leaving  rtp.Gathering // of the ports of browsers

	reportEvery time.Duration // tests want it shorter

	// topology guards who is joined with whom. It is taken by what signalling asks for, never per
	// packet or frame, and before any other lock.
	topology sync.Mutex

	mu        sync.Mutex
	closed    bool
	streams   map[string]*Stream
	mixers    map[string]*Mixer
	recorders map[*Recorder]struct{}
	gone      Snapshot // what streams that were closed had counted
}

// New starts an engine: its shards run until Close.
func New(c conf.Media, log *slog.Logger) (*Engine, error) {
	var bound []netip.Addr
	for _, bind := range c.Bind {
		at, err := netip.ParseAddr(bind)
		if err != nil {
			return nil, fmt.Errorf("media: bind address: %w", err)
		}
		bound = append(bound, at)
	}
	ports, err := rtp.NewPools(c.PortMin, c.PortMax, c.Quarantine, bound...)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	identity, err := webrtc.NewIdentity()
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	e := &Engine{
		identity: identity,
		conf:     c, log: log, ports: ports, seed: maphash.MakeSeed(),
		reportEvery: reportEvery,
		streams:     map[string]*Stream{}, mixers: map[string]*Mixer{},
		recorders: map[*Recorder]struct{}{},
	}
	count := c.Shards
	if count <= 0 {
		count = runtime.GOMAXPROCS(0)
	}
	for range count {
		network, err := rtp.NewNetwork(&e.leaving)
		if err != nil {
			log.Warn("each RTP port is read by itself", "err", err)
		}
		e.shards = append(e.shards, newShard(network))
	}
	return e, nil
}

// Open binds a pair of ports and starts a stream on them. It sends nothing and believes nobody
// until Apply; what it sends then, unless told otherwise, is silence.
func (e *Engine) Open(o Options) (*Stream, error) {
	local, err := e.local(o.Local)
	if err != nil {
		return nil, err
	}
	s := &Stream{
		id: o.ID, engine: e, local: local, onEvent: o.OnEvent,
		shard: e.shardOf(cmp.Or(o.Call, o.ID)), cname: "tandem@" + local.String(),
	}
	if o.WebRTC {
		err = e.join(s)
	} else {
		err = e.bind(s, o.Urgent)
	}
	if err != nil {
		return nil, err
	}
	now := time.Now()
	s.sender = newSender(s.conn, now)
	s.sender.doors = &e.doors
	s.sender.placed = o.WebRTC
	s.receiver = newReceiver(e.conf.Symmetric && !o.Fixed, o.Peer.Unmap(), now)
	s.receiver.latch.Proven = o.WebRTC
	s.ear = newEar(&e.conf, s.rouse)
	s.feed.Store(&feed{paced: true})
	s.turn = s.shard.add(s)
	if err := e.publish(s); err != nil {
		s.release()
		return nil, err
	}
	s.conn.Serve(s.receive)
	if s.control != s.conn {
		s.control.Serve(s.receiveControl)
	}
	return s, nil
}

// publish makes the stream known by its name.
func (e *Engine) publish(s *Stream) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	if _, taken := e.streams[s.id]; taken {
		return fmt.Errorf("%w: %s", ErrExists, s.id)
	}
	e.streams[s.id] = s
	return nil
}

func (e *Engine) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// forget is the end of a stream that was published. Its counts stay with the engine.
func (e *Engine) forget(s *Stream) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.streams, s.id)
	s.count(&e.gone)
}

// local chooses the address to bind.
func (e *Engine) local(wanted netip.Addr) (netip.Addr, error) {
	if wanted.IsValid() {
		return wanted, nil
	}
	if len(e.conf.Bind) == 0 {
		return netip.Addr{}, errors.New("media: no local address: neither Options.Local nor media.bind names one")
	}
	return netip.ParseAddr(e.conf.Bind[0])
}

// Roomiest is that of some local addresses which has the most free ports for a call, urgent or not, the first of several.
func (e *Engine) Roomiest(urgent bool, among []netip.Addr) netip.Addr {
	return e.ports.Roomiest(time.Now(), urgent, among)
}

func (e *Engine) shardOf(name string) *shard {
	return e.shards[maphash.String(e.seed, name)%uint64(len(e.shards))]
}

// bind takes ports until a pair can be bound. A pair that somebody else holds rests like a used one
// and is tried again later.
func (e *Engine) bind(s *Stream, urgent bool) error {
	ports := e.ports.At(s.local)
	for tries := 1; ; tries++ {
		port, err := ports.Take(urgent, time.Now())
		if err != nil {
			return fmt.Errorf("media: open %s: %w", s.id, err)
		}
		var conn, control rtp.Conn
		if conn, err = s.shard.network.Listen(netip.AddrPortFrom(s.local, uint16(port))); err == nil {
			control, err = s.shard.network.Listen(netip.AddrPortFrom(s.local, uint16(port+1)))
			if err == nil {
				s.port, s.conn, s.control = port, s.encryption.guard.Before(conn), s.encryption.guard.Beside(control)
				s.encryption.plain = conn
				return nil
			}
			_ = conn.Close() // the other error says more
		}
		ports.Give(port, time.Now())
		if !errors.Is(err, syscall.EADDRINUSE) || tries == maxBinds {
			return fmt.Errorf("media: open %s: %w", s.id, err)
		}
	}
}

// Mixer returns the mixer of that name, made now if there is none. The rate, 8000 or 16000, is that
// of the one who comes first. A mixer lives from its first party or voice to its last.
func (e *Engine) Mixer(name string, rate int) *Mixer {
	e.mu.Lock()
	defer e.mu.Unlock()
	if m, ok := e.mixers[name]; ok {
		return m
	}
	return newMixer(e, name, rate)
}

// Snapshot counts what there is and what there was.
func (e *Engine) Snapshot() Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.gone
	for _, s := range e.streams {
		s.count(&all)
	}
	all.Streams, all.Mixers, all.Recordings = len(e.streams), len(e.mixers), len(e.recorders)
	all.PortsFree, all.PortsInUse, all.PortsQuarantined = e.ports.Count(time.Now())
	for _, s := range e.shards {
		all.Relayed += s.relayed.Load()
		all.LateTicks += s.late.Load()
		all.EventsDropped += s.lost.Load()
	}
	return all
}

// Close closes every stream and recording and returns when all goroutines have ended.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	streams := slices.Collect(maps.Values(e.streams))
	recorders := slices.Collect(maps.Keys(e.recorders))
	e.mu.Unlock()
	for _, s := range streams {
		s.Close()
	}
	var failed error
	for _, r := range recorders {
		failed = errors.Join(failed, r.Close())
	}
	for _, p := range e.webrtc {
		failed = errors.Join(failed, p.Close())
	}
	for _, s := range e.shards {
		failed = errors.Join(failed, s.close())
	}
	return failed
}

// Find returns the open stream of that name.
func (e *Engine) Find(id string) (*Stream, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.streams[id]
	return s, ok
}
