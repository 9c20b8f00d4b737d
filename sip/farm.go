package sip

import (
	"bytes"
	"sync/atomic"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/farm"
	"tandem/sip/transport"
	"tandem/sip/txn"
)

// Relay carries packets to the servers of other members. It is the server's way out, as Inject is its way in.
type Relay interface {
	// Relay passes a packet on to the named member and returns at once. False: it is refused, and lost.
	Relay(member string, p farm.Packet) bool
}

// farmPart is what a server has to do with those of other members.
type farmPart struct {
	relay Relay  // nil: there are none
	mark  string // in the branches of our own requests
	view  atomic.Pointer[farm.View]
	ways  atomic.Pointer[farm.Ways] // nil until the first view that is not idle
	lines farmLines
	faces faces
}

// Join makes the server one of several: its requests carry the member's boot tag, and it reaches the others
// through relay. Before Listen. What it passes on is for SetFarm to say.
func (s *Server) Join(boot uint32, relay Relay) { s.farm.mark, s.farm.relay = farm.Mark(boot), relay }

// SetFarm takes a new view of the farm, good from the next packet on; nil is that of a member that is alone. An
// INVITE that came over a connection of a member that is gone is given up, as if its sender had cancelled it.
func (s *Server) SetFarm(v *farm.View) {
	if !v.Idle() && s.farm.ways.Load() == nil {
		s.farm.ways.CompareAndSwap(nil, farm.NewWays())
	}
	for _, member := range v.Gone(s.farm.view.Swap(v)) {
		s.txns.LostAll(member)
	}
}

// Farm is the view in force, nil when there is none.
func (s *Server) Farm() *farm.View { return s.farm.view.Load() }

// elsewhere passes a packet on when another member is to process it. False: it is ours.
func (s *Server) elsewhere(flow signal.Flow, data []byte) bool {
	v := s.farm.view.Load()
	if v.Idle() || s.farm.relay == nil || len(data) > s.conf.MaxMessage {
		return false
	}
	f, ok := farm.Read(data)
	if !ok {
		return false
	}
	key, unique := wireKey(&f)
	if unique && s.txns.Server(key) != nil {
		return false
	}
	member, boot, relay := s.wayOf(v, &f, key, unique)
	if !relay {
		return false
	}
	s.wire("relayed", flow, data)
	host, port := s.sentBy(flow)
	p := farm.Packet{Kind: farm.Received, Flow: flow, Data: bytes.Clone(data), Host: host, Port: port,
		Order: farm.OrderOf(flow, f.CallID)}
	if !s.pass(member, p) {
		s.lost(flow, data, &f)
		return true
	}
	if unique && begins(f.Method) {
		s.farm.ways.Load().Note(key, boot)
	}
	if flow.Conn != 0 && s.farm.lines.add(flow.Conn, member) && !s.transports.Holds(flow) {
		s.hungUp(flow) // it went just now
	}
	return true
}

// wireKey is the key of the server transaction of a request; an ACK and a CANCEL belong to that of the INVITE.
func wireKey(f *farm.Facts) (key txn.Key, unique bool) {
	if f.Response {
		return txn.Key{}, false
	}
	method := string(f.Method)
	if !begins(f.Method) {
		method = string(sip.INVITE)
	}
	return txn.WireKey(f.Branch, f.SentBy.Host, f.SentBy.Port, method)
}

// begins reports a method that has a transaction of its own.
func begins(method []byte) bool {
	return string(method) != string(sip.ACK) && string(method) != string(sip.CANCEL)
}

// wayOf says where a packet goes: where the first of its transaction went, or as the view has it.
func (s *Server) wayOf(v *farm.View, f *farm.Facts, key txn.Key, unique bool) (member string, boot uint32, relay bool) {
	if unique {
		if boot, known := s.farm.ways.Load().Find(key); known {
			if member, ok := v.To(boot); ok {
				return member, boot, true
			}
		}
	}
	return v.Target(f)
}

// pass hands a packet to the relay and counts.
func (s *Server) pass(member string, p farm.Packet) bool {
	if !s.farm.relay.Relay(member, p) {
		s.count.refused.add(member)
		return false
	}
	s.count.relayed.add(member)
	return true
}

// lost is told of a packet that a member did not take. A datagram comes again, and by then the farm may be
// another one; by a connection nothing is repeated, so a request must have an answer.
func (s *Server) lost(flow signal.Flow, data []byte, f *farm.Facts) {
	s.log.Debug("packet not relayed", "transport", flow.Transport, "peer", flow.Remote)
	if f.Response || !transport.Reliable(flow.Transport) {
		return
	}
	m, fault := s.guard.Parse(data)
	if req, ok := m.(*sip.Request); ok && fault == nil && req.Method != sip.ACK {
		s.overloaded(stampVia(req, flow), asked{req, len(data)}, txn.ErrFull)
	}
}

// hungUp tells the members that work on what came over a connection that it is gone.
func (s *Server) hungUp(flow signal.Flow) {
	for _, member := range s.farm.lines.take(flow.Conn) {
		s.pass(member, farm.Packet{Kind: farm.Closed, Flow: flow, Order: farm.OrderOf(flow, nil)})
	}
}

// sendElsewhere has the member that holds a flow send over it.
func (s *Server) sendElsewhere(flow signal.Flow, data []byte) error {
	if s.farm.relay == nil {
		return errForeign
	}
	s.wire("relayed", flow, data)
	if !s.pass(flow.Edge, farm.Packet{Kind: farm.ToSend, Flow: flow, Data: data, Order: farm.OrderOf(flow, nil)}) {
		return errForeign
	}
	return nil
}

// Inject takes a packet that another member passes on. It is never passed on again: whatever this member
// thinks of the farm, there are no loops. Nor does it count for the rate of its source, which was judged where
// it came in. Packets that belong to nobody here are dropped and counted.
func (s *Server) Inject(p farm.Packet) {
	ours := p.Flow.Edge == s.member
	if p.Flow.Edge == "" || ours != (p.Kind == farm.ToSend) || len(p.Data) > max(maxPacket, s.conf.MaxMessage) {
		s.count.faults.add("relay")
		return
	}
	switch p.Kind {
	case farm.Received:
		s.count.taken.add(p.Flow.Edge)
		s.farm.faces.learn(p.Flow, face{p.Host, p.Port})
		s.process(p.Flow, p.Data)
	case farm.ToSend:
		if err := s.sendBytes(p.Flow, p.Data); err != nil {
			s.unsent(p.Flow, err)
		}
	case farm.Closed:
		s.txns.Lost(p.Flow.Edge, p.Flow.Conn)
	}
}

// maxPacket is the largest packet that is taken from another member, where the settings have no larger one.
const maxPacket = 65535
