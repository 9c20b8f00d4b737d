package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const callPath = reportsPath + "/call"

// callHref is the page of a call in a queue_log.
func callHref(key string, at int64) string {
	return callPath + "?" + url.Values{"key": {key}, "at": {strconv.FormatInt(at, 10)}}.Encode()
}

// callPage shows one call of a queue_log: its way through queues, and what was recorded of it.
func (s *Server) callPage(r *http.Request, v visitor) (screen.Page, error) {
	c, err := logCall(r)
	if err != nil {
		return screen.Page{}, err
	}
	page := screen.Page{Title: "Call " + c.String(), Realm: "reports", Crumbs: []screen.Crumb{{Label: "Reports", Href: reportsPath}}}
	if s.services.Reports == nil {
		return page, errNoReports
	}
	found, err := s.services.Reports.Report(r.Context(), ReportQuery{By: v.asker(), Source: "sql:" + c.Partition, Blocks: []string{callsBlock},
		Asked: around(c)})
	if err != nil {
		return page, err
	}
	p := &reportPage{path: reportsPath + "/calls", ask: url.Values{"source": {"sql:" + c.Partition}, "zone": {"UTC"}}}
	stints := p.panel(found.Tables[0], maxShown)
	stints.ID, stints.Title = "stints", "Its way through queues, UTC"
	page.View.Panels = []screen.Panel{stints, s.recorded(r, v, c)}
	if v.right >= screen.Supervisor && s.services.QueueLogs != nil { // its lines may tell of other queues
		page.View.Panels = append(page.View.Panels, s.explained(r, c))
	}
	return page, nil
}

// maxSteps is how many lines of one call a page shows.
const maxSteps = 500

// explained has the lines of the log behind a call, and what each has done to it.
func (s *Server) explained(r *http.Request, c LogCall) screen.Panel {
	t := &screen.Table{Wrap: true, Columns: []screen.Column{{Label: "Line", Num: true, Width: "w5"}, {Label: "What it did", Width: "w18"},
		{Label: "The line", Width: "w18"}}}
	panel := screen.Panel{ID: "lines", Title: "The lines of its log", Quiet: "as they stand in the queue log of " + c.Partition, Table: t}
	story, err := s.services.QueueLogs.Explain(r.Context(), c.String())
	if err != nil {
		t.Empty = s.explain(r, err).Message
	}
	for i, step := range story.Steps {
		if i == maxSteps {
			t.More = fmt.Sprintf("%d more are not shown: tandem queuelog explain tells all.", len(story.Steps)-maxSteps)
			break
		}
		line := screen.Number(uint64(step.Line))
		if step.Line == 0 {
			line = screen.Cell{Text: "end", Num: true, Muted: true}
		}
		t.Rows = append(t.Rows, screen.Row{Key: strconv.Itoa(i), Cells: []screen.Cell{line, screen.Text(step.What), screen.Mono(step.Text)}})
	}
	return panel
}

// around asks for a call by when it was: one day after it entered at most, where its id or a list says when that was.
func around(c LogCall) map[string][]string {
	asked := map[string][]string{"where": {"call=" + url.QueryEscape(c.String())}, "zone": {"UTC"}}
	if at := c.Entered(); at > 0 {
		asked["from"] = []string{time.Unix(at, 0).UTC().Format(time.DateTime)}
		asked["to"] = []string{time.Unix(at+86400, 0).UTC().Format(time.DateTime)}
	}
	return asked
}

// Entered is when a call entered a queue, or a little before: ids of calls begin with when they were made.
func (c LogCall) Entered() int64 {
	if c.At > 0 {
		return c.At
	}
	id := c.ID
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		id = id[i+1:]
	}
	seconds, _, ok := strings.Cut(id, ".")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if !ok || err != nil || len(seconds) < 9 || len(seconds) > 11 {
		return 0
	}
	return at
}

// recorded lists the recordings of a call.
func (s *Server) recorded(r *http.Request, v visitor, c LogCall) screen.Panel {
	t := &screen.Table{Roomy: true, Empty: "No recording was found. Where recordings of partition " + c.Partition + " lie is said by reports.recordings.",
		Columns: []screen.Column{{Label: "File", Width: "w18"}, {Label: "Size", Num: true, Width: "w6"}, {Label: "Listen", Width: "w18"}}}
	panel := screen.Panel{ID: "recordings", Title: "Recordings", Table: t}
	all, trouble, err := s.logRecordings(r, v.asker(), c)
	if err != nil {
		t.Empty = s.explain(r, err).Message
	}
	if trouble != "" {
		panel.Notes = []screen.Remark{{State: screen.StateOf("notice", "refused"), Text: trouble}}
	}
	for _, one := range all {
		size := screen.Cell{Num: true, Muted: true, Text: "not told"}
		if one.Size >= 0 {
			size = screen.Cell{Num: true, Text: fmt.Sprintf("%.1f MB", float64(one.Size)/1e6)}
		}
		heard := screen.Cell{Sound: one.Href, Text: one.Name}
		if one.Kind == plainBytes {
			heard = screen.Cell{Text: "Download", Href: one.Href}
		}
		t.Rows = append(t.Rows, screen.Row{Key: one.Href, Cells: []screen.Cell{screen.Text(one.Name), size, heard}})
	}
	return panel
}
