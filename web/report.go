package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"tandem/web/screen"
)

// Reports make tables of queue logs. Who supervises some queues alone has calls and attempts of those, pauses in them, and
// no sessions: those belong to no queue. A refusal is an *Error.
type Reports interface {
	// Blocks are the tables that there are, by name.
	Blocks() []ReportBlock
	// Report makes some of them, in the order in which they were asked for.
	Report(ctx context.Context, q ReportQuery) (Report, error)
	// Write writes them as a file in a format: csv, xlsx or json.
	Write(ctx context.Context, q ReportQuery, format string, to io.Writer) error
}

// ReportBlock is a table that a report can have.
type ReportBlock struct {
	Name  string `json:"name"`  // OkDO.RiassAllCalls
	Title string `json:"title"` // in plain words
}

// ReportQuery is a question about queue logs.
type ReportQuery struct {
	By     Asker
	Source string              // which partitions are read as one: cluster:A|B-|C
	Blocks []string            // names of tables
	Asked  map[string][]string // of what, and by which measures: from, to, zone, queues, ...
}

// Report is what was found.
type Report struct {
	Source string       `json:"source"`
	Parts  []ReportPart `json:"parts"`
	Tables []ReportTable
}

// ReportPart is a partition that was read.
type ReportPart struct {
	Name      string `json:"name"`
	CallsOnly bool   `json:"calls_only"` // not what agents do
	Lines     uint64 `json:"lines"`
	Last      int64  `json:"last"` // time of its last line, seconds since 1970; 0: there is none

	Restarts []int64 `json:"-"` // when its server was started again, seconds since 1970; of Report alone
}

// ReportTable is a table that was made.
type ReportTable struct {
	Name, Title string
	By          string // what its rows are: queue, hour, ...; "": something else
	Columns     []ReportColumn
	Rows        [][]ReportCell
	Cut         bool            // there are more rows
	JSON        json.RawMessage // the same, as programs read it
}

// ReportColumn is the head of one.
type ReportColumn struct{ Name, Kind string }

// ReportCell is one value.
type ReportCell struct {
	Kind  string // text, count, seconds, percent, ratio, moment
	Text  string // as programs read it; "": not known, or of nothing
	Value float64
	Where string // of the calls that the number counts: asked for with it, DetailsDO.Calls has these
}

// roleRobot lets a program ask for reports, and for nothing else.
const roleRobot = "robot"

// maxBlocksAsked is how many tables one request asks for.
const maxBlocksAsked = 64

// reportRoutes are the answers about reports.
func (s *Server) reportRoutes() map[string]answer {
	return map[string]answer{"GET /api/v1/reports/blocks": s.reportBlocks}
}

func (s *Server) reportBlocks(*http.Request) (any, error) {
	if s.services.Reports == nil {
		return nil, errNoReports
	}
	return map[string]any{"blocks": s.services.Reports.Blocks()}, nil
}

var errNoReports = Unavailable("this member keeps no queue logs of which reports could be made")

// reportQuery is the question of a request. Without a source it is about all partitions.
func reportQuery(r *http.Request, by Asker) (q ReportQuery, err error) {
	if err := r.ParseForm(); err != nil {
		return q, Invalid("the question can not be read")
	}
	q = ReportQuery{By: by, Source: "cluster:*", Asked: map[string][]string{}}
	for name, values := range r.Form {
		switch name {
		case "source":
			if values[0] != "" {
				q.Source = values[0]
			}
		case "block":
			for _, v := range values {
				q.Blocks = append(q.Blocks, strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == '|' })...)
			}
		default:
			q.Asked[name] = values
		}
	}
	if len(q.Blocks) > maxBlocksAsked {
		return q, Invalid("a report has at most %d blocks", maxBlocksAsked)
	}
	return q, nil
}

// fileKinds are the formats of reports as files, and their content types.
var fileKinds = map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// reportFile answers with a report: JSON, or the format that is asked for.
func (s *Server) reportFile(w http.ResponseWriter, r *http.Request) {
	by := asker(r)
	if who, ok := s.services.Logins.Identity(by.Account); !by.Master && (!ok || who.right() < screen.QueueSupervisor) {
		s.refuse(w, r, lacks(by.Account, screen.QueueSupervisor))
		return
	}
	s.sendReport(w, r, by)
}

func (s *Server) sendReport(w http.ResponseWriter, r *http.Request, by Asker) {
	q, err := reportQuery(r, by)
	format := r.FormValue("format")
	if format == "" {
		format = "json"
	}
	switch {
	case err != nil:
	case s.services.Reports == nil:
		err = errNoReports
	case fileKinds[format] == "":
		err = Invalid("format %q is not csv, xlsx or json", clip(format, 20))
	case len(q.Blocks) == 0:
		err = Invalid("no block is asked for: block=KoDO.OverviewOkKo; /api/v1/reports/blocks lists all")
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	body := &fileBody{w: w, kind: fileKinds[format], name: "report." + format}
	s.sendFile(w, r, body, func(to io.Writer) error { return s.services.Reports.Write(r.Context(), q, format, to) })
}

// fileBody says what kind of file follows when the first of it is written.
type fileBody struct {
	w          http.ResponseWriter
	kind, name string
	begun      bool
}

func (b *fileBody) Write(text []byte) (int, error) {
	if !b.begun {
		b.begun = true
		b.w.Header().Set("Content-Type", b.kind)
		if b.kind != fileKinds["json"] {
			b.w.Header().Set("Content-Disposition", `attachment; filename="`+b.name+`"`)
		}
	}
	return b.w.Write(text)
}
