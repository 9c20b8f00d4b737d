package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const legsPath = "/monitors/legs"

// legListing is how legs are listed. Which acts a row has depends on the reader.
func legListing(right screen.Right, now time.Time) listing[Leg] {
	l := listing[Leg]{path: legsPath, key: func(l Leg) string { return l.Handler },
		columns: []listColumn[Leg]{
			{label: "Leg", width: "w12", cell: func(l Leg) screen.Cell { return screen.Short(l.Handler, legPath(l.Handler)) }},
			{name: "state", label: "State", width: "w6", cell: func(l Leg) screen.Cell { return screen.Mark(screen.StateOf("leg", l.State)) },
				compare: by(func(l Leg) string { return l.State })},
			{name: "account", label: "Account", width: "w10", cell: func(l Leg) screen.Cell { return screen.Text(l.Account) },
				compare: by(func(l Leg) string { return l.Account })},
			{name: "direction", label: "Dir.", width: "w3", cell: func(l Leg) screen.Cell { return screen.Text(l.Direction) },
				compare: by(func(l Leg) string { return l.Direction })},
			{name: "from", label: "From", width: "w10", cell: func(l Leg) screen.Cell { return screen.Text(l.From) },
				compare: by(func(l Leg) string { return l.From })},
			{name: "to", label: "To", width: "w10", cell: func(l Leg) screen.Cell { return screen.Text(orElse(l.To, l.Application)) },
				compare: by(func(l Leg) string { return l.To })},
			{name: "lives", label: "Lives on", width: "w13", cell: livesOn, compare: by(func(l Leg) string { return l.Member })},
			{name: "codec", label: "Codec", width: "w5", cell: func(l Leg) screen.Cell { return screen.Text(l.Codec) },
				compare: by(func(l Leg) string { return l.Codec })},
			{name: "mos", label: "MOS", width: "w4", num: true, cell: mosCell,
				compare: func(a, b Leg) int { return cmp.Compare(a.MOS, b.MOS) }},
			{name: "duration", label: "Duration", width: "w6", num: true, cell: func(l Leg) screen.Cell { return screen.Since(l.began(), now) },
				compare: func(a, b Leg) int { return b.began().Compare(a.began()) }},
		},
		filters: []listFilter[Leg]{
			{name: "account", label: "Account", value: func(l Leg) string { return l.Account }, part: true},
			{name: "number", label: "From or to", value: func(l Leg) string { return l.From + " " + l.To }, part: true},
			{name: "state", label: "State", value: func(l Leg) string { return l.State }, options: stateOptions("leg", "waiting", "ringing", "answered", "ending")},
			{name: "lives", label: "Lives on", value: func(l Leg) string { return l.Member }},
			{name: "needs", label: "Needed by", value: Leg.neededBy},
			{name: "call", label: "Call", value: func(l Leg) string { return l.Call }},
			{name: "where", label: "Placed", value: Leg.where, options: []screen.Option{
				{Value: "", Label: "anywhere"}, {Value: "here", Label: "where needed"}, {Value: "elsewhere", Label: "elsewhere"}}},
		}}
	if right == screen.Administrator {
		l.columns = append(l.columns, listColumn[Leg]{label: "Acts", width: "w6", cell: func(l Leg) screen.Cell {
			return screen.Cell{Acts: []screen.Act{{Label: "Hang up", About: l.From, Href: legPath(l.Handler) + "/hangup", Risk: true}}}
		}})
	}
	return l
}

// stateOptions are states to choose from, or all of them.
func stateOptions(kind string, values ...string) []screen.Option {
	all := []screen.Option{{Value: "", Label: "all"}}
	for _, v := range values {
		all = append(all, screen.Option{Value: v, Label: screen.StateOf(kind, v).Word})
	}
	return all
}

func by[T any](value func(T) string) func(a, b T) int {
	return func(a, b T) int { return strings.Compare(value(a), value(b)) }
}

// began is the answer, or the first request of a leg that is not answered.
func (l Leg) began() time.Time {
	if l.Answered.IsZero() {
		return l.Since
	}
	return l.Answered
}

func (l Leg) neededBy() string { return orElse(l.Needs, l.Member) }

// where tells legs that live with the member that needs them from those that live elsewhere.
func (l Leg) where() string {
	if l.neededBy() == l.Member {
		return "here"
	}
	return "elsewhere"
}

// livesOn names one member when the leg lives where it is needed, and else both.
func livesOn(l Leg) screen.Cell {
	c := screen.Text(l.Member)
	if l.where() == "elsewhere" {
		c.Tags = []screen.Tag{{Word: "for " + l.Needs, Title: l.Placement}}
	}
	return c
}

func mosCell(l Leg) screen.Cell {
	if l.MOS == 0 {
		return screen.Unknown()
	}
	return screen.Cell{Text: strconv.FormatFloat(l.MOS, 'f', 1, 64), Num: true}
}

func legPath(handler string) string { return legsPath + "/" + url.PathEscape(handler) }

func (s *Server) legsPage(r *http.Request, v visitor) (screen.Page, error) {
	return legListing(v.right, s.now()).page(r, v, "Legs", "legs", s.legsView)
}

func (s *Server) legsView(ctx context.Context, values url.Values, right screen.Right) (screen.View, error) {
	l := legListing(right, s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	ctx, missing := ListenFor(ctx)
	all, err := s.services.Calls.Legs(ctx, LegQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "No calls now. Dial 9196 to hear yourself."
	if len(all) > 0 {
		empty = "No leg is like that; " + counted(len(all), "leg") + " in all."
	}
	return screen.View{Figures: legFigures(all), Panels: []screen.Panel{
		{ID: "legs", Title: "Legs", Quiet: counted(len(chosen), "leg"), Table: l.table(q, chosen, empty),
			Notes: missing.remarks("legs")}}}, nil
}

// legFigures count all legs, filtered or not, so that a figure and what is behind it agree.
func legFigures(all []Leg) []screen.Figure {
	count := map[string]int{"waiting": 0, "ringing": 0, "answered": 0}
	for _, l := range all {
		count[l.State]++
	}
	figures := []screen.Figure{{Key: "all", Label: "All legs", Value: strconv.Itoa(len(all)), Href: legsPath,
		Note: "of " + counted(callsOf(all), "call")}}
	names := []string{"waiting", "ringing", "answered"}
	for state := range count {
		if !slices.Contains(names, state) {
			names = append(names, state)
		}
	}
	slices.Sort(names[3:])
	for _, state := range names {
		figures = append(figures, screen.Figure{Key: state, Label: screen.StateOf("leg", state).Word,
			Value: strconv.Itoa(count[state]), Href: addressOf(legsPath, url.Values{"state": {state}})})
	}
	return figures
}

// legNamed is a leg that a page asks about.
func (s *Server) legNamed(r *http.Request) (Leg, error) {
	handler := r.PathValue("handler")
	found, err := s.services.Calls.Legs(r.Context(), LegQuery{Handler: handler, Limit: 1})
	if err != nil {
		return Leg{}, err
	}
	if len(found) == 0 {
		return Leg{}, NotFound("no leg lives under %q: it has ended", clip(handler, 120))
	}
	return found[0], nil
}

var legCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Legs", Href: legsPath}}

func (s *Server) legPage(r *http.Request, v visitor) (screen.Page, error) {
	l, err := s.legNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	now := s.now()
	p := screen.Page{Title: "Leg", Realm: "monitors", Path: legsPath, Crumbs: legCrumbs, Facts: []screen.Fact{
		{Label: "State", Cell: screen.Mark(screen.StateOf("leg", l.State))},
		{Label: "Handler", Cell: screen.Mono(l.Handler)},
		{Label: "Call", Cell: screen.Link(l.Call, legsHref("call", l.Call))},
		{Label: "SIP Call-ID", Cell: screen.Mono(l.SIPCallID)},
		{Label: "Account", Cell: screen.Text(l.Account)},
		{Label: "Direction", Cell: screen.Text(l.Direction)},
		{Label: "From", Cell: screen.Text(l.From)}, {Label: "To", Cell: screen.Text(l.To)},
		{Label: "Peer", Cell: screen.Mono(l.Peer)}, {Label: "Application", Cell: screen.Text(l.Application)},
		{Label: "Lives on", Cell: livesOn(l)}, {Label: "Needed by", Cell: screen.Text(l.neededBy())},
		{Label: "Placement", Cell: screen.Text(l.Placement)},
		{Label: "Codec", Cell: screen.Text(l.Codec)}, {Label: "Encryption", Cell: screen.Text(l.Encryption)},
		{Label: "MOS", Cell: mosCell(l)},
		{Label: "Since", Cell: screen.Text(screen.Clock(l.Since, now))},
		{Label: "Answered", Cell: screen.Text(screen.Clock(l.Answered, now))},
		{Label: "Recording", Cell: screen.Text(l.Recording)},
	}}
	if v.right == screen.Administrator {
		p.Acts = []screen.Act{{Label: "Hang up", Href: legPath(l.Handler) + "/hangup", Risk: true}}
	}
	return p, nil
}

func (s *Server) hangupPage(r *http.Request, _ visitor) (screen.Page, error) {
	l, err := s.legNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	return question("Hang up", "monitors", legsPath, screen.Ask{Action: legPath(l.Handler) + "/hangup",
		Text:   []string{l.From + " to " + orElse(l.To, l.Application) + ", " + screen.StateOf("leg", l.State).Word + ", on " + l.Member + "."},
		Button: "End this call", Risk: true}, legCrumbs...), nil
}

func (s *Server) hangupDo(r *http.Request, _ visitor) (outcome, error) {
	err := s.services.Calls.Hangup(r.Context(), r.PathValue("handler"))
	return outcome{To: legsPath, Text: "The leg is being ended."}, err
}
