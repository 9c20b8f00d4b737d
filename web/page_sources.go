package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tandem/web/screen"
)

const sourcesPath = "/monitors/sources"

// maxRefusals is how many refused lines the page of sources shows.
const maxRefusals = 50

// sourceKinds are the states of sources by their words, in the order of the figures.
var sourceKinds = []struct{ state, note string }{{"live", "its adapter is heard"}, {"switch lost", "its adapter can not reach it"},
	{"lost", "its adapter is not heard"}, {"never heard", "no adapter has sent for it yet"}, {"no holder", "no member holds it at the moment"}}

// sourcesPage shows how the switches outside stand that tell the statistics what happens there.
func (s *Server) sourcesPage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.sourcesView(r.Context(), nil, v.right)
	return screen.Page{Title: "Sources", Realm: "monitors", Topic: "sources", Quiet: "switches outside, as their adapters tell",
		Crumbs: []screen.Crumb{{Label: "Monitors", Href: membersPath}}, View: view}, err
}

func (s *Server) sourcesView(ctx context.Context, _ url.Values, _ screen.Right) (screen.View, error) {
	if s.services.Sources == nil {
		return screen.View{}, errSources
	}
	all, err := s.services.Sources.Stand(ctx, "")
	if err != nil {
		return screen.View{}, err
	}
	now := s.now()
	t := &screen.Table{Columns: sourceColumns, Empty: "No source is set up. Name one in adapters.sources, with the account of its adapter: tandem settings set adapters.sources '[{name: pbx, accounts: [bridge]}]'."}
	for _, x := range all {
		t.Rows = append(t.Rows, screen.Row{Key: x.Name, Cells: x.cells(now)})
	}
	return screen.View{Figures: sourceFigures(all), Panels: []screen.Panel{
		{ID: "sources", Title: "Sources", Quiet: counted(len(all), "source"), Table: t}, refusals(all, now)}}, nil
}

var sourceColumns = []screen.Column{{Label: "Source", Width: "w8"}, {Label: "State", Width: "w8"}, {Label: "Held by", Width: "w8"}, {Label: "Adapter", Width: "w10"},
	{Label: "Heard", Num: true, Width: "w5"}, {Label: "Last lines", Num: true, Width: "w6"}, {Label: "Lines/s", Num: true, Width: "w5"}, {Label: "Behind", Num: true, Width: "w5"},
	{Label: "Lines", Num: true, Width: "w6"}, {Label: "Refused", Num: true, Width: "w5"}, {Label: "Objects", Num: true, Width: "w5"}, {Label: "Calls", Num: true, Width: "w5"}}

func (x Source) cells(now time.Time) []screen.Cell {
	since := func(t time.Time) screen.Cell {
		if t.IsZero() {
			return screen.Unknown()
		}
		return screen.Since(t, now)
	}
	rate, lag, holder, from := screen.Unknown(), screen.Unknown(), screen.Text(x.Holder), screen.Mono(x.Address)
	if x.State == "live" {
		rate = screen.Cell{Text: strconv.FormatFloat(x.Rate, 'f', 1, 64), Num: true, Muted: x.Rate == 0}
	}
	if x.Lines > 0 {
		lag = screen.Cell{Text: screen.Offset(time.Duration(x.Lag)), Num: true}
	}
	if x.Holder != "" {
		holder = screen.Link(x.Holder, membersPath+"#"+url.PathEscape(memberAnchor(x.Holder)))
	}
	if x.Address == "" {
		from = screen.Text("")
	}
	refused := screen.Number(x.Malformed)
	if x.Malformed > 0 {
		refused.Href = "#h-refused"
	}
	return []screen.Cell{screen.Text(x.Name), screen.Mark(screen.StateOf("source", x.State)), holder, from, since(x.Heard), since(x.Arrived), rate, lag,
		screen.Number(x.Lines), refused, screen.Number(uint64(max(x.Objects, 0))), screen.Number(uint64(max(x.Calls, 0)))}
}

// sourceFigures count sources by state.
func sourceFigures(all []Source) (figures []screen.Figure) {
	n := map[string]int{}
	for _, x := range all {
		n[x.State]++
	}
	for _, k := range sourceKinds {
		figures = append(figures, screen.Figure{Key: k.state, Label: screen.StateOf("source", k.state).Word, Value: strconv.Itoa(n[k.state]),
			Of: "of " + strconv.Itoa(len(all)), Note: k.note})
	}
	return figures
}

// refusals are the newest lines that were refused, of all sources.
func refusals(all []Source, now time.Time) screen.Panel {
	type refusal struct {
		SourceRefusal
		source string
	}
	var lines []refusal
	for _, x := range all {
		for _, r := range x.Refused {
			lines = append(lines, refusal{r, x.Name})
		}
	}
	slices.SortStableFunc(lines, func(a, b refusal) int { return b.At.Compare(a.At) })
	t := &screen.Table{Events: true, Empty: "No line was refused since the members that hold the sources do.", Columns: []screen.Column{{Label: "Source", Width: "w8"},
		{Label: "When", Width: "w8"}, {Label: "Line", Num: true, Width: "w6"}, {Label: "Why", Width: "w18"}}}
	for i, l := range lines[:min(len(lines), maxRefusals)] {
		number := screen.Unknown()
		if l.Seq != 0 {
			number = screen.Number(l.Seq)
		}
		t.Rows = append(t.Rows, screen.Row{Key: l.source + " " + strconv.Itoa(i), Cells: []screen.Cell{screen.Text(l.source), screen.Text(screen.Clock(l.At, now)), number, screen.Text(l.Reason)}})
	}
	return screen.Panel{ID: "refused", Title: "Refused lines", Quiet: "the newest first; the rest of what came with them was taken", Table: t}
}
