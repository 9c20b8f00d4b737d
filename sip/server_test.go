package sip

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/signal"
)

func TestCall(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("INVITE", "1"))
	p.expect("SIP/2.0 100 Trying")
	invite := take(t, d.requests)
	if invite.Method != signal.INVITE || invite.Origin.Flow.Edge != "m1" || invite.Origin.Flow.Remote != p.addr() {
		t.Errorf("got %+v", invite)
	}
	s.Respond(answer(invite, 180))
	p.expect("SIP/2.0 180 Ringing")
	s.Respond(answer(invite, 200))
	ok := p.expect("SIP/2.0 200 OK")
	for name, want := range map[string]string{
		"To": "<sip:1001@tandem.local>;tag=t1", "Server": "Tandem", "CSeq": "1 INVITE",
		"Contact": "<sip:us@" + p.to.String() + ">",
	} {
		if got := header(ok, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	p.send(request("ACK", "2", "Call-ID: call-1", "To: <sip:1001@tandem.local>;tag=t1"))
	if ack := take(t, d.delivered); ack.Method != signal.ACK {
		t.Errorf("got %+v", ack)
	}
	p.send(request("BYE", "3", "Call-ID: call-1", "To: <sip:1001@tandem.local>;tag=t1", "CSeq: 2 BYE"))
	bye := take(t, d.delivered)
	s.Respond(answer(bye, 200))
	p.expect("SIP/2.0 200 OK")
	none(t, d.requests, "a second request")
}

func TestViaTellsWhereTheRequestCameFrom(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	port := p.addr().String()[strings.LastIndex(p.addr().String(), ":")+1:]
	tests := map[string]struct{ via, want string }{
		"asked":         {"127.0.0.1:5099;rport;branch=z9hG4bKa", ";rport=" + port + ";branch=z9hG4bKa;received=127.0.0.1"},
		"not asked":     {p.addr().String() + ";branch=z9hG4bKb", ";branch=z9hG4bKb"},
		"other address": {"10.0.0.1:5099;branch=z9hG4bKc", ";branch=z9hG4bKc;received=127.0.0.1"},
		"name":          {"phone.invalid;branch=z9hG4bKd", ";branch=z9hG4bKd;received=127.0.0.1"},
		"forged":        {p.addr().String() + ";received=192.0.2.1;branch=z9hG4bKe", ";branch=z9hG4bKe"},
		"forged, NATed": {"10.0.0.1;received=192.0.2.1;branch=z9hG4bKf", ";branch=z9hG4bKf;received=127.0.0.1"},
		"forged twice":  {"10.0.0.1;received=1;RECEIVED=2;branch=z9hG4bKg", ";branch=z9hG4bKg;received=127.0.0.1"},
	}
	for name, test := range tests {
		p.send(request("OPTIONS", "x", "Via: SIP/2.0/UDP "+test.via, "Call-ID: "+strings.Map(letters, name)))
		s.Respond(answer(take(t, d.requests), 200))
		// None has another port that is its own: the answer comes to where the request came from.
		via := header(p.expect("SIP/2.0 200"), "Via")
		if !strings.HasSuffix(via, test.want) {
			t.Errorf("%s: %q, want it to end in %q", name, via, test.want)
		}
	}
}

// Some phones send from one port and listen on another. One that knows its address and does not ask
// for rport means what its Via says (RFC 3261 section 18.2.2), for all that is sent back.
func TestAnswersGoWhereViaSays(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	mouth, ear := newPhone(t, s), newPhone(t, s)
	mouth.send(request("INVITE", "1", "Via: SIP/2.0/UDP "+ear.addr().String()+";branch=z9hG4bK1"))
	ear.expect("SIP/2.0 100")
	r := take(t, d.requests)
	if r.Origin.Flow.Remote != ear.addr() {
		t.Errorf("requests would go to %v, the phone listens on %v", r.Origin.Flow.Remote, ear.addr())
	}
	s.Respond(answer(r, 486))
	ear.expect("SIP/2.0 486")
	mouth.send(request("BYE", "2", "Via: SIP/2.0/UDP "+ear.addr().String()+";branch=z9hG4bK2"))
	s.Respond(answer(take(t, d.requests), 481))
	for !strings.HasPrefix(ear.receive(), "SIP/2.0 481") { // the 486 is repeated meanwhile
	}
}

func letters(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

func TestRepeatsAreAbsorbed(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	invite := request("INVITE", "1")
	p.send(invite)
	p.expect("SIP/2.0 100")
	p.send(invite)
	p.expect("SIP/2.0 100")
	r := take(t, d.requests)
	s.Respond(answer(r, 486))
	p.expect("SIP/2.0 486")
	p.send(invite)
	p.expect("SIP/2.0 486")
	p.send(request("ACK", "1", "To: <sip:1001@tandem.local>;tag=t1"))
	p.send(request("OPTIONS", "2"))
	take(t, d.requests)
	none(t, d.requests, "the repeat was handed in")
	none(t, d.delivered, "the ACK for a refusal was delivered")
	if c := s.Snapshot().Transactions; c.RepeatsIn != 2 {
		t.Errorf("%+v", c)
	}
}

func TestCancel(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("INVITE", "1"))
	p.expect("SIP/2.0 100")
	r := take(t, d.requests)
	s.Respond(answer(r, 180))
	p.expect("SIP/2.0 180")
	cancel := request("CANCEL", "1", `Reason: SIP;cause=200;text="Call completed elsewhere"`)
	for range 2 { // it may be repeated
		p.send(cancel)
		ok := p.expect("SIP/2.0 200")
		if header(ok, "CSeq") != "1 CANCEL" || !strings.HasSuffix(header(ok, "To"), ";tag=t1") {
			t.Errorf("answer to CANCEL:\n%s", ok)
		}
	}
	if got, want := take(t, d.cancelled), r.ID+` SIP;cause=200;text="Call completed elsewhere"`; got != want {
		t.Errorf("cancelled %q, want %q", got, want)
	}
	s.Respond(answer(r, 487))
	p.expect("SIP/2.0 487")
	p.send(request("ACK", "1", "To: <sip:1001@tandem.local>;tag=t1"))

	p.send(request("CANCEL", "unknown"))
	p.expect("SIP/2.0 481")
	none(t, d.cancelled, "cancelled again")

	p.send(request("INVITE", "2"))
	p.expect("SIP/2.0 100")
	s.Respond(answer(take(t, d.requests), 200))
	p.expect("SIP/2.0 200")
	p.send(request("CANCEL", "2")) // too late
	p.expect("SIP/2.0 200")
	p.send(request("OPTIONS", "3"))
	take(t, d.requests)
	none(t, d.cancelled, "an answered INVITE was cancelled")
}

// The owner of a dialog may answer while it is handed the request: the 100 does not come after that.
// Two tags would be two dialogs: all answers that have no dialog to name share one, and so does the
// answer to the CANCEL (RFC 3261 sections 8.2.6.2 and 9.2).
func TestAnswersWithoutADialogShareATag(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("INVITE", "1"))
	p.expect("SIP/2.0 100")
	r := take(t, d.requests)
	s.Respond(&signal.Response{Request: r.ID, Status: 180})
	to := header(p.expect("SIP/2.0 180"), "To")
	p.send(request("CANCEL", "1"))
	if got := header(p.expect("SIP/2.0 200"), "To"); got != to {
		t.Errorf("CANCEL is answered as %q, want %q", got, to)
	}
	s.Respond(&signal.Response{Request: r.ID, Status: 487})
	if got := header(p.expect("SIP/2.0 487"), "To"); got != to || !strings.Contains(to, ";tag=") {
		t.Errorf("refused as %q, was ringing as %q", got, to)
	}
}

func TestReInvite(t *testing.T) {
	d := newDesk()
	d.owned = func(r *signal.Request) bool {
		if r.CallID == "call-2" {
			d.edge.Respond(answer(r, 183))
		}
		return true
	}
	s := start(t, settings(), d)
	p := newPhone(t, s)
	invite := func(branch string) {
		p.send(request("INVITE", branch, "To: <sip:1001@tandem.local>;tag=t1"))
	}
	invite("1")
	p.expect("SIP/2.0 100")
	s.Respond(answer(take(t, d.delivered), 200))
	p.expect("SIP/2.0 200")
	invite("2")
	p.expect("SIP/2.0 183")
	invite("2")
	p.expect("SIP/2.0 183")
}

func TestInDialogRequestWithoutOwner(t *testing.T) {
	d := newDesk()
	d.owned = func(*signal.Request) bool { return false }
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("ACK", "0", "To: <sip:1001@tandem.local>;tag=x"))
	for _, method := range []string{"BYE", "BYE", "INVITE", "INVITE"} { // each one brings one answer
		p.send(request(method, method, "To: <sip:1001@tandem.local>;tag=x"))
		p.expect("SIP/2.0 481")
	}
	if n := s.Snapshot().Transactions.Servers; n != 0 {
		t.Errorf("%d transactions were left for strangers", n)
	}
}

func TestVerdicts(t *testing.T) {
	d := newDesk()
	d.admit = func(r *signal.Request) signal.Verdict {
		switch r.Headers.Get("Subject") {
		case "refuse":
			return signal.Verdict{Action: signal.Refuse, Status: 403, Reason: "Not You"}
		case "ignore":
			return signal.Verdict{Action: signal.Ignore}
		}
		return signal.Verdict{Action: signal.Challenge, Realm: "tandem.local"}
	}
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("INVITE", "0", "Subject: ignore"))
	p.send(request("INVITE", "1", "Subject: refuse"))
	p.expect("SIP/2.0 403 Not You")
	invite := request("INVITE", "2")
	var tags []string
	for range 2 { // each repeat brings one answer, and the same one
		p.send(invite)
		got := p.expect("SIP/2.0 407")
		if !strings.Contains(got, "Proxy-Authenticate: Digest") {
			t.Errorf("no challenge in\n%s", got)
		}
		tags = append(tags, header(got, "To"))
	}
	if tags[0] != tags[1] || !strings.Contains(tags[0], ";tag=") {
		t.Errorf("To %q", tags)
	}
	p.send(request("ACK", "2", "To: "+tags[0]))
	p.send(request("REGISTER", "3"))
	if got := p.expect("SIP/2.0 401"); !strings.Contains(got, "WWW-Authenticate: Digest") {
		t.Errorf("no challenge in\n%s", got)
	}
	none(t, d.delivered, "the ACK for a challenge was delivered")
	if n := s.Snapshot().Transactions.Servers; n != 0 {
		t.Errorf("%d transactions were made for strangers", n)
	}
}

// Who asks by a SIPS URI may be given nothing less as our target (RFC 3261 section 12.1.1).
func TestSecureContact(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(strings.Replace(request("OPTIONS", "1"), "OPTIONS sip:", "OPTIONS sips:", 1))
	s.Respond(answer(take(t, d.requests), 200))
	if got := header(p.expect("SIP/2.0 200"), "Contact"); !strings.HasPrefix(got, "<sips:us@") {
		t.Errorf("Contact %q", got)
	}
	r := outgoing(signal.OPTIONS, "ask", p.addr())
	r.URI.Scheme = "sips"
	flow, _ := s.transports.FlowUDP(p.addr())
	s.Send(r, flow, nil)
	if got := header(p.expect("OPTIONS"), "Contact"); !strings.HasPrefix(got, "<sips:us@") {
		t.Errorf("Contact %q", got)
	}
}

// The peer measures the way there and back by it (RFC 3261 section 8.2.6.1).
func TestTryingReturnsTheTimestamp(t *testing.T) {
	p := newPhone(t, start(t, settings(), newDesk()))
	p.send(request("INVITE", "1", "TIMESTAMP: 54.2"))
	if got := header(p.expect("SIP/2.0 100"), "Timestamp"); got != "54.2" {
		t.Errorf("Timestamp %q", got)
	}
}

func TestTooManyTransactions(t *testing.T) {
	c := settings()
	c.MaxTransactions = 1
	d := newDesk()
	s := start(t, c, d)
	p := newPhone(t, s)
	p.send(request("INVITE", "1"))
	p.expect("SIP/2.0 100")
	p.send(request("INVITE", "2"))
	if got := p.expect("SIP/2.0 503"); header(got, "Retry-After") == "" {
		t.Errorf("no Retry-After:\n%s", got)
	}
	take(t, d.requests)
	none(t, d.requests, "a request beyond the limit was handed in")
}

func TestMergedRequestIsRefused(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("INVITE", "1", "Call-ID: same"))
	p.expect("SIP/2.0 100")
	p.send(request("INVITE", "2", "Call-ID: same"))
	p.expect("SIP/2.0 482")
}

// A proxy forks a call to several who are reached here, and it meets us once for each of them, by two trunks or one (RFC 3261
// section 16.6): none is refused for another. One target that comes by two ways is merged, however they spell it.
func TestForkToSeveralTargetsHere(t *testing.T) {
	d := newDesk()
	p := newPhone(t, start(t, settings(), d))
	for i, x := range []struct{ target, want string }{
		{"sip:1001@tandem.local", "100"}, {"sip:1002@tandem.local", "100"}, {"sip:1001@tandem.example", "100"}, {"tel:+15551001", "100"},
		{"sip:1001@TANDEM.local:5060;transport=udp", "482"}, {"sips:1002@tandem.local", "482"}, {"tel:+15551001", "482"},
	} {
		branch := strconv.Itoa(i)
		p.send(strings.Replace(request("INVITE", branch, "Call-ID: same"), "sip:1001@tandem.local", x.target, 1))
		if got := p.receive(); !strings.HasPrefix(got, "SIP/2.0 "+x.want) {
			t.Errorf("%s: %.20q, want %s", x.target, got, x.want)
		} else if x.want == "100" {
			take(t, d.requests)
		}
	}
	none(t, d.requests, "one that was merged")
}

func TestDrain(t *testing.T) {
	d := newDesk()
	a := start(t, settings(), d)
	p := newPhone(t, a)
	p.send(request("INVITE", "1"))
	p.expect("SIP/2.0 100")
	r := take(t, d.requests)
	closed := make(chan error)
	go func() { closed <- a.Close(time.Minute) }()
	for !a.draining.Load() {
		p.send(request("INVITE", "1")) // a repeat changes nothing
		p.expect("SIP/2.0 100")
	}
	p.send(request("OPTIONS", "2"))
	p.expect("SIP/2.0 503")
	a.Respond(answer(r, 486))
	p.expect("SIP/2.0 486")
	if err := take(t, closed); err != nil {
		t.Error(err)
	}
}

// TestGrantsARegistration: a name or a body that ends in the word grants nothing.
func TestGrantsARegistration(t *testing.T) {
	for text, want := range map[string]bool{
		"SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n":                  true,
		"SIP/2.0 200 OK\r\nCSeq: 1 REGISTER\r\n\r\n":                                       true,
		"SIP/2.0 401 Unauthorized\r\nCSeq: 1 REGISTER\r\n\r\n":                             false,
		"SIP/2.0 200 OK\r\nSubject: how to REGISTER\r\nCSeq: 1 OPTIONS\r\n\r\n":            false,
		"SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\na=x REGISTER\r\n\r\nCSeq: 1 REGISTER\r\n": false,
		"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n":                                      false,
	} {
		if registered([]byte(text)) != want {
			t.Errorf("registered is %v of %q", !want, text)
		}
	}
}

func TestUnsoundMessages(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("OPTIONS", "1", "CSeq: 1 INVITE"))
	p.expect("SIP/2.0 400")
	p.send("OPTIONS garbage\r\n\r\n")
	p.send("SIP/2.0 200 OK\r\n\r\n")
	p.send(request("OPTIONS", "2"))
	take(t, d.requests)
	if f := s.Snapshot().Faults; len(f) == 0 {
		t.Error("faults are not counted")
	}
}

func TestRespondToNothing(t *testing.T) {
	s := start(t, settings(), newDesk())
	s.Respond(&signal.Response{Request: "nonsense", Status: 200})
	s.Respond(&signal.Response{Request: strings.Repeat("0", 32), Status: 200})
}

func TestResponseThatCanNotBeWritten(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	p := newPhone(t, s)
	p.send(request("OPTIONS", "1"))
	bad := answer(take(t, d.requests), 200)
	bad.Headers = signal.Headers{{Name: "X", Value: "a\r\nInjected: yes"}}
	s.Respond(bad)
	if got := p.expect("SIP/2.0 500"); strings.Contains(got, "Injected") {
		t.Errorf("got\n%s", got)
	}
}
