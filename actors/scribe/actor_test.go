package scribe

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/media"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
)

// wire is an edge that hands on what is to be sent, or a leg.
type wire chan any

func (w wire) Receive(ctx actor.Context) { w <- ctx.Message() }

// A server that is named is looked up before its streams are opened; one whose name leads nowhere makes room for the next.
func TestServersAreLookedUp(t *testing.T) {
	engine, err := media.New(conf.Default().Media, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	edge, leg := make(wire, 100), make(wire, 100)
	f := &Floor{Engine: engine, Log: slog.New(slog.DiscardHandler)}
	f.Member = cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 100, Log: f.Log, Kinds: []cluster.Kind{
		{Name: "scribe", Make: f.Make}, {Name: "edge", Make: func() actor.Actor { return edge }}, {Name: "leg", Make: func() actor.Actor { return leg }}}})
	t.Cleanup(f.Member.Stop)
	edgePID, _ := f.Member.Spawn("edge", &msg.SignalCancel{})
	legPID, _ := f.Member.Spawn("leg", &msg.LegStart{})
	f.Edge = func(signal.Flow, string) *actor.PID { return edgePID }
	f.Recorder = func(string) (Recorder, bool) {
		return Recorder{Servers: []Server{someServer("gone"), someServer("srs")}, Patience: time.Minute, Probe: time.Minute}, true
	}
	f.Resolve = func(_ context.Context, u signal.URI) ([]netip.Addr, error) {
		if u.Host == "gone.example.com" {
			return nil, errors.New("no such name")
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	f.Birth = func(peer netip.Addr) (Birth, Ground) { // an address that faces the peer is all that there is
		pcmu, _ := codec.ByName("PCMU")
		return Birth{}, Ground{Bind: peer, Media: sdp.Capability{Address: peer, Codecs: []codec.Codec{pcmu}}}
	}
	if _, err := f.Member.Spawn("scribe", &msg.ScribeStart{Leg: legPID, Recorder: "archive", Call: "c", Party: &msg.Talker{Leg: "l"}}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(10 * time.Second); ; {
		select {
		case m := <-edge:
			if sent, ok := m.(*msg.SignalSend); ok {
				if to := sent.Request.Signal().URI.Host; to != "srs.example.com" || f.outcomes[refused].Load() != 1 {
					t.Errorf("%s is called, counted %v", to, f.Figures())
				}
				return
			}
		case m := <-leg:
			if bad, ok := m.(*msg.ScribeFailed); ok {
				t.Fatalf("the leg is told %v", bad)
			}
		case <-deadline:
			t.Fatal("no server is called")
		}
	}
}
