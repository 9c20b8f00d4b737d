package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestReportPages: every report arrives filled, its numbers lead to their calls, and its address is the question.
func TestReportPages(t *testing.T) {
	s := inTown(t, newTown())
	asked := &ReportQuery{}
	s.services.Reports = houseReports{asked}
	u := as(t, s, "watcher")
	for name, view := range reportViews {
		body := u.get("/reports/" + name + "?source=cluster:A%7CB-&from=2026-01-01&queues=q1&behind=state%3Dlost").Body.String()
		for _, text := range append([]string{view.title, `value="cluster:A|B-"`, `value="2026-01-01"`, "calls only", "The calls behind the number",
			"format=xlsx", "&lt;img src=x", ">11<", "54.5 %"}, view.blocks...) {
			if !strings.Contains(body, text) {
				t.Errorf("%s is without %q", name, text)
			}
		}
	}
	if asked.Source != "cluster:A|B-" || asked.Asked["queues"][0] != "q1" || asked.Asked["behind"] != nil || asked.Asked["source"] != nil {
		t.Errorf("%+v", asked)
	}
	body := u.get("/reports/distribution?from=2026-01-01&zone=Europe/Berlin").Body.String()
	for _, text := range []string{`aria-label="10:00, 32 answered, 2 lost"`, `<rect class="hatch bad"`, "behind=state%3Dlost", "zone=Europe%2FBerlin"} {
		if !strings.Contains(body, text) {
			t.Errorf("no %q", text)
		}
	}
	if body := u.get("/reports/level").Body.String(); !strings.Contains(body, `<path class="line" d="M34`) || !strings.Contains(body, s.now().UTC().AddDate(0, 0, -6).Format(time.DateOnly)) {
		t.Error("no line, or not the last week")
	}
	if w := u.get("/reports/overview?source=sql:D"); w.Code != 200 || !strings.Contains(w.Body.String(), "there is no partition") {
		t.Error(w.Code)
	}
	if w := u.get("/reports/nothing"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	if w := u.get("/reports"); w.Header().Get("Location") != "/reports/overview" {
		t.Error(w.Code, w.Header())
	}
	s.services.Reports = nil
	if w := u.get("/reports/overview"); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

// TestReportPagesAreSound looks at reports in a browser, and follows a number to its calls.
func TestReportPagesAreSound(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("admin")
	for _, path := range []string{"/reports/overview", "/reports/distribution", "/reports/calls"} {
		p.open(path + "?from=2026-01-01&behind=state%3Dlost")
		p.sound("page" + path)
	}
	st.services.QueueLogs = houseLogs{now: time.Now}
	p.open("/reports/call?key=B:1795305028.4")
	p.sound("page/reports/call")
	p.open("/reports/distribution?from=2026-01-31&to=2026-02-01")
	p.sound("page/reports/restart")
	p.open("/reports/overview?from=2026-01-01")
	if rows := eval[int](p, `(document.querySelector('#live a.n[href*="behind"]').click(), 1)`); rows != 1 {
		t.Error("no number leads anywhere")
	}
	p.await(`document.getElementById("h-behind")`)
	p.open("/reports/overview?from=2026-01-01&at=1")
	p.await(`document.querySelector("#news a:not([hidden])")?.textContent.startsWith("4 new calls since 1970")`)
	eval[bool](p, `document.querySelector("#news a").click(), true`)
	p.await(`location.pathname === "/reports/overview" && !location.search.includes("at=") && document.querySelector("#news a[hidden]")`)
	p.open("/reports/overview?from=2026-01-01&behind=state%3Dlost")
	if n := eval[int](p, `document.querySelectorAll('section[aria-labelledby="h-behind"] tbody tr').length`); n != 4 {
		t.Errorf("%d calls behind 4", n)
	}
}

// A report of a period that is not over is that of one moment, which its links keep; calls since then are counted and can be
// looked at. What was open at the moment is told, and what a restart has cut is a link away.
func TestAReportKeepsItsMoment(t *testing.T) {
	s := inTown(t, newTown())
	s.now = func() time.Time { return moment.Add(400 * time.Millisecond) }
	asked := &ReportQuery{}
	s.services.Reports = houseReports{asked}
	u := as(t, s, "watcher")
	at := moment.Unix()
	until := moment.UTC().Format("2006-01-02T15:04:05")
	body := u.get("/reports/overview?from=2025-11-01&queues=q1").Body.String()
	for _, text := range []string{"as of " + moment.UTC().Format(time.DateTime), fmt.Sprintf(`data-from="/reports/new?at=%d&amp;from=2025-11-01`, at), "Still open",
		`href="/reports/overview?from=2025-11-01&amp;queues=q1&amp;source=cluster%3A%2A&amp;zone=UTC"`, "to=" + url.QueryEscape(until),
		fmt.Sprintf(`href="/reports/overview?at=%d&amp;`, at)} {
		if !strings.Contains(body, text) {
			t.Errorf("no %q", text)
		}
	}
	if body := u.get(fmt.Sprintf("/reports/overview?at=%d&zone=Europe/Berlin", at-3600)).Body.String(); !strings.Contains(body, "as of "+moment.Add(-time.Hour).In(berlin(t)).Format(time.DateTime)) {
		t.Error("a link has lost its moment")
	}
	next := moment.Add(time.Second).UTC().Format("2006-01-02T15:04:05")
	open := "/reports/calls?" + url.Values{"at": {fmt.Sprint(at)}, "from": {until}, "to": {next}, "source": {"cluster:*"}, "zone": {"UTC"}}.Encode()
	if body := u.get("/reports/overview?from=2025-11-01&whole=yes").Body.String(); !strings.Contains(body, html.EscapeString(open)) {
		t.Error("calls that are open are not shown in a report of those that are fully within the period")
	}
	if asked.Asked["whole"] != nil || asked.Asked["from"][0] != until {
		t.Errorf("asked for open calls: %+v", asked)
	}
	if body := u.get("/reports/overview?from=2025-01-01&to=2025-02-01").Body.String(); strings.Contains(body, "as of ") || strings.Contains(body, `id="news"`) {
		t.Error("a period that is over waits for calls")
	}
	var told struct {
		Calls int
		Text  string
	}
	w := u.do("GET", "/reports/new?at=1&queues=q1", "", script)
	if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.Calls != 4 || !strings.HasPrefix(told.Text, "4 new calls since 1970-01-01 00:00:01") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if asked.Asked["from"][0] != "1970-01-01T00:00:01" || asked.Asked["to"] != nil || asked.Asked["queues"][0] != "q1" || asked.By.Account != "watcher" {
		t.Errorf("asked %+v", asked)
	}
	if w := u.do("GET", "/reports/new?to=2025-02-01", "", script); w.Code != 400 {
		t.Error(w.Code)
	}
}

// Where a server was started again is marked in charts by day and by hour of one day, and named beside its partition.
func TestRestartsInReports(t *testing.T) {
	s := inTown(t, newTown())
	s.now = func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }
	u := as(t, s, "watcher")
	body := u.get("/reports/distribution?from=2026-01-31&to=2026-02-01").Body.String()
	for _, text := range []string{"2026-01-31 12:58:20", "where=server%3DB%26cause%3DRestart", ">B restarted</text>", "B restarted in bar 5"} {
		if !strings.Contains(body, text) {
			t.Errorf("no %q", text)
		}
	}
	if strings.Contains(body, "2025-12-01") {
		t.Error("a restart outside of the period")
	}
	if body := u.get("/reports/distribution?from=2026-01-01&to=2026-02-01").Body.String(); strings.Contains(body, "B restarted") || !strings.Contains(body, "2026-01-31 12:58:20") {
		t.Error("an hour of many days was not that of the restart, or the restart is not named")
	}
	if body := u.get("/reports/distribution?from=2025-11-01&to=2025-11-02").Body.String(); strings.Contains(body, "restarted") {
		t.Error("a restart of another day")
	}
}

// The page of a call has the lines of its log, for who may see all queues.
func TestTheLinesBehindACall(t *testing.T) {
	s := inTown(t, newTown())
	s.services.QueueLogs = houseLogs{now: s.now}
	body := as(t, s, "watcher").get("/reports/call?key=B:1795305028.4").Body.String()
	for _, text := range []string{"The lines of its log", "enters sales", "ENTERQUEUE||&lt;img src=x", ">12<", "still waits", ">end<"} {
		if !strings.Contains(body, text) {
			t.Errorf("no %q", text)
		}
	}
	if body := as(t, s, "watcher").get("/reports/call?key=B:1.1").Body.String(); !strings.Contains(body, "no line names the call") {
		t.Error("nothing is said of a call without lines")
	}
	if body := as(t, s, "leader").get("/reports/call?key=B:1795305028.4").Body.String(); strings.Contains(body, "ENTERQUEUE") {
		t.Error("who supervises one queue sees lines of others")
	}
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestNewsStopWhereNoneCome: a page whose period is over, or whose login is, asks no more.
func TestNewsStopWhereNoneCome(t *testing.T) {
	st := openStage(t)
	p := st.tab()
	p.enter("watcher")
	p.open("/reports/overview?from=2026-01-01&at=1")
	eval[bool](p, `window.asked = 0; window.cleared = 0; const end = window.clearInterval;
		window.clearInterval = (i) => { cleared++; end(i) };
		window.fetch = () => { asked++; return Promise.resolve(new Response("{}", {status: answer})) }; window.answer = 503;
		window.again = () => import(document.querySelector("script[type=module]").src.replace("app.js", "news.js")).then((n) => { n.news(); return true }); again()`)
	p.await(`asked === 1 && cleared === 0`)
	for i, status := range []int{400, 401} {
		eval[bool](p, `window.answer = %d; again()`, status)
		p.await(`cleared === %d`, i+1)
	}
}
