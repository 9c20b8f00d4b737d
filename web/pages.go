package web

import (
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"tandem/web/screen"
	"tandem/web/static"
)

// maxField bounds one field of a form or of an address, in bytes.
const maxField = 256

// look makes a page.
type look func(r *http.Request, v visitor) (screen.Page, error)

// act does something and says what became of it.
type act func(r *http.Request, v visitor) (outcome, error)

// outcome is what comes after an act. Of one that failed, To and Act count.
type outcome struct {
	To   string       // page to go to, or back to
	Text string       // what was done
	Act  *screen.Act  // what can be done next: undo, or insist
	Ask  *screen.Page // a question that comes first; nothing was done yet

	Partly bool // not all of it was done
}

// file serves what the pages load. It is the same for everybody and holds nothing private.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	s.shareModules(w, r)
	if !static.Serve(w, r) {
		s.refuse(w, r, NotFound("there is no file %s", r.URL.Path))
	}
}

// serveLook turns a page into a handler. Who has not logged in comes back to the page afterwards.
func (s *Server) serveLook(need screen.Right, f look) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visitor(r)
		if !ok {
			to := "/login"
			if back := localPath(r.URL.RequestURI()); back != "" && back != "/" {
				to += "?to=" + url.QueryEscape(back)
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		if v.right < need {
			s.refusePage(w, r, v, lacks(v.Account, need))
			return
		}
		p, err := f(withVisitor(r, v), v)
		if err != nil {
			s.refusePage(w, r, v, err)
			return
		}
		s.writePage(w, r, http.StatusOK, s.framed(r, v, p))
	}
}

// serveAct turns an act of an administrator into a handler.
func (s *Server) serveAct(f act) http.HandlerFunc {
	return s.serveActFor(screen.Administrator, f)
}

// serveActFor turns an act into a handler.
func (s *Server) serveActFor(need screen.Right, f act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visitor(r)
		err := s.mayAct(w, r, v, ok, need)
		if err != nil {
			if !ok && !wantsJSON(r) {
				http.Redirect(w, r, "/login", http.StatusSeeOther)
				return
			}
			s.refuse(w, r, err)
			return
		}
		out, err := f(withVisitor(r, v), v)
		s.tellOutcome(w, r, v, out, err)
	}
}

// tellOutcome says what came of an act. A browser with script gets it as JSON; one without is sent to the page, which
// shows it.
func (s *Server) tellOutcome(w http.ResponseWriter, r *http.Request, v visitor, out outcome, err error) {
	if out.Ask != nil && !wantsJSON(r) {
		s.writePage(w, r, http.StatusOK, s.framed(r, v, *out.Ask))
		return
	}
	notice := screen.Notice{State: screen.StateOf("notice", "done"), Text: out.Text, Act: out.Act}
	status := http.StatusOK
	if out.Partly {
		notice.State = screen.StateOf("notice", "look")
	}
	if err != nil {
		e := s.explain(r, err)
		status, notice.State, notice.Text = e.Status, screen.StateOf("notice", "refused"), e.Message
	}
	if wantsJSON(r) {
		writeJSON(w, status, map[string]any{"notice": notice, "ask": out.Ask != nil, "to": out.To})
		return
	}
	s.logins.Leave(v.login, notice)
	http.Redirect(w, r, out.To, http.StatusSeeOther)
}

// mayAct checks everything that an act needs before it is looked at, and reads its form.
func (s *Server) mayAct(w http.ResponseWriter, r *http.Request, v visitor, loggedIn bool, need screen.Right) error {
	switch {
	case !loggedIn:
		return Refuse(http.StatusUnauthorized, "unauthorized", "log in first")
	case !ownOrigin(r):
		return errOrigin
	case v.right < need:
		return lacks(v.Account, need)
	}
	return readForm(w, r)
}

// readForm reads a form from the body alone: nothing of the address counts.
func readForm(w http.ResponseWriter, r *http.Request) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return Refuse(http.StatusUnsupportedMediaType, "media_type", "a form is sent as application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return Refuse(http.StatusRequestEntityTooLarge, "too_large", "a form has at most %d bytes", maxForm)
		}
		return Invalid("the form can not be read")
	}
	return nil
}

// wantsJSON reports a request of a script.
func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// wantsPage reports a request of a browser for something to look at.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, "/api/")
}

// frame is what stands around every page.
func (s *Server) frame(r *http.Request, v visitor) screen.Page {
	c := s.services.Health.Health()
	p := screen.Page{Member: c.Member, Version: c.Version, Now: s.now(), Path: r.URL.Path}
	if theme, err := r.Cookie(themeCookie); err == nil {
		p.Dark = theme.Value == "dark"
	}
	if v.login != nil {
		p.Person = &screen.Person{Account: v.Account, Display: v.Display, Right: v.right}
		if notice, ok := s.logins.Take(v.login).(screen.Notice); ok {
			p.Notice = &notice
		}
	}
	return p
}

// framed puts the page into its frame.
func (s *Server) framed(r *http.Request, v visitor, p screen.Page) screen.Page {
	f := s.frame(r, v)
	p.Member, p.Version, p.Now, p.Dark, p.Person = f.Member, f.Version, f.Now, f.Dark, f.Person
	if p.Path == "" {
		p.Path = f.Path
	}
	if p.Notice == nil {
		p.Notice = f.Notice
	}
	return p
}

func (s *Server) writePage(w http.ResponseWriter, r *http.Request, status int, p screen.Page) {
	body, err := screen.Render(p)
	if err != nil {
		s.log.Error("page failed", slog.String("path", r.URL.Path), slog.Any("err", err))
		writeText(w, http.StatusInternalServerError, errInternal.Message+"\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Vary", "Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// refusePage says on a page what was refused. A stranger gets the bare page.
func (s *Server) refusePage(w http.ResponseWriter, r *http.Request, v visitor, err error) {
	e := s.explain(r, err)
	p := screen.Page{Title: http.StatusText(e.Status), Tags: []string{e.Message}}
	if v.login != nil {
		p.Tags = nil
		p.Notice = &screen.Notice{State: screen.StateOf("notice", "refused"), Text: e.Message}
	}
	p = s.framed(r, v, p)
	if v.login == nil {
		p.Version, p.Member = "", ""
	}
	if localPath(p.Path) == "" {
		p.Path = "/"
	}
	s.writePage(w, r, e.Status, p)
}

// clip cuts text that is too long to be shown, between characters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
