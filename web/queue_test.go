package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// houseQueues has the queue sales with one caller, whom 1010 may move; the administrator may do everything.
type houseQueues struct{}

func exampleQueue() Queue {
	return Queue{Name: "sales", Display: "Sales", Numbers: []string{"2000"}, Strategy: "leastrecent", State: QueueOver, ServiceLevel: 20, Target: 80,
		Waiting: 3, Longest: 42.5, Agents: 4, LoggedOn: 3, Ready: 1, Talking: 1, Paused: 1, Answered: 10, InTime: 8, Abandoned: 2,
		Member: "tandem1", Revision: 7}
}

func exampleCaller() Caller {
	return Caller{Queue: "sales", Caller: "tandem1-4.1", Number: "1000", Name: "alice", Position: 1, State: "waiting", Waited: 42.5, Agents: []string{}}
}

func exampleDefinition(name string) Definition {
	return Definition{Name: name, Definition: json.RawMessage(`{"name":"` + name + `","timeout":"15s"}`), Revision: 7, At: moment, Author: "ann"}
}

// may tells whether somebody supervises.
func may(by Asker) bool { return by.Master || by.Account == "1010@tandem.local" }

func (houseQueues) Queues(_ context.Context, q QueueQuery) ([]Queue, error) {
	if q.Name != "" && q.Name != "sales" || !may(q.By) || !strings.Contains("sales", q.Match) {
		return nil, nil
	}
	return []Queue{exampleQueue()}, nil
}

func (houseQueues) Definition(_ context.Context, by Asker, name string) (Definition, error) {
	if name != "sales" || !may(by) {
		return Definition{}, NotFound("there is no queue %q", name)
	}
	return exampleDefinition(name), nil
}

func (houseQueues) Save(_ context.Context, c DefinitionChange) (Definition, error) {
	switch {
	case !c.By.Master:
		return Definition{}, Refuse(http.StatusForbidden, "no_right", "this needs an administrator")
	case c.Merge && c.Name != "sales":
		return Definition{}, NotFound("there is no queue %q", c.Name)
	case c.Revision != nil && *c.Revision == 6:
		return Definition{}, Conflict("it has changed")
	}
	return Definition{Name: c.Name, Definition: c.Definition, Revision: 8, At: moment, Author: c.By.Name, Reason: c.Reason}, nil
}

func (houseQueues) Remove(_ context.Context, r DefinitionRemoval) error {
	if r.Name != "sales" {
		return NotFound("there is no queue %q", r.Name)
	}
	return nil
}

func (houseQueues) Callers(_ context.Context, q CallerQuery) ([]Caller, error) {
	if q.Queue != "sales" || !may(q.By) {
		return nil, NotFound("there is no queue %q", q.Queue)
	}
	return []Caller{exampleCaller()}, nil
}

func (houseQueues) Explain(_ context.Context, q CallerQuery) (Explanation, error) {
	if q.Caller != exampleCaller().Caller {
		return Explanation{}, NotFound("no caller %q", q.Caller)
	}
	return Explanation{Waits: []Reason{{Agent: "1002", Why: "is paused"}},
		History: []Event{{At: moment, What: "entered", Queue: "sales", Caller: q.Caller}}}, nil
}

func (houseQueues) ActOnCaller(_ context.Context, a CallerAct) error {
	if !may(a.By) || a.Caller != exampleCaller().Caller {
		return NotFound("no caller %q", a.Caller)
	}
	return nil
}

// Queues over REST: each request with what it is answered.
func TestQueues(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	const caller = "/api/v1/queues/sales/callers/tandem1-4.1"
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/v1/queues", "", 200, `"longest":42.5`},
		{"GET", "/api/v1/queues?match=support", "", 200, `"queues":[]`},
		{"GET", "/api/v1/queues?limit=x", "", 400, "limit"},
		{"GET", "/api/v1/queues/sales", "", 200, `"definition":{"name":"sales","timeout":"15s"}`},
		{"GET", "/api/v1/queues/none", "", 404, "no queue"},
		{"PUT", "/api/v1/queues/support", `{"definition":{"timeout":"20s"},"reason":"busy"}`, 200, `"reason":"busy"`},
		{"PUT", "/api/v1/queues/support", `{}`, 400, "definition"},
		{"PUT", "/api/v1/queues/support", `{"definition":[]}`, 400, "definition"},
		{"PATCH", "/api/v1/queues/support", `{"definition":{}}`, 404, "no queue"},
		{"PATCH", "/api/v1/queues/sales", `{"definition":{},"revision":6}`, 409, "changed"},
		{"DELETE", "/api/v1/queues/sales?revision=x", "", 400, "revision"},
		{"DELETE", "/api/v1/queues/sales?revision=7&reason=gone", "", 200, `"removed":"sales"`},
		{"DELETE", "/api/v1/queues/none", "", 404, "no queue"},
		{"GET", "/api/v1/queues/sales/callers", "", 200, `"caller":"tandem1-4.1"`},
		{"GET", caller, "", 200, `"why":"is paused"`},
		{"GET", "/api/v1/queues/sales/callers/other", "", 404, "no caller"},
		{"POST", caller + "/withdraw", `{"text":"closed"}`, 200, "tandem1-4.1"},
		{"POST", caller + "/move", `{"position":1}`, 200, "tandem1-4.1"},
		{"POST", caller + "/move", `{}`, 400, "where to"},
		{"POST", caller + "/promote", `{"priority":0}`, 200, "tandem1-4.1"},
		{"POST", caller + "/promote", `{}`, 400, "which priority"},
		{"POST", caller + "/kill", `{}`, 404, "withdraw, move, promote or send"},
		{"POST", "/api/v1/queues/sales/callers/other/withdraw", `{}`, 404, "no caller"},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
}

// Every account may ask about queues by its password, and is told what its rights allow.
func TestQueuesAreForEverybody(t *testing.T) {
	h := newHouse()
	s, err := New(settings(), Services{Accounts: houseAccounts{h}, Registrations: houseRegistrations{h}, Calls: h, Tasks: h, Sessions: h,
		Queues: houseQueues{}, Agents: houseAgents{}, Recordings: houseRecordings{}, Health: h, Settings: h, Stored: &houseStored{}, Sockets: h, Authenticator: h,
		Logins:    passwords{"1000@tandem.local": nil, "1010@tandem.local": {"supervisor"}, "1011@tandem.local": {"loader"}, "1019@tandem.local": {"administrator"}},
		QueueLogs: houseLogs{now: time.Now}, LiveLogs: serversAt(time.Now)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user, password, method, path, body string
		status                             int
		says                               string
	}{
		{"1000@tandem.local", "right", "GET", "/api/v1/queues", "", 200, `"queues":[]`},
		{"1000@tandem.local", "wrong", "GET", "/api/v1/queues", "", 401, "password"},
		{"1000@tandem.local", "right", "GET", "/api/v1/tasks", "", 401, "may not ask for this"},
		{"1000@tandem.local", "right", "GET", "/api/v1/queuesx", "", 401, "may not ask for this"},
		{"1010@tandem.local", "right", "GET", "/api/v1/queues", "", 200, `"name":"sales"`},
		{"1010@tandem.local", "right", "PUT", "/api/v1/queues/sales", `{"definition":{}}`, 403, "administrator"},
		{"1019@tandem.local", "right", "PUT", "/api/v1/queues/sales", `{"definition":{}}`, 200, `"author":"1019@tandem.local"`},
		{"1000@tandem.local", "right", "POST", "/api/v1/agents/1002/pause", `{}`, 404, "no agent"},
		{"1000@tandem.local", "right", "GET", "/api/v1/queuelog/partitions", "", 403, "the role loader"},
		{"1010@tandem.local", "right", "GET", "/api/v1/queuelog/partitions", "", 200, `"name":"A"`},
		{"1010@tandem.local", "right", "POST", "/api/v1/queuelog/partitions/A/text", "", 403, "the role loader"},
		{"1010@tandem.local", "right", "GET", "/api/v1/queuelog/report", "", 400, "which partitions"},
		{"1011@tandem.local", "right", "GET", "/api/v1/queuelog/partitions", "", 200, `"name":"A"`},
		{"1011@tandem.local", "right", "POST", "/api/v1/queuelog/partitions/A/text", "", 400, "who has the lines"},
		{"1011@tandem.local", "right", "GET", "/api/v1/queuelog/report", "", 403, "the role supervisor"},
		{"1011@tandem.local", "right", "GET", "/api/v1/queuelog/explain?call=A:1.1", "", 403, "the role supervisor"},
		{"1011@tandem.local", "right", "GET", "/api/v1/queuelog/live", "", 403, "supervisor"},
	} {
		w := ask(s, c.method, c.path, c.body, func(r *http.Request) { r.SetBasicAuth(c.user, c.password) })
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %s %s: %d %s, want %d with %q", c.user, c.method, c.path, w.Code, w.Body, c.status, c.says)
		}
	}
}

// passwords are the roles of accounts whose password is "right".
type passwords map[string][]string

func (p passwords) Login(user, password string) (Identity, bool) {
	who, ok := p.Identity(user)
	return who, ok && password == "right"
}

func (p passwords) Identity(account string) (Identity, bool) {
	roles, ok := p[account]
	return Identity{Account: account, Roles: roles, Stamp: "1"}, ok
}
