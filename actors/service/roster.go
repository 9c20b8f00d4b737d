package service

import (
	"context"
	"strings"

	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// rosterServices are the functions of programs about an account's list of peers. Sessions, and peers, are told of a
// change to it.
func (s *Services) rosterServices() []task.Service {
	return []task.Service{
		{Name: "ReadRoster", Quick: true, Run: s.readRoster},
		{Name: "SetRoster", Run: s.setRoster},
	}
}

// readRoster is ReadRoster([account]): a dictionary from peer to {Inp; Out; RealName?}, or an error text.
func (s *Services) readRoster(_ context.Context, c task.Caller, args []object.Value) object.Value {
	a, err := s.subject(c, argument(args, 0).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	return s.Ledger.Roster(a.AOR)
}

// setRoster is SetRoster({peer; what; data?}[, account]): null, or an error text.
func (s *Services) setRoster(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	p := argument(args, 0).Dictionary()
	peer, ok := s.Ledger.Peer(p.GetFold("peer").Text(), signal.AOR(c.Account))
	if !ok {
		return failureText(task.ErrParameter)
	}
	a, err := s.subject(c, argument(args, 1).Text(), cli.BasicSettings)
	if err != nil {
		return failureText(err)
	}
	what, about := strings.ToLower(p.GetFold("what").Text()), p.GetFold("data").Dictionary()
	return failureText(s.Ledger.ChangeRoster(ctx, a.AOR, what, peer, about, writtenBy(c, "SetRoster")))
}
