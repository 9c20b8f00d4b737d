package task

import (
	"slices"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// input is what waits to be read by ReadInput: events and digits in the order in which they came.
type input struct {
	items      []item
	interrupts bool // digits interrupt and suppress play and record
	dropped    int  // since the queue was full
	bytes      int  // of the parameters of events that others sent
}

// item is an event, or a digit where key is not 0. The parameter of an event that another Task sent stays the
// text that it came as until it is read: as an object it may take fifty times the memory, which is the
// program's own from then on.
type item struct {
	key       byte
	event     *object.Dictionary
	parameter string
}

// eventKind is an event of the platform. A dictionary that a program made has none, whatever it says.
type eventKind string

// The events of the platform, as their what says (cgpl.md 2.11). The last five are beyond the ancestor, and
// come to programs alone that asked for them.
const (
	eventDisconnected eventKind = "disconnected"
	eventProvision    eventKind = "callProvision"
	eventCompleted    eventKind = "callCompleted"
	eventStartBridge  eventKind = "startBridge"
	eventBreakBridge  eventKind = "breakBridge"
	eventTransfer     eventKind = "startTransfer"
	eventTransferred  eventKind = "callTransferred"
	eventInfo         eventKind = "callInfo"
	eventMessage      eventKind = "instantMessage"
	eventIQ           eventKind = "xmppIQ"
	eventStop         eventKind = "stop"
	eventTimer        eventKind = "timer"
	eventEnded        eventKind = "taskEnded"
	eventHTTP         eventKind = "httpCompleted"
	eventQueue        eventKind = "queue" // all that a queue says; see queueEvent
	eventAttendEnded  eventKind = "attendEnded"
)

// mark is the platform's mark of an event: its kind, and the ticket that it is.
type mark struct {
	kind   eventKind
	ticket *ticket
}

// digits are the keys that wait to be read.
func (in *input) digits() string {
	var b []byte
	for _, it := range in.items {
		if it.key != 0 {
			b = append(b, it.key)
		}
	}
	return string(b)
}

// suppresses tells whether what waits keeps a prompt from being played: any event, and a digit unless that
// is switched off.
func (in *input) suppresses() bool {
	for _, it := range in.items {
		if it.key == 0 || in.interrupts {
			return true
		}
	}
	return false
}

// clearDigits drops the digits; events stay.
func (in *input) clearDigits() {
	kept := in.items[:0]
	for _, it := range in.items {
		if it.key == 0 {
			kept = append(kept, it)
		}
	}
	clear(in.items[len(kept):])
	in.items = kept
}

// take is the oldest item.
func (t *Task) take() (object.Value, bool) {
	in := &t.input
	if len(in.items) == 0 {
		return object.Null, false
	}
	in.dropped = 0
	it := in.items[0]
	in.items[0] = item{}
	if in.items = in.items[1:]; len(in.items) == 0 {
		in.items = nil
	}
	if it.key != 0 {
		return object.String(string(it.key)), true
	}
	if it.parameter != "" {
		in.bytes -= len(it.parameter)
		v, err := t.read(it.parameter)
		if err != nil {
			t.log.Warn("event with a parameter that can not be read", "event", it.event.Get("what").Text(), "err", err)
		}
		it.event.Set("parameter", v)
	}
	return it.event.Value(), true
}

// push queues an item and ends what it interrupts. Digits and what others ask find no room in a full queue,
// which is logged once. The end of a call always does, for a program must be able to see it; and so do events
// that were sent before Full was known, for their senders were told that they would arrive.
func (t *Task) push(it item, must bool) bool {
	if t.mode == over {
		return false
	}
	if t.Full() && !must {
		if t.input.dropped++; t.input.dropped == 1 {
			t.log.Warn("task reads too little: input is dropped")
		}
		return false
	}
	t.input.items = append(t.input.items, it)
	if t.wait.active() && t.wait.input != nil && (it.key == 0 || t.input.interrupts || t.wait.name == readInput) {
		t.wait.input()
	}
	return true
}

// event queues an event of the platform.
func (t *Task) event(kind eventKind, parameter object.Value, sender string) bool {
	return t.ticketEvent(kind, parameter, sender, nil)
}

func (t *Task) ticketEvent(kind eventKind, parameter object.Value, sender string, tk *ticket) bool {
	d := newEvent(string(kind), parameter, sender)
	d.SetMark(mark{kind, tk})
	return t.push(item{event: d}, kind == eventDisconnected)
}

// newEvent is an event as programs see it.
func newEvent(what string, parameter object.Value, sender string) *object.Dictionary {
	d := object.NewFolded()
	d.Set("what", object.String(what))
	if sender != "" {
		d.Set("sender", handle(sender))
	}
	d.Set("parameter", parameter)
	return d
}

// handle is a Task handle as an object.
func handle(id string) object.Value {
	return (&object.Handle{Class: object.ClassTask, ID: id}).Value()
}

// Event takes an event of another Task or Session.
func (t *Task) Event(m *msg.TaskEvent, sender string, now time.Time) {
	t.now = now
	t.input.bytes += len(m.Parameter) // before the push, which may let the program read it
	if !t.push(item{event: newEvent(m.Name, object.Null, sender), parameter: m.Parameter}, true) {
		t.input.bytes -= len(m.Parameter)
	}
}

// mostParameters is how many events with the longest parameters may wait to be read.
const mostParameters = 16

// Full tells that as much waits to be read as may: senders of events are refused.
func (t *Task) Full() bool {
	return len(t.input.items) >= t.limits.Input || t.input.bytes >= mostParameters*t.limits.Text
}

// Digit takes a key that the party pressed, by its leg: what an earlier party pressed means nothing.
func (t *Task) Digit(key, leg string, now time.Time) {
	t.now = now
	if leg != t.party.leg {
		return
	}
	for i := range len(key) {
		if isKey(key[i]) {
			t.push(item{key: key[i]}, false)
		}
	}
}

const readInput = "ReadInput"

// longestRead bounds ReadInput, in seconds: ten years.
const longestRead = 10 * 365 * 24 * 3600

// fnReadInput is ReadInput: the oldest item, or null after that many seconds.
func fnReadInput(t *Task, c *cgpl.Call) (object.Value, error) {
	if v, ok := t.take(); ok {
		return v, nil
	}
	secs, _ := c.Arg(0).Int()
	if secs <= 0 {
		return object.Null, nil
	}
	t.within(time.Duration(min(secs, longestRead)) * time.Second)
	return t.block(wait{name: readInput,
		input:   t.readOn,
		timeout: func() { t.resume(object.Null) }})
}

// readOn ends ReadInput with what has come.
func (t *Task) readOn() {
	v, _ := t.take()
	t.resume(v)
}

func fnDTMF(t *Task, _ *cgpl.Call) (object.Value, error) { return object.String(t.input.digits()), nil }

func fnClearDTMF(t *Task, _ *cgpl.Call) (object.Value, error) {
	t.input.clearDigits()
	return object.Null, nil
}

func fnSetInterruptOnDTMF(t *Task, c *cgpl.Call) (object.Value, error) {
	old := t.input.interrupts
	t.input.interrupts = !c.Arg(0).IsNull()
	return object.Bool(old), nil
}

// isEvent makes the test for a kind of event.
func isEvent(kind eventKind) function {
	return func(_ *Task, c *cgpl.Call) (object.Value, error) {
		m, ok := c.Arg(0).Dictionary().Mark().(mark)
		return object.Bool(ok && m.kind == kind), nil
	}
}

// fnSendEvent is SendEvent: it never waits.
func fnSendEvent(t *Task, c *cgpl.Call) (object.Value, error) {
	h := c.Arg(0).Handle()
	if h == nil || h.Class != object.ClassTask {
		return object.Null, cgpl.Throw("SendEvent: the first argument is no Task handle")
	}
	name := c.Arg(1).Text()
	if name == "" || len(name) > 255 || !letter(name[0]) {
		return fail(ErrParameter), nil
	}
	parameter, ok := t.write(c.Arg(2), false)
	if !ok {
		return fail(ErrParameter), nil
	}
	if err := t.world.Tell(h.ID, &msg.TaskEvent{Name: name, Parameter: parameter}); err != nil {
		return object.String(err.Error()), nil
	}
	return object.Null, nil
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// fnSetTaskTimer sets the one overall timer: its event is "timer"; 0 takes it back. Beyond the ancestor.
func fnSetTaskTimer(t *Task, c *cgpl.Call) (object.Value, error) {
	secs, _ := c.Arg(0).Int()
	if secs <= 0 {
		t.timers[overallTimer]++
		return object.Null, nil
	}
	t.timer(overallTimer, time.Duration(min(secs, longestRead))*time.Second)
	return object.Null, nil
}

// mostLinked is how many Tasks one Task may be linked with.
const mostLinked = 1000

// fnLinkTask asks for the event "taskEnded" when that Task ends, once however often it is asked. Beyond the
// ancestor.
func fnLinkTask(t *Task, c *cgpl.Call) (object.Value, error) {
	h := c.Arg(0).Handle()
	if h == nil || h.Class != object.ClassTask {
		return fail(ErrParameter), nil
	}
	switch {
	case slices.Contains(t.linked, h.ID):
		return object.Null, nil
	case len(t.linked) >= mostLinked:
		return object.String("too many tasks are linked"), nil
	}
	t.linked = append(t.linked, h.ID)
	t.do(Watch{h.ID})
	return object.Null, nil
}

// Gone: an actor that the Task watched is no more.
func (t *Task) Gone(handler string, now time.Time) {
	t.now = now
	if t.mode == over {
		return
	}
	for i, l := range t.linked {
		if l == handler {
			t.linked = append(t.linked[:i], t.linked[i+1:]...)
			t.event(eventEnded, object.Null, handler)
			break
		}
	}
	t.bridgeGone(handler)
	t.agentGone(handler)
	switch handler {
	case t.party.leg:
		t.LegEnded(&msg.LegEnded{Status: 500, Reason: "Call leg is gone"}, handler, now)
	case t.dial.signal:
		t.dialFailed(500, "Signal is gone")
	}
	t.recorderGone(handler) // the program, which goes on by this, must know before that the party is gone
}
