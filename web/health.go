package web

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
)

// version answers what runs here.
func (s *Server) version(*http.Request) (any, error) {
	c := s.services.Health.Health()
	return map[string]string{"member": c.Member, "version": c.Version, "go": runtime.Version()}, nil
}

// health answers the whole condition of the member.
func (s *Server) health(*http.Request) (any, error) {
	c := s.services.Health.Health()
	c.Checks, _ = page(c.Checks, len(c.Checks))
	return c, nil
}

// healthz says that the process lives and serves. It says nothing of its work: a supervisor must
// not kill a member for a store that is away.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeText(w, http.StatusOK, "ok\n")
}

// readyz says whether new calls should be sent here. With ?verbose it names every check. What it
// says is for everybody, so a check's message goes to /api/v1/health alone.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	c := s.services.Health.Health()
	status, word := http.StatusOK, "ready"
	switch {
	case c.Draining:
		status, word = http.StatusServiceUnavailable, "draining"
	case !c.Ready:
		status, word = http.StatusServiceUnavailable, "not ready"
	}
	var text strings.Builder
	if r.URL.Query().Has("verbose") {
		for _, check := range c.Checks {
			fmt.Fprintf(&text, "%s %s\n", map[bool]string{true: "ok  ", false: "fail"}[check.OK], check.Name)
		}
	}
	text.WriteString(word + "\n")
	writeText(w, status, text.String())
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
