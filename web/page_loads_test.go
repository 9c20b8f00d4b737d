package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// houseLogs stand in for the queue logs of five servers, one in each state and our own. Their clock is that of now.
type houseLogs struct {
	QueueLogs
	now func() time.Time
}

// Partitions implements QueueLogs.
func (h houseLogs) Partitions(_ context.Context, name string) ([]Partition, error) {
	now := h.now()
	all := []Partition{
		{Name: "A", State: "live", Lines: 2410, Rows: 2400, Last: now.Add(-2 * time.Second), Writer: "pbx-a:/var/log/asterisk/queue_log", Address: "10.0.0.1",
			Version: "1.2", Heard: now.Add(-time.Second), Ahead: 0.25, Refused: "pbx-a2 10.0.0.9", RefusedAt: now.Add(-3 * time.Minute),
			Loads: []Visit{{Writer: "pbx-a", File: "8f2c", Begin: now.Add(-time.Hour), Last: now.Add(-2 * time.Second), Added: 410, Present: 7},
				{Writer: hostile, File: hostile, Begin: now.Add(-2 * time.Hour), Last: now.Add(-2 * time.Hour), Refusal: "late"}}},
		{Name: "B", State: "behind", Lines: 90, Rows: 90, Malformed: 3, Last: now.Add(-time.Hour), Writer: "pbx-b", Heard: now, Behind: 70000},
		{Name: "C", State: "quiet", Lines: 5, Rows: 5, Last: now.Add(-3 * time.Hour), Writer: "pbx-c", Heard: now},
		{Name: "D", State: "cut off", Lines: 5, Rows: 5, Last: now.Add(-26 * time.Hour), Heard: now.Add(-25 * time.Hour)},
		{Name: "tandem1", State: "live", Own: true, Lines: 12, Rows: 12, Last: now, Writer: "tandem2", Heard: now},
	}
	if name != "" {
		all = slices.DeleteFunc(all, func(p Partition) bool { return p.Name != name })
	}
	return all, nil
}

// Explain implements QueueLogs.
func (houseLogs) Explain(_ context.Context, call string) (LogStory, error) {
	if call != "B:1795305028.4" {
		return LogStory{}, NotFound("no line names the call")
	}
	return LogStory{Call: call, Steps: []LogStep{{Line: 12, Text: "1795305028|1795305028.4|sales|NONE|ENTERQUEUE||" + hostile + "|1", What: "enters sales"},
		{What: "still waits: neither answered nor lost"}}}, nil
}

// TestLoadsPage: what is cut off is not what is quiet; two writers are named; a partition without a writer says how to get one.
func TestLoadsPage(t *testing.T) {
	s := inTown(t, newTown())
	s.services.QueueLogs = houseLogs{now: s.now}
	u := as(t, s, "watcher")
	for path, want := range map[string][]string{
		"/reports/loads": {"Cut off", "Quiet", "Behind", "Live", "70000", "pbx-a:/var/log/asterisk/queue_log at 10.0.0.1, version 1.2", "pbx-a2 10.0.0.9", "Two writers",
			"own queues, by tandem2", `href="/reports/loads/D"`, ">10<", "none", `data-topic="loads"`},
		"/reports/loads/A":                     {"Refused: late", "410", "Two writers", "Taken"},
		"/reports/loads/D":                     {"tandem queuelog tail --partition D", "Nothing was loaded since"},
		"/reports/loads/tandem1":               {"come from the journal"},
		"/events?topics=loads&now=1":           {"Cut off", "70000"},
		"/events?topics=load%3Fname%3DA&now=1": {"Refused: late"},
	} {
		w := u.get(path)
		for _, text := range want {
			if w.Code != 200 || !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s: %d without %q", path, w.Code, text)
			}
		}
		if strings.Contains(w.Body.String(), "<img src=x") {
			t.Errorf("%s: a name of a stranger acts", path)
		}
	}
	if w := u.get("/reports/loads/none"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	s.services.QueueLogs = nil
	if w := u.get("/reports/loads"); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code)
	}
}

// TestLoadsPageIsSound looks at it in a browser.
func TestLoadsPageIsSound(t *testing.T) {
	st := openStage(t)
	st.services.QueueLogs = houseLogs{now: time.Now}
	p := st.tab()
	p.do(chromedp.EmulateViewport(1400, 1000))
	p.enter("admin")
	for _, path := range []string{"/reports/loads", "/reports/loads/A", "/reports/loads/D"} {
		p.open(path)
		p.sound("page" + path)
	}
}
