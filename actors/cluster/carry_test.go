package cluster

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"sync/atomic"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/carrier"
	"tandem/actors/msg"
)

// visitor speaks to a member's carrier by hand, with whatever certificate.
type visitor struct {
	t    *testing.T
	conn *tls.Conn
}

func visit(t *testing.T, m *Member, s Security) *visitor {
	t.Helper()
	conn, err := tls.Dial("tcp", m.system.Address(), s.Client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	v := &visitor{t, conn}
	v.raw(carrier.Hello, []byte("127.0.0.1:1"))
	return v
}

func (v *visitor) raw(k carrier.Kind, body []byte) {
	v.t.Helper()
	head := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), byte(k))
	if _, err := v.conn.Write(append(head, body...)); err != nil {
		v.t.Fatal(err)
	}
}

func (v *visitor) say(k carrier.Kind, m proto.Message) {
	v.t.Helper()
	v.raw(k, marshalled(v.t, m))
}

func marshalled(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
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

// A member can say of itself alone, to actors alone, and make nobody call an address.
func TestMemberThatLies(t *testing.T) {
	ca := newAuthority(t)
	pa := &probe{}
	a := joined(t, "a", ca, pa)
	const boot, other = 77, 78
	a.admit("b", boot, free(t))
	a.admit("c", other, free(t))
	pid := leg(t, a)
	wait[*msg.LegStart](t, pa)
	elsewhere, visits := bystander(t)

	frame := func(from uint32, first uint64, e *msg.LinkEntry) *msg.LinkFrame {
		return &msg.LinkFrame{From: from, To: a.boot, Epoch: 1, First: first, Entries: []*msg.LinkEntry{e}}
	}
	info := func(text string) []byte { return marshalled(t, &msg.LegInfo{ContentType: text}) }
	const legInfo = "tandem.msg.LegInfo"
	v := visit(t, a, ca.security(t, "b"))
	v.say(carrier.Link, frame(other, 1, &msg.LinkEntry{Target: pid.Id, Type: legInfo, Body: info("in another's name")}))
	v.say(carrier.Beat, &msg.Heartbeat{Member: &msg.Member{Name: "c", Boot: other}})
	v.say(carrier.Leave, &msg.MemberLeaves{Name: "c", Boot: other})
	v.say(carrier.Beat, &msg.Heartbeat{})
	v.raw(carrier.Hello, []byte("127.0.0.1:2"))
	v.raw(99, nil)
	v.raw(carrier.Link, []byte{0xff, 0xff})
	const dropped = 7
	// It is asked to answer somebody who is nobody, and to stop an actor.
	v.say(carrier.Link, frame(boot, 1, &msg.LinkEntry{Target: pid.Id, Type: "tandem.msg.FromTheFuture", Sender: actor.NewPID(elsewhere, "x")}))
	v.say(carrier.Link, frame(boot, 2, &msg.LinkEntry{Target: pid.Id, Type: legInfo, System: true}))
	last := frame(boot, 3, &msg.LinkEntry{Target: pid.Id, Type: legInfo, Body: info("last")})
	v.say(carrier.Link, last)
	v.say(carrier.Link, last) // replayed
	if got := wait[*msg.LegInfo](t, pa); got.ContentType != "last" {
		t.Errorf("the leg heard %q first", got.ContentType)
	}
	until(t, "the replayed frame is known", func() bool { return a.peers.boot(boot).counts().Repeated == 1 })
	if n := a.crossed.unknown.Load(); n != dropped+2 {
		t.Errorf("%d frames and messages were counted as not understood, not %d", n, dropped+2)
	}
	if n := a.crossed.nobody.Load(); n != 1 {
		t.Errorf("%d answers were for nobody, not 1", n)
	}
	if n := a.crossed.received.Load(); n != 2 { // one of them has no right to be what it is
		t.Errorf("%d messages were understood, not 2", n)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("an address that is no member's was called %d times", n)
	}
	if n := len(a.loop.inputs); n != 0 {
		t.Errorf("%d signs of life in another's name were taken", n)
	}
}

func TestStrangersAreCounted(t *testing.T) {
	ca := newAuthority(t)
	a := joined(t, "a", ca, &probe{})
	foreign := newAuthority(t).security(t, "b")
	foreign.Client.VerifyConnection = nil
	if conn, err := tls.Dial("tcp", a.system.Address(), foreign.Client); err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	c, err := net.Dial("tcp", a.system.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	until(t, "both are refused", func() bool { return a.crossed.strangers.Load() >= 2 })
}
