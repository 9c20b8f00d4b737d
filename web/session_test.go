package web

import (
	"context"
	"strings"
	"testing"
)

func exampleSession() Session {
	return Session{Handler: "session.tandem1.4.x", Account: "1000@tandem.local", State: "attached", Binding: "websocket",
		Remote: "192.0.2.7:5000", Client: "page", Calls: 1, Since: moment, Member: "tandem1"}
}

func (h *house) Sessions(_ context.Context, q SessionQuery) ([]Session, error) {
	if q.Handler != "" && q.Handler != exampleSession().Handler {
		return nil, nil
	}
	return []Session{exampleSession()}, nil
}

func (h *house) EndSession(_ context.Context, handler string) error {
	if handler != exampleSession().Handler {
		return NotFound("no session lives under %q", handler)
	}
	return nil
}

func (h *house) EndSessions(_ context.Context, account string) (int, error) {
	if account != exampleSession().Account {
		return 0, NotFound("there is no account %q", account)
	}
	return 1, nil
}

// Sessions over REST: each request with what it is answered.
func TestSessions(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	handler := exampleSession().Handler
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/api/v1/sessions", 200, `"binding":"websocket"`},
		{"GET", "/api/v1/sessions?limit=x", 400, "limit"},
		{"GET", "/api/v1/sessions/" + handler, 200, `"client":"page"`},
		{"GET", "/api/v1/sessions/other", 404, "no session lives"},
		{"DELETE", "/api/v1/sessions/" + handler, 200, handler},
		{"DELETE", "/api/v1/sessions/other", 404, "no session lives"},
		{"DELETE", "/api/v1/sessions", 400, "account"},
		{"DELETE", "/api/v1/sessions?account=1000@tandem.local", 200, `"ended":1`},
		{"DELETE", "/api/v1/sessions?account=x@tandem.local", 404, "no account"},
	} {
		w := ask(s, c.method, c.path, "")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s, want %d with %q", c.method, c.path, w.Code, w.Body, c.status, c.says)
		}
	}
}
