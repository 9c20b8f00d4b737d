package engine

import (
	"fmt"
	"slices"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// maxKey is how long keys and connection ids are at most, in bytes.
const maxKey = 255

// check demands that a fact makes sense, and finds its objects.
func (w *World) check(f Fact) (e event, err error) {
	e.Fact = f
	switch {
	case f.At < 0:
		return e, fmt.Errorf("fact: its time %d is before 1970", f.At)
	case f.Length < 0:
		return e, fmt.Errorf("fact: its length %d is below zero", f.Length)
	case f.What != Expression && len(f.Key) > maxKey || len(f.Conn) > maxKey:
		return e, fmt.Errorf("fact: a key or connection id has at most %d bytes", maxKey)
	}
	switch f.What {
	case Begin, End, Change:
		err = demand(f.Name.Valid() && f.Name.Class()&measure.Durable != 0, "is no action with a beginning and an end", f)
	case Happen:
		err = demand(f.Name.Valid() && f.Name.Class()&measure.Instant != 0, "is no instant", f)
	case Skill:
		err = demand(f.Object.Type == Agent && f.Key != "", "is no agent, or the skill has no name", f)
	case Expression:
		err = e.parse()
	case Lost, Found:
	default:
		err = w.checkOther(&e)
	}
	if err == nil {
		e.thing, err = w.named(f.Object)
	}
	return e, err
}

func demand(ok bool, what string, f Fact) error {
	if ok {
		return nil
	}
	of := f.Object.String()
	if f.What <= Happen {
		of = f.Name.String()
	}
	return fmt.Errorf("fact: %s: %s %s", f.What, of, what)
}

func (e *event) parse() error {
	if e.Object.Type != GroupAgents {
		return demand(false, "is no group of agents", e.Fact)
	}
	if e.Key == "" {
		return nil
	}
	g, err := filter.ParseGroup(e.Key)
	if err != nil {
		return fmt.Errorf("fact: the expression of %s: %w", e.Object, err)
	}
	e.expression = &g
	return nil
}

// parts says what may belong to which type; a switch or a tenant may have all of a lower rank.
var parts = map[Type][]Type{AgentPlace: {RegDN, Channel}, GroupAgents: {Agent}, GroupPlaces: {AgentPlace}, GroupQueues: {Queue, RoutePoint}}

// checkOther demands the other object of a fact about two.
func (w *World) checkOther(e *event) (err error) {
	f := e.Fact
	from, to := f.Object.Type, f.Other.Type
	ok := false
	switch f.What {
	case Login, Logout:
		ok = from == Agent && slices.Contains([]Type{RegDN, Channel, Queue, RoutePoint}, to)
		if f.What == Logout && from == Agent && f.Other == (Object{}) {
			return nil // he leaves all
		}
	case Join, Leave:
		ok = slices.Contains(parts[to], from) || (to == Switch || to == Tenant) && from.rank() < to.rank()
	}
	if !ok {
		return fmt.Errorf("fact: %s: %s cannot have to do with %s in that way", f.What, f.Object, f.Other)
	}
	e.other, err = w.named(f.Other)
	return err
}
