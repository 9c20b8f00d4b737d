package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tandem/web/screen"
)

// statPage is the page of one statistic: what it comes to, the way that it took, and how it comes about.
func (s *Server) statPage(r *http.Request, v visitor) (screen.Page, error) {
	q := url.Values{"id": {r.PathValue("id")}}
	if name := r.URL.Query().Get("span"); name != "" {
		q.Set("span", name)
	}
	value, view, err := s.statLook(r.Context(), q)
	if err != nil {
		return screen.Page{}, err
	}
	p := screen.Page{Title: value.Object, Realm: "monitors", Path: statsPath, Crumbs: statCrumbs, Topic: topicName("statistic", q), View: view,
		Quiet: value.ID, Facts: statFacts(value)}
	for i, x := range spans {
		if i != spanOf(q) {
			p.Acts = append(p.Acts, screen.Act{Label: x.label, About: "in the chart", Href: statPath(value.ID) + "?span=" + x.name})
		}
	}
	p.Acts = append(p.Acts, screen.Act{Label: "Explain", Href: "#h-explain"})
	if v.right >= screen.Administrator {
		p.Acts = append(p.Acts, screen.Act{Label: "Drop", Href: statPath(value.ID) + "/drop", Risk: true})
	}
	return p, nil
}

func (s *Server) statView(ctx context.Context, q url.Values, _ screen.Right) (screen.View, error) {
	_, view, err := s.statLook(ctx, q)
	return view, err
}

// spanOf is the span of a chart that is asked for, by its place among the spans.
func spanOf(q url.Values) int {
	return max(0, slices.IndexFunc(spans, func(x span) bool { return x.name == q.Get("span") }))
}

func (s *Server) statLook(ctx context.Context, q url.Values) (v StatValue, view screen.View, err error) {
	if s.services.Statistics == nil {
		return v, view, errStatistics
	}
	values, err := s.services.Statistics.Peek(ctx, []string{q.Get("id")}, 0, true)
	switch {
	case err != nil:
		return v, view, err
	case values[0].Object == "":
		return v, view, NotFound("%s", values[0].Problem)
	}
	v = values[0]
	now := s.now()
	view.Figures = v.figures(now)
	if v.Problem != "" {
		view.Panels = []screen.Panel{{ID: "chart", Title: "Values", Notes: []screen.Remark{{State: v.state(), Text: v.Problem}}}}
		return v, view, nil
	}
	which := spanOf(q)
	points := s.trails.add(v, which)
	view.Panels = []screen.Panel{{ID: "chart", Title: "Values", Quiet: "of " + spans[which].label + ", while somebody looks at them here",
		Chart: screen.TimeChart("Values of "+v.Object+", the newest is "+v.number(), points, now.Add(-time.Duration(spans[which].step*trailPoints)*time.Millisecond), now)}}
	view.Panels = append(view.Panels, v.explanation(now)...)
	return v, view, nil
}

// figures are the value, and how far it can be relied on.
func (v StatValue) figures(now time.Time) []screen.Figure {
	state := v.state()
	value := screen.Figure{Key: "value", Label: "Value", Value: v.number(), State: &state}
	if v.Problem != "" {
		value.Value = screen.Dash
		return []screen.Figure{value}
	}
	if v.Empty {
		value.Of = "empty, so 0"
	}
	age := screen.Figure{Key: "age", Label: "Last fact", Value: screen.Dash, Note: "none was there yet"}
	if v.LastFact != 0 {
		at := time.UnixMilli(v.LastFact)
		age = screen.Figure{Key: "age", Label: "Last fact", Value: screen.Length(now.Sub(at)), Run: "up", At: v.LastFact, Note: "ago, at " + screen.Clock(at, now)}
	}
	since, complete := time.UnixMilli(v.Since), time.UnixMilli(v.Complete)
	return []screen.Figure{value, age,
		{Key: "since", Label: "Interval", Value: screen.Length(now.Sub(since)), Run: "up", At: v.Since, Note: "since " + screen.Clock(since, now)},
		{Key: "complete", Label: "Complete since", Value: screen.Clock(complete, now), Note: "facts before are not counted"},
		{Key: "owner", Label: "Computed on", Value: v.Member, Href: membersPath + "#member-" + url.PathEscape(v.Member)}}
}

// statFacts are what the statistic is, and how others ask for it.
func statFacts(v StatValue) (all []screen.Fact) {
	if v.Definition == nil {
		return nil
	}
	q := *v.Definition
	for _, f := range [][2]string{{"Category", q.Category}, {"Subject", q.Subject}, {"Main mask", q.Main}, {"Relative mask", q.Relative},
		{"Time profile", q.Profile}, {"Time zone", q.Zone}, {"Time range", q.Range}, {"Second range", q.Range2}, {"Filter", q.Filter}, {"Formula", q.Formula}} {
		if f[1] != "" {
			all = append(all, screen.Fact{Label: f[0], Cell: screen.Text(f[1])})
		}
	}
	body, err := json.Marshal(q)
	if err == nil {
		all = append(all, screen.Fact{Label: "By REST", Cell: screen.Mono("PUT /api/v1/stat/statistics " + string(body))})
	}
	return append(all, screen.Fact{Label: "By XIMSS", Cell: screen.Mono(fmt.Sprintf(`<statPeek id="1" statistic="%s"/>`, v.ID))})
}

// explanation is how a value comes about: what each mask selects, and some of the facts.
func (v StatValue) explanation(now time.Time) (all []screen.Panel) {
	sides := &screen.Table{Empty: "It shows what its object is doing, and counts nothing.", Columns: []screen.Column{{Label: "Mask", Width: "w18"},
		{Label: "Facts", Num: true, Width: "w5"}, {Label: "Seconds", Num: true, Width: "w6"}, {Label: "In range", Num: true, Width: "w5"},
		{Label: "Longest", Num: true, Width: "w6"}, {Label: "Shortest", Num: true, Width: "w6"}, {Label: "Going on", Num: true, Width: "w5"}}}
	facts := &screen.Table{Events: true, Empty: "No fact counts yet.", Columns: []screen.Column{{Label: "Fact", Width: "w10"}, {Label: "At", Width: "w10"},
		{Label: "From", Width: "w8"}, {Label: "Lasted", Num: true, Width: "w6"}, {Label: "Call", Width: "w12"}}}
	seconds := func(n float64) screen.Cell {
		return screen.Cell{Text: strconv.FormatFloat(n, 'f', -1, 64), Num: true, Muted: n == 0}
	}
	if e := v.Explain; e != nil {
		for i, f := range e.Sides {
			sides.Rows = append(sides.Rows, screen.Row{Key: strconv.Itoa(i), Cells: []screen.Cell{screen.Text([]string{"main: ", "relative: "}[min(i, 1)] + f.Mask),
				screen.Number(uint64(max(f.Number, 0))), seconds(f.Time), screen.Number(uint64(max(f.InRange[0], 0))), seconds(f.Longest), seconds(f.Shortest),
				screen.Number(uint64(max(f.Running, 0)))}})
		}
		for i, f := range slices.Backward(e.Facts) {
			lasted := screen.Cell{Text: screen.Length(time.Duration(f.Until-f.From) * time.Millisecond), Num: true}
			if f.Running {
				lasted = screen.Since(time.UnixMilli(f.From), now)
			}
			call := screen.Text("")
			if f.Conn != "" {
				call = screen.Short(f.Conn, addressOf(legsPath, url.Values{"call": {f.Conn}}))
			}
			facts.Rows = append(facts.Rows, screen.Row{Key: fmt.Sprintf("%s %s %d %d", f.Name, f.Conn, f.From, i), Cells: []screen.Cell{screen.Text(f.Name),
				screen.Text(f.Object), screen.Text(screen.Clock(time.UnixMilli(f.From), now)), lasted, call}})
		}
	}
	all = append(all, screen.Panel{ID: "explain", Title: "How it comes about", Quiet: "in the interval", Table: sides, Notes: v.remarks()})
	if v.State != nil {
		all = append(all, v.State.panel(now))
	}
	return append(all, screen.Panel{ID: "facts", Title: "Facts behind it", Quiet: counted(len(facts.Rows), "fact") + ", the newest first", Table: facts})
}

// remarks say what is to be known of a value.
func (v StatValue) remarks() (all []screen.Remark) {
	if !v.Valid {
		all = append(all, screen.Remark{State: v.state(), Text: "A source of this object can not be reached: what happens there is not counted now."})
	}
	if v.Empty {
		all = append(all, screen.Remark{State: screen.StateOf("notice", "look"), Text: "Nothing is there to divide by: it is empty, so 0."})
	}
	return all
}

// panel is what an object and its parts are doing, one row for each.
func (s *StatState) panel(now time.Time) screen.Panel {
	t := &screen.Table{Columns: []screen.Column{{Label: "Object", Width: "w12"}, {Label: "Status", Width: "w12"}, {Label: "For", Num: true, Width: "w6"},
		{Label: "Actions", Width: "w18"}}}
	var add func(x *StatState, under string)
	add = func(x *StatState, under string) {
		if len(t.Rows) == maxShown {
			t.More = "More parts are not shown."
			return
		}
		since := screen.Unknown()
		if x.Since != 0 {
			since = screen.Since(time.UnixMilli(x.Since), now)
		}
		actions := ""
		for i, a := range x.Actions {
			if i > 0 {
				actions += ", "
			}
			actions += a.Name
		}
		t.Rows = append(t.Rows, screen.Row{Key: under + x.Object, Cells: []screen.Cell{screen.Text(under + x.Object), screen.Text(x.Status), since, screen.Text(actions)}})
		for i := range x.Parts {
			add(&x.Parts[i], under+"› ")
		}
	}
	add(s, "")
	return screen.Panel{ID: "state", Title: "What it is doing", Table: t}
}

func (s *Server) statDropPage(r *http.Request, _ visitor) (screen.Page, error) {
	id := r.PathValue("id")
	return question("Drop statistic", "monitors", statPath(id), screen.Ask{Action: statPath(id) + "/drop", Risk: true, Button: "Drop this statistic",
		Text: []string{"It ends for everybody who follows it; who asks for it again begins anew."}}, statCrumbs...), nil
}

func (s *Server) statDropDo(r *http.Request, _ visitor) (outcome, error) {
	if s.services.Statistics == nil {
		return outcome{To: statsPath}, errStatistics
	}
	return outcome{To: statsPath, Text: "The statistic was dropped."}, s.services.Statistics.Drop(r.Context(), r.PathValue("id"))
}
