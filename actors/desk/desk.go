package desk

import (
	"errors"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/web"
)

// Administrators answers web.Authenticator.
type Administrators struct{ *ledger.Ledger }

// Administrator checks an administrator's password; the main domain is understood.
func (a Administrators) Administrator(user, password string) bool {
	aor, err := a.Address(user)
	if err != nil {
		aor = signal.AOR(user)
	}
	return a.Directory.CheckAdministrator(aor, password)
}

// refusal is what an error of the ledger means to the one who asked.
func refusal(err error) error {
	var r *ledger.Refusal
	if !errors.As(err, &r) {
		return err
	}
	switch r.Verdict {
	case ledger.Absent:
		return web.NotFound("%s", r.Text)
	case ledger.Conflict:
		return web.Conflict("%s", r.Text)
	case ledger.Unavailable:
		return web.Unavailable("%s", r.Text)
	}
	return web.Invalid("%s", r.Text)
}
