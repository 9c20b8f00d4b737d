package sip

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"

	"tandem/signal"
)

// pipe is a WebSocket connection with channels at its other end.
type pipe struct {
	in, out chan string
	done    chan struct{}
	once    sync.Once
}

func newPipe() *pipe {
	return &pipe{in: make(chan string, 10), out: make(chan string, 10), done: make(chan struct{})}
}

func (p *pipe) ReadMessage() ([]byte, error) {
	select {
	case text := <-p.in:
		return []byte(text), nil
	case <-p.done:
		return nil, io.EOF
	}
}

func (p *pipe) WriteMessage(data []byte) error { p.out <- string(data); return nil }
func (p *pipe) Close() error                   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipe) LocalAddr() netip.AddrPort      { return netip.MustParseAddrPort("127.0.0.1:8010") }
func (p *pipe) RemoteAddr() netip.AddrPort     { return netip.MustParseAddrPort("192.0.2.1:4711") }
func (p *pipe) Secure() bool                   { return false }

// A browser is reached by its flow only; when it goes away, who waits for its answer hears so.
func TestWebSocket(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPipe()
	ended := make(chan error, 1)
	go func() { ended <- s.ServeWebSocket(p) }()
	p.in <- request("REGISTER", "1", "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKw",
		"Contact: <sip:1000@df7jal23ls0d.invalid;transport=ws>")
	r := take(t, d.requests)
	if r.Origin.Flow.Transport != "WS" || r.Origin.Flow.Conn == 0 {
		t.Fatalf("flow %+v", r.Origin.Flow)
	}
	s.Respond(answer(r, 200))
	ok := take(t, p.out)
	if via := header(ok, "Via"); !strings.HasSuffix(via, ";received=192.0.2.1") {
		t.Errorf("Via %q", via)
	}
	got := newAnswers()
	s.Send(outgoing(signal.INVITE, "call", p.RemoteAddr()), r.Origin.Flow, got.take)
	invite := take(t, p.out)
	if !strings.HasPrefix(header(invite, "Via"), "SIP/2.0/WS ") ||
		!strings.Contains(header(invite, "Contact"), ";transport=ws") {
		t.Errorf("INVITE:\n%s", invite)
	}
	p.in <- reply(invite, 180, "a")
	if resp := take(t, got.c); resp.Status != 180 {
		t.Errorf("got %+v", resp)
	}
	p.in <- request("INVITE", "2", "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKi")
	call := take(t, d.requests)
	p.Close()
	if err := take(t, ended); err != io.EOF {
		t.Error(err)
	}
	told := []string{take(t, d.cancelled), take(t, d.cancelled)}
	if want := call.ID + " " + lostReason; !slices.Contains(told, want) || !slices.Contains(told, "lost WS") {
		t.Errorf("told %q, want %q and the loss of the flow", told, want)
	}
	if resp := take(t, got.c); resp.Status != 503 || !resp.Local {
		t.Errorf("got %+v", resp)
	}
}

func TestContactOverEachTransport(t *testing.T) {
	s := start(t, settings(), newDesk())
	for transport, want := range map[string]string{
		"UDP": "", "TCP": "tcp", "TLS": "tls", "WS": "ws", "WSS": "ws", // RFC 7118 section 5.2.4
	} {
		us := []signal.Party{{URI: signal.URI{Scheme: "sip", User: "us"}}}
		completed := s.contacts(signal.Flow{Transport: transport}, false, us)
		if got, _ := completed[0].URI.Params.Get("transport"); got != want {
			t.Errorf("%s: transport=%q, want %q", transport, got, want)
		}
	}
}

func TestSentByWithoutAnAddress(t *testing.T) {
	s := start(t, settings(), newDesk())
	if host, _ := s.sentBy(signal.Flow{Transport: "WS"}); host != "m1.invalid" {
		t.Errorf("host %q", host)
	}
}

func TestStreamWithBrokenFraming(t *testing.T) {
	s := start(t, settings(), newDesk())
	good := request("OPTIONS", "1")
	for name, text := range map[string]string{
		"two lengths": strings.Replace(good, "Content-Length: 0", "Content-Length: 0\r\nl: 5", 1),
		"no length":   strings.Replace(good, "Content-Length: 0\r\n", "", 1),
		"negative":    strings.Replace(good, "Content-Length: 0", "Content-Length: -1", 1),
	} {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Ports().TCP))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		all, err := io.ReadAll(conn) // until the server closes
		if err != nil || !strings.HasPrefix(string(all), "SIP/2.0 400 ") {
			t.Errorf("%s: %q, %v", name, all, err)
		}
	}
}

func TestAccountOfARequest(t *testing.T) {
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		if r.Origin.Account == "" {
			return signal.Verdict{Action: signal.Challenge, Realm: "tandem.local"}
		}
		return signal.Verdict{}
	}
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("REGISTER", "1"))
	challenge, err := digest.ParseChallenge(header(p.expect("SIP/2.0 401"), "WWW-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	prove := func(password string) string {
		cred, err := digest.Digest(challenge, digest.Options{Method: "REGISTER", URI: "sip:1001@tandem.local",
			Username: "1000", Password: password})
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization: " + cred.String()
	}
	p.send(request("REGISTER", "2", "CSeq: 2 REGISTER", prove("wrong")))
	p.expect("SIP/2.0 401")
	p.send(request("REGISTER", "3", "CSeq: 3 REGISTER", "Authorization: Digest username=\"1000\""))
	p.expect("SIP/2.0 400")
	p.send(request("REGISTER", "4", "CSeq: 4 REGISTER", prove("1234")))
	if r := take(t, d.requests); r.Origin.Account != "1000@tandem.local" {
		t.Errorf("account %q", r.Origin.Account)
	}
	if f := s.Snapshot().AuthFailures; f["wrong"] != 1 || f["malformed"] != 1 {
		t.Errorf("failures %v", f)
	}
}

// Two copies of a call that come by two ways have the same credentials, and one count of the nonce: the second is told what
// it is, not asked again.
func TestMergedRequestWithCredentials(t *testing.T) {
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		if r.Origin.Account == "" {
			return signal.Verdict{Action: signal.Challenge, Realm: "tandem.local"}
		}
		return signal.Verdict{}
	}
	p := newPhone(t, start(t, settings(), d))
	p.send(request("INVITE", "1"))
	challenge, err := digest.ParseChallenge(header(p.expect("SIP/2.0 407"), "Proxy-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	p.send(request("ACK", "1"))
	cred, err := digest.Digest(challenge, digest.Options{Method: "INVITE", URI: "sip:1001@tandem.local", Username: "1000", Password: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	copies := []string{"Call-ID: call-1", "CSeq: 2 INVITE", "Proxy-Authorization: " + cred.String()}
	p.send(request("INVITE", "2", copies...))
	p.expect("SIP/2.0 100")
	p.send(request("INVITE", "3", copies...))
	p.expect("SIP/2.0 482")
}

// A phone whose connection breaks sends its call again over another one, asked for credentials or not: it is asked again, or is
// told what came of the first, and never that it was merged.
func TestAgainOverANewConnection(t *testing.T) {
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		if r.Origin.Account == "" {
			return signal.Verdict{Action: signal.Challenge, Realm: "tandem.local"}
		}
		return signal.Verdict{}
	}
	s := start(t, settings(), d)
	invite := func(branch string, fields ...string) string {
		return request("INVITE", branch, append(fields, "Call-ID: same", "Via: SIP/2.0/TCP 127.0.0.1:5099;branch=z9hG4bK"+branch)...)
	}
	l := newLine(t, s)
	l.say(invite("1"))
	l.hear("SIP/2.0 407")
	l.Close()
	l = newLine(t, s)
	l.say(invite("1"))
	challenge, err := digest.ParseChallenge(header(l.hear("SIP/2.0 407"), "Proxy-Authenticate"))
	if err != nil {
		t.Fatal(err)
	}
	cred, err := digest.Digest(challenge, digest.Options{Method: "INVITE", URI: "sip:1001@tandem.local", Username: "1000", Password: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	proof := []string{"CSeq: 2 INVITE", "Proxy-Authorization: " + cred.String()}
	l.say(invite("2", proof...))
	l.hear("SIP/2.0 100")
	r := take(t, d.requests)
	l.Close()
	if got := take(t, d.cancelled); got != r.ID+" "+lostReason {
		t.Errorf("cancelled %q", got)
	}
	l = newLine(t, s)
	l.say(invite("3", proof...))
	if got := header(l.hear("SIP/2.0 407"), "Proxy-Authenticate"); !strings.Contains(got, "stale=true") {
		t.Errorf("challenged by %s", got)
	}
	s.Respond(answer(r, 487))
	l.say(invite("2", proof...))
	l.hear("SIP/2.0 487")
}

func TestMethodNotAllowed(t *testing.T) {
	d := newDesk()
	d.admit = func(*signal.Request) signal.Verdict { return signal.Verdict{Action: signal.Refuse, Status: 405} }
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("PUBLISH", "1"))
	if got := p.expect("SIP/2.0 405 Method Not Allowed"); header(got, "Allow") == "" {
		t.Errorf("no Allow:\n%s", got)
	}
}

func TestWireLogMasksCredentials(t *testing.T) {
	text := "REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response=\"secret\",\r\n opaque=\"secret\"\r\n" +
		"X: y\r\nproxy-authorization : Digest secret\r\nContent-Length: 0\r\n\r\na=crypto:1 SUITE inline:secret\r\na=x\r\n"
	want := "REGISTER sip:a SIP/2.0\r\nAuthorization: ***\r\nX: y\r\nproxy-authorization : ***\r\n" +
		"Content-Length: 0\r\n\r\na=crypto:***\r\na=x\r\n"
	if got := string(mask([]byte(text))); got != want {
		t.Errorf("got %q", got)
	}
	var log bytes.Buffer
	d := newDesk()
	s := start(t, settings(), d)
	s.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: LevelTrace}))
	s.wire("received", signal.Flow{Transport: "UDP"}, []byte(text))
	if !strings.Contains(log.String(), "REGISTER") || strings.Contains(log.String(), "secret") {
		t.Error(log.String())
	}
}

func TestApply(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	c := settings()
	c.MaxTransactions = 0
	c.T1 = 10 * time.Millisecond
	s.Apply(c)
	p.send(request("OPTIONS", "1"))
	p.expect("SIP/2.0 503")
	c.MaxTransactions = 10
	s.Apply(c)
	got := newAnswers()
	s.Send(outgoing(signal.OPTIONS, "ask", p.addr()), signal.Flow{}, got.take)
	if resp := take(t, got.c); resp.Status != 408 { // 64*T1 is under a second now
		t.Errorf("got %+v", resp)
	}
}

// TestTortureOverEveryTransport sends the messages of RFC 4475 and RFC 5118 as they are, whole and
// byte by byte. Whatever becomes of them, the next good request is served.
func TestTortureOverEveryTransport(t *testing.T) {
	files, _ := filepath.Glob("guard/testdata/*/*.dat")
	if len(files) < 49 {
		t.Fatalf("%d messages", len(files))
	}
	d := newDesk()
	c := settings()
	c.HeaderTimeout = 100 * time.Millisecond
	d.taken = func(r *signal.Request) { d.edge.Respond(answer(r, 200)) }
	s := start(t, c, d)
	p := newPhone(t, s)
	for _, file := range files {
		message, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p.send(string(message))
		for _, piece := range []int{1, len(message)} {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.Ports().TCP))
			if err != nil {
				t.Fatal(err)
			}
			for rest := message; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				if _, err := conn.Write(rest[:min(piece, len(rest))]); err != nil {
					break // refused in the middle: fine
				}
			}
			conn.Close()
		}
		mark := "mark" + strings.TrimSuffix(filepath.Base(file), ".dat")
		p.send(request("OPTIONS", mark))
		for !strings.Contains(header(p.receive(), "Call-ID"), mark) {
		}
	}
	if n := s.Snapshot().Transactions.Servers; n > 400 {
		t.Errorf("%d transactions", n)
	}
}

// A connection may end, of our sending, while its last INVITE is read: that call rings for nobody too.
func TestConnectionEndsWhileItIsRead(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	gone := signal.Flow{Edge: "m1", Transport: "TCP", Conn: 1, Remote: netip.MustParseAddrPort("127.0.0.1:5099")}
	s.arrivals().Message(gone, []byte(request("INVITE", "1")))
	r := take(t, d.requests)
	if got := take(t, d.cancelled); got != r.ID+" "+lostReason {
		t.Errorf("cancelled %q", got)
	}
	s.arrivals().Message(gone, []byte(request("INVITE", "2", "To: <sip:1001@tandem.local>;tag=t1")))
	r = take(t, d.delivered)
	if got := take(t, d.cancelled); got != r.ID+" "+lostReason {
		t.Errorf("within a dialog: cancelled %q", got)
	}
}

// FuzzMessage gives any bytes to the server, as a datagram and as a frame.
func FuzzMessage(f *testing.F) {
	for _, method := range []string{"INVITE", "ACK", "CANCEL", "BYE", "REGISTER"} {
		f.Add([]byte(request(method, "1")), true)
		f.Add([]byte(request(method, "", "To: <sip:a@b>;tag=x", "Via: SIP/2.0/UDP a;branch=1")), false)
	}
	f.Add([]byte(reply(request("INVITE", "1"), 200, "a")), true)
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		return signal.Verdict{Action: signal.VerdictAction(len(r.CallID) % 4), Status: 403, Realm: "r"}
	}
	d.taken = func(r *signal.Request) { d.edge.Respond(answer(r, 100+len(r.CallID)%500)) }
	d.owned = func(r *signal.Request) bool {
		if r.Method != signal.ACK {
			d.edge.Respond(answer(r, 200))
		}
		return false
	}
	s := start(f, settings(), d)
	flow := signal.Flow{Edge: "m1", Transport: "UDP", Local: netip.AddrPortFrom(
		netip.MustParseAddr("127.0.0.1"), uint16(s.Ports().UDP)), Remote: netip.MustParseAddrPort("127.0.0.1:9")}
	f.Fuzz(func(t *testing.T, data []byte, datagram bool) {
		flow := flow
		if !datagram {
			flow.Transport, flow.Conn = "TCP", 1
		}
		s.arrivals().Message(flow, data)
		s.arrivals().Broken(flow, data, io.EOF)
		mask(data)
		for len(d.cancelled) > 0 {
			<-d.cancelled
		}
	})
}

// Who is asserted to answer is told to trusted peers alone, and so is all else that others may not hear.
func TestAssertionsInResponses(t *testing.T) {
	for trusted, want := range map[string]string{"192.0.2.1": "<sip:1001@tandem.local>", "192.0.2.2": ""} {
		c, d := settings(), newDesk()
		c.Trusted = []string{trusted}
		s, p := start(t, c, d), newPipe()
		go func() { _ = s.ServeWebSocket(p) }()
		p.in <- request("INVITE", "1", "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKw")
		ringing := answer(take(t, d.requests), 180)
		ringing.Headers = append(ringing.Headers, signal.Header{Name: "P-Asserted-Identity", Value: "<sip:1001@tandem.local>"})
		s.Respond(ringing)
		text := take(t, p.out)
		for strings.HasPrefix(text, "SIP/2.0 100") {
			text = take(t, p.out)
		}
		if got := header(text, "P-Asserted-Identity"); got != want || len(ringing.Headers) == 0 {
			t.Errorf("%s is trusted: told %q, want %q", trusted, got, want)
		}
		p.Close()
	}
}
