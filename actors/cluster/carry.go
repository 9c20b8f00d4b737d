package cluster

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/carrier"
	"tandem/actors/guard"
	"tandem/actors/msg"
)

// Security is what members prove themselves with. Both ask for the certificate of the cluster's own CA.
type Security struct{ Server, Client *tls.Config }

// openCarrier listens for other members. Addresses of actors made before would be nobody's, so it comes first.
func (m *Member) openCarrier(address string, s Security) error {
	if s.Server == nil || s.Client == nil {
		return errors.New("cluster: members do not talk without certificates")
	}
	c, err := carrier.Listen(carrier.Options{Address: address, Server: s.Server, Client: s.Client,
		Take: m.onCarried, Up: m.onUp, Down: m.onDown, Stranger: m.onStranger,
		Foreign: m.onForeign})
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	registry := m.system.ProcessRegistry
	registry.SequenceID = rand.Uint64() >> 1 // names of earlier lives must not come again
	registry.Address = address
	registry.RegisterAddressResolver(m.resolve)
	m.carrier = c
	return nil
}

// onCarried takes a frame from another member, on the goroutine of its connection, which waits: so the order of the
// connection stays, and a slow receiver slows its sender. One that makes trouble costs nothing but itself.
func (m *Member) onCarried(from carrier.Peer, k carrier.Kind, body []byte) {
	guard.Run(m.log, "a frame from a member made its reader panic", func() {
		switch k {
		case carrier.Link:
			m.onFrame(from, body)
		case carrier.Beat:
			m.onBeat(from, &msg.Heartbeat{}, body)
		case carrier.Leave:
			m.onBeat(from, &msg.MemberLeaves{}, body)
		default:
			m.refuseFrame(from, "its kind is not known")
		}
	}, "member", from.Name)
}

// onFrame takes a frame of a tie.
func (m *Member) onFrame(from carrier.Peer, body []byte) {
	f := &msg.LinkFrame{}
	if err := proto.Unmarshal(body, f); err != nil {
		m.refuseFrame(from, err.Error())
		return
	}
	p := m.peers.boot(f.From)
	switch {
	case p == nil: // one that we do not know yet: it comes again
	case p.name != from.Name:
		m.refuseFrame(from, "it is said to be of "+p.name)
	default:
		p.take(f)
	}
}

// onBeat takes a sign of life, or a goodbye, that its own member says.
func (m *Member) onBeat(from carrier.Peer, b proto.Message, body []byte) {
	if err := proto.Unmarshal(body, b); err != nil {
		m.refuseFrame(from, err.Error())
		return
	}
	if name := speaker(b); name != from.Name {
		m.refuseFrame(from, fmt.Sprintf("it says that it is of %.64q", name))
		return
	}
	m.loop.tell(b)
}

// speaker is the member that says something of itself.
func speaker(b proto.Message) string {
	switch b := b.(type) {
	case *msg.Heartbeat:
		return b.GetMember().GetName()
	case *msg.MemberLeaves:
		return b.GetName()
	}
	return ""
}

// strangerLog limits the lines about connections and frames that are no member's.
var strangerLog = rateLimit{pause: 10 * time.Second}

func (m *Member) refuseFrame(from carrier.Peer, because string) {
	m.crossed.unknown.Add(1)
	if strangerLog.allow(time.Now()) {
		m.log.Warn("a frame from a member is dropped", "certificate", from.Name, "address", from.Address, "because", because)
	}
}

// onStranger tells an operator of those who have no certificate of this cluster: a member of another one, or one whose
// certificate or clock is wrong.
func (m *Member) onStranger(from net.Addr, err error) {
	m.crossed.strangers.Add(1)
	if strangerLog.allow(time.Now()) {
		m.log.Warn("a connection that is no member's was refused", "from", from.String(), "err", err)
	}
}

// foreignLog limits the lines about those whom we dial and who are no members.
var foreignLog = rateLimit{pause: 10 * time.Second}

// onForeign tells an operator that an address that was set, or that another member told, leads to another cluster.
func (m *Member) onForeign(address string, err error) {
	if foreignLog.allow(time.Now()) {
		m.log.Warn("an address is no member's of this cluster", "address", address, "err", err)
	}
}

// onUp and onDown hear of connections that we opened. They run on goroutines of the carrier and must not wait.
func (m *Member) onUp(address string) {
	if p := m.peers.at(address); p != nil {
		p.again()
	}
}

func (m *Member) onDown(address string) { m.loop.tell(broke{address}) }

// beat sends a sign of life past the ties.
func (m *Member) beat(address string, k carrier.Kind, message proto.Message) {
	body, err := proto.Marshal(message)
	if err != nil {
		m.log.Error("a sign of life can not be written", "err", err)
		return
	}
	m.carrier.Send(address, k, body)
}

// process takes messages on the goroutine that brings them: no mailbox, so that their order stays.
type process func(message any)

// SendUserMessage implements actor.Process.
func (f process) SendUserMessage(_ *actor.PID, message any) { f(actor.UnwrapEnvelopeMessage(message)) }

// SendSystemMessage implements actor.Process: there is nobody to watch.
func (f process) SendSystemMessage(pid *actor.PID, message any) {
	slog.Debug("system message to a process that is no actor", "to", pid.Id, "message", fmt.Sprintf("%T", message))
}

// Stop implements actor.Process.
func (f process) Stop(*actor.PID) {}
