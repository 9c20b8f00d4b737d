package web

import (
	"net/http"
	"strings"
	"testing"
)

// Tasks over REST: each request with what it is answered.
func TestTasks(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	handler := exampleTask().Handler
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/v1/tasks", "", 200, `"waiting":"ReadInput"`},
		{"GET", "/api/v1/tasks?limit=x", "", 400, "limit"},
		{"GET", "/api/v1/tasks/" + handler, "", 200, `"program":"pbx"`},
		{"GET", "/api/v1/tasks/other", "", 404, "no task lives"},
		{"POST", "/api/v1/tasks", `{"account":"pbx@tandem.local","program":"pbx"}`, 201, handler},
		{"POST", "/api/v1/tasks", `{"account":"pbx@tandem.local"}`, 400, "program"},
		{"POST", "/api/v1/tasks", `{"account":"pbx@tandem.local","program":"none"}`, 404, "no program"},
		{"POST", "/api/v1/tasks/" + handler + "/event", `{"event":"go","parameter":"(1,2)"}`, 200, handler},
		{"POST", "/api/v1/tasks/" + handler + "/event", `{}`, 400, "name"},
		{"POST", "/api/v1/tasks/other/event", `{"event":"go"}`, 404, "async Object not found"},
		{"DELETE", "/api/v1/tasks/" + handler, "", 200, handler},
		{"DELETE", "/api/v1/tasks/other", "", 404, "not found"},
		{"DELETE", "/api/v1/tasks", "", 400, "account"},
		{"DELETE", "/api/v1/tasks?account=pbx@tandem.local", "", 200, `"ended":1`},
		{"DELETE", "/api/v1/tasks?account=x@tandem.local", "", 404, "no account"},
	} {
		w := ask(s, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: %d %s, want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
	w := ask(s, "GET", "/api/v1/tasks", "", func(r *http.Request) { r.Header.Del("Authorization"); r.RemoteAddr = "192.0.2.1:1" })
	if w.Code != 401 {
		t.Errorf("a stranger sees tasks: %d", w.Code)
	}
}
