package measure

import (
	"fmt"

	"tandem/actors/stat/filter"
)

// plan is a definition with what follows from it. Meters of the same definition have one in common.
type plan struct {
	Definition
	category *category
	masks    []Mask
	filters  []filter.Filter // of the masks
	cares    Mask            // all of them together
	calendar calendar
}

// Plan is a definition that was found to make sense.
type Plan struct{ p *plan }

// Prepare checks a definition. Warnings say what of it has no effect; an error, why it makes no sense.
func Prepare(d Definition) (ready Plan, warnings []string, err error) {
	c, ok := categories[d.Category]
	if !ok {
		return ready, nil, fmt.Errorf("category: %q is not known", d.Category)
	}
	if warnings, err = c.check(&d); err != nil {
		return ready, warnings, err
	}
	p := &plan{Definition: d, category: c, masks: c.masks(&d)}
	for i, m := range p.masks {
		f := d.Filter
		if i > 0 && c.mainFilter {
			f = filter.Filter{}
		}
		p.filters = append(p.filters, f)
		for j := range p.cares {
			p.cares[j] |= m[j]
		}
	}
	return Plan{p}, warnings, nil
}

// Cares tells whether facts of a name have an effect.
func (p Plan) Cares(n Name) bool { return p.p.cares.Has(n) }

// Definition is what the plan is of, without what has no effect.
func (p Plan) Definition() Definition { return p.p.Definition }

// Open begins a statistic.
func (p Plan) Open(now int64) *Meter {
	m := &Meter{plan: p.p, opened: now, begun: max(now, p.p.begun(now)), next: p.p.next(now)}
	m.sides = make([]side, len(p.p.masks))
	for i := range m.sides {
		m.sides[i].past = newTotals()
		m.sides[i].level.begin(now)
		m.sides[i].mark(p.p)
	}
	return m
}

// Open prepares a definition and begins a statistic.
func Open(d Definition, now int64) (m *Meter, warnings []string, err error) {
	p, warnings, err := Prepare(d)
	if err != nil {
		return nil, warnings, err
	}
	return p.Open(now), warnings, nil
}

func (p *plan) begun(at int64) int64 { return p.calendar.begun(&p.Profile, at) }
func (p *plan) next(at int64) int64  { return p.calendar.next(&p.Profile, at) }

// IsState tells whether its value is a tree.
func (p Plan) IsState() bool { return p.p.category.state }
