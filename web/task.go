package web

import (
	"context"
	"net/http"
	"time"
)

// Tasks are the PBX Tasks that live. A refusal is an *Error.
type Tasks interface {
	// Tasks returns the living Tasks that match, oldest first, at most q.Limit.
	Tasks(ctx context.Context, q TaskQuery) ([]Task, error)
	// StartTask starts a program without a call, and returns the Task's handler.
	StartTask(ctx context.Context, s TaskStart) (string, error)
	// TellTask sends an event to the Task or Session that the handler's text names.
	TellTask(ctx context.Context, handler string, e TaskEvent) error
	// EndTask ends a Task as its own stop would.
	EndTask(ctx context.Context, handler string) error
	// EndTasks ends all Tasks that were started for an account, those that they start meanwhile too, and
	// returns how many.
	EndTasks(ctx context.Context, account string) (int, error)
}

// Task is one living PBX Task.
type Task struct {
	Handler string    `json:"handler"`
	Program string    `json:"program"`
	Account string    `json:"account"` // in whose name it acts now; "" is none
	Owner   string    `json:"owner"`   // whom it was started for
	Mode    string    `json:"mode"`    // disconnected, incoming, provisioned, connected or waiting
	Waiting string    `json:"waiting"` // the function that it is blocked in
	Where   string    `json:"where"`   // file:line:column section
	Party   string    `json:"party"`   // address of its party
	Leg     string    `json:"leg"`     // handler of its party's leg
	With    string    `json:"with"`    // handler of the Task whose party its own is joined with
	Parties int       `json:"parties"` // parties of other Tasks in its mixer
	Call    string    `json:"call"`
	Since   time.Time `json:"since"`
	Member  string    `json:"member"`
	Status  string    `json:"status"` // what the program has set to be shown, in text form
}

// TaskQuery selects Tasks.
type TaskQuery struct {
	Handler string // exactly this one; "" for all
	Account string // only those started for this account
	Program string
	Limit   int
}

// TaskStart says what to start. Objects are in the text form of the command line.
type TaskStart struct {
	Account   string `json:"account"`
	Program   string `json:"program"`
	Entry     string `json:"entry"`     // "" is main
	Parameter string `json:"parameter"` // "" is null
}

// TaskEvent is an event to send.
type TaskEvent struct {
	Name      string `json:"event"`
	Parameter string `json:"parameter"` // in text form; "" is null
}

func (s *Server) taskList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Tasks.Tasks(ctx,
		TaskQuery{Account: q.Get("account"), Program: q.Get("program"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Tasks   []Task   `json:"tasks"`
		More    bool     `json:"more"`
		Unheard []string `json:"unheard"` // members that did not answer: what they have is missing
	}{list, more, missing.List()}, nil
}

func (s *Server) taskShow(r *http.Request) (any, error) {
	handler := r.PathValue("handler")
	found, err := s.services.Tasks.Tasks(r.Context(), TaskQuery{Handler: handler, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, NotFound("no task lives under %q", handler)
	}
	return found[0], nil
}

func (s *Server) taskStart(r *http.Request) (any, error) {
	var body TaskStart
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.Account == "" || body.Program == "" {
		return nil, Invalid(`a task needs an account and a program: send "account" and "program"`)
	}
	handler, err := s.services.Tasks.StartTask(r.Context(), body)
	if err != nil {
		return nil, err
	}
	return created{map[string]string{"handler": handler}}, nil
}

func (s *Server) taskEvent(r *http.Request) (any, error) {
	var body TaskEvent
	if err := s.readJSON(r, &body); err != nil {
		return nil, err
	}
	if body.Name == "" {
		return nil, Invalid(`an event needs a name: send "event"`)
	}
	handler := r.PathValue("handler")
	if err := s.services.Tasks.TellTask(r.Context(), handler, body); err != nil {
		return nil, err
	}
	return map[string]string{"told": handler}, nil
}

func (s *Server) tasksEnd(r *http.Request) (any, error) {
	account := r.URL.Query().Get("account")
	if account == "" {
		return nil, Invalid("all tasks of whom? Say ?account=user@domain, or name one task")
	}
	n, err := s.services.Tasks.EndTasks(r.Context(), account)
	if err != nil {
		return nil, err
	}
	return map[string]int{"ended": n}, nil
}

func (s *Server) taskEnd(r *http.Request) (any, error) {
	handler := r.PathValue("handler")
	if err := s.services.Tasks.EndTask(r.Context(), handler); err != nil {
		return nil, err
	}
	return map[string]string{"ended": handler}, nil
}
