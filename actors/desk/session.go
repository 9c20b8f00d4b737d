package desk

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/signal"
	"tandem/web"
)

// Sessions answers web.Sessions.
type Sessions struct {
	Rows      func() []Session                   // that live on this member
	End       func(handler, reason string) error // ends one of this member. ErrNoObject: there is none
	Directory *account.Directory
	Member    *cluster.Member
}

// Session is a living session with its name in URLs, which no page shows: it is a secret.
type Session struct {
	web.Session
	URLID string
}

// What members ask each other about sessions.
const (
	askSessions   = "sessions"
	askSessionEnd = "session end"
)

// sessionEnd is a session that is to be ended.
type sessionEnd struct{ Handler, Reason string }

// Answer lets other members ask this one.
func (s Sessions) Answer() {
	answers(s.Member, askSessions, func(_ context.Context, q web.SessionQuery) ([]Session, error) { return s.here(q), nil })
	answers(s.Member, askSessionEnd, func(_ context.Context, e sessionEnd) (bool, error) { return true, s.End(e.Handler, e.Reason) })
}

// here are the sessions of this member that match.
func (s Sessions) here(q web.SessionQuery) (out []Session) {
	for _, r := range s.Rows() {
		if (q.Handler == "" || r.Handler == q.Handler) && (q.Account == "" || r.Account == q.Account) {
			out = append(out, r)
		}
	}
	return out[:min(len(out), q.Limit)]
}

// All are the living sessions of all members that match, oldest first.
func (s Sessions) All(ctx context.Context, q web.SessionQuery) []Session {
	all := append(s.here(q), askAll[web.SessionQuery, Session](ctx, s.Member, askSessions, q)...)
	slices.SortStableFunc(all, func(a, b Session) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Handler, b.Handler)) })
	return all[:min(len(all), q.Limit)]
}

// Sessions are the living sessions of all members that match, oldest first.
func (s Sessions) Sessions(ctx context.Context, q web.SessionQuery) ([]web.Session, error) {
	all := s.All(ctx, q)
	out := make([]web.Session, len(all))
	for i, r := range all {
		out[i] = r.Session
	}
	return out, nil
}

// EndSession ends a session, on whatever member.
func (s Sessions) EndSession(ctx context.Context, handler string) error {
	if s.Kill(ctx, handler, "ended by an administrator") != nil {
		return web.NotFound("no session lives under %q", handler)
	}
	return nil
}

// Kill ends a session, on whatever member. ErrNoObject: it does not live.
func (s Sessions) Kill(ctx context.Context, handler, reason string) error {
	home, err := s.Member.Home(handler)
	switch {
	case err != nil:
		return ErrNoObject
	case home == s.Member.Name():
		return s.End(handler, reason)
	}
	_, err = ask[sessionEnd, bool](ctx, s.Member, home, askSessionEnd, sessionEnd{handler, reason})
	var refused *cluster.Refusal
	if errors.Is(err, cluster.ErrGone) || errors.As(err, &refused) {
		return ErrNoObject
	}
	return err
}

// EndSessions ends the sessions of an account.
func (s Sessions) EndSessions(ctx context.Context, text string) (int, error) {
	a, ok := s.Directory.Account(signal.AOR(strings.ToLower(text)))
	if !ok {
		return 0, web.NotFound("there is no account %q", text)
	}
	return s.KillAll(ctx, string(a.AOR), "ended by an administrator", func(Session) bool { return true }), nil
}

// KillAll ends those sessions of an account of which that is so, and tells how many it were.
func (s Sessions) KillAll(ctx context.Context, account, reason string, so func(Session) bool) (n int) {
	for _, r := range s.All(ctx, web.SessionQuery{Account: account, Limit: math.MaxInt}) {
		if so(r) && s.Kill(ctx, r.Handler, reason) == nil {
			n++
		}
	}
	return n
}
