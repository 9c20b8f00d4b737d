package router

import (
	"log/slog"
	"net/netip"
	"reflect"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/farm"
)

// Inject keeps what other members pass on.
func (w *wire) Inject(p farm.Packet) { w.packets <- p }

func newWire() *wire {
	return &wire{responses: make(chan *signal.Response, 10000), requests: make(chan sending, 10000),
		cancels: make(chan string, 10000), packets: make(chan farm.Packet, 10000)}
}

// neighbour is another ingress, m2, beside that of a lab, m1, which knows its edge actors.
func (l *lab) neighbour(d signal.Directory) (*Ingress, *wire) {
	l.Helper()
	w := newWire()
	in := NewIngress(l.member, d, &signal.Policy{Table: table}, slog.New(slog.DiscardHandler))
	in.name = "m2"
	l.member.Introduce("edge", in.MakeEdge(func() signal.Edge { return w }))
	if err := in.StartEdges(); err != nil {
		l.Fatal(err)
	}
	l.ingress.SetRemote(func(member string, serial uint64) *actor.PID {
		if member != "m2" || serial < 1 || serial > Edges {
			return nil
		}
		return in.edges[serial-1]
	})
	return in, w
}

// A phone registers with m2, and m1 is asked for it: the INVITE goes over the flow that the phone opened.
func TestRegisteredWithOneMemberCalledByAnother(t *testing.T) {
	d := newWorld()
	l := newLab(t, d)
	m2, w2 := l.neighbour(d)
	flow := signal.Flow{Edge: "m2", Transport: "TCP", Conn: 7, Remote: netip.MustParseAddrPort("192.0.2.7:4711")}
	aor := signal.AOR("1001@t.local")
	m2.Receive(&signal.Request{ID: "r", Method: signal.REGISTER, CallID: "reg", URI: uri(t, "sip:t.local"),
		To: signal.Party{URI: uri(t, "sip:1001@t.local")}, Origin: signal.Origin{Flow: flow, Account: aor}})
	work := acttest.Await[*msg.AccountRegister](t, l.accounts.Next(t))
	l.member.Send(work.Edge, &msg.SignalRespond{Response: msg.FromResponse(
		&signal.Response{Request: "r", Method: signal.REGISTER, Status: 200})})
	if r := <-w2.responses; r.Request != "r" {
		t.Errorf("m2 answered %+v", r)
	}
	d.contacts[aor] = []signal.Contact{{URI: uri(t, "sip:1001@192.0.2.7"), Q: 1000, Flow: work.Request.Flow.Signal()}}

	_, device, start := l.ringing("q", "1001")
	invite := &msg.SignalSend{Request: msg.FromRequest(&signal.Request{ID: "i", Method: signal.INVITE, CallID: "out"}),
		Flow: start.Outgoing.Flow, Owner: device.PID}
	l.member.Send(l.ingress.EdgeOf(start.Outgoing.Flow.Signal(), "out"), invite)
	sent := <-w2.requests
	if sent.request.ID != "i" {
		t.Errorf("sent %+v", sent.request)
	}
	sent.answered(&signal.Response{Request: "i", Method: signal.INVITE, Status: 180})
	if r := acttest.Await[*msg.SignalResponse](t, device); r.Response.Status != 180 {
		t.Errorf("the leg heard %v", r)
	}
	if len(l.edge.requests) != 0 {
		t.Error("m1 sent too")
	}
}

// One Call-ID has one edge actor on each member, and several have several.
func TestEdgeOfAFlowElsewhere(t *testing.T) {
	l := newLab(t, newWorld())
	m2, _ := l.neighbour(newWorld())
	theirs := signal.Flow{Edge: "m2", Transport: "UDP"}
	used := map[string]bool{}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"} {
		pid := l.ingress.EdgeOf(theirs, id)
		if !pid.Equal(l.ingress.EdgeOf(theirs, id)) {
			t.Errorf("%s has two edge actors", id)
		}
		used[pid.GetId()] = true
	}
	if len(used) < 2 || used[l.ingress.edges[0].GetId()] || len(used) > len(m2.edges) {
		t.Errorf("used %v", used)
	}
}

// What crosses from one edge to another loses nothing but its order number.
func TestRelay(t *testing.T) {
	l := newLab(t, newWorld())
	_, w2 := l.neighbour(newWorld())
	flow := signal.Flow{Edge: "m1", Transport: "TCP", Conn: 3, Local: netip.MustParseAddrPort("127.0.0.1:5060"),
		Remote: netip.MustParseAddrPort("192.0.2.7:4711")}
	for _, p := range []farm.Packet{
		{Kind: farm.Received, Flow: flow, Data: []byte("INVITE"), Host: "h", Port: 5060, Order: 9},
		{Kind: farm.ToSend, Flow: flow, Data: []byte("SIP/2.0")}, {Kind: farm.Closed, Flow: flow},
	} {
		if !l.ingress.Relay("m2", p) {
			t.Fatalf("%+v is refused", p)
		}
		got := <-w2.packets
		p.Order = 0
		if !reflect.DeepEqual(got, p) {
			t.Errorf("got %+v, want %+v", got, p)
		}
		var over msg.SignalPacket
		b, err := proto.Marshal(toMessage(p))
		if err != nil || proto.Unmarshal(b, &over) != nil || !reflect.DeepEqual(fromMessage(&over), p) {
			t.Errorf("on the wire it becomes %+v", fromMessage(&over))
		}
	}
	if l.ingress.Relay("m3", farm.Packet{}) {
		t.Error("a member that is not there takes a packet")
	}
	if len(l.edge.packets) != 0 {
		t.Error("m1 got its own packets")
	}
}

// Packets of one order number arrive in their order.
func TestRelayKeepsOrder(t *testing.T) {
	l := newLab(t, newWorld())
	_, w2 := l.neighbour(newWorld())
	for i := range 500 {
		for order := range uint64(2) {
			for !l.ingress.Relay("m2", farm.Packet{Order: order, Port: i, Host: string('a' + rune(order))}) {
				// the mailbox of the lab holds few; what is refused is not passed on
			}
		}
	}
	next := map[string]int{}
	for range 1000 {
		p := <-w2.packets
		if p.Port != next[p.Host] {
			t.Fatalf("%s: %d came for %d", p.Host, p.Port, next[p.Host])
		}
		next[p.Host]++
	}
}

// A member with too much to do takes nothing, and says so.
func TestRelayToAFullMember(t *testing.T) {
	l := newLab(t, newWorld())
	_, w2 := l.neighbour(newWorld())
	w2.packets = make(chan farm.Packet) // the edge stands still
	taken := 0
	for range 100 {
		if l.ingress.Relay("m2", farm.Packet{}) {
			taken++
		}
	}
	if taken > 20 {
		t.Errorf("%d packets wait in a mailbox for ten", taken)
	}
	for range taken {
		<-w2.packets
	}
}
