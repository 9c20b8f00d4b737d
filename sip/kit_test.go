package sip

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
)

const patience = 5 * time.Second

// desk is a Receiver that notes what comes and does what a test tells it.
type desk struct {
	edge      *Server                              // set before the server listens
	admit     func(*signal.Request) signal.Verdict // nil: Proceed
	owned     func(*signal.Request) bool           // nil: all
	taken     func(*signal.Request)                // nil: into requests
	requests  chan *signal.Request
	delivered chan *signal.Request
	cancelled chan string
}

func newDesk() *desk {
	return &desk{requests: make(chan *signal.Request, 10000), delivered: make(chan *signal.Request, 10000),
		cancelled: make(chan string, 100)}
}

func (d *desk) Admit(r *signal.Request) signal.Verdict {
	if d.admit == nil {
		return signal.Verdict{}
	}
	return d.admit(r)
}

// Emergency implements signal.Receiver: 112 is a call for help.
func (d *desk) Emergency(u signal.URI) bool { return u.User == "112" }

// Recognize implements signal.Receiver.
func (d *desk) Recognize(r *signal.Request) {
	r.Urgent = d.Emergency(r.URI)
	if r.From.URI.User == "carrier" {
		r.Origin.Trunk = "carrier"
	}
}

func (d *desk) Receive(r *signal.Request) {
	if d.taken != nil {
		d.taken(r)
		return
	}
	d.requests <- r
}

func (d *desk) Deliver(r *signal.Request) bool {
	if d.owned != nil && !d.owned(r) {
		return false
	}
	d.delivered <- r
	return true
}

func (d *desk) Cancelled(id, reason string) { d.cancelled <- id + " " + reason }

func (d *desk) Lost(f signal.Flow) { d.cancelled <- "lost " + f.Transport }

// book is the credentials of one account: 1000, password 1234.
type book struct{}

func (book) HA1(user, realm string) (string, string, bool) {
	if user != "1000" {
		return "", "", false
	}
	md5, sha256 := auth.HA1(user, realm, "1234")
	return md5, sha256, true
}

func settings() conf.SIP {
	c := conf.DefaultSIP()
	c.Bind = []string{"127.0.0.1"}
	c.UDP, c.TCP, c.TLS = 0, 0, -1
	c.RatePerSource = 1_000_000
	return c
}

// start runs a server with the settings.
func start(t testing.TB, c conf.SIP, d *desk) *Server {
	t.Helper()
	a := auth.New(book{}, []byte("0123456789abcdef"), c.NonceLife, time.Now)
	s := New(c, "m1", d, a, slog.New(slog.NewTextHandler(t.Output(), nil)))
	d.edge = s
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(0); err != nil {
			t.Error(err)
		}
	})
	return s
}

// take waits for the next value.
func take[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// none checks that nothing is there. What must not come would be there already when the tests
// call this, since they have first waited for something that comes later.
func none[T any](t testing.TB, c <-chan T, what string) {
	t.Helper()
	select {
	case v := <-c:
		t.Errorf("%s: %v", what, v)
	default:
	}
}

// phone is a peer with a UDP socket of its own.
type phone struct {
	t    testing.TB
	conn *net.UDPConn
	to   netip.AddrPort
	from netip.AddrPort // where the last message came from
}

func newPhone(t testing.TB, s *Server) *phone {
	t.Helper()
	return newPhoneAt(t, s, net.IPv4(127, 0, 0, 1))
}

func newPhoneAt(t testing.TB, s *Server, addr net.IP) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: addr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &phone{t: t, conn: conn, to: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(s.Ports().UDP))}
}

func (p *phone) addr() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (p *phone) send(text string) {
	p.t.Helper()
	if _, err := p.conn.WriteToUDPAddrPort([]byte(text), p.to); err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) receive() string {
	p.t.Helper()
	b := make([]byte, 65535)
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	n, from, err := p.conn.ReadFromUDPAddrPort(b)
	if err != nil {
		p.t.Fatal(err)
	}
	p.from = from
	return string(b[:n])
}

// expect receives a message and checks how it begins.
func (p *phone) expect(begin string) string {
	p.t.Helper()
	text := p.receive()
	if !strings.HasPrefix(text, begin) {
		p.t.Fatalf("want %q, got\n%s", begin, text)
	}
	return text
}

// request writes a request. Fields given replace the usual ones of the same name, or are added.
func request(method, branch string, fields ...string) string {
	usual := []string{"Via: SIP/2.0/UDP 127.0.0.1:5099;rport;branch=z9hG4bK" + branch,
		"Max-Forwards: 70", "From: <sip:1000@tandem.local>;tag=f1", "To: <sip:1001@tandem.local>",
		"Call-ID: call-" + branch, "CSeq: 1 " + method, "Contact: <sip:1000@127.0.0.1:5099>",
		"User-Agent: Phone 1.0", "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, MESSAGE, REFER, UPDATE"} // as large as real ones are: see fit
	for _, f := range fields {
		name, _, _ := strings.Cut(f, ":")
		replaced := false
		for i := range usual {
			if strings.HasPrefix(usual[i], name+":") {
				usual[i], replaced = f, true
			}
		}
		if !replaced {
			usual = append(usual, f)
		}
	}
	return fmt.Sprintf("%s sip:1001@tandem.local SIP/2.0\r\n%s\r\nContent-Length: 0\r\n\r\n", method,
		strings.Join(usual, "\r\n"))
}

// header returns the value of a field of a message.
func header(message, name string) string {
	for line := range strings.SplitSeq(message, "\r\n") {
		if n, v, ok := strings.Cut(line, ":"); ok && (strings.EqualFold(n, name) || n == shortNames[name]) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// reply answers a message that the server sent.
func reply(message string, status int, tag string, fields ...string) string {
	to := header(message, "To")
	if tag != "" && !strings.Contains(to, "tag=") {
		to += ";tag=" + tag
	}
	lines := []string{fmt.Sprintf("SIP/2.0 %d %s", status, signal.ReasonPhrase(status)),
		"Via: " + header(message, "Via"), "From: " + header(message, "From"), "To: " + to,
		"Call-ID: " + header(message, "Call-ID"), "CSeq: " + header(message, "CSeq")}
	lines = append(lines, fields...)
	return strings.Join(append(lines, "Content-Length: 0", "", ""), "\r\n")
}

// answer is a response of ours to r.
func answer(r *signal.Request, status int) *signal.Response {
	resp := &signal.Response{Request: r.ID, Status: status, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "us"}}}}
	if status > 100 {
		resp.To = resp.To.WithTag("t1")
	}
	return resp
}

// outgoing is a request of ours to a peer.
func outgoing(method signal.Method, id string, to netip.AddrPort) *signal.Request {
	uri := signal.URI{Scheme: "sip", User: "bob", Host: to.Addr().String(), Port: int(to.Port())}
	return &signal.Request{ID: id, Method: method, URI: uri, CallID: id, CSeq: 1,
		From: signal.Party{URI: signal.URI{Scheme: "sip", User: "alice", Host: "tandem.local"}}.WithTag("f"),
		To:   signal.Party{URI: uri}, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "us"}}}}
}

// answers collects the answers of one request.
type answers struct{ c chan *signal.Response }

func newAnswers() *answers { return &answers{make(chan *signal.Response, 100)} }

func (a *answers) take(r *signal.Response) { a.c <- r }
