package task

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// party is the one whom the Task talks to, by its leg.
type party struct {
	leg      string          // handler; "" is none
	request  *signal.Request // of a call that came in, until it is answered
	ends     *ends
	account  string // who proved to call
	standing standing
	address  netip.AddrPort
	codec    string   // in use
	codecs   []string // its preference
	refers   bool     // takes REFER
	since    time.Time
	given    bool // handed over to another party: the call goes on without the Task
	called   bool // the Task called it
	noMedia  bool // it never had a channel of its own: StartBridgedCall made the call
}

// standing is what goes on with a call on behalf of a party: who it is by the word of a peer that we trust (RFC 3325), and what
// it has said of its wish to be nobody (RFC 3323).
type standing struct {
	asserted *msg.Party // nil: nobody has said so
	privacy  []string
}

// with has an INVITE say so. Of Privacy the program has the say, where it says anything.
func (s standing) with(h signal.Headers) signal.Headers {
	if s.asserted != nil {
		h = h.With("P-Asserted-Identity", s.asserted.Signal().String())
	}
	if h.Get("Privacy") != "" {
		return h
	}
	for _, field := range s.privacy {
		h = append(h, signal.Header{Name: "Privacy", Value: field})
	}
	return h
}

// ends are the addresses of a call: the party's, and that which it called.
type ends struct {
	remote, local signal.URI
	name          string // that the party shows
}

// remote is the party's address, zero where it has none.
func (p *party) remote() signal.URI {
	if p.ends == nil {
		return signal.URI{}
	}
	return p.ends.remote
}

// local is the address that the party called, zero where it called none.
func (p *party) local() signal.URI {
	if p.ends == nil {
		return signal.URI{}
	}
	return p.ends.local
}

// incoming fills in what a caller's INVITE tells.
func (p *party) incoming(m *msg.TaskStart) {
	r := m.Request.Signal()
	p.request, p.codecs = r, m.Codecs
	p.ends = &ends{r.From.URI, r.To.URI, r.From.Display}
	p.standing = standing{m.Asserted, r.Headers.All("Privacy")}
	p.account, p.address = string(r.Origin.Account), r.Origin.Flow.Remote
	if p.account != "" {
		p.ends.remote = signal.URI{Scheme: "sip", User: signal.AOR(p.account).User(), Host: signal.AOR(p.account).Domain()}
	}
}

// toLeg tells the party's leg something.
func (t *Task) toLeg(m message) {
	if t.party.leg != "" {
		t.do(ToLeg{Leg: t.party.leg, Message: m})
	}
}

// LegAnswered: the party's call is up.
func (t *Task) LegAnswered(m *msg.LegAnswered, leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg {
		return
	}
	if m.Codec != "" {
		t.party.codec = m.Codec
	}
	t.party.refers = len(m.Allow) == 0 || slices.Contains(m.Allow, string(signal.REFER))
	switch w := t.wait; {
	case w.active() && w.answered != nil:
		t.party.since = now
		w.answered()
	case t.pending(): // it was transferred to the program
		t.party.since = now
		t.become(connected, "was answered before")
	}
}

// LegEnded: the party is gone: mode D and one Disconnect event, whatever else ends by it.
func (t *Task) LegEnded(m *msg.LegEnded, leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg {
		return
	}
	text := string(ErrNotConnected) // it hung up
	if m.Status >= 300 {
		text = failure(int(m.Status), m.Reason)
	}
	t.lost(text, "")
}

// lost: the Task has no party any more, and did not want that. broken is the other Task, where it is the end of
// a bridge. The program hears of it when all that the Task had with the party has ended.
func (t *Task) lost(text, broken string) {
	t.leaveBridge()
	t.leaveParty("party is gone: " + text)
	t.dissolve()
	t.callerGone() // by which the program may go on, and end
	w := t.wait
	if broken != "" {
		t.event(eventBreakBridge, object.Null, broken)
	}
	t.event(eventDisconnected, object.Null, "")
	// The events may have ended what the program waits in; what waits for the call itself ends now.
	if w.active() && w.ended != nil && t.wait.active() && t.wait.name == w.name && t.wait.operation == w.operation {
		w.ended(text)
	}
}

// leaveParty: what was the party's leg is none of the Task's any more.
func (t *Task) leaveParty(because string) {
	if t.dial.refer != "" { // nobody is left whom the other one could take the place of
		t.cancelDial()
	}
	t.party.leg, t.party.given, t.attended = "", false, ""
	t.music = nil
	t.become(disconnected, because)
}

// holds tells whether the party's call is up and the Task's own: not handed over to another party.
func (t *Task) holds() bool { return t.mode == connected && !t.party.given }

// LegTaken: the party's call was taken by somebody whom ForkCall rang.
func (t *Task) LegTaken(leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg {
		return
	}
	t.callerTaken()
	t.lost("answered elsewhere", "")
}

// LegDone is the result of an operation of the leg.
func (t *Task) LegDone(m *msg.LegDone, leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg || m.Operation != t.wait.operation {
		return
	}
	if done := t.wait.done; done != nil {
		done(int(m.Status), m.Reason)
	}
}

// LegInfo: the party's phone sent an INFO that is no digit.
func (t *Task) LegInfo(m *msg.LegInfo, leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg {
		return
	}
	t.event(eventInfo, content(m.ContentType, m.Body), "")
}

// operate has the leg do something whose status becomes an error text or null.
func (t *Task) operate(name string, m func(operation uint64) message) (object.Value, error) {
	if !t.holds() {
		return fail(ErrNotConnected), nil
	}
	op := t.number()
	t.toLeg(m(op))
	return t.block(wait{name: name, operation: op,
		done: func(status int, reason string) {
			if status >= 300 {
				t.resume(object.String(failure(status, reason)))
				return
			}
			t.resume(object.Null)
		},
		ended: func(text string) { t.resume(object.String(text)) },
	})
}

func fnIsConnected(t *Task, _ *cgpl.Call) (object.Value, error) {
	return object.Bool(t.mode == connected), nil
}

func fnIsHalfConnected(t *Task, _ *cgpl.Call) (object.Value, error) {
	return object.Bool(t.hasParty()), nil
}

func fnRemoteURI(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.mode == disconnected || t.party.remote().Scheme == "" {
		return object.Null, nil
	}
	return object.String(t.party.remote().String()), nil
}

func fnLocalURI(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.party.local().Scheme != "" {
		return object.String(t.party.local().String()), nil
	}
	if t.who.account == "" {
		return object.Null, nil
	}
	return object.String("sip:" + t.who.account), nil
}

func fnRemoteIPAddress(t *Task, _ *cgpl.Call) (object.Value, error) {
	a := t.party.address
	if t.mode == disconnected || !a.IsValid() {
		return object.Null, nil
	}
	return object.Address(a.Addr(), a.Port()), nil
}

func fnRemoteAuthentication(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.mode == disconnected || t.party.account == "" {
		return object.Null, nil
	}
	return object.String(t.party.account), nil
}

// fnDisconnect ends the session; there is no Disconnect event for one's own.
func fnDisconnect(t *Task, c *cgpl.Call) (object.Value, error) {
	if t.mode == disconnected {
		t.cancelDial()
		return object.Null, nil
	}
	t.leaveMedia()
	if t.pending() {
		t.toLeg(&msg.LegReject{Status: 480})
	} else {
		t.toLeg(&msg.LegHangup{Reason: reasonHeader(c.Arg(0), c.Arg(1).Text())})
	}
	t.leaveParty("Disconnect")
	t.callerGone()
	return object.Null, nil
}

// fnSendDTMF presses one key for the party.
func fnSendDTMF(t *Task, c *cgpl.Call) (object.Value, error) {
	key := c.Arg(0).Text()
	if !t.hasParty() {
		return fail(ErrNotConnected), nil
	}
	if len(key) != 1 || !isKey(key[0]) {
		return fail(ErrParameter), nil
	}
	t.toLeg(&msg.LegPress{Digits: key})
	return object.Null, nil
}

func isKey(c byte) bool { return c >= '0' && c <= '9' || c == '*' || c == '#' || c >= 'A' && c <= 'D' }

// fnSetLocalHold holds the party or takes it back.
func fnSetLocalHold(t *Task, c *cgpl.Call) (object.Value, error) {
	if t.mode != connected || t.bridge.active() {
		return object.Null, nil
	}
	t.toLeg(&msg.LegHoldParty{Operation: t.number(), Held: !c.Arg(0).IsNull()})
	return object.Null, nil
}

// fnSendCallInfo sends an INFO to the party.
func fnSendCallInfo(t *Task, c *cgpl.Call) (object.Value, error) {
	if !t.holds() {
		return fail(ErrNotConnected), nil
	}
	kind, body, ok := fromContent(c.Arg(0).Dictionary())
	if !ok {
		return fail(ErrParameter), nil
	}
	return t.operate("SendCallInfo", func(op uint64) message {
		return &msg.LegInform{Operation: op, ContentType: kind, Body: body}
	})
}

// fnSendCallOptions sends an OPTIONS to the party.
func fnSendCallOptions(t *Task, _ *cgpl.Call) (object.Value, error) {
	return t.operate("SendCallOptions", func(op uint64) message { return &msg.LegProbe{Operation: op} })
}

// fnSetLocalContactParameter sets a parameter of our Contact, such as isfocus; null removes it.
func fnSetLocalContactParameter(t *Task, c *cgpl.Call) (object.Value, error) {
	name := c.Arg(0).Text()
	if name == "" || !token(name) || !clean(c.Arg(1).Text()) {
		return object.Null, nil
	}
	t.toLeg(&msg.LegContact{Name: name, Value: c.Arg(1).Text(), Remove: c.Arg(1).IsNull()})
	return object.Null, nil
}

// token tells whether a text is a token of SIP (RFC 3261 section 25.1).
func token(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("-.!%*_+`'~", rune(c)) {
			return false
		}
	}
	return len(s) <= 64
}

// fnReleaseMediaChannel gives up the channel of a bridged party: what becomes of it when the bridge is broken is
// then as after StartBridgedCall.
func fnReleaseMediaChannel(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.bridge.active() {
		t.party.noMedia = true
	}
	return object.Null, nil
}
