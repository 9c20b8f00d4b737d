package actors

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"

	"tandem/actors/account"
	"tandem/signal"
	"tandem/ximss/cli"
)

// logins answers cli.Authenticator.
type logins struct{ *House }

// Limits of checking passwords: each check takes much memory and time on purpose.
const checksAtOnce = 2

// checks are the places for checks under way.
var checks = make(chan struct{}, checksAtOnce)

// record is the enabled account that a user names.
func (l logins) record(user string) (*account.Record, bool) {
	aor, err := l.ledger.Address(user)
	if err != nil {
		return nil, false
	}
	if a, ok := l.directory.Account(aor); ok {
		aor = a.AOR
	}
	r, ok := l.directory.Record(aor)
	return r, ok && !r.Disabled
}

// Password checks a user's password.
func (l logins) Password(ctx context.Context, user, password string) (cli.Identity, *cli.Failure) {
	select {
	case checks <- struct{}{}:
		defer func() { <-checks }()
	case <-ctx.Done():
		return cli.Identity{}, cli.ErrLogin
	}
	r, ok := l.record(user)
	var aor signal.AOR
	if ok {
		aor = r.AOR
	}
	if !l.directory.CheckPassword(aor, password) {
		return cli.Identity{}, cli.ErrLogin
	}
	if r.Sealed == "" {
		if err := l.ledger.SealPassword(ctx, r, password); err != nil {
			l.log.Warn("a password was not sealed", "account", string(r.AOR), "err", err)
		}
	}
	return l.welcome(r), nil
}

// noSecret refuses a digest over a password that is known as a hash only.
var noSecret = &cli.Failure{Code: cli.ErrLogin.Code, Text: "this account's password is kept as a hash only: " +
	"log in with USER and PASS once, or change the password"}

// Digest checks hex of MD5(challenge + password): APOP.
func (l logins) Digest(_ context.Context, user, challenge, digest string) (cli.Identity, *cli.Failure) {
	r, ok := l.record(user)
	if !ok || r.Web == "" {
		return cli.Identity{}, cli.ErrLogin
	}
	password, ok := l.ledger.Vault.Open(string(r.AOR), r.Sealed)
	if !ok {
		return cli.Identity{}, noSecret
	}
	sum := md5.Sum([]byte(challenge + password))
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(digest)) {
		return cli.Identity{}, cli.ErrLogin
	}
	return l.welcome(r), nil
}

func (l logins) welcome(r *account.Record) cli.Identity {
	l.tally.Login(r.AOR)
	return cli.Identity{Account: string(r.AOR), Administrator: r.Is(account.Administrator)}
}

// NewPassword changes the own password.
func (l logins) NewPassword(ctx context.Context, who cli.Identity, password string) *cli.Failure {
	return failure(l.ledger.SetPassword(ctx, who.Account, signal.AOR(who.Account), password))
}
