package actors

import (
	"context"
	"time"

	"tandem/actors/msg"
	"tandem/actors/notify"
	"tandem/actors/presence"
	"tandem/signal"
)

// introducePresence makes the presence of accounts known to the member, and has it follow their rosters.
func (h *House) introducePresence() {
	h.presence = &presence.Floor{Way: notify.Way{Member: h.member, Edge: h.ingress.EdgeOf}, Log: h.log,
		Roster: h.ledger.RosterItems, Contacts: h.directory.Contacts,
		Open: func() bool { return h.live.Conf().Accounts.Presence == "domain" }}
	h.member.Introduce("presence", h.presence.Make)
	h.closes(stopper(h.ledger.FollowRosters(h.presence.RosterChanged)))
}

// presenceWait is how long the command line waits for the presence of an account.
const presenceWait = 2 * time.Second

// presenceOf is how an account stands, as its sessions and phones say; false: none of them says anything.
func (h *House) presenceOf(ctx context.Context, aor signal.AOR) (signal.Presence, bool) {
	answer, err := h.member.Ask(ctx, "presence", string(aor), &msg.PresenceFind{}, presenceWait)
	found, ok := answer.(*msg.PresenceFound)
	if err != nil || !ok || found.Sources == 0 {
		return "", false
	}
	return signal.Presence(found.State), true
}
