package desk

import (
	"strings"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/cli"
)

// Logins answers web.Logins.
type Logins struct{ *ledger.Ledger }

// Login checks a user's password; the main domain and aliases are understood.
func (l Logins) Login(user, password string) (web.Identity, bool) {
	aor, err := l.Address(user)
	if err != nil {
		aor = signal.AOR(strings.ToLower(user))
	}
	if a, ok := l.Directory.Account(aor); ok {
		aor = a.AOR
	}
	right := l.Directory.CheckPassword(aor, password)
	who, ok := l.Identity(string(aor))
	return who, right && ok
}

// Identity is an account as it is now. Each password has its own hash, so the hash tells them apart.
func (l Logins) Identity(aor string) (web.Identity, bool) {
	r, ok := l.Directory.Record(signal.AOR(aor))
	if !ok || r.Disabled {
		return web.Identity{}, false
	}
	return web.Identity{Account: aor, Display: r.Display, Roles: r.Roles, Leads: ledger.MaySome(r, cli.CanSupervise), Stamp: r.Web}, true
}
