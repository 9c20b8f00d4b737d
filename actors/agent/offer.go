package agent

import (
	"fmt"
	"slices"
	"time"
)

// offer is what a queue has him for.
type offer struct {
	queue  string
	id     OfferID
	caller string
	party  party
}

// party is who the caller is, as far as he has heard.
type party struct {
	number, name string
	since        time.Time // when it began to wait
}

// Word is what a queue, or the Task of a caller, says about an offer. It is evidence: he believes it.
type Word struct {
	Queue  string
	By     uint64 // epoch of the queue's owner; 0: the Task says it
	Offer  OfferID
	Caller string
	Stage  Stage
	WrapUp time.Duration // with StageEnded: what he has to do afterwards
	Why    string        // of a Release
	Number string        // of the caller, and its name, where it is known
	Name   string
	Since  time.Time // when it began to wait
}

// Stage is how far an offer is, as in package queue.
type Stage int

// Stages.
const (
	StageAsked Stage = iota
	StageDialling
	StageRinging
	StageAnswered
	StageTalking
	StageEnded
)

// stale tells that a word comes from an owner of the queue that is not its owner any more.
func (a *Agent) stale(w Word) bool {
	if w.By == 0 {
		return false
	}
	if w.By < a.heard[w.Queue] {
		return true
	}
	a.heard[w.Queue] = w.By
	return false
}

// has tells whether an offer is that which he has.
func (a *Agent) has(w Word) bool {
	return a.offer != nil && a.offer.queue == w.Queue && a.offer.id == w.Offer
}

// other is the name of an offer that he does not know how he came by, while he has another one. It counts as a call
// outside, so that nobody rings him until it is over.
func (w Word) other() string {
	return fmt.Sprintf("\x00%s %d/%d", w.Queue, w.Offer.Epoch, w.Offer.Number)
}

// Progress: an offer goes on. One that he does not know is one that his last owner has granted.
func (a *Agent) Progress(w Word, now time.Time) []Effect {
	a.begin(now)
	if a.stale(w) {
		return nil
	}
	a.believe(w)
	if w.By > 0 {
		a.sureOf(w.Queue)
	}
	return a.end()
}

func (a *Agent) believe(w Word) {
	switch {
	case w.Stage == StageEnded:
		a.ended(w)
	case a.has(w):
		a.goOn(w)
	case a.offer == nil:
		a.notChoosing("he is rung")
		a.wrapped = time.Time{}
		if a.state == LoggedOut && a.next == nil {
			a.next = &wish{state: LoggedOut}
		}
		a.offer = &offer{queue: w.Queue, id: w.Offer}
		a.goOn(w)
	case len(a.outside) < maxCalls:
		a.outside[w.other()] = a.now
	}
}

// goOn takes over the stage of his offer.
func (a *Agent) goOn(w Word) {
	a.offer.caller = w.Caller
	if w.Number != "" || w.Name != "" {
		a.offer.party.number, a.offer.party.name = cut(w.Number), cut(w.Name)
	}
	if !w.Since.IsZero() {
		a.offer.party.since = w.Since
	}
	a.doubted = a.now.Add(doubtCall)
	switch w.Stage {
	case StageAsked, StageDialling:
		if !a.state.busy() {
			a.become(Reserved, "he is held")
		}
		if w.Stage == StageAsked {
			a.doubted = a.now.Add(doubtAfter)
		}
	case StageRinging:
		if a.state != Talking {
			a.become(Ringing, "he is rung")
		}
		if m := a.member(w.Queue); m != nil {
			m.LastOffer = a.now
		}
	case StageAnswered, StageTalking:
		a.become(Talking, "he has answered")
	}
}

// ended: a conversation is over.
func (a *Agent) ended(w Word) {
	delete(a.outside, w.other())
	if !a.has(w) {
		return
	}
	if m := a.member(w.Queue); m != nil && a.state == Talking {
		m.Calls++
		m.LastCall, a.kept = a.now, true
	}
	if a.state == Talking {
		a.record.Day.turn(a.now)
		a.record.Day.Calls++
	}
	a.offer, a.doubted = nil, time.Time{}
	wrap := w.WrapUp
	if a.settings.WrapUp > 0 {
		wrap = a.settings.WrapUp
	}
	if wrap > 0 && a.next == nil && a.state == Talking {
		a.wrapped = a.now.Add(min(wrap, maxWrapUp))
		a.become(WrapUp, "the conversation is over")
		return
	}
	a.free("the conversation is over")
}

// Release: a queue holds him no more. Where he is not held for it he tells it how he stands: it may believe something
// else.
func (a *Agent) Release(w Word, now time.Time) []Effect {
	a.begin(now)
	if a.stale(w) {
		return nil
	}
	a.sureOf(w.Queue)
	delete(a.outside, w.other())
	if a.has(w) {
		a.offer, a.doubted = nil, time.Time{}
		a.free(w.Why)
		return a.end()
	}
	a.bids = slices.DeleteFunc(a.bids, func(b Bid) bool { return b.Queue == w.Queue && b.Offer == w.Offer })
	a.again(w.Queue)
	return a.end()
}

// Vanished: the Task that rings him, or that he talks by, is no more. The queue knows what that means.
func (a *Agent) Vanished(queue string, id OfferID, now time.Time) []Effect {
	a.begin(now)
	w := Word{Queue: queue, Offer: id}
	delete(a.outside, w.other())
	if a.has(w) {
		a.doubt()
	}
	return a.end()
}

// Check: somebody, a supervisor perhaps, does not believe what he is said to do.
func (a *Agent) Check(now time.Time) []Effect {
	a.begin(now)
	a.doubt()
	return a.end()
}

// doubt asks the queue what has become of his offer, and again after a while.
func (a *Agent) doubt() {
	a.doubted = time.Time{}
	if a.offer != nil {
		a.doubted = a.now.Add(doubtAfter)
		a.emit(Doubt{a.offer.queue, a.offer.id})
	}
}
