package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// program says which program asks, by name and password: an account with one of the roles, or an administrator.
func (s *Server) program(w http.ResponseWriter, r *http.Request, roles ...string) (Identity, error) {
	user, password, ok := r.BasicAuth()
	if !ok {
		w.Header().Set("WWW-Authenticate", basic)
		return Identity{}, Refuse(http.StatusUnauthorized, "unauthorized", "this needs the password of an account with the role %s",
			strings.Join(roles, " or "))
	}
	who, known := s.programs.known(user, password, s.now())
	if now, still := s.services.Logins.Identity(who.Account); !known || !still || now.Stamp != who.Stamp {
		var err error
		who, err = s.checkLogin(w, r, user, password)
		if errors.Is(err, errPair) {
			w.Header().Set("WWW-Authenticate", basic)
		}
		if err != nil {
			return Identity{}, err
		}
		s.programs.remember(user, password, who, s.now())
	} else {
		who = now
	}
	for _, role := range append(roles, roleAdministrator) {
		if slices.ContainsFunc(who.Roles, func(has string) bool { return strings.EqualFold(has, role) }) {
			return who, nil
		}
	}
	return Identity{}, Refuse(http.StatusForbidden, "no_right", "%s lacks the role %s", who.Account, strings.Join(roles, " or "))
}

// basic asks a program for its name and password.
const basic = `Basic realm="tandem", charset="UTF-8"`

// Limits of what is remembered of passwords that were right: a loader shows its own with each row, and checking one is
// made to be slow.
const (
	programsKnown = 256
	programKnown  = 5 * time.Minute
)

// programs remembers passwords that were right, by their hashes, for a time.
type programs struct {
	mu   sync.Mutex
	seen map[[sha256.Size]byte]seenProgram
}

type seenProgram struct {
	who Identity
	at  time.Time
}

func (p *programs) known(user, password string, now time.Time) (Identity, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.seen[sha256.Sum256([]byte(user+"\x00"+password))]
	return s.who, ok && now.Sub(s.at) < programKnown
}

func (p *programs) remember(user, password string, who Identity, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil || len(p.seen) >= programsKnown {
		p.seen = map[[sha256.Size]byte]seenProgram{}
	}
	p.seen[sha256.Sum256([]byte(user+"\x00"+password))] = seenProgram{who, now}
}
