package web

import (
	"net/http"
	"strconv"
)

// statsRoutes are the addresses at which programs written for QueueMetrics ask for reports (reference queuelog.md 3.3).
var statsRoutes = []string{"/QmStats/jsonStatsApi.do", "/queuemetrics/QmStats/jsonStatsApi.do",
	"/QmRealtime/jsonStatsApi.do", "/queuemetrics/QmRealtime/jsonStatsApi.do"}

// stats answers as those programs expect it: an object with the result, and each block as a list of rows of text, of
// which the first are the heads; with jsonFormat=simple as a list of objects. Who asks shows the password of an account
// that is a robot, a supervisor or an administrator.
func (s *Server) stats(w http.ResponseWriter, r *http.Request) {
	began := s.now()
	who, err := s.program(w, r, roleRobot, roleSupervisor)
	by := Asker{Name: who.Account, Account: who.Account}
	if err == nil && s.services.Reports == nil {
		err = errNoReports
	}
	var found Report
	if err == nil {
		found, err = s.statsReport(r, by)
	}
	status, words, description := http.StatusOK, "OK", ""
	if err != nil {
		e := s.explain(r, err)
		status, words, description = e.Status, "ERROR", e.Message
	}
	answer := map[string]any{"result": [][]string{{"Status", words}, {"Description", description},
		{"Time elapsed (ms)", strconv.FormatInt(s.now().Sub(began).Milliseconds(), 10)},
		{"Version", "Tandem " + s.services.Health.Health().Version}}}
	for _, t := range found.Tables {
		if r.FormValue("jsonFormat") == "simple" {
			answer[t.Name] = t.objects()
			continue
		}
		answer[t.Name] = t.texts()
	}
	writeJSON(w, status, answer)
}

// statsReport reads the question. Others write "no limit" and "all" in ways of their own, which the reader of questions
// knows; the single agent is called agent.
func (s *Server) statsReport(r *http.Request, by Asker) (none Report, err error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	q, err := reportQuery(r, by)
	if err != nil {
		return none, err
	}
	if len(q.Blocks) == 0 {
		return none, Invalid("no block is asked for: block=OkDO.RiassAllCalls")
	}
	if agents := q.Asked["agent"]; len(agents) > 0 {
		q.Asked["agents"] = append(q.Asked["agents"], agents...)
	}
	return s.services.Reports.Report(r.Context(), q)
}

// texts are the heads and the rows, all text.
func (t ReportTable) texts() [][]string {
	rows := [][]string{t.heads()}
	for _, row := range t.Rows {
		words := make([]string, len(row))
		for i, c := range row {
			words[i] = c.Text
		}
		rows = append(rows, words)
	}
	return rows
}

func (t ReportTable) heads() []string {
	heads := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = c.Name
	}
	return heads
}

// objects are the rows as objects. Of heads that are alike the second has a 2 behind it.
func (t ReportTable) objects() []map[string]string {
	names, seen := t.heads(), map[string]int{}
	for i, name := range names {
		if seen[name]++; seen[name] > 1 {
			names[i] = name + " " + strconv.Itoa(seen[name])
		}
	}
	all := make([]map[string]string, 0, len(t.Rows))
	for _, row := range t.Rows {
		one := map[string]string{}
		for i, c := range row {
			one[names[i]] = c.Text
		}
		all = append(all, one)
	}
	return all
}
