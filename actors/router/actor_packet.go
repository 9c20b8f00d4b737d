package router

import (
	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/sip/farm"
)

// Remote finds an edge actor of another member by its serial number, 1 to Edges; nil when there is no such
// member, or it does not live.
type Remote func(member string, serial uint64) *actor.PID

// alone is the Remote of a member without others.
func alone(string, uint64) *actor.PID { return nil }

// SetRemote says how the edge actors of other members are found. Before the first request.
func (in *Ingress) SetRemote(r Remote) { in.remote, in.others = r, true }

// Packets is a signal.Edge that takes what other members pass on to it.
type Packets interface{ Inject(p farm.Packet) }

// Relay passes a packet on to the edge of another member, in the order that the packet asks for. False: there is
// no such member, or it has too much to do.
func (in *Ingress) Relay(member string, p farm.Packet) bool {
	pid := in.remote(member, 1+p.Order%Edges)
	return pid != nil && in.member.Offer(pid, toMessage(p)) == nil
}

var ways = map[farm.Kind]msg.PacketWay{farm.Received: msg.PacketWay_RECEIVED, farm.ToSend: msg.PacketWay_TO_SEND,
	farm.Closed: msg.PacketWay_CLOSED}

func toMessage(p farm.Packet) *msg.SignalPacket {
	return &msg.SignalPacket{Way: ways[p.Kind], Data: p.Data, Flow: msg.FromFlow(p.Flow), Host: p.Host, Port: uint32(p.Port)}
}

func fromMessage(m *msg.SignalPacket) farm.Packet {
	p := farm.Packet{Kind: farm.Received, Data: m.Data, Flow: m.Flow.Signal(), Host: m.Host, Port: int(m.Port)}
	switch m.Way {
	case msg.PacketWay_TO_SEND:
		p.Kind = farm.ToSend
	case msg.PacketWay_CLOSED:
		p.Kind = farm.Closed
	}
	return p
}
