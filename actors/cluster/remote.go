package cluster

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// What the carrier between members is configured with: reference protoactor.md section 2, with the figures that say
// why.
const (
	maxReceive   = 64 << 20 // a batch of frames
	writerBatch  = 64       // messages that are lost together when a connection breaks, at most, beside the queue
	writerQueue  = 1024     // first size of the queue
	pingAfter    = 10 * time.Second
	pingTimeout  = 3 * time.Second
	pingAtLeast  = 2 * time.Second
	shakeTime    = 10 * time.Second // for a connection to show a certificate
	linkProcess  = "link"           // names of the processes that take what other members say
	beatProcess  = "beat"
	dialAttempts = 1 // a refused one costs two seconds
)

// Security is what members prove themselves with. Both ask for the certificate of the cluster's own CA.
type Security struct{ Server, Client *tls.Config }

// openRemote listens for other members. Addresses of actors made before would be nobody's, so it comes first.
func (m *Member) openRemote(address string, s Security) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("cluster: address %s: %w", address, err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("cluster: address %s: %w", address, err)
	}
	if s.Server == nil || s.Client == nil {
		return errors.New("cluster: members do not talk without certificates")
	}
	// The carrier panics where it can not listen.
	probe, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	if err := probe.Close(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	registry := m.system.ProcessRegistry
	registry.SequenceID = rand.Uint64() >> 1 // names of earlier lives must not come again
	registry.RegisterAddressResolver(m.resolve)
	c := remote.Configure(host, number,
		remote.WithAdvertisedHost(address),
		remote.WithEndpointWriterBatchSize(writerBatch),
		remote.WithEndpointWriterQueueSize(writerQueue),
		remote.WithServerOptions(
			grpc.MaxRecvMsgSize(maxReceive),
			grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingAfter, Timeout: pingTimeout}),
			grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingAtLeast, PermitWithoutStream: true}),
			grpc.ConnectionTimeout(shakeTime),
			grpc.Creds(&watchedTLS{TransportCredentials: credentials.NewTLS(s.Server), member: m}),
			grpc.StreamInterceptor(m.survive),
			grpc.UnaryInterceptor(refuseCall),
		),
		remote.WithDialOptions(
			grpc.WithTransportCredentials(credentials.NewTLS(s.Client)),
			grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: pingTimeout, PermitWithoutStream: true}),
			grpc.WithDefaultCallOptions(grpc.MaxCallSendMsgSize(maxReceive)),
		))
	c.MaxRetryCount = dialAttempts
	m.carrier = remote.NewRemote(m.system, c)
	m.carrier.Start()
	registry.Add(process(func(message any) { m.onFrame(message) }), linkProcess)
	registry.Add(process(func(message any) { m.onBeat(message) }), beatProcess)
	m.connections = m.system.EventStream.Subscribe(m.onConnection)
	return nil
}

// onConnection hears of connections that we opened. It runs on goroutines of the carrier and must not wait.
func (m *Member) onConnection(event any) {
	switch e := event.(type) {
	case *remote.EndpointTerminatedEvent:
		m.loop.tell(broke{e.Address})
	case *remote.EndpointConnectedEvent:
		if p := m.peers.at(e.Address); p != nil {
			p.again()
		}
	}
}

// process takes messages on the goroutine that brings them: no mailbox, so that the order of a connection stays and
// a slow receiver slows its sender.
type process func(message any)

// SendUserMessage implements actor.Process.
func (f process) SendUserMessage(_ *actor.PID, message any) { f(actor.UnwrapEnvelopeMessage(message)) }

// SendSystemMessage implements actor.Process: there is nobody to watch.
func (f process) SendSystemMessage(pid *actor.PID, message any) {
	slog.Debug("system message to a process that is no actor", "to", pid.Id, "message", fmt.Sprintf("%T", message))
}

// Stop implements actor.Process.
func (f process) Stop(*actor.PID) {}
