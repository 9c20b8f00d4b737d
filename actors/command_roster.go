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
		peers := c.datasets(a.AOR).Get(rosterSet)
		if peers.Dictionary() == nil {
			peers = object.NewFolded().Value()
		}
		return found(peers)
	case "presence", "probe":
		return fail("presence is not told to peers")
	}
	peer, f := c.peerOf(r, p.GetFold("peer").Text())
	if f != nil {
		return object.Null, f
	}
	err := c.changeDatasets(r.ctx, a.AOR, r.write(), func(sets *object.Dictionary) error {
		return changeRoster(sets, what, peer, p.GetFold("data").Dictionary())
	})
	if err != nil {
		return c.done(err)
	}
	return found(object.NewDictionary().Value())
}

// peerOf reads the address of a peer, who may be elsewhere.
func (c commands) peerOf(r *request, text string) (string, *cli.Failure) {
	u, err := c.ingress.Table().Address(text, r.who.AOR)
	if text == "" || len(text) > maxSetName || err != nil || u.User == "" {
		return "", cli.Fail("peer must be an address")
	}
	return string(u.AOR()), nil
}
