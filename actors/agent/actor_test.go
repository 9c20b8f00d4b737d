package agent

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// nothing keeps nothing, and is no journal.
type nothing struct{}

func (nothing) Get(string) (store.Entry, bool)               { return store.Entry{}, false }
func (nothing) PutLater(string, []byte) error                { return nil }
func (nothing) Append(store.Fact, func(uint64, error)) error { return nil }
func (nothing) reach(string) (bool, time.Time)               { return false, time.Time{} }
func (nothing) definition(name string) (d Definition, defined bool) {
	d.Name, d.Account = name, name+"@x"
	return d, true
}
func (nothing) weigh(string) (weight int, longest bool) { return 0, false }

// However many sessions, Tasks, legs and watchers speak to an agent, he holds no more of them than his limits say, and
// answers on.
func TestShellIsBounded(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	var ann *agentActor
	f := &Floor{Definition: nothing{}.definition, Weigh: nothing{}.weigh, Reach: nothing{}.reach, Journal: nothing{}, Kept: nothing{},
		Table: NewTable(), Log: quiet}
	m := cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 10_000, Log: quiet, Kinds: []cluster.Kind{
		{Name: "agent", Make: func() actor.Actor { ann = f.Make().(*agentActor); return ann }},
		{Name: "somebody", Make: func() actor.Actor {
			return actor.ReceiveFunc(func(ctx actor.Context) {
				if ctx.Sender() != nil {
					ctx.Respond(ctx.Self())
				}
			})
		}}}})
	t.Cleanup(m.Stop)
	f.Member = m
	ask := func(kind, name string, word any) any {
		t.Helper()
		answer, err := m.Ask(t.Context(), kind, name, word, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	const many = maxWatchers + 10
	for i := range many {
		who := ask("somebody", fmt.Sprint("s", i), &msg.AgentFind{}).(*actor.PID)
		for _, word := range []any{&msg.AgentDevice{Device: "d@x", From: who}, &msg.AgentCall{Leg: fmt.Sprint("leg", i), From: who},
			&msg.AgentProgress{Queue: "sales", Offer: &msg.QueueOfferID{Epoch: 1, Number: uint64(i + 1)}, Task: who}, &msg.AgentWatch{Watcher: who}} {
			if err := m.Tell("agent", "ann", word); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask("agent", "ann", &msg.AgentFind{}) // behind all that
	for what, n := range map[string][2]int{"sessions": {len(ann.sessions), maxSessions}, "legs": {len(ann.legs), maxCalls},
		"Tasks": {len(ann.rings), maxRings}, "watchers": {len(ann.watchers), maxWatchers}} {
		if n[0] != n[1] {
			t.Errorf("%d %s are held, the limit is %d", n[0], what, n[1])
		}
	}
}
