package web

import "net/http"

// routes is the way of a request through the listener.
func (s *Server) routes() http.Handler {
	open := http.NewServeMux()
	s.openRoutes(open)
	s.pageRoutes(open)
	open.Handle("/api/v1/", s.authenticate(s.plainRefusals(s.apiRoutes())))
	return withHeaders(s.checkHost(s.beforeXIMSS(s.checkOrigin(s.count(s.plainRefusals(open))))))
}

// apiRoutes are the answers to who has shown who he is: each concept lists its own.
func (s *Server) apiRoutes() *http.ServeMux {
	api := http.NewServeMux()
	for _, some := range []map[string]answer{s.memberRoutes(), s.accountRoutes(), s.callRoutes(), s.taskRoutes(), s.sessionRoutes(),
		s.settingRoutes(), s.ticketRoutes(), s.queueRoutes(), s.agentRoutes(), s.recordingRoutes(), s.reportRoutes(), s.queueLogRoutes(),
		s.statRoutes(), s.trunkRoutes()} {
		for pattern, a := range some {
			api.HandleFunc(pattern, s.serveJSON(a))
		}
	}
	api.HandleFunc("GET /api/v1/recordings/{account}/{file...}", s.recordingSound)
	api.HandleFunc("GET /api/v1/reports", s.reportFile)
	api.HandleFunc("GET /api/v1/queuelog/live/events", s.liveEvents)
	api.HandleFunc("GET /api/v1/queuelog/calls/{key}/recordings/{number}", s.logRecordingSound)
	if s.services.Sources != nil {
		api.HandleFunc("GET /api/v1/stat/sources", s.serveJSON(s.sourceList))
	}
	if s.services.Statistics != nil {
		api.HandleFunc("GET /api/v1/stat/events", s.statEvents)
	}
	for pattern, f := range s.statFileRoutes() {
		api.HandleFunc(pattern, f)
	}
	return api
}

// openRoutes are the answers to everybody: each looks by itself at who asks, where that matters.
func (s *Server) openRoutes(open *http.ServeMux) {
	open.HandleFunc("GET /healthz", s.healthz)
	open.HandleFunc("GET /readyz", s.readyz)
	for _, path := range loaderRoutes {
		open.HandleFunc("POST "+path, s.loaderAPI)
	}
	open.HandleFunc("POST /cluster/join", s.clusterJoin)
	open.HandleFunc("GET /sip", s.upgradeSIP)
	if s.services.XIMSS != nil {
		open.HandleFunc("GET /ximss", s.upgradeXIMSS)
	}
	open.Handle("GET /metrics", s.unlessLoopback(s.metrics.handler()))
	for _, path := range statsRoutes {
		open.HandleFunc("GET "+path, s.stats)
		open.HandleFunc("POST "+path, s.stats)
	}
	open.HandleFunc("GET /api/v1/stat/sources/{name}", s.sourceShow)
	open.HandleFunc("POST /api/v1/stat/sources/{name}", s.sourceSend)
}

// memberRoutes are the answers about what a member and its cluster are.
func (s *Server) memberRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/version":                         s.version,
		"GET /api/v1/health":                          s.health,
		"GET /api/v1/cluster":                         s.clusterShow,
		"POST /api/v1/cluster/members/{name}/drain":   s.memberDrain,
		"POST /api/v1/cluster/members/{name}/undrain": s.memberUndrain,
		"DELETE /api/v1/cluster/members/{name}":       s.memberForget,
	}
}

// accountRoutes are the answers about accounts and registrations.
func (s *Server) accountRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/accounts":               s.accountList,
		"POST /api/v1/accounts":              s.accountAdd,
		"GET /api/v1/accounts/{aor}":         s.accountShow,
		"PATCH /api/v1/accounts/{aor}":       s.accountEdit,
		"DELETE /api/v1/accounts/{aor}":      s.accountRemove,
		"GET /api/v1/registrations":          s.registrationList,
		"DELETE /api/v1/registrations/{aor}": s.registrationKick,
	}
}

// callRoutes are the answers about legs and their records.
func (s *Server) callRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/legs":              s.legList,
		"GET /api/v1/legs/{handler}":    s.legShow,
		"DELETE /api/v1/legs/{handler}": s.legHangup,
		"GET /api/v1/records":           s.recordList,
	}
}

// taskRoutes are the answers about tasks.
func (s *Server) taskRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/tasks":                  s.taskList,
		"POST /api/v1/tasks":                 s.taskStart,
		"GET /api/v1/tasks/{handler}":        s.taskShow,
		"POST /api/v1/tasks/{handler}/event": s.taskEvent,
		"DELETE /api/v1/tasks":               s.tasksEnd,
		"DELETE /api/v1/tasks/{handler}":     s.taskEnd,
	}
}

// sessionRoutes are the answers about sessions.
func (s *Server) sessionRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/sessions":              s.sessionList,
		"GET /api/v1/sessions/{handler}":    s.sessionShow,
		"DELETE /api/v1/sessions":           s.sessionsEnd,
		"DELETE /api/v1/sessions/{handler}": s.sessionEnd,
	}
}

// settingRoutes are the answers about settings: those of the member, and those that the cluster keeps.
func (s *Server) settingRoutes() map[string]answer {
	return map[string]answer{
		"GET /api/v1/config":                 s.configShow,
		"POST /api/v1/config/reload":         s.configReload,
		"GET /api/v1/settings":               s.settingList,
		"GET /api/v1/settings/{key}":         s.settingShow,
		"PUT /api/v1/settings/{key}":         s.settingSet,
		"DELETE /api/v1/settings/{key}":      s.settingUnset,
		"GET /api/v1/settings/{key}/history": s.settingHistory,
		"POST /api/v1/settings/{key}/revert": s.settingRevert,
	}
}

// unlessLoopback asks for an administrator unless the request comes from this machine.
func (s *Server) unlessLoopback(next http.Handler) http.Handler {
	asked := s.authenticate(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if fromLoopback(r) {
			next.ServeHTTP(w, r)
			return
		}
		asked.ServeHTTP(w, r)
	})
}

// plainRefusals serves the mux, and says in our own form what its own pages would say in HTML or
// plain text: no such path, no such method.
func (s *Server) plainRefusals(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); pattern != "" {
				w.Header().Add("Allow", method)
			}
		}
		if w.Header().Get("Allow") == "" {
			s.refuse(w, r, NotFound("there is nothing at %s", r.URL.Path))
			return
		}
		s.refuse(w, r, Refuse(http.StatusMethodNotAllowed, "method",
			"%s does not take %s", r.URL.Path, r.Method))
	})
}
