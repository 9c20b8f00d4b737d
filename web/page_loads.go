package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/web/screen"
)

const loadsPath = reportsPath + "/loads"

// loadsPage shows how far the queue log of each server has come.
func (s *Server) loadsPage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.loadsView(r.Context(), nil, v.right)
	return screen.Page{Title: "Loads", Realm: "reports", Topic: "loads", Quiet: "how far the queue log of each server has come",
		Crumbs: []screen.Crumb{{Label: "Reports", Href: reportsPath}, {Label: "Loads"}}, View: view}, err
}

func (s *Server) loadsView(ctx context.Context, _ url.Values, _ screen.Right) (screen.View, error) {
	all, err := s.partitions(ctx, "")
	if err != nil {
		return screen.View{}, err
	}
	now := s.now()
	t := &screen.Table{Empty: "No queue log was loaded yet. " + loadCommand("A"), Columns: loadColumns}
	p := screen.Panel{ID: "loads", Title: "Partitions", Quiet: counted(len(all), "partition"), Table: t}
	for _, x := range all {
		t.Rows = append(t.Rows, screen.Row{Key: x.Name, Cells: loadCells(x, now)})
		p.Notes = append(p.Notes, loadRemarks(x, now)...)
	}
	return screen.View{Figures: loadFigures(all), Panels: []screen.Panel{p}}, nil
}

var loadColumns = []screen.Column{{Label: "Partition", Width: "w8"}, {Label: "State", Width: "w6"}, {Label: "Writer", Width: "w12"},
	{Label: "Heard", Num: true, Width: "w5"}, {Label: "Not read, bytes", Num: true, Width: "w6"}, {Label: "Last line, UTC", Width: "w10"}, {Label: "Before", Num: true, Width: "w6"},
	{Label: "Clock", Num: true, Width: "w5"}, {Label: "Lines", Num: true, Width: "w6"}, {Label: "Not in tables", Num: true, Width: "w5"},
	{Label: "Not understood", Num: true, Width: "w6"}}

func loadCells(x Partition, now time.Time) []screen.Cell {
	unread := screen.Number(x.Behind)
	if x.Writer == "" || x.Own {
		unread = screen.Unknown()
	}
	last, before := screen.Unknown(), screen.Unknown()
	if !x.Last.IsZero() {
		last, before = screen.Text(x.Last.UTC().Format(time.DateTime)), screen.Since(x.Last, now)
	}
	clock := screen.Unknown()
	if x.Writer != "" && !x.Own {
		clock = screen.Cell{Text: screen.Offset(time.Duration(x.Ahead)), Num: true}
	}
	heard := screen.Unknown()
	if x.Writer != "" && !x.Heard.IsZero() {
		heard = screen.Since(x.Heard, now)
	}
	return []screen.Cell{screen.Link(x.Name, loadHref(x.Name)), screen.Mark(screen.StateOf("load", x.State)), x.writerCell(), heard, unread, last, before,
		clock, screen.Number(x.Lines), screen.Number(x.Lines - min(x.Lines, x.Rows)), screen.Number(x.Malformed)}
}

// writerCell says who brings lines.
func (x Partition) writerCell() screen.Cell {
	switch {
	case x.Writer == "":
		return screen.Cell{Text: "none", Muted: true}
	case x.Own:
		return screen.Text("own queues, by " + x.Writer)
	}
	text := x.Writer
	if x.Address != "" {
		text += " at " + x.Address
	}
	if x.Version != "" {
		text += ", version " + x.Version
	}
	return screen.Text(text)
}

func loadHref(name string) string { return loadsPath + "/" + url.PathEscape(name) }

// loadFigures count partitions by state, and lines that nobody can read.
func loadFigures(all []Partition) (figures []screen.Figure) {
	n, malformed := map[string]int{}, uint64(0)
	for _, x := range all {
		n[x.State]++
		malformed += x.Malformed
	}
	for _, f := range []struct{ state, note string }{{"live", "lines come"}, {"quiet", "heard, and nothing happens there"},
		{"behind", "heard, and not at the end"}, {"cut off", "nobody brings lines"}} {
		mark := screen.StateOf("load", f.state)
		figures = append(figures, screen.Figure{Key: f.state, Label: mark.Word, Value: strconv.Itoa(n[f.state]), Of: "of " + strconv.Itoa(len(all)), Note: f.note})
	}
	return append(figures, screen.Figure{Key: "malformed", Label: "Lines not understood", Value: strconv.FormatUint(malformed, 10), Note: "kept and counted"})
}

// loadRemarks are what somebody has to look after.
func loadRemarks(x Partition, now time.Time) (all []screen.Remark) {
	if x.Refused != "" && !x.RefusedAt.IsZero() && now.Sub(x.RefusedAt) < time.Hour {
		all = append(all, screen.Remark{State: screen.StateOf("notice", "broken").With("Two writers"), Href: loadHref(x.Name),
			Text: fmt.Sprintf("%s is followed by %s at %s; %s wants to as well and was refused %s ago. Stop one of the two.", x.Name,
				cmp.Or(x.Writer, "nobody now"), cmp.Or(x.Address, "an unknown address"), x.Refused, screen.Length(now.Sub(x.RefusedAt)))})
	}
	return all
}

// loadCommand is how lines come from a server.
func loadCommand(name string) string {
	return "To follow a log as it grows: tandem queuelog tail --partition " + name + " --server https://MEMBER /var/log/asterisk/queue_log. " +
		"To load files: tandem queuelog load --partition " + name + " FILE..."
}

// loadPage shows one partition and its loads.
func (s *Server) loadPage(r *http.Request, v visitor) (screen.Page, error) {
	name := r.PathValue("name")
	q := url.Values{"name": {name}}
	view, err := s.loadView(r.Context(), q, v.right)
	return screen.Page{Title: name, Realm: "reports", Path: loadsPath, Topic: topicName("load", q), View: view,
		Crumbs: []screen.Crumb{{Label: "Reports", Href: reportsPath}, {Label: "Loads", Href: loadsPath}, {Label: name}}}, err
}

func (s *Server) loadView(ctx context.Context, q url.Values, _ screen.Right) (screen.View, error) {
	all, err := s.partitions(ctx, q.Get("name"))
	if err == nil && len(all) == 0 {
		err = NotFound("there is no partition %q", clip(q.Get("name"), 80))
	}
	if err != nil {
		return screen.View{}, err
	}
	x, now := all[0], s.now()
	stand := screen.Panel{ID: "stand", Title: "How it stands", Notes: loadRemarks(x, now),
		Table: &screen.Table{Columns: loadColumns, Rows: []screen.Row{{Key: x.Name, Cells: loadCells(x, now)}}}}
	if x.Writer == "" {
		stand.Text = "Nobody brings lines, so that nothing is known of what happens there now. " + loadCommand(x.Name)
	}
	return screen.View{Panels: []screen.Panel{stand, loadsPanel(x, now)}}, nil
}

// loadsPanel are the loads of a partition since its owner has it.
func loadsPanel(x Partition, now time.Time) screen.Panel {
	t := &screen.Table{Empty: "Nothing was loaded since the owner of this partition has it.", Columns: []screen.Column{{Label: "File", Width: "w10"},
		{Label: "By", Width: "w10"}, {Label: "Began", Width: "w8"}, {Label: "Last", Num: true, Width: "w6"}, {Label: "New", Num: true, Width: "w6"},
		{Label: "There already", Num: true, Width: "w6"}, {Label: "Late", Num: true, Width: "w5"}, {Label: "Not understood", Num: true, Width: "w6"},
		{Label: "Result", Width: "w8"}}}
	if x.Own {
		t.Empty = "The lines of our own queues come from the journal; nobody loads them."
	}
	for i, l := range x.Loads {
		result := screen.Mark(screen.StateOf("notice", "done").With("Taken"))
		if l.Refusal != "" {
			result = screen.Mark(screen.StateOf("notice", "refused").With("Refused: " + l.Refusal))
		}
		t.Rows = append(t.Rows, screen.Row{Key: strconv.Itoa(len(x.Loads) - i), Cells: []screen.Cell{screen.Mono(l.File), screen.Text(l.Writer),
			screen.Text(screen.Clock(l.Begin, now)), screen.Since(l.Last, now), screen.Number(l.Added), screen.Number(l.Present), screen.Number(l.Late),
			screen.Number(l.Malformed), result}})
	}
	return screen.Panel{ID: "history", Title: "Loads", Quiet: "the last one first", Table: t}
}

// partitions are all, or the one that is named.
func (s *Server) partitions(ctx context.Context, name string) ([]Partition, error) {
	if s.services.QueueLogs == nil {
		return nil, errNoReports
	}
	return s.services.QueueLogs.Partitions(ctx, name)
}
