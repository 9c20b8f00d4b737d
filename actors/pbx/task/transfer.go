package task

import (
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

func fnTransferSupported(t *Task, _ *cgpl.Call) (object.Value, error) {
	return object.Bool(t.mode == connected && t.party.refers), nil
}

// fnTransferCall asks the party's phone to call somebody else; the call stays up until the phone ends it.
func fnTransferCall(t *Task, c *cgpl.Call) (object.Value, error) {
	if !t.holds() {
		return fail(ErrNotConnected), nil
	}
	target, ok := t.uri(c.Arg(0).Text())
	if !ok {
		return fail(ErrParameter), nil
	}
	return t.operate("TransferCall", func(op uint64) message {
		return &msg.LegRefer{Operation: op, Target: msg.FromURI(target),
			ReferredBy: msg.FromParty(signal.Party{URI: t.party.local()})}
	})
}

// fnAcceptTransfer joins the two parties for good: their call goes on without either Task. Both stay in mode C.
func fnAcceptTransfer(t *Task, c *cgpl.Call) (object.Value, error) {
	tk, e := claim(c.Arg(0), eventTransfer)
	switch {
	case e != "":
		return fail(e), nil
	case !t.holds():
		return fail(ErrNotConnected), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	}
	t.spend(tk)
	t.do(ToTask{Task: tk.task, Leg: t.party.leg, Message: &msg.TaskBridged{Ticket: tk.number,
		Codec: t.party.codec, Transfer: true}})
	t.handOver(tk.leg, tk.codec)
	return object.Null, nil
}

func fnRejectTransfer(t *Task, c *cgpl.Call) (object.Value, error) {
	return t.reject(c, eventTransfer)
}

// give hands our party over, as the other Task agreed to.
func (t *Task) give(leg, codec string) {
	t.become(connected, "transferred")
	t.handOver(leg, codec)
	t.resume(object.Null)
}

// handOver joins our party with that leg, and gives up our part in its call.
func (t *Task) handOver(leg, codec string) {
	t.leaveBridge()
	t.callerGone()
	t.do(ToLeg{Leg: t.party.leg, Partner: leg, Message: &msg.LegAccept{Codec: codec}},
		ToLeg{Leg: t.party.leg, Message: &msg.LegServe{}}, Unwatch{t.party.leg})
	t.party.leg, t.party.given = "", true
}

// Referred: the party's phone asks for a transfer; the option refer says what comes of it.
func (t *Task) Referred(m *msg.LegReferred, leg string, now time.Time) {
	t.now = now
	if t.mode == over || leg != t.party.leg {
		return
	}
	answer := &msg.LegTransferred{Refer: m.Refer, Status: 603}
	switch target := m.Target.Signal(); {
	case t.optionText("refer") == "disabled":
	case t.bridge.active() && !t.bridge.with.mixed: // the platform sends the partner there
		t.bridge.sent = sending{by: "blind", number: target.User}
		if m.Replaces != "" {
			t.bridge.sent.by = "attended"
		}
		t.toLeg(&msg.LegFind{Targets: []*msg.URI{m.Target}, Account: t.rights(m)})
		if t.optionText("transferreport") == "YES" {
			t.transferred(target, m.Replaces != "")
		}
		return
	case m.Replaces != "" || t.mode != connected || t.dial.under || t.mixing != nil || t.bridge.active():
		answer.Status = 491
	default:
		t.follow(m, target)
		return
	}
	t.toLeg(answer)
}

// transferred tells the program of a transfer by its party's phone: to whom, and whether the phone has talked to that one
// before, which is beyond the ancestor.
func (t *Task) transferred(target signal.URI, attended bool) {
	d := newEvent(string(eventTransferred), object.String(target.String()), "")
	if attended {
		d.Set("attended", object.Yes)
	}
	d.SetMark(mark{kind: eventTransferred})
	t.push(item{event: d}, false)
}

// follow calls whom the party's phone wants the Task to talk to in its place. The phone is told how that goes;
// when somebody answers, its own call is over, and the Task talks to the other one.
func (t *Task) follow(m *msg.LegReferred, target signal.URI) {
	account := signal.AOR(t.who.account)
	if by := t.rights(m); by != "" {
		account = signal.AOR(by)
	}
	from := signal.Party{URI: signal.URI{Scheme: "sip", User: account.User(), Host: account.Domain()}}
	r := &signal.Request{Method: signal.INVITE, URI: target, From: from, To: signal.Party{URI: target},
		MaxForwards: 70, Origin: signal.Origin{Account: signal.AOR(t.rights(m)), Trunk: m.Trunk},
		Headers: signal.Headers{{Name: "Referred-By", Value: "<" + t.party.remote().String() + ">"}}}
	t.dial = dial{under: true, target: &target, refer: m.Refer}
	t.toLeg(&msg.LegTransferred{Refer: m.Refer, Status: 100})
	t.do(Dial{Request: r, Targets: []signal.URI{target}, Codecs: t.party.codecs})
}

// followed: the one answered whom the phone wanted the Task to talk to. Meanwhile the program may have joined
// its party with another one, or given it away: then the phone hears that, and nobody takes its place.
func (t *Task) followed(d dial, m *msg.LegAccept, leg string) {
	if !t.holds() || t.mixing != nil || t.bridge.active() {
		t.toLeg(&msg.LegTransferred{Refer: d.refer, Status: 491})
		t.do(ToLeg{Leg: leg, Message: &msg.LegHangup{}})
		return
	}
	waited := t.wait
	t.toLeg(&msg.LegTransferred{Refer: d.refer, Status: 200})
	t.do(Unwatch{t.party.leg})
	t.party = party{leg: leg, ends: &ends{remote: *d.target, local: t.party.local()}, codec: m.Codec, codecs: []string{m.Codec},
		since: t.now}
	t.do(Watch{leg}, Publish{})
	t.sound.play = 0 // what was played was heard by the one who left
	if t.optionText("transferreport") == "YES" {
		t.event(eventTransferred, object.String(d.target.String()), "")
	}
	t.soundGone()
	if waited.done != nil && t.wait.operation == waited.operation { // the phone that was to do something has left
		waited.ended(string(ErrNotConnected))
	}
}

// rights is the account that pays for whom a phone sends for: none where the phone is reached by a trunk. Else whoever gets
// into a menu from outside could have it call the world.
func (t *Task) rights(m *msg.LegReferred) string {
	if m.Trunk != "" {
		return ""
	}
	return t.onBehalf()
}

// onBehalf is whose rights a transfer has.
func (t *Task) onBehalf() string {
	if t.optionText("refer") == "peer" {
		return t.party.account
	}
	return t.who.account
}
