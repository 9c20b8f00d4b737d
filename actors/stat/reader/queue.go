package reader

import (
	"slices"
	"strconv"

	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// Actions of queues, and what happens at the devices of those who talk with their callers. How long agents ring and talk
// they say themselves (agent.go), so that their statuses follow each other without a gap.
var (
	callEntered        = name("CallEntered")
	callWait           = name("CallWait")
	callDistributed    = name("CallDistributed")
	callAnswered       = name("CallAnswered")
	callAbandoned      = name("CallAbandoned")
	callCleared        = name("CallCleared")
	callReleased       = name("CallReleased")
	callForwarded      = name("CallForwarded")
	abandonedInRinging = name("CallAbandonedFromRinging")
	callRingingStarted = name("CallRingingStarted")
	callInboundStarted = name("CallInboundStarted")
	callInboundDone    = name("CallInboundCompleted")
	callTransferMade   = name("CallTransferMade")
)

// queueRows say what a fact of a queue is. What is not in it is nothing to statistics; a caller
// who is called back waits like the others.
var queueRows = map[msg.QueueFact_What]func(*Reader, *told){
	msg.QueueFact_ENTERED:              (*Reader).entered,
	msg.QueueFact_OFFERED:              (*Reader).offered,
	msg.QueueFact_RUNG_IN_VAIN:         (*Reader).forwarded,
	msg.QueueFact_DUMPED:               (*Reader).forwarded,
	msg.QueueFact_RING_CANCELLED:       (*Reader).ringCancelled,
	msg.QueueFact_JOINED:               (*Reader).joined,
	msg.QueueFact_COMPLETED_BY_CALLER:  (*Reader).completed,
	msg.QueueFact_COMPLETED_BY_AGENT:   (*Reader).completed,
	msg.QueueFact_BLIND_TRANSFERRED:    (*Reader).transferred,
	msg.QueueFact_ATTENDED_TRANSFERRED: (*Reader).transferred,
	msg.QueueFact_ABANDONED:            (*Reader).abandoned,
	msg.QueueFact_EXPIRED:              (*Reader).cleared,
	msg.QueueFact_KEY_PRESSED:          (*Reader).cleared,
	msg.QueueFact_NOBODY_THERE:         (*Reader).cleared,
	msg.QueueFact_TAKEN_OUT:            (*Reader).cleared,
	msg.QueueFact_NOT_COMPATIBLE:       (*Reader).cleared,
	msg.QueueFact_CALLBACK_FAILED:      (*Reader).cleared,
}

// told is a fact of a queue with what is known of its caller.
type told struct {
	*msg.QueueFact
	at    int64
	queue engine.Object
	stay  stay
	call  *call // nil: nothing
}

func (r *Reader) queue(f *msg.QueueFact) {
	row, ok := queueRows[f.What]
	if !ok {
		return
	}
	t := &told{QueueFact: f, at: millis(f.At), queue: queueOf(f.Queue), stay: stay{f.Queue, f.Caller}}
	t.call = r.calls[t.stay]
	if t.call == nil && f.What != msg.QueueFact_ENTERED {
		return
	}
	row(r, t)
}

// offer names the offer of a fact.
func (t *told) offer() string {
	if t.Offer == nil {
		return t.Agent
	}
	return strconv.FormatUint(t.Offer.Epoch, 10) + "." + strconv.FormatUint(t.Offer.Number, 10)
}

// since is how long it is from a moment on, in milliseconds.
func (t *told) since(at int64) int64 { return max(0, t.at-at) }

func (r *Reader) entered(t *told) {
	if t.call != nil {
		if t.call.Talk == nil {
			return // another owner has told it
		}
		r.hangUp(t, false)
	}
	with := &engine.Attached{Attributes: map[string]string{"MediaType": "voice", "ThisQueue": t.Queue}}
	if t.Number != "" {
		with.Attributes["ANI"] = t.Number
	}
	t.call = &call{Entered: t.at, With: with}
	r.know(t.stay, t.call, t.at)
	r.happen(t.at, t.queue, callEntered, 0, t.Caller, with)
	r.begin(t.at, t.queue, callWait, waitOf(t.Caller), t.Caller, with)
}

func waitOf(caller string) string { return "wait " + caller }

func (r *Reader) offered(t *told) {
	id := t.offer()
	if t.call.Talk != nil || slices.ContainsFunc(t.call.Rings, func(x *ring) bool { return x.Offer == id }) {
		return
	}
	x := &ring{Offer: id, Device: r.deviceOf(t.Agent), At: t.at}
	t.call.Rings = append(t.call.Rings, x)
	r.happen(t.at, deviceOf(x.Device), callRingingStarted, 0, t.Caller, t.call.With)
}

// take takes the ring of a fact out of those that go on; nil: it does not.
func (c *call) take(offer string) *ring {
	i := slices.IndexFunc(c.Rings, func(x *ring) bool { return x.Offer == offer })
	if i < 0 {
		return nil
	}
	x := c.Rings[i]
	c.Rings = slices.Delete(c.Rings, i, i+1)
	return x
}

// forwarded: an agent was rung and has not talked; the caller waits on for the next one.
func (r *Reader) forwarded(t *told) {
	if x := t.call.take(t.offer()); x != nil {
		r.happen(t.at, deviceOf(x.Device), callForwarded, t.since(x.At), t.Caller, t.call.With)
		r.happen(t.at, t.queue, callForwarded, t.since(t.call.Entered), t.Caller, t.call.With)
	}
}

// ringCancelled: the caller needs this agent no more. Whether because it has left, its own fact says, which follows.
func (r *Reader) ringCancelled(t *told) {
	if x := t.call.take(t.offer()); x != nil {
		x.Ended = t.at
		t.call.Cancelled = append(t.call.Cancelled, x)
	}
}

func (r *Reader) joined(t *told) {
	if t.call.Talk != nil {
		return
	}
	talk := &ring{Offer: t.offer(), Device: r.deviceOf(t.Agent), At: t.at}
	t.call.Rings, t.call.Cancelled, t.call.Talk = nil, nil, talk
	device, waited := deviceOf(talk.Device), t.since(t.call.Entered)
	r.end(t.at, t.queue, callWait, waitOf(t.Caller), t.Caller)
	r.happen(t.at, t.queue, callDistributed, waited, t.Caller, t.call.With)
	r.happen(t.at, t.queue, callAnswered, waited, t.Caller, t.call.With)
	r.happen(t.at, device, callAnswered, t.Rang, t.Caller, t.call.With)
	r.happen(t.at, device, callInboundStarted, 0, t.Caller, t.call.With)
}

func (r *Reader) completed(t *told)   { r.hangUp(t, false) }
func (r *Reader) transferred(t *told) { r.hangUp(t, true) }

// hangUp ends a conversation, and with it the caller's stay.
func (r *Reader) hangUp(t *told, transfer bool) {
	talk := t.call.Talk
	if talk == nil {
		return
	}
	device := deviceOf(talk.Device)
	if transfer {
		r.happen(t.at, device, callTransferMade, 0, t.Caller, t.call.With)
	}
	r.happen(t.at, device, callInboundDone, t.since(talk.At), t.Caller, t.call.With)
	r.happen(t.at, t.queue, callReleased, t.since(talk.At), t.Caller, t.call.With)
	delete(r.calls, t.stay)
}

// abandoned: the caller has hung up. While agents were rung it has left them, and not the queue (case N3).
func (r *Reader) abandoned(t *told) {
	rung := t.call.Rings
	for _, x := range t.call.Cancelled {
		if x.Ended == t.at {
			rung = append(rung, x)
		}
	}
	if len(rung) == 0 || t.call.Talk != nil {
		r.leave(t, callAbandoned)
		return
	}
	first := t.at
	for _, x := range rung {
		first = min(first, x.At)
		r.happen(t.at, deviceOf(x.Device), abandonedInRinging, t.since(x.At), t.Caller, t.call.With)
	}
	r.happen(t.at, t.queue, callDistributed, first-t.call.Entered, t.Caller, t.call.With)
	r.leave(t, abandonedInRinging)
}

// cleared: the caller has gone elsewhere.
func (r *Reader) cleared(t *told) { r.leave(t, callCleared) }

// leave ends the stay of a caller that nobody has talked to.
func (r *Reader) leave(t *told, as measure.Name) {
	if t.call.Talk != nil {
		return
	}
	r.end(t.at, t.queue, callWait, waitOf(t.Caller), t.Caller)
	r.happen(t.at, t.queue, as, t.since(t.call.Entered), t.Caller, t.call.With)
	delete(r.calls, t.stay)
}
