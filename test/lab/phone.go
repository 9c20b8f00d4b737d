package lab

import (
	"crypto/rand"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"
)

const (
	timerT1 = 500 * time.Millisecond // RFC 3261 section 17.1.1.1
	timerT2 = 4 * time.Second
	// patience is how long a phone waits for a final response, or for a call, on a busy machine. An
	// INVITE may ring for so long.
	patience = 60 * time.Second
	// maxWaiting is how many calls and notifications may wait for the test to look at them.
	maxWaiting = 256
	// maxAsked is how many requests a phone keeps for the test to look at.
	maxAsked = 1000
)

// Phone is a small SIP telephone over UDP, for what the real ones that we have can not do: press keys in
// each of the three ways, look at NOTIFY, send what no honest phone sends. It has one account, and any
// number of calls. Its methods fail the test.
type Phone struct {
	User, Password string
	// Display and Domain stand in From; both may be changed between requests.
	Display, Domain string
	// NoEvents keeps it from offering telephone events: its keys are tones then, see Sing.
	NoEvents bool
	// Deaf keeps it from keeping audio: its calls count their packets and cost little, so that there can be many.
	Deaf bool
	// Lasting is for how many seconds it subscribes and publishes, 600 unless it is changed.
	Lasting int

	// Challenge is what it asks for, in Proxy-Authenticate, before it lets a call of its be hung up; "": nothing.
	Challenge string

	t      testing.TB
	conn   *net.UDPConn
	at     netip.AddrPort // the member that it is with
	regID  string
	regSeq int

	mu       sync.Mutex
	sources  map[string]netip.AddrPort  // of requests, by branch
	waiting  map[string]chan sipMessage // by branch
	calls    map[string]*Call           // by Call-ID
	incoming chan *Call
	notified chan string       // bodies of NOTIFY, outside of calls
	messages chan string       // bodies of MESSAGE, outside of calls
	said     map[string]string // what it asked last, by method
	asked    []string          // what it was asked, maxAsked at most
}

// Phone opens a phone with an account of the member and no password but that of the demo accounts. The
// end of the test closes it.
func (m *Member) Phone(t testing.TB, user string) *Phone {
	t.Helper()
	return m.PhoneAt(t, user, here.String())
}

// PhoneAt opens a phone at an address of loopback.
func (m *Member) PhoneAt(t testing.TB, user, address string) *Phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(address)})
	if err != nil {
		t.Fatal(err)
	}
	p := &Phone{User: user, Password: Password, Domain: Domain, Lasting: 600, t: t, conn: conn, regID: rand.Text(),
		at: netip.MustParseAddrPort(m.UDPAddr()), sources: map[string]netip.AddrPort{},
		waiting: map[string]chan sipMessage{}, calls: map[string]*Call{},
		incoming: make(chan *Call, maxWaiting), notified: make(chan string, maxWaiting),
		messages: make(chan string, maxWaiting), said: map[string]string{}}
	t.Cleanup(func() { _ = conn.Close() })
	go p.read()
	return p
}

// Move takes the phone to another member: what it asks from now on, outside of calls, is asked there.
func (p *Phone) Move(m *Member) {
	p.mu.Lock()
	p.at = netip.MustParseAddrPort(m.UDPAddr())
	p.mu.Unlock()
}

// read takes messages until the socket is closed.
func (p *Phone) read() {
	buffer := make([]byte, 65535)
	for {
		n, from, err := p.conn.ReadFromUDPAddrPort(buffer)
		if isClosed(err) {
			return
		}
		if err != nil {
			continue
		}
		if m, ok := parseSIP(string(buffer[:n])); ok {
			if m.status() == 0 {
				p.mu.Lock()
				p.sources[m.branch()] = from
				if len(p.asked) < maxAsked {
					p.asked = append(p.asked, string(buffer[:n]))
				}
				p.mu.Unlock()
			}
			p.take(m)
		}
	}
}

func (p *Phone) take(m sipMessage) {
	if m.status() == 0 {
		p.answer(m)
		return
	}
	p.mu.Lock()
	waiting, call := p.waiting[m.branch()], p.calls[m.get("Call-ID")]
	p.mu.Unlock()
	if waiting == nil && call != nil && m.status()/100 == 2 && strings.HasSuffix(m.get("CSeq"), " INVITE") {
		call.acknowledge() // our ACK was lost (RFC 3261 section 13.2.2.4)
		return
	}
	select {
	case waiting <- m: // nil when nobody waits: never ready
	default:
	}
}

// answer answers what the member asks of a phone.
func (p *Phone) answer(m sipMessage) {
	p.mu.Lock()
	call := p.calls[m.get("Call-ID")]
	p.mu.Unlock()
	switch method := m.method(); {
	case method == "INVITE" && call == nil:
		p.ring(m)
	case call != nil:
		call.asked(m)
	case method == "NOTIFY":
		p.write(m.response("200 OK", "", ""))
		select {
		case p.notified <- m.body:
		default:
		}
	case method == "MESSAGE":
		p.write(m.response("200 OK", "", ""))
		select {
		case p.messages <- m.body:
		default:
		}
	case method == "OPTIONS":
		p.write(m.response("200 OK", "", ""))
	case method != "ACK":
		p.write(m.response("481 Call/Transaction Does Not Exist", "", ""))
	}
}

// write sends a message where it belongs: a response to where the request came from, a request within a call along
// its route, any other one to the member that the phone is with.
func (p *Phone) write(text string) {
	m, _ := parseSIP(text)
	p.mu.Lock()
	to := p.at
	if source, ok := p.sources[m.branch()]; ok && m.status() != 0 {
		to = source
	}
	if m.status() == 0 {
		p.said[m.method()] = text
	}
	p.mu.Unlock()
	if m.status() == 0 && strings.Contains(m.get("To"), ";tag=") {
		_, rest, _ := strings.Cut(m.start, " ")
		next, _, _ := strings.Cut(rest, " ")
		if route := m.get("Route"); route != "" {
			next = uriOf(route)
		}
		if at, err := netip.ParseAddrPort(hostOf(next)); err == nil {
			to = at
		}
	}
	_, _ = p.conn.WriteToUDPAddrPort([]byte(text), to)
}

// Contact is the phone's own address.
func (p *Phone) Contact() string { return fmt.Sprintf("sip:%s@%s", p.User, p.conn.LocalAddr()) }

func (p *Phone) from() string {
	name := ""
	if p.Display != "" {
		name = `"` + p.Display + `" `
	}
	return fmt.Sprintf("%s<sip:%s@%s>", name, p.User, p.Domain)
}

// sipRequest is what a phone asks.
type sipRequest struct {
	method, uri, to, callID, tag string
	cseq                         int
	contact                      string        // "": the phone's own
	extra                        []string      // header lines
	kind, body                   string        // content type
	cancel                       time.Duration // after it rings for so long, an INVITE is cancelled; 0: never
}

func (p *Phone) text(r sipRequest, branch string) string {
	contact := r.contact
	if contact == "" {
		contact = "<" + p.Contact() + ">"
	}
	lines := append([]string{r.method + " " + r.uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/UDP %s;rport;branch=%s", p.conn.LocalAddr(), branch),
		"Max-Forwards: 70", "From: " + p.from() + ";tag=" + r.tag, "To: " + r.to, "Call-ID: " + r.callID,
		fmt.Sprintf("CSeq: %d %s", r.cseq, r.method), "Contact: " + contact,
		"User-Agent: Phone 1.0", "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, MESSAGE, REFER, UPDATE"}, r.extra...)
	if r.kind != "" {
		lines = append(lines, "Content-Type: "+r.kind)
	}
	return strings.Join(append(lines, "Content-Length: "+strconv.Itoa(len(r.body)), "", r.body), "\r\n")
}

// ask sends a request, answers one challenge, and returns the final response: zero when none came.
func (p *Phone) ask(r *sipRequest) sipMessage {
	response := p.transact(r)
	if s := response.status(); s != 401 && s != 407 {
		return response
	}
	line, err := p.authorize(r, response)
	if err != nil {
		return response
	}
	again := *r
	again.cseq, again.extra = r.cseq+1, append(r.extra[:len(r.extra):len(r.extra)], line)
	r.cseq = again.cseq
	return p.transact(&again)
}

// authorize answers the first challenge that can be answered, in a header line.
func (p *Phone) authorize(r *sipRequest, response sipMessage) (string, error) {
	name, field := "WWW-Authenticate", "Authorization"
	if response.status() == 407 {
		name, field = "Proxy-Authenticate", "Proxy-Authorization"
	}
	challenge, err := digest.ParseChallenge(response.get(name))
	if err != nil {
		return "", err
	}
	made, err := digest.Digest(challenge, digest.Options{Method: r.method, URI: r.uri, Count: 1, Username: p.User, Password: p.Password})
	if err != nil {
		return "", err
	}
	return field + ": " + made.String(), nil
}

// transact sends a request, repeats it, acknowledges a refused INVITE, and returns the final response.
func (p *Phone) transact(r *sipRequest) sipMessage {
	branch := "z9hG4bK" + rand.Text()
	responses := make(chan sipMessage, 16)
	p.mu.Lock()
	p.waiting[branch] = responses
	p.mu.Unlock()
	defer func() { p.mu.Lock(); delete(p.waiting, branch); p.mu.Unlock() }()
	text, interval := p.text(*r, branch), timerT1
	p.write(text)
	repeat, over := time.NewTimer(interval), time.NewTimer(patience)
	defer repeat.Stop()
	defer over.Stop()
	var enough <-chan time.Time
	for {
		select {
		case <-enough:
			cancel := *r
			cancel.method, cancel.extra, cancel.kind, cancel.body = "CANCEL", nil, "", ""
			p.write(p.text(cancel, branch)) // the same transaction's (RFC 3261 section 9.1)
		case <-over.C:
			return sipMessage{}
		case <-repeat.C:
			p.write(text)
			interval = min(2*interval, timerT2)
			repeat.Reset(interval)
		case m := <-responses:
			if m.status() < 200 {
				repeat.Stop() // the member has it
				if m.status() > 100 && enough == nil && r.cancel > 0 {
					enough = time.After(r.cancel)
				}
				continue
			}
			if r.method == "INVITE" && strings.HasSuffix(m.get("CSeq"), " CANCEL") {
				continue // the INVITE has a final response of its own
			}
			if r.method == "INVITE" && m.status() >= 300 {
				ack := *r
				ack.method, ack.to, ack.extra, ack.kind, ack.body = "ACK", m.get("To"), nil, "", ""
				p.write(p.text(ack, branch))
			}
			return m
		}
	}
}

// Register registers the phone for so many seconds; 0 ends it.
func (p *Phone) Register(seconds int) {
	p.t.Helper()
	if s := p.TryRegister(seconds); s != 200 {
		p.t.Fatalf("the registration of %s got %d", p.User, s)
	}
}

// TryRegister is Register for one that may be refused: it returns the status, 0 when no response came.
func (p *Phone) TryRegister(seconds int) int {
	p.regSeq += 2 // the second answers a challenge
	r := sipRequest{method: "REGISTER", uri: "sip:" + p.Domain, to: fmt.Sprintf("<sip:%s@%s>", p.User, p.Domain),
		callID: p.regID, tag: rand.Text(), cseq: p.regSeq, extra: []string{"Expires: " + strconv.Itoa(seconds)}}
	return p.ask(&r).status()
}

// RegisterAs registers a contact as it is written, for so many seconds ("": that is not said), and returns the status.
func (p *Phone) RegisterAs(contact, seconds string) int {
	p.regSeq += 2
	r := sipRequest{method: "REGISTER", uri: "sip:" + p.Domain, to: fmt.Sprintf("<sip:%s@%s>", p.User, p.Domain),
		callID: p.regID, tag: rand.Text(), cseq: p.regSeq, contact: contact}
	if seconds != "" {
		r.extra = []string{"Expires: " + seconds}
	}
	return p.ask(&r).status()
}

// Said is the last request of a method that the phone has sent.
func (p *Phone) Said(method string) string { p.mu.Lock(); defer p.mu.Unlock(); return p.said[method] }

// Calls are all calls of the phone so far, those that have ended too, in no order.
func (p *Phone) Calls() []*Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Collect(maps.Values(p.calls))
}

// Asked are the requests that the phone has got.
func (p *Phone) Asked() []string { p.mu.Lock(); defer p.mu.Unlock(); return slices.Clone(p.asked) }

// Message sends a text to a user, and gives the status of its response.
func (p *Phone) Message(user, text string) int {
	uri := fmt.Sprintf("sip:%s@%s", user, p.Domain)
	return p.ask(&sipRequest{method: "MESSAGE", uri: uri, to: "<" + uri + ">", callID: rand.Text(), tag: rand.Text(), cseq: 1,
		kind: "text/plain", body: text}).status()
}

// AwaitMessage waits for a message.
func (p *Phone) AwaitMessage() string {
	p.t.Helper()
	select {
	case text := <-p.messages:
		return text
	case <-time.After(patience):
		p.t.Fatalf("nobody has written to %s", p.User)
		return ""
	}
}

// Subscribe asks to be told of an event package of its own account, and returns the status.
func (p *Phone) Subscribe(event string) int {
	uri := fmt.Sprintf("sip:%s@%s", p.User, p.Domain)
	return p.ask(&sipRequest{method: "SUBSCRIBE", uri: uri, to: "<" + uri + ">", callID: rand.Text(), tag: rand.Text(),
		cseq: 1, extra: []string{"Event: " + event, p.expires()}}).status()
}

func (p *Phone) expires() string { return fmt.Sprint("Expires: ", p.Lasting) }

// Watch asks to be told of the presence of a user, and returns the status.
func (p *Phone) Watch(user string) int { return p.watch(user, "presence", "application/pidf+xml") }

// WatchCalls asks to be told of the calls of a user, as for a key with a lamp, and returns the status.
func (p *Phone) WatchCalls(user string) int {
	return p.watch(user, "dialog", "application/dialog-info+xml")
}

func (p *Phone) watch(user, event, kind string) int {
	uri := fmt.Sprintf("sip:%s@%s", user, p.Domain)
	return p.ask(&sipRequest{method: "SUBSCRIBE", uri: uri, to: "<" + uri + ">", callID: rand.Text(), tag: rand.Text(),
		cseq: 1, extra: []string{"Event: " + event, "Accept: " + kind, p.expires()}}).status()
}

// Publish says how the phone's user stands: activity is that of a presence document, "" of one who is there. match is
// the entity-tag of what it published before, or "". It returns the status and the new tag.
func (p *Phone) Publish(activity, match string) (status int, tag string) {
	uri := fmt.Sprintf("sip:%s@%s", p.User, p.Domain)
	r := sipRequest{method: "PUBLISH", uri: uri, to: "<" + uri + ">", callID: rand.Text(), tag: rand.Text(), cseq: 1,
		extra: []string{"Event: presence", p.expires()}, kind: "application/pidf+xml"}
	if match != "" {
		r.extra = append(r.extra, "SIP-If-Match: "+match)
	}
	if activity != "" {
		activity = "<dm:person id=\"p\"><rpid:activities><rpid:" + activity + "/></rpid:activities></dm:person>"
	}
	r.body = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ` +
		`xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="` + uri + `"><tuple id="t"><status><basic>open</basic></status>` +
		`</tuple>` + activity + `</presence>`
	m := p.ask(&r)
	return m.status(), m.get("SIP-ETag")
}

// AwaitNotice waits for a NOTIFY, outside of calls, whose body holds a text; others before it are dropped.
func (p *Phone) AwaitNotice(text string) {
	p.t.Helper()
	over := time.After(patience)
	last := "nothing"
	for {
		select {
		case body := <-p.notified:
			if strings.Contains(body, text) {
				return
			}
			last = body
		case <-over:
			p.t.Fatalf("%s has not been told %q but at last: %s", p.User, text, last)
		}
	}
}
