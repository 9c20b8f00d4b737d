package queue

import "time"

// Hangup: a caller has hung up, or its Task is no more. One that wants to be called back has hung up on purpose.
func (q *Queue) Hangup(id CallerID, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	switch {
	case c == nil: // its Task may not have heard that it has left
		q.emit(Left{Caller: id, Why: Abandoned})
	case c.absent():
		return nil
	case c.state == arriving:
		q.remove(c, "it has hung up")
		q.emit(Left{Caller: id, Why: Abandoned})
	case c.state == talking:
		q.finish(c.answered(), End{By: ByCaller}, now)
	default:
		f := Fact{Kind: Abandon}
		if o := c.answered(); o != nil {
			f.Agent = o.name
		}
		q.leave(c, Abandoned, f, now)
	}
	return q.end(now)
}

// stayed: a caller has stayed as long as it may. One for whom somebody is rung waits for that, if it is set so.
func (q *Queue) stayed(c *caller, now time.Time) {
	if c.absent() {
		q.giveUp(c, "too late", now)
		return
	}
	switch c.state {
	case waiting, resting:
		q.timeOut(c, now)
	case asking, ringing:
		if c.overdue = true; !q.settings.RingInFull {
			q.timeOut(c, now)
		}
	case announcing:
		c.overdue = true
	}
}

// timeOut has a caller leave for its time. Offers that are under way are reported as not answered.
func (q *Queue) timeOut(c *caller, now time.Time) {
	for _, o := range append([]*offer(nil), c.offers...) {
		if o.stage == StageRinging {
			q.report(Fact{Kind: RungInVain, Agent: o.name, Rang: now.Sub(o.at), Text: string(NoAnswer)}, c, now)
			q.emit(Withdraw{c.id, o.name, o.id, string(NoAnswer)})
			q.emit(Release{o.name, o.id, string(NoAnswer)})
			q.drop(o)
		}
	}
	q.leave(c, TimedOut, Fact{Kind: Expired}, now)
}

// overflows: a caller goes to another queue, unless somebody is rung for it.
func (q *Queue) overflows(c *caller, now time.Time) {
	switch c.state {
	case waiting, resting:
		q.leave(c, Overflown, Fact{Kind: Expired}, now)
	case asking, ringing, announcing:
		q.alarms.set(&c.over, now.Add(lookAgain))
	}
}

// leaveEmpty has a caller leave for whom nobody is there.
func (q *Queue) leaveEmpty(c *caller, now time.Time) {
	q.leave(c, LeftEmpty, Fact{Kind: NobodyThere}, now)
}

// sendAway has those leave for whom nobody is there any more. Who is being rung for, and who will be called back,
// stays.
func (q *Queue) sendAway(now time.Time) {
	if q.settings.LeaveEmpty == 0 || q.awaits {
		return
	}
	var all []*caller
	q.line.all(func(c *caller) {
		if c.class.there[1] == 0 && (c.state == waiting || c.state == resting) && !c.absent() {
			all = append(all, c)
		}
	})
	for _, c := range all {
		q.leaveEmpty(c, now)
	}
}

// Key: a caller has pressed a key. Several make a longer one; the first exit that is complete is taken.
func (q *Queue) Key(id CallerID, digit string, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	if c == nil || c.state < waiting || c.state > ringing || c.absent() || len(digit) != 1 {
		return nil
	}
	for c.digits += digit; c.digits != ""; c.digits = c.digits[1:] {
		switch to, complete, begun := q.exit(c.digits); {
		case complete && to == callbackExit:
			c.digits = ""
			q.emit(Play{Caller: c.id, What: SoundCallback, Number: c.join.Number})
			return q.end(now)
		case complete:
			q.leave(c, ByKey, Fact{Kind: KeyPressed, Key: c.digits, Text: to}, now)
			return q.end(now)
		case begun && len(c.digits) < maxDigits:
			return q.end(now)
		}
	}
	return q.end(now)
}

// callbackExit stands for the key by which a caller asks to be called back.
const callbackExit = "\x00callback"

// exit tells whether digits are a key, and whether they begin one.
func (q *Queue) exit(digits string) (to string, complete, begun bool) {
	exits := q.settings.Exits
	if key := q.settings.Callback.Key; key == digits {
		return callbackExit, true, false
	} else if len(key) > len(digits) && key[:len(digits)] == digits {
		begun = true
	}
	for _, e := range exits {
		switch {
		case e.Key == digits:
			return e.To, true, false
		case len(e.Key) > len(digits) && e.Key[:len(digits)] == digits:
			begun = true
		}
	}
	return "", false, begun
}

// leave has a caller leave that was not served, for where its reason leads.
func (q *Queue) leave(c *caller, why Leaving, f Fact, now time.Time) {
	to := f.Text
	switch {
	case why == Overflown, why == LeftEmpty && q.settings.Overflow.WhenEmpty:
		to = q.settings.Overflow.Queue
	case f.Kind != KeyPressed:
		to = ""
	}
	q.leaveFor(c, why, f, to, now)
}

// leaveFor has a caller leave that was not served: who is rung for it is rung no more, and it is reported and counted.
func (q *Queue) leaveFor(c *caller, why Leaving, f Fact, to string, now time.Time) {
	for len(c.offers) > 0 {
		q.cancel(c.offers[0], string(why), now)
	}
	q.report(f, c, now)
	q.counters.lost(c.waited(now), q.settings.ServiceLevel)
	q.remove(c, string(why))
	if c.callback != nil {
		q.emit(Forget{c.id})
	}
	q.emit(Left{c.id, why, f.Key, to, c.waited(now), c.place})
}

// remove forgets a caller.
func (q *Queue) remove(c *caller, why string) {
	q.clearAlarms(c)
	q.become(c, gone, why)
	delete(q.callers, c.id)
}

func (q *Queue) clearAlarms(c *caller) {
	for _, a := range [...]*alarm{&c.stay, &c.rest, &c.position, &c.periodic, &c.back, &c.over} {
		q.alarms.clear(a)
	}
}
