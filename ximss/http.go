package ximss

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tandem/ximss/object"
)

// Paths of the HTTP binding (reference communigate.md 1.4); the case of their letters does not count.
const (
	loginPath   = "/ximsslogin"
	sessionPath = "/session/"
)

// statusGone is the answer to any request of a session that is no more.
const statusGone = 550

// Limits of the HTTP binding that are no settings.
const (
	maxRequests = 100              // of one POST
	usualWait   = 15 * time.Second // of a poll that asks for nothing else
)

// IsPath tells whether a path is one of the HTTP binding.
func (s *Server) IsPath(path string) bool {
	path = strings.ToLower(path)
	return path == loginPath || strings.HasPrefix(path, loginPath+"/") || strings.HasPrefix(path, sessionPath)
}

// ServeHTTP serves the HTTP binding.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := readQuery(r.URL.RawQuery)
	if !strings.HasPrefix(strings.ToLower(r.URL.Path), sessionPath) {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			refuseMethod(w, "GET, POST")
			return
		}
		s.logInHTTP(w, r, q)
		return
	}
	urlID, what, _ := strings.Cut(r.URL.Path[len(sessionPath):], "/")
	what = strings.ToLower(strings.TrimSuffix(what, "/"))
	switch {
	case what == "" && r.Method == http.MethodGet:
		s.poll(w, r, q, urlID)
	case (what == "sync" || what == "async") && r.Method == http.MethodPost:
		s.post(w, r, q, urlID, what == "sync")
	case what == "":
		refuseMethod(w, "GET")
	case what == "sync" || what == "async":
		refuseMethod(w, "POST")
	default:
		http.Error(w, "a session has sync, async, and its own URL for polls", http.StatusNotFound)
	}
}

func refuseMethod(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	http.Error(w, "this URL takes "+allow, http.StatusMethodNotAllowed)
}

// query are the fields of a query, by name in lower case: clients write them in many ways.
type query map[string]string

func readQuery(raw string) query {
	values, _ := url.ParseQuery(raw) // what can be read counts
	q := query{}
	for name, all := range values {
		q[strings.ToLower(name)] = all[0]
	}
	return q
}

// on tells whether a switch is on.
func (q query) on(name string) bool { return IsOn(q[name]) }

// number is a field that counts; 0 where it is absent.
func (q query) number(name string) (uint64, bool) {
	if q[name] == "" {
		return 0, true
	}
	n, err := strconv.ParseUint(q[name], 10, 64)
	return n, err == nil
}

// visitOf is who makes an HTTP request.
func visitOf(r *http.Request) visit {
	v := visit{binding: HTTP, secure: r.TLS != nil}
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		v.local = addrPort(a)
	}
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		v.remote = netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	}
	return v
}

// logInHTTP logs in by what the URL says or by Basic, or does the operations before login of a body.
func (s *Server) logInHTTP(w http.ResponseWriter, r *http.Request, q query) {
	var said []string
	e := &entry{porter: s.porter, visit: visitOf(r), say: func(documents ...string) { said = append(said, documents...) }}
	login, basic := loginOf(r, q)
	if login == nil && r.Method == http.MethodPost {
		requests, ok := s.requests(w, r)
		if !ok {
			return
		}
		e.takeAll(r.Context(), requests)
		writeXIMSS(w, 0, said)
		return
	}
	if login == nil {
		login, basic = Message("login"), true
	}
	ctx, cancel := context.WithTimeout(r.Context(), doorTime)
	defer cancel()
	out, err := e.do(ctx, "", login)
	switch {
	case err == nil:
		writeXIMSS(w, 0, []string{Write(out.session.Greeting())})
	case q.on("errorasxml"):
		writeXIMSS(w, 0, []string{Write(Response("", err))})
	default:
		if basic {
			w.Header().Set("WWW-Authenticate", `Basic realm="tandem", charset="UTF-8"`)
		}
		http.Error(w, AsError(err).Text, statusOf(AsError(err)))
	}
}

// takeAll does the requests of one body. The first login that succeeds is the last: one body makes one session.
func (e *entry) takeAll(ctx context.Context, requests []*object.XML) {
	in := false
	for _, x := range requests {
		if in {
			id, err := RequestID(x)
			if err == nil {
				err = ErrState
			}
			e.say(Write(Response(id, err)))
			continue
		}
		out := e.take(ctx, x)
		if in = out.session != nil; out.over {
			return
		}
	}
}

// loginOf is the login that a request is; nil: none. basic says that it came in the header.
func loginOf(r *http.Request, q query) (login *object.XML, basic bool) {
	name, password := q["authdata"], q["password"]
	if name == "" {
		name = q["username"]
	}
	if name == "" && q["sessionid"] == "" {
		if name, password, basic = r.BasicAuth(); !basic {
			return nil, false
		}
		// A browser adds the header by itself, also for a picture in another site's page: such a login ends nothing.
		delete(q, "killold")
	}
	return Message("login", "authData", name, "password", password, "nonce", q["nonce"], "sessionID", q["sessionid"],
		"random", q["random"], "version", q["version"], "killOld", q["killold"], "disableIPWatch", q["disableipwatch"]), basic
}

// statusOf is the status of a login that failed.
func statusOf(e *Error) int {
	switch e.Num {
	case NumCredentials, NumObject:
		return http.StatusUnauthorized
	case NumState:
		return http.StatusForbidden
	case NumLimit:
		return http.StatusTooManyRequests
	case NumInternal:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// requests are those of a body, or it is answered: by a status if the client should try again, else as an error in
// XML, since it would be as wrong the next time.
func (s *Server) requests(w http.ResponseWriter, r *http.Request) ([]*object.XML, bool) {
	requests, err := s.readRequests(w, r)
	var told *Error
	switch {
	case errors.As(err, &told):
		writeXIMSS(w, 0, []string{Write(Response("", told))})
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return requests, err == nil
}

// readRequests reads a body: <XIMSS> with requests in it, whatever type it says to be.
func (s *Server) readRequests(w http.ResponseWriter, r *http.Request) ([]*object.XML, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.conf.Load().MaxMessage)))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errTooLong
	case err != nil:
		return nil, fmt.Errorf("the body did not come whole: %w", err)
	}
	root, err := Read(string(body))
	if err != nil {
		return nil, err
	}
	if root.Type != "XIMSS" {
		return nil, Fail(NumMalformed, "the body is no XIMSS element")
	}
	var out []*object.XML
	for _, v := range root.Body {
		x := v.XML()
		if x == nil {
			continue
		}
		if _, err := RequestID(x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	if len(out) > maxRequests {
		return nil, Fail(NumLimit, "more than %d requests at once", maxRequests)
	}
	return out, nil
}

// writeXIMSS answers with messages in an <XIMSS> element; seq 0 is none.
func writeXIMSS(w http.ResponseWriter, seq uint64, messages []string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	var b strings.Builder
	b.WriteString("<XIMSS")
	if seq != 0 {
		b.WriteString(` respSeq="` + strconv.FormatUint(seq, 10) + `"`)
	}
	if len(messages) == 0 {
		b.WriteString("/>")
	} else {
		b.WriteString(">")
		for _, m := range messages {
			b.WriteString(m)
		}
		b.WriteString("</XIMSS>")
	}
	_, _ = io.WriteString(w, b.String())
}

// find is the session of a request, or its refusal.
func (s *Server) find(w http.ResponseWriter, r *http.Request, urlID string) (Session, bool) {
	ctx, cancel := context.WithTimeout(r.Context(), doorTime)
	defer cancel()
	found, err := s.porter.door.Find(ctx, urlID, visitOf(r).remote.Addr())
	if err != nil {
		s.refuse(w, err)
	}
	return found, err == nil
}

// refuse answers a request of a session that can not be done. All but 550 the client tries again.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrGone) {
		http.Error(w, ErrGone.Text, statusGone)
		return
	}
	var told *Error
	if !errors.As(err, &told) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		s.log.Error("request of a session not done", "err", err)
	}
	http.Error(w, AsError(err).Text, http.StatusServiceUnavailable)
}

// post does the requests of a body.
func (s *Server) post(w http.ResponseWriter, r *http.Request, q query, urlID string, sync bool) {
	seq, ok := q.number("reqseq")
	if !ok {
		http.Error(w, "reqSeq is no number", http.StatusBadRequest)
		return
	}
	session, ok := s.find(w, r, urlID)
	if !ok {
		return
	}
	requests, ok := s.requests(w, r)
	if !ok {
		return
	}
	var messages []string
	var err error
	if sync {
		messages, err = session.Sync(r.Context(), seq, requests, q.on("syncasync"))
	} else {
		err = session.Async(r.Context(), seq, requests)
	}
	switch {
	case err != nil:
		s.refuse(w, err)
	case sync:
		writeXIMSS(w, 0, messages)
	}
}

// poll waits for what the session says.
func (s *Server) poll(w http.ResponseWriter, r *http.Request, q query, urlID string) {
	acked, ok := q.number("ackseq")
	if !ok {
		http.Error(w, "ackSeq is no number", http.StatusBadRequest)
		return
	}
	session, ok := s.find(w, r, urlID)
	if !ok {
		return
	}
	wait := s.wait(q)
	control := http.NewResponseController(w) // whose times are for requests that do not wait
	_ = control.SetReadDeadline(time.Now().Add(wait + writeTime))
	_ = control.SetWriteDeadline(time.Now().Add(wait + writeTime))
	batch, err := session.Poll(r.Context(), acked, wait)
	if err != nil {
		s.refuse(w, err)
		return
	}
	writeXIMSS(w, batch.Seq, batch.Messages)
}

// wait is how long a poll may wait.
func (s *Server) wait(q query) time.Duration {
	seconds, ok := q.number("maxwait")
	most := s.conf.Load().MaxWait
	switch {
	case q["maxwait"] == "" || !ok:
		return min(usualWait, most)
	case seconds > uint64(most/time.Second):
		return most
	}
	return time.Duration(seconds) * time.Second
}
