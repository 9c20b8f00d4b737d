package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// houseReports stand in for the queue logs of two servers. They tell what they were asked last.
type houseReports struct{ asked *ReportQuery }

// restartsOfB are one of a month before, and one at noon of a day whose hours the charts have.
var restartsOfB = []int64{time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC).Unix(), time.Date(2026, 1, 31, 12, 58, 20, 0, time.UTC).Unix()}

func (houseReports) Blocks() []ReportBlock {
	return []ReportBlock{{"KoDO.OverviewOkKo", "Overview by queue"}}
}

func (h houseReports) Report(_ context.Context, q ReportQuery) (Report, error) {
	if h.asked != nil && len(q.Asked["where"]) == 0 {
		*h.asked = q
	}
	if strings.Contains(q.Source, "D") {
		return Report{}, NotFound("there is no partition %q", "D")
	}
	out := Report{Source: q.Source, Parts: []ReportPart{{Name: "A", Lines: 100, Last: moment.Unix()}, {Name: "B", CallsOnly: true, Restarts: restartsOfB}}}
	for _, name := range q.Blocks {
		out.Tables = append(out.Tables, exampleTable(name, len(q.Asked["where"]) > 0 || len(q.Asked["queues"]) > 0))
	}
	return out, nil
}

func (h houseReports) Write(_ context.Context, q ReportQuery, format string, to io.Writer) error {
	if strings.Contains(q.Source, "D") {
		return NotFound("there is no partition %q", "D")
	}
	_, err := fmt.Fprint(to, format, " of ", strings.Join(q.Blocks, " "))
	return err
}

// exampleTable is a table of a name; less: with fewer rows.
func exampleTable(name string, less bool) ReportTable {
	text := func(s string) ReportCell { return ReportCell{Kind: "text", Text: s} }
	number := func(kind string, n float64, where string) ReportCell {
		return ReportCell{Kind: kind, Text: fmt.Sprint(n), Value: n, Where: where}
	}
	t := ReportTable{Name: name, Title: "Title of " + name}
	switch {
	case name == "KoDO.Totals":
		for what, c := range map[string]ReportCell{"Offered": number("count", 11, "state=offered"), "Answered": number("count", 7, "state=answered"),
			"Lost": number("count", 4, "state=lost"), "Of offered in time": number("percent", 54.5, ""), "Avg wait": number("seconds", 10.43, ""),
			"Avg talk": number("seconds", 69.83, "")} {
			t.Rows = append(t.Rows, []ReportCell{text(what), c})
		}
		t.Columns = []ReportColumn{{"What", "text"}, {"Value", "text"}}
	case name == "DetailsDO.Calls":
		t.Columns = []ReportColumn{{"Date", "moment"}, {"Caller", "text"}, {"Wait", "seconds"}, {"Call", "text"}}
		for i := range 4 {
			t.Rows = append(t.Rows, []ReportCell{{Kind: "moment", Text: "2026-01-31 12:00:00", Value: 1}, text(hostile), number("seconds", float64(i), ""),
				text(fmt.Sprintf("B:%d", i))})
		}
	case name == "OkDO.ServiceLevelAgreement":
		t.Columns = []ReportColumn{{"Answer", "text"}, {"N. Calls", "count"}, {"Delta", "count"}, {"Percent", "percent"}, {"Of Offered", "percent"}}
		for i, n := range []float64{20, 40, 66.6} {
			t.Rows = append(t.Rows, []ReportCell{text(fmt.Sprintf("Within %d seconds", 10*(i+1))), number("count", n, "state=answered"), number("count", 1, ""),
				number("percent", n, ""), number("percent", n, "")})
		}
	case strings.Contains(name, "PerHr"), strings.Contains(name, "PerDay"), strings.Contains(name, "PerDOW"):
		t.By = "hour"
		t.Columns = []ReportColumn{{"Hour", "text"}, {"Answered", "count"}, {"Lost", "count"}}
		for i := range 12 {
			t.Rows = append(t.Rows, []ReportCell{text(fmt.Sprintf("%02d:00", 8+i)), number("count", float64(30+i), "state=answered"), number("count", float64(i), "state=lost")})
		}
	default:
		t.By = "queue"
		t.Columns = []ReportColumn{{"Queue", "text"}, {"Lost", "count"}, {"Avg wait", "seconds"}, {"Avg wait", "seconds"}}
		t.Rows = [][]ReportCell{{text(hostile), number("count", 4, "state=lost&queue=q1"), number("seconds", 12.2, ""), {Kind: "seconds"}}}
	}
	t.JSON, _ = json.Marshal(map[string]string{"name": name})
	return t
}

func TestReportsOverREST(t *testing.T) {
	s := inTown(t, newTown())
	for path, want := range map[string]string{
		"/api/v1/reports/blocks":                                  `{"blocks":[{"name":"KoDO.OverviewOkKo","title":"Overview by queue"}]}`,
		"/api/v1/reports?block=KoDO.OverviewOkKo&format=csv":      "csv of KoDO.OverviewOkKo",
		"/api/v1/reports?block=KoDO.OverviewOkKo,OkDO.IvrOk":      "json of KoDO.OverviewOkKo OkDO.IvrOk",
		"/api/v1/reports?format=csv":                              "no block is asked for",
		"/api/v1/reports?block=x&format=pdf":                      "is not csv, xlsx or json",
		"/api/v1/reports?block=x&source=sql:D":                    "there is no partition",
		"/api/v1/reports?block=" + strings.Repeat("x,", 65) + "x": "at most 64 blocks",
	} {
		if w := ask(s, "GET", path, ""); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	w := ask(s, "GET", "/api/v1/reports?block=x&format=xlsx", "")
	if w.Header().Get("Content-Disposition") != `attachment; filename="report.xlsx"` || !strings.Contains(w.Header().Get("Content-Type"), "spreadsheetml") {
		t.Error(w.Header())
	}
	if w := as(t, s, "watcher").get("/api/v1/reports/blocks"); w.Code != http.StatusOK {
		t.Error("a supervisor may not ask for reports", w.Code)
	}
}

// TestReportsForProgramsOfOthers: the interface that clients of QueueMetrics speak.
func TestReportsForProgramsOfOthers(t *testing.T) {
	h := newHouse()
	s := inTownWith(t, newTown(), h)
	asked := &ReportQuery{}
	s.services.Reports = houseReports{asked}
	question := url.Values{"queues": {"q1|q2"}, "from": {"2026-01-01.00:00:00"}, "to": {"2026-01-02.00:00:00"}, "agent": {"Agent/101"},
		"block": {"KoDO.OverviewOkKo", "OkDO.RiassAllCalls"}}
	as := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	for _, path := range statsRoutes {
		for _, w := range []interface {
			Result() *http.Response
		}{ask(s, "GET", path+"?"+question.Encode(), "", as("robot", "1234")), ask(s, "POST", path, question.Encode(), as("robot", "1234"), form)} {
			var got map[string][][]string
			res := w.Result()
			if err := json.NewDecoder(res.Body).Decode(&got); err != nil || res.StatusCode != 200 {
				t.Fatal(err, res.StatusCode)
			}
			if got["result"][0][1] != "OK" || got["KoDO.OverviewOkKo"][0][1] != "Lost" || got["KoDO.OverviewOkKo"][1][1] != "4" || got["OkDO.RiassAllCalls"] == nil {
				t.Errorf("%v", got)
			}
		}
	}
	if asked.Source != "cluster:*" || asked.Asked["agents"][0] != "Agent/101" || asked.By.Account != "robot" {
		t.Errorf("%+v", asked)
	}
	var simple struct {
		Rows []map[string]string `json:"KoDO.OverviewOkKo"`
	}
	w := ask(s, "GET", statsRoutes[0]+"?jsonFormat=simple&block=KoDO.OverviewOkKo", "", as("watcher", "1234"))
	if err := json.Unmarshal(w.Body.Bytes(), &simple); err != nil || simple.Rows[0]["Avg wait"] != "12.2" || simple.Rows[0]["Avg wait 2"] != "" {
		t.Errorf("%v %s", err, w.Body)
	}
	for _, x := range []struct {
		user, query string
		status      int
		says        string
	}{{"1000", "?block=x", 403, "lacks the role robot or supervisor"}, {"nobody", "?block=x", 401, "wrong"}, {"robot", "", 400, "no block is asked for"},
		{"robot", "?block=x&source=sql:D", 404, "there is no partition"}} {
		w := ask(s, "GET", statsRoutes[0]+x.query, "", as(x.user, "1234"))
		if w.Code != x.status || !strings.Contains(w.Body.String(), x.says) || !strings.Contains(w.Body.String(), `["Status","ERROR"]`) {
			t.Errorf("%s %s: %d %s", x.user, x.query, w.Code, w.Body)
		}
	}
	s.services.Reports = nil
	if w := ask(s, "GET", statsRoutes[0]+"?block=x", "", as("robot", "1234")); w.Code != http.StatusServiceUnavailable {
		t.Error(w.Code, w.Body)
	}
}
