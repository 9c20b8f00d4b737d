package life

import (
	"encoding/json"
	"maps"
	"slices"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// FactDead is the fact that a life of a member is over and that what it left open is being closed. Its subject is the
// boot tag, its body a Dead.
const FactDead = "member.dead"

// Dead is the body of FactDead.
type Dead struct {
	Member string
	Closer string // who closes: what it writes of that life counts from here on, and nothing else
	By     string // member that closes
	Why    string
}

// Encode writes the journal's form.
func (d Dead) Encode() []byte { return encode(d) }

// Fence tells which records count. The zero Fence lets everything through. Not for use by several goroutines.
type Fence struct {
	deaths map[string][]Death // by boot tag, in the order of the journal
}

// Note tells the fence of a grave: of deaths that lie before the place where somebody begins to read the journal.
func (f *Fence) Note(g Grave) {
	for _, d := range g.Deaths {
		f.died(g.Boot, d)
	}
}

// Graves are the deaths that the fence knows, for one that is to know them too: see Note.
func (f *Fence) Graves() (all []Grave) {
	for _, boot := range slices.Sorted(maps.Keys(f.deaths)) {
		all = append(all, Grave{Boot: boot, Deaths: f.deaths[boot]})
	}
	return all
}

// Take tells the fence of a fact of the journal; others than FactDead are of no interest. An error: the fact can not be
// read, so that nothing of that life counts behind it.
func (f *Fence) Take(fact store.Fact) error {
	if fact.Kind != FactDead {
		return nil
	}
	var d Dead
	err := json.Unmarshal(fact.Body, &d)
	f.died(fact.Subject, Death{fact.Position, d.Closer})
	return err
}

func (f *Fence) died(boot string, d Death) {
	if f.deaths == nil {
		f.deaths = map[string][]Death{}
	}
	all := f.deaths[boot]
	i, known := slices.BinarySearchFunc(all, d.Position, func(d Death, p uint64) int {
		switch {
		case d.Position < p:
			return -1
		case d.Position > p:
			return 1
		}
		return 0
	})
	if !known {
		f.deaths[boot] = slices.Insert(all, i, d)
	}
}

// Counts tells whether the record of an end that lies at that position of the journal is the record of its leg.
func (f *Fence) Counts(r *msg.LegRecord, position uint64) bool {
	closer := ""
	for _, d := range f.deaths[r.Boot] {
		if d.Position > position {
			break
		}
		closer = d.Closer
		if closer == "" {
			return false
		}
	}
	return r.Closer == closer
}
