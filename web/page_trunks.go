package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"tandem/web/screen"
)

const trunksPath = "/monitors/trunks"

func trunkPath(name string) string { return trunksPath + "/" + url.PathEscape(name) }

func trunkListing(right screen.Right, now time.Time) listing[Trunk] {
	l := listing[Trunk]{path: trunksPath, key: func(t Trunk) string { return t.Name },
		columns: []listColumn[Trunk]{
			{name: "trunk", label: "Trunk", width: "w8", cell: func(t Trunk) screen.Cell { return screen.Text(t.Name) },
				compare: by(func(t Trunk) string { return t.Name })},
			{name: "state", label: "State", width: "w8", cell: func(t Trunk) screen.Cell { return screen.Mark(screen.StateOf("trunk", t.State)) },
				compare: by(func(t Trunk) string { return t.State })},
			{label: "Registration", width: "w8", cell: trunkRegistration},
			{name: "channels", label: "Channels", width: "w6", num: true, cell: func(t Trunk) screen.Cell { return ofMost(t.Channels, t.MaxChannels) },
				compare: func(a, b Trunk) int { return a.Channels - b.Channels }},
			{label: "Calls/s", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return ofMost(t.Rate, t.MaxRate) }},
			{label: "Calls, 1 h", width: "w6", num: true, cell: func(t Trunk) screen.Cell { return screen.Number(t.Hour.Out + t.Hour.In) }},
			{label: "ASR", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return share(t.Hour.ASR) }},
			{label: "NER", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return share(t.Hour.NER) }},
			{label: "ACD", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return lasting(t.Hour.ACD) }},
			{label: "PDD", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return lasting(t.Hour.PDD) }},
			{name: "refused", label: "Refused", width: "w5", num: true, cell: func(t Trunk) screen.Cell { return screen.Number(t.Refused) },
				compare: func(a, b Trunk) int { return int(int64(a.Refused) - int64(b.Refused)) }},
			{label: "Last error", width: "w14", cell: func(t Trunk) screen.Cell { return trunkError(t, now) }},
			{name: "member", label: "Member", width: "w6", cell: func(t Trunk) screen.Cell { return screen.Text(t.Member) },
				compare: by(func(t Trunk) string { return t.Member })},
		},
		filters: []listFilter[Trunk]{
			{name: "search", label: "Trunk, target", part: true, value: func(t Trunk) string {
				text := t.Name
				for _, x := range t.Targets {
					text += " " + x.Address
				}
				return text
			}},
			{name: "state", label: "State", value: func(t Trunk) string { return t.State }, options: stateOptions("trunk", "up", "impaired", "down", "unknown")},
		}}
	if right == screen.Administrator {
		l.columns = append(l.columns, listColumn[Trunk]{label: "Acts", width: "w4", cell: func(t Trunk) screen.Cell {
			return screen.Cell{Acts: []screen.Act{{Label: "Test", About: t.Name, Href: trunkPath(t.Name) + "/test"}}}
		}})
	}
	return l
}

func trunkRegistration(t Trunk) screen.Cell {
	if t.Registration == "none" || t.Registration == "" {
		return screen.Cell{Text: "none wanted", Muted: true}
	}
	return screen.Mark(screen.StateOf("trunk registration", t.Registration))
}

// ofMost is a number, with its limit where there is one.
func ofMost(n, most int) screen.Cell {
	c := screen.Cell{Text: fmt.Sprint(n), Num: true, Muted: n == 0}
	if most > 0 {
		c.Text += fmt.Sprintf(" of %d", most)
	}
	return c
}

func share(part *float64) screen.Cell {
	if part == nil {
		return screen.Unknown()
	}
	return screen.Cell{Text: screen.Percent(int(*part*1000 + 0.5)), Num: true}
}

func lasting(length *Seconds) screen.Cell {
	if length == nil {
		return screen.Unknown()
	}
	if *length < 10 {
		return screen.Cell{Text: fmt.Sprintf("%.1f s", float64(*length)), Num: true}
	}
	return screen.Cell{Text: screen.Length(length.Duration()), Num: true}
}

func trunkError(t Trunk, now time.Time) screen.Cell {
	if t.LastError == "" {
		return screen.Text("")
	}
	return screen.Text(t.LastError + ", " + screen.Length(now.Sub(t.LastErrorAt)) + " ago")
}

func (s *Server) trunksPage(r *http.Request, v visitor) (screen.Page, error) {
	return trunkListing(v.right, s.now()).page(r, v, "Trunks", "trunks", s.trunksView)
}

func (s *Server) trunksView(ctx context.Context, values url.Values, right screen.Right) (screen.View, error) {
	l := trunkListing(right, s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	all, err := s.trunks(ctx, "")
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "There is no trunk. Name the carrier in trunks.list, and the numbers that are called over it in trunks.numbers."
	if len(all) > 0 {
		empty = "No trunk is like that; " + counted(len(all), "trunk") + " in all."
	}
	return screen.View{Panels: []screen.Panel{
		{ID: "trunks", Title: "Trunks", Quiet: counted(len(chosen), "trunk"), Table: l.table(q, chosen, empty)},
		{ID: "targets", Title: "Targets", Table: targetTable(chosen, s.now())}}}, nil
}

func targetTable(trunks []Trunk, now time.Time) *screen.Table {
	t := &screen.Table{Sticky: true, Empty: "These trunks have no targets: calls only come.", Columns: []screen.Column{
		{Label: "Trunk", Width: "w8"}, {Label: "Target", Width: "w14"}, {Label: "State", Width: "w8"}, {Label: "For", Width: "w6", Num: true},
		{Label: "Answers in", Width: "w6", Num: true}, {Label: "Priority", Width: "w5", Num: true}, {Label: "Weight", Width: "w5", Num: true},
		{Label: "Why", Width: "w14"}}}
	for _, x := range trunks {
		for _, target := range x.Targets {
			if len(t.Rows) == maxShown {
				t.More = "More are not shown: filter to see them."
				return t
			}
			trip := screen.Unknown()
			if target.Trip > 0 {
				trip = screen.Cell{Text: fmt.Sprintf("%.1f ms", 1000*float64(target.Trip)), Num: true}
			}
			t.Rows = append(t.Rows, screen.Row{Key: x.Name + " " + target.Address, Cells: []screen.Cell{screen.Text(x.Name), screen.Mono(target.Address),
				screen.Mark(screen.StateOf("trunk", target.State)), screen.Since(target.Since, now), trip, screen.Number(uint64(max(target.Priority, 0))),
				screen.Number(uint64(max(target.Weight, 0))), screen.Text(target.Why)}})
		}
	}
	return t
}

func (s *Server) trunkTestPage(r *http.Request, _ visitor) (screen.Page, error) {
	name := r.PathValue("name")
	return question("Test "+name, "monitors", trunksPath, screen.Ask{Action: trunkPath(name) + "/test",
		Text:   []string{"Each target is asked for a sign of life, and the registration is tried where there is none. Calls are not touched."},
		Button: "Test " + name}, screen.Crumb{Label: "Monitors", Href: membersPath}, screen.Crumb{Label: "Trunks", Href: trunksPath}), nil
}

func (s *Server) trunkTestDo(r *http.Request, _ visitor) (outcome, error) {
	if s.services.Trunks == nil {
		return outcome{}, noTrunk(r.PathValue("name"))
	}
	t, err := s.services.Trunks.Try(r.Context(), r.PathValue("name"), author(r))
	if err != nil {
		return outcome{}, err
	}
	text := fmt.Sprintf("%s is %s.", t.Name, t.State)
	if t.Why != "" {
		text = fmt.Sprintf("%s is %s: %s.", t.Name, t.State, t.Why)
	}
	return outcome{To: trunksPath, Text: text}, nil
}
