package actors

import (
	"context"
	"strings"

	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// rosterServices are the functions of programs about an account's list of peers. Nobody is told of a change
// to it: presence between accounts is not served yet.
func (h *House) rosterServices() []task.Service {
	return []task.Service{
		{Name: "ReadRoster", Quick: true, Run: h.readRoster},
		{Name: "SetRoster", Run: h.setRoster},
	}
}

// readRoster is ReadRoster([account]): a dictionary from peer to {Inp; Out; RealName?}, or an error text.
func (h *House) readRoster(_ context.Context, c task.Caller, args []object.Value) object.Value {
	a, err := h.subject(c, argument(args, 0).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	return h.ledger.Roster(a.AOR)
}

// setRoster is SetRoster({peer; what; data?}[, account]): null, or an error text.
func (h *House) setRoster(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	p := argument(args, 0).Dictionary()
	peer, ok := h.ledger.Peer(p.GetFold("peer").Text(), signal.AOR(c.Account))
	if !ok {
		return failureText(task.ErrParameter)
	}
	a, err := h.subject(c, argument(args, 1).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	what, about := strings.ToLower(p.GetFold("what").Text()), p.GetFold("data").Dictionary()
	return failureText(h.ledger.ChangeRoster(ctx, a.AOR, what, peer, about, writtenBy(c, "SetRoster")))
}
