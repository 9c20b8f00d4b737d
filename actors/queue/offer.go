package queue

import (
	"slices"
	"time"
)

// offer is one try to join a caller and an agent.
type offer struct {
	id     OfferID
	name   AgentName
	era    uint64 // epoch of the agent's owner
	turn   uint64 // under which he was asked; in another era it means nothing
	agent  *agent // nil where he is not known any more
	caller *caller
	stage  Stage
	at     time.Time // when the stage began
	lapse  alarm
}

// Failure is why an agent who was rung has not taken the call.
type Failure string

// Failures.
const (
	NoAnswer    Failure = "no answer"
	Busy        Failure = "busy"
	Declined    Failure = "declined"
	Unreachable Failure = "unreachable"
)

// Granted: an agent may be rung. turn is that under which he stands now.
func (q *Queue) Granted(name AgentName, id OfferID, turn uint64, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.name != name {
		q.emit(Release{name, id, "the caller has gone"})
		return q.end(now)
	}
	if o.stage != StageAsked {
		return nil
	}
	if a := o.agent; a != nil && turn > a.stands.Turn {
		a.stands.Turn, a.stands.Ready, a.stands.Offer = turn, false, id
	}
	o.turn = max(o.turn, turn)
	if o.caller.absent() {
		q.dial(o, now)
	} else {
		q.ring(o, now)
	}
	return q.end(now)
}

// ring has the caller's Task ring an agent.
func (q *Queue) ring(o *offer, now time.Time) {
	c := o.caller
	o.stage, o.at = StageRinging, now
	q.become(c, ringing, "an agent is rung")
	if a := o.agent; a != nil {
		a.stands.LastOffer, q.rung = now, now
		q.pointer = q.cursorOf(a)
		c.pointer = q.pointer
	}
	ring := q.settings.Ring
	if left := c.stay.at.Sub(now); c.stay.index > 0 && !q.settings.RingInFull && (ring == 0 || left < ring) {
		ring = left
	}
	q.alarms.clear(&o.lapse)
	if ring > 0 {
		q.alarms.set(&o.lapse, now.Add(ring))
	}
	because, reasons := q.decision(o)
	q.report(Fact{Kind: Offered, Agent: o.name, Text: q.settings.Strategy, Because: because, Reasons: reasons}, c, now)
	q.progress(o)
	q.emit(Offer{c.id, o.name, o.devices(), o.id, ring, q.settings.AgentHears, q.settings.AgentDelay})
}

// devices are those of an offer's agent, as far as he is known.
func (o *offer) devices() []string {
	if o.agent == nil {
		return nil
	}
	return o.agent.stands.Devices
}

func (q *Queue) cursorOf(a *agent) cursor {
	return cursor{true, q.strategy.metric(&q.settings, &a.stands, a.number), a.number}
}

func (q *Queue) progress(o *offer) {
	c := o.caller
	q.emit(Progress{Agent: o.name, Offer: o.id, Caller: c.id, Stage: o.stage, Number: c.join.Number, Name: c.join.Name, Since: c.since})
}

// Refused: an agent may not be rung. He is asked again when he has said anew how he stands.
func (q *Queue) Refused(name AgentName, id OfferID, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.name != name || o.stage != StageAsked {
		return nil
	}
	c := o.caller
	q.drop(o)
	q.again(c, now)
	return q.end(now)
}

// lapsed: an offer has not been answered.
func (q *Queue) lapsed(o *offer, now time.Time) {
	switch o.stage {
	case StageAsked:
		c := o.caller
		q.emit(Release{o.name, o.id, "no answer"})
		q.drop(o)
		q.again(c, now)
	case StageDialling:
		q.emit(Withdraw{o.caller.id, o.name, o.id, string(NoAnswer)})
		q.dialFailed(o, "nobody tells", now)
	case StageRinging:
		q.emit(Withdraw{o.caller.id, o.name, o.id, string(NoAnswer)})
		q.failed(o, NoAnswer, now)
	}
}

// Unanswered: the agent has not taken the call.
func (q *Queue) Unanswered(id OfferID, why Failure, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageRinging && o.stage != StageAnswered {
		return nil
	}
	q.failed(o, why, now)
	return q.end(now)
}

// failed ends an offer that an agent has not taken: he is left alone for a while, and the caller goes on.
func (q *Queue) failed(o *offer, why Failure, now time.Time) {
	c, a := o.caller, o.agent
	rang := now.Sub(o.at)
	q.report(Fact{Kind: RungInVain, Agent: o.name, Rang: rang, Text: string(why)}, c, now)
	if q.pauses(a, why, now) {
		q.emit(PauseAgent{o.name, q.settings.AutoPause.All})
	}
	q.emit(Release{o.name, o.id, string(why)})
	q.drop(o)
	if a != nil && q.settings.Retry > 0 {
		q.alarms.set(&a.rests, now.Add(q.settings.Retry))
	}
	c.tries++
	if q.settings.CallerRests && q.settings.Retry > 0 && len(c.offers) == 0 && !c.overdue && !q.spent(c) {
		q.become(c, resting, "nobody has answered")
		q.alarms.set(&c.rest, now.Add(q.settings.Retry))
		return
	}
	q.again(c, now)
}

// pauses tells whether an agent is paused because he has not answered.
func (q *Queue) pauses(a *agent, why Failure, now time.Time) bool {
	p := q.settings.AutoPause
	switch {
	case !p.On || a == nil || why == Busy && !p.Busy || why == Unreachable && !p.Unavailable:
		return false
	case p.Delay > 0 && !a.stands.LastCall.IsZero() && now.Sub(a.stands.LastCall) < p.Delay:
		return false
	}
	return true
}

// drop forgets an offer. The agent is not asked again before he has said how he stands.
func (q *Queue) drop(o *offer) {
	q.alarms.clear(&o.lapse)
	delete(q.offers, o.id)
	o.caller.offers = slices.DeleteFunc(o.caller.offers, func(x *offer) bool { return x == o })
	if q.orphans[o.name] == o {
		delete(q.orphans, o.name)
	}
	if a := o.agent; a != nil && a.offer == o {
		a.offer = nil
		if o.era == a.stands.Epoch {
			a.closed = max(a.closed, o.turn)
		}
		q.freed = append(q.freed, a)
	}
}

// cancel ends an offer for the caller's sake.
func (q *Queue) cancel(o *offer, why string, now time.Time) {
	switch o.stage {
	case StageRinging, StageAnswered:
		if o.stage == StageRinging && (o.caller.answered() == nil) {
			q.report(Fact{Kind: RingCancelled, Agent: o.name, Rang: now.Sub(o.at)}, o.caller, now)
		}
		q.emit(Withdraw{o.caller.id, o.name, o.id, why})
	case StageDialling:
		q.emit(Withdraw{o.caller.id, o.name, o.id, why})
	}
	q.emit(Release{o.name, o.id, why})
	q.drop(o)
}

// answered is the offer that an agent has answered.
func (c *caller) answered() *offer {
	for _, o := range c.offers {
		if o.stage >= StageAnswered {
			return o
		}
	}
	return nil
}

// spent tells that a caller leaves because everybody was tried.
func (q *Queue) spent(c *caller) bool { return c.join.Once && c.tries >= len(q.agents) }

// again puts a caller back in line whose offer has come to nothing, unless others are under way.
func (q *Queue) again(c *caller, now time.Time) {
	switch {
	case c.state == gone || c.state == talking:
	case len(c.offers) > 0:
		if c.state == ringing && !slices.ContainsFunc(c.offers, func(o *offer) bool { return o.stage == StageRinging }) {
			q.become(c, asking, "others are asked")
		}
	case c.overdue || q.spent(c):
		q.timeOut(c, now)
	default:
		q.become(c, waiting, "nobody has taken it")
		q.settle(c, now)
	}
}

// rested: a caller has rested.
func (q *Queue) rested(c *caller, now time.Time) {
	if c.state == resting {
		q.become(c, waiting, "it has rested")
		q.settle(c, now)
	}
}

// adopt takes over the offers of a caller that comes from the queue's last owner, and its state from them.
func (q *Queue) adopt(c *caller, all []Held, now time.Time) {
	to := waiting
	for _, h := range all[:min(len(all), maxPerEvent)] {
		if h.Stage < StageDialling || h.Stage > StageTalking || q.offers[h.Offer] != nil {
			continue
		}
		if h.Stage == StageDialling && !c.absent() {
			continue
		}
		if h.Stage > StageDialling && c.callback != nil {
			c.callback.Present = true
		}
		o := &offer{id: h.Offer, name: h.Agent, caller: c, stage: h.Stage, at: h.At}
		o.lapse = alarm{what: alarmOffer, who: o}
		q.offers[o.id] = o
		c.offers = append(c.offers, o)
		switch a := q.agents[h.Agent]; {
		case a == nil:
			q.orphan(o)
		case a.offer == nil:
			q.shut(a)
			o.agent, a.offer = a, o
		}
		to = max(to, [...]state{StageDialling: dialling, StageRinging: ringing, StageAnswered: announcing, StageTalking: talking}[h.Stage])
		if d := map[Stage]time.Duration{StageDialling: q.dialLapse(), StageRinging: q.settings.Ring}[h.Stage]; d > 0 {
			q.alarms.set(&o.lapse, later(h.At.Add(d), now))
		}
	}
	if to == talking {
		q.leaveClass(c)
	}
	q.become(c, to, "it comes from another owner")
	if to != talking {
		q.setAlarms(c, now)
	}
}
