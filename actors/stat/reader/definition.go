package reader

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/store"
)

// Definition is what the settings say of an object: who is part of a group or a place, and what an agent can do.
type Definition struct {
	Parts      []engine.Object `json:"parts,omitempty"`      // in the order of their names, each once
	Expression string          `json:"expression,omitempty"` // of a virtual group of agents
	Skills     map[string]int  `json:"skills,omitempty"`     // of an agent: levels by name
}

// Empty tells whether nothing is said.
func (d Definition) Empty() bool {
	return len(d.Parts) == 0 && d.Expression == "" && len(d.Skills) == 0
}

// Equal tells whether two say the same.
func (d Definition) Equal(o Definition) bool {
	return slices.Equal(d.Parts, o.Parts) && d.Expression == o.Expression && maps.Equal(d.Skills, o.Skills)
}

// Limits of what is kept of definitions; what is beyond them is refused.
const (
	maxDefined = 200_000 // objects
	maxParts   = 10_000  // of one object
	maxSkills  = 1000    // of one agent
)

var errLimit = errors.New("the limit of definitions is reached")

// Defined is what the journal says of an object.
func (r *Reader) Defined(o engine.Object) Definition { return r.defined[o] }

// AllDefined are all objects of which it says something.
func (r *Reader) AllDefined() []engine.Object {
	return slices.SortedFunc(maps.Keys(r.defined), func(a, b engine.Object) int {
		if a.Type != b.Type {
			return int(a.Type) - int(b.Type)
		}
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
}

// define takes what is said of an object from now on: in the place of what was.
func (r *Reader) define(f store.Fact) error {
	o, err := engine.ParseObject(f.Subject)
	if err != nil {
		return err
	}
	var d Definition
	if err := json.Unmarshal(f.Body, &d); err != nil {
		return fmt.Errorf("definition of %s: %w", o, err)
	}
	if was, known := r.defined[o]; len(d.Parts) > maxParts || len(d.Skills) > maxSkills || !known && len(r.defined) >= maxDefined {
		return fmt.Errorf("definition of %s: %w", o, errLimit)
	} else if was.Equal(d) {
		return nil // who wrote it did not know of the one before
	}
	r.redefine(f.At.UnixMilli(), o, r.defined[o], d)
	if r.defined[o] = d; d.Empty() {
		delete(r.defined, o)
	}
	return nil
}

// redefine tells what is another one now. Who goes goes before who comes.
func (r *Reader) redefine(at int64, o engine.Object, was, is Definition) {
	for _, p := range was.Parts {
		if !slices.Contains(is.Parts, p) {
			r.tell(engine.Fact{At: at, What: engine.Leave, Object: p, Other: o})
		}
	}
	for _, p := range is.Parts {
		if !slices.Contains(was.Parts, p) {
			r.tell(engine.Fact{At: at, What: engine.Join, Object: p, Other: o})
		}
	}
	if was.Expression != is.Expression {
		r.tell(engine.Fact{At: at, What: engine.Expression, Object: o, Key: is.Expression})
	}
	for _, skill := range slices.Sorted(maps.Keys(was.Skills)) {
		if _, has := is.Skills[skill]; !has {
			r.tell(engine.Fact{At: at, What: engine.Skill, Object: o, Key: skill, Level: -1})
		}
	}
	for _, skill := range slices.Sorted(maps.Keys(is.Skills)) {
		if level, had := was.Skills[skill]; !had || level != is.Skills[skill] {
			r.tell(engine.Fact{At: at, What: engine.Skill, Object: o, Key: skill, Level: is.Skills[skill]})
		}
	}
}
