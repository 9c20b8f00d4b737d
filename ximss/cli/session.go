package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tandem/ximss/object"
)

// Authenticator knows the accounts that may log in. A Failure is told to the client as it is; it must not
// tell whether an account exists.
type Authenticator interface {
	// Password checks a user's password. It must take the same time for a user that does not exist.
	Password(ctx context.Context, user, password string) (Identity, *Failure)
	// Digest checks the answer to the greeting's challenge: hex of MD5(challenge + password).
	Digest(ctx context.Context, user, challenge, digest string) (Identity, *Failure)
	// NewPassword changes the own password.
	NewPassword(ctx context.Context, who Identity, password string) *Failure
}

// Limits of a dialogue.
type Limits struct {
	Line    int           // bytes of an administrator's line
	Command time.Duration // longest time of one command
	Wrong   time.Duration // how long a failed login is answered later
	Strikes int           // failed logins and unknown words before login; then the connection is closed
}

// Bounds of lines of those who are no administrators.
const (
	strangerLine = 1 << 10
	accountLine  = 64 << 10
	resultSize   = 64 << 20 // bytes of one answer
)

// DefaultLimits are the limits of a listener, but for the length of a line.
var DefaultLimits = Limits{Line: 8 << 20, Command: time.Minute, Wrong: time.Second, Strikes: 3}

// Session is one PWD dialogue. Run serves it.
type Session struct {
	Greeting      string // of the product: "Tandem at HOST PWD Server VERSION"
	Challenge     string // for APOP, in angle brackets; no two sessions have the same
	Executor      Executor
	Authenticator Authenticator
	Limits        Limits
	// Guess asks whether the source may try a password; wait is how long it must not. right tells that it
	// was no guess. Nil: always.
	Guess func() (right func(), wait time.Duration)
	// LoggedIn is told when the login succeeded; it may be nil.
	LoggedIn func(Identity)
	// Answered is told each answer's code; it may be nil.
	Answered func(code int)

	in      *bufio.Reader
	out     io.Writer
	who     *Identity
	pending string // the name that USER gave
	inline  bool
	strikes int
	closed  bool
}

// Run holds the dialogue until the client quits or goes, or is sent away. A client that went is no error.
func (s *Session) Run(ctx context.Context, conn io.ReadWriter) error {
	s.in, s.out = bufio.NewReaderSize(conn, strangerLine), conn
	if err := s.write(fmt.Sprintf("%d %s ready %s", codeDone, s.Greeting, s.Challenge)); err != nil {
		return err
	}
	for !s.closed && ctx.Err() == nil {
		line, err := s.readLine()
		if err == nil && line != "" {
			err = s.obey(ctx, line)
		}
		var f *Failure
		switch {
		case errors.As(err, &f): // a line that nobody wants to read on after
			return s.answer(f.Code, f.Text)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

// Lines that end the dialogue.
var (
	errLong    = &Failure{codeUnknown, "the line is too long, the connection is closed"}
	errGarbage = &Failure{codeUnknown, "the line is not text, the connection is closed"}
)

// readLine reads a line without its end. An unfinished line at the end is none.
func (s *Session) readLine() (string, error) {
	limit := strangerLine
	if s.who != nil {
		if limit = accountLine; s.who.Administrator {
			limit = s.Limits.Line
		}
	}
	var line []byte
	for {
		part, err := s.in.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return "", errLong
		}
		line = append(line, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return "", errGarbage
	}
	return strings.Trim(text, " \t"), nil
}

// obey does what a line says.
func (s *Session) obey(ctx context.Context, line string) error {
	w := &words{rest: line}
	switch name := strings.ToUpper(w.name()); {
	case name == "QUIT":
		s.closed = true
		return s.answer(codeDone, "command line connection closed")
	case s.who == nil:
		return s.login(ctx, name, w)
	case name == "INLINE":
		s.inline = true
		return s.answer(codeDone, "OK")
	case name == "NEWPASS":
		return s.newPassword(ctx, w)
	case name == "USER" || name == "PASS" || name == "APOP" || name == "AUTH":
		return s.answer(codeFailed, "already logged in")
	}
	c, f := Parse(line)
	if f != nil {
		return s.answer(f.Code, f.Text)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Limits.Command)
	defer cancel()
	v, f := s.Executor.Execute(ctx, *s.who, c)
	switch {
	case f != nil:
		return s.answer(f.Code, f.Text)
	case !c.Row.Output:
		return s.answer(codeDone, "OK")
	}
	return s.result(v)
}

// result answers with an object, on one line: a client without INLINE finds its end by that.
func (s *Session) result(v object.Value) error {
	text, err := resultText(v)
	switch {
	case err != nil:
		return s.answer(codeFailed, err.Error())
	case s.inline:
		return s.answer(codeInline, text)
	}
	s.tell(codeDone)
	return s.write(fmt.Sprint(codeDone, " data follow\r\n", text))
}

// resultText is an object as an answer has it. Null is written as inside of objects.
func resultText(v object.Value) (string, error) {
	if v.IsNull() {
		return "#NULL#", nil
	}
	return object.Writer{Limit: resultSize}.Write(v)
}

// answer writes one line; a text that came from elsewhere must not look like two.
func (s *Session) answer(code int, text string) error {
	s.tell(code)
	return s.write(fmt.Sprint(code, " ", strings.NewReplacer("\r", " ", "\n", " ").Replace(text)))
}

func (s *Session) tell(code int) {
	if s.Answered != nil {
		s.Answered(code)
	}
}

func (s *Session) write(line string) error {
	_, err := io.WriteString(s.out, line+"\r\n")
	return err
}
