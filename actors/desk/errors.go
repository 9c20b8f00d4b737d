package desk

import (
	"errors"
	"net/http"

	"tandem/web"
)

// What refusals are about, for those who tell them in other words than pages do. Somebody who may not know of a thing is
// told that there is none.
var (
	ErrNoAgent   = errors.New("desk: there is no such agent")
	ErrNoQueue   = errors.New("desk: there is no such queue")
	ErrNoCaller  = errors.New("desk: there is no such caller")
	ErrNoDevice  = errors.New("desk: there is no such device")
	ErrNoMember  = errors.New("desk: the agent does not belong to the queue")
	ErrLoggedOut = errors.New("desk: the agent is logged out")
	ErrNoRight   = errors.New("desk: this needs a right")
)

// about is a refusal and what it is about.
type about struct {
	said *web.Error
	what error
}

func (a about) Error() string { return a.said.Message }

// Unwrap shows both.
func (a about) Unwrap() []error { return []error{a.said, a.what} }

func noAgent(name string) error {
	return about{web.NotFound("there is no agent %q", clip(name)), ErrNoAgent}
}

func noQueue(name string) error {
	return about{web.NotFound("there is no queue %q", clip(name)), ErrNoQueue}
}

func noCaller(caller, queue string) error {
	return about{web.NotFound("no caller %q is in queue %s", clip(caller), queue), ErrNoCaller}
}

func noDevice(name string) error {
	return about{web.NotFound("there is no account %q to work at", clip(name)), ErrNoDevice}
}

func noMember(agent, queue string) error {
	return about{web.Conflict("agent %s does not belong to queue %s", agent, clip(queue)), ErrNoMember}
}

// noRight refuses who asks for more than he may.
func noRight(format string, a ...any) error {
	return about{web.Refuse(http.StatusForbidden, "no_right", format, a...), ErrNoRight}
}
