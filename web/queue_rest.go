package web

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// queueRoutes are the answers about queues and their callers.
func (s *Server) queueRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/queues":                                 s.queueList,
		"GET /api/v1/queues/{name}":                          s.queueShow,
		"PUT /api/v1/queues/{name}":                          s.queueSave,
		"PATCH /api/v1/queues/{name}":                        s.queueSave,
		"DELETE /api/v1/queues/{name}":                       s.queueRemove,
		"GET /api/v1/queues/{name}/callers":                  s.callerList,
		"GET /api/v1/queues/{name}/callers/{caller}":         s.callerExplain,
		"POST /api/v1/queues/{name}/callers/{caller}/{verb}": s.callerAct,
	}
}

func (s *Server) queueList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Queues.Queues(ctx, QueueQuery{By: asker(r), Match: q.Get("match"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Queues  []Queue  `json:"queues"`
		More    bool     `json:"more"`
		Unheard []string `json:"unheard"` // members that did not answer: what they have is missing
	}{list, more, missing.List()}, nil
}

// queueShow is a queue as it stands, and what it is like.
func (s *Server) queueShow(r *http.Request) (any, error) {
	name := r.PathValue("name")
	d, err := s.services.Queues.Definition(r.Context(), asker(r), name)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Queues.Queues(ctx, QueueQuery{By: asker(r), Name: name, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, NotFound("there is no queue %q", clip(name, 80))
	}
	return struct {
		Queue
		Definition json.RawMessage `json:"definition"`
		Unheard    []string        `json:"unheard"`
	}{found[0], d.Definition, missing.List()}, nil
}

// definitionBody is what a client sends to make or change a queue or an agent.
type definitionBody struct {
	Definition json.RawMessage `json:"definition"`
	Revision   *uint64         `json:"revision"`
	Reason     string          `json:"reason"`
}

// definitionChange reads the body: PUT says everything, PATCH what is to change.
func (s *Server) definitionChange(r *http.Request) (c DefinitionChange, err error) {
	var body definitionBody
	if err := s.readJSON(r, &body); err != nil {
		return c, err
	}
	if len(body.Definition) == 0 || body.Definition[0] != '{' {
		return c, Invalid(`no definition was sent: "definition" is an object`)
	}
	return DefinitionChange{By: asker(r), Name: r.PathValue("name"), Definition: body.Definition, Merge: r.Method == http.MethodPatch,
		Revision: body.Revision, Reason: body.Reason}, nil
}

// definitionRemoval reads what a DELETE says.
func definitionRemoval(r *http.Request) (DefinitionRemoval, error) {
	q := r.URL.Query()
	d := DefinitionRemoval{By: asker(r), Name: r.PathValue("name"), Reason: q.Get("reason")}
	if q.Has("revision") {
		n, err := strconv.ParseUint(q.Get("revision"), 10, 64)
		if err != nil {
			return d, Invalid("revision %q is not a number", q.Get("revision"))
		}
		d.Revision = &n
	}
	return d, nil
}

func (s *Server) queueSave(r *http.Request) (any, error) {
	c, err := s.definitionChange(r)
	if err != nil {
		return nil, err
	}
	return s.services.Queues.Save(r.Context(), c)
}

func (s *Server) queueRemove(r *http.Request) (any, error) {
	d, err := definitionRemoval(r)
	if err != nil {
		return nil, err
	}
	if err := s.services.Queues.Remove(r.Context(), d); err != nil {
		return nil, err
	}
	return map[string]string{"removed": d.Name}, nil
}

func (s *Server) callerList(r *http.Request) (any, error) {
	limit, err := limitOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	after := 0
	if text := r.URL.Query().Get("after"); text != "" {
		if after, err = strconv.Atoi(text); err != nil || after < 0 || after > maxPosition {
			return nil, Invalid("after %q is no position: a number from 0 to %d", clip(text, 40), maxPosition)
		}
	}
	found, err := s.services.Queues.Callers(r.Context(), CallerQuery{By: asker(r), Queue: r.PathValue("name"), After: after, Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Callers []Caller `json:"callers"`
		More    bool     `json:"more"`
	}{list, more}, nil
}

func (s *Server) callerExplain(r *http.Request) (any, error) {
	return s.services.Queues.Explain(r.Context(), CallerQuery{By: asker(r), Queue: r.PathValue("name"), Caller: r.PathValue("caller"), Limit: 1})
}

// callerAct takes a caller out of line, or puts it elsewhere.
func (s *Server) callerAct(r *http.Request) (any, error) {
	var body struct {
		Text     string `json:"text"`
		Position int    `json:"position"`
		Priority *int   `json:"priority"`
		To       string `json:"to"`
	}
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	a := CallerAct{By: asker(r), Queue: r.PathValue("name"), Caller: r.PathValue("caller"), Verb: r.PathValue("verb"),
		Text: body.Text, Position: body.Position, To: body.To}
	switch {
	case a.Verb == "move" && body.Position < 1:
		return nil, Invalid(`where to? "position" counts from 1`)
	case a.Verb == "promote" && body.Priority == nil:
		return nil, Invalid(`to which priority? "priority" is a number, and the higher one goes first`)
	case a.Verb == "promote":
		a.Priority = *body.Priority
	case a.Verb == "send" && body.To == "":
		return nil, Invalid(`where to? "to" is the name of another queue`)
	case a.Verb != "withdraw" && a.Verb != "move" && a.Verb != "send":
		return nil, NotFound("a caller can be told to withdraw, move, promote or send, not to %s", clip(a.Verb, 40))
	}
	if err := s.services.Queues.ActOnCaller(r.Context(), a); err != nil {
		return nil, err
	}
	return map[string]string{"told": a.Caller}, nil
}
