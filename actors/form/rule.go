package form

import (
	"errors"
	"fmt"
	"slices"

	"tandem/signal"
	"tandem/ximss/object"
)

// ErrRule says that an object is no rule.
var ErrRule = errors.New("a rule is (number, name, ((condition, operator, value), ...), ((action, value), ...), comment)")

// Rules is a list of rules in the form that programs and the command line know: each rule is
// (number, name, conditions, actions, comment), a condition (subject, operator, value), an action (verb,
// value).
func Rules(rules []signal.Rule) object.Value {
	all := object.NewArray()
	for _, r := range rules {
		conditions, actions := object.NewArray(), object.NewArray()
		for _, c := range r.Conditions {
			conditions.Append(row(c.Subject, c.Operator, c.Value))
		}
		for _, a := range r.Actions {
			actions.Append(row(a.Verb, a.Value))
		}
		one := object.NewArray(object.Number(int64(r.Number)), object.String(r.Name), conditions.Value(), actions.Value())
		if r.Comment != "" {
			one.Append(object.String(r.Comment))
		}
		all.Append(one.Value())
	}
	return all.Value()
}

func row(texts ...string) object.Value {
	a := object.NewArray()
	for _, t := range texts {
		a.Append(object.String(t))
	}
	return a.Value()
}

// ReadRules reads a list of rules in place of those that are there: a row of fewer than four parts stands
// for the old rule of that name, with another number.
func ReadRules(v object.Value, old []signal.Rule) ([]signal.Rule, error) {
	list := v.Array()
	if list == nil {
		return nil, ErrRule
	}
	var out []signal.Rule
	for _, item := range list.Items() {
		r, err := ruleFrom(item, old)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, signal.CheckRules(out)
}

// ChangeRules sets one rule among others, by its name; a string takes away the rule of that name, if there
// is one.
func ChangeRules(v object.Value, old []signal.Rule) ([]signal.Rule, error) {
	if name, ok := v.Str(); ok {
		return slices.DeleteFunc(slices.Clone(old), func(r signal.Rule) bool { return r.Name == name }), nil
	}
	changed, err := ruleFrom(v, old)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(old)
	if i := ruleNamed(old, changed.Name); i >= 0 {
		out[i] = changed
	} else {
		out = append(out, changed)
	}
	return out, signal.CheckRules(out)
}

func ruleNamed(rules []signal.Rule, name string) int {
	return slices.IndexFunc(rules, func(r signal.Rule) bool { return r.Name == name })
}

func ruleFrom(v object.Value, old []signal.Rule) (signal.Rule, error) {
	a := v.Array()
	number, isNumber := a.At(0).Int()
	if !isNumber {
		number, isNumber = object.ParseNumber(a.At(0).Text())
	}
	name, isText := a.At(1).Str()
	if a.Len() < 2 || a.Len() > 5 || !isNumber || !isText || number < 0 || number > 1<<20 {
		return signal.Rule{}, ErrRule
	}
	r := signal.Rule{Number: int(number), Name: name}
	if a.Len() < 4 {
		i := ruleNamed(old, name)
		if i < 0 {
			return r, fmt.Errorf("there is no rule %q", name)
		}
		r = old[i]
		r.Number = int(number)
		return r, nil
	}
	for _, item := range a.At(2).Array().Items() {
		part, err := parts(item, 3)
		if err != nil {
			return r, err
		}
		r.Conditions = append(r.Conditions, signal.Condition{Subject: part[0], Operator: part[1], Value: part[2]})
	}
	for _, item := range a.At(3).Array().Items() {
		part, err := parts(item, 2)
		if err != nil {
			return r, err
		}
		r.Actions = append(r.Actions, signal.Action{Verb: part[0], Value: part[1]})
	}
	r.Comment = a.At(4).Text()
	return r, nil
}

// parts are the texts of a row; those that are left out are empty.
func parts(v object.Value, n int) ([]string, error) {
	a := v.Array()
	if a == nil || a.Len() == 0 || a.Len() > n {
		return nil, ErrRule
	}
	out := make([]string, n)
	for i := range out {
		out[i] = a.At(i).Text()
	}
	return out, nil
}
