package web

import (
	"context"
	"strings"
	"testing"
)

// houseAgents has the agent 1002.
type houseAgents struct{}

func exampleAgent() Agent {
	return Agent{Name: "1002", Display: "agent 1002", Account: "1002@tandem.local", State: "paused", Since: moment, Reachable: true, Reason: "lunch",
		Next: "paused", LoggedOn: moment, Devices: []string{"1002@tandem.local"}, Queues: []AgentQueue{{Queue: "sales", Calls: 3}}, Member: "tandem1", Revision: 5}
}

func (houseAgents) Agents(_ context.Context, q AgentQuery) ([]Agent, error) {
	a := exampleAgent()
	if !may(q.By) || q.Name != "" && q.Name != a.Name || q.State != "" && q.State != a.State || q.Queue != "" && q.Queue != "sales" ||
		!has(strings.ToLower(q.Match), a.Name, a.Display) {
		return nil, nil
	}
	return []Agent{a}, nil
}

func (houseAgents) AgentDefinition(_ context.Context, by Asker, name string) (Definition, error) {
	if name != "1002" || !may(by) {
		return Definition{}, NotFound("there is no agent %q", name)
	}
	return exampleDefinition(name), nil
}

func (houseAgents) SaveAgent(_ context.Context, c DefinitionChange) (Definition, error) {
	return Definition{Name: c.Name, Definition: c.Definition, Revision: 6, At: moment, Author: c.By.Name}, nil
}

func (houseAgents) RemoveAgent(_ context.Context, r DefinitionRemoval) error {
	if r.Name != "1002" {
		return NotFound("there is no agent %q", r.Name)
	}
	return nil
}

func (houseAgents) ExplainAgent(_ context.Context, by Asker, name string) (Explanation, error) {
	if name != "1002" {
		return Explanation{}, NotFound("there is no agent %q", name)
	}
	return Explanation{Waits: []Reason{{Queue: "sales", Why: "he is paused"}}, History: []Event{}}, nil
}

func (houseAgents) ActOnAgent(_ context.Context, a AgentAct) (Agent, error) {
	agent := exampleAgent()
	switch {
	case !may(a.By) || a.Name != "1002":
		return Agent{}, NotFound("there is no agent %q", a.Name)
	case a.Verb == "pause":
		agent.Reason = a.Reason
	case a.Verb == "login":
		agent.State, agent.Devices = "ready", []string{a.Device}
	}
	return agent, nil
}

// Agents over REST: each request with what it is answered.
func TestAgents(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/v1/agents", "", 200, `"reason":"lunch"`},
		{"GET", "/api/v1/agents?queue=sales&state=paused", "", 200, `"name":"1002"`},
		{"GET", "/api/v1/agents?state=ready", "", 200, `"agents":[]`},
		{"GET", "/api/v1/agents?state=asleep", "", 400, "asleep"},
		{"GET", "/api/v1/agents?limit=0", "", 400, "limit"},
		{"GET", "/api/v1/agents/1002", "", 200, `"definition":{"name":"1002"`},
		{"GET", "/api/v1/agents/none", "", 404, "no agent"},
		{"GET", "/api/v1/agents/1002/explain", "", 200, "he is paused"},
		{"PUT", "/api/v1/agents/1003", `{"definition":{"skills":{"french":3}}}`, 200, `"french":3`},
		{"DELETE", "/api/v1/agents/1002", "", 200, `"removed":"1002"`},
		{"DELETE", "/api/v1/agents/none", "", 404, "no agent"},
		{"POST", "/api/v1/agents/1002/pause", `{"reason":"meeting"}`, 200, `"reason":"meeting"`},
		{"POST", "/api/v1/agents/1002/login", `{"device":"1005@tandem.local"}`, 200, `"devices":["1005@tandem.local"]`},
		{"POST", "/api/v1/agents/1002/dance", `{}`, 404, "login, logout"},
		{"POST", "/api/v1/agents/1002/queues", `{}`, 400, "which one"},
		{"POST", "/api/v1/agents/1002/queues", `{"queue":"sales","add":true,"remove":true}`, 400, "not both"},
		{"POST", "/api/v1/agents/1002/queues", `{"queue":"sales","penalty":2}`, 200, `"name":"1002"`},
		{"POST", "/api/v1/agents/1002/wrapup", `{"seconds":0}`, 400, "how much"},
		{"POST", "/api/v1/agents/none/pause", `{}`, 404, "no agent"},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
}
