package agent

import "time"

// Bid is a queue's wish to ring him.
type Bid struct {
	Queue    string
	Offer    OfferID
	Turn     uint64 // under which he told the queue that he is ready
	Weight   int    // of the queue
	Priority int    // of the caller
	Longest  Longest
	Since    time.Time // from when the caller waits
}

// Longest says how a queue wants him to choose among queues with the same weight, as in package queue.
type Longest int

// Ways to choose.
const (
	LongestOff Longest = iota
	LongestYes
	LongestPriority
)

// choose begins a time of choice, where he has become ready for queues that are not alike. It must be called before
// they are told.
func (a *Agent) choose() {
	if a.state != Ready || a.gathering || !a.choosing.IsZero() || len(a.bids) > 0 {
		return
	}
	clear(a.awaited)
	alike, first := true, (*Membership)(nil)
	for i := range a.record.Queues {
		m := &a.record.Queues[i]
		if last := a.told[m.Queue]; !a.readyFor(m) || last != nil && last.Ready {
			continue
		}
		a.awaited[m.Queue] = true
		if first == nil {
			first = m
		}
		alike = alike && m.Weight == first.Weight && !m.Longest
	}
	if len(a.awaited) < 2 || alike {
		clear(a.awaited)
		return
	}
	a.choosing = a.now.Add(choice)
}

// notChoosing ends that without a choice.
func (a *Agent) notChoosing(because string) {
	for _, b := range a.bids {
		a.refuse(b.Queue, b.Offer, because)
	}
	a.bids, a.choosing = nil, time.Time{}
	clear(a.awaited)
}

// Reserve: a queue wants to ring him. One is granted; the others may ask again when he has told them that he is ready.
// The turn need not be the last one: he knows whether he is ready, and refusing what is late could go on for ever.
func (a *Agent) Reserve(b Bid, now time.Time) []Effect {
	a.begin(now)
	m := a.member(b.Queue)
	switch {
	case b.Offer.Epoch < a.heard[b.Queue]:
		a.emit(Refused{b.Queue, b.Offer, "the queue has another owner"})
	case m == nil || a.told[b.Queue] == nil || !a.readyFor(m): // the queue has been told, or will hear it soon
		a.heard[b.Queue] = b.Offer.Epoch
		a.emit(Refused{b.Queue, b.Offer, "he is " + a.state.String()})
	case a.choosing.IsZero():
		a.heard[b.Queue] = b.Offer.Epoch
		a.grant(b, m)
	default:
		a.heard[b.Queue] = b.Offer.Epoch
		a.bids = append(a.bids, b)
		a.heardOf(b.Queue)
	}
	return a.end()
}

// Pass: a queue has nobody for him now.
func (a *Agent) Pass(queue string, turn uint64, now time.Time) []Effect {
	a.begin(now)
	a.sureOf(queue)
	if t := a.told[queue]; t != nil && t.Turn == turn {
		a.heardOf(queue)
	}
	return a.end()
}

// heardOf notes that a queue has said what it wants.
func (a *Agent) heardOf(queue string) {
	if a.choosing.IsZero() {
		return
	}
	delete(a.awaited, queue)
	a.decide(false)
}

// decide grants the best wish, once no queue that might have a better one is awaited, or time is up.
func (a *Agent) decide(late bool) {
	var best *Bid
	for i := range a.bids {
		if b := &a.bids[i]; best == nil || b.better(best) {
			best = b
		}
	}
	for queue := range a.awaited {
		m := a.member(queue)
		if !late && m != nil && (best == nil || m.Weight > best.Weight || m.Weight == best.Weight && best.Longest != LongestOff) {
			return
		}
	}
	a.choosing = time.Time{}
	clear(a.awaited)
	if best == nil {
		return
	}
	chosen, all := *best, a.bids
	a.bids = nil
	for _, b := range all {
		if b.Queue != chosen.Queue {
			a.refuse(b.Queue, b.Offer, "another queue goes first")
		}
	}
	m := a.member(chosen.Queue)
	if m == nil || !a.readyFor(m) {
		a.refuse(chosen.Queue, chosen.Offer, "he is not ready for it any more")
		return
	}
	a.grant(chosen, m)
}

// better tells whether a wish goes before another one that came earlier.
func (b *Bid) better(o *Bid) bool {
	switch {
	case b.Weight != o.Weight:
		return b.Weight > o.Weight
	case b.Longest == LongestOff && o.Longest == LongestOff:
		return false
	case (b.Longest == LongestPriority || o.Longest == LongestPriority) && b.Priority != o.Priority:
		return b.Priority > o.Priority
	}
	return b.Since.Before(o.Since)
}

// refuse says no to a queue whose wish was put back, and how he stands: it asks again only when it hears that anew.
func (a *Agent) refuse(queue string, id OfferID, why string) {
	a.emit(Refused{queue, id, why})
	a.again(queue)
}

// grant lets a queue ring him.
func (a *Agent) grant(b Bid, m *Membership) {
	a.offer = &offer{queue: b.Queue, id: b.Offer}
	a.become(Reserved, b.Queue+" may ring him")
	a.doubted = a.now.Add(doubtAfter)
	a.emit(Granted{b.Queue, b.Offer, a.turn + 1})
	a.tell(m) // under that turn
}
