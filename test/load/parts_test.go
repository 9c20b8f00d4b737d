package load

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// invite is a request as a member writes it.
const invite = "INVITE sip:1001@127.0.0.1:5062 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKa\r\n" +
	"Max-Forwards: 70\r\nFrom: <sip:1000@tandem.local>;tag=f\r\nTo: <sip:1001@tandem.local>\r\nCall-ID: 7.x\r\n" +
	"CSeq: 3 INVITE\r\nContact: <sip:127.0.0.1:5060>\r\nContent-Length: 0\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 0\r\n"

func TestAnswerer(t *testing.T) {
	a := &answerer{contact: "sip:floor@127.0.0.1:1", media: 6000}
	var got []string
	keep := func(b []byte) { got = append(got, string(b)) }
	a.answer([]byte(invite), keep)
	a.answer([]byte(strings.Replace(invite, "INVITE sip", "ACK sip", 1)), keep)
	a.answer([]byte(strings.Replace(invite, "INVITE sip", "BYE sip", 1)), keep)
	if len(got) != 3 {
		t.Fatalf("%d responses, not 180, 200 and 200: %q", len(got), got)
	}
	for i, code := range []int{180, 200, 200} {
		r := []byte(got[i])
		if status(r) != code || string(field(r, "CSeq")) != "3 INVITE" || string(field(r, "Call-ID")) != "7.x" ||
			string(field(r, "To")) != "<sip:1001@tandem.local>;tag=floor" || field(r, "Max-Forwards") != nil {
			t.Errorf("response %d is\n%s", i, r)
		}
	}
	if at := mediaAt([]byte(got[1])); at != here(6000) {
		t.Errorf("the 200 offers audio at %v", at)
	}
	if uri := inBrackets(field([]byte(got[1]), "Contact")); uri != a.contact {
		t.Errorf("the contact is %q", uri)
	}
}

// answerHere runs a callee of ours in this process and returns the port that reaches it.
func answerHere(t *testing.T, answers func(request []byte, a *answerer, send func([]byte))) int {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	a := &answerer{contact: "sip:" + conn.LocalAddr().String(), media: 6000}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in := make([]byte, maxDatagram)
		for {
			n, from, err := conn.ReadFrom(in)
			if err != nil {
				return
			}
			answers(in[:n], a, func(b []byte) { _, _ = conn.WriteTo(b, from) })
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-ended })
	return conn.LocalAddr().(*net.UDPAddr).Port
}

func TestDeskMakesCalls(t *testing.T) {
	port := answerHere(t, func(request []byte, a *answerer, send func([]byte)) { a.answer(request, send) })
	d := &desk{conn: dial(t, here(port))}
	as := &identity{user: "guest"}
	if o := d.run(&calling{as: as, numbers: []string{"9196"}}, 50, 1000); o.done != 50 || o.failures() != 0 || len(o.took) != 50 {
		t.Errorf("of 50 calls: %+v", o)
	}
	if o := d.run(&calling{as: as, numbers: []string{"9196"}, hold: true}, 5, 1000); o.done != 5 || d.ops[4].media != here(6000) {
		t.Errorf("of 5 calls to hold: %+v", o)
	}
	if o := d.resume(&hangingUp{as: as}, 1000); o.done != 5 {
		t.Errorf("of 5 calls to hang up: %+v", o)
	}
}

// TestDeskRepeats loses every first INVITE.
func TestDeskRepeats(t *testing.T) {
	lost := map[string]bool{}
	port := answerHere(t, func(request []byte, a *answerer, send func([]byte)) {
		if id := string(field(request, "Call-ID")); !lost[id] {
			lost[id] = true
			return
		}
		a.answer(request, send)
	})
	d := &desk{conn: dial(t, here(port))}
	o := d.run(&calling{as: &identity{user: "guest"}, numbers: []string{"9196"}}, 3, 1000)
	if o.done != 3 || o.repeated != 3 || o.took[0] < timerT1 {
		t.Errorf("of 3 calls whose first INVITE was lost: %+v", o)
	}
}

// TestDeskAnswersChallenges asks for a digest once, and refuses who has none.
func TestDeskAnswersChallenges(t *testing.T) {
	port := answerHere(t, func(request []byte, a *answerer, send func([]byte)) {
		challenge := []byte(`WWW-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256` + "\r\nContact")
		switch {
		case bytes.HasPrefix(request, []byte("ACK ")):
		case field(request, "Authorization") == nil:
			send(bytes.Replace(a.response(request, "401 Unauthorized", ""), []byte("Contact"), challenge, 1))
		default:
			a.answer(request, send)
		}
	})
	d := &desk{conn: dial(t, here(port))}
	if o := d.run(&registering{users: demo(0, 2), contacts: 2}, 8, 1000); o.done != 8 {
		t.Errorf("of 8 registrations: %+v", o)
	}
	stranger := &calling{as: &identity{user: "guest"}, numbers: []string{"9196"}}
	if o := d.run(stranger, 2, 1000); o.done != 0 || o.failed[401] != 2 {
		t.Errorf("of 2 calls without a password: %+v", o)
	}
}

func TestFloorsForward(t *testing.T) {
	caller, called := openPhones(t), openPhones(t)
	floor := startFloor(t, "forwarder")
	introduce(t, floor, caller, called)
	const n = 5
	caller.targets, called.targets = all(floor.at, n), all(floor.at, n)
	r := talk(t, servers{floor}, 300*time.Millisecond, caller, called)
	if r.received < 2*n*10 || r.received > r.sent*3/2 || r.cpu <= 0 || quantile(r.delays, 0.5) <= 0 {
		t.Errorf("%d packets sent, %d received, %v of processor time", r.sent, r.received, r.cpu)
	}
}

func TestFloorsForwardBetweenPorts(t *testing.T) {
	caller, called := openPhones(t), openPhones(t)
	const n = 5
	floor, ports := startOnPorts(t, n)
	introduce(t, floor, caller, called)
	w := way{server: floor, ports: ports}
	r := w.talk(t, 300*time.Millisecond, caller, called)
	if c := caller.received.Load(); c < n*10 || called.received.Load() < n*10 {
		t.Errorf("%d packets sent, %d and %d received", r.sent, c, called.received.Load())
	}
}

func TestCPUTimeIsThatOfTheKernel(t *testing.T) {
	for began := time.Now(); time.Since(began) < 20*time.Millisecond; { // something to measure
	}
	got, err := cpuTime(os.Getpid())
	var u unix.Rusage
	if err2 := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	want := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if d := want - got; d < -20*time.Millisecond || d > 200*time.Millisecond {
		t.Errorf("%v by the clock of the process, %v by getrusage", got, want)
	}
	const nobody = 1<<22 - 1 // the highest id there can be
	if _, err := cpuTime(nobody); err == nil {
		t.Error("a process that is not there has a clock")
	}
}

func TestCoreTimeHoldsThatOfEverybody(t *testing.T) {
	self := server{pid: os.Getpid()}
	s := self.spend(t, func() {})
	if s.cpu < 0 || s.others < 0 || s.others > 110 || coreTime(t) <= 0 {
		t.Errorf("while nothing was done: %+v, core busy for %v", s, coreTime(t))
	}
}

func TestFiguresInTheMiddle(t *testing.T) {
	for _, c := range []struct {
		figures []float64
		want    float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 3}, 3}} {
		before := slices.Clone(c.figures)
		if got := median(c.figures); got != c.want || !slices.Equal(before, c.figures) {
			t.Errorf("median of %v is %v, and leaves %v", before, got, c.figures)
		}
	}
	if r := ratio(30, 20) + ratio(1, 0); r != "1.5-" {
		t.Errorf("ratios %s", r)
	}
	if doubt(noise) != "" || doubt(noise+1) == "" {
		t.Error("a row is in doubt at the wrong noise")
	}
	tb := table{}
	tb.add(1500*time.Nanosecond, 0.333, 7, "x")
	if row := fmt.Sprint(tb.rows); row != "[[1.5 0.33 7 x]]" {
		t.Errorf("a row is %s", row)
	}
}
