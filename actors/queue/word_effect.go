package queue

import (
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// taskWord is what a caller's Task is told; nil: the effect is for somebody else. by is the epoch under which the queue
// speaks.
func taskWord(e Effect, queue string, by uint64) (CallerID, proto.Message) {
	switch e := e.(type) {
	case Placed:
		return e.Caller, &msg.QueuePlaced{Caller: string(e.Caller), Queue: queue, By: by, Place: placeWord(e.Place), Position: int32(e.Position),
			Since: msg.Nanos(e.Since), Original: int32(e.Original), Music: e.Music}
	case Refused:
		return e.Caller, &msg.QueueRefused{Caller: string(e.Caller), Queue: queue, By: by, Why: string(e.Why), To: e.To}
	case Left:
		return e.Caller, &msg.QueueLeft{Caller: string(e.Caller), Queue: queue, By: by, Why: string(e.Why), Key: e.Key, To: e.To,
			Waited: ms(e.Waited), Place: placeWord(e.Place)}
	case Offer:
		return e.Caller, &msg.QueueOffer{Caller: string(e.Caller), Queue: queue, By: by, Agent: string(e.Agent), Devices: e.Devices,
			Offer: offerWord(e.Offer), Ring: ms(e.Ring), Announce: e.Announce, Delay: ms(e.Delay)}
	case Noted:
		return e.Caller, &msg.QueueNoted{Caller: string(e.Caller), Queue: queue, By: by, Offer: offerWord(e.Offer), Stage: msg.QueueStage(e.Stage)}
	case Withdraw:
		return e.Caller, &msg.QueueWithdrawn{Caller: string(e.Caller), Queue: queue, By: by, Agent: string(e.Agent), Offer: offerWord(e.Offer),
			Why: e.Why}
	case Play:
		return e.Caller, &msg.QueuePlay{Caller: string(e.Caller), Queue: queue, By: by, Sound: msg.QueuePlay_Sound(e.What), Text: e.Text,
			Position: int32(e.Position), More: e.More, Wait: ms(e.Wait), Number: e.Number}
	}
	return "", nil
}

// agentWord is what an agent is told; nil: the effect is for somebody else.
func agentWord(e Effect, queue string, by uint64) (AgentName, proto.Message) {
	switch e := e.(type) {
	case Reserve:
		return e.Agent, &msg.AgentReserve{Queue: queue, Offer: offerWord(e.Offer), Turn: e.Turn, Weight: int32(e.Weight),
			Priority: int32(e.Priority), Longest: int32(e.Longest), Since: msg.Nanos(e.Since)}
	case Pass:
		return e.Agent, &msg.AgentPass{Queue: queue, By: by, Turn: e.Turn}
	case Release:
		return e.Agent, &msg.AgentRelease{Queue: queue, By: by, Offer: offerWord(e.Offer), Why: e.Why}
	case Progress:
		return e.Agent, &msg.AgentProgress{Queue: queue, By: by, Offer: offerWord(e.Offer), Caller: string(e.Caller),
			Stage: msg.QueueStage(e.Stage), WrapUp: ms(e.WrapUp), Number: e.Number, Name: e.Name, CallerSince: msg.Nanos(e.Since)}
	case PauseAgent:
		m := &msg.AgentPause{Queue: queue, Reason: autoPause}
		if e.All {
			m.Queue = ""
		}
		return e.Agent, m
	}
	return "", nil
}

// autoPause is the reason of a pause that a queue has begun (reference queuelog.md 4.4).
const autoPause = "Auto-Pause"
