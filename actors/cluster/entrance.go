package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	peerOf "google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"tandem/actors/guard"
)

// The carrier believes whoever connects. What stands here does not: it says who may, and what they may bring.

// strangerLog limits the lines about connections and messages that are no member's.
var strangerLog = rateLimit{pause: 10 * time.Second}

// watchedTLS is the TLS of the listener. It tells of those who have no certificate of this cluster, so that an operator
// sees a member of another one, or one whose certificate or clock is wrong.
type watchedTLS struct {
	credentials.TransportCredentials
	member *Member
}

// ServerHandshake implements credentials.TransportCredentials.
func (w *watchedTLS) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		w.member.crossed.strangers.Add(1)
		if strangerLog.allow(time.Now()) {
			w.member.log.Warn("a connection that is no member's was refused", "from", raw.RemoteAddr().String(), "err", err)
		}
	}
	return conn, info, err
}

// Clone implements credentials.TransportCredentials.
func (w *watchedTLS) Clone() credentials.TransportCredentials {
	return &watchedTLS{w.TransportCredentials.Clone(), w.member}
}

// refuseCall answers what is asked beside the stream of messages: the carrier has not made those questions, and
// panics at them.
func refuseCall(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
	return nil, status.Error(codes.Unimplemented, "cluster: members speak by messages alone")
}

// sift drops from a batch what is not for this member's links and signs of life. All else would pass by the ties: an
// actor would get messages out of their order, or be stopped. By whatever name the sender calls this member, it is
// meant: the carrier would send on, to itself for ever, what is addressed to another name.
func (m *Member) sift(b *remote.MessageBatch) {
	if b == nil {
		return
	}
	for i, to := range b.Targets {
		b.Targets[i] = &actor.PID{Address: m.system.Address(), Id: to.GetId()}
	}
	kept := b.Envelopes[:0]
	for _, e := range b.Envelopes {
		if id := targetOf(b, e); id != linkProcess && id != beatProcess {
			m.crossed.unknown.Add(1)
			if strangerLog.allow(time.Now()) {
				m.log.Warn("a message past the ties between members was dropped", "to", fmt.Sprintf("%.64q", id))
			}
			continue
		}
		e.Sender, e.MessageHeader = 0, nil // nobody is answered past the ties
		kept = append(kept, e)
	}
	clear(b.Envelopes[len(kept):])
	b.Envelopes = kept
}

// targetOf is the name of the process that an envelope of a batch is for.
func targetOf(b *remote.MessageBatch, e *remote.MessageEnvelope) string {
	if at := int(e.GetTarget()); at >= 0 && at < len(b.Targets) {
		return b.Targets[at].GetId()
	}
	return ""
}

// survive keeps what a strange message does to the reader of one connection from ending the process.
func (m *Member) survive(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	read := func() { err = next(server, &vouchedStream{stream, m}) }
	if guard.Run(m.log, "a message from a member made its reader panic", read) {
		return errors.New("cluster: message not understood")
	}
	return err
}

// vouchedStream notes which certificate stands behind the address that a member connects with, and lets in nothing but
// what links and signs of life bring.
type vouchedStream struct {
	grpc.ServerStream
	member *Member
}

// RecvMsg implements grpc.ServerStream.
func (s *vouchedStream) RecvMsg(into any) error {
	if err := s.ServerStream.RecvMsg(into); err != nil {
		return err
	}
	m, ok := into.(*remote.RemoteMessage)
	if !ok {
		return nil
	}
	s.member.sift(m.GetMessageBatch())
	if address := m.GetConnectRequest().GetServerConnection().GetAddress(); address != "" {
		s.member.vouch(address, certificateName(s.Context()))
	}
	return nil
}

// certificateName is the name in the certificate at the other end.
func certificateName(ctx context.Context) string {
	p, ok := peerOf.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 || len(info.State.PeerCertificates[0].DNSNames) == 0 {
		return ""
	}
	return info.State.PeerCertificates[0].DNSNames[0]
}

// maxVouched is how many addresses are remembered with their certificates: members come back at the same ones.
const maxVouched = 1024

func (m *Member) vouch(address, name string) {
	m.names.Lock()
	defer m.names.Unlock()
	if len(m.nameAt) >= maxVouched {
		clear(m.nameAt)
	}
	m.nameAt[address] = name
}

// vouched is the name in the certificate of who connects with an address; "" when nobody has.
func (m *Member) vouched(address string) string {
	m.names.Lock()
	defer m.names.Unlock()
	return m.nameAt[address]
}
