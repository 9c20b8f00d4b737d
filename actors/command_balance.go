package actors

import (
	"strings"

	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// balanceWorks is the command about what accounts may spend.
var balanceWorks = map[string]work{"BALANCE": commands.balance}

// balance is BALANCE account {op; ...}, with the operations and the result of DoBalance. An account may look
// at its own balances and spend from them; to credit and to remove takes the right over accounts.
func (c commands) balance(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	op := strings.ToLower(r.Dictionary("parameters").GetFold("op").Text())
	if (op == "credit" || op == "remove") && !ledger.MayIn(r.who, a.AOR.Domain(), cli.UserAccounts) {
		return object.Null, cli.ErrAccess
	}
	result, err := c.ledger.DoBalance(r.ctx, a.AOR, op, r.Dictionary("parameters"), r.write())
	if err != nil {
		return c.done(err)
	}
	return found(result.Value())
}
