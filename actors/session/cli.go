package session

import (
	"context"
	"strings"

	"tandem/ximss"
	"tandem/ximss/object"
)

// accountFamily are the operations of an account on itself and, by the command line, on what it has rights to.
var accountFamily = family{rows: map[string]run{
	"cliExecute":     cliExecute,
	"passwordModify": passwordModify,
}}

// cliExecute runs a command line with the account's rights. A result is the content of cliResult.
func cliExecute(s *Session, o *Operation) {
	line, aor := strings.TrimSpace(o.Text()), s.AOR
	if line == "" {
		o.fail(ximss.ErrMissing)
		return
	}
	s.serve(o, func(ctx context.Context, services Services) Result {
		v, output, err := services.Execute(ctx, aor, line)
		return func(*Session) {
			if err == nil && output {
				err = result(o, v)
			}
			o.end(err)
		}
	})
}

func result(o *Operation, v object.Value) *ximss.Error {
	x := object.NewXML("cliResult")
	if x.Hold(v) != nil {
		return ximss.Fail(ximss.NumLimit, "the result is too long")
	}
	o.answer(x)
	return nil
}

// maxGuesses is how many wrong passwords one session may give as its old one.
const maxGuesses = 5

// passwordModify changes the password of an account that knows the old one.
func passwordModify(s *Session, o *Operation) {
	old, gives := o.Attribute("oldPassword", "")
	password, wants := o.Attribute("newPassword", "")
	aor, self := s.AOR, s.Handler
	switch {
	case !gives || !wants:
		o.fail(ximss.ErrMissing)
		return
	case s.guesses >= maxGuesses:
		o.fail(ximss.Fail(ximss.NumCredentials, "too many wrong passwords"))
		return
	}
	s.serve(o, func(ctx context.Context, services Services) Result {
		proved, err := services.ChangePassword(ctx, aor, old, password, self)
		return func(s *Session) {
			if err == nil && !proved {
				s.guesses++
				err = ximss.Fail(ximss.NumCredentials, "incorrect password")
			}
			o.end(err)
		}
	})
}
