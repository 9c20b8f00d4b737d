package script

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/pbx/task"
)

// What a queue says to the Tasks on the stage, and what they say to it. The script plays its owner: it answers by itself
// what must be answered, and nothing else.

// queueEpoch is that of the owner on the stage.
const queueEpoch = 1

// onQueue: a queue says something to a Task that is in it.
func onQueue(t *played, rest string) error {
	what, rest, _ := strings.Cut(rest, " ")
	do := queueEvents[what]
	if do == nil {
		return fmt.Errorf("queue: %q is not known", what)
	}
	first, rest, _ := strings.Cut(rest, " ")
	return do(t, first, rest)
}

var queueEvents = map[string]func(t *played, first, rest string) error{
	"placed": func(t *played, first, rest string) error {
		t.place++
		t.queue(&msg.QueuePlaced{Position: int32(atoi(first)), Original: int32(atoi(first)), Place: &msg.QueuePlace{At: int64(t.place)},
			Music: valueOf(rest, "music"), Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
	"refused": func(t *played, first, rest string) error {
		t.queue(&msg.QueueRefused{Why: first, To: valueOf(rest, "to"), Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
	"left": func(t *played, first, rest string) error {
		t.queue(&msg.QueueLeft{Why: first, To: valueOf(rest, "to"), Key: valueOf(rest, "key"),
			Waited: int64(atoi(valueOf(rest, "waited"))) * 1000, Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
	"offer": onOffer,
	"withdrawn": func(t *played, first, rest string) error {
		t.queue(&msg.QueueWithdrawn{Agent: first, Offer: t.offers[first], Why: rest, Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
	"position": func(t *played, first, rest string) error {
		m := &msg.QueuePlay{Position: int32(atoi(first)), Wait: -1, Caller: t.caller, Queue: t.queued, By: queueEpoch}
		if wait := valueOf(rest, "wait"); wait != "" {
			m.Wait = int64(atoi(wait)) * 1000
		}
		m.More = valueOf(rest, "more") != ""
		t.queue(m)
		return nil
	},
	"periodic": func(t *played, first, _ string) error {
		t.queue(&msg.QueuePlay{Sound: msg.QueuePlay_PERIODIC, Text: first, Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
	"callback": func(t *played, first, _ string) error {
		t.queue(&msg.QueuePlay{Sound: msg.QueuePlay_CALLBACK, Number: first, Caller: t.caller, Queue: t.queued, By: queueEpoch})
		return nil
	},
}

// onOffer has a Task ring an agent. One for whom a callback is under way keeps the offer that he has.
func onOffer(t *played, agent, rest string) error {
	if t.offers[agent] == nil {
		t.serial++
		t.offers[agent] = &msg.QueueOfferID{Epoch: queueEpoch, Number: uint64(t.serial)}
	}
	devices := strings.FieldsFunc(valueOf(rest, "devices"), func(c rune) bool { return c == ',' })
	t.queue(&msg.QueueOffer{Agent: agent, Offer: t.offers[agent], Devices: devices, Ring: int64(atoi(valueOf(rest, "ring"))) * 1000,
		Announce: valueOf(rest, "announce"), Delay: int64(atoi(valueOf(rest, "delay"))) * 1000, Caller: t.caller, Queue: t.queued, By: queueEpoch})
	return nil
}

// onDial starts a Task that calls somebody back: "dial NUMBER [ring=SECS]".
func onDial(p *Player, rest string) error {
	number, rest, _ := strings.Cut(rest, " ")
	p.serial++
	id := &msg.QueueOfferID{Epoch: queueEpoch, Number: uint64(p.serial)}
	t := p.start(&msg.TaskStart{Program: p.stage.Name, Account: p.stage.Account, Entry: "callback", Dial: &msg.QueueDial{
		Queue: "sales", By: queueEpoch, Offer: id, Agent: "1002", Try: 1, Ring: int64(atoi(valueOf(rest, "ring"))) * 1000,
		Caller: &msg.QueueRejoin{Join: &msg.QueueJoin{Caller: "call-1", Number: number}, Place: &msg.QueuePlace{At: 1},
			Callback: &msg.QueueCallback{Number: number, Tries: 1}}}}, "")
	t.offers["1002"] = id
	return nil
}

// queue brings a queue's word to the Task.
func (t *played) queue(m proto.Message) { t.task.Queue(m, queueEpoch, t.now) }

// toQueue shows what a Task says to a queue, and answers for it.
func (t *played) toQueue(e task.Effect) {
	switch e := e.(type) {
	case task.InLine:
		if j, ok := e.Message.(*msg.QueueJoin); ok {
			t.queued, t.caller = e.Queue, j.Caller
			t.say("asks for a place in %s%s", e.Queue, joinText(j))
		} else if r, ok := e.Message.(*msg.QueueRejoin); ok {
			t.queued, t.caller = e.Queue, r.Join.Caller
		}
	case task.OutOfLine:
		t.say("is in %s no more", e.Queue)
		if o, ok := e.Last.(*msg.QueueOutcome); ok {
			t.say("tells %s: %s %s", e.Queue, strings.ToLower(o.What.String()), o.Why)
		}
	case task.Engage:
		if e.Progress != nil {
			t.say("tells the agent %s: %s", e.Agent, strings.ToLower(strings.TrimPrefix(e.Progress.Stage.String(), "QUEUE_")))
		}
	case task.ToQueue:
		t.said(e)
	}
}

// said is a word to a queue.
func (t *played) said(e task.ToQueue) {
	answer := func(m proto.Message) { t.reply(new(int), func() { t.queue(m) }) }
	switch m := e.Message.(type) {
	case *msg.QueueHangup:
		t.say("tells %s: hung up", e.Queue)
		answer(&msg.QueueLeft{Why: "ABANDON", Caller: m.Caller, Queue: e.Queue, By: queueEpoch})
	case *msg.QueueKey:
		t.say("tells %s: key %s", e.Queue, m.Digit)
	case *msg.QueueCallbackConfirmed:
		t.say("tells %s: call back at %s", e.Queue, m.Number)
	case *msg.QueueOutcome:
		t.say("tells %s: %s%s", e.Queue, strings.ToLower(m.What.String()), outcomeText(m))
		stage := map[msg.QueueOutcome_What]msg.QueueStage{msg.QueueOutcome_ANSWERED: msg.QueueStage_QUEUE_ANSWERED,
			msg.QueueOutcome_CONNECTED: msg.QueueStage_QUEUE_TALKING}[m.What]
		switch {
		case stage != 0:
			answer(&msg.QueueNoted{Offer: m.Offer, Stage: stage, Caller: t.caller, Queue: e.Queue, By: queueEpoch})
		case m.What == msg.QueueOutcome_ENDED:
			answer(&msg.QueueLeft{Why: "SERVED", Caller: t.caller, Queue: e.Queue, By: queueEpoch})
		}
	}
}

func outcomeText(m *msg.QueueOutcome) string {
	text := when(m.Why != "", " "+m.Why) + when(m.By != "", " by "+m.By)
	return text + when(len(m.Args) > 0, " "+strings.Join(m.Args, ","))
}

func joinText(j *msg.QueueJoin) string {
	return when(j.Number != "", " for "+j.Number) + when(j.Priority != 0, fmt.Sprintf(" priority %d", j.Priority)) +
		when(j.Waited != 0, fmt.Sprintf(" waited %d ms", j.Waited))
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// valueOf is the value of NAME=VALUE among words.
func valueOf(words, name string) string {
	for _, w := range strings.Fields(words) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return ""
}
