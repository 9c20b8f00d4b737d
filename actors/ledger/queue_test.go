package ledger

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/ximss/cli"
)

// office is a ledger on a store of its own, with the accounts 1002 and 1003, that counts how often calls are let in
// anew.
type office struct {
	*Ledger
	obeyed int
	table  *signal.Table
}

func newOffice(t *testing.T) *office {
	t.Helper()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s, err := store.Open(t.Context(), t.TempDir(), conf.DefaultStore(), nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	c := conf.Dev(1, t.TempDir())
	c.Routing.Numbers = []conf.Number{{Match: "9196", App: "echo"}}
	o := &office{}
	o.Ledger = New(Options{Store: s, Directory: account.NewDirectory(time.Now), Log: quiet, Conf: func() *conf.Conf { return &c },
		Table: func() *signal.Table { return o.table }, Obey: func(p *signal.Policy) { o.obeyed++; o.table = p.Table }})
	for _, user := range []string{"1002", "1003"} {
		o.Directory.SetAccount(&account.Record{AOR: signal.NewAOR(user, "tandem.local")})
	}
	o.table = o.Policy().Table
	return o
}

func (o *office) put(t *testing.T, q Queue) uint64 {
	t.Helper()
	revision, err := o.PutQueue(t.Context(), q, store.Write{Author: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

// refused tells whether an error is a refusal with that verdict and those words.
func refused(err error, v Verdict, words ...string) bool {
	var r *Refusal
	if !errors.As(err, &r) || r.Verdict != v {
		return false
	}
	for _, w := range words {
		if !strings.Contains(r.Text, w) {
			return false
		}
	}
	return true
}

// What is kept of a queue is found again, by its name and by its number.
func TestQueueIsKept(t *testing.T) {
	o := newOffice(t)
	changed := make(chan string, 8)
	defer o.WatchQueues(func(name string) { changed <- name })()
	q := DefaultQueue("sales")
	q.Numbers, q.Timeout, q.Rules = []string{"2000"}, "20s", []PenaltyRule{{After: "30s", Max: "+1"}}
	first := o.put(t, q)
	have, revision, ok := o.QueueRevision("sales")
	if want := q; !ok || revision != first || have.Timeout != want.Timeout || !reflect.DeepEqual(have.Rules[0].Max, "+1") {
		t.Fatalf("%+v, revision %d", have, revision)
	}
	if name := <-changed; name != "sales" {
		t.Errorf("told of %q", name)
	}
	where := o.table.Route(signal.URI{Scheme: "sip", User: "2000", Host: "tandem.local"}, o.Directory)
	if where.Number != "2000" || o.obeyed == 0 {
		t.Errorf("2000 leads to %+v", where)
	}
	q.Application = "greeting{de}#pbx"
	if p, err := q.Program("tandem.local"); err != nil || address(p) != "greeting%7Bsales,de%7D%23pbx@tandem.local" {
		t.Errorf("program %s, %v", address(p), err)
	}
	if err := o.RemoveQueue(t.Context(), "sales", store.Write{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.Queue("sales"); ok || o.Queues() != nil {
		t.Error("the queue is still there")
	}
}

// A change that does not touch numbers leaves the policy of calls alone.
func TestNumbersAloneAreObeyed(t *testing.T) {
	o := newOffice(t)
	q := DefaultQueue("sales")
	q.Numbers = []string{"2000"}
	o.put(t, q)
	before := o.obeyed
	q.Weight = 5
	o.put(t, q)
	if o.obeyed != before {
		t.Error("calls are let in anew for a weight")
	}
}

// Everything that is wrong is told at once.
func TestWrongQueueIsRefused(t *testing.T) {
	o := newOffice(t)
	q := DefaultQueue("sa les")
	q.Strategy, q.Timeout, q.Numbers, q.Application = "fastest", "15", []string{"12a"}, "nothing"
	q.JoinEmpty, q.Rules, q.Overflow = "sleeping", []PenaltyRule{{After: "x", Max: "much"}}, QueueOverflow{Queue: "none"}
	q.Target, q.AutoPause, q.Exits = 101, "maybe", []QueueExit{{Key: "x"}}
	_, err := o.PutQueue(t.Context(), q, store.Write{})
	if !refused(err, Illegal, "name", "strategy", "timeout", "numbers", "application", "joinempty", "rules: after", "rules: max",
		"overflow.queue", "target", "autopause", "exits: key", "leads nowhere") {
		t.Errorf("%v", err)
	}
}

// Numbers, names and revisions that others have.
func TestQueueConflicts(t *testing.T) {
	o := newOffice(t)
	q := DefaultQueue("sales")
	q.Numbers = []string{"2000"}
	o.put(t, q)
	revision := o.put(t, q)
	for number, words := range map[string]string{"2000": "queue sales", "1002": "account", "9196": "application"} {
		other := DefaultQueue("support")
		other.Numbers = []string{number}
		if _, err := o.PutQueue(t.Context(), other, store.Write{}); !refused(err, Conflict, number, words) {
			t.Errorf("%s: %v", number, err)
		}
	}
	none, old := uint64(0), revision-1
	if _, err := o.PutQueue(t.Context(), q, store.Write{Expect: &none}); !refused(err, Conflict, "exists already") {
		t.Errorf("made again: %v", err)
	}
	if _, err := o.PutQueue(t.Context(), q, store.Write{Expect: &old}); !refused(err, Conflict, "has changed") {
		t.Errorf("an old revision: %v", err)
	}
	if _, err := o.PutQueue(t.Context(), q, store.Write{Expect: &revision}); err != nil {
		t.Errorf("the revision that is: %v", err)
	}
	if err := o.RemoveQueue(t.Context(), "none", store.Write{}); !refused(err, Absent, "none") {
		t.Errorf("removed: %v", err)
	}
}

// An agent has an account, which no other agent has, and belongs to queues that there are.
func TestAgentIsKept(t *testing.T) {
	o := newOffice(t)
	defer o.Follow()()
	o.put(t, DefaultQueue("sales"))
	o.put(t, DefaultQueue("support"))
	a := DefaultAgent("ann")
	a.Account, a.Skills = "1002@tandem.local", map[string]int{"french": 3}
	a.Memberships = []Membership{{Queue: "sales", Penalty: 1}, {Queue: "support", Position: 2}}
	if _, err := o.PutAgent(t.Context(), a, store.Write{}); err != nil {
		t.Fatal(err)
	}
	if have, ok := o.AgentOf("1002@tandem.local"); !ok || have.Name != "ann" || have.Skills["french"] != 3 {
		t.Errorf("the agent of 1002: %+v", have)
	}
	if _, ok := o.AgentOf("1003@tandem.local"); ok {
		t.Error("1003 has an agent")
	}
	b := DefaultAgent("1003")
	b.Memberships = []Membership{{Queue: "sales"}}
	if _, err := o.PutAgent(t.Context(), b, store.Write{}); err != nil {
		t.Fatal(err)
	}
	if have, ok := o.AgentOf("1003@tandem.local"); !ok || have.Name != "1003" {
		t.Errorf("the agent of 1003: %+v", have)
	}
	names := []string{}
	for _, a := range o.AgentsOf("sales") {
		names = append(names, a.Name)
	}
	if !reflect.DeepEqual(names, []string{"1003", "ann"}) {
		t.Errorf("agents of sales: %v", names)
	}
	wrong := DefaultAgent("bob")
	wrong.Account, wrong.Skills, wrong.WrapUpTime = "1002@tandem.local", map[string]int{"f|r": 0}, "2h"
	wrong.Memberships = []Membership{{Queue: "sales"}, {Queue: "sales"}, {Queue: "none", Penalty: -1}}
	if _, err := o.PutAgent(t.Context(), wrong, store.Write{}); !refused(err, Illegal, "agent ann already", "skills", "level of", "wrapuptime",
		"is there twice", "no queue", "penalty") {
		t.Errorf("%v", err)
	}
	if err := o.RemoveQueue(t.Context(), "sales", store.Write{}); err != nil {
		t.Fatal(err)
	}
	if a, _ := o.Agent("ann"); len(a.Memberships) != 1 || a.Memberships[0].Queue != "support" {
		t.Errorf("after his queue was removed: %+v", a.Memberships)
	}
	if err := o.RemoveAgent(t.Context(), "ann", store.Write{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := o.AgentOf("1002@tandem.local"); ok {
		t.Error("1002 still has an agent")
	}
}

// Limits are those of the settings.
func TestQueuesAndAgentsAreBounded(t *testing.T) {
	o := newOffice(t)
	o.Conf().Queues.MaxQueues, o.Conf().Queues.MaxAgents = 1, 1
	o.put(t, DefaultQueue("sales"))
	if _, err := o.PutQueue(t.Context(), DefaultQueue("support"), store.Write{}); !refused(err, Conflict, "queues.max_queues") {
		t.Errorf("%v", err)
	}
	if err := o.FoundAgent(t.Context(), DefaultAgent("1002"), store.Write{}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.PutAgent(t.Context(), DefaultAgent("1003"), store.Write{}); !refused(err, Conflict, "queues.max_agents") {
		t.Errorf("%v", err)
	}
	if err := o.FoundQueue(t.Context(), DefaultQueue("sales"), store.Write{}); err != nil {
		t.Errorf("found twice: %v", err)
	}
}

// Many look at and change the same definitions.
func TestDefinitionsAreShared(t *testing.T) {
	o := newOffice(t)
	defer o.Follow()()
	o.put(t, DefaultQueue("sales"))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				o.put(t, DefaultQueue("sales"))
				if q, ok := o.Queue("sales"); !ok || q.Name != "sales" || len(o.Queues()) != 1 {
					t.Error("the queue is not there")
				}
			}
		})
	}
	all.Wait()
}

// Who may do what with a queue and with its agents.
func TestRightsOverQueues(t *testing.T) {
	a := &Agent{Memberships: []Membership{{Queue: "sales"}}}
	for name, c := range map[string]struct {
		r                           account.Record
		sales, support, agent, some bool
	}{
		"administrator":   {account.Record{Roles: []string{account.Administrator}}, true, true, true, true},
		"supervisor":      {account.Record{Roles: []string{account.Supervisor}}, true, true, true, true},
		"of all":          {account.Record{Rights: []string{"CanSupervise"}}, true, true, true, true},
		"of one":          {account.Record{Rights: []string{"CanSupervise:sales"}}, true, false, true, true},
		"of another one":  {account.Record{Rights: []string{"CanSupervise:support"}}, false, true, false, true},
		"of another kind": {account.Record{Rights: []string{"CanListen:sales", "AllDomains"}}, false, false, false, false},
		"nobody":          {account.Record{}, false, false, false, false},
	} {
		got := []bool{MayQueue(&c.r, cli.CanSupervise, "sales"), MayQueue(&c.r, cli.CanSupervise, "support"),
			MayAgent(&c.r, cli.CanSupervise, a), MaySome(&c.r, cli.CanSupervise)}
		if !reflect.DeepEqual(got, []bool{c.sales, c.support, c.agent, c.some}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for text, want := range map[string]cli.Right{"cansupervise": cli.CanSupervise, "CANLISTEN:Sales": "CanListen:Sales",
		"CanListen:": "", "Settings:sales": "", "nothing": ""} {
		if got, ok := cli.ReadRight(text); got != want || ok != (want != "") {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// Numbers that there were before anybody followed the queues lead nowhere when their queue has them no more.
func TestNumbersOfBefore(t *testing.T) {
	o := newOffice(t)
	q := DefaultQueue("sales")
	q.Numbers = []string{"2000"}
	if err := o.FoundQueue(t.Context(), q, store.Write{}); err != nil {
		t.Fatal(err)
	}
	defer o.Follow()()
	if o.obeyed != 1 {
		t.Errorf("calls are let in anew %d times at the start", o.obeyed)
	}
	if q.Numbers = nil; o.put(t, q) == 0 || o.obeyed != 2 {
		t.Errorf("calls are let in anew %d times, with the number that was taken away", o.obeyed)
	}
}
