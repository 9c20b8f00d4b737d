package actors

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"tandem/actors/desk"
	"tandem/actors/form"
	"tandem/actors/pbx/task"
	"tandem/actors/session"
	telephone "tandem/actors/session/phone"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/web"
	"tandem/ximss"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// introduceSessions makes XIMSS sessions known to the member: what they stand on, and who logs in.
func (h *House) introduceSessions(key []byte) error {
	h.sessions = session.NewTable()
	floor := &session.Floor{Member: h.member, Services: sessionServices{h}, Table: h.sessions, Key: key,
		Alone: h.identity == nil, Known: h.known,
		Limits:  func() session.Limits { return sessionLimits(h.live.Conf().XIMSS) },
		Workers: make(chan struct{}, h.live.Conf().Tasks.MaxServices), Log: h.log,
		AgentOf: h.agentOf, ShowAgent: h.showAgent, ShowsQueue: h.showsQueue, Board: session.NewBoard(func(ctx context.Context, queue string) (session.QueueView, bool) {
			return h.queueFound(ctx, session.QueueAsk{Queue: queue})
		}),
		Stats: h.statStream,
		Calls: session.Calls{Begin: h.ingress.Begin, Terms: h.phoneTerms}}
	h.member.Introduce("session", floor.Make)
	h.member.Introduce("connection", floor.MakeConnection)
	h.door = session.NewIngress(floor, sessionAccounts{h}, h.version)
	return h.sessionMetrics(h.metrics)
}

// sessionLimits are what one session may use.
func sessionLimits(c conf.XIMSS) session.Limits {
	l := session.DefaultLimits
	l.Resume, l.Idle, l.Queued, l.Bytes = c.Resume, c.IdleTimeout, c.MaxQueued, c.MaxQueuedBytes
	l.Account = c.MaxSessionsPerAccount
	l.Said = c.MaxQueuedBytes // of which a connection holds twice as much
	return l
}

// sessionMetrics counts sessions by state.
func (h *House) sessionMetrics(m *web.Metrics) error {
	return m.Add(func(emit web.Emit) {
		states := map[string]int{}
		for _, r := range h.sessions.Rows() {
			states[r.State]++
		}
		for _, state := range session.States() {
			emit("sessions", float64(states[state]), state)
		}
	}, gauge("sessions", "XIMSS sessions.", "state"))
}

// phoneTerms are the settings of the telephones of sessions: what their dialogs say is what all others say.
func (h *House) phoneTerms() (telephone.Limits, dialog.Timers, signal.Headers) {
	c := h.live.Conf()
	limits := telephone.DefaultLimits
	limits.Calls = c.XIMSS.MaxCalls
	return limits, timersOf(c), signal.Headers{
		{Name: "Allow", Value: signal.Allow}, {Name: "Supported", Value: signal.Supported}}
}

// sessionAccounts are those who log in to sessions.
type sessionAccounts struct{ house *House }

// Domain is the domain that a client means before login. All local addresses stand for the main one.
func (a sessionAccounts) Domain(_ netip.Addr, asked string) (string, error) {
	if asked == "" {
		return a.house.live.Conf().Routing.Domain, nil
	}
	domain, err := a.house.ledger.DomainOf(strings.ToLower(asked))
	if err != nil {
		return "", ximss.Fail(ximss.NumMalformed, "unknown domain")
	}
	return domain, nil
}

// userIn completes a name without a domain.
func userIn(name, domain string) string {
	if strings.Contains(name, "@") {
		return name
	}
	return name + "@" + domain
}

// Verify tells whose password this is.
func (a sessionAccounts) Verify(ctx context.Context, name, domain, password string) (string, bool, error) {
	who, f := a.house.console.Password(ctx, userIn(name, domain), password)
	if f != nil && ctx.Err() != nil {
		return "", false, ximss.ErrUnavailable
	}
	return who.Account, f == nil, nil
}

// Password is the password of an account in clear.
func (a sessionAccounts) Password(_ context.Context, name, domain string) (string, []byte, bool, error) {
	aor, password, ok := a.house.console.Secret(userIn(name, domain))
	return string(aor), []byte(password), ok, nil
}

// RealName is that of an account.
func (a sessionAccounts) RealName(aor signal.AOR) string {
	known, _ := a.house.directory.Account(aor)
	return known.Display
}

// EndOld ends an account's older sessions of clients at an address.
func (a sessionAccounts) EndOld(ctx context.Context, aor signal.AOR, address netip.Addr, but string) {
	a.house.deskSessions().KillAll(ctx, string(aor), "another one was opened", func(s desk.Session) bool {
		remote, err := netip.ParseAddrPort(s.Remote)
		return err == nil && remote.Addr() == address && s.Handler != but
	})
}

// sessionServices are what is done for sessions: session.Services.
type sessionServices struct{ house *House }

func clientError(f *cli.Failure) *ximss.Error {
	if f == nil {
		return nil
	}
	return &ximss.Error{Num: f.Code, Text: f.Text}
}

// Execute runs a command line in the name of an account.
func (s sessionServices) Execute(ctx context.Context, aor signal.AOR, line string) (object.Value, bool, *ximss.Error) {
	v, output, f := s.house.ExecuteLine(ctx, aor, line)
	return v, output, clientError(f)
}

// ChangePassword changes the password of an account who proves the old one. Who changes it may do so since somebody else
// knows the old one, so the other sessions of the account end.
func (s sessionServices) ChangePassword(ctx context.Context, aor signal.AOR, old, password, but string) (bool, *ximss.Error) {
	f := s.house.console.ChangePassword(ctx, aor, old, password)
	if f == cli.ErrLogin {
		return false, nil
	}
	if f == nil {
		s.house.deskSessions().KillAll(ctx, string(aor), "the password was changed",
			func(d desk.Session) bool { return d.Handler != but })
	}
	return true, clientError(f)
}

// Preferences are those of an account.
func (s sessionServices) Preferences(_ context.Context, aor signal.AOR, own bool) (*object.Dictionary, *ximss.Error) {
	r, ok := s.house.directory.Record(aor)
	switch {
	case !ok:
		return nil, ximss.ErrGone
	case own:
		return form.Dictionary(r.Preferences), nil
	}
	return s.house.ledger.EffectivePreferences(r), nil
}

// StorePreferences changes preferences.
func (s sessionServices) StorePreferences(ctx context.Context, aor signal.AOR, changes *object.Dictionary) *ximss.Error {
	err := s.house.ledger.ChangePreferences(ctx, aor, store.Write{Author: string(aor), Reason: "prefsStore"},
		func(d *object.Dictionary) { form.Merge(d, changes) })
	switch {
	case errors.Is(err, form.ErrTooLarge):
		return ximss.Fail(ximss.NumLimit, "%v", err)
	case err != nil:
		s.house.log.Warn("preferences are not stored", "account", string(aor), "err", err)
		return ximss.ErrUnavailable
	}
	return nil
}

// StartTask starts a program in the name of an account.
func (s sessionServices) StartTask(_ context.Context, aor signal.AOR, program, entry string, parameter object.Value) (string, *ximss.Error) {
	handler, err := s.house.StartTask(aor, program, entry, parameter)
	switch {
	case err == nil:
		return handler, nil
	case errors.Is(err, desk.ErrNoProgram):
		return "", ximss.ErrFile
	case errors.Is(err, desk.ErrNoSection), err.Error() == string(task.ErrNoAccount):
		return "", ximss.Fail(ximss.NumFile, "%v", err)
	}
	return "", ximss.Fail(ximss.NumLimit, "the task can not be started")
}

// SendEvent sends an event to a Task or a session.
func (s sessionServices) SendEvent(_ context.Context, to, name string, parameter object.Value, from string) *ximss.Error {
	err := s.house.sendEvent(to, name, parameter, from)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, desk.ErrNoObject):
		return ximss.ErrObject
	}
	return ximss.Fail(ximss.NumLimit, "%v", err)
}
