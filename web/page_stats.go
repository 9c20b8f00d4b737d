package web

import (
	"cmp"
	"context"
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

const statsPath = "/monitors/statistics"

func statPath(id string) string { return statsPath + "/" + url.PathEscape(id) }

var (
	statCrumbs    = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Statistics", Href: statsPath}}
	errStatistics = Unavailable("this member keeps no statistics")
)

// statRow is an open statistic with what it comes to.
type statRow struct {
	Statistic
	value StatValue
}

func statListing(now time.Time) listing[statRow] {
	return listing[statRow]{path: statsPath, key: func(x statRow) string { return x.ID },
		columns: []listColumn[statRow]{
			{name: "object", label: "Object", width: "w10", cell: func(x statRow) screen.Cell { return screen.Link(x.Object, statPath(x.ID)) },
				compare: by(func(x statRow) string { return x.Object })},
			{name: "statistic", label: "Statistic", width: "w18", cell: func(x statRow) screen.Cell { return screen.Text(x.short()) },
				compare: by(func(x statRow) string { return x.short() })},
			{name: "solution", label: "Solution", width: "w6", cell: func(x statRow) screen.Cell { return screen.Text(x.Solution) },
				compare: by(func(x statRow) string { return x.Solution })},
			{label: "Value", width: "w6", num: true, cell: func(x statRow) screen.Cell { return x.value.cell() }},
			{label: "Last fact", width: "w6", num: true, cell: func(x statRow) screen.Cell { return x.value.lastFact(now) }},
			{label: "State", width: "w9", cell: func(x statRow) screen.Cell { return screen.Mark(x.value.state()) }},
			{name: "owner", label: "Owner", width: "w6", cell: func(x statRow) screen.Cell { return screen.Text(x.Owner) },
				compare: by(func(x statRow) string { return x.Owner })},
			{name: "asked", label: "Asked for", width: "w6", num: true, cell: func(x statRow) screen.Cell { return screen.Since(time.UnixMilli(x.Asked), now) },
				compare: func(a, b statRow) int { return cmp.Compare(b.Asked, a.Asked) }},
			{label: "Goes in", width: "w6", num: true, cell: func(x statRow) screen.Cell { return screen.Until(time.UnixMilli(x.Leaves), now) }},
		},
		filters: []listFilter[statRow]{
			{name: "search", label: "Object or statistic", value: func(x statRow) string { return x.searched() }, part: true},
			{name: "owner", label: "Owner", value: func(x statRow) string { return x.Owner }},
		}}
}

// searched is the text in which words are looked for.
func (q StatRequest) searched() string { return q.Object + " " + q.short() + " " + q.Solution }

// short is a definition in few words.
func (q StatRequest) short() string {
	words := q.Category + " of " + q.Main
	if q.Relative != "" {
		words += " to " + q.Relative
	}
	if q.Subject != "" && q.Subject != "DNAction" {
		words += ", " + q.Subject
	}
	if q.Filter != "" {
		words += ", where " + q.Filter
	}
	return words + ", " + q.Profile
}

// number is a value as people read it.
func (v StatValue) number() string {
	if v.Whole {
		return strconv.FormatFloat(v.Number, 'f', -1, 64)
	}
	return strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v.Number, 'f', 3, 64), "0"), ".")
}

func (v StatValue) cell() screen.Cell {
	if v.Problem != "" {
		return screen.Unknown()
	}
	return screen.Cell{Text: v.number(), Num: true, Muted: v.Empty}
}

func (v StatValue) lastFact(now time.Time) screen.Cell {
	if v.LastFact == 0 {
		return screen.Unknown()
	}
	return screen.Since(time.UnixMilli(v.LastFact), now)
}

func (v StatValue) state() screen.State {
	switch {
	case v.Problem != "":
		return screen.StateOf("statistic", "moving")
	case !v.Valid:
		return screen.StateOf("statistic", "invalid")
	}
	return screen.StateOf("statistic", "valid")
}

func (s *Server) statsPage(r *http.Request, v visitor) (screen.Page, error) {
	p, err := statListing(s.now()).page(r, v, "Statistics", "statistics", s.statsView)
	p.Acts = append(p.Acts, screen.Act{Label: "New statistic", Href: statsPath + "/new"})
	return p, err
}

func (s *Server) statsView(ctx context.Context, values url.Values, _ screen.Right) (screen.View, error) {
	if s.services.Statistics == nil {
		return screen.View{}, errStatistics
	}
	l := statListing(s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	chosen, all := s.chooseStatistics(l, q)
	s.lookAtStatistics(ctx, chosen)
	empty := "No statistic is open. Open one by New statistic, or tandem stat get."
	if all == 0 {
		if _, total := s.services.Statistics.List(StatSearch{}); total > 0 {
			empty = "No statistic is like that; " + counted(total, "statistic") + " in all."
		}
	}
	t := l.table(q, chosen, empty)
	if over := all - len(chosen); over > 0 {
		t.More = fmt.Sprintf("%d more are not shown: filter to see them.", over)
	}
	return screen.View{Panels: []screen.Panel{{ID: "statistics", Title: "Open statistics", Quiet: counted(all, "statistic"), Table: t}}}, nil
}

// chooseStatistics has those looked for where they are: there may be very many. all is how many there are of the kind.
func (s *Server) chooseStatistics(l listing[statRow], q listQuery) (chosen []statRow, all int) {
	search := StatSearch{Limit: maxShown}
	if len(q.words) > 0 {
		search.Wanted = func(x Statistic) bool { return l.selects(q, statRow{Statistic: x}) }
	}
	if order := l.order(q); order != nil {
		search.Order = func(a, b Statistic) int { return order(statRow{Statistic: a}, statRow{Statistic: b}) }
	}
	found, all := s.services.Statistics.List(search)
	for _, x := range found {
		chosen = append(chosen, statRow{Statistic: x})
	}
	return chosen, all
}

// lookAtStatistics puts in what rows come to. To look at a list is not to ask for what is in it: it is not kept for that.
func (s *Server) lookAtStatistics(ctx context.Context, rows []statRow) {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	values := s.services.Statistics.Look(ctx, ids)
	for i := range rows {
		rows[i].value = values[i]
	}
}

// statNewPage asks what a new statistic is. What was asked for before stands in the address.
func (s *Server) statNewPage(r *http.Request, _ visitor) (screen.Page, error) {
	if s.services.Statistics == nil {
		return screen.Page{}, errStatistics
	}
	names, err := s.services.Statistics.Profile("")
	if err != nil {
		return screen.Page{}, err
	}
	return question("New statistic", "monitors", statsPath, statAsk(names, r.URL.Query()), statCrumbs...), nil
}

// statTypes are the types of objects that can be chosen.
var statTypes = []string{"Queue", "Agent", "RegDN", "AgentPlace", "RoutePoint", "GroupAgents", "GroupPlaces", "GroupQueues", "Switch", "Tenant"}

func statAsk(names StatProfile, q url.Values) screen.Ask {
	input := func(name, label, note string, options ...string) screen.Input {
		in := screen.Input{Name: name, Label: label, Note: note, Value: q.Get(name), Max: maxField}
		for _, o := range options {
			in.Options = append(in.Options, screen.Option{Value: o, Label: o})
		}
		if len(options) > 0 && options[0] == "" {
			in.Options[0].Label = "none"
		}
		return in
	}
	keys := func(m map[string]string) []string { return append([]string{""}, slices.Sorted(maps.Keys(m))...) }
	profiles := slices.Sorted(maps.Keys(names.Profiles))
	if i := slices.Index(profiles, "Default"); i > 0 {
		profiles[0], profiles[i] = profiles[i], profiles[0]
	}
	return screen.Ask{Action: statsPath, Button: "Open statistic", Inputs: []screen.Input{
		input("type", "Object type", "", statTypes...),
		input("object", "Object", "its name, such as sales or 1002"),
		input("stat_type", "Statistic", "none: say a category and masks", append([]string{""}, slices.Sorted(maps.Keys(names.Types))...)...),
		input("category", "Category", "", append([]string{""}, names.Categories...)...),
		input("main_mask", "Main mask", "actions or statuses, such as CallWait or *,~LoggedOut"),
		input("relative_mask", "Relative mask", "of categories that need one"),
		input("subject", "Subject", "", "", "DNAction", "DNStatus", "AgentStatus", "PlaceStatus", "GroupStatus"),
		input("time_profile", "Time profile", "", profiles...),
		input("time_range", "Time range", "seconds, such as 0-20; nothing: the default one"),
		input("filter", "Filter", "", keys(names.Filters)...),
		input("expression", "or a condition", `such as PairExists("grade","gold")`),
	}}
}

// statNewDo opens a statistic and leads to it; what can not be leads back to the form, which has kept what was said.
func (s *Server) statNewDo(r *http.Request, v visitor) (outcome, error) {
	if s.services.Statistics == nil {
		return outcome{To: statsPath}, errStatistics
	}
	f := r.PostForm
	back := url.Values{}
	for name, values := range f {
		if len(name) <= maxField && len(values) > 0 && values[0] != "" && len(values[0]) <= maxField {
			back.Set(name, values[0])
		}
	}
	q := StatRequest{Object: f.Get("type") + ":" + strings.TrimSpace(f.Get("object")), Type: f.Get("stat_type"), Category: f.Get("category"),
		Main: f.Get("main_mask"), Relative: f.Get("relative_mask"), Subject: f.Get("subject"), Profile: f.Get("time_profile"),
		Range: f.Get("time_range"), Filter: orElse(f.Get("expression"), f.Get("filter"))}
	opened, err := s.services.Statistics.Open(r.Context(), v.asker(), q)
	if err != nil {
		return outcome{To: addressOf(statsPath+"/new", back)}, err
	}
	return outcome{To: statPath(opened.ID), Text: fmt.Sprintf("The statistic is open over %s.", opened.Object)}, nil
}
