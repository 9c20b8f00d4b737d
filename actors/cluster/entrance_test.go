package cluster

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// visitor speaks the carrier's protocol by hand, with whatever certificate.
func visitor(t *testing.T, m *Member, s Security) remote.RemotingClient {
	t.Helper()
	conn, err := grpc.NewClient(m.system.Address(), grpc.WithTransportCredentials(credentials.NewTLS(s.Client)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return remote.NewRemotingClient(conn)
}

// batch is one message to one process.
func batch(t *testing.T, to *actor.PID, m proto.Message) *remote.RemoteMessage {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return &remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{MessageBatch: &remote.MessageBatch{
		TypeNames: []string{string(m.ProtoReflect().Descriptor().FullName())}, Targets: []*actor.PID{to},
		Envelopes: []*remote.MessageEnvelope{{MessageData: data}}}}}
}

// bystander is an address that no member has, and counts who connects to it.
func bystander(t *testing.T) (address string, visits *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	visits = &atomic.Int64{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			visits.Add(1)
			_ = c.Close()
		}
	}()
	return l.Addr().String(), visits
}

func TestQuestionsOfTheCarrierAreRefused(t *testing.T) {
	ca := newAuthority(t)
	a := joined(t, "a", ca, &probe{})
	v := visitor(t, a, ca.security(t, "b"))
	if _, err := v.ListProcesses(context.Background(), &remote.ListProcessesRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("the list of processes: %v", err)
	}
	if _, err := v.GetProcessDiagnostics(context.Background(), &remote.GetProcessDiagnosticsRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("the diagnosis of a process: %v", err)
	}
}

func TestNothingPassesByTheTies(t *testing.T) {
	ca := newAuthority(t)
	pa := &probe{}
	a := joined(t, "a", ca, pa)
	const boot = 77
	a.admit("b", boot, free(t))
	pid := leg(t, a)
	wait[*msg.LegStart](t, pa)
	elsewhere, visits := bystander(t)

	stream, err := visitor(t, a, ca.security(t, "b")).Receive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	past := []*remote.RemoteMessage{
		batch(t, pid, &msg.LegInfo{ContentType: "forged"}),
		batch(t, pid, &actor.Stop{}),
		batch(t, actor.NewPID(elsewhere, pid.Id), &msg.LegInfo{}),
		batch(t, actor.NewPID(a.system.Address(), "activator"), &remote.ActorPidRequest{Name: "x", Kind: "leg"}),
		batch(t, actor.NewPID(a.system.Address(), ""), &actor.PoisonPill{}),
	}
	frame := func(first uint64, e *msg.LinkEntry) *msg.LinkFrame {
		return &msg.LinkFrame{From: boot, To: a.boot, Epoch: 1, First: first, Entries: []*msg.LinkEntry{e}}
	}
	info := func(text string) []byte {
		b, err := proto.Marshal(&msg.LegInfo{ContentType: text})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// It is asked to answer somebody who is nobody, and is called by a name that it does not know.
	const legInfo = "tandem.msg.LegInfo"
	answer := frame(1, &msg.LinkEntry{Target: pid.Id, Type: "tandem.msg.FromTheFuture", Sender: actor.NewPID(elsewhere, beatProcess)})
	inner := frame(2, &msg.LinkEntry{Target: linkProcess, Type: legInfo, Body: info("inner")})
	last := frame(3, &msg.LinkEntry{Target: pid.Id, Type: legInfo, Body: info("last")})
	for _, m := range append(past,
		batch(t, actor.NewPID(a.system.Address(), linkProcess), answer),
		batch(t, actor.NewPID(a.system.Address(), linkProcess), inner),
		batch(t, actor.NewPID(elsewhere, linkProcess), last),
		batch(t, actor.NewPID(elsewhere, linkProcess), last), // replayed
	) {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	if got := wait[*msg.LegInfo](t, pa); got.ContentType != "last" {
		t.Errorf("the leg heard %q first", got.ContentType)
	}
	if n, want := a.crossed.unknown.Load(), uint64(len(past)+2); n != want {
		t.Errorf("%d messages were counted as not understood, not %d", n, want)
	}
	if n := a.crossed.nobody.Load(); n != 1 {
		t.Errorf("%d answers were for nobody, not 1", n)
	}
	until(t, "the replayed frame is known", func() bool { return a.Traffic().Ties[0].Repeated == 1 })
	if n := a.crossed.received.Load(); n != 1 {
		t.Errorf("%d messages were delivered, not 1", n)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("an address that is no member's was called %d times", n)
	}
}

func TestStrangersAreCounted(t *testing.T) {
	ca := newAuthority(t)
	a := joined(t, "a", ca, &probe{})
	ctx := t.Context()
	if _, err := visitor(t, a, newAuthority(t).security(t, "b")).ListProcesses(ctx, &remote.ListProcessesRequest{}); err == nil {
		t.Error("a member of another cluster was answered")
	}
	c, err := net.Dial("tcp", a.system.Address())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	until(t, "the plain connection is refused", func() bool { return a.crossed.strangers.Load() >= 1 })
}
