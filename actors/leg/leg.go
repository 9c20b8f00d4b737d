package leg

import (
	"bytes"
	"cmp"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"tandem/actors/leg/app"
	"tandem/actors/msg"
	"tandem/media/codec"
	"tandem/media/sdp"
	"tandem/signal"
	"tandem/sip/dialog"
)

// Leg is the pure machine of one call leg. Every method takes an event with the time it happened;
// what must be done is collected and taken by the shell with effects.
type Leg struct {
	log    *slog.Logger
	limits Limits
	facts  app.Facts
	state  state
	out    []effect
	now    time.Time

	dialog  *dialog.Dialog
	sdp     *sdp.Session
	params  *sdp.Params // what the last exchange settled, the session's own
	offer   []byte      // the caller's SDP offer until it is answered
	offered []string    // names of the codecs in it
	answer  []byte      // our answer to it, given once and repeated
	why     string      // the Reason field of the party's goodbye, "" for none
	taken   []byte      // the SDP answer that a called party gave last
	takenOf string      // the tag of the fork that gave it
	asked   bool        // our SDP offer is with the peer

	accepting  bool // incoming: the 200 waits for the PRACK of a response before
	speechless bool // there is something to say, and the codec agreed on can not be encoded
	refreshing bool // an SDP offer of ours that refreshes the call is with the peer
	speaking   bool // that one asks for a codec that can be encoded

	record     *msg.LegRecord
	party      signal.URI     // whom we talk to, as it calls itself or as it was called
	forwards   int            // incoming: hops that the call has left
	carried    signal.Headers // incoming: what goes on with the call
	caller     signal.Party   // incoming: who calls, as those see it who are rung for it
	asserted   signal.Party   // incoming: who that is by the word of a peer that we trust; zero: none has said so
	hasOwner   bool           // somebody waits for what becomes of this leg
	outgoing   bool
	urgent     bool   // the call is one for help
	recorded   bool   // the call is to be recorded once it is up
	untaped    bool   // the file for that could not be opened; it is tried again with the next partner
	kept       kept   // the recording of it for a Task
	received   uint64 // packets of the party at the last look
	branch     uint32
	stream     string // our stream, by which partners join it
	hearing    hearing
	program    program
	transfers  transfers
	scribing   scribing
	recorders  func(*msg.LegRecord) []Recorder // those that want the party's calls; nil: none do
	service    service
	search     search
	operations operations
	faxing     faxing
	timers     [timerKinds]int32 // the generation of the last one set, by kind
	began      time.Time         // when the call was answered: the clock may be set back since
	lastWords  time.Duration     // the dialog of an ended leg is given up after it
}

// Limits are the times of a leg.
type Limits struct {
	Unanswered time.Duration // a call that nobody answers or refuses ends after it
	Probe      time.Duration // an answered party that sends nothing is asked for a sign of life so often
}

// DefaultLimits: five minutes to answer, which are more where the settings let calls ring longer, and a probe every ten
// minutes: a phone that lost its power while it held a call is missed by nobody else.
var DefaultLimits = Limits{Unanswered: 5 * time.Minute, Probe: 10 * time.Minute}

// timerKind names a leg's own timers.
type timerKind int

const (
	unanswered timerKind = iota
	lastWords
	programWait
	alive     // time to ask the party for a sign of life
	silent    // the target of a trunk has not said a word
	faxWait   // the partner's party has not said whether it is a fax too
	faxBack   // the partner could not be what our party is when it was told
	referWait // the phone has not told how the transfer went that we asked it for
	unmet     // the partner has not said who its party is
	timerKinds
)

// Birth is what a leg is made of, apart from its work.
type Birth struct {
	Handler string // the leg's own handler: its SIP tag
	Member  string // name and boot tag of the member
	Boot    string
	Contact signal.Party // where the peer reaches us
	Bind    netip.Addr   // local address of the media stream
	Peer    netip.Addr   // where the party's signalling comes from
	Unable  bool         // no port is free, or nobody holds the flow: the leg can only refuse
	Timers  dialog.Timers
	Timing  dialog.SessionTimer
	Headers signal.Headers // User-Agent, Allow, Supported
	Media   sdp.Capability

	Reliably  dialog.Reliably // which of our 1xx ask for PRACK
	ClearKeys bool            // keys of the audio may be in signalling that others can read
	Limits    Limits
	Log       *slog.Logger
	Now       time.Time
	// Prove answers the challenges of a trunk: see dialog.Local. Nil: they are refusals.
	Prove func(*signal.Response, *signal.Request) (signal.Header, error)
	// Recorders are those to which the calls of the party of that record are brought; nil: there are none.
	Recorders func(*msg.LegRecord) []Recorder
}

func newLeg(b Birth, work *msg.LegStart) *Leg {
	session := sdp.New(b.Media)
	settled, _ := session.Current()
	l := &Leg{
		log: b.Log, limits: b.Limits, lastWords: b.Timers.LastWords(), now: b.Now, sdp: session, params: settled, stream: b.Handler,
		urgent: work.Urgent, hasOwner: work.Owner != nil, branch: work.Branch, recorded: work.Record,
		facts: app.Facts{Member: b.Member}, recorders: b.Recorders,
	}
	l.record = &msg.LegRecord{
		Leg: b.Handler, Call: work.Call, Member: b.Member, Boot: b.Boot,
		Number: work.Number, Application: work.Application, Started: b.Now.UnixMilli(), Trunk: work.Trunk,
	}
	l.transfers.init(l)
	return l
}

// local is our side of the dialog.
func (l *Leg) local(b Birth, flow signal.Flow) dialog.Local {
	return dialog.Local{Tag: b.Handler, Contact: b.Contact, Flow: flow, Timers: b.Timers, Timing: b.Timing,
		Reliably: b.Reliably, Headers: b.Headers, Prove: b.Prove, Moved: func(m dialog.Move) {
			l.log.Debug("dialog", "move", m)
		}}
}

// effects hands over what is to be done, and forgets it.
func (l *Leg) effects() []effect {
	l.scribing.review(l)
	l.tellRecorded()
	out := l.out
	l.out = nil
	return out
}

func (l *Leg) do(e ...effect) { l.out = append(l.out, e...) }

// dialogWants takes what the dialog wants done: what concerns the edge is passed on, the rest is ours.
func (l *Leg) dialogWants(effects []dialog.Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case dialog.Send, dialog.Cancel, dialog.Respond:
			l.do(toEdge{e})
		case dialog.StartTimer:
			l.do(dialogTimer{e})
		default:
			l.dialogSays(e)
		}
	}
}

// dialogSays is the table of what a dialog can tell its leg.
func (l *Leg) dialogSays(e dialog.Effect) {
	switch e := e.(type) {
	case dialog.Progressed:
		l.onProgressed(e)
	case dialog.Accepted:
		l.onAccepted(e)
	case dialog.Refused:
		l.onRefused(e)
	case dialog.AcceptSent:
		l.onAcceptSent()
	case dialog.Confirmed:
		l.onConfirmed(e)
	case dialog.EarlyAnswered:
		l.onEarlyAnswered(e)
	case dialog.Offered:
		l.onOffered(e)
	case dialog.Withdrawn:
		l.faxing.offer = nil // whom the partner asks meanwhile goes back when it has answered
	case dialog.Refresh:
		l.onRefresh()
	case dialog.ReofferRefused:
		l.reoffered(e.Status, e.Reason)
	case dialog.Replied:
		l.onReplied(e)
	case dialog.ReferAnswered:
		l.onReferAnswered(e)
	case dialog.ReferProgress:
		l.onReferProgress(e)
	case dialog.Referred:
		l.transfers.onReferred(e)
	case dialog.Informed:
		l.onInformed(e)
	case dialog.Messaged:
		l.do(tellPartner{&msg.LegMessage{ContentType: e.ContentType, Body: e.Body}})
	case dialog.Ended:
		// the peer hung up, or our goodbye is done, or the dialog failed
		l.over(e.Cause)
	}
}

// try takes the result of a dialog command; one that the dialog's state forbids is a fault of ours.
func (l *Leg) try(effects []dialog.Effect, err error) bool {
	if err != nil {
		l.log.Error("dialog refused a command", "state", l.state.String(), "err", err)
		return false
	}
	l.dialogWants(effects)
	return true
}

// Events from the edge.

// Request takes a request inside the dialog. Who sends it from another address than the party's is
// turned away, whatever tags it knows: a call is not ended or moved by a stranger who listened in.
// false: it was a stranger.
func (l *Leg) Request(r *signal.Request, now time.Time) bool {
	l.now = now
	if l.dialog.Stranger(r) {
		l.log.Warn("request in the dialog from a stranger", "method", string(r.Method),
			"from", r.Origin.Flow.Remote.String())
		if r.Method != signal.ACK {
			l.do(toEdge{dialog.Respond{Response: &signal.Response{Request: r.ID, Method: r.Method,
				Status: 403, To: r.To}}})
		}
		return false
	}
	l.dialogWants(l.dialog.Received(r, now))
	return true
}

// Response takes a response to a request of ours.
func (l *Leg) Response(r *signal.Response, now time.Time) {
	l.now = now
	l.dialogWants(l.dialog.Answered(r, now))
}

// Cancelled takes the caller's CANCEL.
func (l *Leg) Cancelled(reason string, now time.Time) {
	l.now = now
	l.dialogWants(l.dialog.Cancelled(reason, now))
}

// DialogTimer takes a timer of the dialog.
func (l *Leg) DialogTimer(id dialog.TimerID, now time.Time) {
	l.now = now
	l.dialogWants(l.dialog.TimerFired(id, now))
}

// Timer takes a timer of the leg itself; one that was set again or given up means nothing.
// received is how many packets came from the party until now.
func (l *Leg) Timer(kind timerKind, generation int32, received uint64, now time.Time) {
	l.now = now
	if l.timers[kind] != generation {
		return
	}
	switch kind {
	case unanswered:
		if l.state == waiting || l.state == ringing {
			l.hangup(480, "No answer", "not answered in time")
		}
	case lastWords:
		l.over(dialog.Cause{By: dialog.ByFailure, Status: 408, Reason: "No last word"})
	case programWait:
		l.program.next(l)
	case alive:
		if l.state == answered {
			if received == l.received { // not a packet since the last look
				l.try(l.dialog.Probe(now))
			}
			l.received = received
			l.startTimer(alive, l.limits.Probe)
		}
	case faxWait:
		l.onFaxWait()
	case faxBack:
		l.onFaxBack()
	case silent:
		l.onSilent()
	case referWait:
		if l.operations.refer.id != "" {
			l.referDone(408, "")
		}
	case unmet:
		l.scribing.onUnmet(l)
	}
}

// startTimer sets a timer; an earlier one of the kind means nothing from then on.
func (l *Leg) startTimer(kind timerKind, after time.Duration) {
	l.timers[kind]++
	l.do(legTimer{kind, l.timers[kind], after})
}

// stopTimer gives a timer up.
func (l *Leg) stopTimer(kind timerKind) {
	l.timers[kind]++
	l.do(noTimer{kind})
}

// Hangup ends the leg in whatever state it is.
func (l *Leg) Hangup(m *msg.LegHangup, now time.Time) {
	l.now = now
	if m.SpareUrgent && l.urgent && l.state < ending {
		return
	}
	if m.Last && l.state == ending {
		l.over(dialog.Cause{By: dialog.ByUs})
		return
	}
	l.hangup(int(m.Status), printable(m.Reason), "told to")
}

// hangup says goodbye to the peer. The leg is over when its dialog is.
func (l *Leg) hangup(status int, reason, because string) {
	if l.state >= ending {
		return
	}
	cause := status
	if cause == 0 && l.state < answered {
		cause = 487 // nobody was there yet to say 200 to
	}
	l.setCause(cause, text(reason), byMember)
	l.become(ending, because)
	l.do(mute{})
	l.transfers.abandon()
	l.endService()
	l.leavePartner()
	l.startTimer(lastWords, l.lastWords)
	header := ""
	if strings.HasPrefix(reason, "SIP;") || strings.HasPrefix(reason, "Q.850;") {
		header = reason
	}
	l.dialogWants(l.dialog.Hangup(status, header, l.now))
}

// text is the readable part of a Reason header value.
func text(reason string) string {
	if _, t, ok := strings.Cut(reason, `text="`); ok {
		return strings.TrimSuffix(t, `"`)
	}
	return reason
}

// over ends the leg for good: once.
func (l *Leg) over(c dialog.Cause) {
	if l.state == ended {
		return
	}
	by := map[dialog.By]string{dialog.ByPeer: byParty, dialog.ByUs: byMember, dialog.ByFailure: byFailure}[c.By]
	if l.record.By == "" {
		l.why = c.Field
	}
	l.setCause(c.Status, c.Reason, by)
	if l.hasOwner {
		l.do(tellOwner{&msg.LegEnded{Branch: l.branch, Status: l.record.Status, Reason: l.record.Reason}})
	}
	l.finish("dialog is over")
}

// finish writes the record and stops. The leg's own Task hears first that its party is gone: from the partner's Task, who
// hears it by the partner, it would seem that the partner has left.
func (l *Leg) finish(because string) {
	l.transfers.abandon()
	l.endService()
	l.leavePartner()
	l.become(ended, because)
	l.record.Ended = l.now.UnixMilli()
	l.do(journal{over: true})
}

// Who ended a leg, before the record says it in the words of a call: caller, callee or member.
const (
	byParty   = "party"
	byPartner = "partner"
	byMember  = "member"
	byFailure = "failure"
)

// setCause keeps the first cause: what follows from it is not the reason of the end.
func (l *Leg) setCause(status int, reason, by string) {
	if l.record.By != "" {
		return
	}
	if status == 0 {
		status = 200
	}
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	switch called := l.outgoing; {
	case by == byParty && called || by == byPartner && !called:
		by = "callee"
	case by == byParty || by == byPartner:
		by = "caller"
	}
	l.record.Status, l.record.Reason, l.record.By = int32(status), reason, by
}

// leavePartner tells the partner that we are gone.
func (l *Leg) leavePartner() {
	if !l.hearing.hasPartner {
		return
	}
	l.do(tellPartner{&msg.LegEnded{Status: l.record.Status, Reason: l.record.Reason, Field: l.why}}, forgetPartner{})
	l.hearing.hasPartner = false
}

// PartnerEnded: the other party is gone or has left, so this one's call is over too, unless there is a Task
// that has the party now.
func (l *Leg) PartnerEnded(m *msg.LegEnded, now time.Time) {
	l.now = now
	if l.service.on && !l.transfers.searching() {
		l.parted(m.Status, m.Reason)
		return
	}
	l.hearing.hasPartner = false
	l.giveUpFax(488)
	l.do(forgetPartner{})
	if l.transfers.searching() {
		return // somebody is being found for this party
	}
	if l.accepting && m.Status < 300 { // the caller never heard that it was there
		l.setCause(480, "", byPartner)
	}
	l.setCause(int(m.Status), m.Reason, byPartner)
	l.hangup(0, cmp.Or(signal.ReasonField(signal.ReadReasons([]string{m.Field})), failed(int(m.Status), m.Reason)), "partner ended")
}

// OwnerGone: the Signal that made this leg is no more. A called leg that it did not join to anybody
// has nobody to talk to.
func (l *Leg) OwnerGone(now time.Time) {
	l.now = now
	l.hasOwner = false
	if l.state < answered && !l.accepting || l.outgoing && !l.hearing.hasPartner && !l.program.running() && !l.service.on {
		l.hangup(0, "", "owner is gone")
	}
}

// FrontLost: the member is gone that held the party's flow. A party that can be reached without it is told by BYE; an
// INVITE that went by it is answered by nobody.
func (l *Leg) FrontLost(now time.Time) {
	unanswered := l.outgoing && l.state < answered
	l.now = now
	l.hangup(503, `SIP;cause=503;text="Member lost"`, "member lost")
	switch {
	case unanswered:
		l.Hangup(&msg.LegHangup{Status: 503, Last: true}, now)
	case l.state == ending:
		l.startTimer(lastWords, lostWords)
	}
}

// lostWords is how long a party may take to answer a BYE that comes by another way than it knows: its answer may go
// where nobody is.
const lostWords = 2 * time.Second

// settle sets the stream up by what the last exchange agreed on.
func (l *Leg) settle() {
	was := l.params.Held
	p, _ := l.sdp.Current()
	l.params = p
	l.facts.Codec = p.Codec.Name
	if p.Secure == nil { // else the stream tells when it hears the party
		l.facts.Address, l.facts.Port = p.Remote.Addr().String(), int(p.Remote.Port())
	}
	l.do(apply{p})
	if p.Held != was {
		l.onHeld(p.Held)
	}
}

// prefers is the codec that the party has, to be kept: unless we can not say by it what there is to say.
func (l *Leg) prefers() []codec.Codec {
	if l.speechless && !l.params.Codec.Encodes() {
		return nil
	}
	return prefer(l.params.Codec.Name)
}

// passing are the codecs to put first for somebody who named them, and our SDP says of them what he does.
func (l *Leg) passing(names ...string) []codec.Codec {
	l.sdp.Pass(names...)
	return prefer(names...)
}

// prefer are the codecs to put first, by name, whatever stands behind it; unknown names are skipped.
func prefer(names ...string) []codec.Codec {
	var out []codec.Codec
	for _, n := range names {
		n, _, _ = strings.Cut(n, ";")
		if c, ok := codec.ByName(n); ok {
			out = append(out, c)
		}
	}
	return out
}

// name is how a record names a party: as an AOR, or as the number of a tel URI.
func name(u signal.URI) string {
	if u.Scheme == "tel" {
		return u.User
	}
	return string(u.AOR())
}

// isSDP tells whether a body is an SDP one; no type with a body means SDP too, as old phones do.
func isSDP(contentType string, body []byte) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return len(bytes.TrimSpace(body)) > 0 && (kind == "" || strings.EqualFold(strings.TrimSpace(kind), "application/sdp"))
}
