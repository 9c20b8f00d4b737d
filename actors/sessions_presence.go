package actors

import (
	"context"
	"errors"

	"tandem/actors/ledger"
	"tandem/actors/session"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// known tells whether there is such an account.
func (h *House) known(aor signal.AOR) bool {
	a, ok := h.directory.Account(aor)
	return ok && a.AOR == aor
}

// Roster is an account's roster.
func (s sessionServices) Roster(_ context.Context, aor signal.AOR) []session.Peer {
	return session.Peers(s.house.ledger.RosterItems(aor))
}

// ChangeRoster does one change to it.
func (s sessionServices) ChangeRoster(ctx context.Context, aor signal.AOR, what, peer string, about *object.Dictionary) *ximss.Error {
	address, ok := s.house.ledger.Peer(peer, aor)
	if !ok {
		return ximss.Fail(ximss.NumMalformed, "the peer is no address")
	}
	err := s.house.ledger.ChangeRoster(ctx, aor, what, address, about, store.Write{Author: string(aor), Reason: "rosterSet"})
	text, known := ledger.Text(err)
	var refusal *ledger.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal) && refusal.Verdict == ledger.Illegal:
		return ximss.Fail(ximss.NumMalformed, "%s", text)
	case known:
		return ximss.Fail(ximss.NumLimit, "%s", text)
	}
	s.house.log.Warn("a roster is not changed", "account", string(aor), "err", err)
	return ximss.ErrUnavailable
}
