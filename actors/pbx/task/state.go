package task

import "fmt"

// mode is where a Task stands with its party (reference cgpl.md section 3).
type mode int

const (
	// disconnected: there is no party; a call that the Task makes may be on its way.
	disconnected mode = iota
	// incoming: a party calls and was not answered; there is no media.
	incoming
	// provisioned: a party calls, was not answered, and hears early media.
	provisioned
	// connected: the party's call is up.
	connected
	// waiting: blocked in StartBridge or StartTransfer, until the other Task decides.
	waiting
	// over: the program has ended.
	over
)

var modeNames = [...]string{"disconnected", "incoming", "provisioned", "connected", "waiting", "ended"}

func (m mode) String() string { return modeNames[m] }

// Modes are the names of all modes, for lists and metrics.
func Modes() []string { return modeNames[:] }

// legal has the transitions; the end is legal from everywhere.
var legal = map[mode][]mode{
	disconnected: {connected},
	incoming:     {provisioned, connected, waiting, disconnected},
	provisioned:  {connected, waiting, disconnected},
	connected:    {waiting, disconnected},
	waiting:      {incoming, provisioned, connected, disconnected},
}

// become is the only place where a Task's mode changes: it checks, logs and tells the lists.
func (t *Task) become(to mode, because string) {
	if t.mode == to {
		return
	}
	ok := to == over
	for _, next := range legal[t.mode] {
		ok = ok || next == to
	}
	if !ok {
		t.log.Error("task: illegal transition", "from", t.mode.String(), "to", to.String(), "because", because)
		return
	}
	t.log.Info("task", "from", t.mode.String(), "to", to.String(), "because", because)
	had := t.hasParty()
	t.mode = to
	if t.mixing != nil && !had && t.hasParty() {
		t.mixOwn()
	}
	if !t.pending() && to != waiting {
		t.party.request = nil
	}
	t.do(Publish{})
}

// pending tells whether a party's call waits for an answer.
func (t *Task) pending() bool { return t.mode == incoming || t.mode == provisioned }

// hasParty tells whether the Task has media with a party: early or up.
func (t *Task) hasParty() bool { return t.mode == provisioned || t.mode == connected }

// failure is the text of a call's failure: NNN-text, so that RejectCall can take it (cgpl.md 2.15).
func failure(status int, reason string) string { return fmt.Sprintf("%d-%s", status, reason) }
