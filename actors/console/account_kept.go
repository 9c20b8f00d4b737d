package console

import (
	"strings"

	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// datasetWorks is the command about data sets.
var datasetWorks = map[string]work{"DATASET": (*Console).dataset}

// dataset is DATASET {subsetName; what=...}: what is listSubsets, createSet, removeSet, listEntries
// {filterField; filterValue}, setEntry {entryName; data}, addEntry (which must not exist), deleteEntry. The
// result of those that only change is an empty dictionary.
func (c *Console) dataset(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	p := r.Dictionary("parameters")
	set, what := p.GetFold("subsetName").Text(), strings.ToLower(p.GetFold("what").Text())
	switch what {
	case "listsubsets":
		sets, names := c.Ledger.Datasets(a.AOR), []string{}
		for i := range sets.Len() {
			name, _ := sets.Key(i)
			names = append(names, name)
		}
		return found(form.List(names))
	case "listentries", "list":
		entries, err := c.Ledger.Entries(a.AOR, set, p.GetFold("filterField").Text(), p.GetFold("filterValue"))
		return entries, failure(err)
	case "createset", "removeset", "setentry", "addentry", "deleteentry":
		if err := c.Ledger.ChangeSet(r.ctx, a.AOR, what, set, p, r.write()); err != nil {
			return c.done(err)
		}
		return found(object.NewDictionary().Value())
	}
	return fail("what is one of listSubsets, createSet, removeSet, listEntries, setEntry, addEntry, deleteEntry")
}

// rosterWorks is the command about the peers of an account.
var rosterWorks = map[string]work{"ROSTER": (*Console).roster}

// roster is ROSTER account {what; peer; data}: what is List, or a change as SetRoster has them (update,
// remove, subscribed, ...), whose result is an empty dictionary. Presence and probe, by which others tell a peer
// something in the account's name, are refused: its sessions and phones do that.
func (c *Console) roster(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	p := r.Dictionary("parameters")
	what := strings.ToLower(p.GetFold("what").Text())
	switch what {
	case "list":
		return found(c.Ledger.Roster(a.AOR))
	case "presence", "probe":
		return fail("sessions and phones of the account tell its presence")
	}
	peer, ok := c.Ledger.Peer(p.GetFold("peer").Text(), r.who.AOR)
	if !ok {
		return fail("peer must be an address")
	}
	if err := c.Ledger.ChangeRoster(r.ctx, a.AOR, what, peer, p.GetFold("data").Dictionary(), r.write()); err != nil {
		return c.done(err)
	}
	return found(object.NewDictionary().Value())
}

// balanceWorks is the command about what accounts may spend.
var balanceWorks = map[string]work{"BALANCE": (*Console).balance}

// balance is BALANCE account {op; ...}, with the operations and the result of DoBalance. An account may look
// at its own balances and spend from them; to credit and to remove takes the right over accounts.
func (c *Console) balance(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	op := strings.ToLower(r.Dictionary("parameters").GetFold("op").Text())
	if (op == "credit" || op == "remove") && !ledger.MayIn(r.who, a.AOR.Domain(), cli.UserAccounts) {
		return object.Null, cli.ErrAccess
	}
	result, err := c.Ledger.DoBalance(r.ctx, a.AOR, op, r.Dictionary("parameters"), r.write())
	if err != nil {
		return c.done(err)
	}
	return found(result.Value())
}
