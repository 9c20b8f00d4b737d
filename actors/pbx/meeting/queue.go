package meeting

import (
	"slices"
	"time"

	"tandem/actors/msg"
)

// queue is one simple queue: higher priority first, and first come first served among equals.
type queue struct{ waiting []place }

// place is one Task's place.
type place struct {
	task      string
	parameter string
	priority  int // thousandths
	since     int64
	serial    uint64 // of the Task's operations
}

// usual is the priority of those who say none: 1.0.
const usual = 1000

// priority reads d.ddd as thousandths; the Task has checked its form.
func priority(s string) int {
	if s == "" {
		return usual
	}
	n := int(s[0]-'0') * 1000
	for i, unit := 2, 100; i < len(s) && unit > 0; i, unit = i+1, unit/10 {
		n += int(s[i]-'0') * unit
	}
	return n
}

var queueOperations = map[string]func(h *Hall, a *answer, m *msg.MeetingAsk, asker string, now time.Time){
	"enqueue": enqueue,
	"check":   check,
	"dequeue": dequeue,
	"read":    read,
}

func enqueue(h *Hall, a *answer, m *msg.MeetingAsk, asker string, now time.Time) {
	q := h.queues[m.Set]
	if h.bytes+len(m.Parameter) > maxBytes {
		a.Error = noQueue
		return
	}
	if q == nil {
		if len(h.queues) >= maxQueues {
			a.Error = noQueue
			return
		}
		q = &queue{}
		h.queues[m.Set] = q
	}
	h.bytes += len(m.Parameter)
	p := place{task: asker, parameter: m.Parameter, priority: priority(m.Priority), serial: m.Operation}
	if at := q.find(asker); at >= 0 {
		old := q.waiting[at]
		if p.parameter == "" {
			p.parameter = old.parameter
		} else {
			h.bytes -= len(old.parameter)
		}
		if m.Priority == "" || p.priority == old.priority { // the same priority keeps the place
			p.priority, p.since = old.priority, old.since
			q.waiting[at] = p
			a.Stands = p.stands(m.Set)
			check(h, a, m, asker, now)
			return
		}
		q.waiting = slices.Delete(q.waiting, at, at+1)
	} else {
		if len(h.queued) >= maxWaiting {
			a.Error = noQueue
			h.bytes -= len(m.Parameter)
			return
		}
		h.queued[asker]++
	}
	p.since = h.moment(now).UnixMicro()
	q.insert(p)
	a.Stands = p.stands(m.Set)
	check(h, a, m, asker, now)
}

// insert puts a Task into its place: before those of a lower priority, and those of its own that came later.
func (q *queue) insert(p place) {
	at := len(q.waiting)
	for at > 0 && p.before(q.waiting[at-1]) {
		at--
	}
	q.waiting = slices.Insert(q.waiting, at, p)
}

func (p place) before(o place) bool {
	return p.priority > o.priority || p.priority == o.priority && p.since < o.since
}

func (q *queue) find(task string) int {
	if q == nil {
		return -1
	}
	return slices.IndexFunc(q.waiting, func(p place) bool { return p.task == task })
}

func check(h *Hall, a *answer, m *msg.MeetingAsk, asker string, _ time.Time) {
	if q := h.queues[m.Set]; q != nil {
		a.Length, a.Position = int32(len(q.waiting)), int32(q.find(asker))
	}
}

func dequeue(h *Hall, a *answer, m *msg.MeetingAsk, asker string, now time.Time) {
	h.take(m.Set, asker, a, now)
}

// take takes a Task out of one queue, which it is told.
func (h *Hall) take(name, task string, a *answer, now time.Time) {
	q := h.queues[name]
	if at := q.find(task); at >= 0 {
		a.lost = append(a.lost, h.part(mark{task: task, queued: true, set: name}, q.waiting[at].serial, now))
		h.leave(name, task)
	}
}

func read(h *Hall, a *answer, m *msg.MeetingAsk, _ string, now time.Time) {
	q := h.queues[m.Set]
	if q == nil {
		return
	}
	first := q.waiting[0]
	a.Found, a.Parameter, a.task = true, first.parameter, first.task
	h.take(m.Set, first.task, a, now)
}

// leave takes a Task out of one queue; an empty queue is forgotten.
func (h *Hall) leave(name, task string) {
	q := h.queues[name]
	at := q.find(task)
	if at < 0 {
		return
	}
	h.bytes -= len(q.waiting[at].parameter)
	q.waiting = slices.Delete(q.waiting, at, at+1)
	if len(q.waiting) == 0 {
		delete(h.queues, name)
	}
	if h.queued[task]--; h.queued[task] <= 0 {
		delete(h.queued, task)
	}
}

// Gone takes a Task that has ended out of all queues.
func (h *Hall) Gone(task string) {
	for name := range h.queues {
		h.leave(name, task)
	}
}

// Queued tells whether a Task is in a queue.
func (h *Hall) Queued(task string) bool { return h.queued[task] > 0 }
