package cluster

import "tandem/actors/cluster/link"

// Traffic is what a member counted of its talk with others since its start.
type Traffic struct {
	Sent       uint64 // messages to actors of others
	Received   uint64
	Nobody     uint64 // not sent: no such member, or it is dead
	Unfit      uint64 // not sent: no message that can travel, or too large
	Unknown    uint64 // that came and were not understood
	Overflowed uint64 // ties broken because too much waited
	Placed     uint64 // actors that other members have made for this one
	Homeless   uint64 // actors that nobody wanted to make
	Ties       []TieTraffic
}

// TieTraffic is what the tie to one life of a member counted.
type TieTraffic struct {
	Member   string
	Waiting  int // messages that are not acknowledged
	Bytes    int // of them
	Resent   uint64
	Repeated uint64 // that came once more
	Dropped  uint64 // when the tie was broken
}

// Traffic is what was counted until now; nothing of a member that is alone.
func (m *Member) Traffic() Traffic {
	c := &m.crossed
	t := Traffic{Sent: c.sent.Load(), Received: c.received.Load(), Nobody: c.nobody.Load(), Unfit: c.notOurs.Load(),
		Unknown: c.unknown.Load(), Overflowed: c.overflowed.Load(), Placed: m.placed.Load(), Homeless: m.homeless.Load()}
	for _, p := range m.peers.all() {
		n := p.counts()
		t.Ties = append(t.Ties, TieTraffic{p.name, n.Waiting, n.Bytes, n.Resent, n.Repeated, n.Dropped})
	}
	return t
}

func (p *peer) counts() link.Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tie.Counts()
}
