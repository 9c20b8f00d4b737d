package service

import (
	"context"
	"strings"

	"tandem/actors/ledger"
	"tandem/actors/pbx/task"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// balanceServices is DoBalance: what accounts may spend.
func (s *Services) balanceServices() []task.Service {
	return []task.Service{{Name: "DoBalance", Run: s.doBalance}}
}

// doBalance is DoBalance({op; ...}, account): a dictionary or an error text. An account may look at its own
// balances and spend from them; to credit and to remove takes the right over accounts.
func (s *Services) doBalance(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	p := argument(args, 0).Dictionary()
	op := strings.ToLower(p.GetFold("op").Text())
	a, err := s.subject(c, argument(args, 1).Text(), cli.UserAccounts)
	if err != nil {
		return failureText(err)
	}
	if op == "credit" || op == "remove" {
		if self, err := s.current(c); err != nil || !ledger.MayIn(self, a.AOR.Domain(), cli.UserAccounts) {
			return failureText(task.ErrDenied)
		}
	}
	result, err := s.Ledger.DoBalance(ctx, a.AOR, op, p, writtenBy(c, "DoBalance "+op))
	if err != nil {
		return failureText(err)
	}
	return result.Value()
}
