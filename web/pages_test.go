package web

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"tandem/web/screen"
	"tandem/web/static"
)

// paths are all pages that live.
var paths = []string{"/", "/settings/cluster", "/monitors/members", "/monitors/queues", "/monitors/agents", "/monitors/tasks", "/monitors/sessions", "/monitors/legs",
	"/monitors/registrations"}

// user is a browser without script.
type user struct {
	t      testing.TB
	s      *Server
	cookie string
}

// as logs in.
func as(t testing.TB, s *Server, account string) *user {
	t.Helper()
	u := &user{t: t, s: s}
	w := u.post("/login", "account", account, "password", "1234")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("login of %s: %d %s", account, w.Code, w.Body)
	}
	u.cookie = w.Result().Cookies()[0].Value
	return u
}

func (u *user) do(method, path, body string, edit ...func(*http.Request)) *httptest.ResponseRecorder {
	u.t.Helper()
	return ask(u.s, method, path, body, append([]func(*http.Request){func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if u.cookie != "" {
			r.AddCookie(&http.Cookie{Name: loginCookie, Value: u.cookie})
		}
	}}, edit...)...)
}

func (u *user) get(path string) *httptest.ResponseRecorder {
	u.t.Helper()
	return u.do("GET", path, "")
}

// post sends a form of names and values.
func (u *user) post(path string, pairs ...string) *httptest.ResponseRecorder {
	u.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return u.do("POST", path, form.Encode())
}

// follow goes where an answer leads to, and returns the page.
func (u *user) follow(w *httptest.ResponseRecorder) string {
	u.t.Helper()
	if w.Code != http.StatusSeeOther {
		u.t.Fatalf("leads nowhere: %d %s", w.Code, w.Body)
	}
	return u.get(w.Header().Get("Location")).Body.String()
}

func script(r *http.Request) { r.Header.Set("Accept", "application/json") }

func TestPagesArriveFilled(t *testing.T) {
	h := newHouse()
	s := inTownWith(t, newTown(), h)
	u := as(t, s, "admin")
	for path, want := range map[string][]string{
		"/":                                          {"1 thing needs you", "tandem3", "Members up"},
		"/settings/cluster":                          {"Locally for Others", `aria-label="SIP Farm of tandem2"`, "17.231", "Auto: Relay", "Refuse with 503"},
		"/monitors/members":                          {"Who sees whom", "no heartbeat for 2.5 s", "51.2 %", "1a2b3c4d", `href="/monitors/members/tandem2/drain"`},
		"/monitors/tasks":                            {"ReadInput", "pbx@tandem.local"},
		"/monitors/legs":                             {"9196@tandem.local", "leg.tandem1.7.x", "4.4"},
		"/monitors/registrations":                    {"1000@tandem.local", "Phone/1.0", "Kick"},
		"/monitors/legs/leg.tandem1.7.x":             {"a84b4c76e66710", "echo"},
		"/monitors/tasks/task.tandem1.3.x":           {"pbx.sppr:12:9 main", "Send event"},
		"/monitors/legs/leg.tandem1.7.x/hangup":      {"End this call"},
		"/monitors/tasks/task.tandem1.3.x/end":       {"End this task"},
		"/monitors/sessions":                         {"1000@tandem.local", "Attached", "websocket"},
		"/monitors/sessions/session.tandem1.4.x":     {"192.0.2.7:5000", "page"},
		"/monitors/sessions/session.tandem1.4.x/end": {"End this session", "1 call"},
		"/search?q=1000":                             {"1000@tandem.local", `href="/monitors/registrations?search=1000%40tandem.local"`},
		"/search?q=A84B4C":                           {"call", `href="/monitors/legs?call=`, "9196@tandem.local"},
		"/search?q=tandem2":                          {`href="/monitors/members#member-tandem2"`},
		"/search?q=cluster":                          {`href="/settings/cluster"`},
		"/search?q=nobody":                           {"Nothing here is called nobody.", `value="nobody"`},
		"/search":                                    {"Say a name"},
		"/monitors/members/tandem2/drain":            {"Drain tandem2: 31 calls may end"},
		"/monitors/members/tandem3/forget":           {"Forget tandem3"},
		"/monitors/registrations/1000@tandem.local/kick?contact=sip:x": {"Kick 1000@tandem.local", `value="sip:x"`},
	} {
		w := u.get(path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
	}
}

// firstFiles are what every page within loads.
var firstFiles = []string{"vendor/pico.min.css", "tandem.css", "pages.css", "icons.svg", "mark.svg",
	"vendor/preact.js", "vendor/hooks.js", "vendor/htm.js", "vendor/signals.js", "vendor/signals-core.js",
	"js/app.js", "js/view.js", "js/marks.js", "js/outside.js", "js/live.js", "js/steady.js", "js/forms.js", "js/keys.js", "js/dialog.js", "js/format.js", "js/stream.js", "js/worker.js"}

func TestTheFirstPageIsLight(t *testing.T) {
	page := as(t, inTown(t, newTown()), "admin").get("/settings/cluster").Body.String()
	weight := len(page) // it is sent as it is
	for _, file := range firstFiles {
		if static.Size(file) == 0 {
			t.Errorf("there is no %s", file)
		}
		weight += static.Size(file)
	}
	t.Logf("%d bytes", weight)
	if weight > 80<<10 {
		t.Errorf("the first page weighs %d bytes", weight)
	}
}

// pageAddress finds what a page refers to.
var pageAddress = regexp.MustCompile(`(?:href|src|action)="(/[^"#?]*)`)

func TestPagesReferToWhatIsThere(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "admin")
	seen := map[string]bool{}
	for _, path := range paths {
		for _, m := range pageAddress.FindAllStringSubmatch(u.get(path).Body.String(), -1) {
			seen[m[1]] = true
		}
	}
	for address := range seen {
		if w := u.get(address); w.Code == 404 {
			if post := u.post(address); post.Code == 404 {
				t.Errorf("%s: %d", address, w.Code)
			}
		}
	}
}

func TestAMemberLeadsToItsRow(t *testing.T) {
	u := as(t, inTown(t, newTown()), "admin")
	if !strings.Contains(u.get("/settings/cluster").Body.String(), `href="/monitors/members#member-tandem2"`) ||
		!strings.Contains(u.get("/monitors/members").Body.String(), `<tr id="member-tandem2"`) {
		t.Error("no way, or no row")
	}
}

func TestWhoSeesWhichPage(t *testing.T) {
	s := inTown(t, newTown())
	admin, watcher, nobody := as(t, s, "admin"), as(t, s, "watcher"), &user{t: t, s: s}
	for path, forWatcher := range map[string]int{
		"/": 403, "/settings/cluster": 403, "/search?q=a": 200, "/monitors/members": 200, "/monitors/tasks": 200, "/monitors/legs": 200,
		"/monitors/registrations": 200, "/monitors/tasks/task.tandem1.3.x": 200, "/monitors/legs/leg.tandem1.7.x": 200,
		"/monitors/members/tandem2/drain": 403, "/monitors/members/tandem3/forget": 403,
		"/monitors/legs/leg.tandem1.7.x/hangup": 403, "/monitors/tasks/task.tandem1.3.x/end": 403,
		"/monitors/sessions": 200, "/monitors/sessions/session.tandem1.4.x": 200, "/monitors/sessions/session.tandem1.4.x/end": 403,
		"/monitors/registrations/a@b/kick": 403, "/events?topics=members&now=1": 200, "/events?topics=cluster&now=1": 404,
		"/events?topics=home&now=1": 404, "/api/v1/cluster": 200, "/api/v1/legs": 200, "/api/v1/accounts": 403,
		"/api/v1/config": 403, "/monitors/../settings/cluster": 307,
	} {
		if w := watcher.get(path); w.Code != forWatcher {
			t.Errorf("supervisor, %s: %d", path, w.Code)
		}
		if w := admin.get(path); w.Code != 200 && w.Code != 307 {
			t.Errorf("administrator, %s: %d %s", path, w.Code, w.Body)
		}
		w := nobody.get(path)
		if strings.HasPrefix(path, "/events") || strings.HasPrefix(path, "/api/") {
			if w.Code != 401 {
				t.Errorf("nobody, %s: %d", path, w.Code)
			}
		} else if w.Code != 307 && (w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/login")) {
			t.Errorf("nobody, %s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
}

// TestWhoFindsWhat: a search shows no way that the reader may not go, and takes a stranger's word as text.
func TestWhoFindsWhat(t *testing.T) {
	s := inTown(t, newTown())
	watcher := as(t, s, "watcher")
	for _, word := range []string{"cluster", "1000", "home"} {
		body := watcher.get("/search?q=" + word).Body.String()
		for _, closed := range []string{"/settings/cluster", "search=1000%40tandem.local", `<td><a href="/"`} {
			if strings.Contains(body, closed) {
				t.Errorf("%s leads a supervisor to %s", word, closed)
			}
		}
	}
	if body := watcher.get("/search?q=" + url.QueryEscape(hostile)).Body.String(); strings.Contains(body, "<img") {
		t.Error("the word acts")
	}
	if w := watcher.get("/search?q=" + strings.Repeat("a", maxField+1)); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("a long word: %d", w.Code)
	}
}

func TestWhoReadsChangesNothing(t *testing.T) {
	c, h := newTown(), newHouse()
	s := inTownWith(t, c, h)
	watcher := as(t, s, "watcher")
	for _, path := range []string{"/settings/cluster", "/monitors/members/tandem2/drain", "/monitors/members/tandem2/undrain",
		"/monitors/members/tandem3/forget", "/monitors/tasks/task.tandem1.3.x/event", "/monitors/tasks/task.tandem1.3.x/end",
		"/monitors/sessions/session.tandem1.4.x/end",
		"/monitors/legs/leg.tandem1.7.x/hangup", "/monitors/registrations/1000@tandem.local/kick"} {
		w := watcher.post(path, "member", "tandem2", "key", KeyFarm, "value", "relay", "revision", "0", "minutes", "0", "event", "x")
		if w.Code != 403 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, x := range [][2]string{{"DELETE", "/api/v1/legs/leg.tandem1.7.x"}, {"POST", "/api/v1/cluster/members/tandem2/drain"},
		{"POST", "/api/v1/config/reload"}, {"GET", "/api/v1/cluster/tickets"}, {"PATCH", "/api/v1/accounts/1000@tandem.local"}} {
		if w := watcher.do(x[0], x[1], "{}"); w.Code != 403 {
			t.Errorf("%v: %d", x, w.Code)
		}
	}
	for _, page := range []string{"/monitors/members", "/monitors/legs", "/monitors/tasks", "/monitors/sessions", "/monitors/registrations"} {
		body := watcher.get(page).Body.String()
		for _, act := range []string{"Drain", "Forget", "Hang up", ">End<", "Kick", "<select name=\"value\""} {
			if strings.Contains(body, act) {
				t.Errorf("%s shows %s", page, act)
			}
		}
	}
	if len(c.told)+len(h.hungUp)+len(h.kicked)+len(h.changes) != 0 {
		t.Errorf("%v %v %v %v", c.told, h.hungUp, h.kicked, h.changes)
	}
}

func TestActs(t *testing.T) {
	for _, x := range []struct {
		path  string
		form  []string
		told  string
		shows string
	}{
		{"/settings/cluster", []string{"member", "tandem2", "key", KeyFarm, "value", "relay", "revision", "0"},
			"tandem2 cluster.farm relay admin", "SIP Farm of tandem2 is now Relay."},
		{"/settings/cluster", []string{"member", "", "key", KeyFallback, "value", "true", "revision", "0"},
			" cluster.fallback true admin", "If nobody is willing: Place locally."},
		{"/monitors/members/tandem2/drain", []string{"minutes", "30"}, "tandem2 drain 30m0s admin", "tandem2 is draining."},
		{"/monitors/members/tandem2/undrain", nil, "tandem2 undrain admin", "takes calls again"},
		{"/monitors/members/tandem3/forget", nil, "tandem3 forget admin", "is forgotten"},
	} {
		c := newTown()
		u := as(t, inTown(t, c), "admin")
		page := u.follow(u.post(x.path, x.form...))
		if len(c.told) != 1 || c.told[0] != x.told || !strings.Contains(page, x.shows) {
			t.Errorf("%s %v: told %q", x.path, x.form, c.told)
		}
		if again := u.get("/settings/cluster").Body.String(); strings.Contains(again, x.shows) {
			t.Errorf("%s: the notice comes twice", x.path)
		}
	}
	h := newHouse()
	u := as(t, inTownWith(t, newTown(), h), "admin")
	if page := u.follow(u.post("/monitors/legs/leg.tandem1.7.x/hangup")); len(h.hungUp) != 1 || !strings.Contains(page, "is being ended") {
		t.Errorf("hangup: %v", h.hungUp)
	}
	if page := u.follow(u.post("/monitors/registrations/1000@tandem.local/kick", "contact", "sip:x")); len(h.kicked) != 1 ||
		h.kicked[0] != "1000@tandem.local sip:x" || !strings.Contains(page, "1 registration of") {
		t.Errorf("kick: %v", h.kicked)
	}
}

func TestActsThatAreRefused(t *testing.T) {
	for _, x := range []struct {
		path string
		form []string
		says string
	}{
		{"/settings/cluster", []string{"member", "tandem2", "key", "member.data", "value", "relay", "revision", "0"}, "no setting"},
		{"/settings/cluster", []string{"member", "tandem2", "key", KeyFarm, "value", "remotely", "revision", "0"}, "no value"},
		{"/settings/cluster", []string{"member", "", "key", KeyFarm, "value", "relay", "revision", "0"}, "for each member"},
		{"/settings/cluster", []string{"member", "tandem2", "key", KeyFarm, "value", "relay", "revision", "x"}, "no number"},
		{"/settings/cluster", []string{"member", "tandem2", "key", KeyFarm, "value", "relay", "revision", "5"}, "4 s ago"},
		{"/settings/cluster", []string{"member", "nobody", "key", KeyFarm, "value", "relay", "revision", "0"}, "no member"},
		{"/monitors/members/tandem2/drain", []string{"minutes", "1441"}, "1440"},
		{"/monitors/members/tandem2/drain", []string{"minutes", "-1"}, "1440"},
		{"/monitors/members/nobody/drain", []string{"minutes", "0"}, "no member"},
		{"/monitors/tasks/task.tandem1.3.x/event", []string{"event", ""}, "needs a name"},
		{"/monitors/tasks/task.tandem1.3.x/event", []string{"event", strings.Repeat("x", 65)}, "needs a name"},
		{"/monitors/registrations/1000@tandem.local/kick", []string{"contact", "sip:nobody"}, "no such registration"},
	} {
		c := newTown()
		u := as(t, inTown(t, c), "admin")
		if page := u.follow(u.post(x.path, x.form...)); !strings.Contains(page, x.says) || !strings.Contains(page, "alert bad") {
			t.Errorf("%s %v does not say %q", x.path, x.form, x.says)
		}
	}
}

func TestRefusingCallsIsAskedFirst(t *testing.T) {
	c := newTown()
	u := as(t, inTown(t, c), "admin")
	form := []string{"member", "tandem2", "key", KeyCallLegs, "value", "locally", "revision", "42"}
	w := u.post("/settings/cluster", form...)
	if w.Code != 200 || !strings.Contains(w.Body.String(), "Set Locally and refuse the calls of tandem1") || len(c.told) != 0 {
		t.Fatalf("%d %v %s", w.Code, c.told, w.Body)
	}
	if w := u.do("POST", "/settings/cluster", url.Values{"member": {"tandem2"}, "key": {KeyCallLegs}, "value": {"locally"},
		"revision": {"42"}}.Encode(), script); !strings.Contains(w.Body.String(), `"ask":true`) || len(c.told) != 0 {
		t.Errorf("script: %s", w.Body)
	}
	if u.post("/settings/cluster", append(form, "sure", "yes")...); len(c.told) != 1 {
		t.Errorf("answered: %v", c.told)
	}
}

func TestWithoutQuorumNothingCanBeSet(t *testing.T) {
	c := newTown()
	c.view.Quorum = false
	u := as(t, inTown(t, c), "admin")
	page := u.get("/settings/cluster").Body.String()
	if strings.Contains(page, "<select") || !strings.Contains(page, "when the store is back") ||
		!strings.Contains(page, "settings cannot be changed just now") {
		t.Error("selects, or no reason")
	}
	if page := u.get("/monitors/members").Body.String(); !strings.Contains(page, "in the minority") {
		t.Error("the minority does not say so")
	}
}

func TestAloneThereIsOneRowAndTheNextStep(t *testing.T) {
	s := newServer(t, newHouse(), settings())
	page := as(t, s, "admin").get("/settings/cluster").Body.String()
	if !strings.Contains(page, "cluster.seeds") || strings.Count(page, `<th scope="row"><a`) != 1 || strings.Contains(page, "<select") {
		t.Error("not the page of one member")
	}
}

func TestHomeWhenAllIsWell(t *testing.T) {
	c, h := newTown(), newHouse()
	c.view.Members = c.view.Members[:2]
	u := as(t, inTownWith(t, c, h), "admin")
	if page := u.get("/").Body.String(); !strings.Contains(page, "All well") || strings.Contains(page, "Try it") {
		t.Error("not well")
	}
	h.legs, h.records = nil, nil
	if page := u.get("/").Body.String(); !strings.Contains(page, "Try it") || !strings.Contains(page, "9196") {
		t.Error("no first steps")
	}
	h.condition.Checks[0] = Check{Name: "media", Message: "no port is free"}
	if page := u.get("/").Body.String(); !strings.Contains(page, "1 thing needs you") || !strings.Contains(page, "no port is free") {
		t.Error("nothing of what is wrong")
	}
}

func TestListsAreFilteredAndSorted(t *testing.T) {
	h := newHouse()
	h.legs = nil
	for i, from := range []string{"b@x", "c@x", "a@x"} {
		l := exampleLeg()
		l.Handler, l.From, l.Member = fmt.Sprintf("leg.%d", i), from, fmt.Sprintf("tandem%d", i%2+1)
		h.legs = append(h.legs, l)
	}
	u := as(t, inTownWith(t, newTown(), h), "admin")
	order := regexp.MustCompile(`[abc]@x`)
	for query, want := range map[string]string{
		"": "bca", "?sort=from": "abc", "?sort=-from": "cba", "?lives=tandem1": "ba", "?lives=!tandem1": "c",
		"?number=A@": "a", "?sort=from&lives=tandem1": "ab", "?state=ringing": "", "?unknown=x": "bca",
	} {
		body := u.get("/monitors/legs" + query).Body.String()
		rows := body[strings.Index(body, "<tbody>"):strings.Index(body, "</tbody>")]
		got := ""
		for _, cell := range regexp.MustCompile(`<bdi>([abc]@x)</bdi>`).FindAllString(rows, -1) {
			got += order.FindString(cell)[:1]
		}
		if got != want {
			t.Errorf("%q: %s", query, got)
		}
	}
}

func TestLongListsSayThatThereIsMore(t *testing.T) {
	h := newHouse()
	h.legs = nil
	for i := range maxShown + 3 {
		l := exampleLeg()
		l.Handler = fmt.Sprintf("leg.%d", i)
		h.legs = append(h.legs, l)
	}
	body := as(t, inTownWith(t, newTown(), h), "admin").get("/monitors/legs").Body.String()
	if !strings.Contains(body, "3 more are not shown") || strings.Count(body, "<tr>") != maxShown+1 {
		t.Error("not cut, or not said")
	}
}

func TestAStrangersTextIsText(t *testing.T) {
	h := newHouse()
	h.legs[0].From = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
	u := as(t, inTownWith(t, newTown(), h), "admin")
	for _, path := range []string{"/monitors/legs", "/monitors/legs/leg.tandem1.7.x", "/monitors/legs/leg.tandem1.7.x/hangup",
		"/monitors/legs?number=" + url.QueryEscape(`"><script>alert(1)</script>`), "/login?to=" + url.QueryEscape(`"><script>`)} {
		body := u.get(path).Body.String()
		if strings.Contains(body, "<script>") || strings.Contains(body, "<img") {
			t.Errorf("%s: acts", path)
		}
	}
}

func TestColours(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "admin")
	w := u.post("/theme", "dark", "1", "to", "/monitors/legs")
	if c := w.Result().Cookies()[0]; w.Header().Get("Location") != "/monitors/legs" || c.Value != "dark" {
		t.Errorf("%v", w.Header())
	}
	page := u.do("GET", "/", "", func(r *http.Request) { r.AddCookie(&http.Cookie{Name: themeCookie, Value: "dark"}) })
	if !strings.Contains(page.Body.String(), `data-theme="dark"`) {
		t.Error("not dark")
	}
}

func TestRefusalsArePagesForBrowsers(t *testing.T) {
	s := inTown(t, newTown())
	u := as(t, s, "admin")
	for path, status := range map[string]int{"/nothing": 404, "/monitors/legs/gone": 404, "/monitors/legs?sort=x": 400} {
		w := u.get(path)
		if w.Code != status || !strings.Contains(w.Body.String(), "alert bad") || !strings.Contains(w.Header().Get("Content-Type"), "html") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header())
		}
	}
	if w := (&user{t: t, s: s}).get("/nothing"); w.Code != 404 || strings.Contains(w.Body.String(), "tandem1") {
		t.Errorf("a stranger learns who is here: %s", w.Body)
	}
}

func TestKnownPathsAreTheRealms(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/monitors/legs": true, "/monitors/legs/x": true, "/monitors": false,
		"/monitors/legsx": false, "/api/v1/legs": false, "/logout": false, "": false} {
		if screen.Known(path) != want {
			t.Errorf("%q", path)
		}
	}
}

func secure(r *http.Request) { r.TLS = &tls.ConnectionState{} }
