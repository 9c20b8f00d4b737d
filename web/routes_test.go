package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEveryRouteAnswersItsWords(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"version", "GET", "/api/v1/version", "", 200},
		{"health", "GET", "/api/v1/health", "", 200},
		{"accounts", "GET", "/api/v1/accounts", "", 200},
		{"account", "GET", "/api/v1/accounts/1000@tandem.local", "", 200},
		{"account-add", "POST", "/api/v1/accounts", `{"aor":"1001@tandem.local","password":"x"}`, 201},
		{"account-edit", "PATCH", "/api/v1/accounts/1000@tandem.local", `{"display":"Al"}`, 200},
		{"account-rm", "DELETE", "/api/v1/accounts/1000@tandem.local?revision=3", "", 200},
		{"trunks", "GET", "/api/v1/trunks", "", 200},
		{"trunk", "GET", "/api/v1/trunks/carrier", "", 200},
		{"trunk-test", "POST", "/api/v1/trunks/carrier/test", "", 200},
		{"registrations", "GET", "/api/v1/registrations", "", 200},
		{"registration-kick", "DELETE", "/api/v1/registrations/1000@tandem.local", "", 200},
		{"legs", "GET", "/api/v1/legs", "", 200},
		{"leg", "GET", "/api/v1/legs/leg.tandem1.7.x", "", 200},
		{"leg-hangup", "DELETE", "/api/v1/legs/leg.tandem1.7.x", "", 200},
		{"tasks", "GET", "/api/v1/tasks", "", 200},
		{"records", "GET", "/api/v1/records", "", 200},
		{"queues", "GET", "/api/v1/queues", "", 200},
		{"queue", "GET", "/api/v1/queues/sales", "", 200},
		{"queue-set", "PATCH", "/api/v1/queues/sales", `{"definition":{"timeout":"20s"}}`, 200},
		{"queue-rm", "DELETE", "/api/v1/queues/sales", "", 200},
		{"callers", "GET", "/api/v1/queues/sales/callers", "", 200},
		{"caller", "GET", "/api/v1/queues/sales/callers/tandem1-4.1", "", 200},
		{"caller-told", "POST", "/api/v1/queues/sales/callers/tandem1-4.1/move", `{"position":1}`, 200},
		{"agents", "GET", "/api/v1/agents", "", 200},
		{"agent", "GET", "/api/v1/agents/1002", "", 200},
		{"agent-told", "POST", "/api/v1/agents/1002/pause", `{"reason":"lunch"}`, 200},
		{"config", "GET", "/api/v1/config", "", 200},
		{"config-reload", "POST", "/api/v1/config/reload", "", 200},
		{"settings", "GET", "/api/v1/settings", "", 200},
		{"setting", "GET", "/api/v1/settings/log.level", "", 200},
		{"setting-set", "PUT", "/api/v1/settings/log.level?member=tandem2", `{"value":"debug","revision":7,"reason":"a look"}`, 200},
		{"setting-unset", "DELETE", "/api/v1/settings/log.level", "", 200},
		{"setting-history", "GET", "/api/v1/settings/log.level/history?member=tandem2", "", 200},
		{"setting-revert", "POST", "/api/v1/settings/log.level/revert", `{"to":7}`, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, newHouse(), settings()), c.method, c.path, c.body)
			if w.Code != c.status || w.Header().Get("Content-Type") != "application/json" {
				t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
			}
			if c.name != "version" { // names the Go version
				golden(t, c.name+".json", w.Body.Bytes())
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		code, says               string
	}{
		{"unknown path", "GET", "/nothing", "", 404, "not_found", "/nothing"},
		{"unknown path of the interface", "GET", "/api/v1/nothing", "", 404, "not_found", "nothing"},
		{"wrong method", "PUT", "/api/v1/accounts", "{}", 405, "method", "PUT"},
		{"wrong method outside", "POST", "/healthz", "", 405, "method", "POST"},
		{"no account", "GET", "/api/v1/accounts/x@y", "", 404, "not_found", "x@y"},
		{"no leg", "GET", "/api/v1/legs/gone", "", 404, "not_found", "record"},
		{"exists", "POST", "/api/v1/accounts", `{"aor":"1000@tandem.local"}`, 409, "conflict", "exists"},
		{"no address", "POST", "/api/v1/accounts", `{}`, 400, "invalid", "aor"},
		{"revision of a new one", "POST", "/api/v1/accounts", `{"aor":"a@b","revision":1}`,
			400, "invalid", "revision"},
		{"unknown field", "POST", "/api/v1/accounts", `{"aor":"a@b","passwort":"x"}`,
			400, "invalid", "passwort"},
		{"two values", "POST", "/api/v1/accounts", `{"aor":"a@b"}{}`, 400, "invalid", "nothing behind"},
		{"no JSON", "POST", "/api/v1/accounts", `aor=1`, 400, "invalid", "JSON"},
		{"wrong type", "POST", "/api/v1/accounts", `{"aor":1}`, 400, "invalid", "aor"},
		{"too long", "POST", "/api/v1/accounts", `{"aor":"` + strings.Repeat("x", 5000) + `"}`,
			413, "too_large", "4096"},
		{"renamed", "PATCH", "/api/v1/accounts/a@b", `{"aor":"c@d"}`, 400, "invalid", "renamed"},
		{"old revision", "DELETE", "/api/v1/accounts/a@b?revision=99", "", 409, "conflict", "99"},
		{"bad revision", "DELETE", "/api/v1/accounts/a@b?revision=x", "", 400, "invalid", "number"},
		{"no such contact", "DELETE", "/api/v1/registrations/a@b?contact=sip:nobody", "",
			404, "not_found", "sip:nobody"},
		{"limit", "GET", "/api/v1/legs?limit=0", "", 400, "invalid", "10000"},
		{"limit too high", "GET", "/api/v1/records?limit=10001", "", 400, "invalid", "10000"},
		{"limit no number", "GET", "/api/v1/accounts?limit=x", "", 400, "invalid", "limit"},
		{"no such trunk", "GET", "/api/v1/trunks/nobody", "", 404, "not_found", "trunk"},
		{"no such trunk to test", "POST", "/api/v1/trunks/nobody/test", "", 404, "not_found", "trunk"},
		{"limit of registrations", "GET", "/api/v1/registrations?limit=-1", "", 400, "invalid", "limit"},
		{"since", "GET", "/api/v1/records?since=yesterday", "", 400, "invalid", "90m"},
		{"no setting", "GET", "/api/v1/settings/log.levle", "", 404, "not_found", "log.level"},
		{"no value", "PUT", "/api/v1/settings/log.level", `{"revision":1}`, 400, "invalid", "value"},
		{"a value that is no text", "PUT", "/api/v1/settings/log.level", `{"value":1}`, 400, "invalid",
			`"value" is a text here, and was sent as a JSON number`},
		{"a revision below 0", "PUT", "/api/v1/settings/log.level", `{"value":"x","revision":-1}`, 400, "invalid",
			`"revision" is a whole number, not below 0 here`},
		{"a body that is a list", "PUT", "/api/v1/settings/log.level", `[1]`, 400, "invalid",
			"the body is an object here, and was sent as a JSON array"},
		{"set upon an old revision", "PUT", "/api/v1/settings/log.level", `{"value":"x","revision":99}`, 409, "conflict", "99"},
		{"revision of a setting", "DELETE", "/api/v1/settings/log.level?revision=-1", "", 400, "invalid", "number"},
		{"nothing to revert to", "POST", "/api/v1/settings/log.level/revert", `{}`, 400, "invalid", "history"},
		{"since in the future", "GET", "/api/v1/records?since=-5m", "", 400, "invalid", "since"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ask(newServer(t, newHouse(), settings()), c.method, c.path, c.body)
			code, message := errorOf(t, w)
			if w.Code != c.status || code != c.code || !strings.Contains(message, c.says) {
				t.Errorf("%d %s: %s", w.Code, code, message)
			}
		})
	}
}

func TestABodyMustSayThatItIsJSON(t *testing.T) {
	w := ask(newServer(t, newHouse(), settings()), "POST", "/api/v1/accounts", `{"aor":"a@b"}`,
		func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
	if code, _ := errorOf(t, w); w.Code != 415 || code != "media_type" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAnEmptyBodyIsRefused(t *testing.T) {
	w := ask(newServer(t, newHouse(), settings()), "POST", "/api/v1/accounts", "",
		func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	if _, message := errorOf(t, w); w.Code != 400 || !strings.Contains(message, "empty") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAllowNamesTheMethods(t *testing.T) {
	w := ask(newServer(t, newHouse(), settings()), "PUT", "/api/v1/accounts/a@b", "{}")
	if got := strings.Join(w.Header().Values("Allow"), " "); got != "GET PATCH DELETE" {
		t.Errorf("Allow: %q", got)
	}
}

func TestOurOwnFaultsAreNotShown(t *testing.T) {
	h := newHouse()
	h.failStores = errors.New("nats: disk is full at /secret/place")
	w := ask(newServer(t, h, settings()), "GET", "/api/v1/accounts", "")
	code, message := errorOf(t, w)
	if w.Code != 500 || code != "internal" || strings.Contains(message, "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestARequestGivenUpIsNoFault(t *testing.T) {
	h := newHouse()
	h.failStores = context.Canceled
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := ask(newServer(t, h, settings()), "GET", "/api/v1/accounts", "",
		func(r *http.Request) { *r = *r.WithContext(ctx) })
	if code, _ := errorOf(t, w); w.Code != 503 || code != "unavailable" ||
		w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAChangeCarriesWhatWasSentAndNothingElse(t *testing.T) {
	h := newHouse()
	ask(newServer(t, h, settings()), "PATCH", "/api/v1/accounts/1000@tandem.local",
		`{"enabled":false,"forward":{"busy":"1001@tandem.local"},"revision":3}`)
	c := h.changes[0]
	if c.AOR != "1000@tandem.local" || c.Create || c.Revision != 3 || c.Author != tokenAuthor ||
		*c.Enabled || *c.Forward.Busy != "1001@tandem.local" {
		t.Errorf("%+v", c)
	}
	if c.Password != nil || c.Display != nil || c.Roles != nil || c.MaxContacts != nil {
		t.Errorf("set though not sent: %+v", c)
	}
}

func TestAForwardIsChangedAlone(t *testing.T) {
	none, to, after := "", "1002@tandem.local", Seconds(5)
	before := Forward{All: "a@b", Busy: "c@d", NoAnswer: "e@f", NoAnswerAfter: 20}
	c := &ForwardChange{All: &none, Failure: &to, NoAnswerAfter: &after}
	want := Forward{Busy: "c@d", NoAnswer: "e@f", NoAnswerAfter: 5, Failure: to}
	if got := c.Apply(before); got != want {
		t.Errorf("%+v", got)
	}
	if got := (*ForwardChange)(nil).Apply(before); got != before {
		t.Errorf("no change: %+v", got)
	}
}

func TestListsArePaged(t *testing.T) {
	h := newHouse()
	h.accounts = []Account{{AOR: "a@x"}, {AOR: "b@x"}, {AOR: "c@x"}}
	s := newServer(t, h, settings())
	for query, want := range map[string]string{
		"?limit=2":           `"more":true`,
		"?limit=2&after=b@x": `"more":false`,
		"?match=zzz":         `"accounts":[]`,
	} {
		if w := ask(s, "GET", "/api/v1/accounts"+query, ""); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %s", query, w.Body)
		}
	}
}

func TestRecordsAreSelected(t *testing.T) {
	h := newHouse()
	s := newServer(t, h, settings())
	s.now = func() time.Time { return moment }
	for query, want := range map[string]RecordQuery{
		"?since=90m": {Since: moment.Add(-90 * time.Minute), Limit: 101},
		"?since=2026-01-31T07:00:00Z&account=a@b": {Account: "a@b",
			Since: moment.Add(-time.Hour), Limit: 101},
		"?limit=5&sip_call_id=x": {SIPCallID: "x", Limit: 6},
	} {
		h.queries = nil
		ask(s, "GET", "/api/v1/records"+query, "")
		if len(h.queries) != 1 || h.queries[0] != want {
			t.Errorf("%s: %+v", query, h.queries)
		}
	}
}

func TestAHandlerMayHoldAnyByte(t *testing.T) {
	h := newHouse()
	ask(newServer(t, h, settings()), "DELETE", "/api/v1/legs/a%2Fb%3Fc", "")
	if len(h.hungUp) != 1 || h.hungUp[0] != "a/b?c" {
		t.Errorf("%q", h.hungUp)
	}
}

func TestABadReloadSaysWhy(t *testing.T) {
	h := newHouse()
	h.reload = Invalid("tandem.yaml:3: sip.upd: unknown key")
	w := ask(newServer(t, h, settings()), "POST", "/api/v1/config/reload", "")
	if _, message := errorOf(t, w); w.Code != 400 || !strings.Contains(message, "yaml:3") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestHealthPages(t *testing.T) {
	h := newHouse()
	s := newServer(t, h, settings())
	anybody := func(r *http.Request) {
		r.Header.Del("Authorization")
		r.RemoteAddr = "192.0.2.1:1"
	}
	for _, c := range []struct {
		edit   func()
		path   string
		status int
		body   string
	}{
		{func() {}, "/healthz", 200, "ok\n"},
		{func() {}, "/readyz", 200, "ready\n"},
		{func() {}, "/readyz?verbose", 200, "ok   store\nok   sip\nready\n"},
		{func() { h.condition.Checks[0].OK, h.condition.Ready = false, false },
			"/readyz?verbose", 503, "fail store\nok   sip\nnot ready\n"},
		{func() { h.condition.Draining = true }, "/readyz", 503, "draining\n"},
		{func() {}, "/healthz", 200, "ok\n"}, // a member that drains lives
	} {
		c.edit()
		if w := ask(s, "GET", c.path, "", anybody); w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: %d %q", c.path, w.Code, w.Body)
		}
	}
}

func FuzzAccountBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"aor":"a@b"}`, `{"forward":{"all":"x","no_answer_after":1e400}}`,
		`{"aor":"a@b","roles":[null]}`, `[`, `null`, `{"aor":"\ud800"}`, `{"max_contacts":-1}`,
		`{"aor":"a@b"} x`, strings.Repeat("[", 100)} {
		f.Add(seed)
	}
	s := newServer(f, newHouse(), settings())
	f.Fuzz(func(t *testing.T, body string) {
		w := ask(s, "POST", "/api/v1/accounts", body,
			func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
		switch w.Code {
		case 201, 400, 409, 413:
		default:
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	})
}
