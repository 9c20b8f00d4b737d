package meeting

import (
	"time"

	"tandem/actors/msg"
)

// What a Task has in meetings and queues it announces, so that the next keeper knows it too: this one forgets it, when
// the account moves to another member. What another Task takes from it, it hears of, and withdraws its announcement.

// mark names one thing that a Task has: a meeting, or a place in a queue.
type mark struct {
	task     string
	queued   bool
	set, key string
}

// Loss is something that a Task has no more. Task is its handler.
type Loss struct {
	Task   string
	Parted *msg.MeetingParted
}

// parting is a loss of which the Task has perhaps not heard: what it announces meanwhile does not count.
type parting struct {
	serial uint64
	at     time.Time
}

// partingLife is how long the last word of a Task can be on its way.
const partingLife = time.Minute

// moment is the time of a change: behind that of every other one that is known, whatever the clocks of the members say.
func (h *Hall) moment(now time.Time) time.Time {
	h.last = max(now.UnixMicro(), h.last+1)
	return time.UnixMicro(h.last)
}

func (m *meeting) mark(n name) mark { return mark{task: m.by, set: n.set, key: n.key} }

// stands is what the Task that has changed the meeting is to announce.
func (m *meeting) stands(n name) *msg.MeetingStands {
	return &msg.MeetingStands{Serial: m.serial, Set: n.set, Key: n.key, Parameter: m.parameter, Active: m.task != "",
		Since: m.since.UnixMicro()}
}

func (p place) stands(queue string) *msg.MeetingStands {
	return &msg.MeetingStands{Serial: p.serial, Queued: true, Set: queue, Parameter: p.parameter,
		Priority: int32(p.priority), Since: p.since}
}

// part notes that a Task has something no more.
func (h *Hall) part(k mark, serial uint64, now time.Time) Loss {
	h.parted[k] = parting{serial, now}
	return Loss{k.task, &msg.MeetingParted{Serial: serial, Queued: k.queued, Set: k.set, Key: k.key}}
}

// lose forgets a meeting, of which its announcer is to hear.
func (h *Hall) lose(n name, now time.Time) Loss {
	m := h.meetings[n]
	h.forget(n)
	return h.part(m.mark(n), m.serial, now)
}

// forgetPartings drops those whose Task has said its last word, or never will.
func (h *Hall) forgetPartings(now time.Time) {
	for k, p := range h.parted {
		if now.Sub(p.at) > partingLife {
			delete(h.parted, k)
		}
	}
}

// Stands takes what a Task announces. lost is what does not stand after all: this, or what it takes the place of.
func (h *Hall) Stands(s *msg.MeetingStands, task string, now time.Time) (lost []Loss) {
	k := mark{task, s.Queued, s.Set, s.Key}
	if p, ok := h.parted[k]; ok && s.Serial <= p.serial {
		return nil
	}
	h.last = max(h.last, s.Since)
	if s.Queued {
		return h.queuedStands(s, k, now)
	}
	return h.meetingStands(s, k, now)
}

func (h *Hall) queuedStands(s *msg.MeetingStands, k mark, now time.Time) (lost []Loss) {
	if at := h.queues[s.Set].find(k.task); at >= 0 {
		if s.Serial <= h.queues[s.Set].waiting[at].serial {
			return nil
		}
		h.leave(s.Set, k.task)
	}
	q := h.queues[s.Set]
	if len(h.queued) >= maxWaiting || h.bytes+len(s.Parameter) > maxBytes || q == nil && len(h.queues) >= maxQueues {
		return []Loss{h.part(k, s.Serial, now)}
	}
	if q == nil {
		q = &queue{}
		h.queues[s.Set] = q
	}
	h.queued[k.task]++
	h.bytes += len(s.Parameter)
	q.insert(place{k.task, s.Parameter, int(s.Priority), s.Since, s.Serial})
	return nil
}

// meetingStands: of two Tasks that announce one meeting that one has it who is active there, or who changed it last.
func (h *Hall) meetingStands(s *msg.MeetingStands, k mark, now time.Time) (lost []Loss) {
	n, since := name{s.Set, s.Key}, time.UnixMicro(s.Since)
	switch found := h.meetings[n]; {
	case found == nil:
	case found.by == k.task && s.Serial <= found.serial:
		return nil
	case found.by == k.task:
		h.forget(n)
	case found.task != "" || !s.Active && since.Before(found.since):
		return []Loss{h.part(k, s.Serial, now)}
	default:
		lost = append(lost, h.lose(n, now))
	}
	if h.crowded(s.Parameter) {
		return append(lost, h.part(k, s.Serial, now))
	}
	m := &meeting{parameter: s.Parameter, since: since, by: k.task, serial: s.Serial}
	if s.Active {
		m.task = k.task
	}
	h.bytes += len(m.parameter)
	h.meetings[n] = m
	return lost
}

// Parted takes the last word of a Task about something that it has no more.
func (h *Hall) Parted(p *msg.MeetingParted, task string) {
	delete(h.parted, mark{task, p.Queued, p.Set, p.Key})
	if p.Queued {
		if q := h.queues[p.Set]; q.find(task) >= 0 && q.waiting[q.find(task)].serial <= p.Serial {
			h.leave(p.Set, task)
		}
		return
	}
	n := name{p.Set, p.Key}
	if m := h.meetings[n]; m != nil && m.by == task && m.serial <= p.Serial {
		h.forget(n)
	}
}
