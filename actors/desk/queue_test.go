package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/account"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/web"
)

// Who asks in the stories.
var (
	master     = web.Asker{Name: "admin@tandem.local", Account: "admin@tandem.local", Master: true}
	supervisor = web.Asker{Name: "1010@tandem.local", Account: "1010@tandem.local"}
	ofSales    = web.Asker{Name: "1011@tandem.local", Account: "1011@tandem.local"} // supervises sales alone
	himself    = web.Asker{Name: "1002@tandem.local", Account: "1002@tandem.local"} // the agent 1002, who belongs to sales
	nobody     = web.Asker{Name: "1001@tandem.local", Account: "1001@tandem.local"}
)

// centre are the queues sales and support and the agents 1002 and 1003, whose actors answer what is told here.
type centre struct {
	queues Queues
	agents Agents
	told   chan any // to actors, what is no question
}

func newCentre(t *testing.T) *centre {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), t.TempDir(), conf.DefaultStore(), nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	x := &centre{told: make(chan any, 10)}
	m := cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 100, Log: quiet,
		Kinds: []cluster.Kind{{Name: "queue", Make: x.actor}, {Name: "agent", Make: x.actor}}})
	t.Cleanup(m.Stop)
	company.Meet(t, m)
	c := conf.Dev(1, t.TempDir())
	directory := account.NewDirectory(time.Now)
	var table *signal.Table
	l := ledger.New(ledger.Options{Store: s, Directory: directory, Log: quiet, Conf: func() *conf.Conf { return &c },
		Table: func() *signal.Table { return table }, Obey: func(p *signal.Policy) { table = p.Table }})
	table = l.Policy().Table
	for user, r := range map[string]account.Record{"1001": {}, "1002": {}, "1003": {}, "1010": {Roles: []string{account.Supervisor}},
		"1011": {Rights: []string{"CanSupervise:sales"}}} {
		r.AOR = signal.NewAOR(user, "tandem.local")
		directory.SetAccount(&r)
	}
	x.agents = Agents{Ledger: l, Rows: agentRows, Journal: s.Journal(), Member: m}
	x.queues = Queues{Ledger: l, Rows: queueRows, Agents: x.agents, Journal: s.Journal(), Member: m}
	for _, name := range []string{"sales", "support"} {
		x.save(t, name, `{}`)
	}
	for name, memberships := range map[string]string{"1002": `[{"queue":"sales"}]`, "1003": `[{"queue":"support"}]`} {
		_, err := x.agents.SaveAgent(t.Context(), web.DefinitionChange{By: master, Name: name, Definition: json.RawMessage(`{"memberships":` + memberships + `}`)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// save replaces the definition of a queue.
func (x *centre) save(t *testing.T, name, definition string) web.Definition {
	t.Helper()
	d, err := x.queues.Save(t.Context(), web.DefinitionChange{By: master, Name: name, Definition: json.RawMessage(definition)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// actor stands in for a queue, and for an agent who refuses while he is logged out.
func (x *centre) actor() actor.Actor {
	name := ""
	return actor.ReceiveFunc(func(ctx actor.Context) {
		switch m := ctx.Message().(type) {
		case *cluster.Named:
			name = m.Name
		case *msg.QueueFind:
			if m.After > 0 || m.Limit > 1000 { // a long line, of which 200 are told at a time
				ctx.Respond(longLine(int(m.After)))
				return
			}
			f := &msg.QueueFound{Queue: "sales", Waiting: 1, Callers: []*msg.QueueCaller{{Caller: "c2", State: "talking", Agents: []string{"1002"}},
				{Caller: "c1", Number: "1000", Position: 1, State: "waiting", Waited: 1500}}}
			if m.Caller == "c1" {
				f.Reasons = []*msg.QueueReason{{Agent: "1002", Why: "is talking c2"}}
			}
			ctx.Respond(f)
		case *msg.AgentFind:
			stands := &msg.AgentChanged{State: "paused"}
			if name == "1004" {
				stands.Queues = []*msg.AgentMembership{{Queue: "sales"}, {Queue: "support", Dynamic: true}}
			}
			ctx.Respond(&msg.AgentFound{Agent: stands, Devices: []string{"1002@tandem.local"}, Reasons: []*msg.QueueReason{{Agent: "sales", Why: "he is paused"}}})
		case *msg.AgentPause:
			x.told <- m
			ctx.Respond(&msg.AgentChanged{State: "paused", Reason: m.Reason, Since: 1e9, Queues: []*msg.AgentMembership{{Queue: "sales", Calls: 2}}})
		case *msg.AgentResume:
			ctx.Respond(&msg.AgentChanged{Refused: "LOGGEDOUT"})
		case *msg.AgentLogOff:
			ctx.Respond(&msg.AgentChanged{State: "logged out"})
		case *msg.AgentLogOn, *msg.AgentSet:
			x.told <- m
			ctx.Respond(&msg.AgentChanged{State: "ready"})
		case *msg.QueueWithdraw, *msg.QueueMove, *msg.QueuePromote:
			x.told <- m
		}
	})
}

// longLine is a part of a line of 450, and somebody who talks.
func longLine(after int) *msg.QueueFound {
	f := &msg.QueueFound{Queue: "sales", Waiting: 450}
	for i := after + 1; i <= min(after+200, 450); i++ {
		f.Callers = append(f.Callers, &msg.QueueCaller{Caller: fmt.Sprint("w", i), Position: int32(i), State: "waiting"})
	}
	if after == 0 {
		f.Callers = append(f.Callers, &msg.QueueCaller{Caller: "talks", State: "talking"})
	}
	return f
}

// A line that is longer than one answer is read to its end, and from where somebody has read so far.
func TestCallersOfALongLine(t *testing.T) {
	x := newCentre(t)
	x.save(t, "sales", `{}`)
	for _, c := range []struct{ after, limit, want int }{{0, 2000, 451}, {400, 2000, 50}, {0, 1001, 451}} {
		all, err := x.queues.Callers(t.Context(), web.CallerQuery{By: master, Queue: "sales", After: c.after, Limit: c.limit})
		if err != nil || len(all) != c.want || all[0].Position != c.after+1 || all[0].Caller != fmt.Sprint("w", c.after+1) {
			t.Errorf("%+v: %d %v", c, len(all), err)
		}
		for i, one := range all[:min(c.want, 450-c.after)] {
			if one.Position != c.after+i+1 {
				t.Fatalf("%+v: at %d there is %+v", c, i, one)
			}
		}
	}
}

func queueRows() []QueueRow {
	row := func(epoch uint64, waiting int) QueueRow {
		return QueueRow{Epoch: epoch, Queue: web.Queue{Name: "sales", Waiting: waiting, Longest: 18, Answered: 4, InTime: 3, Abandoned: 1, Member: "m1"}}
	}
	return []QueueRow{row(7, 3), row(6, 99)} // the older owner's is of no interest
}

func agentRows() []AgentRow {
	sales := []web.AgentQueue{{Queue: "sales"}}
	return []AgentRow{{Epoch: 1, Agent: web.Agent{Name: "1002", State: "talking", Queue: "sales", Queues: sales, Member: "m1"}}}
}

// names are those of the queues that somebody sees.
func (x *centre) names(t *testing.T, by web.Asker) (names []string) {
	t.Helper()
	all, err := x.queues.Queues(t.Context(), web.QueueQuery{By: by, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		names = append(names, q.Name)
	}
	return names
}

// status is the HTTP status of a refusal; 200: there is none.
func status(err error) int {
	var e *web.Error
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &e):
		return e.Status
	}
	return http.StatusInternalServerError
}

// A queue is shown with what its owner tells of it, what it is like and how its agents stand.
func TestQueuesAreShown(t *testing.T) {
	x := newCentre(t)
	all, err := x.queues.Queues(t.Context(), web.QueueQuery{By: master, Limit: 10})
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if q := all[0]; q.Name != "sales" || q.Waiting != 3 || q.Talking != 1 || q.LoggedOn != 1 || q.Agents != 1 || q.State != web.QueueNear || q.Revision == 0 {
		t.Errorf("%+v", q)
	}
	if share, ok := all[0].ServiceShare(); !ok || share != 60 {
		t.Errorf("%v of the callers of sales were answered in time", share)
	}
	if q := all[1]; q.Name != "support" || q.Member != "" || q.Agents != 1 || q.State != web.QueueEmpty {
		t.Errorf("%+v", q)
	}
	for by, want := range map[web.Asker][]string{supervisor: {"sales", "support"}, ofSales: {"sales"}, himself: {"sales"}, nobody: nil} {
		if got := x.names(t, by); !slices.Equal(got, want) {
			t.Errorf("%s sees %v", by.Name, got)
		}
	}
	x.save(t, "sales", `{"closed":true}`)
	if all, _ = x.queues.Queues(t.Context(), web.QueueQuery{By: master, Name: "sales", Limit: 1}); all[0].State != web.QueueClosed {
		t.Errorf("a closed queue is %s", all[0].State)
	}
}

// Who is logged on is counted once for each of his queues, by what he does there.
func TestAgentsAreCounted(t *testing.T) {
	for _, c := range []struct {
		a      web.Agent
		paused bool
		want   agentCount
	}{
		{web.Agent{State: "logged out"}, false, agentCount{}},
		{web.Agent{State: "ready", Reachable: true}, false, agentCount{LoggedOn: 1, Ready: 1}},
		{web.Agent{State: "ready"}, false, agentCount{LoggedOn: 1}},
		{web.Agent{State: "ready", Reachable: true}, true, agentCount{LoggedOn: 1, Paused: 1}},
		{web.Agent{State: "reserved"}, false, agentCount{LoggedOn: 1, Ringing: 1}},
		{web.Agent{State: "talking"}, true, agentCount{LoggedOn: 1, Talking: 1}},
		{web.Agent{State: "wrap-up"}, false, agentCount{LoggedOn: 1, WrapUp: 1}},
	} {
		var n agentCount
		if n.count(c.a, c.paused); n != c.want {
			t.Errorf("%+v: %+v", c.a, n)
		}
	}
}

// A definition is replaced or merged, by administrators alone, and what is wrong is said.
func TestQueueDefinitions(t *testing.T) {
	x := newCentre(t)
	d := x.save(t, "sales", `{"timeout":"20s","exits":[{"key":"0","to":"operator"}],"overflow":{"queue":"support","when_full":true}}`)
	change := func(by web.Asker, name, definition string, merge bool, revision *uint64) error {
		_, err := x.queues.Save(t.Context(), web.DefinitionChange{By: by, Name: name, Definition: json.RawMessage(definition), Merge: merge, Revision: revision})
		return err
	}
	if err := change(master, "sales", `{"weight":3,"overflow":{"when_empty":true}}`, true, &d.Revision); err != nil {
		t.Fatal(err)
	}
	q, _ := x.queues.Queue("sales")
	if q.Timeout != "20s" || q.Weight != 3 || len(q.Exits) != 1 || !q.Overflow.WhenFull || !q.Overflow.WhenEmpty {
		t.Errorf("merged to %+v", q)
	}
	for _, c := range []struct {
		by         web.Asker
		name, text string
		merge      bool
		want       int
	}{
		{supervisor, "sales", `{}`, false, 403},
		{master, "none", `{}`, true, 404},
		{master, "sales", `{"wieght":1}`, true, 400},
		{master, "sales", `{"weight":"1"}`, true, 400},
		{master, "sales", `{"name":"shop"}`, true, 400},
		{master, "sales", `{"strategy":"x","timeout":"y"}`, false, 400},
		{master, "sa les", `{}`, false, 400},
	} {
		if err := change(c.by, c.name, c.text, c.merge, nil); status(err) != c.want {
			t.Errorf("%s: %v, want %d", c.text, err, c.want)
		}
	}
	if err := change(master, "sales", `{}`, false, &d.Revision); status(err) != 409 {
		t.Errorf("with an old revision: %v", err)
	}
	if _, err := x.queues.Definition(t.Context(), nobody, "sales"); status(err) != 404 {
		t.Errorf("a stranger: %v", err)
	}
	if err := x.queues.Remove(t.Context(), web.DefinitionRemoval{By: supervisor, Name: "sales"}); status(err) != 403 {
		t.Errorf("removed by a supervisor: %v", err)
	}
	if err := x.queues.Remove(t.Context(), web.DefinitionRemoval{By: master, Name: "sales"}); err != nil {
		t.Error(err)
	}
}

// Callers are listed, explained and moved by those who supervise the queue.
func TestCallers(t *testing.T) {
	x := newCentre(t)
	callers, err := x.queues.Callers(t.Context(), web.CallerQuery{By: ofSales, Queue: "sales", Limit: 10})
	if err != nil || len(callers) != 2 || callers[0].Caller != "c1" || callers[0].Waited != 1.5 || callers[1].Position != 0 {
		t.Errorf("%+v, %v", callers, err)
	}
	body, _ := proto.Marshal(&msg.QueueFact{What: msg.QueueFact_OFFERED, Queue: "sales", Caller: "c1", Agent: "1002", Because: "he was free",
		Reasons: []*msg.QueueReason{{Agent: "1003", Why: "is paused"}}})
	written := make(chan error, 1)
	err = x.queues.Store.Journal().Append(store.Fact{Kind: "queue.fact", Subject: "sales", At: time.Now(), Body: body},
		func(_ uint64, err error) { written <- err })
	if err != nil || <-written != nil {
		t.Fatal(err)
	}
	why, err := x.queues.Explain(t.Context(), web.CallerQuery{By: ofSales, Queue: "sales", Caller: "c1"})
	if err != nil || len(why.Waits) != 1 || why.Waits[0].Why != "is talking c2" || len(why.History) != 1 || why.History[0].What != "offered" ||
		why.History[0].Because != "he was free" || why.History[0].Reasons[0].Agent != "1003" {
		t.Errorf("%+v, %v", why, err)
	}
	if his, err := x.agents.ExplainAgent(t.Context(), himself, "1002"); err != nil || len(his.History) != 1 || his.Waits[0].Queue != "sales" {
		t.Errorf("%+v, %v", his, err)
	}
	for _, c := range []struct {
		by   web.Asker
		act  web.CallerAct
		want int
	}{
		{ofSales, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "withdraw", Text: "closed"}, 200},
		{supervisor, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "move", Position: 1}, 200},
		{master, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "promote", Priority: 5}, 200},
		{master, web.CallerAct{Queue: "sales", Caller: "c9", Verb: "move", Position: 1}, 404},
		{ofSales, web.CallerAct{Queue: "support", Caller: "c1", Verb: "move", Position: 1}, 404},
		{himself, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "move", Position: 1}, 404},
		{master, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "kill"}, 400},
		{master, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "send", To: "support"}, 200},
		{master, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "send", To: "sales"}, 409},
		{master, web.CallerAct{Queue: "sales", Caller: "c2", Verb: "send", To: "support"}, 409},
		{master, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "send", To: "none"}, 404},
		{ofSales, web.CallerAct{Queue: "sales", Caller: "c1", Verb: "send", To: "support"}, 404},
	} {
		c.act.By = c.by
		if err := x.queues.ActOnCaller(t.Context(), c.act); status(err) != c.want {
			t.Errorf("%s %+v: %v, want %d", c.by.Name, c.act, err, c.want)
		}
	}
	if m, ok := (<-x.told).(*msg.QueueWithdraw); !ok || m.Text != "closed" {
		t.Errorf("told %v", m)
	}
	if _, err := x.queues.Explain(t.Context(), web.CallerQuery{By: master, Queue: "sales", Caller: "c9"}); status(err) != 404 {
		t.Errorf("a caller that never was: %v", err)
	}
}

// Agents are seen and led by supervisors of their queues, and by themselves.
func TestAgentsAreLed(t *testing.T) {
	x := newCentre(t)
	for by, want := range map[web.Asker]string{master: "1002 1003", supervisor: "1002 1003", ofSales: "1002", himself: "1002", nobody: ""} {
		all, err := x.agents.Agents(t.Context(), web.AgentQuery{By: by, Limit: 10})
		var names []string
		for _, a := range all {
			names = append(names, a.Name)
		}
		if err != nil || strings.Join(names, " ") != want {
			t.Errorf("%s sees %v, %v", by.Name, names, err)
		}
	}
	one, _ := x.agents.Agents(t.Context(), web.AgentQuery{By: master, State: "logged out", Queue: "support", Limit: 10})
	if len(one) != 1 || one[0].Name != "1003" || one[0].Queues[0].Queue != "support" {
		t.Errorf("%+v", one)
	}
	four := 4
	for _, c := range []struct {
		by   web.Asker
		act  web.AgentAct
		want int
	}{
		{himself, web.AgentAct{Name: "1002", Verb: "pause", Reason: "lunch"}, 200},
		{himself, web.AgentAct{Name: "1003", Verb: "pause"}, 404},
		{nobody, web.AgentAct{Name: "1002", Verb: "pause"}, 404},
		{ofSales, web.AgentAct{Name: "1002", Verb: "resume"}, 409},
		{himself, web.AgentAct{Name: "1002", Verb: "login"}, 200},
		{himself, web.AgentAct{Name: "1002", Verb: "login", Device: "1001"}, 403},
		{ofSales, web.AgentAct{Name: "1002", Verb: "login", Device: "1001"}, 200},
		{ofSales, web.AgentAct{Name: "1002", Verb: "login", Device: "9"}, 404},
		{ofSales, web.AgentAct{Name: "1002", Verb: "login", Device: "1001@elsewhere.example"}, 404},
		{himself, web.AgentAct{Name: "1002", Verb: "login", Queues: []string{"support"}}, 409},
		{himself, web.AgentAct{Name: "1002", Verb: "login", Queue: "sales", Paused: true}, 403},
		{himself, web.AgentAct{Name: "1002", Verb: "queues", Queue: "sales", Add: true}, 403},
		{ofSales, web.AgentAct{Name: "1002", Verb: "queues", Queue: "support", Add: true}, 404},
		{supervisor, web.AgentAct{Name: "1002", Verb: "queues", Queue: "support", Add: true}, 200},
		{master, web.AgentAct{Name: "1002", Verb: "dance"}, 400},
		{himself, web.AgentAct{Name: "1002", Verb: "login", Queues: []string{"sales"}}, 200},
		{ofSales, web.AgentAct{Name: "1002", Verb: "login", Queue: "sales", Penalty: &four, Paused: true}, 200},
	} {
		c.act.By = c.by
		a, err := x.agents.ActOnAgent(t.Context(), c.act)
		if status(err) != c.want || err == nil && (a.State != "paused" || !slices.Equal(a.Devices, []string{"1002@tandem.local"})) {
			t.Errorf("%s %+v: %+v, %v, want %d", c.by.Name, c.act, a, err, c.want)
		}
	}
	if m, ok := (<-x.told).(*msg.AgentPause); !ok || m.Reason != "lunch" || m.Source != "MANAGER" {
		t.Errorf("told %v", m)
	}
	if m, ok := (<-x.told).(*msg.AgentLogOn); !ok || m.Device != "1002@tandem.local" || m.Phone != "SIP/1002" || m.HotDesk {
		t.Errorf("told %v", m)
	}
	if m, ok := (<-x.told).(*msg.AgentLogOn); !ok || m.Device != "1001@tandem.local" || !m.HotDesk {
		t.Errorf("told %v", m)
	}
	if m, ok := (<-x.told).(*msg.AgentSet); !ok || !m.Add || m.Membership.Queue != "support" {
		t.Errorf("told %v", m)
	}
	if m, ok := (<-x.told).(*msg.AgentLogOn); !ok || !slices.Equal(m.Only, []string{"sales"}) || len(x.told) > 1 {
		t.Errorf("told %v, and %d words more", m, len(x.told))
	}
	if m, ok := (<-x.told).(*msg.AgentLogOn); !ok || len(m.Queues) != 1 || m.Queues[0].Queue != "sales" || m.Queues[0].Penalty != 4 || !m.Queues[0].Paused {
		t.Errorf("told %v", m)
	}
}

// Who leads an agent by one queue sees nothing of the others that he works for, nor acts in them.
func TestOtherQueuesOfAnAgentAreHidden(t *testing.T) {
	x := newCentre(t)
	def := ledger.Agent{Name: "1002", Account: "1002@tandem.local", Memberships: []ledger.Membership{{Queue: "sales"}, {Queue: "support"}}}
	row := web.Agent{Name: "1002", State: "talking", Queue: "support", Caller: "c7", Number: "0301", CallerName: "Eve", CallerSince: time.Now(),
		Queues: []web.AgentQueue{{Queue: "sales"}, {Queue: "support"}}}
	for by, whole := range map[web.Asker]bool{master: true, supervisor: true, himself: true, ofSales: false} {
		got := eyesOf(x.agents.Ledger, by).cut(&def, row)
		if hidden := got.State == "talking" && got.Queue+got.Caller+got.Number+got.CallerName == "" && got.CallerSince.IsZero() &&
			len(got.Queues) == 1 && got.Queues[0].Queue == "sales"; hidden == whole || len(row.Queues) != 2 {
			t.Errorf("%s sees %+v", by.Name, got)
		}
	}
	_, err := x.agents.SaveAgent(t.Context(), web.DefinitionChange{By: master, Name: "1002", Definition: json.RawMessage(`{"memberships":[{"queue":"sales"},{"queue":"support"}]}`)})
	d, err2 := x.agents.AgentDefinition(t.Context(), ofSales, "1002")
	if err != nil || err2 != nil || strings.Contains(string(d.Definition), "support") {
		t.Errorf("%s, %v %v", d.Definition, err, err2)
	}
	for _, verb := range []string{"pause", "resume"} {
		_, err := x.agents.ActOnAgent(t.Context(), web.AgentAct{By: ofSales, Name: "1002", Verb: verb, Queue: "support"})
		if status(err) != http.StatusNotFound {
			t.Errorf("%s in a queue of others: %v", verb, err)
		}
	}
	for by, want := range map[web.Asker]bool{master: true, supervisor: true, himself: true, ofSales: false, nobody: false} {
		if got := x.agents.LeadsCall(by, "1002", "support"); got != want {
			t.Errorf("%s does something with his call of support: %v", by.Name, got)
		}
	}
	if !x.agents.LeadsCall(ofSales, "1002", "sales") {
		t.Error("who supervises the queue does nothing with its call")
	}
}

// What concerns all queues of an agent is for who supervises them all, those that he has joined by himself too.
func TestAllQueuesOfAnAgent(t *testing.T) {
	x := newCentre(t)
	for _, c := range []struct {
		name string // of the agent: 1002 belongs to sales, 1004 to sales and has joined support, 1005 to both
		by   web.Asker
		want int
	}{{"1002", ofSales, 200}, {"1004", ofSales, 403}, {"1005", ofSales, 403}, {"1004", supervisor, 200}, {"1005", master, 200}} {
		memberships := `[{"queue":"sales"}]`
		if c.name == "1005" {
			memberships = `[{"queue":"sales"},{"queue":"support"}]`
		}
		x.agents.Directory.SetAccount(&account.Record{AOR: signal.NewAOR(c.name, "tandem.local")})
		_, err := x.agents.SaveAgent(t.Context(), web.DefinitionChange{By: master, Name: c.name, Definition: json.RawMessage(`{"memberships":` + memberships + `}`)})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range []web.AgentAct{{Verb: "logout"}, {Verb: "pause"}, {Verb: "pause", Queue: "sales"}, {Verb: "ready", Queue: "sales"}, {Verb: "resume"}} {
			a.By, a.Name = c.by, c.name
			want := c.want
			switch {
			case a.Verb == "pause" && a.Queue != "":
				want = 200
			case want == 200 && (a.Verb == "ready" || a.Verb == "resume"):
				want = 409 // he is logged out
			}
			if _, err := x.agents.ActOnAgent(t.Context(), a); status(err) != want {
				t.Errorf("%s: %s %s %q: %v, want %d", c.by.Name, a.Verb, a.Name, a.Queue, err, want)
			}
			for len(x.told) > 0 {
				<-x.told
			}
		}
	}
}

// The right to supervise some queue lets an account in; the directory says so at once.
func TestWhoSupervisesAQueueIsKnownAsOne(t *testing.T) {
	x := newCentre(t)
	for by, want := range map[web.Asker]bool{ofSales: true, supervisor: true, himself: false, nobody: false} {
		if who, ok := (Logins{x.queues.Ledger}).Identity(by.Account); !ok || who.Leads != want {
			t.Errorf("%s: %+v %v", by.Name, who, ok)
		}
	}
}

// A map that is sent replaces the old one, and one that is not sent stays.
func TestAgentDefinitions(t *testing.T) {
	x := newCentre(t)
	for _, c := range []struct{ text, want string }{
		{`{"skills":{"french":3,"english":1}}`, `{"english":1,"french":3}`}, {`{"display":"Ann"}`, `{"english":1,"french":3}`},
		{`{"skills":{"french":5}}`, `{"french":5}`}, {`{"skills":{}}`, `{}`},
	} {
		_, err := x.agents.SaveAgent(t.Context(), web.DefinitionChange{By: master, Name: "1002", Definition: json.RawMessage(c.text), Merge: true})
		a, _ := x.agents.Agent("1002")
		if got, _ := json.Marshal(a.Skills); err != nil || string(got) != c.want || len(a.Memberships) != 1 {
			t.Errorf("%s: %s, %v", c.text, got, err)
		}
	}
	if err := x.agents.RemoveAgent(t.Context(), web.DefinitionRemoval{By: master, Name: "1002"}); err != nil {
		t.Error(err)
	}
	if _, err := x.agents.AgentDefinition(t.Context(), master, "1002"); status(err) != 404 {
		t.Error("he is there still")
	}
}
