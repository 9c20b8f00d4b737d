package dialog

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/signal"
)

// world drives one dialog with any event in any order and checks what must hold in every story.
type world struct {
	t      *rapid.T
	d      *Dialog
	server bool
	now    time.Time

	cseq     uint32                      // of the peer's last request, per dialog enough
	open     map[string]signal.Method    // peer's requests without a final response, by ID
	final    map[string]*signal.Response // final responses, by request
	sent     []*signal.Request           // our requests, ACKs apart
	acks     map[string]*signal.Request  // by to-tag and CSeq
	last     map[string]uint32           // our last CSeq, by to-tag
	timers   []StartTimer
	offered  bool // Offered told, not answered
	over     int  // Ended and Refused told
	referred []string
}

// dialogKey tells the dialogs of our requests apart. The first INVITE has no tag and no successor.
func dialogKey(r *signal.Request) string { return r.To.Tag() }

func (w *world) take(effects []Effect) {
	for _, e := range effects {
		if _, is481 := e.(Respond); w.over > 0 && !(is481 && e.(Respond).Response.Status == 481) {
			w.t.Fatalf("effect after the end: %#v", e)
		}
		switch e := e.(type) {
		case Send:
			w.checkSent(e.Request)
		case Respond:
			w.checkResponse(e.Response)
		case StartTimer:
			if e.After < 0 {
				w.t.Fatalf("timer in the past: %v", e)
			}
			w.timers = append(w.timers, e)
		case Offered:
			if w.offered {
				w.t.Fatal("second SDP offer while one is open")
			}
			w.offered = true
		case Referred:
			w.referred = append(w.referred, e.ID)
		case Ended, Refused:
			w.over++
		}
	}
	if w.over > 1 {
		w.t.Fatal("ended twice")
	}
	if w.over == 1 != (w.d.State() == Over) {
		w.t.Fatalf("told the end %d times, state is %s", w.over, w.d.State())
	}
}

func (w *world) checkSent(r *signal.Request) {
	if r.Method == signal.ACK {
		key := fmt.Sprint(r.To.Tag(), "/", r.CSeq)
		if old := w.acks[key]; old != nil && old != r {
			w.t.Fatalf("two different ACKs of %s", key)
		}
		w.acks[key] = r
		return
	}
	for _, old := range w.sent {
		if old.ID == r.ID {
			w.t.Fatalf("ID %s used twice", r.ID)
		}
	}
	if r.CSeq <= w.last[dialogKey(r)] {
		w.t.Fatalf("CSeq of %s does not rise: %d after %d", r.Method, r.CSeq, w.last[dialogKey(r)])
	}
	w.last[dialogKey(r)] = r.CSeq
	if r.Method == signal.INVITE && w.exchangeOpen() {
		w.t.Fatal("re-INVITE while the peer's SDP offer is open")
	}
	w.sent = append(w.sent, r)
}

func (w *world) exchangeOpen() bool { return w.offered }

func (w *world) checkResponse(r *signal.Response) {
	if r.Status < 200 {
		if _, done := w.final[r.Request]; done {
			w.t.Fatalf("1xx to %s after its final response", r.Request)
		}
		return
	}
	if old := w.final[r.Request]; old != nil && old != r {
		w.t.Fatalf("%s answered %d and %d", r.Request, old.Status, r.Status)
	}
	w.final[r.Request] = r
	if m := w.open[r.Request]; (m == signal.INVITE || m == signal.UPDATE || m == signal.PRACK) && w.offered &&
		w.d.exchange.phase != asked {
		w.offered = false
	}
	delete(w.open, r.Request)
}

var tags = []string{"them", "them", "them", "other", "third"}

// receive makes a request of the peer.
func (w *world) receive() {
	methods := []signal.Method{signal.ACK, signal.BYE, signal.INVITE, signal.INVITE, signal.UPDATE, signal.INFO,
		signal.REFER, signal.NOTIFY, signal.MESSAGE, signal.OPTIONS, signal.PRACK, signal.SUBSCRIBE}
	m := rapid.SampledFrom(methods).Draw(w.t, "method")
	cseq := w.cseq + uint32(rapid.IntRange(0, 2).Draw(w.t, "step"))
	if m != signal.ACK {
		w.cseq = cseq
	}
	r := &signal.Request{ID: fmt.Sprint("r", len(w.final)+len(w.open), ".", cseq, ".", m), Method: m, CallID: "call1",
		From: bob.WithTag(rapid.SampledFrom(tags).Draw(w.t, "tag")), To: alice.WithTag("us"), CSeq: cseq,
		Contacts: []signal.Party{bob}, Origin: signal.Origin{Flow: flowTo(5060)}}
	switch rapid.IntRange(0, 3).Draw(w.t, "body") {
	case 0, 1:
		r.ContentType, r.Body = sdpType, []byte("v=0")
	case 2:
		r.ContentType, r.Body = sipfragType, []byte("SIP/2.0 200 OK")
	}
	switch m {
	case signal.REFER:
		r.Headers = signal.Headers{{Name: "Refer-To", Value: "<sip:x@y>"}}
	case signal.NOTIFY:
		r.Headers = signal.Headers{{Name: "Event", Value: "refer"}}
	case signal.PRACK:
		rseq := w.d.server.rseq + uint32(rapid.IntRange(0, 1).Draw(w.t, "RAck"))
		r.Headers = signal.Headers{{Name: "RAck", Value: fmt.Sprint(rseq, " 1 INVITE")}}
	case signal.INVITE, signal.UPDATE:
		r.Headers = w.terms()
	}
	if w.final[r.ID] != nil || w.open[r.ID] != "" {
		return
	}
	if m != signal.ACK {
		w.open[r.ID] = m
	}
	w.take(w.d.Received(r, w.now))
	if m == signal.ACK || w.final[r.ID] != nil {
		return
	}
	// Left open: it must have been put to the leg.
	if m != signal.INVITE && m != signal.UPDATE && m != signal.REFER && m != signal.PRACK {
		w.t.Fatalf("%s got no answer while %s", m, w.d.State())
	}
}

// terms are what a peer says of session timers and reliable responses, good or bad.
func (w *world) terms() signal.Headers {
	return rapid.SampledFrom([]signal.Headers{nil, {{Name: "Supported", Value: "timer, 100rel"}},
		{{Name: "Require", Value: "100rel"}}, {{Name: "Session-Expires", Value: "1"}},
		{{Name: "Supported", Value: "timer"}, {Name: "Session-Expires", Value: "100;refresher=uas"}},
		{{Name: "Min-SE", Value: "4000"}, {Name: "Allow", Value: "UPDATE"}},
		{{Name: "Session-Expires", Value: "300;refresher=uac"}, {Name: "Allow", Value: "INVITE"}},
	}).Draw(w.t, "terms")
}

// answer makes a response to one of our requests.
func (w *world) answer() {
	if len(w.sent) == 0 {
		return
	}
	to := rapid.SampledFrom(w.sent).Draw(w.t, "request")
	status := rapid.SampledFrom([]int{100, 180, 183, 183, 200, 200, 202, 302, 405, 408, 422, 481, 486, 491, 500, 503}).
		Draw(w.t, "status")
	r := &signal.Response{Request: to.ID, Method: to.Method, Status: status,
		To: bob.WithTag(rapid.SampledFrom(tags).Draw(w.t, "tag")), Headers: w.terms()}
	if rapid.Bool().Draw(w.t, "reliable") {
		last := uint32(0)
		if f := w.d.forkOf(r.To.Tag()); f != nil {
			last = f.rseq
		}
		r.Headers = signal.Headers{{Name: "Require", Value: "100rel"},
			{Name: "RSeq", Value: fmt.Sprint(last + uint32(rapid.IntRange(0, 2).Draw(w.t, "RSeq")))}}
	}
	if rapid.Bool().Draw(w.t, "sdp") {
		r.ContentType, r.Body = sdpType, []byte("v=0")
	}
	w.take(w.d.Answered(r, w.now))
}

// command gives a command of the leg; refused ones must have no effect.
func (w *world) command() {
	var sdp []byte
	if rapid.Bool().Draw(w.t, "sdp") {
		sdp = []byte("v=0")
	}
	id := ""
	if len(w.referred) > 0 {
		id = rapid.SampledFrom(w.referred).Draw(w.t, "refer")
	}
	status := rapid.SampledFrom([]int{0, 100, 180, 200, 404, 486, 603, 700}).Draw(w.t, "status")
	var effects []Effect
	var err error
	switch d, now := w.d, w.now; rapid.IntRange(0, 14).Draw(w.t, "command") {
	case 0:
		effects, err = d.Invite(sdp, now)
	case 1:
		effects, err = d.Progress(status, "", sdp, nil, now)
	case 2, 3:
		effects, err = d.Accept(sdp, now)
	case 4:
		if rapid.IntRange(0, 5).Draw(w.t, "seldom") == 0 {
			effects, err = d.Reject(status, "", nil, now)
		}
	case 5:
		effects, err = d.Acknowledge(sdp, now)
	case 6:
		effects, err = d.Reinvite(sdp, now)
	case 7, 8:
		effects, err = d.AcceptOffer(sdp, now)
	case 9:
		effects, err = d.RefuseOffer(status, "", now)
	case 10:
		effects, err = d.Info("text/plain", sdp, now)
	case 11:
		effects, err = d.Refer(bob.URI, nil, "", now)
	case 12:
		effects, err = d.AcceptRefer(id, now)
	case 13:
		effects, err = d.RefuseRefer(id, status, "", now)
	case 14:
		effects, err = d.ReportRefer(id, status, "", now)
	}
	if err != nil && effects != nil {
		w.t.Fatalf("%v, and yet %v", err, effects)
	}
	w.take(effects)
}

// fire lets a timer fire: any that was ever asked for.
func (w *world) fire() {
	if len(w.timers) == 0 {
		return
	}
	timer := rapid.SampledFrom(w.timers).Draw(w.t, "timer")
	w.now = w.now.Add(timer.After)
	w.take(w.d.TimerFired(timer.ID, w.now))
}

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: time.Unix(1_000_000_000, 0), cseq: 1, open: map[string]signal.Method{},
		final: map[string]*signal.Response{}, acks: map[string]*signal.Request{}, last: map[string]uint32{}}
	local := Local{Tag: "us", Flow: flowTo(5060), Moved: func(m Move) {
		if m.Illegal {
			t.Fatalf("illegal move from %s to %s: %s", m.From, m.To, m.Because)
		}
	}}
	local.Reliably = Reliably(rapid.IntRange(0, int(Demanded)).Draw(t, "reliably"))
	if rapid.Bool().Draw(t, "timed") {
		local.Timing = SessionTimer{Interval: 30 * time.Minute, Min: MinInterval}
	}
	w.server = rapid.Bool().Draw(t, "server")
	if w.server {
		invite := &signal.Request{ID: "invite", Method: signal.INVITE, CallID: "call1", From: bob.WithTag("them"),
			To: alice, CSeq: 1, Contacts: []signal.Party{bob}, Headers: w.terms()}
		if rapid.Bool().Draw(t, "offer") {
			invite.ContentType, invite.Body = sdpType, []byte("v=0")
		}
		w.open["invite"] = signal.INVITE
		w.d = NewServer(invite, local, w.now)
	} else {
		w.d = NewClient(Call{Target: bob.URI, From: alice, To: bob, CallID: "call1"}, local, w.now)
	}
	return w
}

// begin brings some stories past the first steps, so that the later states are met often.
func (w *world) begin() {
	steps := rapid.IntRange(0, 3).Draw(w.t, "begin")
	if steps == 3 && w.server {
		w.take(must(w.d.Progress(180, "", nil, nil, w.now)))
		return
	}
	if steps > 0 && w.server {
		w.take(must(w.d.Accept([]byte("v=0"), w.now)))
	}
	if steps > 0 && !w.server {
		var sdp []byte
		if rapid.Bool().Draw(w.t, "offer") {
			sdp = []byte("v=0")
		}
		w.take(must(w.d.Invite(sdp, w.now)))
	}
	switch {
	case steps == 2 && w.server:
		w.take(w.d.Received(&signal.Request{ID: "ack", Method: signal.ACK, CallID: "call1", From: bob.WithTag("them"),
			To: alice.WithTag("us"), CSeq: 1}, w.now))
	case steps == 3:
		w.take(w.d.Answered(&signal.Response{Request: w.sent[0].ID, Method: signal.INVITE, Status: 180,
			To: bob.WithTag("them")}, w.now))
	case steps == 2:
		w.take(w.d.Answered(&signal.Response{Request: w.sent[0].ID, Method: signal.INVITE, Status: 200,
			To: bob.WithTag("them"), ContentType: sdpType, Body: []byte("v=0")}, w.now))
	}
}

func must(e []Effect, err error) []Effect {
	if err != nil {
		panic(err)
	}
	return e
}

// manyChecks makes rapid try more than its usual 100 stories, unless the command line says how many:
// 3000, and a fifth of it with -short.
func manyChecks(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if old := checks.Value.String(); old == checks.DefValue {
		if err := flag.Set("rapid.checks", "3000"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set("rapid.checks", old) })
	}
}

// TestAnyEventInAnyState feeds events without order and checks that each request gets one final
// response, CSeq rises, the end is told once and nothing follows it, at most one SDP offer is
// open; and that the dialog can always be brought to its end.
func TestAnyEventInAnyState(t *testing.T) {
	manyChecks(t)
	seen := map[State]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.begin()
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0, 1, 2:
				w.receive()
			case 3, 4:
				w.answer()
			case 5, 6, 7:
				w.command()
			case 8:
				w.fire()
			case 9:
				switch rapid.IntRange(0, 5).Draw(t, "rare") {
				case 0:
					w.take(w.d.Hangup(0, "", w.now))
				case 1:
					w.take(w.d.Cancelled("", w.now))
				}
			}
			seen[w.d.State()]++
		}
		w.finish()
	})
	for s := range states {
		if seen[s] == 0 {
			t.Errorf("no story came to %s: the test has lost its reach", s)
		}
	}
}

// finish hangs up, lets time pass, and wants everything closed.
func (w *world) finish() {
	w.take(w.d.Hangup(0, "", w.now))
	for range 80 {
		if w.d.State() == Over {
			break
		}
		w.now = w.now.Add(32 * time.Second)
		newest := map[string]TimerID{}
		for _, timer := range w.timers {
			newest[timer.ID.Kind] = timer.ID
		}
		for _, kind := range timerNames {
			w.take(w.d.TimerFired(newest[kind], w.now))
		}
	}
	if w.over != 1 {
		w.t.Fatalf("hung up long ago and still %s", w.d.State())
	}
	for id, m := range w.open {
		w.t.Fatalf("%s %s never got a final response", m, id)
	}
	for _, r := range w.sent {
		if strings.Contains(r.ID, " ") {
			w.t.Fatalf("ID %q", r.ID)
		}
	}
}

// TestEveryStateHasAName keeps the list of names in step with the states.
func TestEveryStateHasAName(t *testing.T) {
	for s := range states {
		if s.String() == "" {
			t.Errorf("state %d has no name", int(s))
		}
	}
	if got := State(99).String(); got != "State(99)" {
		t.Errorf("unknown state is called %q", got)
	}
}

// TestIllegalMoveIsNotMade: a fault of the machine is reported and changes nothing.
func TestIllegalMoveIsNotMade(t *testing.T) {
	var moves []Move
	d := NewClient(Call{CallID: "c"}, Local{Tag: "us", Moved: func(m Move) { moves = append(moves, m) }}, time.Time{})
	d.become(Established, "test")
	if d.State() != Idle || len(moves) != 1 || !moves[0].Illegal {
		t.Errorf("state %s, moves %v", d.State(), moves)
	}
}

// TestForkLimit: early dialogs are bounded; the phone that picks up last still gets its BYE.
func TestForkLimit(t *testing.T) {
	d := NewClient(Call{Target: bob.URI, To: bob, CallID: "c"}, Local{Tag: "us"}, time.Time{})
	effects, err := d.Invite([]byte("v=0"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	invite := effects[0].(Send).Request
	respond := func(status int, tag string) []Effect {
		return d.Answered(&signal.Response{Request: invite.ID, Method: signal.INVITE, Status: status,
			To: bob.WithTag(tag)}, time.Time{})
	}
	for i := range maxForks {
		if len(respond(180, fmt.Sprint("t", i))) != 1 {
			t.Fatalf("fork %d was not told", i)
		}
	}
	if e := respond(180, "late"); len(e) != 0 || len(d.client.forks) != maxForks {
		t.Errorf("fork beyond the limit was taken: %v", e)
	}
	if e := respond(200, "late"); len(e) != 2 || d.State() != Established {
		t.Errorf("first 2xx beyond the limit: %v, %s", e, d.State())
	}
	if e := respond(200, "late"); len(e) != 1 || e[0].(Send).Request.Method != signal.ACK {
		t.Errorf("its repeat: %v", e)
	}
	if e := respond(200, "later"); len(e) != 2 || e[1].(Send).Request.Method != signal.BYE {
		t.Errorf("second 2xx: %v", e)
	}
}

// TestReferLimit: transfers that wait for the leg are bounded, both ways.
func TestReferLimit(t *testing.T) {
	d := established(t)
	for i := range maxRefers + 1 {
		e := d.Received(&signal.Request{ID: "r", Method: signal.REFER, CallID: "c", From: bob.WithTag("them"),
			To: alice.WithTag("us"), CSeq: uint32(i + 2),
			Headers: signal.Headers{{Name: "Refer-To", Value: "<sip:x@y>"}}}, time.Time{})
		if r, refused := e[0].(Respond); refused != (i == maxRefers) || refused && r.Response.Status != 500 {
			t.Errorf("REFER %d: %v", i, e)
		}
		if _, err := d.Refer(bob.URI, nil, "", time.Time{}); (err != nil) != (i == maxRefers) {
			t.Errorf("our REFER %d: %v", i, err)
		}
	}
}

// established is a server dialog that has its ACK.
func established(t *testing.T) *Dialog {
	d := NewServer(&signal.Request{ID: "i", Method: signal.INVITE, CallID: "c", From: bob.WithTag("them"),
		To: alice, CSeq: 1, ContentType: sdpType, Body: []byte("v=0")}, Local{Tag: "us"}, time.Time{})
	if _, err := d.Accept([]byte("v=0"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	d.Received(&signal.Request{Method: signal.ACK, CallID: "c", From: bob.WithTag("them"), To: alice.WithTag("us"),
		CSeq: 1}, time.Time{})
	if d.State() != Established {
		t.Fatalf("state %s", d.State())
	}
	return d
}
