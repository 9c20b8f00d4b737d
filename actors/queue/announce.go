package queue

import "time"

// said is what a caller was told last.
type said struct {
	position int
	at       time.Time
	waiting  bool // the expected wait
	periodic int  // which text comes next
}

// setAnnouncements sets the alarms for what a caller hears while it waits. Where they are set for all callers at once, since
// the owner or the settings are new, each keeps a part of its phase: they came one after the other, and are not told
// all together.
func (q *Queue) setAnnouncements(c *caller, now time.Time) {
	a := q.settings.Announce
	if a.Every > 0 {
		q.alarms.set(&c.position, inPhase(c, now, max(a.Least, time.Second)))
	}
	if a.PeriodicEvery > 0 && len(a.Periodic) > 0 {
		q.alarms.set(&c.periodic, inPhase(c, now, max(a.PeriodicDelay, time.Second)))
	}
}

// inPhase is so much later, or up to lookAgain more: as long after the caller came as divides by that.
func inPhase(c *caller, now time.Time, d time.Duration) time.Time {
	if past := c.waited(now) % lookAgain; past > 0 {
		d += lookAgain - past
	}
	return now.Add(d)
}

// hears tells whether a caller may hear something now: nobody is rung for it, and it is not the first one, unless
// that is set.
func (q *Queue) hears(c *caller) bool {
	return (c.state == waiting || c.state == resting) && !c.absent() && (q.settings.Announce.ToFirst || q.positionOf(c) > 1)
}

// tellPosition tells a caller its position and how long it may have to wait: after Every, or as soon as the position
// has changed, but never more often than Least. Each caller looks after itself: a caller that is served moves all
// others, and telling them at that moment would make every call cost as much as there are callers.
func (q *Queue) tellPosition(c *caller, now time.Time) {
	a := q.settings.Announce
	if a.Every <= 0 || !c.state.inLine() {
		return
	}
	position := q.positionOf(c)
	first := c.said.at.IsZero()
	if !q.hears(c) || !first && position == c.said.position && now.Sub(c.said.at) < a.Every {
		q.alarms.set(&c.position, now.Add(lookAgain))
		return
	}
	p := Play{Caller: c.id, What: SoundPosition, Wait: -1}
	if a.Position && (first || !a.OnlyUp || position < c.said.position) {
		p.Position = position
		if a.PositionLimit > 0 && position > a.PositionLimit {
			p.Position, p.More = a.PositionLimit, true
		}
	}
	if a.HoldTime && (!a.HoldTimeOnce || !c.said.waiting) {
		p.Wait, c.said.waiting = q.expected(c, now), true
	}
	c.said.position, c.said.at = position, now
	q.alarms.set(&c.position, now.Add(max(a.Least, time.Second)))
	if p.Position > 0 || p.Wait >= 0 {
		q.emit(p)
	}
}

// expected is how long a caller may still have to wait, as app_queue tells it (reference queuelog.md 4.5).
func (q *Queue) expected(c *caller, now time.Time) time.Duration {
	wait := (q.counters.Hold + 30*time.Second - c.waited(now)).Abs()
	round := time.Duration(q.settings.Announce.RoundSeconds) * time.Second
	if round <= 0 {
		return wait.Truncate(time.Minute)
	}
	minutes := wait.Truncate(time.Minute)
	return minutes + (wait - minutes).Truncate(round)
}

// tellPeriodic plays the next of the periodic announcements.
func (q *Queue) tellPeriodic(c *caller, now time.Time) {
	a := q.settings.Announce
	if a.PeriodicEvery <= 0 || len(a.Periodic) == 0 || !c.state.inLine() {
		return
	}
	if !q.hears(c) {
		q.alarms.set(&c.periodic, now.Add(lookAgain))
		return
	}
	at := c.said.periodic % len(a.Periodic)
	if a.PeriodicRandom {
		at = q.dice.IntN(len(a.Periodic))
	}
	c.said.periodic++
	q.alarms.set(&c.periodic, now.Add(a.PeriodicEvery))
	q.emit(Play{Caller: c.id, What: SoundPeriodic, Text: a.Periodic[at]})
}
