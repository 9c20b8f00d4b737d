package cli

import "fmt"

// Codes of answers (reference cgpl.md 4.1).
const (
	codeDone     = 200
	codeInline   = 201
	codeContinue = 300
	codeUnknown  = 500 // an unknown command, or a login that failed
	codeFailed   = 501 // everything else
)

// Failure is why a command was refused: a code of three digits, and a text for people. Clients compare
// texts, so a documented one is written as documented.
type Failure struct {
	Code int
	Text string
}

// Error is code and text as in the dialogue.
func (f *Failure) Error() string { return fmt.Sprint(f.Code, " ", f.Text) }

// Fail is a failure of a command that is known, code 501.
func Fail(format string, a ...any) *Failure { return &Failure{codeFailed, fmt.Sprintf(format, a...)} }

// The failures that every command may have.
var (
	ErrUnknown     = &Failure{codeUnknown, "unknown command"}
	ErrUnsupported = &Failure{codeFailed, "command is not supported"}
	ErrMissing     = &Failure{codeFailed, "command parameter is missing"}
	ErrIllegal     = &Failure{codeFailed, "illegal command parameter"}
	ErrAccess      = &Failure{codeFailed, "access denied"}
	ErrLogin       = &Failure{codeUnknown, "unknown user or incorrect password"}
)
