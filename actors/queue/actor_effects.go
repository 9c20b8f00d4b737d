package queue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// perform does what the machine wants. Nobody is asked to wait: what finds nobody is made good by those who announce
// themselves, and by the times after which the machine tries again.
func (a *queueActor) perform(ctx actor.Context, effects []Effect, now time.Time) {
	for _, e := range effects {
		switch e := e.(type) {
		case Keep:
			a.keep(e.Record)
		case Forget:
			a.put(keptKey(a.name, e.Caller), nil)
		case Dial:
			a.dial(ctx, e)
		case Report:
			a.report(&e.Fact)
		case Left:
			a.onLeft(ctx, e, now)
		case Refused:
			a.toTask(e)
			if e.Why != Known && e.Why != BeingRung && e.Why != Malformed {
				a.part(ctx, e.Caller)
			}
		default:
			a.send(e)
		}
	}
	a.settle(ctx, now)
}

// send tells a Task or an agent.
func (a *queueActor) send(e Effect) {
	name, word := agentWord(e, a.name, uint64(a.era))
	if word == nil {
		a.toTask(e)
		return
	}
	if err := a.floor.Member.Tell("agent", string(name), word); err != nil {
		a.log.Debug("an agent is not told", "agent", string(name), "word", fmt.Sprintf("%T", word), "err", err)
	}
}

func (a *queueActor) toTask(e Effect) {
	if caller, word := taskWord(e, a.name, uint64(a.era)); word != nil {
		a.floor.Member.Send(a.tasks[caller], word)
	}
}

// key names an actor.
func key(pid *actor.PID) string { return pid.GetAddress() + "/" + pid.GetId() }

// meet notes by which Task a caller is reached, and watches it.
func (a *queueActor) meet(ctx actor.Context, caller CallerID, task *actor.PID) {
	known := a.tasks[caller]
	if task == nil || task.Equal(known) {
		return
	}
	a.part(ctx, caller)
	a.tasks[caller], a.callers[key(task)] = task, caller
	ctx.Watch(task)
}

// part forgets the Task of a caller.
func (a *queueActor) part(ctx actor.Context, caller CallerID) {
	if task := a.tasks[caller]; task != nil {
		delete(a.tasks, caller)
		delete(a.callers, key(task))
		ctx.Unwatch(task)
	}
}

// onLeft tells a caller that it has left. One that is to be called back hears it when that is written down: then it
// hangs up, and nothing but what is written knows of it.
func (a *queueActor) onLeft(ctx actor.Context, e Left, now time.Time) {
	a.left.note(e, now)
	if e.Why == CallbackTaken {
		_, word := taskWord(e, a.name, uint64(a.era))
		a.telling[e.Caller] = word.(*msg.QueueLeft)
		cluster.After(ctx, keptWait, &unwritten{e.Caller})
		return
	}
	a.toTask(e)
	a.part(ctx, e.Caller)
}

// tellLeft tells a caller that it may hang up. Its Task is watched until it does.
func (a *queueActor) tellLeft(caller CallerID) {
	if word := a.telling[caller]; word != nil {
		delete(a.telling, caller)
		a.floor.Member.Send(a.tasks[caller], word)
	}
}

// onWritten: a callback was written. By an earlier owner, who was late, it is put right.
func (a *queueActor) onWritten(m *written) {
	if m.by >= uint64(a.era) {
		a.tellLeft(m.caller)
		return
	}
	if r, ok := a.machine.callback(m.caller); ok {
		a.keep(r)
		return
	}
	a.put(keptKey(a.name, m.caller), nil)
}

func (a *queueActor) keep(r Arrival) {
	body, err := encodeKept(r, a.name, uint64(a.era))
	if err != nil {
		a.log.Error("a callback is not kept", "caller", string(r.Caller), "err", err)
		return
	}
	a.put(keptKey(a.name, r.Caller), body)
}

func (a *queueActor) put(key string, body []byte) {
	if err := a.floor.Kept.PutLater(key, body); err != nil {
		a.log.Error("a callback is not kept", "key", key, "err", err)
	}
}

// dial has a Task made that calls somebody back. The operation names the offer.
func (a *queueActor) dial(ctx actor.Context, e Dial) {
	caller, agent := a.machine.arrival(e.Caller)
	word := &msg.QueueDial{Queue: a.name, By: uint64(a.era), Caller: arrivalWord(caller), Offer: offerWord(e.Offer),
		Agent: string(agent), Try: int32(e.Try), Ring: ms(e.Ring)}
	operation := fmt.Sprintf("%d/%d", e.Offer.Epoch, e.Offer.Number)
	work, err := a.floor.Call(word)
	if err != nil {
		ctx.Send(ctx.Self(), &msg.Spawned{Operation: operation, Reason: err.Error()})
		return
	}
	a.floor.Member.Place("task", operation, work, ctx.Self(), nil)
}

// onSpawned: the Task of a callback lives, or there is none.
func (a *queueActor) onSpawned(ctx actor.Context, m *msg.Spawned, now time.Time) {
	epoch, number, _ := strings.Cut(m.Operation, "/")
	e, err1 := strconv.ParseUint(epoch, 10, 64)
	n, err2 := strconv.ParseUint(number, 10, 64)
	if m.Pid != nil || err1 != nil || err2 != nil {
		return
	}
	a.log.Warn("nobody can be called back", "offer", m.Operation, "because", m.Reason)
	a.perform(ctx, a.machine.DialFailed(OfferID{e, n}, m.Reason, now), now)
}

// homeOf is the member on which a call lives, or did; this one, if that is not known any more.
func (a *queueActor) homeOf(caller string) string {
	if home, err := a.floor.Member.Home(caller); err == nil {
		return home
	}
	return a.floor.Member.Name()
}

// report appends a fact to the journal.
func (a *queueActor) report(f *Fact) {
	word := factWord(f, uint64(a.era))
	if word.Line != nil {
		word.Line.Member = a.homeOf(word.Caller)
	}
	if a.floor.Happened != nil {
		a.floor.Happened(word)
	}
	body, err := proto.Marshal(word)
	if err == nil {
		err = a.floor.Journal.Append(store.Fact{Kind: FactKind, Subject: a.name, At: f.At, Body: body}, nil)
	}
	if err != nil {
		a.log.Error("a fact is lost", "what", word.What.String(), "caller", word.Caller, "agent", word.Agent, "err", err)
	}
}

// settle looks after what follows from every event: the timer, the row, and whether the actor may be put away.
func (a *queueActor) settle(ctx actor.Context, now time.Time) {
	a.alarm.Set(ctx, a.machine.Next(), &due{})
	a.busy.Store(!a.machine.Empty() || len(a.held) > 0)
	if a.stale {
		return // the row is about to be made
	}
	a.stale = true
	if wait := lookEvery - now.Sub(a.shown); wait > 0 {
		cluster.After(ctx, wait, &look{})
		return
	}
	a.show(now)
}

// show makes the row that lists show.
func (a *queueActor) show(now time.Time) {
	if a.stale {
		a.stale, a.shown = false, now
		a.floor.Table.show(&Row{View: a.machine.Show(now), At: now, Epoch: uint64(a.era)})
	}
}
