package actors

import (
	"strings"

	"tandem/actors/form"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// datasetWorks is the command about data sets.
var datasetWorks = map[string]work{"DATASET": commands.dataset}

// dataset is DATASET {subsetName; what=...}: what is listSubsets, createSet, removeSet, listEntries
// {filterField; filterValue}, setEntry {entryName; data}, addEntry (which must not exist), deleteEntry. The
// result of those that only change is an empty dictionary.
func (c commands) dataset(r *request) (object.Value, *cli.Failure) {
	a, f := c.account(r)
	if f != nil {
		return object.Null, f
	}
	p := r.Dictionary("parameters")
	set, what := p.GetFold("subsetName").Text(), strings.ToLower(p.GetFold("what").Text())
	switch what {
	case "listsubsets":
		sets, names := c.ledger.Datasets(a.AOR), []string{}
		for i := range sets.Len() {
			name, _ := sets.Key(i)
			names = append(names, name)
		}
		return found(form.List(names))
	case "listentries", "list":
		entries, err := c.ledger.Entries(a.AOR, set, p.GetFold("filterField").Text(), p.GetFold("filterValue"))
		return entries, failure(err)
	case "createset", "removeset", "setentry", "addentry", "deleteentry":
		if err := c.ledger.ChangeSet(r.ctx, a.AOR, what, set, p, r.write()); err != nil {
			return c.done(err)
		}
		return found(object.NewDictionary().Value())
	}
	return fail("what is one of listSubsets, createSet, removeSet, listEntries, setEntry, addEntry, deleteEntry")
}
