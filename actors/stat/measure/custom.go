package measure

import "fmt"

// customFamily are the categories of values that a formula has for each action (reference statserver.md 3.5, custom
// values): of those that ended or happened in the interval, and of those that go on.
var customFamily = map[string]*category{
	"TotalCustomValue": {historical: true, compute: tallied(func(t tally) (float64, bool) { return t.sum, false })},
	"AverageCustomValue": {historical: true, compute: tallied(func(t tally) (float64, bool) {
		return by(t.sum, float64(t.number))
	})},
	"MinCustomValue":     {historical: true, compute: tallied(func(t tally) (float64, bool) { return t.low, t.number == 0 })},
	"MaxCustomValue":     {historical: true, compute: tallied(func(t tally) (float64, bool) { return t.top, t.number == 0 })},
	"CurrentCustomValue": {current: true, compute: present(func(t tally) (float64, bool) { return t.sum, false })},
	"CurrentAverageCustomValue": {current: true, compute: present(func(t tally) (float64, bool) {
		return by(t.sum, float64(t.number))
	})},
	"CurrentMinCustomValue": {current: true, compute: present(func(t tally) (float64, bool) { return t.low, t.number == 0 })},
	"CurrentMaxCustomValue": {current: true, compute: present(func(t tally) (float64, bool) { return t.top, t.number == 0 })},
}

func init() {
	for _, c := range customFamily {
		c.formula, c.only = must, []Subject{DNAction}
	}
}

// checkFormula demands a formula where values are of one, and none where it would have no effect. Values are of actions that
// belong to calls, and of user events.
func (c *category) checkFormula(d *Definition) error {
	switch {
	case c.formula == none && d.Formula.of != nil:
		return fmt.Errorf("formula: %s is not of a formula", d.Category)
	case c.formula == none:
		return nil
	case d.Formula.of == nil:
		return fmt.Errorf("formula: %s needs one", d.Category)
	}
	d.Distinct = d.Distinct || d.Formula.distinct
	for _, name := range d.Main.only(func(n Name) bool { return n.PerCall() || n == userEvent }) {
		return fmt.Errorf("mask: %s belongs to no call, and has no custom value", name)
	}
	return nil
}

func tallied(of func(tally) (float64, bool)) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) { return of(v.sides[0].values) }
}

// present tallies what goes on.
func present(of func(tally) (float64, bool)) func(*view) (float64, bool) {
	return func(v *view) (float64, bool) {
		var t tally
		known := map[string]bool{}
		for _, sp := range v.sides[0].side.open {
			conn := sp.fact.Conn
			if !sp.holds || v.d.Distinct && conn != "" && known[conn] {
				continue
			}
			known[conn] = true
			t.add(v.d.Formula.value(sp.with, seconds(v.d.clock().length(sp.since, v.to))))
		}
		return of(t)
	}
}
