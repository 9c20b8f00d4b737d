package actors

import (
	"context"
	"errors"

	"tandem/actors/desk"
	"tandem/actors/session"
	"tandem/actors/stat"
	"tandem/actors/stat/engine"
	"tandem/signal"
	"tandem/ximss"
)

// Statistic opens a statistic in the name of an account who may see its object.
func (s sessionServices) Statistic(ctx context.Context, aor signal.AOR, q ximss.StatRequest) (ximss.StatValue, *ximss.Error) {
	h := s.house
	by := h.askerOf(aor)
	if !desk.SeesStatistics(h.ledger, by, q.Object) {
		return ximss.StatValue{}, ximss.ErrAccess
	}
	v, err := h.hall.Open(ctx, opener(by), stat.Request(q))
	return ximssValue(v), ximssStatRefusal(err)
}

// StatPeek is what an open statistic comes to. Of one whose object the account may not see it does not tell that there is one.
func (s sessionServices) StatPeek(ctx context.Context, aor signal.AOR, id string, at int64) (ximss.StatValue, *ximss.Error) {
	h := s.house
	object := h.hall.Object(id)
	if object == "" || !desk.SeesStatistics(h.ledger, h.askerOf(aor), object) {
		return ximss.StatValue{}, ximss.ErrStatistic
	}
	values, err := h.hall.Peek(ctx, []string{id}, at, false)
	switch {
	case err != nil:
		return ximss.StatValue{}, ximssStatRefusal(err)
	case values[0].Object == "":
		return ximss.StatValue{}, ximss.ErrStatistic // it was dropped meanwhile
	case values[0].Problem != "":
		return ximss.StatValue{}, ximss.Fail(ximss.NumInternal, "%s", values[0].Problem)
	}
	return ximssValue(values[0]), nil
}

// StatNames are the names that requests for statistics may use.
func (s sessionServices) StatNames() ximss.StatNames { return s.house.statNames() }

func (h *House) statNames() ximss.StatNames {
	p, _ := h.hall.Profile("") // its own is there: demandSolution
	out := ximss.StatNames{Types: map[string]ximss.StatRequest{}, Profiles: p.Profiles, Ranges: p.Ranges, Filters: p.Filters,
		Categories: p.Categories}
	for name, r := range p.Types {
		out.Types[name] = ximss.StatRequest(r)
	}
	return out
}

// ximssStatRefusal is an error as clients of sessions read it.
func ximssStatRefusal(err error) *ximss.Error {
	var refused *stat.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return ximss.Fail(ximss.NumStatistic, "%v", err)
	case errors.Is(err, stat.ErrUnknown):
		return ximss.ErrStatistic
	}
	return ximss.Fail(ximss.NumInternal, "%v", err)
}

func ximssValue(v stat.Value) ximss.StatValue {
	return ximss.StatValue{ID: v.ID, Object: v.Object, Number: v.Number, Empty: v.Empty, Whole: v.Whole, Valid: v.Valid, At: v.At,
		Since: v.Since, Complete: v.Complete, Age: v.Age, State: ximssState(v.State), Warnings: v.Warnings}
}

func ximssState(s *engine.State) *ximss.StatState {
	if s == nil {
		return nil
	}
	out := &ximss.StatState{Object: s.Object.String(), Status: s.Status, Since: s.Since}
	if s.Attached != nil {
		out.Pairs = s.Attached.Pairs
	}
	for _, a := range s.Actions {
		out.Actions = append(out.Actions, ximss.StatDoing(a))
	}
	for i := range s.Parts {
		out.Parts = append(out.Parts, *ximssState(&s.Parts[i]))
	}
	return out
}

// statStream begins to tell a session of statistics.
func (h *House) statStream() session.StatStream {
	return sessionStats{h.hall.Subscribe(), h.statNames}
}

// sessionStats is a subscriber for a session.
type sessionStats struct {
	*stat.Subscriber
	names func() ximss.StatNames
}

// Next implements session.StatStream.
func (s sessionStats) Next() []ximss.StatEvent {
	events := s.Subscriber.Next()
	out := make([]ximss.StatEvent, len(events))
	for i, e := range events {
		out[i] = ximss.StatEvent{Kind: string(e.Kind), Value: ximssValue(e.Value)}
		if e.Kind == stat.Renamed {
			names := s.names()
			out[i].Names = &names
		}
	}
	return out
}

// Follow implements session.StatStream.
func (s sessionStats) Follow(id string, f ximss.StatFollowing) *ximss.Error {
	return ximssStatRefusal(s.Subscriber.Follow(stat.Following{ID: id, Mode: stat.Mode(f.Mode), Insensitivity: f.Insensitivity,
		Frequency: f.Frequency}))
}

// Suspend implements session.StatStream.
func (s sessionStats) Suspend(id string, suspended bool) { s.Subscriber.Suspend(id, suspended) }
