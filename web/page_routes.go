package web

import (
	"net/http"

	"tandem/web/screen"
	"tandem/web/static"
)

// place is where a page is, and who may see it.
type place struct {
	pattern string
	need    screen.Right
	look    look
}

// pageRoutes adds the pages, the acts that they offer, and what browsers load. What changes something needs an
// administrator, but for acts on queues and agents: those ask for the rights over them.
func (s *Server) pageRoutes(mux *http.ServeMux) {
	for _, some := range [][]place{s.clusterPages(), s.centrePages(), s.statisticPages(), s.trafficPages(), s.reportPages()} {
		for _, p := range some {
			mux.HandleFunc("GET "+p.pattern, s.serveLook(p.need, p.look))
		}
	}
	for pattern, l := range s.definitionLooks() {
		mux.HandleFunc("GET "+pattern, s.serveLook(screen.Administrator, l))
	}
	s.actRoutes(mux)
	s.browserRoutes(mux)
}

func (s *Server) clusterPages() []place {
	return []place{
		{"/{$}", screen.Administrator, s.homePage},
		{searchPath, screen.QueueSupervisor, s.searchPage},
		{"/settings/cluster", screen.Administrator, s.clusterPage},
		{"/monitors/members", screen.Supervisor, s.membersPage},
		{"/monitors/members/{name}/drain", screen.Administrator, s.drainPage},
		{"/monitors/members/{name}/forget", screen.Administrator, s.forgetPage},
	}
}

func (s *Server) centrePages() []place {
	return []place{
		{"/monitors/queues", screen.QueueSupervisor, s.queuesPage},
		{livePath, screen.QueueSupervisor, s.livePage},
		{livePath + "/{verb}", screen.QueueSupervisor, s.liveAskPage},
		{"/monitors/queues/{name}", screen.QueueSupervisor, s.queuePage},
		{"/monitors/queues/{name}/callers/{caller}", screen.QueueSupervisor, s.callerPage},
		{"/monitors/queues/{name}/callers/{caller}/{verb}", screen.QueueSupervisor, s.callerAskPage},
		{"/monitors/agents", screen.QueueSupervisor, s.agentsPage},
		{"/monitors/agents/{name}", screen.QueueSupervisor, s.agentPage},
		{"/monitors/agents/{name}/{verb}", screen.QueueSupervisor, s.agentAskPage},
	}
}

func (s *Server) statisticPages() []place {
	return []place{
		{statsPath, screen.Supervisor, s.statsPage},
		{sourcesPath, screen.Supervisor, s.sourcesPage},
		{statsPath + "/new", screen.Supervisor, s.statNewPage},
		{statsPath + "/{id}", screen.Supervisor, s.statPage},
		{statsPath + "/{id}/drop", screen.Administrator, s.statDropPage},
	}
}

func (s *Server) trafficPages() []place {
	return []place{
		{"/monitors/tasks", screen.Supervisor, s.tasksPage},
		{"/monitors/tasks/{handler}", screen.Supervisor, s.taskPage},
		{"/monitors/tasks/{handler}/end", screen.Administrator, s.taskEndPage},
		{"/monitors/sessions", screen.Supervisor, s.sessionsPage},
		{"/monitors/sessions/{handler}", screen.Supervisor, s.sessionPage},
		{"/monitors/sessions/{handler}/end", screen.Administrator, s.sessionEndPage},
		{"/monitors/legs", screen.Supervisor, s.legsPage},
		{"/monitors/legs/{handler}", screen.Supervisor, s.legPage},
		{"/monitors/legs/{handler}/hangup", screen.Administrator, s.hangupPage},
		{trunksPath, screen.Supervisor, s.trunksPage},
		{trunksPath + "/{name}/test", screen.Administrator, s.trunkTestPage},
		{trunkSettingsPath, screen.Administrator, s.trunkSettings},
		{"/monitors/registrations", screen.Supervisor, s.registrationsPage},
		{"/monitors/registrations/{aor}/kick", screen.Administrator, s.kickPage},
	}
}

func (s *Server) reportPages() []place {
	return []place{
		{callPath, screen.QueueSupervisor, s.callPage},
		{"/reports/{view}", screen.QueueSupervisor, s.reportPage},
		{"/reports/loads", screen.Supervisor, s.loadsPage},
		{"/reports/loads/{name}", screen.Supervisor, s.loadPage},
	}
}

// actRoutes adds what pages can have done.
func (s *Server) actRoutes(mux *http.ServeMux) {
	for pattern, a := range s.definitionActs() {
		mux.HandleFunc("POST "+pattern, s.serveAct(a))
	}
	for pattern, a := range map[string]act{
		"/settings/cluster":                  s.clusterSet,
		"/monitors/members/{name}/drain":     s.drainDo,
		"/monitors/members/{name}/undrain":   s.undrainDo,
		"/monitors/members/{name}/forget":    s.forgetDo,
		statsPath + "/{id}/drop":             s.statDropDo,
		"/monitors/tasks/{handler}/event":    s.taskEventDo,
		"/monitors/tasks/{handler}/end":      s.taskEndDo,
		"/monitors/sessions/{handler}/end":   s.sessionEndDo,
		"/monitors/legs/{handler}/hangup":    s.hangupDo,
		"/monitors/registrations/{aor}/kick": s.kickDo,
		trunksPath + "/{name}/test":          s.trunkTestDo,
		trunkSettingsPath:                    s.trunkSettingsDo,
	} {
		mux.HandleFunc("POST "+pattern, s.serveAct(a))
	}
	mux.HandleFunc("POST /monitors/queues/{name}/callers/{caller}/{verb}", s.serveActFor(screen.QueueSupervisor, s.callerDo))
	mux.HandleFunc("POST /monitors/agents/{name}/{verb}", s.serveActFor(screen.QueueSupervisor, s.agentDo))
	mux.HandleFunc("POST "+livePath+"/{verb}", s.serveActFor(screen.QueueSupervisor, s.liveDo))
	mux.HandleFunc("POST "+statsPath, s.serveActFor(screen.Supervisor, s.statNewDo))
}

// browserRoutes adds what browsers need beside pages: the login, the stream of what changes, the phone page, files.
func (s *Server) browserRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /login", s.loginShow)
	mux.HandleFunc("POST /login", s.loginDo)
	mux.HandleFunc("POST /logout", s.logout)
	mux.HandleFunc("POST /theme", s.themeSet)
	mux.HandleFunc("GET /events", s.events)
	mux.HandleFunc("GET "+reportsPath+"/new", s.reportNew)
	mux.HandleFunc("GET /user/{$}", s.phonePage)
	mux.HandleFunc("GET /user/calls", s.phoneCalls)
	mux.HandleFunc("GET "+static.Root, s.file)
	mux.HandleFunc("GET /monitors", s.monitors)
	for from, to := range map[string]string{"/user": "/user/", "/settings": "/settings/cluster", "/reports": "/reports/overview"} {
		mux.Handle("GET "+from, http.RedirectHandler(to, http.StatusSeeOther))
	}
}

// monitors leads to the first page of the realm that the reader may see.
func (s *Server) monitors(w http.ResponseWriter, r *http.Request) {
	to := membersPath
	if v, ok := s.visitor(r); ok && v.right < screen.Supervisor {
		to = queuesPath
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
