package actors

import (
	"context"
	"strings"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
)

// registrations answers web.Registrations.
type registrations struct{ *House }

// Find returns the registrations that match, ordered by AOR.
func (r registrations) Find(_ context.Context, q web.RegistrationQuery) ([]web.Registration, error) {
	aors := r.directory.Registered()
	if q.AOR != "" {
		aors = []signal.AOR{signal.AOR(q.AOR)}
	}
	var out []web.Registration
	for _, aor := range aors {
		for _, b := range r.directory.Bindings(aor) {
			if len(out) == q.Limit {
				return out, nil
			}
			out = append(out, web.Registration{
				AOR: string(aor), Contact: b.Contact.String(), Transport: strings.ToLower(b.Flow.Transport),
				Source: b.Flow.Remote.String(), Agent: b.Agent, Since: b.Since, Expires: b.Expires,
				Member: b.Flow.Edge,
			})
		}
	}
	return out, nil
}

// kickTime is how long an administrator's word waits for the account.
const kickTime = 3 * time.Second

// Kick removes one contact of the AOR, or all.
func (r registrations) Kick(ctx context.Context, text, contact string) (int, error) {
	aor, err := accounts(r).aor(text)
	if err != nil {
		return 0, err
	}
	return r.kick(ctx, aor, contact)
}

func (r registrations) kick(ctx context.Context, aor signal.AOR, contact string) (int, error) {
	answer, err := r.member.Ask(ctx, "account", string(aor), &msg.AccountKick{Contact: contact, Author: "administrator"}, kickTime)
	if err != nil {
		return 0, web.Unavailable("the account did not answer: %v; try again", err)
	}
	kicked, _ := answer.(*msg.AccountKicked)
	switch {
	case kicked.GetError() != "":
		return 0, web.Unavailable("%s", kicked.Error)
	case kicked.GetRemoved() == 0 && contact != "":
		return 0, web.NotFound("%s has no registration of %s: see reg list", aor, contact)
	case kicked.GetRemoved() == 0:
		return 0, web.NotFound("%s has no registration: see reg list", aor)
	}
	return int(kicked.GetRemoved()), nil
}
