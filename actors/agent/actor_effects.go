package agent

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// announcement is what stands to a queue.
type announcement = cluster.Announcement

// key names an actor.
func key(pid *actor.PID) string { return pid.GetAddress() + "/" + pid.GetId() }

// perform does what the machine wants.
func (a *agentActor) perform(ctx actor.Context, effects []Effect) {
	shows := false
	for _, e := range effects {
		switch e := e.(type) {
		case Stand:
			a.stand(ctx, &e)
		case Unstand:
			a.unstand(e)
		case Keep:
			if !e.Record.LoggedOn {
				a.riseAll()
			}
			a.keep(e.Record)
			shows = true
		case Changed:
			a.onChanged(e.View)
			shows = true
		case Report:
			a.report(factWord(&e.Fact, uint64(a.era)))
		default:
			a.send(e)
		}
	}
	if shows {
		a.show()
	}
	a.settle(ctx)
}

// stand announces to a queue how he stands: it and each later owner hear it.
func (a *agentActor) stand(ctx actor.Context, s *Stand) {
	m := standWord(a.name, s)
	m.From = ctx.Self()
	an := announcement{Kind: "queue", Name: s.Queue, Key: "stand", Owner: ctx.Self(), Message: m}
	if err := a.floor.Member.Announce(an); err != nil {
		a.log.Error("a queue does not hear of an agent yet", "queue", s.Queue, "err", err)
		a.machine.Untold(s.Queue, time.Now())
		return
	}
	a.stands[s.Queue] = an
}

func (a *agentActor) unstand(e Unstand) {
	an, ok := a.stands[e.Queue]
	if !ok {
		return
	}
	delete(a.stands, e.Queue)
	a.floor.Member.Withdraw(an, &msg.QueueUnstand{Agent: a.name, Epoch: e.Epoch})
}

// send answers a queue. What finds nobody it does not ask again, and goes on.
func (a *agentActor) send(e Effect) {
	queue, word := queueWord(e, a.name)
	if word == nil {
		return
	}
	if err := a.floor.Member.Tell("queue", queue, word); err != nil {
		a.log.Debug("a queue is not told", "queue", queue, "word", fmt.Sprintf("%T", word), "err", err)
	}
}

// onChanged tells those who watch how he stands, and the records when his state is another one.
func (a *agentActor) onChanged(v View) {
	before := a.view
	if a.view = v; v.State != before.State {
		a.report(becameWord(a.name, before, v, a.machine.record.Queues, uint64(a.era)))
	}
	if len(a.watchers) == 0 {
		return
	}
	word := a.machine.changed("")
	for _, w := range a.watchers {
		a.floor.Member.Send(w, word)
	}
}

// report appends a fact to the journal.
func (a *agentActor) report(word *msg.AgentFact) {
	if word.Line != nil {
		word.Line.Member = a.floor.Member.Name()
	}
	if a.floor.Happened != nil {
		a.floor.Happened(word)
	}
	body, err := proto.Marshal(word)
	if err == nil {
		err = a.floor.Journal.Append(store.Fact{Kind: FactKind, Subject: a.name, At: msg.Moment(word.At), Body: body}, nil)
	}
	if err != nil {
		a.log.Error("a fact is lost", "what", word.What.String(), "queue", word.Queue, "err", err)
	}
}

// keep has his record written down.
func (a *agentActor) keep(r Record) {
	a.wrote = true
	k := kept{Epoch: uint64(a.era), Record: r, Desks: a.desks}
	body := k.encode()
	if !a.defined {
		body = nil
	}
	if err := a.floor.Kept.PutLater(keptKey(a.name), body); err != nil {
		a.log.Error("the record of an agent is not kept", "err", err)
	}
}

// onWritten: an earlier owner of his name has written what was not there when this one began. It is taken on, or put
// right where this one has gone on meanwhile.
func (a *agentActor) onWritten(ctx actor.Context, m *written, now time.Time) {
	k := m.kept
	if k.Epoch >= uint64(a.era) {
		return
	}
	if a.wrote || k.Epoch < a.loaded {
		a.keep(a.machine.record)
		return
	}
	a.log.Info("the record of an earlier owner is taken on")
	era, mine := a.floor.Member.Incarnation("agent", a.name)
	if !mine {
		return
	}
	a.riseAll()
	a.era = era
	a.begin(ctx, k, now)
	for queue := range a.stands {
		if a.machine.told[queue] == nil {
			a.unstand(Unstand{queue, uint64(era)})
		}
	}
	for leg := range a.legs {
		a.perform(ctx, a.machine.CallBegan(a.legs[leg], now))
	}
	if !a.gathers {
		a.perform(ctx, a.machine.Gathered(now))
	}
}

// show makes the row that lists show.
func (a *agentActor) show() {
	r := &Row{Name: a.name, View: a.machine.View(), Record: a.machine.record.clone(), Account: a.definition.Account,
		Display: a.definition.Name, Epoch: uint64(a.era)}
	for _, d := range a.desks {
		r.Devices = append(r.Devices, d.Device)
	}
	a.floor.Table.show(r)
}

// settle looks after what follows from every event: the timer, and whether the actor may be put away.
func (a *agentActor) settle(ctx actor.Context) {
	a.alarm.Set(ctx, a.machine.Next(), &due{})
	a.busy.Store(!a.machine.Idle() || len(a.watchers) > 0)
}

// tell tells an agent something, if he lives here.
func (f *Floor) tell(name string, message any) {
	if pid, lives := f.living.Load(name); lives {
		f.Member.Send(pid.(*actor.PID), message)
	}
}

// Changed is to be told of each agent whose definition may have changed.
func (f *Floor) Changed(name string) { f.tell(name, &redefined{}) }

// QueueChanged is to be told when the settings of a queue may have changed: agents choose by its weight.
func (f *Floor) QueueChanged() { f.Member.Broadcast("agent", &redefined{}) }

// Written is to be told of each entry of the bucket of what is kept, by whatever member it is written.
func (f *Floor) Written(e store.Entry) {
	name, ok := ParseKept(e.Key)
	if !ok {
		return
	}
	var g glance
	readable := !e.Deleted && json.Unmarshal(e.Value, &g) == nil && len(g.Desks) <= maxDevices
	switch {
	case e.Deleted || readable && !g.LoggedOn:
		f.seats.written(name, nil)
	case readable:
		f.seats.written(name, append([]Desk{}, g.Desks...))
		for _, d := range g.Desks {
			f.yield(d.Device)
		}
	}
	if r, lives := f.Table.Row(name); readable && (!lives || g.Epoch < r.Epoch) { // else it is his own word
		f.tellWritten(name, e.Value)
	}
}

// tellWritten tells an agent that lives here what an earlier owner of his name has written.
func (f *Floor) tellWritten(name string, value []byte) {
	if _, lives := f.living.Load(name); !lives {
		return
	}
	if k, err := decodeKept(value); err == nil {
		f.tell(name, &written{k})
	}
}
