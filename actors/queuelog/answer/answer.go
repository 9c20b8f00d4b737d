package answer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/live"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/sheet"
	"tandem/actors/queuelog/table"
	"tandem/web"
)

// maxAtOnce is how many reports one member makes at a time; who asks for more waits.
const maxAtOnce = 2

// Reports implements web.Reports.
type Reports struct {
	tables *table.Tables
	sees   Sees
	places chan struct{}
	// Live is what goes on now, of which the blocks RealtimeDO are made; nil: nobody knows.
	Live func(context.Context, web.LiveQuery) (web.LiveView, error)
}

// Sees tells of which queues somebody may have reports; nil: of all.
type Sees func(by web.Asker) (may func(queue string) bool)

// New makes reports of tables.
func New(tables *table.Tables, sees Sees) *Reports {
	return &Reports{tables: tables, sees: sees, places: make(chan struct{}, maxAtOnce)}
}

var _ web.Reports = (*Reports)(nil)

// Blocks implements web.Reports.
func (*Reports) Blocks() []web.ReportBlock {
	var all []web.ReportBlock
	for _, b := range block.Blocks {
		all = append(all, web.ReportBlock{Name: b.Name, Title: b.Title})
	}
	for _, b := range live.Blocks {
		all = append(all, web.ReportBlock{Name: b.Name, Title: b.Title})
	}
	return all
}

// Report implements web.Reports.
func (r *Reports) Report(ctx context.Context, q web.ReportQuery) (out web.Report, err error) {
	source, parts, err := r.source(ctx, q.Source)
	if err != nil {
		return out, err
	}
	restarts, err := r.tables.Restarts(ctx, source)
	if err != nil {
		return out, err
	}
	for i := range parts {
		parts[i].Restarts = restarts[parts[i].Name]
	}
	out = web.Report{Source: q.Source, Parts: parts}
	tables, err := r.make(ctx, source, q)
	if err != nil {
		return out, err
	}
	for _, t := range tables {
		text, err := json.Marshal(t)
		if err != nil {
			return out, err
		}
		out.Tables = append(out.Tables, shown(t, text))
	}
	return out, nil
}

// Write implements web.Reports.
func (r *Reports) Write(ctx context.Context, q web.ReportQuery, format string, to io.Writer) error {
	source, parts, err := r.source(ctx, q.Source)
	if err != nil {
		return err
	}
	tables, err := r.make(ctx, source, q)
	if err != nil {
		return err
	}
	switch format {
	case "csv":
		return sheet.CSV(to, block.Sheets(tables))
	case "xlsx":
		return sheet.XLSX(to, block.Sheets(tables))
	}
	return json.NewEncoder(to).Encode(map[string]any{"source": q.Source, "parts": parts, "blocks": tables})
}

// source reads a source expression, and looks its partitions up.
func (r *Reports) source(ctx context.Context, spec string) (s report.Source, parts []web.ReportPart, err error) {
	s, err = Source(ctx, r.tables, spec)
	if err != nil {
		return s, nil, err
	}
	known, err := r.tables.Partitions(ctx)
	if err != nil {
		return s, nil, err
	}
	for _, p := range s.Parts {
		i := slices.IndexFunc(known, func(k table.Partition) bool { return k.Name == p.Name })
		if i < 0 {
			return s, nil, web.NotFound("there is no partition %q: there are %v", p.Name, namesOf(known))
		}
		parts = append(parts, web.ReportPart{Name: p.Name, CallsOnly: p.CallsOnly, Lines: known[i].Lines, Last: known[i].Last})
	}
	return s, parts, nil
}

// make makes the blocks that are asked for, when it is their turn.
func (r *Reports) make(ctx context.Context, source report.Source, q web.ReportQuery) ([]block.Table, error) {
	ask, err := block.Parse(q.Asked)
	if err != nil {
		return nil, refusal(err)
	}
	past := slices.DeleteFunc(slices.Clone(q.Blocks), isLive)
	now, err := r.now(ctx, q, ask, slices.DeleteFunc(slices.Clone(q.Blocks), func(name string) bool { return !isLive(name) }))
	if err != nil || len(past) == 0 {
		return now, err
	}
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var f block.Facts = facts{ctx, r.tables, source}
	if may := r.sees(q.By); may != nil {
		f = limited{f, may}
	}
	tables, err := block.Make(ask, past, f)
	return append(tables, now...), refusal(err)
}

// isLive tells the blocks of what goes on now.
func isLive(name string) bool { return strings.HasPrefix(name, "RealtimeDO.") }

// now makes those blocks, of the queues that who asks supervises. What is asked for by time is counted of today alone, where nothing is said.
func (r *Reports) now(ctx context.Context, q web.ReportQuery, ask block.Ask, names []string) ([]block.Table, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if r.Live == nil {
		return nil, web.NotFound("nobody knows what goes on now")
	}
	l := web.LiveQuery{By: q.By, Source: q.Source, Queues: ask.Queues, Within: ask.Within, Zone: ask.Zone.String()}
	if ask.From > 0 {
		l.From = time.Unix(ask.From, 0)
	}
	v, err := r.Live(ctx, l)
	if err != nil {
		return nil, err
	}
	tables, unknown := live.Tables(v, ask.Zone, names)
	if unknown != "" {
		return nil, refusal(&block.UnknownBlock{Name: unknown})
	}
	return tables, nil
}

// refusal is an error in words for people, where a question is to blame.
func refusal(err error) error {
	var field *block.FieldError
	var unknown *block.UnknownBlock
	var much *block.TooMuch
	switch {
	case errors.As(err, &field), errors.As(err, &much):
		return web.Invalid("%v", err)
	case errors.As(err, &unknown):
		return web.NotFound("there is no block %q: /api/v1/reports/blocks lists them", unknown.Name)
	}
	return err
}

// facts are those of a source in the tables.
type facts struct {
	ctx    context.Context
	tables *table.Tables
	source report.Source
}

// Stints implements block.Facts, and so do the others.
func (f facts) Stints(a report.Ask, take func(*report.Stint) bool) error {
	return f.tables.Stints(f.ctx, f.source, a, take)
}

func (f facts) Sessions(a report.Ask, take func(*report.Session) bool) error {
	return f.tables.Sessions(f.ctx, f.source, a, take)
}

func (f facts) Pauses(a report.Ask, take func(*report.Pause) bool) error {
	return f.tables.Pauses(f.ctx, f.source, a, take)
}

func (f facts) Attempts(a report.Ask, take func(report.Attempt) bool) error {
	return f.tables.Attempts(f.ctx, f.source, a, func(x *report.Attempt) bool { return take(*x) })
}

// notedBefore and notedAfter are how long before the time asked for, and after it, something may be said of its calls.
const (
	notedBefore = 4 * 3600
	notedAfter  = 24 * 3600
)

func (f facts) Notes(a report.Ask, take func(report.Note) bool) error {
	from, to := max(0, a.From-notedBefore), a.To
	if to != 0 {
		to += notedAfter
	}
	return f.tables.Notes(f.ctx, f.source, from, to, take)
}

// shown is a table as pages show it.
func shown(t block.Table, text []byte) web.ReportTable {
	out := web.ReportTable{Name: t.Name, Title: t.Title, By: t.By, Cut: t.Cut, JSON: text}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, web.ReportColumn{Name: c.Name, Kind: c.Kind.String()})
	}
	for _, row := range t.Rows {
		cells := make([]web.ReportCell, len(row))
		for i, c := range row {
			cells[i] = web.ReportCell{Kind: c.Kind.String(), Text: c.String(), Value: c.Value, Where: c.Where}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
