package ximss

import (
	"errors"
	"fmt"
	"strconv"
)

// Error is a refusal as a client reads it in a response: errorNum and errorText. Clients compare texts, so
// those that the reference has (communigate.md 1.6) are written as they stand there.
type Error struct {
	Num  int
	Text string
}

// Error is number and text.
func (e *Error) Error() string { return fmt.Sprintf("%d %s", e.Num, e.Text) }

// Fail is an error with a text of the moment.
func Fail(num int, format string, a ...any) *Error { return &Error{num, fmt.Sprintf(format, a...)} }

// AsError is what a client is told of an error: itself if it is meant for clients, else ErrUnavailable.
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return ErrUnavailable
}

func num(n int) string { return strconv.Itoa(n) }

// The numbers of errors. Only the first one is the ancestor's for sure.
const (
	NumUnknown     = 500 // no such operation
	NumMalformed   = 501 // the document or its parameters can not be used
	NumObject      = 510 // a task or session that an event was for is gone
	NumMeeting     = 511 // no such meeting, or one in the wrong state
	NumFile        = 512 // no such file
	NumLeg         = 513 // no such call leg
	NumQueue       = 514 // no such agent, queue or caller in it
	NumCredentials = 515 // nobody was proved to be somebody
	NumLogin       = 516 // the operation needs a login
	NumState       = 517 // the operation does not fit now
	NumStatistic   = 518 // no such statistic, or one that can not be
	NumLimit       = 520 // one more than is allowed
	NumInternal    = 521 // our fault, or that of a part that does not answer
)

// The refusals that are always the same.
var (
	ErrUnknown     = &Error{NumUnknown, "unknown command"}
	ErrMissing     = &Error{NumMalformed, "a required parameter is missing"}
	ErrCredentials = &Error{NumCredentials, "incorrect password or account name"}
	ErrLogin       = &Error{NumLogin, "please log in first"}
	ErrState       = &Error{NumState, "already logged in"}
	ErrBusy        = &Error{NumLimit, "too many requests are waiting, try again later"}
	ErrUnavailable = &Error{NumInternal, "the server can not do this now, try again later"}
	// ErrGone is of a session that has ended, or never was: over HTTP it is status 550.
	ErrGone = &Error{NumObject, "you have been disconnected"}

	ErrObject  = &Error{NumObject, "async Object not found"}
	ErrMeeting = &Error{NumMeeting, "meeting not found"}
	ErrActive  = &Error{NumMeeting, "meeting is already activated"}
	ErrFile    = &Error{NumFile, "file is not found"}
	ErrLeg     = &Error{NumLeg, "call leg not found"}

	ErrAgent    = &Error{NumQueue, "agent not found"}
	ErrCaller   = &Error{NumQueue, "caller not found"}
	ErrAgentOut = &Error{NumState, "the agent has not logged in"}
	ErrQueue    = &Error{NumQueue, "queue not found"}
	ErrAccess   = &Error{NumMalformed, "access denied"}
)
