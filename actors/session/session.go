package session

import (
	"crypto/subtle"
	"log/slog"
	"time"

	"tandem/actors/session/phone"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Who is whose session it is, and how it is known.
type Who struct {
	AOR      signal.AOR
	RealName string
	URLID    string // its name in URLs: a secret
	Handler  string // its name among Tasks and sessions
	Random   string // the proof of who resumes it
	Version  string // of the server
	Method   string // how the login was proved
	// Phone is how the session is reached as a telephone, by the settings of the moment; nil: it can be none.
	Phone func() (phone.Self, phone.Limits)
	// Agent is the agent of queues to whom the account belongs, at the moment; "", or no function: there is none.
	Agent func() string
}

// Client is how the client is connected, or was.
type Client struct {
	Binding ximss.Binding
	Remote  string // address and port
	Secure  bool
	Version string // as it says
	Name    string // as it says, by setClientName
}

// Session is the pure machine of one session. Events are methods; what they want done is in Effects.
type Session struct {
	Who
	client  Client
	limits  Limits
	log     *slog.Logger
	state   state
	now     time.Time
	effects []Effect

	line     bool          // there is a connection
	heard    time.Time     // when the client asked something last, or was lost
	idle     time.Duration // longest silence of a connected client
	open     int           // operations under way
	out      outbox
	returned int // messages at its beginning that the connection gave back
	posts    posts
	polls    polls

	phone *phone.Phone // nil until it is needed
	calls int          // as lists show it

	presence presence
	agents   agents
	queues   queues
	stats    statistics
	shown    string // the agent who was told that the session is a device of his
	forgot   bool   // what waited for the client was dropped, and it was told so last

	errands  []errand
	meetings meetings
	guesses  int // wrong old passwords
}

// New makes the session of who has logged in. With a line its client has a connection, else it asks over HTTP.
func New(who Who, c Client, line bool, l Limits, now time.Time, log *slog.Logger) *Session {
	s := &Session{Who: who, client: c, line: line, limits: l, log: log, heard: now, now: now, idle: l.Idle}
	s.log.Info("session begins", "account", string(who.AOR), "binding", string(c.Binding), "remote", c.Remote,
		"method", who.Method)
	s.do(Publish{})
	return s
}

// Effect is something to do.
type Effect any

// The effects that are no family's.
type (
	// Say has the connection say documents; Close closes it after them.
	Say struct {
		Documents []string
		Close     bool
		Reason    string
		Heard     bool // the session wants to know when the network has taken them
	}
	// Turn makes the connection that comes the one that is meant by Say from here on.
	Turn struct{}
	// Posted answers a Post.
	Posted struct {
		Ask       int
		Documents []string
	}
	// Polled answers a Poll; Seq 0: nothing has come.
	Polled struct {
		Ask       int
		Seq       uint64
		Documents []string
	}
	// Publish shows the session to lists anew.
	Publish struct{}
	// Stop: the session is over.
	Stop struct{}
)

func (s *Session) do(e Effect) { s.effects = append(s.effects, e) }

// Effects are what is to be done, once.
func (s *Session) Effects() []Effect {
	e := s.effects
	s.effects = nil
	return e
}

// Ended tells that it is over.
func (s *Session) Ended() bool { return s.state == ended }

// Proves tells whether a text is the proof of who may resume the session. It takes the same time for each wrong one.
func (s *Session) Proves(random string) bool {
	return subtle.ConstantTimeCompare([]byte(random), []byte(s.Random)) == 1
}

// Greeting is the data message about a session.
func (w Who) Greeting() *object.XML {
	x := object.NewXML("session", "urlID", w.URLID, "userName", string(w.AOR))
	if w.RealName != "" {
		x.SetAttribute("realName", "", w.RealName)
	}
	if w.Agent != nil {
		if name := w.Agent(); name != "" {
			x.SetAttribute("agent", "", name)
		}
	}
	x.SetAttribute("version", "", w.Version)
	x.SetAttribute("random", "", w.Random)
	return x
}

// say tells the client something that it has not asked for.
func (s *Session) say(x *object.XML) {
	if text, ok := s.text(x); ok {
		s.tell(text)
	}
}

// text writes an element; false: it is longer than any may be, or nested too deeply.
func (s *Session) text(x *object.XML) (string, bool) {
	text, err := x.Markup()
	if err != nil || len(text) > s.limits.Said {
		s.log.Warn("a message is too long for a client", "message", x.Type, "bytes", len(text), "err", err)
		return "", false
	}
	return text, true
}

// tell gives documents to the client, now or when it can hear them.
func (s *Session) tell(documents ...string) {
	switch {
	case s.state == ended:
	case s.line:
		s.do(Say{Documents: documents})
	default:
		if full := !s.out.overflow && !s.out.put(documents, s.limits); full {
			s.log.Warn("more waits for a client than may: it was dropped", "most", s.limits.Queued)
		}
		s.flush()
	}
}

// End ends the session from outside: the client is told goodbye.
func (s *Session) End(reason string, now time.Time) {
	s.now = now
	s.end(reason, true)
}

// end ends the session. What the client can still hear it is told.
func (s *Session) end(reason string, bye bool) {
	if s.state == ended {
		return
	}
	for _, e := range s.errands {
		e.operation.fail(ximss.ErrGone)
	}
	s.errands = nil
	for _, f := range families {
		if f.ended != nil {
			f.ended(s)
		}
	}
	if bye {
		s.tell("<bye/>")
	}
	s.posts.settle(s)
	s.flush()
	s.answerPoll(Polled{})
	if s.line {
		s.do(Say{Close: true, Reason: reason})
		s.line = false
	}
	s.become(ended, reason)
	s.do(Stop{})
}

// Next is when the session wants to be told the time.
func (s *Session) Next() time.Time {
	if s.state == ended {
		return time.Time{}
	}
	next := s.deadline()
	if until := s.polls.until; s.polls.ask != 0 && until.Before(next) {
		next = until
	}
	for _, f := range families {
		if f.next == nil {
			continue
		}
		if t := f.next(s); !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	return next
}

// deadline is when the session ends unless its client does something. A client over HTTP that is silent may be gone as
// one whose connection is lost.
func (s *Session) deadline() time.Time {
	if s.line {
		return s.heard.Add(s.idle)
	}
	return s.heard.Add(s.limits.Resume)
}

// Elapsed tells the session the time.
func (s *Session) Elapsed(now time.Time) {
	s.now = now
	if s.state == ended {
		return
	}
	if s.polls.ask != 0 && !now.Before(s.polls.until) {
		s.answerPoll(Polled{})
	}
	for _, f := range families {
		if f.elapsed != nil {
			f.elapsed(s)
		}
	}
	if now.Before(s.deadline()) {
		return
	}
	switch {
	case s.line:
		s.end("idle", true)
	case s.state == detached:
		s.end("nobody came back", true)
	default:
		s.end("the client asks no more", true)
	}
}
