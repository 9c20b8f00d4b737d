package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/web/screen"
)

func (s *Server) homePage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.homeView(r.Context(), nil, v.right)
	return screen.Page{Title: "Home", Realm: "home", Topic: "home", View: view}, err
}

// homeView answers: is all well, and if not, where.
func (s *Server) homeView(ctx context.Context, _ url.Values, _ screen.Right) (screen.View, error) {
	cluster, err := s.services.Cluster.Cluster(ctx)
	if err != nil {
		return screen.View{}, err
	}
	legs, err := s.services.Calls.Legs(ctx, LegQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	registered, err := s.services.Registrations.Find(ctx, RegistrationQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	tasks, err := s.services.Tasks.Tasks(ctx, TaskQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	records, err := s.services.Calls.Records(ctx, RecordQuery{Limit: 1})
	if err != nil {
		return screen.View{}, err
	}
	var trunks []TrunkStand
	if s.services.Trunks != nil {
		trunks = s.services.Trunks.Stand()
	}
	now := s.now()
	view := screen.View{Figures: homeFigures(cluster, len(legs), callsOf(legs), len(registered), len(tasks)),
		Panels: []screen.Panel{wellPanel(append(worries(cluster, s.services.Health.Health(), now), trunkWorries(trunks)...))}}
	view.Figures = append(view.Figures, trunkFigure(trunks)...)
	if len(registered) == 0 || len(records) == 0 && len(legs) == 0 {
		view.Panels = append(view.Panels, tryPanel(len(registered) > 0, len(records)+len(legs) > 0))
	}
	if !cluster.Alone {
		changes := changesPanel(cluster, now)
		events := eventsPanel(cluster, now)
		view.Panels = append(view.Panels, changes, events)
	}
	return view, nil
}

func homeFigures(v ClusterView, legs, calls, registered, tasks int) []screen.Figure {
	up := 0
	for _, m := range v.Members {
		if m.State == MemberUp {
			up++
		}
	}
	return []screen.Figure{
		{Key: "members", Label: "Members up", Value: strconv.Itoa(up), Of: fmt.Sprintf("of %d", len(v.Members)), Href: membersPath},
		{Key: "calls", Label: "Calls now", Value: strconv.Itoa(calls)},
		{Key: "legs", Label: "Legs", Value: strconv.Itoa(legs), Href: legsPath},
		{Key: "tasks", Label: "Tasks", Value: strconv.Itoa(tasks), Href: tasksPath},
		{Key: "registrations", Label: "Registrations", Value: strconv.Itoa(registered), Href: registrationsPath},
	}
}

// trunkFigure counts trunks that take calls, where there are any.
func trunkFigure(all []TrunkStand) []screen.Figure {
	if len(all) == 0 {
		return nil
	}
	up := 0
	for _, t := range all {
		if t.Up {
			up++
		}
	}
	return []screen.Figure{{Key: "trunks", Label: "Trunks up", Value: strconv.Itoa(up), Of: fmt.Sprintf("of %d", len(all)), Href: trunksPath}}
}

// trunkWorries are the trunks that take no calls.
func trunkWorries(all []TrunkStand) (bad []screen.Remark) {
	for _, t := range all {
		if t.Known && !t.Up {
			bad = append(bad, screen.Remark{State: screen.StateOf("trunk", "down").With("Trunk " + t.Name), Href: trunksPath,
				Text: "takes no calls: " + orElse(t.Why, "no reason is known")})
		}
	}
	return bad
}

// worries are what needs somebody, worst first.
func worries(v ClusterView, c Condition, now time.Time) (bad []screen.Remark) {
	broken, look := screen.StateOf("notice", "broken"), screen.StateOf("notice", "look")
	var less []screen.Remark
	if !v.Quorum {
		bad = append(bad, screen.Remark{State: broken.With("No quorum"), Href: membersPath,
			Text: orElse(v.Store.Message, "the store can not be written from here")})
	}
	for _, check := range c.Checks {
		if !check.OK && (check.Name != "store" || v.Quorum) {
			bad = append(bad, screen.Remark{State: broken.With(check.Name), Text: orElse(check.Message, "does not work")})
		}
	}
	for _, m := range v.Members {
		if m.State != MemberUp || m.Draining || m.CutOff {
			if note, ok := memberNote(v, m, false, now); ok {
				bad, less = sortWorry(bad, less, m, screen.Remark{State: note.State, Text: note.Text, Href: membersPath})
			} else {
				bad, less = sortWorry(bad, less, m, screen.Remark{State: m.state().With(m.Name), Href: membersPath,
					Text: "is " + m.State + ": " + orElse(m.Why, "no reason is known")})
			}
		}
	}
	if refused := stranded(v.Members, v.Fallback); refused != "" {
		less = append(less, screen.Remark{State: look.With("Call legs"), Href: clusterPath,
			Text: "nobody is willing to make legs for " + refused + ": its calls are refused with 503"})
	}
	return append(bad, less...)
}

func sortWorry(bad, less []screen.Remark, m MemberRow, r screen.Remark) (worse, lesser []screen.Remark) {
	if m.State == MemberDead || m.State == MemberLost {
		return append(bad, r), less
	}
	return bad, append(less, r)
}

func wellPanel(all []screen.Remark) screen.Panel {
	p := screen.Panel{ID: "well", Title: "All well", Notes: all}
	switch len(all) {
	case 0:
		p.Notes = []screen.Remark{{State: screen.StateOf("notice", "well"), Text: "nothing needs you."}}
	case 1:
		p.Title = "1 thing needs you"
	default:
		p.Title = fmt.Sprintf("%d things need you", len(all))
	}
	return p
}

// tryPanel is for somebody who begins; each line is ticked off by itself.
func tryPanel(registered, called bool) screen.Panel {
	tick := func(done bool) screen.State {
		if done {
			return screen.StateOf("notice", "done")
		}
		return screen.StateOf("task", "disconnected").With("To do")
	}
	return screen.Panel{ID: "try", Title: "Try it", Notes: []screen.Remark{
		{State: tick(registered), Text: "Register a phone with an account and its password.", Href: registrationsPath},
		{State: tick(called), Text: "Dial 9196 and hear yourself.", Href: legsPath}}}
}
