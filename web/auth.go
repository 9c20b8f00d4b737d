package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tandem/web/screen"
)

// TokenFile is the name of the file in the member's data directory that holds the control token.
const TokenFile = "control.token"

// tokenAuthor is who acts when the control token was shown: whoever may read the member's files.
const tokenAuthor = "control token"

// WriteToken makes a new control token and writes it to the data directory, readable by the
// member's user alone. It is made anew at each start, so an old copy opens nothing.
func WriteToken(dir string) (string, error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	token := base64.RawURLEncoding.EncodeToString(secret)
	fresh, err := os.CreateTemp(dir, TokenFile+".*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("control token: %w", err)
	}
	_, err = fresh.WriteString(token + "\n")
	if closed := fresh.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(fresh.Name(), filepath.Join(dir, TokenFile))
	}
	if err != nil {
		_ = os.Remove(fresh.Name())
		return "", fmt.Errorf("control token: %w", err)
	}
	return token, nil
}

// Asker is who asks for something, as far as his rights matter.
type Asker struct {
	Name    string // for the history of what he changes
	Account string // AOR; "": whoever holds the control token
	Master  bool   // he may do everything
}

// eyes are equal for those who see the same.
func (a Asker) eyes() string {
	if a.Master {
		return "write"
	}
	return "read " + a.Account
}

// rightOf is what somebody who asks may see now; Nobody: his account has gone, or is disabled.
func (s *Server) rightOf(by Asker) screen.Right {
	if by.Account == "" && by.Master {
		return screen.Administrator // he has the control token
	}
	who, ok := s.services.Logins.Identity(by.Account)
	if !ok {
		return screen.Nobody
	}
	return who.right()
}

// asker is the visitor as one who asks.
func (v visitor) asker() Asker {
	return Asker{Name: v.Account, Account: v.Account, Master: v.right >= screen.Administrator}
}

// askerKey marks the Asker in a request's context.
type askerKey struct{}

// asker is who makes this request.
func asker(r *http.Request) Asker { return askerOf(r.Context()) }

// askerOf is who asks for what is made in a context.
func askerOf(ctx context.Context) Asker {
	by, _ := ctx.Value(askerKey{}).(Asker)
	return by
}

// askedBy is a context in which somebody asks.
func askedBy(ctx context.Context, by Asker) context.Context {
	return context.WithValue(ctx, askerKey{}, by)
}

// author is his name.
func author(r *http.Request) string { return asker(r).Name }

// authenticate lets administrators through: by the control token, by their password, or by the login of a
// browser, which supervisors may have too to read. What everybody may ask for lets all accounts through.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, err := s.identify(w, r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askerKey{}, by)))
	})
}

// identify says who asks. A right token is taken even from a source that has guessed too often: it
// cannot be guessed, and a stranger on the same address must not lock the operator out.
func (s *Server) identify(w http.ResponseWriter, r *http.Request) (Asker, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		if s.isToken(token) {
			return Asker{Name: tokenAuthor, Master: true}, nil
		}
		return Asker{}, s.deny(w, r, "the control token is not the one of the running member: "+
			"read it again from "+TokenFile+" in the member's data directory")
	}
	user, password, ok := r.BasicAuth()
	if v, loggedIn := s.visitor(r); loggedIn && r.Header.Get("Authorization") == "" {
		return v.asker(), mayREST(v.right, r)
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="tandem", charset="UTF-8"`)
		return Asker{}, Refuse(http.StatusUnauthorized, "unauthorized",
			"this needs an administrator: send the control token (Bearer) or a password (Basic)")
	}
	if wait := s.guesses.try(source(r), s.now()); wait > 0 {
		s.authFailures.Add(1)
		return Asker{}, tooMany(w, wait)
	}
	leave, err := s.checks.enter(r.Context())
	if err != nil {
		return Asker{}, err
	}
	defer leave()
	by, ok := s.check(r, user, password)
	if !ok {
		if forEverybody(r) {
			return Asker{}, s.deny(w, r, "user or password is wrong")
		}
		return Asker{}, s.deny(w, r, "user or password is wrong, or the user may not ask for this")
	}
	s.guesses.right(source(r))
	return by, nil
}

// check checks a password: that of an administrator, of a supervisor where those may read, or of any account where everybody
// may ask.
func (s *Server) check(r *http.Request, user, password string) (Asker, bool) {
	all := forEverybody(r)
	if !all && !forSupervisors(r) {
		return Asker{Name: user, Master: true}, s.services.Authenticator.Administrator(user, password)
	}
	who, ok := s.services.Logins.Login(user, password)
	return Asker{Name: who.Account, Account: who.Account, Master: who.right() >= screen.Administrator}, ok && (all || who.right() >= screen.Supervisor)
}

// isToken compares in constant time.
func (s *Server) isToken(token string) bool {
	return s.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

// deny refuses wrong credentials.
func (s *Server) deny(w http.ResponseWriter, r *http.Request, message string) error {
	s.authFailures.Add(1)
	s.log.Warn("administrator refused", slog.String("source", source(r).String()),
		slog.String("path", r.URL.Path))
	w.Header().Set("WWW-Authenticate", `Basic realm="tandem", charset="UTF-8"`)
	return Refuse(http.StatusUnauthorized, "unauthorized", "%s", message)
}

func tooMany(w http.ResponseWriter, wait time.Duration) error {
	seconds := int(wait/time.Second) + 1
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return Refuse(http.StatusTooManyRequests, "too_many_guesses",
		"too many wrong passwords came from this address: wait %d s", seconds)
}

// Limits of checking passwords: each check takes much memory and time on purpose.
const (
	checksAtOnce = 2
	checksQueued = 16
)

// checks are the password checks under way.
type checks struct {
	running chan struct{}
	queued  atomic.Int32
}

func newChecks() *checks { return &checks{running: make(chan struct{}, checksAtOnce)} }

// enter waits for a place among the checks; leave gives it back. Too many wait already, or the client
// has gone: an error.
func (c *checks) enter(ctx context.Context) (leave func(), err error) {
	if c.queued.Add(1) > checksQueued {
		c.queued.Add(-1)
		return nil, Refuse(http.StatusServiceUnavailable, "busy",
			"too many passwords are being checked: try again in a moment, or use the control token")
	}
	defer c.queued.Add(-1)
	select {
	case c.running <- struct{}{}:
		return func() { <-c.running }, nil
	case <-ctx.Done():
		return nil, Refuse(http.StatusServiceUnavailable, "gone", "the request was given up")
	}
}

// Limits of guessing.
const (
	guessLimit   = 10          // wrong guesses of one source in a window; then it must wait
	guessWindow  = time.Minute // length of the window
	guessSources = 4096        // sources remembered at once; beyond it one is forgotten
)

// network is the source as guesses are counted: one IPv4 address, or one IPv6 /64, which is what
// one user is given.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
