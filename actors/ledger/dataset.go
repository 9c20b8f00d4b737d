package ledger

import (
	"context"
	"slices"

	"tandem/actors/form"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Datasets are small tables that an account keeps, such as callers that a rule remembers. A set has entries by name,
// an entry attributes by name.

// Failures of data sets.
var (
	errNoSet   = refuse(Absent, "data set does not exist")
	errSet     = refuse(Conflict, "data set already exists")
	errNoEntry = refuse(Absent, "data set entry does not exist")
)

// Limits of datasets.
const (
	maxSets    = 100  // of one account
	maxEntries = 1000 // of one set
	MaxSetName = 256  // bytes of a name
)

// Datasets are the sets of an account.
func (l *Ledger) Datasets(aor signal.AOR) *object.Dictionary {
	text, _ := l.stored(datasetKind + string(aor))
	return form.Dictionary(text)
}

// changeDatasets changes the sets of an account.
func (l *Ledger) changeDatasets(ctx context.Context, aor signal.AOR, w store.Write, f func(sets *object.Dictionary) error) error {
	return l.rewrite(ctx, datasetKind+string(aor), w, f)
}

// Entries are the entries of a set, those only whose field has a value where one is named.
func (l *Ledger) Entries(aor signal.AOR, set, field string, value object.Value) (object.Value, error) {
	entries := l.Datasets(aor).Get(set).Dictionary()
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
	return d.Value(), nil
}

// ChangeSet does one change to a set of an account: what is createset, removeset, setentry, addentry (which must not
// exist) or deleteentry, p has entryName, data, and ifExists where it is no failure that something is not there.
func (l *Ledger) ChangeSet(ctx context.Context, aor signal.AOR, what, set string, p *object.Dictionary, w store.Write) error {
	return l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error { return changeSet(sets, what, set, p) })
}

// Remember sets an entry of a set, which is made if need be.
func (l *Ledger) Remember(ctx context.Context, aor signal.AOR, set, entry string, attributes *object.Dictionary, w store.Write) error {
	if set == "" || max(len(set), len(entry)) > MaxSetName {
		return refuse(Illegal, "a name of a data set or of an entry is longer than %d bytes", MaxSetName)
	}
	return l.changeDatasets(ctx, aor, w, func(sets *object.Dictionary) error {
		if !sets.Has(set) && sets.Len() >= maxSets {
			return refuse(Conflict, "the account has %d data sets, no more are possible", maxSets)
		}
		return setEntry(sets, set, entry, false, attributes)
	})
}

// changeSet does one change.
func changeSet(sets *object.Dictionary, what, set string, p *object.Dictionary) error {
	entries := sets.Get(set).Dictionary()
	entry := p.GetFold("entryName").Text()
	known := !p.GetFold("ifExists").IsNull() // what is not there is no failure
	switch {
	case !slices.Contains([]string{"createset", "removeset", "setentry", "addentry", "deleteentry"}, what):
		return refuse(Illegal, "what is one of listSubsets, createSet, removeSet, listEntries, setEntry, addEntry, deleteEntry")
	case set == "" || len(set) > MaxSetName || len(entry) > MaxSetName:
		return ErrMissing
	case what == "createset" && entries != nil:
		return errSet
	case what == "createset":
		sets.Set(set, object.NewFolded().Value())
		if sets.Len() > maxSets {
			return refuse(Conflict, "%d data sets: at most %d", sets.Len(), maxSets)
		}
		return nil
	case entries == nil && !known:
		return errNoSet
	case what == "removeset":
		sets.Delete(set)
		return nil
	case entry == "":
		return ErrMissing
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
		return refuse(Conflict, "data set entry already exists")
	case one == nil && entries.Len() >= maxEntries:
		return refuse(Conflict, "the data set has %d entries, no more are possible", maxEntries)
	case one == nil:
		one = object.NewFolded()
	}
	form.Merge(one, attributes)
	entries.Set(entry, one.Value())
	return nil
}
