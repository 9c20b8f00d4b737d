package service

import (
	"context"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/ximss/object"
)

// floorOf is a ledger with two agents: 1002 of sales, who has gone home, and 1005 of support, who works at the desk of
// 1002.
func floorOf(t *testing.T) *ledger.Ledger {
	t.Helper()
	c := conf.Dev(1, t.TempDir())
	s, err := store.Open(t.Context(), t.TempDir(), conf.Default().Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	var l *ledger.Ledger
	var table *signal.Table
	l = ledger.New(ledger.Options{Store: s, Directory: account.NewDirectory(time.Now), Log: quiet, Conf: func() *conf.Conf { return &c },
		Table: func() *signal.Table { return table }, Obey: func(p *signal.Policy) { table = p.Table }})
	table = l.Policy().Table
	for user, rights := range map[string][]string{"1002": nil, "1005": nil, "1001": nil, "all": {"CanListen"}, "sales": {"CanListen:sales"},
		"support": {"CanListen:support"}} {
		l.Directory.SetAccount(&account.Record{AOR: signal.NewAOR(user, "tandem.local"), Rights: rights})
	}
	by := store.Write{Author: "ann"}
	for agent, queue := range map[string]string{"1002": "sales", "1005": "support"} {
		if _, err := l.PutQueue(t.Context(), ledger.DefaultQueue(queue), by); err != nil {
			t.Fatal(err)
		}
		a := ledger.DefaultAgent(agent)
		a.Memberships = []ledger.Membership{{Queue: queue}}
		if _, err := l.PutAgent(t.Context(), a, by); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// The call of an agent is found where he works, by who may listen to him; not by who may listen to the one whose desk it
// is, who has another call or none.
func TestCallToAttend(t *testing.T) {
	works := map[string]*msg.AgentFound{"1002": {}, "1005": {LoggedOn: 1, Devices: []string{"1002@tandem.local"},
		Agent: &msg.AgentChanged{Queue: "support", Caller: "c1"}}}
	legs := []*msg.LegRecord{
		{Leg: "old", Account: "1002@tandem.local", Answered: 1}, {Leg: "desk", Account: "1002@tandem.local", Answered: 2, Queue: "support", Caller: "c1"},
		{Leg: "rings", Account: "1002@tandem.local"}, {Leg: "home", Account: "1005@tandem.local", Answered: 3},
		{Leg: "user", Account: "1001@tandem.local", Answered: 1},
	}
	s := New(Options{Ledger: floorOf(t), Log: quiet,
		Legs: func(_ context.Context, q form.LegQuery) (out []form.Leg) {
			for _, r := range legs {
				if q.Match(r) {
					out = append(out, form.Leg{Record: r})
				}
			}
			return out
		},
		Ask: func(_ context.Context, _, name string, _ any, _ time.Duration) (any, error) { return works[name], nil },
	})
	tell := func(who, whom string) string {
		v := s.callToAttend(t.Context(), task.Caller{Domain: "tandem.local"}, []object.Value{object.String(who + "@tandem.local"), object.String(whom)})
		if leg := v.Array().At(0).Text(); leg != "" {
			return leg
		}
		return v.Text()
	}
	denied := string(task.ErrDenied)
	for pair, want := range map[[2]string]string{
		{"support", "1005"}: "desk", {"all", "1005"}: "desk", {"all", "1005@tandem.local"}: "desk",
		{"sales", "1002"}: errNoCall, {"sales", "1005"}: denied, {"support", "1002"}: denied,
		{"all", "1002"}: "desk", {"all", "1001"}: "user", {"sales", "1001"}: denied,
	} {
		if got := tell(pair[0], pair[1]); got != want {
			t.Errorf("%s attends %s: %s, want %s", pair[0], pair[1], got, want)
		}
	}
	works["1005"].Devices = []string{"support@tandem.local"}
	legs = append(legs, &msg.LegRecord{Leg: "own", Account: "support@tandem.local", Answered: 4, Queue: "support", Caller: "c1"})
	if got := tell("support", "1005"); got != errNoCall {
		t.Errorf("whose phone it is attends %s", got)
	}
	works["1005"].Devices = []string{"1002@tandem.local"}
	legs = append(legs, &msg.LegRecord{Leg: "private", Account: "1002@tandem.local", Answered: 5})
	if got := tell("support", "1005"); got != "desk" {
		t.Errorf("besides the call of the queue %s is heard", got)
	}
	if got := tell("all", "1005"); got != "private" {
		t.Errorf("who may hear everything hears %s", got)
	}
	works["1005"].Agent = &msg.AgentChanged{Queue: "sales", Caller: "c2"}
	legs = append(legs, &msg.LegRecord{Leg: "other", Account: "1002@tandem.local", Answered: 6, Queue: "sales", Caller: "c2"})
	if got := tell("support", "1005"); got != denied {
		t.Errorf("of a call of another queue he hears %s", got)
	}
	works["1005"].Agent = &msg.AgentChanged{}
	if got := tell("support", "1005"); got != errNoCall {
		t.Errorf("without a call of a queue he hears %s", got)
	}
}
