package ximss

import (
	"context"
	"net/netip"
	"time"

	"tandem/ximss/object"
)

// Door is where connections meet accounts and sessions; actors/session answers it. Its methods are called from
// the goroutine of a connection or of an HTTP request: they may wait, until ctx ends. An error that is an
// *Error is told to the client as it is; any other is logged and told as ErrUnavailable.
type Door interface {
	// Domain is the domain that a client means before login: the one it asks for if that is served here, else
	// an error; with asked "" the one that the local address stands for.
	Domain(local netip.Addr, asked string) (domain string, err error)

	// Verify tells whose password this is. name is an account name, an alias or an address; domain completes
	// one without a domain. ok is false for a wrong password and for an unknown account alike, after the same
	// time. err says that nobody can tell now.
	Verify(ctx context.Context, name, domain, password string) (aor string, ok bool, err error)

	// Password is the password in clear, for methods that prove it without sending it. ok is false where there
	// is no such account, or none that can log in so.
	Password(ctx context.Context, name, domain string) (aor string, password []byte, ok bool, err error)

	// Open makes a session for who has logged in. With a Line, the session says as its first words the data
	// message Session.Greeting with id=RequestID and then the empty response with that id; a binding says
	// nothing of its own then.
	Open(ctx context.Context, l Login) (Session, error)

	// Resume gives a session that lives to the Line of l, whose AOR is empty: urlID and random are the proof.
	// The old line hears <bye/> and is closed. The first words are those of Open with resumed="1" (and
	// overflow="1"), then follows what was waiting. It fails with ErrGone, or with ErrCredentials for a wrong
	// random.
	Resume(ctx context.Context, urlID, random string, l Login) (Session, error)

	// Find is the session of a URL for a request of the HTTP binding from an address, or ErrGone: also for a
	// session that may be used from the address of its login alone, and comes from another one.
	Find(ctx context.Context, urlID string, from netip.Addr) (Session, error)
}

// Binding is how a client is connected.
type Binding string

// The bindings.
const (
	TCP       Binding = "tcp"
	WebSocket Binding = "websocket"
	HTTP      Binding = "http"
)

// Login is what is known of a client when it gets its session.
type Login struct {
	AOR       string // the account, user@domain; "" in Resume
	Method    string // how it was proved: PLAIN, SCRAM-SHA-256 ...; "" is a plain password
	RequestID string // id of the request that completed the login

	Binding       Binding
	Local, Remote netip.AddrPort
	Secure        bool   // under TLS
	Version       string // of the client, as it says

	KillOld    bool // end the account's older sessions of clients at the same address
	AnyAddress bool // HTTP: requests may come from other addresses than this one (DisableIPWatch)

	Line Line // nil: the client asks over HTTP
}

// Session is a session as a binding sees it. Its methods may be called from any goroutine. One on another member
// is a stand-in that passes everything on.
type Session interface {
	// URLID is the name of the session in URLs and for resuming, a secret.
	URLID() string

	// Greeting is the data message about the session: <session urlID userName realName version random/>, without
	// an id. The caller may change it.
	Greeting() *object.XML

	// Take hands over one request of the Line, in order; the answers come by the Line. The element is the
	// session's from then on. It waits while too many are waiting already, which slows the client down. ErrGone:
	// the session has ended, the line can be closed.
	Take(ctx context.Context, request *object.XML) error

	// Leave says that the line is no more: the client closed it, broke off, or was too slow. A line that was
	// taken over already is nothing to the session.
	Leave(line Line, reason string)

	// Sync does the requests of one HTTP POST in order and gives what they are answered with: data messages and
	// responses, as text. seq is the client's number of the POST: the same one again gets the same answer, and
	// nothing is done twice; while the first is under way the second waits for it. 0 is no number. With async the
	// messages that wait for a poll are given too, after the answers.
	Sync(ctx context.Context, seq uint64, requests []*object.XML, async bool) (messages []string, err error)

	// Async does the same for a client that gets the answers by Poll.
	Async(ctx context.Context, seq uint64, requests []*object.XML) error

	// Poll waits for messages, at most so long. acked is the number of the last batch that the client has: it is
	// forgotten; a batch after it that was given already is given again. A Batch without messages has Seq 0.
	// A second Poll at the same time ends the first one with an empty Batch.
	Poll(ctx context.Context, acked uint64, most time.Duration) (Batch, error)
}

// Batch is what one poll brings.
type Batch struct {
	Seq      uint64 // respSeq; 0: nothing has come
	Messages []string
}

// Line is a connection as its session sees it. Its methods never wait and may be called from any goroutine.
type Line interface {
	// Say sends documents, in order. When more is waiting than a slow client may leave unread, the line closes
	// itself and its session hears Leave.
	Say(documents ...string)

	// Then calls a function when the network has taken all that was said, or takes nothing more. It must not wait.
	Then(f func())

	// Close ends the connection after what was said; the session hears no Leave from then on.
	Close(reason string)

	// Unsaid is what was to be said and was not, in order, once: asked for after Leave. What the network has taken
	// counts as said, whether it came or not.
	Unsaid() []string
}
