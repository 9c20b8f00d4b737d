package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"tandem/web/login"
)

func TestLoginLeadsToThePageThatWasAskedFor(t *testing.T) {
	s := inTown(t, newTown())
	u := &user{t: t, s: s}
	if got := u.get("/monitors/legs?sort=from").Header().Get("Location"); got != "/login?to=%2Fmonitors%2Flegs%3Fsort%3Dfrom" {
		t.Errorf("%q", got)
	}
	for _, x := range [][3]string{
		{"admin", "/monitors/legs?sort=from", "/monitors/legs?sort=from"}, {"admin", "", "/"}, {"watcher", "", "/monitors/queues"},
		{"watcher", "/", "/monitors/queues"},
		{"admin", "https://evil.example/", "/"}, {"admin", "//evil.example/", "/"}, {"admin", `/\evil.example/`, "/"},
		{"admin", "javascript:alert(1)", "/"}, {"admin", "/logout", "/"}, {"admin", "/monitors/legs\r\nX: y", "/"},
		{"admin", "/%2fevil.example", "/"}, {"admin", "http:/monitors/legs", "/"}, {"admin", "/\t/evil.example", "/"},
	} {
		w := u.post("/login", "account", x[0], "password", "1234", "to", x[1])
		if got := w.Header().Get("Location"); w.Code != 303 || got != x[2] {
			t.Errorf("%s, %q: %d %q", x[0], x[1], w.Code, got)
		}
	}
}

func TestTheCookieOfALogin(t *testing.T) {
	s := inTown(t, newTown())
	u := &user{t: t, s: s}
	form := url.Values{"account": {"admin"}, "password": {"1234"}}.Encode()
	plain := u.do("POST", "/login", form).Result().Cookies()[0]
	safe := u.do("POST", "/login", form, secure).Result().Cookies()[0]
	for _, c := range []*http.Cookie{plain, safe} {
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 43 {
			t.Errorf("%+v", c)
		}
	}
	if plain.Secure || plain.Name != "tandem" || !safe.Secure || safe.Name != "__Host-tandem" {
		t.Errorf("%v %v", plain, safe)
	}
	// The word of a login without TLS, which others may have seen, opens nothing under TLS.
	u.cookie = plain.Value
	if w := u.do("GET", "/", "", secure); w.Code != 303 {
		t.Errorf("%d", w.Code)
	}
}

// A word that a stranger has planted is never taken over, and the login before ends.
func TestALoginCanNotBePlanted(t *testing.T) {
	s := inTown(t, newTown())
	u := &user{t: t, s: s, cookie: "planted-by-a-stranger-planted-by-a-stranger"}
	fresh := u.post("/login", "account", "admin", "password", "1234").Result().Cookies()[0].Value
	if fresh == u.cookie {
		t.Error("taken over")
	}
	if w := u.get("/"); w.Code != 303 {
		t.Errorf("the planted word opens: %d", w.Code)
	}
	u.cookie = fresh
	next := u.post("/login", "account", "admin", "password", "1234").Result().Cookies()[0].Value
	if w := u.get("/"); next == fresh || w.Code != 303 {
		t.Errorf("the word of the login before opens still: %d", w.Code)
	}
	u.cookie = next
	if w := u.get("/"); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}

func TestWrongPairs(t *testing.T) {
	s := inTown(t, newTown())
	u := &user{t: t, s: s}
	bodies := map[string]bool{}
	for _, account := range []string{"admin", "nobody"} {
		w := u.post("/login", "account", account, "password", "wrong")
		body := w.Body.String()
		if w.Code != 401 || len(w.Result().Cookies()) != 0 || !strings.Contains(body, "Account or password is wrong") ||
			!strings.Contains(body, `value="`+account+`"`) || strings.Contains(body, `value="wrong"`) {
			t.Errorf("%s: %d %s", account, w.Code, body)
		}
		bodies[strings.ReplaceAll(body, account, "")] = true
	}
	if len(bodies) != 1 {
		t.Error("the answer tells who exists")
	}
	if w := u.post("/login", "account", "1000", "password", "1234"); w.Code != 403 || len(w.Result().Cookies()) != 0 {
		t.Errorf("an account without pages: %d", w.Code)
	}
}

func TestGuessingAtTheLoginEnds(t *testing.T) {
	s := inTown(t, newTown())
	now := moment
	s.now = func() time.Time { return now }
	u := &user{t: t, s: s}
	for range guessLimit {
		u.post("/login", "account", "admin", "password", "wrong")
	}
	w := u.post("/login", "account", "admin", "password", "1234")
	if w.Code != 429 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Try again after 08:01:00") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask(s, "GET", "/api/v1/version", "", func(r *http.Request) { r.SetBasicAuth("admin", "1234") }); w.Code != 429 {
		t.Errorf("the REST interface counts apart: %d", w.Code)
	}
	now = now.Add(guessWindow)
	if w := u.post("/login", "account", "admin", "password", "1234"); w.Code != 303 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func TestLogout(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "admin")
	w := u.post("/logout")
	if c := w.Result().Cookies()[0]; w.Code != 303 || c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("%d %v", w.Code, c)
	}
	if w := u.get("/"); w.Code != 303 || s.logins.Count() != 0 {
		t.Errorf("%d, %d logins", w.Code, s.logins.Count())
	}
}

// changing are people whose accounts change.
type changing struct {
	stamp    string
	disabled bool
	roles    []string
}

func (c *changing) Identity(account string) (Identity, bool) {
	return Identity{Account: account, Roles: c.roles, Stamp: c.stamp}, !c.disabled
}

func (c *changing) Login(user, password string) (Identity, bool) {
	who, ok := c.Identity(user)
	return who, ok && password == "1234"
}

func TestALoginEndsWithWhatItStandsOn(t *testing.T) {
	for what, change := range map[string]func(*changing){
		"new password": func(c *changing) { c.stamp = "2" },
		"disabled":     func(c *changing) { c.disabled = true },
		"no role":      func(c *changing) { c.roles = nil },
	} {
		s := inTown(t, newTown())
		c := &changing{stamp: "1", roles: []string{"administrator"}}
		s.services.Logins = c
		u := as(t, s, "admin")
		if w := u.get("/"); w.Code != 200 {
			t.Fatalf("%d", w.Code)
		}
		change(c)
		if w := u.get("/"); w.Code != 303 {
			t.Errorf("%s: %d", what, w.Code)
		}
		*c = changing{stamp: "1", roles: []string{"administrator"}}
		if w := u.get("/"); w.Code != 303 {
			t.Errorf("%s, undone: the login comes back", what)
		}
	}
	s := inTown(t, newTown())
	c := &changing{stamp: "1", roles: []string{"administrator"}}
	s.services.Logins = c
	u := as(t, s, "admin")
	c.roles = []string{"supervisor"}
	if w := u.post("/monitors/members/tandem2/drain", "minutes", "0"); w.Code != 403 {
		t.Errorf("a lower role acts on: %d", w.Code)
	}
}

func TestALoginLapses(t *testing.T) {
	s := inTown(t, newTown())
	now := moment
	s.now = func() time.Time { return now }
	u := as(t, s, "admin")
	now = now.Add(login.Idle - time.Second)
	if w := u.get("/"); w.Code != 200 {
		t.Errorf("busy: %d", w.Code)
	}
	now = now.Add(login.Idle)
	if w := u.get("/"); w.Code != 303 {
		t.Errorf("idle: %d", w.Code)
	}
}

// What changes something must come from a page of ours, whatever a browser adds by itself.
func TestStrangersPagesActForNobody(t *testing.T) {
	origins := map[string]struct {
		headers map[string]string
		ok      bool
	}{
		"our page":                {map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		"our page, old browser":   {map[string]string{"Origin": "http://127.0.0.1:8010"}, true},
		"nothing said":            {nil, false},
		"another site":            {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
		"another port":            {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9999"}, false},
		"another, old browser":    {map[string]string{"Origin": "http://127.0.0.1:9999"}, false},
		"sandboxed":               {map[string]string{"Origin": "null"}, false},
		"our name in another one": {map[string]string{"Origin": "http://127.0.0.1:8010.evil.example"}, false},
		"typed":                   {map[string]string{"Sec-Fetch-Site": "none"}, false},
	}
	for name, o := range origins {
		c := newTown()
		s := inTown(t, c)
		u := as(t, s, "admin")
		from := func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			for k, v := range o.headers {
				r.Header.Set(k, v)
			}
		}
		page := u.do("POST", "/monitors/members/tandem2/undrain", "", from)
		rest := u.do("POST", "/api/v1/cluster/members/tandem2/undrain", "", from)
		enter := u.do("POST", "/login", url.Values{"account": {"admin"}, "password": {"1234"}}.Encode(), from)
		if o.ok != (page.Code == 303) || o.ok != (rest.Code == 200) || o.ok != (enter.Code == 303) || o.ok != (len(c.told) == 2) {
			t.Errorf("%s: page %d, REST %d, login %d, %v", name, page.Code, rest.Code, enter.Code, c.told)
		}
		if out := u.do("POST", "/logout", "", from); !o.ok && out.Code != 403 {
			t.Errorf("%s: logged out: %d", name, out.Code)
		}
	}
}

// The token and the password of scripts go on to work beside a login, and need no origin.
func TestScriptsNeedNoOrigin(t *testing.T) {
	c := newTown()
	s := inTown(t, c)
	if w := ask(s, "POST", "/api/v1/cluster/members/tandem2/undrain", ""); w.Code != 200 || c.told[0] != "tandem2 undrain control token" {
		t.Errorf("%d %v", w.Code, c.told)
	}
	u := as(t, s, "admin")
	w := u.do("GET", "/api/v1/cluster", "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer wrong") })
	if w.Code != 401 {
		t.Errorf("a wrong token beside a login: %d", w.Code)
	}
}

func TestALoginWithScript(t *testing.T) {
	s := inTown(t, newTown())
	u := &user{t: t, s: s}
	enter := func(password string) *httptest.ResponseRecorder {
		return u.do("POST", "/login", url.Values{"account": {"admin"}, "password": {password}}.Encode(), script)
	}
	if w := enter("wrong"); w.Code != 401 || !strings.Contains(w.Body.String(), `"unauthorized"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := enter("1234"); w.Code != 200 || len(w.Result().Cookies()) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
