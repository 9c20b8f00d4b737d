package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tandem/web/screen"
)

// queuePage is the page of one queue: what it is like, who is in it and who serves it.
func (s *Server) queuePage(r *http.Request, v visitor) (screen.Page, error) {
	name := r.PathValue("name")
	only := url.Values{"name": {name}}
	c, err := s.lookAtCentre(r.Context(), name)
	if err != nil {
		return screen.Page{}, err
	}
	q := c.queues[0]
	return screen.Page{Title: orElse(q.Display, q.Name), Realm: "monitors", Path: queuesPath, Crumbs: queueCrumbs, Board: true,
		Topic: topicName("queue", only), View: c.view(), Facts: []screen.Fact{
			{Label: "Queue", Cell: screen.Text(q.Name)},
			{Label: "Numbers", Cell: screen.Text(strings.Join(q.Numbers, ", "))},
			{Label: "Strategy", Cell: screen.Text(q.Strategy)},
			{Label: "Target", Cell: screen.Text(fmt.Sprintf("%d %% within %s", q.Target, screen.Length(q.ServiceLevel.Duration())))},
			{Label: "Weight", Cell: screen.Text(strconv.Itoa(q.Weight))},
			{Label: "Callers at most", Cell: screen.Text(atMost(q.MaxLen))},
			{Label: "Revision", Cell: screen.Text(strconv.FormatUint(q.Revision, 10))},
		}}, nil
}

func atMost(n int) string {
	if n == 0 {
		return "no limit of its own"
	}
	return strconv.Itoa(n)
}

func (s *Server) queueView(ctx context.Context, values url.Values, _ screen.Right) (screen.View, error) {
	name := values.Get("name")
	if name == "" {
		return screen.View{}, NotFound("which queue?")
	}
	c, err := s.lookAtCentre(ctx, name)
	if err != nil {
		return screen.View{}, err
	}
	return c.view(), nil
}

// view is that of the page of one queue.
func (c centre) view() screen.View {
	agents := c.agentsPanel()
	agents.Half = false
	return screen.View{Figures: c.figures(), Panels: []screen.Panel{c.queuesPanel(), c.linePanel(), agents}}
}

// linePanel has all who are in the queue of the page: in line first and in its order, then those who talk.
func (c centre) linePanel() screen.Panel {
	t := &screen.Table{Events: true, Sticky: true, Empty: "Nobody is in this queue.", Columns: []screen.Column{{Label: "Caller", Width: "w13"},
		{Label: "Pos.", Num: true, Width: "w4"}, {Label: "State", Width: "w9"}, {Label: "Priority", Num: true, Width: "w5"},
		{Label: "Waited", Num: true, Width: "w6"}, {Label: "Agents", Width: "w12"}, {Label: "Acts", Width: "w14"}}}
	line := slices.Clone(c.callers)
	slices.SortStableFunc(line, func(a, b waiter) int { return lastWithout(a.Position) - lastWithout(b.Position) })
	for i, x := range line {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown.", len(line)-maxShown)
			break
		}
		waited := screen.Since(x.since, c.now)
		if x.State == callerTalking { // its wait is over
			waited = screen.Cell{Text: screen.Length(x.Waited.Duration()), Num: true}
		}
		t.Rows = append(t.Rows, screen.Row{Key: x.Caller.Caller, Cells: []screen.Cell{x.cell(), x.position(),
			screen.Mark(screen.StateOf("caller", x.State)), {Text: strconv.Itoa(x.Priority), Num: true, Muted: x.Priority == 0}, waited,
			agentsCell(x.Agents), {Acts: x.acts(true)}}})
	}
	return screen.Panel{ID: "callers", Title: "Callers", Quiet: counted(len(line), "caller"), Table: t, Notes: c.silence()}
}

// lastWithout has those without a position come last.
func lastWithout(position int) int {
	if position == 0 {
		return int(^uint32(0) >> 1)
	}
	return position
}

// agentsCell leads to the agents who are rung for a caller; of several the first ones are named.
func agentsCell(names []string) screen.Cell {
	switch len(names) {
	case 0:
		return screen.Text("")
	case 1:
		return screen.Link(names[0], agentPath(names[0]))
	}
	return screen.Text(strings.Join(names[:min(len(names), 4)], ", "))
}
