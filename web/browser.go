package web

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tandem/web/login"
	"tandem/web/screen"
)

// Names of our cookies. The prefix lets a browser take the cookie over TLS alone, and from this host alone.
const (
	loginCookie       = "tandem"
	secureLoginCookie = "__Host-tandem"
	themeCookie       = "tandem-theme"
)

// maxForm bounds what a page sends, in bytes.
const maxForm = 64 << 10

// visitor is who reads the pages.
type visitor struct {
	Identity
	login *login.Login
	right screen.Right
}

// visitor finds the login that a request shows. The account is looked at again each time: who is disabled,
// or has a new password, is out at once.
func (s *Server) visitor(r *http.Request) (visitor, bool) {
	name := loginCookie
	if r.TLS != nil {
		name = secureLoginCookie
	}
	cookie, err := r.Cookie(name)
	if err != nil {
		return visitor{}, false
	}
	l, ok := s.logins.Find(cookie.Value, s.now())
	if !ok {
		return visitor{}, false
	}
	who, ok := s.services.Logins.Identity(l.Account)
	right := who.right()
	if !ok || who.Stamp != l.Stamp || right == screen.Nobody {
		s.logins.End(l)
		return visitor{}, false
	}
	return visitor{Identity: who, login: l, right: right}, true
}

// cookie is one of ours. No script of a page can read the login.
func cookie(r *http.Request, name, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true,
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode}
}

func setLogin(w http.ResponseWriter, r *http.Request, word string, life time.Duration) {
	name := loginCookie
	if r.TLS != nil {
		name = secureLoginCookie
	}
	http.SetCookie(w, cookie(r, name, word, life))
}

// ownOrigin reports whether a request that changes something was surely sent by one of our pages. What is
// not said is not believed, as a cookie comes with the requests of strangers too in some browsers.
func ownOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && origin.Host != "" && origin.Host == r.Host
}

// errOrigin refuses what came with a login, but from nowhere that we know.
var errOrigin = Refuse(http.StatusForbidden, "cross_origin",
	"this was not sent by a page of this member: use its pages, or the control token")

// localPath is the address of one of our pages, or "" when it is another one: a login must not lead to
// where a stranger wants it to.
func localPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(text, "/") ||
		strings.ContainsAny(text, "\\\r\n\t") || !screen.Known(u.Path) {
		return ""
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).RequestURI()
}

// firstPage is where a right leads to.
func firstPage(right screen.Right) string {
	if right == screen.Administrator {
		return "/"
	}
	return queuesPath
}

func (s *Server) loginShow(w http.ResponseWriter, r *http.Request) {
	to := localPath(r.URL.Query().Get("to"))
	if v, ok := s.visitor(r); ok {
		if to == "" {
			to = firstPage(v.right)
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	s.loginPage(w, r, http.StatusOK, screen.LoginForm{To: to})
}

func (s *Server) loginPage(w http.ResponseWriter, r *http.Request, status int, form screen.LoginForm) {
	form.Hint = s.hint
	p := s.frame(r, visitor{})
	p.Title, p.Path, p.Login, p.Version = "Log in", "/login", &form, ""
	s.writePage(w, r, status, p)
}

// errPair is all that is said of a wrong pair, whichever half is wrong.
var errPair = Refuse(http.StatusUnauthorized, "unauthorized", "Account or password is wrong.")

// loginDo begins a login. The word of a login before it is never taken over: that login ends.
func (s *Server) loginDo(w http.ResponseWriter, r *http.Request) {
	form := screen.LoginForm{}
	v, err := s.logIn(w, r, &form)
	if err != nil {
		e := s.explain(r, err)
		if wantsJSON(r) {
			s.refuse(w, r, err)
			return
		}
		form.Fault = e.Message
		s.loginPage(w, r, e.Status, form)
		return
	}
	if wantsJSON(r) {
		writeJSON(w, http.StatusOK, map[string]string{"account": v.Account})
		return
	}
	to := form.To
	if to == "" || to == "/" {
		to = firstPage(v.right)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Server) logIn(w http.ResponseWriter, r *http.Request, form *screen.LoginForm) (v visitor, err error) {
	if err := readForm(w, r); err != nil {
		return v, err
	}
	form.To, form.Account = localPath(r.PostForm.Get("to")), clip(r.PostForm.Get("account"), maxField)
	if !ownOrigin(r) {
		return v, errOrigin
	}
	who, err := s.checkLogin(w, r, r.PostForm.Get("account"), r.PostForm.Get("password"))
	if err != nil {
		return v, err
	}
	v = visitor{Identity: who, right: who.right()}
	if v.right == screen.Nobody {
		return v, Refuse(http.StatusForbidden, "no_pages",
			"This account has no pages here but its phone, at /user/: others need the role administrator or supervisor, or the right to supervise a queue.")
	}
	if old, ok := s.visitor(r); ok {
		s.logins.End(old.login)
	}
	word, l := s.logins.Begin(who.Account, who.Stamp, s.now())
	v.login = l
	setLogin(w, r, word, login.Life)
	s.log.Info("login", slog.String("account", who.Account), slog.String("source", source(r).String()))
	if view, err := s.services.Cluster.Cluster(r.Context()); err == nil && !view.Quorum {
		s.logins.Leave(l, screen.Notice{State: screen.StateOf("notice", "look"),
			Text: "You are in; settings cannot be changed just now."})
	}
	return v, nil
}

// checkLogin checks a password, bounded as that of the REST interface is, and in the same counts.
func (s *Server) checkLogin(w http.ResponseWriter, r *http.Request, user, password string) (Identity, error) {
	if wait := s.guesses.try(source(r), s.now()); wait > 0 {
		s.authFailures.Add(1)
		until := s.now().Add(wait).Format("15:04:05")
		_ = tooMany(w, wait)
		return Identity{}, Refuse(http.StatusTooManyRequests, "too_many_guesses",
			"Too many wrong passwords came from this address. Try again after %s.", until)
	}
	leave, err := s.checks.enter(r.Context())
	if err != nil {
		return Identity{}, err
	}
	defer leave()
	if len(user) <= maxField && len(password) <= maxField {
		if who, ok := s.services.Logins.Login(user, password); ok {
			s.guesses.right(source(r))
			return who, nil
		}
	}
	s.authFailures.Add(1)
	s.log.Warn("login refused", slog.String("source", source(r).String()))
	return Identity{}, errPair
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.visitor(r); ok {
		if !ownOrigin(r) {
			s.refuse(w, r, errOrigin)
			return
		}
		s.logins.End(v.login)
	}
	setLogin(w, r, "", -time.Second)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// themeSet changes the colours and goes back to the page.
func (s *Server) themeSet(w http.ResponseWriter, r *http.Request) {
	if err := readForm(w, r); err != nil {
		s.refuse(w, r, err)
		return
	}
	value := "light"
	if r.PostForm.Get("dark") == "1" {
		value = "dark"
	}
	c := cookie(r, themeCookie, value, 365*24*time.Hour)
	c.HttpOnly = false // a page's script changes it as well
	http.SetCookie(w, c)
	to := localPath(r.PostForm.Get("to"))
	if to == "" {
		to = "/login"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// withVisitor remembers who makes the request.
func withVisitor(r *http.Request, v visitor) *http.Request {
	return r.WithContext(askedBy(r.Context(), v.asker()))
}
