package actors

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/sip/auth"
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
	aor, err := accounts(l).aor(user)
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
		l.migrate(ctx, r, password)
	}
	return l.welcome(r), nil
}

// migrate seals the password of an account that is older than the vault, now that it is known.
func (l logins) migrate(ctx context.Context, r *account.Record, password string) {
	web := r.Web
	_, err := l.changeAccount(ctx, r.AOR, store.Write{Author: string(r.AOR), Reason: "password sealed"},
		func(r *account.Record) error {
			if r.Web == web { // else it was changed meanwhile
				r.Sealed = l.vault.seal(string(r.AOR), password)
			}
			return nil
		})
	if err != nil {
		l.log.Warn("a password was not sealed", "account", string(r.AOR), "err", err)
	}
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
	password, ok := l.vault.open(string(r.AOR), r.Sealed)
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
	l.tally.login(r.AOR)
	return cli.Identity{Account: string(r.AOR), Administrator: r.Is(account.Administrator)}
}

// NewPassword changes the own password.
func (l logins) NewPassword(ctx context.Context, who cli.Identity, password string) *cli.Failure {
	return commands(l).setPassword(ctx, who.Account, signal.AOR(who.Account), password)
}

// putPassword hashes a password for all its uses, and seals it.
func (h *House) putPassword(r *account.Record, password string) {
	r.Web = account.HashWeb(password)
	h.putSecret(r, password)
}

// putSecret is putPassword without the hash for pages, which is dear.
func (h *House) putSecret(r *account.Record, password string) {
	r.MD5, r.SHA256 = auth.HA1(r.AOR.User(), r.AOR.Domain(), password)
	r.Sealed = h.vault.seal(string(r.AOR), password)
}
