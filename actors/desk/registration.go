package desk

import (
	"context"
	"strings"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/web"
)

// Registrations answers web.Registrations.
type Registrations struct{ *ledger.Ledger }

// Find returns the registrations that match, ordered by AOR.
func (r Registrations) Find(_ context.Context, q web.RegistrationQuery) ([]web.Registration, error) {
	aors := r.Directory.Registered()
	if q.AOR != "" {
		aors = []signal.AOR{signal.AOR(q.AOR)}
	}
	var out []web.Registration
	for _, aor := range aors {
		for _, b := range r.Directory.Bindings(aor) {
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

// Kick removes one contact of the AOR, or all.
func (r Registrations) Kick(ctx context.Context, text, contact string) (int, error) {
	aor, err := r.Address(text)
	if err != nil {
		return 0, refusal(err)
	}
	n, err := r.Ledger.Kick(ctx, aor, contact)
	return n, refusal(err)
}
