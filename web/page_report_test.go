package web

import (
	"net/http"
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
	p.open("/reports/overview?from=2026-01-01")
	if rows := eval[int](p, `(document.querySelector('#live a.n[href*="behind"]').click(), 1)`); rows != 1 {
		t.Error("no number leads anywhere")
	}
	p.await(`document.getElementById("h-behind")`)
	if n := eval[int](p, `document.querySelectorAll('section[aria-labelledby="h-behind"] tbody tr').length`); n != 4 {
		t.Errorf("%d calls behind 4", n)
	}
}
