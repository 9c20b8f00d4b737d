package ledger

import (
	"context"
	"errors"
	"fmt"

	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/ximss/cli"
)

// Refusal is why something is not found or not changed, in words for whoever asked: a command, a program, a page.
type Refusal struct {
	Verdict Verdict
	Text    string
}

// Error is the text.
func (r *Refusal) Error() string { return r.Text }

// Verdict is what kind of refusal it is.
type Verdict int

// The verdicts.
const (
	Illegal     Verdict = iota // what was asked makes no sense
	Absent                     // what was named is not there
	Conflict                   // what is there forbids it
	Unavailable                // now; another time it may be done
)

func refuse(v Verdict, format string, a ...any) *Refusal {
	return &Refusal{v, fmt.Sprintf(format, a...)}
}

// The refusals that many have.
var (
	ErrNoAccount = refuse(Absent, "unknown user account")
	ErrNoDomain  = refuse(Absent, "unknown domain")
	ErrTaken     = refuse(Conflict, "the name is used already")
	ErrParameter = refuse(Illegal, "illegal parameter")
	ErrDenied    = refuse(Conflict, "access denied")
	ErrMissing   = refuse(Illegal, "command parameter is missing")
)

// texts are the words for errors of others.
var texts = []struct {
	err  error
	text string
}{
	{store.ErrConflict, "it is being changed by others: try again"},
	{store.ErrTooLarge, form.ErrTooLarge.Error()},
	{form.ErrTooLarge, form.ErrTooLarge.Error()},
	{context.DeadlineExceeded, "the operation took too long"},
	{context.Canceled, "the operation took too long"},
}

// Text is what an error means to the one who asked. It is the one place where that is said, for commands as for
// programs; false: it is none of those that have words of their own.
func Text(err error) (text string, known bool) {
	var refusal *Refusal
	var failure *cli.Failure
	switch {
	case errors.As(err, &refusal):
		return refusal.Text, true
	case errors.As(err, &failure):
		return failure.Text, true
	}
	for _, t := range texts {
		if errors.Is(err, t.err) {
			return t.text, true
		}
	}
	return "", false
}
