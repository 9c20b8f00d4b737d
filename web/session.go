package web

import (
	"context"
	"net/http"
	"time"
)

// Sessions are the XIMSS sessions that live. A refusal is an *Error.
type Sessions interface {
	// Sessions returns the living sessions that match, oldest first, at most q.Limit.
	Sessions(ctx context.Context, q SessionQuery) ([]Session, error)
	// EndSession ends a session; its client is told goodbye.
	EndSession(ctx context.Context, handler string) error
	// EndSessions ends all sessions of an account, and returns how many.
	EndSessions(ctx context.Context, account string) (int, error)
}

// Session is one living XIMSS session.
type Session struct {
	Handler string    `json:"handler"`
	Account string    `json:"account"`
	State   string    `json:"state"`   // attached or detached
	Binding string    `json:"binding"` // tcp, websocket or http
	Remote  string    `json:"remote"`  // address and port of the client
	Secure  bool      `json:"secure"`  // under TLS
	Client  string    `json:"client"`  // its name, as it says
	Version string    `json:"version"` // of the client, as it says
	Method  string    `json:"method"`  // by which the login was proved
	Calls   int       `json:"calls"`
	Since   time.Time `json:"since"`
	Member  string    `json:"member"`
}

// SessionQuery selects sessions.
type SessionQuery struct {
	Handler string // exactly this one; "" for all
	Account string
	Limit   int
}

func (s *Server) sessionList(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := limitOf(q)
	if err != nil {
		return nil, err
	}
	ctx, missing := ListenFor(r.Context())
	found, err := s.services.Sessions.Sessions(ctx, SessionQuery{Account: q.Get("account"), Limit: limit + 1})
	if err != nil {
		return nil, err
	}
	list, more := page(found, limit)
	return struct {
		Sessions []Session `json:"sessions"`
		More     bool      `json:"more"`
		Unheard  []string  `json:"unheard"` // members that did not answer: what they have is missing
	}{list, more, missing.List()}, nil
}

func (s *Server) sessionShow(r *http.Request) (any, error) { return s.sessionNamed(r) }

func (s *Server) sessionNamed(r *http.Request) (Session, error) {
	handler := r.PathValue("handler")
	found, err := s.services.Sessions.Sessions(r.Context(), SessionQuery{Handler: handler, Limit: 1})
	if err != nil {
		return Session{}, err
	}
	if len(found) == 0 {
		return Session{}, NotFound("no session lives under %q: it has ended", clip(handler, 120))
	}
	return found[0], nil
}

func (s *Server) sessionEnd(r *http.Request) (any, error) {
	handler := r.PathValue("handler")
	if err := s.services.Sessions.EndSession(r.Context(), handler); err != nil {
		return nil, err
	}
	return map[string]string{"ended": handler}, nil
}

func (s *Server) sessionsEnd(r *http.Request) (any, error) {
	account := r.URL.Query().Get("account")
	if account == "" {
		return nil, Invalid("all sessions of whom? Say ?account=user@domain, or name one session")
	}
	n, err := s.services.Sessions.EndSessions(r.Context(), account)
	if err != nil {
		return nil, err
	}
	return map[string]int{"ended": n}, nil
}
