package meeting

import (
	"time"

	"tandem/actors/msg"
)

// Limits of one account.
const (
	maxMeetings = 10000
	maxWaiting  = 10000 // Tasks in all queues
	maxQueues   = 1000
	maxBytes    = 16 << 20 // of all parameters
)

// idleLife is how long a meeting without an active Task is kept.
const idleLife = 24 * time.Hour

// Texts of failures; the first two are known to clients (cgpl.md 2.15).
const (
	notFound  = "meeting not found"
	activated = "meeting is already activated"
	exists    = "meeting already exists"
	inactive  = "meeting is not activated by this task"
	full      = "too many meetings"
	noQueue   = "queue can not be accessed"
	unknown   = "unknown operation"
)

// name is a meeting's name: a key in a set.
type name struct{ set, key string }

// meeting is one meeting. task is a handler, "" while nobody is active. Who changed it last announces it.
type meeting struct {
	parameter string
	task      string
	since     time.Time // last change
	by        string    // who announces it
	serial    uint64    // of that one's operations
}

// Hall is the pure state of one account's meetings and queues.
type Hall struct {
	meetings map[name]*meeting
	queues   map[string]*queue
	queued   map[string]int // Tasks by handler: in how many queues
	bytes    int            // of all parameters
	parted   map[mark]parting
	last     int64 // when something changed, microseconds; no two changes have the same
}

// NewHall makes an empty one.
func NewHall() *Hall {
	return &Hall{meetings: map[name]*meeting{}, queues: map[string]*queue{}, queued: map[string]int{},
		parted: map[mark]parting{}}
}

// answer is MeetingAnswer with the Task's handler in place of its address.
type answer struct {
	*msg.MeetingAnswer
	task string
	lost []Loss // what other Tasks have no more
}

// Ask does what a Task asks. The asker is watched as long as Queued says so.
func (h *Hall) Ask(m *msg.MeetingAsk, asker string, now time.Time) answer {
	a := answer{MeetingAnswer: &msg.MeetingAnswer{Operation: m.Operation, Position: -1}}
	if op, ok := queueOperations[m.What]; ok {
		op(h, &a, m, asker, now)
		return a
	}
	op, ok := operations[m.What]
	if !ok {
		a.Error = unknown
		return a
	}
	n := name{m.Set, m.Key}
	found := h.meetings[n]
	if found != nil && found.task == "" && now.Sub(found.since) > idleLife {
		a.lost = append(a.lost, h.lose(n, now))
		found = nil
	}
	a.Error = op(h, n, found, m, asker, now, &a)
	return a
}

// Answer is Ask for those who know Tasks by their handlers alone: task is the one that the answer names.
func (h *Hall) Answer(m *msg.MeetingAsk, asker string, now time.Time) (a *msg.MeetingAnswer, task string) {
	answered := h.Ask(m, asker, now)
	return answered.MeetingAnswer, answered.task
}

// operation is what can be asked of a meeting; its result is an error text.
type operation func(h *Hall, n name, found *meeting, m *msg.MeetingAsk, asker string, now time.Time, a *answer) string

var operations = map[string]operation{
	"create":     create,
	"activate":   activate,
	"deactivate": deactivate,
	"find":       find,
	"clear":      clearTask,
	"remove":     remove,
}

func create(h *Hall, n name, found *meeting, m *msg.MeetingAsk, asker string, now time.Time, a *answer) string {
	if found != nil {
		return exists
	}
	if h.crowded(m.Parameter) {
		a.lost = append(a.lost, h.sweep(now)...)
	}
	if h.crowded(m.Parameter) {
		return full
	}
	h.bytes += len(m.Parameter)
	h.meetings[n] = &meeting{parameter: m.Parameter, since: h.moment(now), by: asker, serial: m.Operation}
	a.Stands = h.meetings[n].stands(n)
	return ""
}

// crowded tells that there is no room for one more meeting with a parameter.
func (h *Hall) crowded(parameter string) bool {
	return len(h.meetings) >= maxMeetings || h.bytes+len(parameter) > maxBytes
}

// forget drops a meeting, if there is one.
func (h *Hall) forget(n name) {
	if m := h.meetings[n]; m != nil {
		h.bytes -= len(m.parameter)
		delete(h.meetings, n)
	}
}

// sweep forgets what nobody was active in for a day.
func (h *Hall) sweep(now time.Time) (lost []Loss) {
	h.forgetPartings(now)
	for n, m := range h.meetings {
		if m.task == "" && now.Sub(m.since) > idleLife {
			lost = append(lost, h.lose(n, now))
		}
	}
	return lost
}

func activate(h *Hall, n name, found *meeting, m *msg.MeetingAsk, asker string, now time.Time, a *answer) string {
	switch {
	case found == nil:
		return notFound
	case found.task != "" && found.task != asker:
		return activated
	}
	return h.change(n, found, asker, m, asker, now, a)
}

func deactivate(h *Hall, n name, found *meeting, m *msg.MeetingAsk, asker string, now time.Time, a *answer) string {
	switch {
	case found == nil:
		return notFound
	case found.task != asker:
		return inactive
	}
	return h.change(n, found, "", m, asker, now, a)
}

// change notes who is active; a parameter that is given replaces the old one. Where there is no room for it
// nothing changes. From now on the asker announces the meeting.
func (h *Hall) change(n name, m *meeting, task string, ask *msg.MeetingAsk, asker string, now time.Time, a *answer) string {
	if parameter := ask.Parameter; parameter != "" {
		more := len(parameter) - len(m.parameter)
		if h.bytes+more > maxBytes {
			return full
		}
		h.bytes += more
		m.parameter = parameter
	}
	if m.by != asker {
		a.lost = append(a.lost, h.part(m.mark(n), m.serial, now))
	}
	m.task, m.since, m.by, m.serial = task, h.moment(now), asker, ask.Operation
	a.Stands = m.stands(n)
	return ""
}

func find(_ *Hall, _ name, found *meeting, _ *msg.MeetingAsk, _ string, _ time.Time, a *answer) string {
	if found != nil {
		a.Found, a.Parameter, a.task = true, found.parameter, found.task
	}
	return ""
}

func clearTask(h *Hall, n name, found *meeting, m *msg.MeetingAsk, asker string, now time.Time, a *answer) string {
	if found == nil {
		return notFound
	}
	return h.change(n, found, "", &msg.MeetingAsk{Operation: m.Operation}, asker, now, a)
}

func remove(h *Hall, n name, found *meeting, _ *msg.MeetingAsk, _ string, now time.Time, a *answer) string {
	if found != nil {
		a.lost = append(a.lost, h.lose(n, now))
	}
	return ""
}

// Empty tells whether nothing is held: the actor may go.
func (h *Hall) Empty() bool { return len(h.meetings) == 0 && len(h.queued) == 0 }

// names tells whether a meeting or a queue has to do with a Task.
func (h *Hall) names(task string) bool {
	if h.Queued(task) {
		return true
	}
	for _, m := range h.meetings {
		if m.task == task || m.by == task {
			return true
		}
	}
	return false
}
