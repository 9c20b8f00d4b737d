package task

import (
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// dial is a call that the Task makes, until it is answered or has failed.
type dial struct {
	under  bool   // a call is on its way
	signal string // handler of the Signal that looks for the party; "" until it is known
	target *signal.URI
	ticket *ticket // of StartBridgedCall
	refer  string  // the party's phone wants the Task to talk to target: its REFER
}

// option is what a program has set of its Task.
type option struct {
	values     map[string]object.Value // SignalOption and MediaOption that were set, by lower-case name
	parameters *object.Dictionary      // SetCallParameters
}

// changed are the options, made when the first one is set.
func (t *Task) changed() *option {
	if t.option == nil {
		t.option = &option{values: map[string]object.Value{}}
	}
	return t.option
}

// fnSetCallParameters replaces all earlier call parameters.
func fnSetCallParameters(t *Task, c *cgpl.Call) (object.Value, error) {
	t.changed().parameters = object.Copy(c.Arg(0)).Dictionary()
	return object.Null, nil
}

// fnStartCall begins a call; how it goes comes as events.
func fnStartCall(t *Task, c *cgpl.Call) (object.Value, error) {
	if e := t.startCall(c.Arg(0), nil, nil); e != "" {
		return fail(e), nil
	}
	return object.Null, nil
}

// startCall begins a call for the Task itself, or for the party behind a ticket.
func (t *Task) startCall(destination object.Value, tk *ticket, codecs []string) ErrorText {
	switch {
	case t.mode != disconnected || t.party.leg != "":
		return ErrCalling
	case t.dial.under:
		return ErrCalling
	}
	targets, request, e := t.request(destination)
	if e != "" {
		return e
	}
	request.Headers = t.standing(request.From.URI.AOR(), tk).with(request.Headers)
	t.dial = dial{under: true, target: &targets[0], ticket: tk}
	services, _ := targets[0].Params.Get("services")
	d := Dial{Request: request, Targets: targets, Codecs: codecs, NoServices: strings.EqualFold(services, "no")}
	if secs, ok := decimal(t.parameter(destination, "Expires")); ok && secs > 0 {
		d.Ring = time.Duration(min(secs, t.limits.Ring)) * time.Second
	}
	t.do(d, Publish{})
	return ""
}

// parameter is a call parameter: of the destination, else of SetCallParameters.
func (t *Task) parameter(destination object.Value, name string) object.Value {
	if v := destination.Dictionary().GetFold(name); !v.IsNull() {
		return v
	}
	if t.option != nil {
		return t.option.parameters.GetFold(name)
	}
	return object.Null
}

// addresses are those of a destination: a URI, or a dictionary with it under "". Beyond the ancestor there may be an
// array of them: all are rung, and the first to answer has the call.
func (t *Task) addresses(destination object.Value) (targets []signal.URI, ok bool) {
	if d := destination.Dictionary(); d != nil {
		destination = d.Get("")
	}
	for _, v := range items(destination) {
		u, ok := t.uri(v.Text())
		if !ok || len(targets) == mostTargets {
			return nil, false
		}
		targets = append(targets, u)
	}
	return targets, len(targets) > 0
}

// request makes the INVITE of a destination.
func (t *Task) request(destination object.Value) ([]signal.URI, *signal.Request, ErrorText) {
	targets, ok := t.addresses(destination)
	if !ok {
		return nil, nil, ErrParameter
	}
	target := targets[0]
	from, e := t.from(destination)
	if e != "" {
		return nil, nil, e
	}
	r := &signal.Request{Method: signal.INVITE, URI: target, From: from, To: signal.Party{URI: target},
		MaxForwards: 70, Origin: signal.Origin{Account: signal.AOR(t.who.account)}}
	if id := destination.Dictionary().GetFold("Call-ID").Text(); id != "" && clean(id) && !strings.ContainsAny(id, " <>\"") {
		r.CallID = id
	}
	if n, ok := decimal(t.parameter(destination, "Max-Forwards")); ok && n > 0 && n <= 70 {
		r.MaxForwards = int(n)
	}
	for _, name := range passedHeaders {
		for _, v := range items(t.parameter(destination, name)) {
			if s := v.Text(); s != "" && clean(s) {
				r.Headers = append(r.Headers, signal.Header{Name: name, Value: s})
			}
		}
	}
	return targets, r, ""
}

// standing is what goes on with a call that shows that address: made for the party behind a ticket, or for whoever waits here
// and is the only one who has it. Several may be nobody.
func (t *Task) standing(shown signal.AOR, tk *ticket) (of standing) {
	if tk != nil {
		if tk.remote == shown {
			of = tk.standing
		}
		return of
	}
	n := 0
	for _, tk := range t.bridge.tickets {
		if tk.remote == shown {
			of = tk.standing
			n++
		}
	}
	switch {
	case n > 1:
		return standing{}
	case n == 0 && shown == t.party.remote().AOR():
		return t.party.standing
	}
	return of
}

// passedHeaders are call parameters that become headers as they are.
var passedHeaders = []string{"Subject", "X-Queue", "Privacy", "Diversion", "Call-Info", "Alert-Info", "P-CGP-Private"}

// from is who calls: the address of "From" where the Task may use it, else its account. It may use its own
// account, and the address of the party that it serves.
func (t *Task) from(destination object.Value) (signal.Party, ErrorText) {
	own := signal.Party{}
	if t.who.account != "" {
		a := signal.AOR(t.who.account)
		own.URI = signal.URI{Scheme: "sip", User: a.User(), Host: a.Domain()}
		if p, ok := t.world.Person(t.who.account); ok {
			own.Display = p.Name
		}
	}
	text := destination.Dictionary().GetFold("From").Text()
	if text == "" {
		if own.URI.Host == "" {
			return own, ErrDenied
		}
		return own, ""
	}
	p, err := signal.ParseParty(text)
	if err != nil {
		u, ok := t.uri(text)
		if !ok {
			return own, ErrParameter
		}
		p = signal.Party{URI: u}
	}
	p.Params = nil
	switch {
	case !clean(p.Display):
		return own, ErrParameter
	case p.URI.AOR() == own.URI.AOR():
	case p.URI.AOR() == t.party.remote().AOR() && t.party.remote().Scheme != "":
	case t.lent(p.URI.AOR()):
	default:
		return own, ErrDenied
	}
	return p, ""
}

// lent tells whether the address is that of a party whose bridge request waits here: a helper calls on behalf
// of it; or whether the account may speak for others.
func (t *Task) lent(a signal.AOR) bool {
	for _, tk := range t.bridge.tickets {
		if tk.remote == a {
			return true
		}
	}
	s, ok := t.world.Service("mayimpersonate")
	return ok && !s.Run(nil, t.caller(), []object.Value{object.String(string(a))}).IsNull()
}

// Progress: the one who is called rings, or sends early media from its leg.
func (t *Task) Progress(m *msg.LegProgress, leg string, now time.Time) {
	t.now = now
	if !t.dial.under {
		return
	}
	if t.dial.refer != "" {
		t.toLeg(&msg.LegTransferred{Refer: t.dial.refer, Status: m.Status, Reason: m.Reason})
		return
	}
	d := object.NewFolded()
	d.Set("code", object.Number(int64(m.Status)))
	d.Set("text", word(m.Reason))
	if leg != "" {
		d.Set("media", object.Yes)
	}
	if tk := t.dial.ticket; tk != nil && tk.open() && t.optionText("bridgedprovisionrelay") != "NO" {
		t.do(ToTask{Task: tk.task, Leg: leg, Message: &msg.TaskProvisioned{Ticket: tk.number,
			Progress: &msg.LegProgress{Status: m.Status, Reason: m.Reason, Stream: m.Stream, Codec: m.Codec}}})
	}
	t.event(eventProvision, d.Value(), "")
}

// Dialled names the Signal that looks for the party; "" when none could be made.
func (t *Task) Dialled(handler string, now time.Time) {
	t.now = now
	if !t.dial.under {
		return
	}
	if t.dial.signal = handler; handler == "" {
		t.dialFailed(503, "Service Unavailable")
	}
}

// Taken: the call was answered; leg is the party's.
func (t *Task) Taken(m *msg.LegAccept, leg string, now time.Time) {
	t.now = now
	if !t.dial.under || t.mode == over {
		t.do(ToLeg{Leg: leg, Message: &msg.LegHangup{}})
		return
	}
	d := t.dial
	t.dial = dial{}
	if d.refer != "" {
		t.followed(d, m, leg)
		return
	}
	t.party = party{leg: leg, ends: &ends{remote: *d.target}, codec: m.Codec, codecs: []string{m.Codec}, since: now, called: true}
	t.do(Watch{leg})
	t.become(connected, "answered")
	if d.ticket != nil {
		t.party.noMedia = true
		t.join(d.ticket)
	}
	t.event(eventCompleted, object.Null, "")
}

// Refused: nobody takes the call.
func (t *Task) Refused(status int, reason string, now time.Time) {
	t.now = now
	if t.dial.under {
		t.dialFailed(status, reason)
	}
}

func (t *Task) dialFailed(status int, reason string) {
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	refer := t.dial.refer
	t.dial = dial{}
	t.do(Publish{})
	if refer != "" {
		t.toLeg(&msg.LegTransferred{Refer: refer, Status: int32(status), Reason: reason})
		return
	}
	t.event(eventCompleted, object.String(failure(status, reason)), "")
}

// cancelDial gives up the call that is on its way; no final event follows.
func (t *Task) cancelDial() {
	if t.dial.under {
		t.dial = dial{}
		t.do(CancelDial{})
	}
}

func fnCancelCall(t *Task, _ *cgpl.Call) (object.Value, error) {
	t.cancelDial()
	return object.Null, nil
}
