package task

import (
	"context"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// World is what a Task may ask without waiting: everything in it answers from memory.
type World interface {
	// Self is the Task's own handler.
	Self() string
	// Tell sends an event to the Task or Session of that handler. An error's text is what SendEvent returns:
	// ErrNoObject when nobody is there, ErrQueueFull when it has too much to read.
	Tell(handler string, e *msg.TaskEvent) error
	// Sound finds a sound file of the application's environment, for a domain and a language ("" is the default
	// one); the extension may be missing.
	Sound(domain, language, name string) (path string, ok bool)
	// Module finds a module of the environment, compiled.
	Module(domain, language, name string) (*cgpl.Module, error)
	// Service finds a service by its lower-case name.
	Service(name string) (Service, bool)
	// Person finds an account.
	Person(account string) (Person, bool)
	// Challenge are the headers by which a 401 to a request asks for a password of a domain.
	Challenge(domain string, r *signal.Request) signal.Headers
	// NonceKey is the secret of the nonces that programs make: the same on all members.
	NonceKey() []byte
	// System is what SystemInfo tells; null when it has no such element.
	System(what string) object.Value
}

// Person is an account as far as a Task is concerned with it.
type Person struct {
	Address  string // user@domain
	Name     string
	Language string
	Zone     *time.Location // nil: the server's own
}

// Service is a function of CG/PL that the platform around the Task carries out.
type Service struct {
	Name string // as documented
	// Quick: it answers from memory and is called on the Task's own turn; others get a goroutine.
	Quick bool
	// Run has the function's result. It must not keep the arguments, and gets copies where it is not Quick.
	Run func(ctx context.Context, c Caller, args []object.Value) object.Value
}

// Caller says for whom a service works.
type Caller struct {
	Task     string // handler
	Program  string
	Account  string // the current account: whose rights count; "" is none
	Domain   string
	Owner    string // the account that the Task was started for
	Language string
	Party    string // address of the party, as RemoteURI
	Proved   string // the account that the party has proved to be, as RemoteAuthentication; "" is none
}

// ErrorText is an error with a text that programs compare with.
type ErrorText string

func (e ErrorText) Error() string { return string(e) }

// Texts of failures (reference cgpl.md 2.15; the first four are known to clients and stay as they are).
const (
	ErrNoObject     ErrorText = "async Object not found"
	ErrNoMeeting    ErrorText = "meeting not found"
	ErrActive       ErrorText = "meeting is already activated"
	ErrNoFile       ErrorText = "file is not found"
	ErrNotConnected ErrorText = "task is not connected"
	ErrNoCall       ErrorText = "no pending call"
	ErrCalling      ErrorText = "call is already pending"
	ErrBridged      ErrorText = "media is bridged"
	ErrMixing       ErrorText = "mixer is in use"
	ErrCancelled    ErrorText = "bridge request cancelled"
	ErrDenied       ErrorText = "access denied"
	ErrNoAccount    ErrorText = "unknown user account"
	ErrParameter    ErrorText = "illegal parameter"
	ErrQueueFull    ErrorText = "event queue is full"
	ErrNotBridged   ErrorText = "media is not bridged"
	ErrQueued       ErrorText = "caller is in a queue already"
	ErrNoQueue      ErrorText = "caller is in no queue"
	ErrNoOffer      ErrorText = "agent is not offered"
	ErrNoTask       ErrorText = "task can not be started"
	ErrNotHere      ErrorText = "service is not available"
)

// fail is the failure as programs get it.
func fail(e ErrorText) object.Value { return object.String(string(e)) }
