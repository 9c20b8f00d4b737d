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

// A report of a period that is not over is of the calls that began by one moment, which is in its address: whoever gets the
// address sees the same calls, and is told how many have come since. Those that were open at that moment (stillOpen) are told
// as far as they have come when somebody looks: their waits, talks and outcomes may differ from one look to the next.

// momentForms are how moments are written in addresses and forms.
var momentForms = []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02.15:04:05"}

// momentIn reads a moment in a zone; zero: it is none.
func momentIn(text string, zone *time.Location) time.Time {
	for _, form := range momentForms {
		if at, err := time.ParseInLocation(form, strings.TrimSpace(text), zone); err == nil {
			return at
		}
	}
	return time.Time{}
}

// pin chooses the moment of a report: that of its address, where it has one that is past, else now.
func (p *reportPage) pin(now time.Time) {
	at := now.Truncate(time.Second)
	if seconds, err := strconv.ParseInt(p.ask.Get("at"), 10, 64); err == nil && seconds > 0 && seconds < at.Unix() {
		at = time.Unix(seconds, 0)
	}
	p.ask.Del("at")
	if to := p.ask.Get("to"); to != "" && !momentIn(to, p.zone).After(at) {
		return // the period is over, or nobody can read its end
	}
	p.asOf = at
	p.ask.Set("at", strconv.FormatInt(at.Unix(), 10))
}

// until is the end of what is told, as questions have it.
func (p *reportPage) until() string { return p.asOf.In(p.zone).Format("2006-01-02T15:04:05") }

// moment is a moment as people read it, in the zone of the report.
func (p *reportPage) moment(at time.Time) string { return at.In(p.zone).Format(time.DateTime) }

// news is where a page asks what has come since, and where that is shown.
func (p *reportPage) news() *screen.News {
	fresh := &reportPage{path: p.path, ask: url.Values{}}
	for name, values := range p.ask {
		if name != "at" {
			fresh.ask[name] = values
		}
	}
	return &screen.News{From: p.with(reportsPath + "/new"), Href: fresh.with(p.path)}
}

// stillOpen counts the calls that were waited or talked in at the moment of a report, whether or not it is of those alone
// that are fully within its period: of these none is.
func (s *Server) stillOpen(r *http.Request, v visitor, p *reportPage) (screen.Figure, error) {
	f := screen.Figure{Key: "open", Label: "Still open", Note: "at that moment"}
	q := p.query(v, []string{callsBlock}, "")
	q.Asked["from"], q.Asked["to"] = []string{p.until()}, []string{p.asOf.Add(time.Second).In(p.zone).Format("2006-01-02T15:04:05")}
	delete(q.Asked, "whole")
	found, err := s.services.Reports.Report(r.Context(), q)
	if err != nil {
		return f, err
	}
	n := len(found.Tables[0].Rows)
	f.Value = strconv.Itoa(n)
	if n > 0 {
		f.Href = p.with(reportsPath+"/calls", "from", q.Asked["from"][0], "to", q.Asked["to"][0], "whole", "")
	}
	return f, nil
}

// reportNew tells how many calls have come since the moment of a report.
func (s *Server) reportNew(w http.ResponseWriter, r *http.Request) {
	v, ok := s.visitor(r)
	switch {
	case !ok:
		s.refuse(w, r, Refuse(http.StatusUnauthorized, "unauthorized", "log in first"))
		return
	case s.services.Reports == nil:
		s.refuse(w, r, errNoReports)
		return
	}
	p := s.reportOf(r, "new")
	if p.asOf.IsZero() {
		s.refuse(w, r, Invalid("the period of this report is over: no call is new in it"))
		return
	}
	q := p.query(v, []string{callsBlock}, "")
	q.Asked["from"], q.Asked["to"] = []string{p.until()}, p.ask["to"]
	found, err := s.services.Reports.Report(r.Context(), q)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	n := 0
	for _, row := range found.Tables[0].Rows {
		if int64(row[0].Value) >= p.asOf.Unix() { // others were open by then
			n++
		}
	}
	more := ""
	if found.Tables[0].Cut {
		more = " and more"
	}
	writeJSON(w, http.StatusOK, map[string]any{"calls": n, "text": fmt.Sprintf("%s%s since %s", counted(n, "new call"), more, p.moment(p.asOf))})
}

// restart is a start of a server in the period of a report.
type restart struct {
	server string
	at     time.Time
}

// restarts are those in the period of a page, in the order of time.
func (found Report) restarts(p *reportPage) (all []restart) {
	from, to := momentIn(p.ask.Get("from"), p.zone), momentIn(p.ask.Get("to"), p.zone)
	for _, part := range found.Parts {
		for _, seconds := range part.Restarts {
			at := time.Unix(seconds, 0).In(p.zone)
			if !at.Before(from) && (to.IsZero() || at.Before(to)) && (p.asOf.IsZero() || !at.After(p.asOf)) {
				all = append(all, restart{part.Name, at})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b restart) int { return a.at.Compare(b.at) })
	return all
}

// maxRestartsShown is how many restarts of one server are named.
const maxRestartsShown = 3

// restartCell names when a server was started again: what was open there then is lost, or cut.
func (p *reportPage) restartCell(server string) screen.Cell {
	var times []string
	for _, x := range p.restarts {
		if x.server == server {
			times = append(times, p.moment(x.at))
		}
	}
	if len(times) == 0 {
		return screen.Text("")
	}
	text := strings.Join(times[:min(len(times), maxRestartsShown)], ", ")
	if n := len(times) - maxRestartsShown; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return screen.Link(text, p.with(reportsPath+"/calls", "where", "server="+url.QueryEscape(server)+"&cause=Restart"))
}

// markRestarts marks in a chart by day, or by hour of one day, where a server was started again.
func (p *reportPage) markRestarts(chart *screen.Chart, by string, points []screen.ChartPoint) {
	if chart == nil || by != "day" && by != "hour" || by == "hour" && !p.oneDay() {
		return
	}
	words, places := map[int][]string{}, map[int]float64{}
	for _, x := range p.restarts {
		label, past := p.barOf(x.at, by)
		i := slices.IndexFunc(points, func(point screen.ChartPoint) bool { return point.Label == label })
		if i < 0 || slices.Contains(words[i], x.server) {
			continue
		}
		if len(words[i]) == 0 {
			places[i] = float64(i) + past
		}
		words[i] = append(words[i], x.server)
	}
	for _, i := range slices.Sorted(maps.Keys(words)) {
		chart.Mark(places[i], len(points), strings.Join(words[i], ", ")+" restarted")
	}
}

// barOf is the bar of a moment in a chart by day or hour, and how much of its time is past by then.
func (p *reportPage) barOf(at time.Time, by string) (label string, past float64) {
	minutes := 60*at.Hour() + at.Minute()
	if by == "day" {
		return at.Format(time.DateOnly), float64(minutes) / 1440
	}
	slot, err := strconv.Atoi(strings.TrimSuffix(p.ask.Get("slot"), "m"))
	if err != nil || slot < 1 {
		slot = 60
	}
	begin := minutes / slot * slot
	return fmt.Sprintf("%02d:%02d", begin/60, begin%60), float64(minutes-begin) / float64(slot)
}

// oneDay tells whether all of a report is of one day, so that an hour of the day is an hour.
func (p *reportPage) oneDay() bool {
	from, to := momentIn(p.ask.Get("from"), p.zone), momentIn(p.ask.Get("to"), p.zone)
	if !p.asOf.IsZero() {
		to = p.asOf
	}
	return !from.IsZero() && to.Sub(from) <= 24*time.Hour && from.In(p.zone).Format(time.DateOnly) == to.Add(-time.Second).In(p.zone).Format(time.DateOnly)
}
