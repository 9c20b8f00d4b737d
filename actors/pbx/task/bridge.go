package task

import (
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// bridge is the Task's part in bridges: what others ask of it, what it asks, and whom its party is joined with.
type bridge struct {
	tickets []*ticket // requests of others that wait for a decision
	asked   asked     // StartBridge or StartTransfer of our own
	with    joined    // whose party ours is joined with
	sent    sending   // where our party's phone sends that one
}

// sending is a transfer by the party's phone.
type sending struct{ by, number string }

// ticket is the request of another Task: the event that brings it is valid once.
type ticket struct {
	task     string // who asks
	number   uint64 // its number of the request
	leg      string // of its party
	codec    string
	codecs   []string
	remote   signal.AOR // its party's address, as far as it says so
	standing standing
	transfer bool
	used     bool
	gone     bool // taken back
}

func (tk *ticket) open() bool { return tk != nil && !tk.used && !tk.gone }

// asked is a request of our own that the other Task has not decided.
type asked struct {
	number uint64
	task   string
	before mode
}

// joined is the other side of a bridge, or the one who has the mixer.
type joined struct {
	task    string
	number  uint64 // of the request that made it
	partner string // the leg or the mixer that our party's leg is joined with
	mixed   bool
}

// active tells whether the Task's party is joined with another one.
func (b *bridge) active() bool { return b.with.task != "" }

// StartBridge and StartTransfer.

func fnStartBridge(t *Task, c *cgpl.Call) (object.Value, error) {
	switch {
	case !t.pending() && !t.holds():
		return fail(ErrNotConnected), nil
	case t.bridge.active():
		return fail(ErrBridged), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	}
	return t.ask("StartBridge", c.Arg(0), false)
}

func fnStartTransfer(t *Task, c *cgpl.Call) (object.Value, error) {
	switch {
	case !t.holds():
		return fail(ErrNotConnected), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	}
	return t.ask("StartTransfer", c.Arg(0), true)
}

// ask sends the request and waits: until the other Task decides, is gone, or our own party is.
func (t *Task) ask(name string, task object.Value, transfer bool) (object.Value, error) {
	h := task.Handle()
	if h == nil || h.Class != object.ClassTask {
		return object.Null, cgpl.Throw(name + ": the argument is no Task handle")
	}
	if h.ID == t.world.Self() {
		return fail(ErrParameter), nil
	}
	n := t.number()
	t.bridge.asked = asked{number: n, task: h.ID, before: t.mode}
	t.do(Watch{h.ID}, ToTask{Task: h.ID, Leg: t.party.leg, Message: &msg.TaskBridge{Ticket: n,
		Codec: t.party.codec, Codecs: t.party.codecs, Transfer: transfer,
		Remote: string(t.party.remote().AOR()), Asserted: t.party.standing.asserted, Privacy: t.party.standing.privacy}})
	t.become(waiting, name)
	return t.block(wait{name: name, operation: n,
		ended: func(text string) {
			t.withdraw()
			t.resume(object.String(text))
		},
		bridged: func(text string) {
			t.become(t.bridge.asked.before, name+" was refused")
			t.bridge.asked = asked{}
			t.resume(object.String(text))
		},
	})
}

// withdraw takes back our request that is not decided.
func (t *Task) withdraw() {
	if a := t.bridge.asked; a.task != "" {
		t.do(ToTask{Task: a.task, Message: &msg.TaskUnbridged{Ticket: a.number}})
		t.bridge.asked = asked{}
	}
}

// Bridged is the other Task's decision. leg is its party's; mixer its mixer, where that takes ours.
func (t *Task) Bridged(m *msg.TaskBridged, task, leg, mixer string, now time.Time) {
	t.now = now
	a := t.bridge.asked
	if a.task != task || a.number != m.Ticket || t.mode != waiting {
		if m.Error == "" { // it was taken back meanwhile
			t.do(ToTask{Task: task, Message: &msg.TaskUnbridged{Ticket: m.Ticket}})
		}
		return
	}
	if m.Error != "" {
		t.wait.bridged(m.Error)
		return
	}
	t.bridge.asked = asked{}
	if m.Transfer {
		t.give(leg, m.Codec)
		return
	}
	t.bridge.with = joined{task: task, number: a.number, partner: leg, mixed: mixer != ""}
	if t.bridge.with.mixed {
		t.bridge.with.partner = mixer
		if a.before != connected {
			t.toLeg(&msg.LegAnswer{})
		}
		t.do(ToLeg{Leg: t.party.leg, Partner: mixer, Message: &msg.LegMix{Room: m.Mix.GetRoom(), Rate: m.Mix.GetRate()}})
	} else { // this answers the call where it waits
		t.do(ToLeg{Leg: t.party.leg, Partner: leg, Message: &msg.LegAccept{Codec: m.Codec}})
	}
	if a.before == connected {
		t.become(connected, "joined")
		t.resume(object.Null)
		return
	}
	t.wait.answered = func() {
		t.become(connected, "answered by a bridge")
		t.resume(object.Null)
	}
	t.wait.bridged = nil
}

// Bridge takes the request of another Task: an event whose object is the ticket.
func (t *Task) Bridge(m *msg.TaskBridge, task, leg string, now time.Time) {
	t.now = now
	tk := &ticket{task: task, number: m.Ticket, leg: leg, codec: m.Codec, codecs: m.Codecs,
		remote: signal.AOR(m.Remote), standing: standing{m.Asserted, m.Privacy}, transfer: m.Transfer}
	kind := eventStartBridge
	if m.Transfer {
		kind = eventTransfer
	}
	t.bridge.tickets = append(t.bridge.tickets, tk)
	if !t.ticketEvent(kind, object.Null, task, tk) {
		t.refuse(tk, string(ErrQueueFull))
	}
}

// ticketOf is the ticket that an event is.
func ticketOf(v object.Value, kind eventKind) *ticket {
	m, ok := v.Dictionary().Mark().(mark)
	if !ok || m.kind != kind {
		return nil
	}
	return m.ticket
}

// claim is the ticket that an event is, or why there is none to take: it is no such event, or the request was
// decided or taken back.
func claim(v object.Value, kind eventKind) (*ticket, ErrorText) {
	tk := ticketOf(v, kind)
	switch {
	case tk == nil:
		return nil, ErrParameter
	case !tk.open():
		return nil, ErrCancelled
	}
	return tk, ""
}

// spend uses a ticket: nobody can decide it twice.
func (t *Task) spend(tk *ticket) {
	tk.used = true
	for i, other := range t.bridge.tickets {
		if other == tk {
			t.bridge.tickets = append(t.bridge.tickets[:i], t.bridge.tickets[i+1:]...)
			return
		}
	}
}

// refuse decides against a ticket.
func (t *Task) refuse(tk *ticket, text string) {
	t.spend(tk)
	t.do(ToTask{Task: tk.task, Message: &msg.TaskBridged{Ticket: tk.number, Error: text}})
}

// refuseTickets decides against all that wait, since the Task ends.
func (t *Task) refuseTickets() {
	for len(t.bridge.tickets) > 0 {
		t.refuse(t.bridge.tickets[0], string(ErrNoObject))
	}
}

func fnAcceptBridge(t *Task, c *cgpl.Call) (object.Value, error) {
	tk, e := claim(c.Arg(0), eventStartBridge)
	switch {
	case e != "":
		return fail(e), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	case t.bridge.active():
		return fail(ErrBridged), nil
	case t.pending():
		return t.accept("AcceptBridge", func() { t.resume(t.joinOpen(tk)) })
	case !t.holds():
		return fail(ErrNotConnected), nil
	}
	return t.joinOpen(tk), nil
}

// joinOpen joins the ticket's party with ours, if it was not taken back meanwhile.
func (t *Task) joinOpen(tk *ticket) object.Value {
	if !tk.open() {
		return fail(ErrCancelled)
	}
	t.join(tk)
	return object.Null
}

// join joins the ticket's party with ours, and says so.
func (t *Task) join(tk *ticket) {
	t.spend(tk)
	t.bridge.with = joined{task: tk.task, number: tk.number, partner: tk.leg}
	t.do(Watch{tk.task},
		ToLeg{Leg: t.party.leg, Partner: tk.leg, Message: &msg.LegAccept{Codec: tk.codec}},
		ToTask{Task: tk.task, Leg: t.party.leg, Message: &msg.TaskBridged{Ticket: tk.number, Codec: t.party.codec}})
}

func fnRejectBridge(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.reject(c, eventStartBridge)
}

// reject is RejectBridge and RejectTransfer: the text is what the other's call returns.
func (t *Task) reject(c *cgpl.Call, kind eventKind) (object.Value, error) {
	tk := ticketOf(c.Arg(0), kind)
	if !tk.open() {
		return fail(ErrCancelled), nil
	}
	text := c.Arg(1).Text()
	if text == "" {
		text = failure(603, signal.ReasonPhrase(603))
	}
	if t.dial.ticket == tk {
		t.cancelDial()
	}
	t.refuse(tk, text)
	return object.Null, nil
}

// fnStartBridgedCall calls somebody for the party behind a ticket.
func fnStartBridgedCall(t *Task, c *cgpl.Call) (object.Value, error) {
	tk, e := claim(c.Arg(1), eventStartBridge)
	switch {
	case e != "":
		return fail(e), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	}
	codecs := tk.codecs
	if tk.codec != "" {
		codecs = append([]string{tk.codec}, codecs...)
	}
	if e := t.startCall(c.Arg(0), tk, codecs); e != "" {
		return fail(e), nil
	}
	return object.Null, nil
}

// Provisioned shows how the call goes that is made for our party, while that waits for an answer.
func (t *Task) Provisioned(m *msg.TaskProvisioned, task, leg string, now time.Time) {
	t.now = now
	a := t.bridge.asked
	if a.task != task || a.number != m.Ticket || a.before == connected || m.Progress == nil {
		return
	}
	p := m.Progress
	t.do(ToLeg{Leg: t.party.leg, Partner: leg, Message: &msg.LegProgress{Status: p.Status, Reason: p.Reason,
		Stream: p.Stream, Codec: p.Codec}})
}

func fnBreakBridge(t *Task, _ *cgpl.Call) (object.Value, error) {
	if t.mixing != nil && len(t.mixing.members) == 1 { // the platform may have made a mixer of it
		return fnDetachMixer(t, &cgpl.Call{})
	}
	if !t.bridge.active() {
		return fail(ErrNotBridged), nil
	}
	t.leaveBridge()
	t.toLeg(&msg.LegPart{})
	return object.Null, nil
}

// leaveBridge tells the other Task that our party is not joined with its any more, or will not be.
func (t *Task) leaveBridge() {
	if w := t.bridge.with; w.task != "" {
		t.bridge.with = joined{}
		t.do(ToTask{Task: w.task, Message: &msg.TaskUnbridged{Ticket: w.number, By: t.bridge.sent.by, Number: t.bridge.sent.number}})
	}
}

// Unbridged: the other Task took back its request, or ended the bridge.
func (t *Task) Unbridged(m *msg.TaskUnbridged, task string, now time.Time) {
	t.now = now
	if t.mode == over {
		return
	}
	for _, tk := range t.bridge.tickets {
		if tk.task == task && tk.number == m.Ticket {
			t.ticketGone(tk)
			return
		}
	}
	if w := t.bridge.with; w.task == task && w.number == m.Ticket {
		t.agentPasses(task, m.By, m.Number)
		t.broken(task)
		return
	}
	t.memberLeft(task, m.Ticket)
}

// ticketGone: who asked does not want it any more. A call that is made for it is given up.
func (t *Task) ticketGone(tk *ticket) {
	t.spend(tk)
	tk.gone = true
	if t.dial.ticket == tk {
		t.cancelDial()
		t.event(eventBreakBridge, object.Null, tk.task)
	}
}

// broken: the other side ended the bridge; what becomes of our party is the option bridgeBreak's choice.
func (t *Task) broken(task string) {
	t.bridge.with = joined{}
	t.agentGone(task)
	how := t.optionText("bridgebreak")
	if how == "disconnect" || how != "keep" && t.party.noMedia {
		t.toLeg(&msg.LegHangup{})
		t.lost("bridge was broken", task)
		return
	}
	t.toLeg(&msg.LegPart{})
	t.event(eventBreakBridge, object.Null, task)
}

// LegParted: our party's partner is gone, by whatever way. Its Task says so too; the first one counts, and what
// is said of an earlier partner does not.
func (t *Task) LegParted(partner, leg string, now time.Time) {
	t.now = now
	if t.mode != over && leg == t.party.leg && t.attendedGone(partner) {
		return
	}
	if t.mode == over || leg != t.party.leg || !t.bridge.active() || partner != t.bridge.with.partner {
		return
	}
	w := t.bridge.with
	t.do(ToTask{Task: w.task, Message: &msg.TaskUnbridged{Ticket: w.number}})
	t.broken(w.task)
}

// bridgeGone: a Task that we have to do with ended without a word.
func (t *Task) bridgeGone(handler string) {
	for i := 0; i < len(t.bridge.tickets); {
		if tk := t.bridge.tickets[i]; tk.task == handler {
			t.ticketGone(tk)
			continue
		}
		i++
	}
	if t.bridge.asked.task == handler && t.wait.bridged != nil {
		t.wait.bridged(string(ErrNoObject))
	}
	if t.bridge.with.task == handler {
		t.broken(handler)
	}
	t.memberLeft(handler, 0)
}

// leaveMedia ends everything that joins our party with others.
func (t *Task) leaveMedia() {
	t.withdraw()
	t.leaveBridge()
	t.dissolve()
}
