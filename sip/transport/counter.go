package transport

import "sync/atomic"

// counters count what the transports saw since they were made.
type counters struct {
	limited, keepalives, foreign, broken  atomic.Uint64
	refused, slow, readErrors, sendErrors atomic.Uint64
}

// Counters is a snapshot of what the transports saw.
type Counters struct {
	Connections int    // stream and WebSocket connections now
	Limited     uint64 // datagrams dropped and stream messages delayed by the rate of their source
	Keepalives  uint64 // pings, of line ends or by STUN
	Foreign     uint64 // datagrams that are not SIP: STUN of strangers, garbage
	Broken      uint64 // streams that were ended for a framing fault
	Refused     uint64 // connections beyond a cap
	Slow        uint64 // connections ended because the peer did not read
	ReadErrors  uint64 // errors of reading a socket, other than the end
	SendErrors  uint64 // messages that could not be handed to the network
}

// Counters returns the present counts.
func (s *Set) Counters() Counters {
	c := &s.count
	return Counters{
		Connections: s.conns.len(),
		Limited:     c.limited.Load(), Keepalives: c.keepalives.Load(), Foreign: c.foreign.Load(),
		Broken: c.broken.Load(), Refused: c.refused.Load(), Slow: c.slow.Load(),
		ReadErrors: c.readErrors.Load(), SendErrors: c.sendErrors.Load(),
	}
}
