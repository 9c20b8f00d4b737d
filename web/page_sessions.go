package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/web/screen"
)

const sessionsPath = "/monitors/sessions"

func sessionListing(right screen.Right, now time.Time) listing[Session] {
	l := listing[Session]{path: sessionsPath, key: func(x Session) string { return x.Handler },
		columns: []listColumn[Session]{
			{label: "Session", width: "w12", cell: func(x Session) screen.Cell { return screen.Short(x.Handler, sessionPath(x.Handler)) }},
			{name: "account", label: "Account", width: "w10", cell: func(x Session) screen.Cell { return screen.Text(x.Account) },
				compare: by(func(x Session) string { return x.Account })},
			{name: "state", label: "State", width: "w9", cell: func(x Session) screen.Cell { return screen.Mark(screen.StateOf("session", x.State)) },
				compare: by(func(x Session) string { return x.State })},
			{name: "binding", label: "Binding", width: "w6", cell: func(x Session) screen.Cell { return screen.Text(x.Binding) },
				compare: by(func(x Session) string { return x.Binding })},
			{name: "client", label: "Client", width: "w8", cell: func(x Session) screen.Cell { return screen.Text(x.Client) },
				compare: by(func(x Session) string { return x.Client })},
			{name: "remote", label: "Address", width: "w10", cell: func(x Session) screen.Cell { return screen.Mono(x.Remote) },
				compare: by(func(x Session) string { return x.Remote })},
			{name: "calls", label: "Calls", width: "w4", num: true, cell: func(x Session) screen.Cell { return screen.Text(strconv.Itoa(x.Calls)) },
				compare: func(a, b Session) int { return a.Calls - b.Calls }},
			{name: "member", label: "Member", width: "w6", cell: func(x Session) screen.Cell { return screen.Text(x.Member) },
				compare: by(func(x Session) string { return x.Member })},
			{name: "since", label: "For", width: "w6", num: true, cell: func(x Session) screen.Cell { return screen.Since(x.Since, now) },
				compare: func(a, b Session) int { return b.Since.Compare(a.Since) }},
		},
		filters: []listFilter[Session]{
			{name: "account", label: "Account", value: func(x Session) string { return x.Account }, part: true},
			{name: "client", label: "Client", value: func(x Session) string { return x.Client }, part: true},
			{name: "member", label: "Member", value: func(x Session) string { return x.Member }},
			{name: "state", label: "State", value: func(x Session) string { return x.State },
				options: stateOptions("session", "attached", "detached")},
		}}
	if right == screen.Administrator {
		l.columns = append(l.columns, listColumn[Session]{label: "Acts", width: "w4", cell: func(x Session) screen.Cell {
			return screen.Cell{Acts: []screen.Act{{Label: "End", About: "session of " + x.Account, Href: sessionPath(x.Handler) + "/end", Risk: true}}}
		}})
	}
	return l
}

func sessionPath(handler string) string { return sessionsPath + "/" + url.PathEscape(handler) }

func (s *Server) sessionsPage(r *http.Request, v visitor) (screen.Page, error) {
	return sessionListing(v.right, s.now()).page(r, v, "Sessions", "sessions", s.sessionsView)
}

func (s *Server) sessionsView(ctx context.Context, values url.Values, right screen.Right) (screen.View, error) {
	l := sessionListing(right, s.now())
	q, err := l.parse(values)
	if err != nil {
		return screen.View{}, err
	}
	ctx, missing := ListenFor(ctx)
	all, err := s.services.Sessions.Sessions(ctx, SessionQuery{Limit: maxLimit})
	if err != nil {
		return screen.View{}, err
	}
	chosen := l.choose(q, all)
	empty := "Nobody has logged in to a session now."
	if len(all) > 0 {
		empty = "No session is like that; " + counted(len(all), "session") + " in all."
	}
	return screen.View{Panels: []screen.Panel{
		{ID: "sessions", Title: "Sessions", Quiet: counted(len(chosen), "session"), Table: l.table(q, chosen, empty),
			Notes: missing.remarks("sessions")}}}, nil
}

var sessionCrumbs = []screen.Crumb{{Label: "Monitors", Href: membersPath}, {Label: "Sessions", Href: sessionsPath}}

func (s *Server) sessionPage(r *http.Request, v visitor) (screen.Page, error) {
	x, err := s.sessionNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	secure := "no"
	if x.Secure {
		secure = "yes"
	}
	p := screen.Page{Title: "Session", Realm: "monitors", Path: sessionsPath, Crumbs: sessionCrumbs, Facts: []screen.Fact{
		{Label: "State", Cell: screen.Mark(screen.StateOf("session", x.State))},
		{Label: "Handler", Cell: screen.Mono(x.Handler)},
		{Label: "Account", Cell: screen.Text(x.Account)},
		{Label: "Binding", Cell: screen.Text(x.Binding)}, {Label: "TLS", Cell: screen.Text(secure)},
		{Label: "Client", Cell: screen.Text(x.Client)}, {Label: "Version", Cell: screen.Text(x.Version)},
		{Label: "Address", Cell: screen.Mono(x.Remote)},
		{Label: "Login by", Cell: screen.Text(x.Method)},
		{Label: "Calls", Cell: screen.Text(strconv.Itoa(x.Calls))},
		{Label: "Member", Cell: screen.Text(x.Member)},
		{Label: "Since", Cell: screen.Text(screen.Clock(x.Since, s.now()))},
	}}
	if v.right == screen.Administrator {
		p.Acts = []screen.Act{{Label: "End", About: "this session", Href: sessionPath(x.Handler) + "/end", Risk: true}}
	}
	return p, nil
}

func (s *Server) sessionEndPage(r *http.Request, _ visitor) (screen.Page, error) {
	x, err := s.sessionNamed(r)
	if err != nil {
		return screen.Page{}, err
	}
	text := "The session of " + x.Account + " on " + x.Member + "."
	if x.Calls > 0 {
		text += " It has " + counted(x.Calls, "call") + "."
	}
	return question("End session", "monitors", sessionsPath, screen.Ask{Action: sessionPath(x.Handler) + "/end",
		Text: []string{text}, Button: "End this session", Risk: true}, sessionCrumbs...), nil
}

func (s *Server) sessionEndDo(r *http.Request, _ visitor) (outcome, error) {
	err := s.services.Sessions.EndSession(r.Context(), r.PathValue("handler"))
	return outcome{To: sessionsPath, Text: "The session is being ended."}, err
}
