package actors

import (
	"context"
	"crypto/subtle"
	"math"
	"net/netip"
	"time"

	"tandem/actors/console"
	"tandem/actors/desk"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss"
)

// What others do with sessions: commands, pages, and the house itself.

func (h *House) deskSessions() desk.Sessions {
	return desk.Sessions{Rows: h.sessionRows, End: h.endSession, Directory: h.directory, Member: h.member}
}

// sessionRows are the living sessions of this member, the oldest first.
func (h *House) sessionRows() []desk.Session {
	rows := h.sessions.Rows()
	out := make([]desk.Session, len(rows))
	for i, r := range rows {
		out[i] = desk.Session{URLID: r.URLID, Session: web.Session{Handler: r.Session, Account: r.Account, State: r.State,
			Binding: r.Binding, Remote: r.Remote, Secure: r.Secure, Client: r.Client, Version: r.Version, Method: r.Method,
			Calls: r.Calls, Since: r.Started, Member: h.member.Name()}}
	}
	return out
}

// endSession ends a session of this member.
func (h *House) endSession(handler, reason string) error {
	if _, lives := h.sessions.Row(handler); !lives {
		return desk.ErrNoObject
	}
	return h.offerTask(handler, &msg.SessionEnd{Reason: reason})
}

// endOrphanedSessions ends the sessions of accounts that are no more, or may not log in any more.
func (h *House) endOrphanedSessions() {
	for _, r := range h.sessions.Rows() {
		if a, ok := h.directory.Record(signal.AOR(r.Account)); !ok || a.Disabled {
			_ = h.endSession(r.Session, "the account may not log in any more") // it may have ended by itself
		}
	}
}

// consoleSessions are the sessions of all members, for commands.
type consoleSessions struct{ house *House }

// CreateSession makes a session for a client over HTTP.
func (c consoleSessions) CreateSession(ctx context.Context, aor signal.AOR, address netip.Addr) (string, error) {
	s, err := c.house.door.Open(ctx, ximss.Login{AOR: string(aor), Method: "CREATEXIMSSSESSION", Binding: ximss.HTTP,
		Remote: netip.AddrPortFrom(address, 0)})
	if err != nil {
		return "", err
	}
	return s.URLID(), nil
}

// SessionsOf are the living sessions of an account.
func (c consoleSessions) SessionsOf(ctx context.Context, aor signal.AOR) (out []console.Session) {
	for _, s := range c.house.deskSessions().All(ctx, web.SessionQuery{Account: string(aor), Limit: math.MaxInt}) {
		out = append(out, consoleSession(s))
	}
	return out
}

// SessionOf is the living session of a name in URLs.
func (c consoleSessions) SessionOf(ctx context.Context, id string) (console.Session, bool) {
	handler, ok := c.house.door.Handler(id)
	if !ok {
		return console.Session{}, false
	}
	for _, s := range c.house.deskSessions().All(ctx, web.SessionQuery{Handler: handler, Limit: 1}) {
		return consoleSession(s), subtle.ConstantTimeCompare([]byte(s.URLID), []byte(id)) == 1
	}
	return console.Session{}, false
}

func consoleSession(s desk.Session) console.Session {
	return console.Session{ID: s.URLID, Handler: s.Handler, Account: signal.AOR(s.Account), State: s.State,
		Binding: s.Binding, Remote: s.Remote, Client: s.Client, Member: s.Member, Since: s.Since.Round(time.Second)}
}

// EndSession ends a session.
func (c consoleSessions) EndSession(ctx context.Context, handler string) error {
	return c.house.deskSessions().Kill(ctx, handler, "ended by a command")
}
