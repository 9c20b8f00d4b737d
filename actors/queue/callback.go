package queue

import "time"

// A caller that is called back keeps its place, with nobody on the line. When its turn comes an agent is held, the
// caller is dialled, and then the agent is rung; so nobody who is called back has to wait, and no agent has to listen
// to a phone that nobody answers.

// offerCallback tells a caller that it may be called back.
func (q *Queue) offerCallback(c *caller, now time.Time) {
	switch c.state {
	case waiting, resting:
		q.emit(Play{Caller: c.id, What: SoundCallback, Number: c.join.Number})
	case asking, ringing, announcing:
		q.alarms.set(&c.back, now.Add(lookAgain))
	}
}

// Confirmed: a caller wants to be called back at a number. It hears that it may hang up, or, where somebody is
// rung for it right now, that it is refused.
func (q *Queue) Confirmed(id CallerID, number string, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	switch {
	case c == nil || !c.state.inLine() || c.callback != nil:
		return nil
	case number == "" || len(number) > maxText:
		q.emit(Refused{Caller: id, Why: Malformed})
		return q.end(now)
	case c.state > resting:
		q.emit(Refused{Caller: id, Why: BeingRung})
		return q.end(now)
	}
	q.clearAlarms(c)
	c.callback = &Callback{Number: number, Asked: now}
	if c.state == resting {
		q.become(c, waiting, "it is called back")
	}
	q.setAlarms(c, now)
	q.report(Fact{Kind: CallbackWanted, Text: number}, c, now)
	q.keep(c)
	q.emit(Left{Caller: c.id, Why: CallbackTaken, Waited: c.waited(now), Place: c.place})
	q.seek(c, now)
	return q.end(now)
}

// keep has a callback written down.
func (q *Queue) keep(c *caller) { q.emit(Keep{c.record()}) }

// record is what is written down of a callback.
func (c *caller) record() Arrival {
	b := *c.callback
	b.Present = false
	return Arrival{Join: c.join, Place: c.place, Since: c.since, Original: c.original, Tries: c.tries, Callback: &b}
}

// dial has a caller called back.
func (q *Queue) dial(o *offer, now time.Time) {
	c := o.caller
	o.stage, o.at = StageDialling, now
	c.callback.Tries++
	q.become(c, dialling, "its turn has come")
	q.alarms.set(&o.lapse, now.Add(q.dialLapse()))
	q.report(Fact{Kind: CallbackDialled, Agent: o.name, Text: c.callback.Number, Tries: c.callback.Tries}, c, now)
	q.keep(c)
	q.progress(o)
	q.emit(Dial{c.id, o.id, c.callback.Number, c.callback.Tries, q.settings.Callback.Ring})
}

// dialLapse is after how long a Task that dials is not believed to do so any more.
func (q *Queue) dialLapse() time.Duration { return q.settings.Callback.Ring + dialLapse }

// Dialled: the caller has answered; now the agent is rung.
func (q *Queue) Dialled(id OfferID, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageDialling {
		return nil
	}
	q.alarms.clear(&o.caller.stay)
	o.caller.callback.Present = true
	q.ring(o, now)
	return q.end(now)
}

// DialFailed: the caller could not be reached.
func (q *Queue) DialFailed(id OfferID, why string, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageDialling {
		return nil
	}
	q.dialFailed(o, cut(why), now)
	return q.end(now)
}

func (q *Queue) dialFailed(o *offer, why string, now time.Time) {
	c := o.caller
	q.emit(Release{o.name, o.id, "the caller cannot be reached"})
	q.drop(o)
	if c.callback.Tries >= q.settings.Callback.Tries {
		q.giveUp(c, why, now)
		return
	}
	q.report(Fact{Kind: CallbackFailed, Text: why, Tries: c.callback.Tries, Args: []string{c.callback.Number}}, c, now)
	if q.settings.Callback.Again <= 0 {
		q.become(c, waiting, "it is tried again")
		q.seek(c, now)
		return
	}
	q.become(c, resting, "it is tried again later")
	q.alarms.set(&c.rest, now.Add(q.settings.Callback.Again))
}

// giveUp ends a callback that has come to nothing. The caller is lost.
func (q *Queue) giveUp(c *caller, why string, now time.Time) {
	q.report(Fact{Kind: CallbackFailed, Text: why, Tries: c.callback.Tries, Args: []string{c.callback.Number}}, c, now)
	q.leave(c, CallbackLost, Fact{Kind: Abandon}, now)
}
