package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

const agentsPath = "/monitors/agents"

// agentWords are the states of agents as pages show them, in the order of the figures.
var agentWords = []string{"ready", "reserved", "ringing", "talking", "wrap-up", "paused", "unreachable", "logged out"}

func agentPath(name string) string { return agentsPath + "/" + url.PathEscape(name) }

// agentListing is the table of agents: acts are what the reader can do on behalf of one.
func agentListing(acts func(Agent) []screen.Act, now time.Time) listing[Agent] {
	length := func(x Seconds) screen.Cell {
		return screen.Cell{Text: screen.Length(x.Duration().Truncate(time.Second)), Num: true, Muted: x == 0}
	}
	return listing[Agent]{path: agentsPath, key: func(a Agent) string { return a.Name },
		columns: []listColumn[Agent]{
			{name: "agent", label: "Agent", width: "w4", cell: func(a Agent) screen.Cell { return screen.Link(a.Name, agentPath(a.Name)) },
				compare: by(func(a Agent) string { return a.Name })},
			{name: "name", label: "Name", width: "w6", cell: func(a Agent) screen.Cell { return screen.Text(a.Display) },
				compare: by(func(a Agent) string { return a.Display })},
			{name: "state", label: "State", width: "w8", cell: func(a Agent) screen.Cell { return screen.Mark(a.mark()) }, compare: by(Agent.shown)},
			{name: "reason", label: "Reason", width: "w6", cell: func(a Agent) screen.Cell { return screen.Text(orElse(a.afterwards(), a.Reason)) },
				compare: by(func(a Agent) string { return a.Reason })},
			{name: "since", label: "For", width: "w4", num: true, cell: func(a Agent) screen.Cell { return a.clock(now) },
				compare: func(a, b Agent) int { return b.Since.Compare(a.Since) }},
			{label: "Queues", width: "w8", cell: func(a Agent) screen.Cell { return screen.Text(a.queueWords()) }},
			{label: "Device", width: "w5", cell: Agent.deviceCell},
			{name: "caller", label: "Caller", width: "w7", cell: Agent.callerCell, compare: by(func(a Agent) string { return a.Number })},
			{name: "calls", label: "Calls", width: "w4", num: true, cell: func(a Agent) screen.Cell { return screen.Number(uint64(a.Day.Calls)) },
				compare: func(a, b Agent) int { return a.Day.Calls - b.Day.Calls }},
			{name: "talk", label: "Talk", width: "w4", num: true, cell: func(a Agent) screen.Cell { return length(a.Day.Talk) },
				compare: func(a, b Agent) int { return int(a.Day.Talk - b.Day.Talk) }},
			{name: "pause", label: "Paused", width: "w4", num: true, cell: func(a Agent) screen.Cell { return length(a.Day.Paused) },
				compare: func(a, b Agent) int { return int(a.Day.Paused - b.Day.Paused) }},
			{label: "Acts", width: "w11", cell: func(a Agent) screen.Cell { return screen.Cell{Acts: acts(a)} }},
		},
		filters: []listFilter[Agent]{
			{name: "agent", label: "Agent or name", value: func(a Agent) string { return a.Name + " " + a.Display }, part: true},
			{name: "state", label: "State", value: Agent.shown, options: stateOptions("agent", agentWords...)},
			{name: "queue", label: "Queue", has: Agent.belongs},
		}}
}

// agentListingOf is that table for somebody: he hears an agent who talks from there, if he may.
func (s *Server) agentListingOf(by Asker) listing[Agent] {
	return agentListing(func(a Agent) []screen.Act {
		acts := a.acts(true)
		if a.State == "talking" && s.services.Recordings.Hears(by, a.Name) {
			acts = append([]screen.Act{{Label: "Listen", About: a.Name, Action: agentPath(a.Name) + "/" + verbListen}}, acts...)
		}
		return acts
	}, s.now())
}

// afterwards is what an agent has chosen for after his call; "" is nothing but to go on.
func (a Agent) afterwards() string {
	if a.Next == "" || a.Next == a.State || a.Next == "ready" {
		return ""
	}
	return "then " + a.Next
}

// deviceCell names the devices at which an agent works, without their domain.
func (a Agent) deviceCell() screen.Cell {
	short := make([]string, len(a.Devices))
	for i, d := range a.Devices {
		short[i], _, _ = strings.Cut(d, "@")
	}
	c := screen.Text(strings.Join(short, ", "))
	c.Whole = strings.Join(a.Devices, ", ")
	return c
}

// queueWords are the queues of an agent, with his penalty where he has one.
func (a Agent) queueWords() string {
	words := make([]string, len(a.Queues))
	for i, q := range a.Queues {
		words[i] = q.Queue
		if q.Penalty > 0 {
			words[i] += " (" + strconv.Itoa(q.Penalty) + ")"
		}
		if q.Paused {
			words[i] += " paused"
		}
	}
	return strings.Join(words, ", ")
}

// callerCell leads to the caller with whom an agent is busy.
func (a Agent) callerCell() screen.Cell {
	if a.Caller == "" {
		return screen.Text("")
	}
	c := Caller{Queue: a.Queue, Caller: a.Caller, Number: a.Number, Name: a.CallerName}
	return c.cell()
}

func (s *Server) agentsPage(r *http.Request, v visitor) (screen.Page, error) {
	p, err := s.agentListingOf(v.asker()).page(r, v, "Agents", "agents", s.agentsView)
	p.Board = true
	return p, err
}

func (s *Server) agentsView(ctx context.Context, values url.Values, _ screen.Right) (screen.View, error) {
	l := s.agentListingOf(askerOf(ctx))
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	ctx, missing := ListenFor(ctx)
	all, err := s.services.Agents.Agents(ctx, AgentQuery{By: askerOf(ctx), Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "No agent has been set up. Add one under Settings > Agents, or with tandem agent add."
	if len(all) > 0 {
		empty = "No agent is like that; " + counted(len(all), "agent") + " in all."
	}
	t := l.table(q, chosen, empty)
	t.Events = false // agents are things: one who goes was removed
	return screen.View{Figures: agentFigures(l, q, all), Panels: []screen.Panel{
		{ID: "agents", Title: "Agents", Quiet: counted(len(chosen), "agent"), Table: t, Notes: missing.remarks("agents")}}}, nil
}

// agentFigures count the agents by state; each is a filter, beside what else is filtered by.
func agentFigures(l listing[Agent], q listQuery, all []Agent) (figures []screen.Figure) {
	others := listQuery{words: map[string]string{}, sort: q.sort}
	for name, word := range q.words {
		if name != "state" {
			others.words[name] = word
		}
	}
	count := map[string]int{}
	for _, a := range l.choose(others, all) {
		count[a.shown()]++
	}
	for _, state := range agentWords {
		values := others.values()
		note := ""
		if q.words["state"] == state {
			note = "shown alone"
		} else {
			values.Set("state", state)
		}
		mark := screen.StateOf("agent", state)
		f := screen.Figure{Key: state, Label: mark.Word, Value: strconv.Itoa(count[state]), Href: addressOf(agentsPath, values)}
		mark = mark.With(note)
		f.State = &mark
		figures = append(figures, f)
	}
	return figures
}
