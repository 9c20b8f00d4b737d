package sasl

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Accounts are those that can log in. ok is false for an unknown account and for one that can not log in so; err says
// that nobody can tell now.
type Accounts interface {
	// Verify tells whose password this is.
	Verify(ctx context.Context, name, password string) (who string, ok bool, err error)
	// Password is the password of an account in clear.
	Password(ctx context.Context, name string) (who string, password []byte, ok bool, err error)
}

// Exchange is one attempt to log in.
type Exchange interface {
	// Next takes what the client said; nil is nothing, at the beginning of a method in which the server speaks
	// first, or the client has not yet. After an error or a Step that is Done, the Exchange is over.
	Next(ctx context.Context, response []byte) (Step, error)
}

// Step is what follows.
type Step struct {
	Challenge []byte // what to say; nil: nothing
	Done      bool   // who is proved to be speaking
	Who       string // the account, when Done
}

// What ends an Exchange, beside an error of Accounts.
var (
	// ErrProof is a wrong password and an unknown account alike.
	ErrProof = errors.New("sasl: the password or the name is wrong")
	// ErrSyntax is a message that the method does not have, or not now.
	ErrSyntax = errors.New("sasl: the message is not one of the method")
	// ErrAct is an account that wants to act for another one.
	ErrAct = errors.New("sasl: nobody acts for another account")
)

// Limits of what a client says.
const (
	maxMessage = 4096 // bytes of a message
	maxField   = 512  // bytes of a name or a password
)

// Methods are the names of the methods, strongest first.
var Methods = []string{"SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN"}

// Clear tells whether a method sends the password itself.
func Clear(method string) bool { return method == "PLAIN" || method == "LOGIN" }

// Server begins exchanges.
type Server struct {
	keys   *keys
	nonces *Nonces
}

// NewServer makes a server. nonces are those of CRAM-MD5.
func NewServer(nonces *Nonces) *Server {
	return &Server{keys: newKeys(), nonces: nonces}
}

// Begin begins a method; ok is false for one that there is not.
func (s *Server) Begin(method string, accounts Accounts, now time.Time) (e Exchange, ok bool) {
	switch strings.ToUpper(method) {
	case "PLAIN":
		return &plain{accounts: accounts}, true
	case "LOGIN":
		return &login{accounts: accounts}, true
	case "CRAM-MD5":
		return &cram{accounts: accounts, nonce: s.nonces.Make(now), nonces: s.nonces, now: now}, true
	case "SCRAM-SHA-256":
		return &scram{accounts: accounts, keys: s.keys, nonce: newNonce()}, true
	}
	return nil, false
}

// plain is PLAIN: authorization NUL user NUL password.
type plain struct{ accounts Accounts }

func (p *plain) Next(ctx context.Context, response []byte) (Step, error) {
	if response == nil {
		return Step{Challenge: []byte{}}, nil
	}
	parts := strings.Split(string(response), "\x00")
	if len(parts) != 3 || !fits(parts[1], parts[2]) {
		return Step{}, ErrSyntax
	}
	if parts[0] != "" && parts[0] != parts[1] {
		return Step{}, ErrAct
	}
	return verify(ctx, p.accounts, parts[1], parts[2])
}

// login is LOGIN: two questions, or the name at once and one question.
type login struct {
	accounts Accounts
	name     string
}

func (l *login) Next(ctx context.Context, response []byte) (Step, error) {
	switch {
	case response == nil && l.name == "":
		return Step{Challenge: []byte("Username:")}, nil
	case !fits(string(response)):
		return Step{}, ErrSyntax
	case l.name == "":
		l.name = string(response)
		return Step{Challenge: []byte("Password:")}, nil
	}
	return verify(ctx, l.accounts, l.name, string(response))
}

// fits tells whether these can be a name and a password.
func fits(fields ...string) bool {
	for _, f := range fields {
		if f == "" || len(f) > maxField || !utf8.ValidString(f) || strings.ContainsRune(f, 0) {
			return false
		}
	}
	return true
}

func verify(ctx context.Context, accounts Accounts, name, password string) (Step, error) {
	who, ok, err := accounts.Verify(ctx, name, password)
	switch {
	case err != nil:
		return Step{}, err
	case !ok:
		return Step{}, ErrProof
	}
	return Step{Done: true, Who: who}, nil
}

// Check is a login with name and password as they are, without a method.
func Check(ctx context.Context, accounts Accounts, name, password string) (Step, error) {
	if !fits(name, password) {
		return Step{}, ErrProof
	}
	return verify(ctx, accounts, name, password)
}
