package measure

import (
	"fmt"
	"maps"
	"slices"
)

// category is one row of the table: what it needs, and how it is computed.
type category struct {
	historical bool
	relative   need
	current    bool                     // only facts that go on count: instants in a mask have no effect
	level      bool                     // it follows how many facts go on at once
	line       bool                     // it is of nothing else
	state      bool                     // its value is a tree
	formula    need                     // it is of a custom formula
	whole      bool                     // its values are whole numbers
	mainFilter bool                     // the filter does not act on the relative mask
	only       []Subject                // empty: all
	fixed      func(*Definition) []Mask // masks of its own, in place of the definition's
	compute    func(*view) (value float64, empty bool)
}

// need says whether a category has a relative mask.
type need int

const (
	none need = iota
	may
	must
)

// categories is the table of all, by name. Each family fills in its part.
var categories = func() map[string]*category {
	all := map[string]*category{}
	for _, family := range []map[string]*category{totalFamily, currentFamily, relativeFamily, levelFamily, compoundFamily, customFamily, stateFamily} {
		maps.Copy(all, family)
	}
	return all
}()

// Categories are the names that a Definition may have, in order.
func Categories() []string { return slices.Sorted(maps.Keys(categories)) }

// check demands what a category needs, and takes out of the masks what has no effect in it.
func (c *category) check(d *Definition) (warnings []string, err error) {
	if len(c.only) > 0 && !slices.Contains(c.only, d.Subject) {
		return nil, fmt.Errorf("category: %s is not for the subject %s", d.Category, d.Subject)
	}
	if c.relative == must && d.Relative.Size() == 0 {
		return nil, fmt.Errorf("category: %s needs a relative mask", d.Category)
	}
	if c.current {
		for _, mask := range []*Mask{&d.Main, &d.Relative} {
			for _, name := range mask.only(func(n Name) bool { return n.Class()&Durable != 0 }) {
				warnings = append(warnings, "mask: "+name+" has no length, and has no effect in "+d.Category)
			}
		}
	}
	if err := c.checkFormula(d); err != nil {
		return warnings, err
	}
	if c.line && d.Profile.Kind == Selection {
		return warnings, fmt.Errorf("category: %s is of an interval, and the profile Selection has none", d.Category)
	}
	if d.Main.Size() == 0 {
		return warnings, fmt.Errorf("category: the main mask of %s selects nothing", d.Category)
	}
	if d.Range == (Range{}) {
		d.Range = DefaultRange
	}
	if d.Range2 == (Range{}) {
		d.Range2 = DefaultRange
	}
	return warnings, nil
}

func (c *category) masks(d *Definition) []Mask {
	switch {
	case c.fixed != nil:
		return c.fixed(d)
	case c.relative != none && d.Relative.Size() > 0:
		return []Mask{d.Main, d.Relative}
	}
	return []Mask{d.Main}
}

func (c *category) value(v *view) Value {
	number, empty := c.compute(v)
	return Value{Number: number, Whole: c.whole, Empty: empty}
}

// by divides; of nothing it is 0, and empty (ruling D-6).
func by(a, b float64) (value float64, empty bool) {
	if b == 0 {
		return 0, true
	}
	return a / b, false
}

// percent is by as a percentage.
func percent(a, b float64) (value float64, empty bool) { return by(100*a, b) }

// seconds are those of milliseconds.
func seconds(ms int64) float64 { return float64(ms) / 1000 }

// set makes a mask of names.
func set(names ...string) (m Mask) {
	for _, n := range names {
		m.add(named(n))
	}
	return m
}
