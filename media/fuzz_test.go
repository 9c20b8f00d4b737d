package media

import (
	"net/netip"
	"testing"
	"time"

	"tandem/media/codec"
	wire "tandem/media/rtp"
)

// FuzzReceive gives a stream that is relayed or transcoded whatever may come from its peer: nothing
// panics, and what goes on is one stream.
func FuzzReceive(f *testing.F) {
	audio := make([]byte, 172)
	wire.PutHeader(audio, wire.Header{SSRC: 1, Sequence: 1})
	f.Add(audio, true)
	key := make([]byte, 16)
	wire.PutHeader(key, wire.Header{SSRC: 1, Sequence: 2, Payload: 101})
	f.Add(key, false)
	f.Add(wire.AppendBye(wire.AppendReport(nil, 1, &wire.SenderPart{}, &wire.Block{}), 1), true)
	e := newTestEngine(f, testConf())
	f.Fuzz(func(t *testing.T, datagram []byte, relay bool) {
		a, b := fuzzStream(t, e, "PCMU"), fuzzStream(t, e, "PCMU")
		if !relay {
			b = fuzzStream(t, e, "G722")
		}
		e.topology.Lock()
		a.peer, b.peer = b, a
		a.rewire()
		e.topology.Unlock()
		from := a.plan.Load().Remote
		at := time.Now()
		for i := range 5 {
			// Five in sequence, as far as it is RTP at all.
			if len(datagram) > 3 {
				datagram[3] += byte(i)
			}
			a.receive(append([]byte(nil), datagram...), from)
			at = at.Add(codec.Frame)
			a.tick(at)
			b.tick(at)
		}
		sent := b.sender.conn.(*sink).sent
		for i, h := range sent {
			if h.SSRC != sent[0].SSRC {
				t.Fatalf("packet %d has another SSRC", i)
			}
		}
	})
}

// fuzzStream is a stream without sockets.
func fuzzStream(t testing.TB, e *Engine, codecName string) *Stream {
	now := time.Now()
	conn := &sink{}
	s := &Stream{
		id: codecName, engine: e, shard: e.shards[0], conn: conn, control: &sink{},
		local: netip.MustParseAddr("127.0.0.1"), turn: &turn{place: -1},
	}
	s.sender, s.receiver, s.ear = newSender(conn, now), newReceiver(true, netip.Addr{}, now), newEar(&e.conf, func() {})
	s.feed.Store(&feed{paced: true})
	p := testPlan(t, codecName)
	s.sender.apply(p, s.receiver.apply(p, now), now)
	s.ear.apply(p)
	s.plan.Store(p)
	return s
}
