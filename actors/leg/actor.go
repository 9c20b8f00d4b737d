package leg

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/deck"
	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/media"
	"tandem/signal"
	"tandem/sip/dialog"
)

// Floor is what the legs of a member stand on.
type Floor struct {
	Member  *cluster.Member
	Engine  *media.Engine
	Journal *store.Journal
	Table   *Table
	Opened  func(leg string, position uint64) // the leg began; again when that is in the journal
	Closed  func(*msg.LegRecord)              // its record is in the journal
	Log     *slog.Logger
	Edge    func(flow signal.Flow, callID string) *actor.PID              // by which a flow is reached; nil: unknown
	Birth   func(flow signal.Flow, user string, work *msg.LegStart) Birth // settings of the moment
	// Prove answers the challenges of a trunk; nil: nobody does.
	Prove func(trunk string) func(*signal.Response, *signal.Request) (signal.Header, error)
	// CallsForHelp tells whether a call that a leg makes is one for help, for which there is more room; nil: none is.
	CallsForHelp func(*msg.SignalStart) bool
	// Occupied is told of each leg of an account that no queue has had called; it must not wait, and may be nil.
	Occupied func(account, leg string, self *actor.PID)
	Deck     deck.Floor     // what plays and records for Tasks stands on
	Junction junction.Floor // what audio between members stands on
	Archive  Archive        // of the recordings of calls that Tasks want
}

// legActor is the shell of one leg.
type legActor struct {
	floor *Floor
	log   *slog.Logger

	self         *actor.PID
	machine      *Leg
	stream       *media.Stream
	edge         *actor.PID // by which the party's last request came, to answer by
	invited      *actor.PID // by which our INVITE went, to cancel by
	front        *actor.PID // by which the party is reached, if that is on another member
	owner        *actor.PID
	partner      *actor.PID
	asker        *actor.PID // who asked us to find another party for ours
	replaceAsker *actor.PID // who asked for our place
	replacer     *actor.PID // who takes our place
	finder       *actor.PID // the Signal that looks for a new party for ours
	timers       []running  // of each kind the last one set, while it runs
	tape         tape
	kept         keeping      // the recording that its Task wants
	task         *actor.PID   // that the leg serves
	served       bool         // it has served one
	early        []any        // what its first Task wanted before LegServe was here
	mixer        *actor.PID   // that its party is in
	former       *actor.PID   // the partner before
	heard        *actor.PID   // whose early media the caller hears: its keys are for that leg
	held         *msg.LegHold // of a leg that is no partner yet: its Task may be quicker than ours
	deck         *deck.Deck   // plays and records for the Task
	filed        bool         // the record of the end is in the journal
	junction     junctioned
	attendance   attendance
	scribes      scribes
}

// running is a timer of the leg's.
type running struct {
	kind  any // timerKind, or the dialog's name for it
	fired any // what it sends us
	timer *time.Timer
}

// Messages that never leave the leg.
type (
	dialogFired struct{ id dialog.TimerID }
	timerFired  struct {
		kind       timerKind
		generation int32
	}
	mediaSaid struct{ event media.Event }
	// left marks the place in the mailbox where a terminated partner or owner is really gone:
	// Terminated overtakes what it had said before.
	left struct{ who *actor.PID }
	// writeAgain tries to write a record that the journal had no room for.
	writeAgain struct{ over bool }
)

// Make makes leg actors.
func (f *Floor) Make() actor.Actor {
	return &legActor{floor: f, log: f.Log}
}

// Receive is the table of contents.
func (a *legActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *msg.LegStart:
		a.onStart(ctx, m)
	case *msg.SignalRequest:
		a.onRequest(ctx, m)
	case *msg.SignalResponse:
		a.machine.Response(m.Response.Signal(), time.Now())
	case *msg.SignalCancelled:
		a.machine.Cancelled(m.Reason, time.Now())
	case *dialogFired:
		a.ran(m)
		a.machine.DialogTimer(m.id, time.Now())
	case *timerFired:
		a.ran(m)
		a.machine.Timer(m.kind, m.generation, a.received(), time.Now())
	case *mediaSaid:
		a.onMedia(m.event)
	case *msg.LegProgress:
		if a.knows(m.By) {
			a.heard = cmp.Or(m.Partner, a.heard)
			a.machine.Progress(m, time.Now())
		}
	case *msg.LegAccept:
		a.onAccept(ctx, m)
	case *msg.LegBridge:
		a.onBridge(ctx, m)
	case *msg.LegReject:
		if a.knows(m.By) {
			a.machine.Reject(m, time.Now())
		}
	case *msg.LegRun:
		if a.knows(m.By) {
			a.machine.Run(m, time.Now())
		}
	case *msg.LegHangup:
		a.machine.Hangup(m, time.Now())
	case *msg.LegHold, *msg.LegInfo, *msg.LegDigit, *msg.LegMessage, *msg.LegFax, *msg.LegEnded, *msg.LegParted, *msg.LegTransfer, *msg.LegMet:
		a.onPartner(m)
	case *msg.LegJunction:
		a.onJunction(m)
	case *junctionLate:
		a.onJunctionLate(m.number)
	case *noJunction:
		a.onNoJunction(m.far, 503, m.reason)
	case *msg.LegServe:
		a.onServe(ctx, m)
	case *msg.LegAnswer, *msg.LegFind, *msg.LegPlay, *msg.LegTape, *msg.LegStop, *msg.LegPress, *msg.LegPart,
		*msg.LegMix, *msg.LegAttend, *msg.LegRecordCall, *msg.LegHoldParty, *msg.LegInform, *msg.LegRefer, *msg.LegProbe, *msg.LegContact:
		a.onTask(m)
	case *msg.LegRecordingFind:
		a.onRecordingFind(ctx, m)
	case *msg.LegKept:
		a.onKept(ctx, m)
	case *deckMade:
		a.onDeckMade(ctx, m)
	case *mixRefused:
		a.onMixRefused(m)
	case *msg.LegReplace:
		a.onReplace(m)
	case *msg.LegRedirect:
		a.onRedirect(ctx, m)
	case *msg.LegTransferred:
		a.machine.Transferred(m, time.Now())
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &left{m.Who})
	case *left:
		a.onLeft(ctx, m.who)
	case *writeAgain:
		if m.over || a.machine.state != ended { // a beginning is not written behind the end
			a.write(ctx, m.over)
		}
	case *msg.LegAttended:
		a.onAttended(ctx, m)
	case *attendFailed:
		a.onAttendFailed(m)
	case *reelMade:
		a.onReel(m)
	case *msg.ScribeFailed:
		a.machine.ScribeFailed(m, time.Now())
	case *actor.Stopping:
		a.onStopping()
	}
	if a.machine != nil {
		a.perform(ctx, a.machine.effects())
	}
}

func (a *legActor) onStart(ctx actor.Context, m *msg.LegStart) {
	a.self = ctx.Self()
	handler := a.floor.Member.Handler(ctx.Self())
	a.log = a.log.With("kind", "leg", "id", handler, "call", m.Call)
	a.owner, a.deck = m.Owner, a.newDeck(ctx)
	if m.Owner != nil {
		ctx.Watch(m.Owner)
	}
	flow, user := a.way(m)
	birth := a.floor.Birth(flow, user, m)
	birth.Handler, birth.Log, birth.Now = handler, a.log, time.Now()
	if m.Trunk != "" && a.floor.Prove != nil {
		birth.Prove = a.floor.Prove(m.Trunk)
	}
	if !birth.ClearKeys && !sealed(m, flow) {
		birth.Media.Suites, birth.Media.Fingerprint = nil, ""
	}
	webRTC := a.floor.Engine.WebRTCPort() != 0 && wantsWebRTC(m, flow)
	if err := a.openStream(ctx, m, webRTC, &birth); err != nil {
		a.log.Debug("no media for a leg", "err", err)
		birth.Unable = true
	}
	callID := handler + "@" + birth.Media.Address.String()
	if m.Outgoing != nil {
		a.edge = a.floor.Edge(flow, callID)
		a.invited = a.edge
		birth.Unable = birth.Unable || a.edge == nil
	}
	if m.Incoming != nil {
		a.machine = startIncoming(birth, m, m.Incoming.Request.Signal())
	} else {
		a.machine = startOutgoing(birth, m, callID)
	}
	if r := a.machine.record; r.Account != "" && a.floor.Occupied != nil && r.Queue == "" {
		a.floor.Occupied(r.Account, handler, ctx.Self())
	}
	a.watchFront(ctx)
}

// way is the flow to the party, and the user part of our Contact.
func (a *legActor) way(m *msg.LegStart) (signal.Flow, string) {
	if in := m.Incoming; in != nil {
		a.edge = in.Edge
		return in.Request.Flow.Signal(), in.Request.To.GetUri().GetUser()
	}
	return m.Outgoing.Flow.Signal(), m.Outgoing.From.GetUri().GetUser()
}

// openStream opens the media stream and notes in the leg's capability what SDP says of it.
func (a *legActor) openStream(ctx actor.Context, m *msg.LegStart, webRTC bool, b *Birth) error {
	self, member := ctx.Self(), a.floor.Member
	stream, err := a.floor.Engine.Open(media.Options{
		ID: b.Handler, Call: m.Call, Local: b.Bind, Peer: b.Peer, WebRTC: webRTC, Urgent: m.Urgent,
		OnEvent: func(e media.Event) { member.Send(self, &mediaSaid{e}) },
	})
	if err != nil {
		return err
	}
	a.stream = stream
	b.Media.Port, b.Media.Secure = stream.Port(), stream.Identity()
	return nil
}

// onMedia takes what the stream tells. The end of a sound may be that of a Task's.
func (a *legActor) onMedia(e media.Event) {
	if f, ok := e.(media.Finished); ok {
		a.deck.Finished(f.Source)
	}
	a.machine.Media(e, time.Now())
}

// onRequest takes a request in the dialog. The edge that it came by is the one to answer by, and
// from then on the one that holds the party's flow.
func (a *legActor) onRequest(ctx actor.Context, m *msg.SignalRequest) {
	party := a.edge
	a.edge = m.Edge
	if !a.machine.Request(m.Request.Signal(), time.Now()) {
		a.perform(ctx, a.machine.effects()) // the stranger is answered by the way it came
		a.edge = party
	}
	a.watchFront(ctx)
}

// watchFront has the leg told when the member is lost that holds its party's flow: what it says over it would reach
// nobody, and what the party says comes to nobody. The flow follows the party. A session is watched wherever it
// lives: unlike an edge it may end before its member does.
func (a *legActor) watchFront(ctx actor.Context) {
	flow := a.machine.dialog.Flow()
	front := a.floor.Edge(flow, a.machine.record.SipCallId)
	if front != nil && flow.Session == "" && front.Address == ctx.Self().Address {
		front = nil
	}
	switch {
	case front == nil && a.front == nil, front != nil && front.Equal(a.front):
		return
	case front != nil:
		ctx.Watch(front)
	}
	a.front = front
}

// Crashed: a message made the leg panic. The peer is told with BYE or a refusal, the partner and the
// owner that the leg is gone, and the record says why; then Stopping frees the ports.
func (a *legActor) Crashed(ctx actor.Context, cause any) {
	if a.machine == nil || a.machine.state == ended {
		return
	}
	now := time.Now()
	a.machine.out = nil
	if m, ok := ctx.Message().(*msg.SignalRequest); ok && m.Request != nil && m.Request.Method != string(signal.ACK) {
		ctx.Send(m.Edge, &msg.SignalRespond{Response: &msg.Response{Request: m.Request.Id,
			Method: m.Request.Method, Status: 500, To: m.Request.To}})
	}
	a.machine.setCause(500, "Server fault", "failure")
	a.machine.Hangup(&msg.LegHangup{Status: 500}, now)
	a.perform(ctx, a.machine.effects())
	a.machine.Hangup(&msg.LegHangup{Status: 500, Last: true}, now)
	a.perform(ctx, a.machine.effects())
}

// timer sets a timer; an earlier one of its kind has no meaning any more.
func (a *legActor) timer(ctx actor.Context, kind any, after time.Duration, fired any) {
	a.stopTimer(kind)
	a.timers = append(a.timers, running{kind, fired, cluster.After(ctx, after, fired)})
}

// stopTimer stops that of a kind, if one runs.
func (a *legActor) stopTimer(kind any) {
	a.timers = slices.DeleteFunc(a.timers, func(r running) bool {
		if r.kind == kind {
			r.timer.Stop()
		}
		return r.kind == kind
	})
}

// ran forgets the timer that has sent a message; it is another one that runs, if it was stopped too late.
func (a *legActor) ran(fired any) {
	a.timers = slices.DeleteFunc(a.timers, func(r running) bool { return r.fired == fired })
}

// received is how many packets came from the party.
func (a *legActor) received() uint64 {
	if a.stream == nil {
		return 0
	}
	s := a.stream.Stats()
	return s.Received + s.Fax.Received
}

// free gives back what the leg held: timers, the recording, the stream and its ports. Once.
func (a *legActor) free() {
	for _, r := range a.timers {
		r.timer.Stop()
	}
	if a.deck != nil {
		a.deck.End()
	}
	a.tape.end(a.stream)
	a.endKept()
	a.endScribes()
	a.closeJunction()
	a.dismissAttendants()
	a.refuseJunction(481, "The call is over")
	if a.stream != nil {
		a.stream.Close()
		a.stream = nil
	}
}

// onStopping leaves nothing behind, however the leg ends.
func (a *legActor) onStopping() {
	a.free()
	if a.machine != nil {
		a.floor.Table.drop(a.machine.record.Leg)
	}
}

// perform does what the machine wants, in order.
func (a *legActor) perform(ctx actor.Context, effects []effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case toEdge:
			a.toEdge(ctx, e.what)
		case dialogTimer:
			a.timer(ctx, e.timer.ID.Kind, e.timer.After, &dialogFired{e.timer.ID})
		case legTimer:
			a.timer(ctx, e.kind, e.after, &timerFired{e.kind, e.generation})
		case noTimer:
			a.stopTimer(e.kind)
		case serveTask, tellTask, startSound, startTape, hush, endDeck, mix, forgetMixer, attend, forgetAttended:
			a.performTask(ctx, e)
		case apply, play, say, echo, mute, silence, conference, bridge, press:
			a.onStream(e)
		case recordCall:
			a.record(ctx, e.partner)
		case keepCall:
			a.keep(ctx, e)
		case turnKept:
			a.turnKept(e.m)
		case beginScribe, tellScribes, endScribes:
			a.onScribes(e)
		case tellOwner:
			a.tellOwner(ctx, e.message)
		case tellPartner:
			a.tellPartner(ctx, e.message)
		case forgetPartner:
			for _, t := range a.tapes() {
				t.part()
			}
			a.setPartner(ctx, nil)
		case tellFinder:
			a.dismissFinder(ctx, e.status)
		case tellAsker:
			if a.asker != nil { // else somebody has ordered it who takes no part
				a.floor.Member.Send(a.asker, e.message)
			}
		case answerReplace:
			a.floor.Member.Send(a.replaceAsker, e.message)
		case find:
			a.find(ctx, e.start)
		case replace:
			a.replace(ctx, e)
		case giveUp:
			a.giveUp(e.run)
		case publish:
			a.floor.Table.show(a.machine.record, a.machine.state)
		case journal:
			a.write(ctx, e.over)
		case changed:
			a.writeChange()
		}
	}
}

func (a *legActor) toEdge(ctx actor.Context, e dialog.Effect) {
	switch e := e.(type) {
	case dialog.Send:
		a.send(ctx, e)
	case dialog.Cancel:
		a.floor.Member.Send(a.invited, &msg.SignalCancel{Request: e.Request, Reason: e.Reason})
	case dialog.Respond:
		ctx.Send(a.edge, &msg.SignalRespond{Response: msg.FromResponse(e.Response)})
	}
}

// send sends a request by the edge that holds its flow: the last one of the party's may have come by another.
func (a *legActor) send(ctx actor.Context, e dialog.Send) {
	r := e.Request
	r.Urgent = a.machine.urgent
	if edge := a.floor.Edge(e.Flow, r.CallID); edge != nil {
		ctx.Send(edge, &msg.SignalSend{Request: msg.FromRequest(r), Flow: msg.FromFlow(e.Flow), Owner: ctx.Self()})
		return
	}
	if r.Method != signal.ACK { // the connection is gone with its member
		unsent := msg.Unsent(r)
		unsent.Response.To = msg.FromParty(r.To)
		ctx.Send(ctx.Self(), unsent)
	}
}

func (a *legActor) tellOwner(ctx actor.Context, m proto.Message) {
	signAs(ctx.Self(), m)
	a.floor.Member.Send(a.owner, m)
}

func (a *legActor) tellPartner(ctx actor.Context, m proto.Message) {
	signAs(ctx.Self(), m)
	a.floor.Member.Send(cmp.Or(a.partner, a.heard), m)
}

// signAs fills in who speaks: the pure leg does not know its own address.
func signAs(self *actor.PID, m proto.Message) {
	switch m := m.(type) {
	case *msg.LegRedirect:
		m.From = self
	case *msg.LegReady:
		m.Leg = self
	case *msg.LegProgressed:
		m.Leg = self
	case *msg.LegAnswered:
		m.Leg = self
	case *msg.LegRefused:
		m.Leg = self
	case *msg.LegEnded:
		m.Leg = self
	case *msg.LegHold:
		m.Leg = self
	case *msg.LegMet:
		m.Leg = self
	case *msg.LegInfo:
		m.Leg = self
	case *msg.LegMessage:
		m.Leg = self
	case *msg.LegFax:
		m.Leg = self
	case *msg.LegTransfer:
		m.Asker = self
	case *msg.LegTaken:
		m.Leg = self
	case *msg.LegFound:
		m.Leg = self
	case *msg.LegPlayed:
		m.Leg = self
	case *msg.LegRecorded:
		m.Leg = self
	case *msg.LegDigit:
		m.Leg = self
	case *msg.LegParted:
		m.Leg = self
	case *msg.LegDone:
		m.Leg = self
	case *msg.LegReferred:
		m.Leg = self
	case *msg.LegJunction:
		m.Leg = self
	}
}
