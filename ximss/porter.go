package ximss

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/ximss/guess"
	"tandem/ximss/sasl"
)

// Limits of logging in that are no settings.
const (
	sourceLimit  = 5 * guess.Limit        // wrong passwords of one source for all accounts, in a guess.Window
	checksAtOnce = 4                      // passwords that are checked at the same time
	checksQueued = 256                    // logins that wait for it; one more is told to try again
	doorTime     = 10 * time.Second       // longest wait for what the Door answers
	wrongTime    = 500 * time.Millisecond // an answer to a wrong password comes so much later
)

// porter lets people in: it has what all connections share about logins.
type porter struct {
	door    Door
	conf    *atomic.Pointer[conf.XIMSS]
	log     *slog.Logger
	now     func() time.Time
	canTLS  bool // starttls is possible
	sasl    *sasl.Server
	nonces  *sasl.Nonces
	pairs   *guess.Book[guess.Pair]
	sources *guess.Book[netip.Prefix]
	checks  chan struct{}
	waiting atomic.Int32
	wrong   time.Duration

	succeeded, failed atomic.Uint64
}

func newPorter(o Options, c *atomic.Pointer[conf.XIMSS], canTLS bool) *porter {
	nonces := sasl.NewNonces()
	return &porter{door: o.Door, conf: c, log: o.Log, now: o.Now, canTLS: canTLS, sasl: sasl.NewServer(nonces), nonces: nonces,
		pairs: guess.New[guess.Pair](guess.Limit), sources: guess.New[netip.Prefix](sourceLimit),
		checks: make(chan struct{}, checksAtOnce), wrong: wrongTime}
}

// attempt is one try to log in: the accounts as an exchange sees them, with the guess counted.
type attempt struct {
	porter *porter
	domain string
	from   netip.Addr
	name   string
	right  func() // takes the count back
}

// count counts a guess, or refuses it.
func (a *attempt) count(name string) error {
	p, now := a.porter, a.porter.now()
	a.name = name
	pair, source := guess.PairOf(a.from, strings.ToLower(name)), guess.Network(a.from)
	wait := p.pairs.Try(pair, now)
	if wait == 0 {
		if wait = p.sources.Try(source, now); wait > 0 {
			p.pairs.Right(pair) // it was not looked at
		}
	}
	if wait > 0 {
		return Fail(NumLimit, "too many wrong passwords came from this address: wait %d s", int(wait/time.Second)+1)
	}
	a.right = func() { p.pairs.Right(pair); p.sources.Right(source) }
	return nil
}

// Verify is sasl.Accounts.Verify.
func (a *attempt) Verify(ctx context.Context, name, password string) (who string, ok bool, err error) {
	if err = a.enter(ctx, name); err != nil {
		return "", false, err
	}
	defer a.leave()
	return a.porter.door.Verify(ctx, name, a.domain, password)
}

// Password is sasl.Accounts.Password.
func (a *attempt) Password(ctx context.Context, name string) (who string, password []byte, ok bool, err error) {
	if err = a.enter(ctx, name); err != nil {
		return "", nil, false, err
	}
	defer a.leave()
	return a.porter.door.Password(ctx, name, a.domain)
}

// enter waits for a place among the checks: each takes much memory and time on purpose.
func (a *attempt) enter(ctx context.Context, name string) error {
	p := a.porter
	if err := a.count(name); err != nil {
		return err
	}
	if p.waiting.Add(1) > checksQueued {
		p.waiting.Add(-1)
		a.right()
		return ErrUnavailable
	}
	defer p.waiting.Add(-1)
	select {
	case p.checks <- struct{}{}:
		return nil
	case <-ctx.Done():
		a.right()
		return ErrUnavailable
	}
}

func (a *attempt) leave() { <-a.porter.checks }

// judge makes of what an exchange says what the client is told, and counts it.
func (a *attempt) judge(step sasl.Step, err error) error {
	p := a.porter
	switch {
	case err == nil && step.Done:
		p.succeeded.Add(1)
		a.right()
		return nil
	case err == nil:
		return nil
	case errors.Is(err, sasl.ErrSyntax):
		return Fail(NumMalformed, "the login data can not be read")
	}
	p.failed.Add(1)
	p.log.Warn("login refused", slog.String("source", a.from.String()), slog.String("account", clip(a.name)))
	switch {
	case errors.Is(err, sasl.ErrProof):
		return ErrCredentials
	case errors.Is(err, sasl.ErrAct):
		return Fail(NumCredentials, "nobody acts for another account")
	}
	var told *Error
	if errors.As(err, &told) {
		return told
	}
	p.log.Error("login not possible", slog.Any("err", err))
	return ErrUnavailable
}

// slowDown makes who was wrong wait, so that guessing is slow for those who guess and cheap for us.
func (p *porter) slowDown(ctx context.Context) {
	timer := time.NewTimer(p.wrong)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// clip is what a stranger said, short enough for a log line.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "")
}
