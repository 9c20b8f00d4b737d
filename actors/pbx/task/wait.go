package task

import (
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// wait is the call that the program is blocked in, as what ends it: each hook that is set is one way.
// There is one at a time; resume forgets it.
type wait struct {
	name      string                          // of the function, for lists
	operation uint64                          // that an answer must have
	input     func()                          // an event or a digit came
	timeout   func()                          // waitTimer fired
	answered  func()                          // the party's leg was answered
	ended     func(text string)               // the party's leg is over
	done      func(status int, reason string) // an operation of the leg
	played    func()                          // the sound is over
	taped     func(v object.Value)            // the recording is there
	spawned   func(handler string)            // what was to be made is made
	result    func(v object.Value)            // a service or a keeper of meetings answered
	bridged   func(text string)               // the other Task decided; "" is yes
	meeting   func(m *msg.MeetingAnswer)      // the keeper of meetings answered

	taskHandle string // the handler in that answer
}

func (w *wait) active() bool { return w.name != "" }

// block suspends the program in a call. Lists show where it waits.
func (t *Task) block(w wait) (object.Value, error) {
	t.wait = w
	t.do(Publish{})
	return object.Null, cgpl.ErrSuspend
}

// within limits the time of the blocked call.
func (t *Task) within(d time.Duration) { t.timer(waitTimer, d) }

// Waiting is the function that the Task is blocked in, "" for none.
func (t *Task) Waiting() string { return t.wait.name }
