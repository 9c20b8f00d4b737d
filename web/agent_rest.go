package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// agentRoutes are the answers about agents.
func (s *Server) agentRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/agents":                s.agentList,
		"GET /api/v1/agents/{name}":         s.agentShow,
		"PUT /api/v1/agents/{name}":         s.agentSave,
		"PATCH /api/v1/agents/{name}":       s.agentSave,
		"DELETE /api/v1/agents/{name}":      s.agentRemove,
		"GET /api/v1/agents/{name}/explain": s.agentExplain,
		"POST /api/v1/agents/{name}/{verb}": s.agentAct,
	}
}

func (s *Server) agentList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	if state := q.Get("state"); state != "" && !slices.Contains(AgentStates, state) {
		return nil, Invalid("state %q is unknown: use one of %s", clip(state, 40), strings.Join(AgentStates, ", "))
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Agents.Agents(ctx, AgentQuery{By: asker(r), Queue: q.Get("queue"), State: q.Get("state"),
		Match: q.Get("match"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Agents  []Agent  `json:"agents"`
		More    bool     `json:"more"`
		Unheard []string `json:"unheard"` // members that did not answer: what they have is missing
	}{list, more, missing.List()}, nil
}

// agentShow is an agent as he stands, and who he is.
func (s *Server) agentShow(r *http.Request) (any, error) {
	name := r.PathValue("name")
	d, err := s.services.Agents.AgentDefinition(r.Context(), asker(r), name)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Agents.Agents(ctx, AgentQuery{By: asker(r), Name: name, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, NotFound("there is no agent %q", clip(name, 80))
	}
	return struct {
		Agent
		Definition json.RawMessage `json:"definition"`
		Unheard    []string        `json:"unheard"`
	}{found[0], d.Definition, missing.List()}, nil
}

func (s *Server) agentSave(r *http.Request) (any, error) {
	c, err := s.definitionChange(r)
	if err != nil {
		return nil, err
	}
	return s.services.Agents.SaveAgent(r.Context(), c)
}

func (s *Server) agentRemove(r *http.Request) (any, error) {
	d, err := definitionRemoval(r)
	if err != nil {
		return nil, err
	}
	if err := s.services.Agents.RemoveAgent(r.Context(), d); err != nil {
		return nil, err
	}
	return map[string]string{"removed": d.Name}, nil
}

func (s *Server) agentExplain(r *http.Request) (any, error) {
	return s.services.Agents.ExplainAgent(r.Context(), asker(r), r.PathValue("name"))
}

// agentAct has an agent do something, and shows how he stands then.
func (s *Server) agentAct(r *http.Request) (any, error) {
	var body struct {
		Device    string   `json:"device"`
		HotDesk   bool     `json:"hot_desk"`
		Queues    []string `json:"queues"`
		Queue     string   `json:"queue"`
		Reason    string   `json:"reason"`
		Seconds   int      `json:"seconds"`
		Add       bool     `json:"add"`
		Remove    bool     `json:"remove"`
		Penalty   *int     `json:"penalty"`
		RingInUse *bool    `json:"ring_in_use"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	verb := r.PathValue("verb")
	switch {
	case !slices.Contains(AgentVerbs, verb):
		return nil, NotFound("an agent can be told: %s; not %s", strings.Join(AgentVerbs, ", "), clip(verb, 40))
	case verb == "queues" && body.Queue == "":
		return nil, Invalid(`which one? Send "queue"`)
	case verb == "queues" && body.Add && body.Remove:
		return nil, Invalid(`"add" or "remove", not both`)
	case verb == "wrapup" && (body.Seconds < 1 || body.Seconds > 3600):
		return nil, Invalid(`how much longer? "seconds" is 1 to 3600`)
	}
	return s.services.Agents.ActOnAgent(r.Context(), AgentAct{By: asker(r), Name: r.PathValue("name"), Verb: verb,
		Device: body.Device, HotDesk: body.HotDesk, Queues: body.Queues, Queue: body.Queue, Reason: body.Reason, Seconds: body.Seconds,
		Add: body.Add, Remove: body.Remove, Penalty: body.Penalty, RingInUse: body.RingInUse})
}
