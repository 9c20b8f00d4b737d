package actors

import (
	"strings"

	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// rosterWorks is the command about the peers of an account.
var rosterWorks = map[string]work{"ROSTER": commands.roster}

// roster is ROSTER account {what; peer; data}: what is List, or a change as SetRoster has them (update,
// remove, subscribed, ...), whose result is an empty dictionary. Presence is not told to peers yet, so that
// Presence and probe are refused.
func (c commands) roster(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	p := r.Dictionary("parameters")
	what := strings.ToLower(p.GetFold("what").Text())
	switch what {
	case "list":
		return found(c.ledger.Roster(a.AOR))
	case "presence", "probe":
		return fail("presence is not told to peers")
	}
	peer, ok := c.ledger.Peer(p.GetFold("peer").Text(), r.who.AOR)
	if !ok {
		return fail("peer must be an address")
	}
	if err := c.ledger.ChangeRoster(r.ctx, a.AOR, what, peer, p.GetFold("data").Dictionary(), r.write()); err != nil {
		return c.done(err)
	}
	return found(object.NewDictionary().Value())
}
