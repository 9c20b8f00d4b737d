package service

import (
	"context"
	"strings"

	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// routeServices are the functions of programs that ask where an address leads (reference cgpl.md 2.7, 2.8).
func (s *Services) routeServices() []task.Service {
	return []task.Service{
		{Name: "RouteAddress", Quick: true, Run: s.routeAddress},
		{Name: "RouteLocalURI", Quick: true, Run: s.routeLocalURI},
		{Name: "RouteENUM", Run: s.routeENUM},
		{Name: "DirectorySearch", Quick: true, Run: s.directorySearch},
	}
}

// routeAddress is RouteAddress(email, type): {module; host; object; canRelay?}, or an error text.
func (s *Services) routeAddress(_ context.Context, c task.Caller, args []object.Value) object.Value {
	kind := strings.ToLower(argument(args, 1).Text())
	if kind != "mail" && kind != "signal" && kind != "access" {
		return failureText(task.ErrParameter)
	}
	self, err := s.current(c)
	if err != nil {
		return failureText(err)
	}
	if kind == "mail" {
		return failureText(ledger.ErrNoMail)
	}
	to, err := s.Ledger.Route(argument(args, 0).Text(), self.AOR)
	if err != nil {
		return failureText(err)
	}
	d := object.NewFolded()
	d.Set("module", object.String(to.Module))
	d.Set("host", object.String(to.Host))
	d.Set("object", object.String(to.Address))
	return d.Value()
}

// routeLocalURI is RouteLocalURI(uri): the address of the account of ours that a URI, or an address, leads to
// over aliases, forwarders and telephone numbers; null when it leads to none.
func (s *Services) routeLocalURI(_ context.Context, c task.Caller, args []object.Value) object.Value {
	table := s.Ledger.Table()
	u, err := table.Address(argument(args, 0).Text(), signal.AOR(c.Account))
	if err != nil {
		return object.Null
	}
	if target := table.Route(u, s.Ledger.Directory); target.Kind == signal.ToAccount {
		return object.String(string(target.Account.AOR))
	}
	return object.Null
}

// directorySearch is DirectorySearch: there is no directory of the kind that it searches.
func (s *Services) directorySearch(context.Context, task.Caller, []object.Value) object.Value {
	return object.String("there is no directory to search")
}
