package console

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"

	"tandem/actors/account"
	"tandem/signal"
	"tandem/ximss/cli"
)

// checksAtOnce bounds the checks of passwords: each takes much memory and time on purpose.
const checksAtOnce = 2

// record is the enabled account that a user names.
func (c *Console) record(user string) (*account.Record, bool) {
	aor, err := c.Ledger.Address(user)
	if err != nil {
		return nil, false
	}
	if a, ok := c.Ledger.Directory.Account(aor); ok {
		aor = a.AOR
	}
	r, ok := c.Ledger.Directory.Record(aor)
	return r, ok && !r.Disabled
}

// Password checks a user's password.
func (c *Console) Password(ctx context.Context, user, password string) (cli.Identity, *cli.Failure) {
	r, f := c.proved(ctx, user, password)
	if f != nil {
		return cli.Identity{}, f
	}
	return c.welcome(r), nil
}

// proved is the enabled account whose password that is. A right one is known at once from its sealed copy, so that ten
// thousand clients who come back do not wait for as many slow hashes; a wrong one, or one of nobody, takes its time.
func (c *Console) proved(ctx context.Context, user, password string) (*account.Record, *cli.Failure) {
	if r, ok := c.record(user); ok {
		if secret, ok := c.opened(r); ok && same(secret, password) {
			return r, nil
		}
	}
	select {
	case c.checks <- struct{}{}:
		defer func() { <-c.checks }()
	case <-ctx.Done():
		return nil, cli.ErrLogin
	}
	r, ok := c.record(user)
	var aor signal.AOR
	if ok {
		aor = r.AOR
	}
	if !c.Ledger.Directory.CheckPassword(aor, password) {
		return nil, cli.ErrLogin
	}
	if r.Sealed == "" {
		if err := c.Ledger.SealPassword(ctx, r, password); err != nil {
			c.Log.Warn("a password was not sealed", "account", string(r.AOR), "err", err)
		}
	}
	return r, nil
}

// same compares two passwords in a time that tells nothing of either.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// Secret is the password of an enabled account, for those who prove it without sending it; false: there is no such
// account, or its password is kept as a hash only.
func (c *Console) Secret(user string) (aor signal.AOR, password string, ok bool) {
	r, ok := c.record(user)
	if !ok {
		return "", "", false
	}
	password, ok = c.opened(r)
	return r.AOR, password, ok
}

// opened is the password of an account that may log in with one, from its sealed copy.
func (c *Console) opened(r *account.Record) (password string, ok bool) {
	if r.Web == "" {
		return "", false
	}
	return c.Ledger.Vault.Open(string(r.AOR), r.Sealed)
}

// ChangePassword changes the password of an account who proves the old one; cli.ErrLogin: it is not the old one.
func (c *Console) ChangePassword(ctx context.Context, aor signal.AOR, old, password string) *cli.Failure {
	if _, f := c.proved(ctx, string(aor), old); f != nil {
		return f
	}
	return failure(c.Ledger.SetPassword(ctx, string(aor), aor, password))
}

// noSecret refuses a digest over a password that is known as a hash only.
var noSecret = &cli.Failure{Code: cli.ErrLogin.Code, Text: "this account's password is kept as a hash only: " +
	"log in with USER and PASS once, or change the password"}

// Digest checks hex of MD5(challenge + password): APOP.
func (c *Console) Digest(_ context.Context, user, challenge, digest string) (cli.Identity, *cli.Failure) {
	r, ok := c.record(user)
	if !ok || r.Web == "" {
		return cli.Identity{}, cli.ErrLogin
	}
	password, ok := c.Ledger.Vault.Open(string(r.AOR), r.Sealed)
	if !ok {
		return cli.Identity{}, noSecret
	}
	sum := md5.Sum([]byte(challenge + password))
	if !hmac.Equal([]byte(hex.EncodeToString(sum[:])), []byte(digest)) {
		return cli.Identity{}, cli.ErrLogin
	}
	return c.welcome(r), nil
}

func (c *Console) welcome(r *account.Record) cli.Identity {
	c.Ledger.Tally.Login(r.AOR)
	return cli.Identity{Account: string(r.AOR), Administrator: r.Is(account.Administrator)}
}

// NewPassword changes the own password.
func (c *Console) NewPassword(ctx context.Context, who cli.Identity, password string) *cli.Failure {
	return failure(c.Ledger.SetPassword(ctx, who.Account, signal.AOR(who.Account), password))
}
