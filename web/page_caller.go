package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/web/screen"
)

// What a supervisor can do with a caller.
const (
	verbWithdraw = "withdraw"
	verbMove     = "move"
	verbPromote  = "promote"
	verbSend     = "send"
)

// Bounds of what pages send about callers.
const (
	maxReason   = 80        // bytes of a text that says why
	maxPosition = 1_000_000 // of a caller in line, and of its priority on either side of 0
)

func callerPath(queue, caller string) string {
	return queuePath(queue) + "/callers/" + url.PathEscape(caller)
}

// acts are what can be done with a caller; in a list they are the short ones.
func (c Caller) acts(list bool) (acts []screen.Act) {
	if c.Position == 0 {
		return nil
	}
	path := callerPath(c.Queue, c.Caller)
	if c.Position > 1 {
		acts = append(acts, screen.Act{Label: "Move up", About: c.who(), Action: path + "/" + verbMove,
			Fields: []screen.Field{{Name: "position", Value: strconv.Itoa(c.Position - 1)}}})
	}
	if !list {
		acts = append(acts, screen.Act{Label: "Move to …", About: c.who(), Href: path + "/" + verbMove},
			screen.Act{Label: "Promote …", About: c.who(), Href: path + "/" + verbPromote})
		if !c.Callback {
			acts = append(acts, screen.Act{Label: "Send to …", About: c.who(), Href: path + "/" + verbSend})
		}
	}
	return append(acts, screen.Act{Label: "Take out", About: c.who(), Href: path + "/" + verbWithdraw, Ask: list, Risk: true})
}

// callerOf is the caller that a page is about. One who has gone has its name alone.
func (s *Server) callerOf(r *http.Request) (c waiter, here bool, err error) {
	queue, name := r.PathValue("name"), r.PathValue("caller")
	found, err := s.services.Queues.Callers(r.Context(), CallerQuery{By: asker(r), Queue: queue, Caller: name, Limit: 1})
	if err != nil {
		return c, false, err
	}
	i := slices.IndexFunc(found, func(x Caller) bool { return x.Caller == name })
	if i < 0 {
		return waiter{Caller: Caller{Queue: queue, Caller: name, State: "gone"}}, false, nil
	}
	return waiter{found[i], s.now().Add(-found[i].Waited.Duration())}, true, nil
}

func callerCrumbs(queue string) []screen.Crumb {
	return append(slices.Clone(queueCrumbs), screen.Crumb{Label: queue, Href: queuePath(queue)})
}

// callerPage tells why a caller still waits, and what has happened to it. It stays as it is: the journal is read for it.
func (s *Server) callerPage(r *http.Request, v visitor) (screen.Page, error) {
	c, here, err := s.callerOf(r)
	if err != nil {
		return screen.Page{}, err
	}
	x, err := s.services.Queues.Explain(r.Context(), CallerQuery{By: asker(r), Queue: c.Queue, Caller: c.Caller.Caller, Limit: 1})
	if err != nil {
		return screen.Page{}, err
	}
	now := s.now()
	p := screen.Page{Title: "Caller", Realm: "monitors", Path: queuesPath, Crumbs: callerCrumbs(c.Queue),
		Quiet: "as of " + screen.Clock(now, now), Facts: c.facts(here, now, v.right),
		Acts: []screen.Act{{Label: "Look again", Href: callerPath(c.Queue, c.Caller.Caller)}},
		View: screen.View{Panels: []screen.Panel{waitsPanel(x, here), historyPanel(x.History, now)}}}
	if here {
		p.Acts = append(p.Acts, c.acts(false)...)
		if c.State == callerTalking && len(c.Agents) > 0 {
			p.Acts = append(p.Acts, s.listenActs(r, c.Agents[0])...)
		}
	}
	return p, nil
}

func (c waiter) facts(here bool, now time.Time, right screen.Right) []screen.Fact {
	facts := []screen.Fact{{Label: "State", Cell: screen.Mark(screen.StateOf("caller", c.State))}}
	if here {
		waited := screen.Length(now.Sub(c.since))
		if c.Callback {
			waited += ", to be called back"
		}
		facts = append(facts, screen.Fact{Label: "Number", Cell: screen.Text(orElse(c.Number, "anonymous"))},
			screen.Fact{Label: "Name", Cell: screen.Text(c.Name)}, screen.Fact{Label: "Position", Cell: c.position()},
			screen.Fact{Label: "Priority", Cell: screen.Text(strconv.Itoa(c.Priority))},
			screen.Fact{Label: "Waited", Cell: screen.Text(waited)}, screen.Fact{Label: "Agents", Cell: agentsCell(c.Agents)})
	}
	call := screen.Text(c.Caller.Caller)
	if right >= screen.Supervisor { // who may see the legs
		call = screen.Link(c.Caller.Caller, legsHref("call", c.Caller.Caller))
	}
	return append(facts, screen.Fact{Label: "Queue", Cell: screen.Link(c.Queue, queuePath(c.Queue))}, screen.Fact{Label: "Call", Cell: call})
}

// waitsPanel has what keeps each agent from the caller.
func waitsPanel(x Explanation, here bool) screen.Panel {
	t := &screen.Table{Wrap: true, Empty: "Nothing is known against any agent.", Columns: []screen.Column{{Label: "Agent", Width: "w8"}, {Label: "Why", Width: "w18"}}}
	if !here {
		t.Empty, x.Waits = "It is in the queue no more.", nil
	}
	for i, r := range x.Waits {
		t.Rows = append(t.Rows, screen.Row{Key: strconv.Itoa(i), Cells: []screen.Cell{linkTo(r.Agent, agentPath), screen.Text(r.Why)}})
	}
	return screen.Panel{ID: "why", Title: "Why it still waits", Quiet: counted(len(t.Rows), "reason"), Table: t}
}

// historyPanel has what has happened, with the reasons of each decision.
func historyPanel(events []Event, now time.Time) screen.Panel {
	t := &screen.Table{Wrap: true, Empty: "Nothing has happened lately.", Columns: []screen.Column{{Label: "Time", Width: "w8"},
		{Label: "What", Width: "w8"}, {Label: "Queue", Width: "w7"}, {Label: "Agent", Width: "w6"}, {Label: "Because", Width: "w18"}}}
	for i, e := range events {
		because := e.Because
		for _, r := range e.Reasons {
			because += fmt.Sprintf("; %s: %s", orElse(r.Agent, r.Queue), r.Why)
		}
		t.Rows = append(t.Rows, screen.Row{Key: strconv.Itoa(i), Cells: []screen.Cell{screen.Text(screen.Clock(e.At, now)), screen.Text(e.What),
			linkTo(e.Queue, queuePath), linkTo(e.Agent, agentPath), screen.Text(strings.TrimPrefix(because, "; "))}})
	}
	return screen.Panel{ID: "history", Title: "What has happened", Quiet: counted(len(events), "event"), Table: t}
}

// linkTo is a name that leads to its page, or a dash.
func linkTo(name string, path func(string) string) screen.Cell {
	if name == "" {
		return screen.Text("")
	}
	return screen.Link(name, path(name))
}

// callerAskPage asks before something is done with a caller, or where to put it.
func (s *Server) callerAskPage(r *http.Request, _ visitor) (screen.Page, error) {
	c, here, err := s.callerOf(r)
	if err != nil {
		return screen.Page{}, err
	}
	if !here || c.Position == 0 {
		return screen.Page{}, NotFound("no caller %q is in line in queue %s", clip(r.PathValue("caller"), 80), clip(c.Queue, 80))
	}
	path := callerPath(c.Queue, c.Caller.Caller)
	ask := screen.Ask{Text: []string{fmt.Sprintf("%s waits at position %d of %s.", c.who(), c.Position, c.Queue)}}
	title := ""
	switch r.PathValue("verb") {
	case verbWithdraw:
		title, ask.Button, ask.Risk = "Take out", "Take this caller out", true
		ask.Text = append(ask.Text, "It leaves the queue, and its call goes where the queue sends those who leave.")
		ask.Inputs = []screen.Input{{Name: "text", Label: "Why", Max: maxReason, Note: "stands in its history"}}
	case verbMove:
		title, ask.Button = "Move", "Move it"
		ask.Inputs = []screen.Input{{Name: "position", Label: "To position", Value: "1", Max: 7, Note: "1 is next"}}
	case verbPromote:
		title, ask.Button = "Promote", "Set the priority"
		ask.Inputs = []screen.Input{{Name: "priority", Label: "Priority", Value: strconv.Itoa(c.Priority + 1), Max: 8, Note: "the higher one goes first"}}
	case verbSend:
		title, ask.Button = "Send", "Send it there"
		ask.Text = append(ask.Text, "It takes the time along that it has waited.")
		ask.Inputs = []screen.Input{{Name: "to", Label: "To queue", Max: maxReason, Note: "its name"}}
	default:
		return screen.Page{}, NotFound("nothing like %q can be done with a caller", clip(r.PathValue("verb"), 40))
	}
	ask.Action = path + "/" + r.PathValue("verb")
	p := question(title, "monitors", queuesPath, ask, callerCrumbs(c.Queue)...)
	p.Ask.Back = queuePath(c.Queue)
	return p, nil
}

// callerDo does something with a caller.
func (s *Server) callerDo(r *http.Request, _ visitor) (outcome, error) {
	a := CallerAct{By: asker(r), Queue: r.PathValue("name"), Caller: r.PathValue("caller"), Verb: r.PathValue("verb"),
		Text: clip(r.PostForm.Get("text"), maxReason)}
	out := outcome{To: queuePath(a.Queue)}
	var err error
	switch a.Verb {
	case verbWithdraw:
		out.Text = "The caller is being taken out of " + a.Queue + "."
	case verbMove:
		a.Position, err = numberOf(r, "position", 1)
		out.Text = fmt.Sprintf("The caller is being moved to position %d.", a.Position)
	case verbPromote:
		a.Priority, err = numberOf(r, "priority", -maxPosition)
		out.Text = fmt.Sprintf("The caller has priority %d now.", a.Priority)
	case verbSend:
		a.To = clip(strings.TrimSpace(r.PostForm.Get("to")), maxReason)
		out.Text = fmt.Sprintf("The caller is being sent to %s.", a.To)
	default:
		err = NotFound("nothing like %q can be done with a caller", clip(a.Verb, 40))
	}
	if err != nil {
		return out, err
	}
	return out, s.services.Queues.ActOnCaller(r.Context(), a)
}

// numberOf reads a number of a form.
func numberOf(r *http.Request, field string, least int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(r.PostForm.Get(field)))
	if err != nil || n < least || n > maxPosition {
		return 0, Invalid("the %s is a number from %d to %d", field, least, maxPosition)
	}
	return n, nil
}
