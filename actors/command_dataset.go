package actors

import (
	"context"
	"slices"
	"strings"

	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/cli"
	"tandem/ximss/object"
)

// datasetWorks is the command about datasets: small tables that an account keeps, such as callers that a
// rule remembers. A set has entries by name, an entry attributes by name.
var datasetWorks = map[string]work{"DATASET": commands.dataset}

var (
	errNoSet   = cli.Fail("data set does not exist")
	errSet     = cli.Fail("data set already exists")
	errNoEntry = cli.Fail("data set entry does not exist")
)

// Limits of datasets.
const (
	maxSets    = 100  // of one account
	maxEntries = 1000 // of one set
	maxSetName = 256  // bytes of a name
)

// datasets reads the sets of an account.
func (h *House) datasets(aor signal.AOR) *object.Dictionary {
	text, _ := commands{h}.stored(datasetKind, string(aor))
	return dictionaryOf(text)
}

// changeDatasets changes the sets of an account.
func (h *House) changeDatasets(ctx context.Context, aor signal.AOR, w store.Write, f func(sets *object.Dictionary) error) error {
	return h.changeKey(ctx, store.Settings, datasetKind+string(aor), w, func(old []byte) ([]byte, error) {
		sets := dictionaryOf(string(old))
		if err := f(sets); err != nil {
			return nil, err
		}
		text, err := textOf(sets)
		if text == "" {
			return nil, err
		}
		return []byte(text), err
	})
}

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
		sets, names := c.datasets(a.AOR), []string{}
		for i := range sets.Len() {
			name, _ := sets.Key(i)
			names = append(names, name)
		}
		return found(list(names))
	case "listentries", "list":
		return c.listEntries(a.AOR, set, p.GetFold("filterField").Text(), p.GetFold("filterValue"))
	}
	err := c.changeDatasets(r.ctx, a.AOR, r.write(), func(sets *object.Dictionary) error {
		return changeSet(sets, what, set, p)
	})
	if err != nil {
		return c.done(err)
	}
	return found(object.NewDictionary().Value())
}

// listEntries are the entries of a set, those only whose field has a value where one is named.
func (c commands) listEntries(aor signal.AOR, set, field string, value object.Value) (object.Value, *cli.Failure) {
	entries := c.datasets(aor).Get(set).Dictionary()
	if entries == nil {
		return object.Null, errNoSet
	}
	d := object.NewFolded()
	for i := range entries.Len() {
		name, _ := entries.Key(i)
		if field == "" || object.Equal(entries.At(i).Dictionary().GetFold(field), value) {
			d.Set(name, entries.At(i))
		}
	}
	return found(d.Value())
}

// changeSet does one change.
func changeSet(sets *object.Dictionary, what, set string, p *object.Dictionary) error {
	entries := sets.Get(set).Dictionary()
	entry := p.GetFold("entryName").Text()
	known := !p.GetFold("ifExists").IsNull() // what is not there is no failure
	switch {
	case !slices.Contains([]string{"createset", "removeset", "setentry", "addentry", "deleteentry"}, what):
		return cli.Fail("what is one of listSubsets, createSet, removeSet, listEntries, setEntry, addEntry, deleteEntry")
	case set == "" || len(set) > maxSetName || len(entry) > maxSetName:
		return cli.ErrMissing
	case what == "createset" && entries != nil:
		return errSet
	case what == "createset":
		sets.Set(set, object.NewFolded().Value())
		if sets.Len() > maxSets {
			return cli.Fail("%d data sets: at most %d", sets.Len(), maxSets)
		}
		return nil
	case entries == nil && !known:
		return errNoSet
	case what == "removeset":
		sets.Delete(set)
		return nil
	case entry == "":
		return cli.ErrMissing
	}
	switch what {
	case "setentry", "addentry":
		return setEntry(sets, set, entry, what == "addentry", p.GetFold("data").Dictionary())
	case "deleteentry":
		if !entries.Has(entry) && !known {
			return errNoEntry
		}
		if entries != nil {
			entries.Delete(entry)
		}
	}
	return nil
}

// setEntry takes attributes over into an entry.
func setEntry(sets *object.Dictionary, set, entry string, fresh bool, attributes *object.Dictionary) error {
	entries := sets.Get(set).Dictionary()
	if entries == nil {
		entries = object.NewFolded()
		sets.Set(set, entries.Value())
	}
	one := entries.Get(entry).Dictionary()
	switch {
	case one != nil && fresh:
		return cli.Fail("data set entry already exists")
	case one == nil && entries.Len() >= maxEntries:
		return cli.Fail("the data set has %d entries, no more are possible", maxEntries)
	case one == nil:
		one = object.NewFolded()
	}
	merge(one, attributes)
	entries.Set(entry, one.Value())
	return nil
}
