package leg

import (
	"slices"
	"strconv"
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

const (
	// maxOperations bounds what a Task may have under way at one phone.
	maxOperations = 32
	// referLimit is how long a phone may take to tell how a transfer went.
	referLimit = 3 * time.Minute
)

// operations are what a Task asked of its party's phone. Each ends with one LegDone.
type operations struct {
	early   []early           // those that wait for the caller's ACK: before it nothing may be sent
	replies map[string]uint64 // INFO and OPTIONS under way, by the request's ID
	refer   referOut
	hold    holdOut
}

type early struct {
	operation uint64
	begin     func()
}

// referOut is our REFER.
type referOut struct {
	operation uint64
	id        string // the dialog's name for it, "" when none is under way
	accepted  bool
}

// holdOut is whether we hold the party, and the re-INVITE that changes it.
type holdOut struct {
	held      bool // settled
	wanted    bool // by the re-INVITE under way
	under     bool
	operation uint64
	next      *msg.LegHoldParty // what is wanted after it, or after another SDP offer of ours
}

func (l *Leg) done(operation uint64, status int, reason string) {
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	l.do(tellTask{&msg.LegDone{Operation: operation, Status: int32(status), Reason: reason}})
}

// operate begins an operation as soon as the dialog lets it.
func (l *Leg) operate(operation uint64, now time.Time, begin func()) {
	l.now = now
	o := &l.operations
	switch {
	case !l.service.on:
	case l.state != answered:
		l.done(operation, 481, "The call is not up")
	case len(o.early)+len(o.replies) >= maxOperations:
		l.done(operation, 503, "Too many operations are under way")
	case l.dialog.State() != dialog.Established:
		o.early = append(o.early, early{operation, begin})
	default:
		begin()
	}
}

// beginEarly begins what waited for the ACK.
func (l *Leg) beginEarly() {
	waiting := l.operations.early
	l.operations.early = nil
	for _, e := range waiting {
		if l.state != answered || l.dialog.State() != dialog.Established {
			l.done(e.operation, 481, "The call is not up")
			continue
		}
		e.begin()
	}
}

// giveUpOperations ends all that is under way, with the call or with the service. A phone that agreed to
// call somebody else and hangs up has most likely done it.
func (l *Leg) giveUpOperations() {
	o := l.operations
	l.operations = operations{hold: holdOut{held: o.hold.held}}
	l.refreshing = l.refreshing || o.hold.under // its answer is still to come
	if !l.service.on {
		return
	}
	status := 487
	if l.record.By == byFailure { // what the phone did not answer may be one of them
		status = int(l.record.Status)
	}
	for _, e := range o.early {
		l.done(e.operation, status, "")
	}
	var under []uint64
	for _, operation := range o.replies {
		under = append(under, operation)
	}
	slices.Sort(under)
	for _, operation := range under {
		l.done(operation, status, "")
	}
	switch {
	case o.refer.id == "":
	case o.refer.accepted:
		l.done(o.refer.operation, 202, "")
	default:
		l.done(o.refer.operation, status, "")
	}
	if o.hold.under {
		l.done(o.hold.operation, status, "")
	}
	if o.hold.next != nil {
		l.done(o.hold.next.Operation, status, "")
	}
}

// Inform sends an INFO.
func (l *Leg) Inform(m *msg.LegInform, now time.Time) {
	l.operate(m.Operation, now, func() {
		l.ask(m.Operation)(l.dialog.Info(printable(m.ContentType), m.Body, l.now))
	})
}

// ProbeParty sends an OPTIONS.
func (l *Leg) ProbeParty(m *msg.LegProbe, now time.Time) {
	l.operate(m.Operation, now, func() { l.ask(m.Operation)(l.dialog.Probe(l.now)) })
}

// ShowContact sets a parameter of the Contact that the party is shown.
func (l *Leg) ShowContact(m *msg.LegContact, now time.Time) {
	l.now = now
	switch {
	case !l.service.on:
	case m.Remove:
		l.dialog.RemoveContactParam(m.Name)
	case !l.dialog.SetContactParam(m.Name, m.Value):
		l.log.Info("parameter of the Contact is not taken", "name", m.Name)
	}
}

// ask takes what the dialog made of a small request, and notes by which answer the operation ends.
func (l *Leg) ask(operation uint64) func([]dialog.Effect, error) {
	return func(effects []dialog.Effect, err error) {
		sent := request(effects)
		if !l.try(effects, err) || sent == nil {
			l.done(operation, 500, "")
			return
		}
		if l.operations.replies == nil {
			l.operations.replies = map[string]uint64{}
		}
		l.operations.replies[sent.ID] = operation
	}
}

// request is the request that effects send.
func request(effects []dialog.Effect) *signal.Request {
	for _, e := range effects {
		if s, ok := e.(dialog.Send); ok {
			return s.Request
		}
	}
	return nil
}

func (l *Leg) onReplied(e dialog.Replied) {
	if operation, ok := l.operations.replies[e.Request]; ok {
		delete(l.operations.replies, e.Request)
		l.done(operation, e.Status, e.Reason)
	}
}

// ReferParty asks the phone to call somebody else (RFC 3515): one at a time.
func (l *Leg) ReferParty(m *msg.LegRefer, now time.Time) {
	l.operate(m.Operation, now, func() {
		r := &l.operations.refer
		if r.id != "" {
			l.done(m.Operation, 491, "")
			return
		}
		by := ""
		if m.ReferredBy != nil {
			by = m.ReferredBy.Signal().String()
		}
		effects, err := l.dialog.Refer(m.Target.Signal(), nil, by, l.now)
		sent := request(effects)
		if !l.try(effects, err) || sent == nil {
			l.done(m.Operation, 500, "")
			return
		}
		*r = referOut{operation: m.Operation, id: strconv.FormatUint(uint64(sent.CSeq), 10)}
		l.startTimer(referWait, referLimit)
	})
}

func (l *Leg) onReferAnswered(e dialog.ReferAnswered) {
	if e.ID != l.operations.refer.id {
		return
	}
	l.operations.refer.accepted = true
	if e.Final || e.Status >= 300 {
		l.referDone(e.Status, e.Reason)
	}
}

// onReferProgress: a phone that ends its reports without a final one keeps to itself how it went.
func (l *Leg) onReferProgress(e dialog.ReferProgress) {
	if e.ID != l.operations.refer.id || !e.Final {
		return
	}
	if e.Status < 200 {
		e.Status = 202
	}
	l.referDone(e.Status, "")
}

func (l *Leg) referDone(status int, reason string) {
	operation := l.operations.refer.operation
	l.operations.refer = referOut{}
	l.done(operation, status, reason)
}

// HoldParty holds the party or takes it back, by a re-INVITE. While one is under way the last wish waits.
func (l *Leg) HoldParty(m *msg.LegHoldParty, now time.Time) {
	l.operate(m.Operation, now, func() {
		h := &l.operations.hold
		if l.fax() || l.changing() {
			l.done(m.Operation, 491, "The party is a fax")
			return
		}
		if !l.offering() {
			l.reinvite(m)
			return
		}
		if h.next != nil {
			l.done(h.next.Operation, 487, "Another wish took its place")
		}
		h.next = m
	})
}

// side is what we are ready to do in an SDP exchange.
func side(held bool) sdp.Direction {
	if held {
		return sdp.SendOnly
	}
	return sdp.SendRecv
}

func (l *Leg) reinvite(m *msg.LegHoldParty) {
	h := &l.operations.hold
	h.under, h.operation, h.wanted = true, m.Operation, m.Held
	l.offerAgain()
}

// offerAgain sends our SDP offer, or one in place of that which waits for its turn: what it was made from
// has changed by the party's own offer meanwhile.
func (l *Leg) offerAgain() {
	h := &l.operations.hold
	if l.refreshing {
		l.refresh()
	}
	if !h.under {
		return
	}
	offer, err := l.sdp.Offer(side(h.wanted), l.prefers())
	if err != nil {
		l.log.Error("no SDP offer", "err", err)
		l.held(500, "")
		return
	}
	if !l.try(l.dialog.Reinvite(offer, l.now)) {
		l.sdp.Rollback()
		l.held(500, "")
	}
}

// held ends the re-INVITE under way, and begins the next.
func (l *Leg) held(status int, reason string) {
	h := &l.operations.hold
	if !h.under {
		return
	}
	h.under = false
	if status < 300 {
		h.held = h.wanted
	}
	l.done(h.operation, status, reason)
	l.nextHold()
}

// nextHold begins what was wanted while another SDP offer of ours was under way.
func (l *Leg) nextHold() {
	next := l.operations.hold.next
	switch {
	case next == nil || l.state != answered:
		return
	case l.fax() || l.changing():
		l.operations.hold.next = nil
		l.done(next.Operation, 491, "The party is a fax")
	case !l.offering():
		l.operations.hold.next = nil
		l.reinvite(next)
	}
}
