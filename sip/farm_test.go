package sip

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
	"tandem/sip/farm"
)

// mesh is several servers in one process, m1 at 127.0.0.1 and so on, that relay to each other in memory.
type mesh struct {
	t      testing.TB
	server []*Server
	desk   []*desk
	queue  []chan farm.Packet
	down   atomic.Bool // nobody takes anything
}

func newMesh(t testing.TB, n int, change func(*conf.SIP)) *mesh {
	t.Helper()
	m := &mesh{t: t}
	for i := range n {
		c := settings()
		c.Bind = []string{fmt.Sprintf("127.0.0.%d", i+1)}
		if change != nil {
			change(&c)
		}
		d, queue := newDesk(), make(chan farm.Packet, 10000)
		a := auth.New(book{}, []byte("0123456789abcdef"), c.NonceLife, time.Now)
		s := New(c, member(i), d, a, slog.New(slog.NewTextHandler(t.Output(), nil)))
		s.Join(uint32(i+1), m)
		d.edge = s
		if err := s.Listen(); err != nil {
			t.Fatal(err)
		}
		m.server, m.desk, m.queue = append(m.server, s), append(m.desk, d), append(m.queue, queue)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for p := range queue {
				s.Inject(p)
			}
		}()
		t.Cleanup(func() {
			m.down.Store(true)
			if err := s.Close(0); err != nil {
				t.Error(err)
			}
		})
	}
	return m
}

func member(i int) string { return fmt.Sprintf("m%d", i+1) }

// Relay passes a packet to another server, in order.
func (m *mesh) Relay(member string, p farm.Packet) bool {
	if m.down.Load() {
		return false
	}
	var i int
	if _, err := fmt.Sscanf(member, "m%d", &i); err != nil || i < 1 || i > len(m.queue) {
		return false
	}
	m.queue[i-1] <- p
	return true
}

// roles gives all servers a view with these roles.
func (m *mesh) roles(roles ...farm.Role) {
	for i, s := range m.server {
		s.SetFarm(m.view(i, roles...))
	}
}

func (m *mesh) view(i int, roles ...farm.Role) *farm.View {
	var all []farm.Member
	for k, r := range roles {
		all = append(all, farm.Member{Name: member(k), Boot: uint32(k + 1), Role: r, Living: true,
			Addresses: []string{fmt.Sprintf("127.0.0.%d:%d", k+1, m.server[k].Ports().UDP)}})
	}
	return farm.NewView(member(i), all, func(tag []byte) (boot uint32, ok bool) {
		n, _ := fmt.Sscanf(string(tag), "boot-%d", &boot)
		return boot, n == 1
	})
}

// callFor is a Call-ID that the members which share send to server i.
func (m *mesh) callFor(i int) string {
	for n := 0; ; n++ {
		id := fmt.Sprintf("call-%d-%d", i, n)
		f := farm.Facts{Method: []byte("INVITE"), CallID: []byte(id)}
		if to, _, _ := m.server[0].Farm().Target(&f); to == member(i) {
			return id
		}
	}
}

// until waits until something is so, of which nobody tells.
func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	over := time.After(patience)
	for !so() {
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// tagged is an answer of the member i with its tag.
func tagged(r *signal.Request, status, i int) *signal.Response {
	resp := answer(r, status)
	resp.To = r.To.WithTag(fmt.Sprintf("boot-%d-x", i+1))
	return resp
}

// A call comes to m1 and m2 processes it: all that the phone sees comes from m1.
func TestCallByWayOfAnotherMember(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	p := newPhone(t, m.server[0])
	from := func(text string) string {
		t.Helper()
		if p.from != p.to {
			t.Errorf("it came from %v:\n%s", p.from, text)
		}
		return text
	}
	invite := request("INVITE", "1")
	p.send(invite)
	r := take(t, m.desk[1].requests)
	if f := r.Origin.Flow; f.Edge != "m1" || f.Local != p.to || f.Remote != p.addr() {
		t.Errorf("flow %+v", f)
	}
	from(p.expect("SIP/2.0 100"))
	m.server[1].Respond(tagged(r, 180, 1))
	from(p.expect("SIP/2.0 180"))
	p.send(invite)
	from(p.expect("SIP/2.0 180")) // the repeat met the same transaction
	m.server[1].Respond(tagged(r, 200, 1))
	ok := from(p.expect("SIP/2.0 200"))
	if got, want := header(ok, "Contact"), "<sip:us@"+p.to.String()+">"; got != want {
		t.Errorf("Contact %s, want %s", got, want)
	}
	to := "To: " + header(ok, "To")
	p.send(request("ACK", "2", to, "Call-ID: call-1"))
	if ack := take(t, m.desk[1].delivered); ack.Method != signal.ACK {
		t.Errorf("got %s", ack.Method)
	}
	p.send(request("BYE", "3", to, "Call-ID: call-1", "CSeq: 2 BYE"))
	bye := take(t, m.desk[1].delivered)
	m.server[1].Respond(tagged(bye, 200, 1))
	from(p.expect("SIP/2.0 200"))
	none(t, m.desk[1].requests, "a second request")
	none(t, m.desk[0].requests, "at m1")
	none(t, m.desk[0].delivered, "at m1")
	until(t, "all is counted", func() bool { // a packet is counted when the other member has it, and may have answered
		one, two := m.server[0].Snapshot(), m.server[1].Snapshot()
		return one.Relayed["m2"] == 4 && two.Taken["m1"] == 4 && two.Relayed["m1"] == 5
	})
	if one := m.server[0].Snapshot(); one.Transactions.Servers != 0 {
		t.Errorf("m1 counted %+v", one)
	}
}

// The ACK for a refusal ends the transaction on the member that has it.
func TestRefusalByWayOfAnotherMember(t *testing.T) {
	m := newMesh(t, 2, func(c *conf.SIP) { c.T4 = 10 * time.Millisecond })
	m.roles(farm.Share, farm.Share)
	p := newPhone(t, m.server[0])
	call := "Call-ID: " + m.callFor(1)
	p.send(request("INVITE", "1", call))
	r := take(t, m.desk[1].requests)
	p.expect("SIP/2.0 100")
	m.server[1].Respond(tagged(r, 486, 1))
	busy := p.expect("SIP/2.0 486")
	p.send(request("ACK", "1", call, "To: "+header(busy, "To"), "CSeq: 1 ACK"))
	until(t, "the transaction is over", func() bool { return m.server[1].Snapshot().Transactions.Servers == 0 })
	none(t, m.desk[1].delivered, "the ACK went up")
}

func TestCancelByWayOfAnotherMember(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Share, farm.Share)
	p := newPhone(t, m.server[0])
	call := "Call-ID: " + m.callFor(1)
	p.send(request("INVITE", "1", call))
	r := take(t, m.desk[1].requests)
	p.expect("SIP/2.0 100")
	p.send(request("CANCEL", "1", call))
	p.expect("SIP/2.0 200")
	if got := take(t, m.desk[1].cancelled); got != r.ID+" " {
		t.Errorf("cancelled %q, want %q", got, r.ID)
	}
	m.server[1].Respond(tagged(r, 487, 1))
	p.expect("SIP/2.0 487")
	none(t, m.desk[0].cancelled, "at m1")
}

// Packets of one transaction that come to different members meet at one.
func TestRepeatByWayOfAThirdMember(t *testing.T) {
	m := newMesh(t, 3, nil)
	m.roles(farm.Share, farm.Share, farm.Share)
	p := newPhone(t, m.server[0])
	call := "Call-ID: " + m.callFor(1)
	p.send(request("INVITE", "1", call))
	r := take(t, m.desk[1].requests)
	p.expect("SIP/2.0 100")
	p.to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), uint16(m.server[2].Ports().UDP))
	p.send(request("INVITE", "1", call))
	p.expect("SIP/2.0 100")
	p.send(request("CANCEL", "1", call))
	p.expect("SIP/2.0 200")
	if got := take(t, m.desk[1].cancelled); got != r.ID+" " {
		t.Errorf("cancelled %q, want %q", got, r.ID)
	}
	none(t, m.desk[1].requests, "the repeat is a new request")
	none(t, m.desk[2].requests, "at m3")
}

// A change of the farm moves no transaction that has begun: neither one that is here nor one that went
// elsewhere.
func TestFarmChangesDuringACall(t *testing.T) {
	m := newMesh(t, 3, nil)
	m.roles(farm.Share, farm.Share, farm.Relay)
	p := newPhone(t, m.server[0])
	here, there := "Call-ID: "+m.callFor(0), "Call-ID: "+m.callFor(1)
	p.send(request("INVITE", "here", here))
	ours := take(t, m.desk[0].requests)
	p.expect("SIP/2.0 100")
	p.send(request("INVITE", "there", there))
	theirs := take(t, m.desk[1].requests)
	p.expect("SIP/2.0 100")
	m.roles(farm.Relay, farm.Relay, farm.Share)
	for _, branch := range []string{"here", "there"} {
		call := map[string]string{"here": here, "there": there}[branch]
		p.send(request("INVITE", branch, call))
		p.expect("SIP/2.0 100")
		p.send(request("CANCEL", branch, call))
		p.expect("SIP/2.0 200")
	}
	if got := take(t, m.desk[0].cancelled); got != ours.ID+" " {
		t.Errorf("m1 cancelled %q, want %q", got, ours.ID)
	}
	if got := take(t, m.desk[1].cancelled); got != theirs.ID+" " {
		t.Errorf("m2 cancelled %q, want %q", got, theirs.ID)
	}
	p.send(request("INVITE", "new", here))
	take(t, m.desk[2].requests)
}

// A response that comes to another member than its request left from belongs to that one.
func TestResponseToAnotherMember(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Share, farm.Share)
	p := newPhone(t, m.server[0])
	ask := func(id string) (message string, got *answers) {
		got = newAnswers()
		m.server[1].Send(outgoing(signal.OPTIONS, id, p.addr()), signal.Flow{}, got.take)
		return p.expect("OPTIONS"), got
	}
	options, got := ask("one")
	if via := header(options, "Via"); !strings.Contains(via, "branch=z9hG4bK00000002") {
		t.Errorf("Via %q", via)
	}
	p.send(reply(options, 200, "a"))
	if resp := take(t, got.c); resp.Status != 200 || resp.Request != "one" || resp.Local {
		t.Errorf("got %+v", resp)
	}
	p.send(reply(strings.Replace(options, "z9hG4bK00000002", "z9hG4bK00000009", 1), 200, "a")) // of nobody
	until(t, "it is dropped", func() bool { return m.server[0].Snapshot().Stray == 1 })
	m.roles(farm.Disabled, farm.Disabled)
	options, got = ask("two")
	p.send(reply(options, 200, "a"))
	until(t, "it is dropped", func() bool { return m.server[0].Snapshot().Stray == 2 })
	p.to = p.from
	p.send(reply(options, 200, "a"))
	if resp := take(t, got.c); resp.Request != "two" {
		t.Errorf("got %+v", resp)
	}
}

// line is a TCP connection of a phone.
type line struct {
	*phone
	net.Conn
}

func newLine(t testing.TB, s *Server) *line {
	t.Helper()
	c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Ports().TCP))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &line{&phone{t: t}, c}
}

func (l *line) say(text string) {
	l.t.Helper()
	if _, err := l.Write([]byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

// hear reads what is there and checks how it begins. The tests let no two messages be under way.
func (l *line) hear(begin string) string {
	l.t.Helper()
	b := make([]byte, 65535)
	if err := l.SetReadDeadline(time.Now().Add(patience)); err != nil {
		l.t.Fatal(err)
	}
	n, err := l.Read(b)
	if err != nil || !strings.HasPrefix(string(b[:n]), begin) {
		l.t.Fatalf("want %q, got %v\n%s", begin, err, b[:n])
	}
	return string(b[:n])
}

// The framing of a connection stays with the member that has it, and its end is told to who works on what
// came over it.
func TestConnectionOfAnotherMember(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	l := newLine(t, m.server[0])
	via := func(branch string) string { return "Via: SIP/2.0/TCP 127.0.0.1:5099;rport;branch=z9hG4bK" + branch }
	l.say(request("REGISTER", "1", via("1")))
	reg := take(t, m.desk[1].requests)
	if f := reg.Origin.Flow; f.Edge != "m1" || f.Transport != "TCP" || f.Conn == 0 {
		t.Errorf("flow %+v", f)
	}
	m.server[1].Respond(tagged(reg, 200, 1))
	ok := l.hear("SIP/2.0 200")
	if got, want := header(ok, "Contact"), fmt.Sprintf("<sip:us@127.0.0.1:%d;transport=tcp>", m.server[0].Ports().TCP); got != want {
		t.Errorf("Contact %s, want %s", got, want)
	}
	// A request over the flow is for the member that holds it.
	got := newAnswers()
	m.server[1].Send(outgoing(signal.OPTIONS, "ask", l.Conn.LocalAddr().(*net.TCPAddr).AddrPort()), reg.Origin.Flow, got.take)
	if resp := take(t, got.c); resp.Status != 503 || !resp.Local {
		t.Errorf("got %+v", resp)
	}
	m.server[0].Send(outgoing(signal.OPTIONS, "ask", l.Conn.LocalAddr().(*net.TCPAddr).AddrPort()), reg.Origin.Flow, got.take)
	l.say(reply(l.hear("OPTIONS"), 200, "a"))
	if resp := take(t, got.c); resp.Status != 200 {
		t.Errorf("got %+v", resp)
	}
	// A connection of m2 with the same number is another one.
	m.server[1].txns.Lost("m2", reg.Origin.Flow.Conn)
	l.say(request("INVITE", "2", via("2")))
	invite := take(t, m.desk[1].requests)
	l.hear("SIP/2.0 100")
	none(t, m.desk[1].cancelled, "cancelled too early")
	l.Close()
	if got := take(t, m.desk[1].cancelled); got != invite.ID+" "+lostReason {
		t.Errorf("cancelled %q", got)
	}
	until(t, "nothing is kept of the connection", func() bool {
		lines := &m.server[0].farm.lines
		lines.mu.Lock()
		defer lines.mu.Unlock()
		return len(lines.known) == 0
	})
}

// A connection that ends while its last message is passed on leaves no call that rings for nobody.
func TestConnectionEndsMeanwhile(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	gone := signal.Flow{Edge: "m1", Transport: "TCP", Conn: 1, Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	if !m.server[0].elsewhere(gone, []byte(request("INVITE", "1"))) {
		t.Fatal("not relayed")
	}
	r := take(t, m.desk[1].requests)
	if got := take(t, m.desk[1].cancelled); got != r.ID+" "+lostReason {
		t.Errorf("cancelled %q", got)
	}
}

// A member dies with its connections: nobody can be answered over them.
func TestMemberDiesWithItsConnections(t *testing.T) {
	m := newMesh(t, 3, nil)
	m.roles(farm.Relay, farm.Share, farm.Relay)
	l, p := newLine(t, m.server[0]), newPhone(t, m.server[0])
	l.say(request("INVITE", "1", "Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK1"))
	lost := take(t, m.desk[1].requests)
	p.send(request("INVITE", "2"))
	kept := take(t, m.desk[1].requests)
	p.expect("SIP/2.0 100")
	m.roles(farm.Disabled, farm.Share, farm.Relay) // it lives, so nothing is lost
	none(t, m.desk[1].cancelled, "cancelled too early")
	m.server[1].SetFarm(farm.NewView("m2", []farm.Member{{Name: "m2", Boot: 2, Role: farm.Share, Living: true}}, nil))
	if got := take(t, m.desk[1].cancelled); got != lost.ID+" "+lostReason {
		t.Errorf("cancelled %q, want %q", got, lost.ID)
	}
	// Who sends datagrams finds another way in, and that is where the answer goes.
	p.to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.3"), uint16(m.server[2].Ports().UDP))
	p.send(request("INVITE", "2"))
	p.expect("SIP/2.0 100")
	m.server[1].Respond(tagged(kept, 180, 1))
	if p.expect("SIP/2.0 180"); p.from != p.to {
		t.Errorf("it came from %v", p.from)
	}
}

func TestWebSocketOfAnotherMember(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	p := newPipe()
	ended := make(chan error, 1)
	go func() { ended <- m.server[0].ServeWebSocket(p) }()
	p.in <- request("REGISTER", "1", "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKw")
	r := take(t, m.desk[1].requests)
	m.server[1].Respond(answer(r, 200))
	if via := header(take(t, p.out), "Via"); !strings.HasSuffix(via, ";received=192.0.2.1") {
		t.Errorf("Via %q", via)
	}
	p.Close()
	<-ended
	if got := take(t, m.desk[0].cancelled); got != "lost WS" { // the accounts hear of it where the connection was
		t.Errorf("got %q", got)
	}
	none(t, m.desk[1].cancelled, "told twice")
}

// The rate of a source is judged where its packets come in, and nowhere else.
func TestRelayedPacketsAreNoFlood(t *testing.T) {
	const n = 50
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	slow := settings()
	slow.RatePerSource = 1
	m.server[1].Apply(slow)
	p := newPhone(t, m.server[0])
	for i := range n {
		p.send(request("MESSAGE", fmt.Sprint(i)))
		take(t, m.desk[1].requests)
	}
	if s := m.server[1].Snapshot().Transport.Limited; s != 0 {
		t.Errorf("m2 took %d for a flood", s)
	}
	m.server[0].Apply(slow)
	for i := range n {
		p.send(request("MESSAGE", fmt.Sprint("b", i)))
	}
	until(t, "m1 sees the flood", func() bool { return m.server[0].Snapshot().Transport.Limited > 0 })
}

// What a member does not take is lost as a datagram, for it comes again; on a connection it is answered.
func TestMemberThatTakesNothing(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.roles(farm.Relay, farm.Share)
	p, l := newPhone(t, m.server[0]), newLine(t, m.server[0])
	m.down.Store(true)
	p.send(request("OPTIONS", "1"))
	until(t, "it is refused", func() bool { return m.server[0].Snapshot().RelayRefused["m2"] == 1 })
	via := "Via: SIP/2.0/TCP 127.0.0.1:5099;rport;branch=z9hG4bK2"
	l.say(request("ACK", "2", via))
	l.say(request("INVITE", "2", via))
	if busy := l.hear("SIP/2.0 503"); header(busy, "Retry-After") == "" {
		t.Errorf("answered\n%s", busy)
	}
	m.down.Store(false)
	p.send(request("OPTIONS", "1"))
	if r := take(t, m.desk[1].requests); r.CallID != "call-1" {
		t.Errorf("got %+v", r)
	}
	none(t, m.desk[0].requests, "at m1")
}

// Members that disagree about the farm pass nothing to and fro.
func TestNoLoops(t *testing.T) {
	m := newMesh(t, 2, nil)
	m.server[0].SetFarm(m.view(0, farm.Relay, farm.Share))
	m.server[1].SetFarm(m.view(1, farm.Share, farm.Relay))
	p := newPhone(t, m.server[0])
	p.send(request("MESSAGE", "1"))
	take(t, m.desk[1].requests)
	none(t, m.desk[0].requests, "at m1")
}

// A request that names a member by its address is processed there, and all of it stays here where the
// farm is disabled.
func TestRequestsThatStayHere(t *testing.T) {
	m := newMesh(t, 2, nil)
	p := newPhone(t, m.server[0])
	named := strings.Replace(request("MESSAGE", "1"), "sip:1001@tandem.local SIP", "sip:1001@"+p.to.String()+" SIP", 1)
	m.roles(farm.Relay, farm.Share)
	p.send(named)
	take(t, m.desk[0].requests)
	for i, roles := range [][]farm.Role{{farm.Disabled, farm.Share}, {farm.Share, farm.Disabled}} {
		m.roles(roles...)
		for n := range 10 {
			p.send(request("MESSAGE", fmt.Sprintf("x%d-%d", i, n)))
			take(t, m.desk[0].requests)
		}
	}
	m.server[0].SetFarm(nil)
	p.send(request("MESSAGE", "y"))
	take(t, m.desk[0].requests)
	if s := m.server[0].Snapshot(); len(s.Relayed) != 0 {
		t.Errorf("relayed %v", s.Relayed)
	}
	// Not sound, or not to be read at all: answered here.
	m.roles(farm.Relay, farm.Share)
	p.send("INVITE sip:x SIP/2.0\r\n\r\n")
	until(t, "it is refused", func() bool { return len(m.server[0].Snapshot().Faults) == 1 })
}

// What other members pass on is checked.
func TestInjectRefuses(t *testing.T) {
	m := newMesh(t, 1, nil)
	s := m.server[0]
	flow := signal.Flow{Edge: "m2", Transport: "UDP", Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	ours := flow
	ours.Edge = "m1"
	message := []byte(request("MESSAGE", "1"))
	bad := []farm.Packet{
		{Kind: farm.Received, Flow: ours, Data: message}, {Kind: farm.ToSend, Flow: flow, Data: message},
		{Kind: farm.Closed, Flow: ours}, {Kind: farm.Received, Data: message},
		{Kind: farm.Received, Flow: flow, Data: make([]byte, maxPacket+1)},
	}
	for _, p := range bad {
		s.Inject(p)
	}
	if n := s.Snapshot().Faults["relay"]; n != uint64(len(bad)) {
		t.Errorf("%d of %d refused", n, len(bad))
	}
	none(t, m.desk[0].requests, "taken")
	s.Inject(farm.Packet{Kind: farm.ToSend, Flow: ours, Data: message}) // no socket has that address: dropped
	s.Inject(farm.Packet{Kind: farm.Received, Flow: flow, Data: message, Host: "h", Port: 7})
	r := take(t, m.desk[0].requests)
	if host, port := s.sentBy(r.Origin.Flow); host != "h" || port != 7 {
		t.Errorf("reached by %s:%d", host, port)
	}
}

func TestFacesAreBounded(t *testing.T) {
	var f faces
	flow := signal.Flow{Edge: "m2", Transport: "TCP", Conn: 1}
	for i := range maxFaces + 10 {
		flow.Local = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), uint16(i))
		f.learn(flow, face{"h", i})
	}
	if len(f.known) != maxFaces {
		t.Errorf("%d faces", len(f.known))
	}
	flow.Local = netip.MustParseAddrPort("10.0.0.1:9")
	f.learn(flow, face{"h", 77})
	if got, ok := f.of(flow); !ok || got.port != 77 {
		t.Errorf("got %+v", got)
	}
}

// A member that is alone marks nothing.
func TestBranchOfAMemberAlone(t *testing.T) {
	s := start(t, settings(), newDesk())
	_, alone := s.newVia(signal.Flow{Edge: "m1", Transport: "UDP"})
	s.Join(0xabcdef01, nil)
	_, marked := s.newVia(signal.Flow{Edge: "m1", Transport: "UDP"})
	if strings.HasPrefix(alone, "z9hG4bKabcdef01") || !strings.HasPrefix(marked, "z9hG4bKabcdef01") ||
		len(marked) != len(alone)+8 {
		t.Errorf("branches %q and %q", alone, marked)
	}
}

// What the farm costs for each packet that stays here.
func BenchmarkElsewhere(b *testing.B) {
	m := newMesh(b, 3, nil)
	data := []byte(request("INVITE", "1"))
	flow := signal.Flow{Edge: "m1", Transport: "UDP", Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	for _, c := range []struct {
		name string
		set  func()
	}{
		{"alone", func() { m.server[0].SetFarm(nil) }},
		{"disabled", func() { m.roles(farm.Disabled, farm.Disabled, farm.Disabled) }},
		{"three", func() { m.roles(farm.Share, farm.Relay, farm.Relay) }},
	} {
		c.set()
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if m.server[0].elsewhere(flow, data) {
					b.Fatal("relayed")
				}
			}
		})
	}
}
