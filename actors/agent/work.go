package agent

import (
	"slices"
	"time"

	"tandem/actors/msg"
)

// LogOn is what an agent says who begins to work.
type LogOn struct {
	Device  string       // name of the device where he does
	Phone   string       // how that is rung, for the records: SIP/1002
	Queues  []Membership // that he joins by this, besides those he belongs to; or as what, where he belongs to them
	Only    []string     // queues in which he works: he is paused in his others; none: in all
	Absent  bool         // the device is not there yet
	HotDesk bool         // the device is somebody else's otherwise
	Source  string       // what began it: the name of a call, MANAGER, CLI; for the records
}

// LogOn: he begins to work, or does so at another device too.
func (a *Agent) LogOn(l LogOn, now time.Time) []Effect {
	a.begin(now)
	if l.Device == "" || len(l.Device) > maxText || len(a.devices) >= maxDevices {
		return nil
	}
	if !l.Absent {
		a.devices[l.Device] = cut(l.Phone)
	}
	if l.HotDesk {
		a.report(Fact{Kind: HotDesked, Source: l.Source, Text: l.Phone})
	}
	if a.state == LoggedOut {
		a.record.LoggedOn, a.record.Since, a.record.Device = true, now, cut(l.Phone)
		a.record.Paused, a.record.Reason = false, ""
		a.report(Fact{Kind: LoggedOnFact, Source: l.Source, Text: l.Phone})
		a.become(Ready, "he logs on")
	}
	a.next = nil
	for _, m := range l.Queues {
		m.Dynamic = true
		a.join(m, l.Source)
	}
	if len(l.Only) > 0 {
		for i := range a.record.Queues {
			m := &a.record.Queues[i]
			a.pauseIn(m, !slices.Contains(l.Only, m.Queue), l.Source)
		}
	}
	a.kept = true
	a.choose()
	return a.end()
}

// join makes him belong to a queue, or, where he does, takes a penalty and a pause there.
func (a *Agent) join(m Membership, source string) {
	had := a.member(m.Queue)
	if had == nil {
		a.add(m, source)
		return
	}
	if m.Penalty > 0 && m.Penalty != had.Penalty {
		had.Penalty = m.Penalty
		a.report(Fact{Kind: PenaltySet, Source: source, Queue: m.Queue, Number: m.Penalty})
	}
	a.pauseIn(had, had.Paused || m.Paused, source)
}

// pauseIn has him paused in one queue, or not, with no reason.
func (a *Agent) pauseIn(m *Membership, paused bool, source string) {
	if m.Paused == paused {
		return
	}
	kind := ResumedIn
	if paused {
		kind = PausedIn
	}
	m.Paused, m.Reason = paused, ""
	a.revision++
	a.report(Fact{Kind: kind, Source: source, Queue: m.Queue})
}

func cut(text string) string { return msg.Cut(text, maxText) }

// LogOff: he works no more, at once, or after what he is busy with.
func (a *Agent) LogOff(source string, now time.Time) []Effect {
	a.begin(now)
	switch {
	case a.state == LoggedOut:
		return nil
	case a.state.busy():
		a.next = &wish{LoggedOut, "", source}
	default:
		a.logOff(source)
	}
	return a.end()
}

func (a *Agent) logOff(source string) {
	if a.record.LoggedOn {
		a.reportLogOff(source)
	}
	a.become(LoggedOut, "he logs off")
	for i := range a.record.Queues {
		a.record.Queues[i].Paused, a.record.Queues[i].Reason = false, ""
		a.tell(&a.record.Queues[i])
	}
	a.record.Queues = slices.DeleteFunc(a.record.Queues, func(m Membership) bool { return m.Dynamic })
	for _, m := range a.record.Defined { // those that he was taken out of for this time
		if a.member(m.Queue) == nil && len(a.record.Queues) < maxQueues {
			a.record.Queues = append(a.record.Queues, m)
		}
	}
	a.record.LoggedOn, a.record.Paused, a.record.Reason, a.record.Device = false, false, "", ""
	a.wrapped, a.kept = time.Time{}, true
	a.notChoosing("he logs off")
	clear(a.devices)
}

func (a *Agent) reportLogOff(source string) {
	for i := range a.record.Queues {
		if m := &a.record.Queues[i]; m.Dynamic {
			a.report(Fact{Kind: RemovedFrom, Source: source, Queue: m.Queue})
		}
	}
	a.report(Fact{Kind: LoggedOffFact, Source: source, Text: a.record.Device, Time: a.now.Sub(a.record.Since)})
}

// Pause: he wants no calls, of one queue or, with "", of any. While he is busy the latter is kept for afterwards.
func (a *Agent) Pause(queue, reason, source string, now time.Time) []Effect {
	a.begin(now)
	reason = cut(reason)
	switch m := a.member(queue); {
	case a.state == LoggedOut:
		return nil
	case queue != "" && m != nil:
		m.Paused, m.Reason, a.kept = true, reason, true
		a.revision++
		a.report(Fact{Kind: PausedIn, Source: source, Queue: queue, Text: reason})
	case queue != "":
		return nil
	case a.state.busy():
		a.next = &wish{Paused, reason, source}
	default:
		a.pause(reason, source)
	}
	return a.end()
}

func (a *Agent) pause(reason, source string) {
	a.report(Fact{Kind: PausedInAll, Source: source, Text: reason})
	for _, m := range a.record.Queues {
		a.report(Fact{Kind: PausedIn, Source: source, Queue: m.Queue, Text: reason})
	}
	a.record.Paused, a.record.Reason, a.kept = true, reason, true
	a.wrapped = time.Time{}
	a.notChoosing("he pauses")
	a.become(Paused, "he pauses")
}

// Resume: he takes calls again, of one queue or, with "", of all. In his wrap-up it ends that; while he is busy it
// takes back what he has chosen for afterwards.
func (a *Agent) Resume(queue, source string, now time.Time) []Effect {
	a.begin(now)
	m := a.member(queue)
	switch {
	case a.state == LoggedOut || queue != "" && m == nil:
		return nil
	case m != nil:
		m.Paused, m.Reason, a.kept = false, "", true
		a.revision++
		a.report(Fact{Kind: ResumedIn, Source: source, Queue: queue})
	case a.state.busy():
		a.next = nil
	case a.state == WrapUp:
		a.free("he is ready")
	case a.state == Paused:
		a.report(Fact{Kind: ResumedInAll, Source: source})
		for i := range a.record.Queues {
			a.record.Queues[i].Paused, a.record.Queues[i].Reason = false, ""
			a.report(Fact{Kind: ResumedIn, Source: source, Queue: a.record.Queues[i].Queue})
		}
		a.record.Paused, a.record.Reason, a.kept = false, "", true
		a.revision++
		a.become(Ready, "he resumes")
	}
	a.choose()
	return a.end()
}

// Reason: he says why he pauses, after he has begun to.
func (a *Agent) Reason(reason, source string, now time.Time) []Effect {
	a.begin(now)
	switch {
	case a.next != nil && a.next.state == Paused:
		a.next.reason = cut(reason)
	case a.state == Paused:
		a.record.Reason, a.kept = cut(reason), true
		a.report(Fact{Kind: ReasonGiven, Source: source, Text: a.record.Reason})
	}
	return a.end()
}

// MoreWrapUp gives him more time after a call.
func (a *Agent) MoreWrapUp(more time.Duration, now time.Time) []Effect {
	a.begin(now)
	if a.state == WrapUp && more > 0 {
		a.wrapped = a.wrapped.Add(min(more, maxWrapUp))
	}
	return a.end()
}

// free is what comes after an offer or a wrap-up: what he has chosen, or that he is ready.
func (a *Agent) free(because string) {
	a.wrapped = time.Time{}
	w := a.next
	a.next = nil
	switch {
	case w != nil && w.state == LoggedOut:
		a.logOff(w.source)
	case w != nil:
		a.pause(w.reason, w.source)
	case a.record.Paused:
		a.become(Paused, because)
	case a.state != LoggedOut:
		a.become(Ready, because)
		a.choose()
	}
}
