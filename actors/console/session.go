package console

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// Sessions are the XIMSS sessions of all members.
type Sessions interface {
	// CreateSession makes a session of an account for a client over HTTP at an address, and gives its name in URLs.
	CreateSession(ctx context.Context, aor signal.AOR, address netip.Addr) (id string, err error)
	// SessionsOf are the living sessions of an account, the oldest first.
	SessionsOf(ctx context.Context, aor signal.AOR) []Session
	// SessionOf is the living session of a name in URLs.
	SessionOf(ctx context.Context, id string) (Session, bool)
	// EndSession ends a session by its handler.
	EndSession(ctx context.Context, handler string) error
}

// Session is a living session.
type Session struct {
	ID, Handler    string
	Account        signal.AOR
	State, Binding string
	Remote         string // address and port
	Client         string // name of the client
	Member         string
	Since          time.Time
}

// sessionWorks are the commands about XIMSS sessions.
var sessionWorks = map[string]work{
	"CREATEXIMSSSESSION":  (*Console).createSession,
	"FINDACCOUNTSESSION":  (*Console).findSession,
	"LISTACCOUNTSESSIONS": (*Console).listSessions,
	"GETSESSION":          (*Console).getSession,
	"KILLSESSION":         (*Console).killSession,
	"KILLACCOUNTSESSIONS": (*Console).killSessions,
}

var errNoSession = cli.Fail("async Object not found")

// createSession makes a session for somebody: whoever acts in his name has his rights.
func (c *Console) createSession(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f == nil {
		f = c.guards(r, a)
	}
	if f != nil {
		return object.Null, f
	}
	address, err := netip.ParseAddr(strings.Trim(r.Text("ip"), "[]"))
	if err != nil {
		return fail("the ADDRESS is no IP address")
	}
	id, err := c.Sessions.CreateSession(r.ctx, a.AOR, address)
	if err != nil {
		return fail("%v", err)
	}
	return found(object.String(id))
}

// sessions are those of the account that the filter of a command means.
func (c *Console) sessions(r *request) (out []Session, f *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return nil, f
	}
	for _, s := range c.Sessions.SessionsOf(r.ctx, a.AOR) {
		host, _ := netip.ParseAddrPort(s.Remote)
		if r.Has("ip") && strings.Trim(r.Text("ip"), "[]") != host.Addr().String() ||
			r.Has("protocol") && !strings.EqualFold(r.Text("protocol"), "XIMSS") ||
			r.Has("transport") && !strings.EqualFold(r.Text("transport"), s.Binding) ||
			r.Has("client") && r.Text("client") != s.Client || r.Has("proxied") {
			continue
		}
		out = append(out, s)
	}
	return out, nil
}

// findSession is the first one of an account.
func (c *Console) findSession(r *request) (object.Value, *cli.Failure) {
	all, f := c.sessions(r)
	switch {
	case f != nil:
		return object.Null, f
	case len(all) == 0:
		return object.Null, errNoSession
	}
	return found(object.String(all[0].ID))
}

func (c *Console) listSessions(r *request) (object.Value, *cli.Failure) {
	all, f := c.sessions(r)
	if f != nil {
		return object.Null, f
	}
	ids := object.NewArray()
	for _, s := range all {
		ids.Append(object.String(s.ID))
	}
	return found(ids.Value())
}

// session is the one that a command names, if it is of a domain that the asker may look into.
func (c *Console) session(r *request) (Session, *cli.Failure) {
	domain, f := c.domain(r)
	if f != nil {
		return Session{}, f
	}
	s, ok := c.Sessions.SessionOf(r.ctx, r.Text("session"))
	everywhere := ledger.May(r.who, cli.CanImpersonate) && !r.Has("domain")
	if !ok || !everywhere && s.Account.Domain() != domain {
		return Session{}, errNoSession
	}
	return s, nil
}

// getSession describes a session.
func (c *Console) getSession(r *request) (object.Value, *cli.Failure) {
	s, f := c.session(r)
	if f != nil {
		return object.Null, f
	}
	d := object.NewFolded()
	for _, pair := range [][2]string{{"ID", s.ID}, {"accountName", string(s.Account)}, {"protocol", "XIMSS"},
		{"transport", s.Binding}, {"state", s.State}, {"client", s.Client}, {"member", s.Member}, {"taskRef", s.Handler}} {
		if pair[1] != "" {
			d.Set(pair[0], object.String(pair[1]))
		}
	}
	if host, err := netip.ParseAddrPort(s.Remote); err == nil {
		d.Set("origAddress", object.Address(host.Addr(), host.Port()))
	}
	d.Set("created", object.Date(s.Since.Unix()))
	return found(d.Value())
}

func (c *Console) killSession(r *request) (object.Value, *cli.Failure) {
	s, f := c.session(r)
	if f != nil {
		return object.Null, f
	}
	if c.Sessions.EndSession(r.ctx, s.Handler) != nil {
		return object.Null, errNoSession
	}
	return object.Null, nil
}

func (c *Console) killSessions(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	for _, s := range c.Sessions.SessionsOf(r.ctx, a.AOR) {
		_ = c.Sessions.EndSession(r.ctx, s.Handler) // it may have ended by itself
	}
	return object.Null, nil
}
