package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const queuesPath = "/monitors/queues"

var queueCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Queues", Href: queuesPath}}

func queuePath(name string) string { return queuesPath + "/" + url.PathEscape(name) }

func (s *Server) queuesPage(r *http.Request, v visitor) (screen.Page, error) {
	view, err := s.queuesView(r.Context(), nil, v.right)
	return screen.Page{Title: "Queues", Realm: "monitors", Topic: "queues", Board: true, View: view, Crumbs: queueCrumbs[:1],
		Tags: []string{"all queues"}}, err
}

// queuesView is the wallboard: all queues that the reader may see, who waits in them and who serves them.
func (s *Server) queuesView(ctx context.Context, _ url.Values, _ screen.Right) (screen.View, error) {
	c, err := s.lookAtCentre(ctx, "")
	if err != nil {
		return screen.View{}, err
	}
	return screen.View{Figures: c.figures(),
		Panels: []screen.Panel{c.queuesPanel(), c.callersPanel(), c.agentsPanel()}}, nil
}

// figures are the six of the board: of all queues together.
func (c centre) figures() []screen.Figure {
	return []screen.Figure{c.waitingFigure(), c.longestFigure(), c.levelFigure(), c.lostFigure(), c.readyFigure(), c.talkingFigure()}
}

func (c centre) waitingFigure() screen.Figure {
	waiting, callbacks, queues := 0, 0, 0
	for _, q := range c.queues {
		waiting, callbacks = waiting+q.Waiting, callbacks+q.Callbacks
		if q.Waiting > 0 {
			queues++
		}
	}
	f := screen.Figure{Key: "waiting", Label: "Waiting", Value: strconv.Itoa(waiting), Href: "#h-callers", Note: "nobody"}
	if waiting > 0 {
		f.Note = "in " + counted(queues, "queue")
	}
	if callbacks > 0 {
		f.Note += ", " + counted(callbacks, "callback")
	}
	return f
}

func (c centre) longestFigure() screen.Figure {
	f := screen.Figure{Key: "longest", Label: "Longest wait", Value: screen.Dash}
	var worst Queue
	var since time.Time
	for _, q := range c.queues {
		if at := q.waitingSince(); q.Waiting > 0 && (since.IsZero() || at.Before(since)) {
			worst, since = q, at
		}
	}
	if since.IsZero() {
		return f
	}
	run := screen.Since(since, c.now)
	state := screen.StateOf("queue", worst.stateAt(c.now))
	f.Value, f.Run, f.At, f.Tone = run.Text, run.Run, run.At, worth(state.Tone)
	word := state.With(worst.Name)
	f.State = &word
	return f
}

// worth is a tone that tints what has it: somebody should look.
func worth(tone string) string {
	if tone == "bad" || tone == "warn" {
		return tone
	}
	return ""
}

func (c centre) levelFigure() screen.Figure {
	f := screen.Figure{Key: "level", Label: "Service level", Value: screen.Dash, Note: "nobody was answered or lost yet"}
	inTime, all, weighted := 0, 0, 0
	for _, q := range c.queues {
		n := q.Answered + q.Abandoned
		inTime, all, weighted = inTime+q.InTime, all+n, weighted+n*q.Target
	}
	if all == 0 {
		return f
	}
	share, target := 100*float64(inTime)/float64(all), float64(weighted)/float64(all)
	f.Value, f.Of, f.Note = oneDecimal(share), "%", fmt.Sprintf("%d of %d", inTime, all)
	if target > 0 {
		state := levelState(share, target)
		f.Tone = worth(state.Tone)
		state = state.With(fmt.Sprintf("%s, target %s %%", f.Note, strings.TrimSuffix(oneDecimal(target), ".0")))
		f.State = &state
	}
	return f
}

// levelState tells how a service level stands against its target, both per cent.
func levelState(share, target float64) screen.State {
	switch {
	case share >= target:
		return screen.StateOf("level", "met")
	case share >= target*3/4:
		return screen.StateOf("level", "below")
	}
	return screen.StateOf("level", "far")
}

func oneDecimal(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

func (c centre) lostFigure() screen.Figure {
	lost, all := 0, 0
	for _, q := range c.queues {
		lost, all = lost+q.Abandoned, all+q.Answered+q.Abandoned
	}
	f := screen.Figure{Key: "lost", Label: "Lost", Value: screen.Dash, Note: "nobody was answered or lost yet"}
	if all > 0 {
		f.Value, f.Of, f.Note = oneDecimal(100*float64(lost)/float64(all)), "%", fmt.Sprintf("%d of %d", lost, all)
	}
	return f
}

func (c centre) readyFigure() screen.Figure {
	on := len(c.agents) - c.agentsIn("logged out")
	f := screen.Figure{Key: "ready", Label: "Agents ready", Value: strconv.Itoa(c.agentsIn("ready")), Of: fmt.Sprintf("of %d", on),
		Href: c.agentsHref("ready"), Note: "logged on"}
	if n := c.agentsIn("unreachable"); n > 0 {
		f.Note = fmt.Sprintf("logged on, %d unreachable", n)
	}
	return f
}

func (c centre) talkingFigure() screen.Figure {
	return screen.Figure{Key: "talking", Label: "Talking", Value: strconv.Itoa(c.agentsIn("talking")), Href: c.agentsHref("talking"),
		Note: fmt.Sprintf("%d in wrap-up, %d paused", c.agentsIn("wrap-up"), c.agentsIn("paused"))}
}

// agentsIn counts agents in a state, as it is shown.
func (c centre) agentsIn(state string) (n int) {
	for _, a := range c.agents {
		if a.shown() == state {
			n++
		}
	}
	return n
}

// agentsOf counts agents of a queue in a state, as it is shown. One who has paused in that queue alone is paused there.
func (c centre) agentsOf(queue, state string) (n int) {
	for _, a := range c.agents {
		i := slices.IndexFunc(a.Queues, func(q AgentQueue) bool { return q.Queue == queue })
		if i < 0 {
			continue
		}
		shown := a.shown()
		if shown == "ready" && a.Queues[i].Paused {
			shown = "paused"
		}
		if shown == state {
			n++
		}
	}
	return n
}

// agentsHref is the list of those whom agentsIn counts.
func (c centre) agentsHref(state string) string {
	v := url.Values{"state": {state}}
	if c.only != "" {
		v.Set("queue", c.only)
	}
	return addressOf(agentsPath, v)
}

func (c centre) queuesPanel() screen.Panel {
	t := &screen.Table{Sticky: true, Empty: "No queue has been set up. Add one under Settings > Queues, or with tandem queue add.",
		Columns: []screen.Column{{Label: "Queue", Width: "w7"}, {Label: "State", Width: "w10"}, {Label: "Waiting", Num: true, Width: "w4"},
			{Label: "Longest", Num: true, Width: "w4"}, {Label: "Ready", Num: true, Width: "w4"}, {Label: "Talking", Num: true, Width: "w4"},
			{Label: "Wrap", Num: true, Width: "w3"}, {Label: "Paused", Num: true, Width: "w4"}, {Label: "SL %", Num: true, Width: "w4"},
			{Label: "Target", Width: "w6"}, {Label: "Answered", Num: true, Width: "w5"}, {Label: "Lost", Num: true, Width: "w3"},
			{Label: "Owner", Width: "w6"}, {Label: "Data", Width: "w5"}}}
	for i, q := range c.queues {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown.", len(c.queues)-maxShown)
			break
		}
		row := screen.Row{Key: q.Name, Cells: c.queueCells(q)}
		if q.stateAt(c.now) == QueueOver || q.State == QueueEmpty && q.Waiting > 0 {
			row.Tone = "bad"
		}
		t.Rows = append(t.Rows, row)
	}
	return screen.Panel{ID: "queues", Title: "Queues", Quiet: counted(len(c.queues), "queue"), Table: t, Notes: c.missing.remarks("queues and agents")}
}

func (c centre) queueCells(q Queue) []screen.Cell {
	agents := func(state string) screen.Cell {
		return screen.Count(c.agentsOf(q.Name, state), addressOf(agentsPath, url.Values{"queue": {q.Name}, "state": {state}}))
	}
	name := screen.Link(q.Name, queuePath(q.Name))
	name.Whole = q.Display
	longest := screen.Unknown()
	if q.Waiting > 0 {
		longest = screen.Since(q.waitingSince(), c.now)
	}
	level, target := q.levelCells()
	owner, age := screen.Text(q.Member), screen.Text("")
	if !q.At.IsZero() {
		_, state := screen.Age(q.At, c.now)
		age = screen.Mark(state)
	}
	if q.Gathering {
		owner.Tags = []screen.Tag{{Word: "new", Title: "This member has just become the owner and hears who is there"}}
	}
	return []screen.Cell{name, screen.Mark(screen.StateOf("queue", q.stateAt(c.now))), screen.Count(q.Waiting, queuePath(q.Name)), longest,
		agents("ready"), agents("talking"), agents("wrap-up"), agents("paused"),
		level, target, screen.Number(uint64(q.Answered)), screen.Number(uint64(q.Abandoned)), owner, age}
}

// levelCells are the service level of a queue, and what it should be.
func (q Queue) levelCells() (level, target screen.Cell) {
	target = screen.Text("")
	if q.Target > 0 {
		target = screen.Cell{Text: fmt.Sprintf("%d in %s", q.Target, screen.Length(q.ServiceLevel.Duration())), Muted: true}
	}
	share, ok := q.ServiceShare()
	if !ok {
		return screen.Unknown(), target
	}
	level = screen.Cell{Text: oneDecimal(share), Num: true, Whole: fmt.Sprintf("%d of %d", q.InTime, q.Answered+q.Abandoned)}
	tone := "idle"
	if q.Target > 0 {
		tone = levelState(share, float64(q.Target)).Tone
	}
	target.Share = &screen.Share{Part: int(share), Goal: min(q.Target, 99), Tone: tone}
	return level, target
}

// waitingSince is since when the one who waits longest has waited, to the second, so that it does not move to and fro.
func (q Queue) waitingSince() time.Time { return q.At.Add(-q.Longest.Duration()).Round(time.Second) }

// stateAt is the state of a queue now: its owner has looked a moment ago, and the wait has gone on.
func (q Queue) stateAt(now time.Time) string {
	if q.State != QueueOnTarget && q.State != QueueNear || q.Waiting == 0 || q.ServiceLevel <= 0 {
		return q.State
	}
	limit, longest := q.ServiceLevel.Duration(), now.Sub(q.waitingSince())
	switch {
	case longest > limit:
		return QueueOver
	case longest > limit*3/4:
		return QueueNear
	}
	return q.State
}

// callersPanel has those in line, longest first.
func (c centre) callersPanel() screen.Panel {
	t := &screen.Table{Events: true, Empty: "Nobody waits.", Columns: []screen.Column{{Label: "Caller", Width: "w11"},
		{Label: "Pos.", Num: true, Width: "w3"}, {Label: "Queue", Width: "w4"}, {Label: "State", Width: "w7"}, {Label: "Waited", Num: true, Width: "w4"},
		{Label: "Acts", Width: "w3"}}}
	line := slices.DeleteFunc(slices.Clone(c.callers), func(x waiter) bool { return x.State == callerTalking })
	slices.SortStableFunc(line, func(a, b waiter) int { return a.since.Compare(b.since) })
	for i, x := range line {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown: look at their queue.", len(line)-maxShown)
			break
		}
		t.Rows = append(t.Rows, screen.Row{Key: x.Queue + " " + x.Caller.Caller, Cells: []screen.Cell{
			x.cell(), x.position(), screen.Link(x.Queue, queuePath(x.Queue)), screen.Mark(screen.StateOf("caller", x.State)),
			screen.Since(x.since, c.now), {Menu: menuOf("caller", x.Queue+" "+x.Caller.Caller, x.who(), x.acts(true))}}})
	}
	return screen.Panel{ID: "callers", Title: "Callers waiting", Quiet: "longest first", Half: true, Table: t, Notes: c.silence()}
}

// agentsPanel has a tile for each agent, in the order of their names.
func (c centre) agentsPanel() screen.Panel {
	t := &screen.Table{Tiles: true, Empty: "No agent has been set up. Add one under Settings > Agents, or with tandem agent add."}
	for i, a := range c.agents {
		if i == maxShown {
			t.More = fmt.Sprintf("%d more are not shown.", len(c.agents)-maxShown)
			break
		}
		name := screen.Link(strings.TrimSpace(a.Name+" "+a.Display), agentPath(a.Name))
		if a.Display == a.Name {
			name.Text = a.Name
		}
		clock := a.clock(c.now)
		clock.Menu = menuOf("agent", a.Name, a.Name, a.acts(true))
		t.Rows = append(t.Rows, screen.Row{Key: a.Name, Tone: a.mark().Tone, Cells: []screen.Cell{name, screen.Mark(a.mark()), a.about(), clock}})
	}
	return screen.Panel{ID: "agents", Title: "Agents", Quiet: counted(len(c.agents), "agent"), Half: true, Table: t}
}
