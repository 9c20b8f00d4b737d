package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const reportsPath = "/reports"

// callsBlock lists calls one by one, and totalsBlock are the figures on top.
const (
	callsBlock  = "DetailsDO.Calls"
	totalsBlock = "KoDO.Totals"
	levelBlock  = "OkDO.ServiceLevelAgreement"
)

// behindShown is how many calls are shown behind a number; the list has all.
const behindShown = 50

// reportViews are the pages of reports, and their blocks.
var reportViews = map[string]struct {
	title  string
	blocks []string
}{
	"overview":     {"Overview", []string{"CallDistrDO.InclSlaPerHr", levelBlock, "KoDO.OverviewOkKo", "KoDO.OverviewByServer"}},
	"answered":     {"Answered calls", []string{"OkDO.RiassAllCalls", "OkDO.AnsweredcallsByQueue", "OkDO.AgentsOnQueue", "OkDO.DisconnectionCauses", "OkDO.Transfers", "OkDO.QPosOk", "OkDO.StintsOk", "OkDO.AnsweredcallsByDirection", "AreaAnDO.CallsOK"}},
	"lost":         {"Lost calls", []string{"KoDO.ReportKoAll", "KoDO.UnansByQueue", "KoDO.DiscCauses", "KoDO.UnansByLen", "KoDO.ReportKoKeyPress", "KoDO.QPosKo", "AreaAnDO.CallsKO"}},
	"level":        {"Service level", []string{"CallDistrDO.InclSlaPerHr", levelBlock, "KoDO.InclusiveSLA", "KoDO.InclusiveAnswSLA", "CallDistrDO.InclSlaPerDay"}},
	"distribution": {"Distribution", []string{"CallDistrDO.InclSlaPerHr", "CallDistrDO.InclSlaPerDay", "CallDistrDO.InclSlaPerDOW", "CallDistrDO.TrafficAnPerHr", "DistrDO.AcdByQueue", "DistrDO.AcdByTerminals"}},
	"agents":       {"Agents", []string{"AgentsDO.SessionPauseDur", "AgentsDO.AgentAvail", "AgentsDO.AgentOccupancy", "AgentsDO.AnsCallsQueues", "DetailsDO.AgentSessions", "DetailsDO.AgentPauses"}},
	"calls":        {"Calls, one by one", []string{callsBlock}},
	"outcomes":     {"IVR and outcomes", []string{"OutcomesDO.CallResByOutcome", "OutcomesDO.CallResByFeature", "CallTagDO.CallResByTag", "IvrDO.IvrReport", "KoDO.DnisOkKo"}},
}

// reportPage shows blocks of a question, which is in its address.
func (s *Server) reportPage(r *http.Request, v visitor) (screen.Page, error) {
	name := r.PathValue("view")
	view, ok := reportViews[name]
	if !ok {
		return screen.Page{}, NotFound("there is no report %q", clip(name, 40))
	}
	p := s.reportOf(r, name)
	page := screen.Page{Title: view.title, Realm: "reports", Crumbs: []screen.Crumb{{Label: "Reports", Href: reportsPath}},
		Filter: p.filter(), Tags: []string{p.ask.Get("zone")}}
	if s.services.Reports == nil {
		return page, errNoReports
	}
	began := s.now()
	found, err := s.services.Reports.Report(r.Context(), p.query(v, append([]string{totalsBlock}, view.blocks...), ""))
	if err != nil {
		page.Notice = &screen.Notice{State: screen.StateOf("notice", "refused"), Text: s.explain(r, err).Message}
		return page, nil
	}
	page.View.Figures = p.figures(found.Tables[0])
	if !p.asOf.IsZero() {
		page.Tags, page.News = append(page.Tags, "as of "+p.moment(p.asOf)), p.news()
		still, err := s.stillOpen(r, v, p)
		if err != nil {
			return page, err
		}
		page.View.Figures = append(page.View.Figures, still)
	}
	p.restarts = found.restarts(p)
	page.View.Panels = append(page.View.Panels, p.reads(found))
	if where := p.ask.Get("behind"); where != "" {
		behind, err := s.services.Reports.Report(r.Context(), p.query(v, []string{callsBlock}, where))
		if err != nil {
			return page, err
		}
		page.View.Panels = append(page.View.Panels, p.behind(behind.Tables[0], where))
	}
	for _, t := range found.Tables[1:] {
		page.View.Panels = append(page.View.Panels, p.panel(t, maxShown))
	}
	page.Quiet = fmt.Sprintf("read in %d ms", s.now().Sub(began).Milliseconds())
	page.Acts = p.exports(view.blocks)
	return page, nil
}

// reportPage is a question, and the page at which it is asked.
type reportPage struct {
	path string
	ask  url.Values
	zone *time.Location
	asOf time.Time // the moment up to which it tells; zero: its period was over by then

	restarts []restart // of servers in its period
}

// reportOf reads the question of an address.
func (s *Server) reportOf(r *http.Request, name string) *reportPage {
	p := &reportPage{path: reportsPath + "/" + name, ask: s.reportAsked(r), zone: time.UTC}
	if zone, err := time.LoadLocation(p.ask.Get("zone")); err == nil {
		p.zone = zone
	}
	p.pin(s.now())
	return p
}

// reportAsked is the question of an address. Without any period it is about the last week, so that nobody asks for years
// by looking.
func (s *Server) reportAsked(r *http.Request) url.Values {
	ask := url.Values{}
	for name, values := range r.URL.Query() {
		if len(name) <= maxField && len(values) <= 16 {
			ask[name] = values
		}
	}
	if ask.Get("source") == "" {
		ask.Set("source", "cluster:*")
	}
	if ask.Get("zone") == "" {
		ask.Set("zone", "UTC")
	}
	if !ask.Has("from") && !ask.Has("to") {
		ask.Set("from", s.now().UTC().AddDate(0, 0, -6).Format(time.DateOnly))
	}
	return ask
}

// query is the question for some blocks, of calls like those of a where alone.
func (p *reportPage) query(v visitor, blocks []string, where string) ReportQuery {
	asked := map[string][]string{}
	for name, values := range p.ask {
		if name != "source" && name != "behind" && name != "at" {
			asked[name] = slices.Clone(values)
		}
	}
	if !p.asOf.IsZero() {
		asked["to"] = []string{p.until()}
	}
	if where != "" {
		asked["where"] = append(asked["where"], where)
	}
	return ReportQuery{By: v.asker(), Source: p.ask.Get("source"), Blocks: blocks, Asked: asked}
}

// with is the address of the same question with something changed, or taken away where it is "".
func (p *reportPage) with(path string, pairs ...string) string {
	ask := maps.Clone(p.ask)
	ask.Del("behind")
	for i := 0; i+1 < len(pairs); i += 2 {
		ask.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			ask.Del(pairs[i])
		}
	}
	return addressOf(path, ask)
}

func (p *reportPage) filter() *screen.Filter {
	field := func(name, label string, options ...screen.Option) screen.FilterField {
		return screen.FilterField{Name: name, Label: label, Value: p.ask.Get(name), Options: options}
	}
	return &screen.Filter{Action: p.path, Button: "Show", Fields: []screen.FilterField{field("source", "Source"), field("from", "From"),
		field("to", "To"), field("zone", "Time zone"), field("queues", "Queues"), field("agents", "Agents"), field("servers", "Servers"),
		field("whole", "Calls", screen.Option{Value: "", Label: "touching the period"}, screen.Option{Value: "yes", Label: "fully within"}),
		field("joined", "Stints", screen.Option{Value: "", Label: "one by one"}, screen.Option{Value: "yes", Label: "joined to calls"}),
		field("slot", "Slot", screen.Option{Value: "", Label: "1 hour"}, screen.Option{Value: "30", Label: "30 minutes"}, screen.Option{Value: "15", Label: "15 minutes"}),
		field("within", "In time, seconds"), field("where", "Where")}}
}

// exports are the same blocks as files.
func (p *reportPage) exports(blocks []string) (acts []screen.Act) {
	pairs := []string{"block", strings.Join(blocks, ",")}
	if !p.asOf.IsZero() {
		pairs = append(pairs, "to", p.until())
		acts = append(acts, screen.Act{Label: "Link", About: "to this report as it is now", Href: p.with(p.path)})
	}
	for _, format := range []string{"csv", "xlsx", "json"} {
		acts = append(acts, screen.Act{Label: strings.ToUpper(format), About: "of this report",
			Href: p.with("/api/v1/reports", append(pairs, "format", format)...)})
	}
	return acts
}

// figures are the totals, as large numbers.
func (p *reportPage) figures(t ReportTable) (all []screen.Figure) {
	values := map[string]ReportCell{}
	for _, row := range t.Rows {
		values[row[0].Text] = row[1]
	}
	for _, f := range []struct{ name, label, note string }{{"Offered", "Offered", "answered + lost"}, {"Answered", "Answered", ""}, {"Lost", "Lost", ""},
		{"Of offered in time", "Answered in time", "of offered"}, {"Avg wait", "Average wait", "answered calls"}, {"Avg talk", "Average talk", "cut calls left out"}} {
		c := p.cell(values[f.name])
		all = append(all, screen.Figure{Key: f.name, Label: f.label, Value: c.Text, Href: c.Href, Note: f.note})
	}
	return all
}

// reads says what was read.
func (p *reportPage) reads(found Report) screen.Panel {
	t := &screen.Table{Empty: "No queue log was loaded yet. Load one with tandem queuelog load.", Columns: []screen.Column{{Label: "Reads", Width: "w8"},
		{Label: "What", Width: "w10"}, {Label: "Lines", Num: true, Width: "w6"}, {Label: "Last line, UTC", Width: "w12"}, {Label: "Started again", Width: "w18"}}}
	for _, part := range found.Parts {
		what, last := "calls and agents", screen.Text("")
		if part.CallsOnly {
			what = "calls only"
		}
		if part.Last > 0 {
			last = screen.Text(time.Unix(part.Last, 0).UTC().Format(time.DateTime))
		}
		t.Rows = append(t.Rows, screen.Row{Key: part.Name, Cells: []screen.Cell{screen.Text(part.Name), screen.Text(what), screen.Number(part.Lines), last, p.restartCell(part.Name)}})
	}
	return screen.Panel{ID: "reads", Title: "Reads", Quiet: found.Source, Table: t}
}

// behind are the calls behind a number.
func (p *reportPage) behind(t ReportTable, where string) screen.Panel {
	panel := p.panel(t, behindShown)
	panel.ID, panel.Title = "behind", "The calls behind the number"
	panel.Quiet = fmt.Sprintf("%d of %d shown", min(len(t.Rows), behindShown), len(t.Rows))
	wheres := append(slices.Clone(p.ask["where"]), where)
	panel.Notes = []screen.Remark{{State: screen.StateOf("notice", "done").With("List"), Text: "Open as list",
		Href: p.with(reportsPath+"/calls", "where", strings.Trim(strings.Join(wheres, "&"), "&"))}}
	return panel
}

// panel is a block.
func (p *reportPage) panel(t ReportTable, most int) screen.Panel {
	table := &screen.Table{Empty: "Nothing in the period that was asked for."}
	for i, c := range t.Columns {
		width := "w6"
		if i == 0 || c.Kind == "moment" {
			width = "w12"
		}
		table.Columns = append(table.Columns, screen.Column{Label: c.Name, Num: c.Kind != "text" && c.Kind != "moment", Width: width})
	}
	for i, row := range t.Rows {
		if i == most {
			table.More = fmt.Sprintf("%d more are not shown: the files have them.", len(t.Rows)-most)
			break
		}
		cells := make([]screen.Cell, len(row))
		for j, c := range row {
			cells[j] = p.cell(c)
			if t.Columns[j].Name == "State" && (c.Text == "waiting" || c.Text == "talking") {
				cells[j] = screen.Mark(screen.StateOf("caller", c.Text).With("still " + c.Text))
			}
		}
		p.leadToCall(t, row, cells)
		table.Rows = append(table.Rows, screen.Row{Key: strconv.Itoa(i), Cells: cells})
	}
	chart := p.chart(t)
	return screen.Panel{ID: strings.ReplaceAll(t.Name, ".", "-"), Title: t.Title, Quiet: t.Name, Half: chart != nil, Chart: chart, Table: table}
}

// leadToCall makes the key of a call in a list lead to its page.
func (p *reportPage) leadToCall(t ReportTable, row []ReportCell, cells []screen.Cell) {
	for j, c := range t.Columns {
		if c.Name == "Call" && row[0].Kind == "moment" && strings.Contains(row[j].Text, ":") {
			cells[j].Href = callHref(row[j].Text, int64(row[0].Value))
		}
	}
}

// cell is a value as people read it; a number that counts calls leads to them.
func (p *reportPage) cell(c ReportCell) screen.Cell {
	out := screen.Text(c.Text)
	switch c.Kind {
	case "text", "moment", "":
		return out
	case "seconds":
		if c.Text != "" && c.Value == float64(int64(c.Value)) {
			out.Text = screen.Length(time.Duration(c.Value) * time.Second)
		} else if c.Text != "" {
			out.Text = c.Text + " s"
		}
	case "percent":
		if c.Text != "" {
			out.Text = oneDecimal(c.Value) + " %"
		}
	}
	out.Num = true
	if out.Muted = c.Text == "" || c.Value == 0; c.Where != "" && !out.Muted {
		out.Href = p.with(p.path, "behind", c.Where) + "#h-behind"
	}
	return out
}

// chart is a picture of a block over time, or of the service level.
func (p *reportPage) chart(t ReportTable) *screen.Chart {
	column := func(name string) int {
		return slices.IndexFunc(t.Columns, func(c ReportColumn) bool { return c.Name == name })
	}
	answered, lost, share := column("Answered"), column("Lost"), column("Of Offered")
	var points []screen.ChartPoint
	for _, row := range t.Rows {
		switch {
		case t.Name == levelBlock && share > 0:
			points = append(points, screen.ChartPoint{Label: strings.TrimSuffix(strings.TrimPrefix(row[0].Text, "Within "), " seconds"), Low: row[share].Value})
		case slices.Contains([]string{"hour", "day", "weekday"}, t.By) && answered > 0 && lost > 0:
			points = append(points, screen.ChartPoint{Label: row[0].Text, Low: row[answered].Value, Top: row[lost].Value,
				Href: p.cell(row[answered]).Href})
		}
	}
	if t.Name == levelBlock {
		return screen.LineChart("Share of offered calls answered within seconds, values in the table", points)
	}
	chart := screen.BarChart(t.Title+", values in the table", [2]string{"answered", "lost"}, points)
	p.markRestarts(chart, t.By, points)
	return chart
}
