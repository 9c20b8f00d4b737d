package cli

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// login does what a line says before somebody is logged in.
func (s *Session) login(ctx context.Context, name string, w *words) error {
	switch name {
	case "USER":
		user, f := w.credential()
		if f != nil {
			return s.strike(ctx, f)
		}
		s.pending = user
		return s.answer(codeContinue, "please send the PASS")
	case "PASS":
		password, f := w.credential()
		if f == nil && s.pending == "" {
			f = Fail("please send the USER first")
		}
		if f != nil {
			return s.strike(ctx, f)
		}
		user := s.pending
		s.pending = ""
		return s.prove(ctx, func() (Identity, *Failure) { return s.Authenticator.Password(ctx, user, password) })
	case "APOP":
		user, f := w.credential()
		digest, g := w.credential()
		if f != nil || g != nil {
			return s.strike(ctx, ErrMissing)
		}
		return s.prove(ctx, func() (Identity, *Failure) {
			return s.Authenticator.Digest(ctx, user, s.Challenge, strings.ToLower(digest))
		})
	case "AUTH":
		return s.authMethod(ctx, w)
	case "INLINE":
		s.inline = true
		return s.answer(codeDone, "OK")
	}
	return s.strike(ctx, &Failure{codeUnknown, "please log in first"})
}

// credential takes a name or a password: up to a blank, or in quotes.
func (w *words) credential() (string, *Failure) {
	w.skip()
	if quoted(w.rest) > 0 {
		return w.text()
	}
	word := w.name()
	if word == "" {
		return "", ErrMissing
	}
	return word, nil
}

// authMethod is AUTH with a method. PLAIN (RFC 4616) takes its answer on the same line or on the next one.
func (s *Session) authMethod(ctx context.Context, w *words) error {
	switch method := strings.ToUpper(w.name()); method {
	case "PLAIN":
	case "WEBUSER":
		return s.strike(ctx, Fail("AUTH WEBUSER is not supported: there are no web user sessions"))
	case "":
		return s.strike(ctx, ErrMissing)
	default:
		return s.strike(ctx, Fail("the authentication method is not supported: use PLAIN, APOP, or USER and PASS"))
	}
	text := w.name()
	if text == "" {
		if err := s.answer(codeContinue, "please send the credentials"); err != nil {
			return err
		}
		var err error
		if text, err = s.readLine(); err != nil {
			return err
		}
	}
	user, password, ok := plainCredentials(text)
	if !ok {
		return s.strike(ctx, ErrIllegal)
	}
	return s.prove(ctx, func() (Identity, *Failure) { return s.Authenticator.Password(ctx, user, password) })
}

// plainCredentials reads authorization NUL user NUL password in base64. Nobody acts for another one.
func plainCredentials(text string) (user, password string, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	parts := strings.Split(string(raw), "\x00")
	if err != nil || len(parts) != 3 || parts[1] == "" || parts[0] != "" && parts[0] != parts[1] {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// prove checks credentials, unless the source has guessed too often.
func (s *Session) prove(ctx context.Context, check func() (Identity, *Failure)) error {
	right := func() {}
	if s.Guess != nil {
		var wait time.Duration
		if right, wait = s.Guess(); wait > 0 {
			return s.strike(ctx, &Failure{codeUnknown,
				fmt.Sprintf("too many wrong passwords came from this address: wait %d s", int(wait/time.Second)+1)})
		}
	}
	who, f := check()
	if f != nil {
		return s.strike(ctx, f)
	}
	right()
	s.who = &who
	if s.LoggedIn != nil {
		s.LoggedIn(who)
	}
	return s.answer(codeDone, "login OK")
}

// strike answers something wrong before login, later than right things are answered, and closes the
// connection when there was enough of it.
func (s *Session) strike(ctx context.Context, f *Failure) error {
	text := f.Text
	if s.strikes++; s.strikes >= s.Limits.Strikes {
		s.closed = true
		text += ", the connection is closed"
	}
	if s.Limits.Wrong > 0 {
		select {
		case <-time.After(s.Limits.Wrong):
		case <-ctx.Done():
		}
	}
	return s.answer(f.Code, text)
}

// newPassword is NEWPASS.
func (s *Session) newPassword(ctx context.Context, w *words) error {
	password, f := w.credential()
	if f == nil && !w.end() {
		f = ErrIllegal
	}
	if f == nil {
		f = s.Authenticator.NewPassword(ctx, *s.who, password)
	}
	if f != nil {
		return s.answer(f.Code, f.Text)
	}
	return s.answer(codeDone, "password changed")
}
