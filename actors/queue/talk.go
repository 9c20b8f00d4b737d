package queue

import (
	"slices"
	"time"
)

// Answered: an agent has answered, and hears what the call is about. Who else is rung is rung no more.
func (q *Queue) Answered(id OfferID, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageRinging {
		return nil
	}
	q.answer(o, now)
	q.progress(o)
	q.emit(Noted{o.caller.id, id, StageAnswered})
	return q.end(now)
}

func (q *Queue) answer(o *offer, now time.Time) {
	o.stage, o.at = StageAnswered, now
	q.alarms.clear(&o.lapse)
	for _, x := range slices.Clone(o.caller.offers) {
		if x != o {
			q.cancel(x, "another one has answered", now)
		}
	}
	q.become(o.caller, announcing, "an agent has answered")
}

// Dumped: the agent has hung up before he was joined with the caller, which goes on waiting.
func (q *Queue) Dumped(id OfferID, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageAnswered {
		return nil
	}
	c := o.caller
	q.report(Fact{Kind: Dumped, Agent: o.name}, c, now)
	q.emit(Release{o.name, id, "he has hung up"})
	q.drop(o)
	q.again(c, now)
	return q.end(now)
}

// Connected: agent and caller talk. leg is the name of the agent's call, rang how long he was rung.
func (q *Queue) Connected(id OfferID, leg string, rang time.Duration, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageRinging && o.stage != StageAnswered {
		return nil
	}
	if o.stage == StageRinging {
		q.answer(o, now)
	}
	c := o.caller
	o.stage, o.at = StageTalking, now
	q.clearAlarms(c)
	q.report(Fact{Kind: Joined, Agent: o.name, Rang: rang, Text: cut(leg)}, c, now)
	q.counters.answered(c.waited(now), q.settings.ServiceLevel)
	q.become(c, talking, "joined")
	q.progress(o)
	q.emit(Noted{c.id, id, StageTalking})
	if c.callback != nil {
		q.emit(Forget{c.id})
	}
	return q.end(now)
}

// End says how a conversation ended.
type End struct {
	By   Party    // who ended it
	Args []string // of a transfer: extension and context; or BRIDGE, APP or LINK with what belongs to it
}

// Party is who ends a conversation.
type Party int

// Parties. A transfer ends the agent's part in it.
const (
	ByCaller Party = iota
	ByAgent
	ByBlindTransfer
	ByAttendedTransfer
)

// Ended: a conversation is over. The agent has his wrap-up.
func (q *Queue) Ended(id OfferID, e End, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageTalking {
		return nil
	}
	q.finish(o, e, now)
	return q.end(now)
}

func (q *Queue) finish(o *offer, e End, now time.Time) {
	c, talked := o.caller, now.Sub(o.at)
	kinds := [...]Kind{CompletedByCaller, CompletedByAgent, BlindTransferred, AttendedTransferred}
	q.report(Fact{Kind: kinds[e.By], Agent: o.name, Waited: max(0, o.at.Sub(c.since)), Talked: talked,
		Args: e.Args[:min(len(e.Args), 4)]}, c, now)
	q.counters.completed(talked)
	q.emit(Progress{Agent: o.name, Offer: o.id, Caller: c.id, Stage: StageEnded, WrapUp: q.settings.WrapUp})
	q.drop(o)
	q.remove(c, "the conversation is over")
	q.emit(Left{Caller: c.id, Why: Served, Waited: c.waited(o.at)})
}

// Mismatched: caller and agent were joined and cannot hear each other; the caller is lost.
func (q *Queue) Mismatched(id OfferID, now time.Time) []Effect {
	q.begin()
	o := q.offers[id]
	if o == nil || o.stage != StageAnswered && o.stage != StageRinging {
		return nil
	}
	q.leave(o.caller, Incompatible, Fact{Kind: NotCompatible, Agent: o.name}, now)
	return q.end(now)
}
