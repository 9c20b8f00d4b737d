package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/web/screen"
)

const tasksPath = "/monitors/tasks"

func taskListing(right screen.Right, now time.Time) listing[Task] {
	l := listing[Task]{path: tasksPath, key: func(t Task) string { return t.Handler },
		columns: []listColumn[Task]{
			{label: "Task", width: "w12", cell: func(t Task) screen.Cell { return screen.Short(t.Handler, taskPath(t.Handler)) }},
			{name: "application", label: "Application", width: "w8", cell: func(t Task) screen.Cell { return screen.Text(t.Program) },
				compare: by(func(t Task) string { return t.Program })},
			{name: "account", label: "Account", width: "w10", cell: func(t Task) screen.Cell { return screen.Text(t.Owner) },
				compare: by(func(t Task) string { return t.Owner })},
			{name: "member", label: "Member", width: "w6", cell: func(t Task) screen.Cell { return screen.Text(t.Member) },
				compare: by(func(t Task) string { return t.Member })},
			{name: "state", label: "State", width: "w9", cell: func(t Task) screen.Cell { return screen.Mark(screen.StateOf("task", t.Mode)) },
				compare: by(func(t Task) string { return t.Mode })},
			{name: "waiting", label: "Waiting for", width: "w8", cell: func(t Task) screen.Cell { return screen.Text(t.Waiting) },
				compare: by(func(t Task) string { return t.Waiting })},
			{label: "Where", width: "w12", cell: func(t Task) screen.Cell { return screen.Mono(t.Where) }},
			{name: "since", label: "For", width: "w6", num: true, cell: func(t Task) screen.Cell { return screen.Since(t.Since, now) },
				compare: func(a, b Task) int { return b.Since.Compare(a.Since) }},
			{label: "Leg", width: "w12", cell: taskLeg},
		},
		filters: []listFilter[Task]{
			{name: "application", label: "Application", value: func(t Task) string { return t.Program }, part: true},
			{name: "account", label: "Account", value: func(t Task) string { return t.Owner }, part: true},
			{name: "member", label: "Member", value: func(t Task) string { return t.Member }},
			{name: "state", label: "State", value: func(t Task) string { return t.Mode },
				options: stateOptions("task", "disconnected", "incoming", "provisioned", "connected", "waiting")},
		}}
	if right == screen.Administrator {
		l.columns = append(l.columns, listColumn[Task]{label: "Acts", width: "w4", cell: func(t Task) screen.Cell {
			return screen.Cell{Acts: []screen.Act{{Label: "End", About: t.Program, Href: taskPath(t.Handler) + "/end", Risk: true}}}
		}})
	}
	return l
}

func taskLeg(t Task) screen.Cell {
	if t.Leg == "" {
		return screen.Text("")
	}
	return screen.Short(t.Leg, legPath(t.Leg))
}

func taskPath(handler string) string { return tasksPath + "/" + url.PathEscape(handler) }

func (s *Server) tasksPage(r *http.Request, v visitor) (screen.Page, error) {
	return taskListing(v.right, s.now()).page(r, v, "Tasks", "tasks", s.tasksView)
}

func (s *Server) tasksView(ctx context.Context, values url.Values, right screen.Right) (screen.View, error) {
	l := taskListing(right, s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	ctx, missing := ListenFor(ctx)
	all, err := s.services.Tasks.Tasks(ctx, TaskQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "No task lives now. Dial 5000 to start the auto-attendant."
	if len(all) > 0 {
		empty = "No task is like that; " + counted(len(all), "task") + " in all."
	}
	return screen.View{Panels: []screen.Panel{
		{ID: "tasks", Title: "Tasks", Quiet: counted(len(chosen), "task"), Table: l.table(q, chosen, empty),
			Notes: missing.remarks("tasks")}}}, nil
}

func (s *Server) taskNamed(r *http.Request) (Task, error) {
	handler := r.PathValue("handler")
	found, err := s.services.Tasks.Tasks(r.Context(), TaskQuery{Handler: handler, Limit: 1})
	if err != nil {
		return Task{}, err
	}
	if len(found) == 0 {
		return Task{}, NotFound("no task lives under %q: it has ended", clip(handler, 120))
	}
	return found[0], nil
}

var taskCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Tasks", Href: tasksPath}}

// Bounds of an event that a page sends, in bytes.
const (
	maxEventName  = 64
	maxEventParam = 4096
)

func (s *Server) taskPage(r *http.Request, v visitor) (screen.Page, error) {
	t, err := s.taskNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	p := screen.Page{Title: "Task", Realm: "monitors", Path: tasksPath, Crumbs: taskCrumbs, Facts: []screen.Fact{
		{Label: "State", Cell: screen.Mark(screen.StateOf("task", t.Mode))},
		{Label: "Handler", Cell: screen.Mono(t.Handler)},
		{Label: "Application", Cell: screen.Text(t.Program)},
		{Label: "Position", Cell: screen.Mono(t.Where)},
		{Label: "Waiting for", Cell: screen.Text(t.Waiting)},
		{Label: "Started for", Cell: screen.Text(t.Owner)}, {Label: "Acts as", Cell: screen.Text(t.Account)},
		{Label: "Party", Cell: screen.Text(t.Party)}, {Label: "Leg", Cell: taskLeg(t)},
		{Label: "Joined with", Cell: screen.Mono(t.With)}, {Label: "Other parties", Cell: screen.Text(strconv.Itoa(t.Parties))},
		{Label: "Call", Cell: screen.Link(t.Call, legsHref("call", t.Call))},
		{Label: "Member", Cell: screen.Text(t.Member)},
		{Label: "Since", Cell: screen.Text(screen.Clock(t.Since, s.now()))},
		{Label: "Shows", Cell: screen.Mono(t.Status)},
	}}
	if v.right == screen.Administrator {
		p.Acts = []screen.Act{{Label: "End", About: "this task", Href: taskPath(t.Handler) + "/end", Risk: true}}
		p.Ask = &screen.Ask{Action: taskPath(t.Handler) + "/event", Button: "Send event",
			Inputs: []screen.Input{{Name: "event", Label: "Event", Max: maxEventName},
				{Name: "parameter", Label: "Parameter", Max: maxEventParam, Note: "an object in text form, such as {a=1;}, or nothing"}}}
	}
	return p, nil
}

func (s *Server) taskEventDo(r *http.Request, _ visitor) (outcome, error) {
	handler := r.PathValue("handler")
	out := outcome{To: taskPath(handler), Text: "The event was sent."}
	e := TaskEvent{Name: r.PostForm.Get("event"), Parameter: r.PostForm.Get("parameter")}
	if e.Name == "" || len(e.Name) > maxEventName || len(e.Parameter) > maxEventParam {
		return out, Invalid("an event needs a name of at most %d bytes, and may have a parameter of at most %d", maxEventName, maxEventParam)
	}
	return out, s.services.Tasks.TellTask(r.Context(), handler, e)
}

func (s *Server) taskEndPage(r *http.Request, _ visitor) (screen.Page, error) {
	t, err := s.taskNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	text := t.Program + " of " + t.Owner + " on " + t.Member + "."
	if t.Party != "" {
		text += " The call of " + t.Party + " ends with it."
	}
	return question("End task", "monitors", tasksPath, screen.Ask{Action: taskPath(t.Handler) + "/end",
		Text: []string{text}, Button: "End this task", Risk: true}, taskCrumbs...), nil
}

func (s *Server) taskEndDo(r *http.Request, _ visitor) (outcome, error) {
	err := s.services.Tasks.EndTask(r.Context(), r.PathValue("handler"))
	return outcome{To: tasksPath, Text: "The task is being ended."}, err
}
