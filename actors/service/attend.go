package service

import (
	"context"
	"slices"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// errNoCall is the text where somebody has no call that could be attended.
const errNoCall = "480-Temporarily Unavailable"

// callToAttend(who, whom) is for AttendCall: the leg, in an array, of the call that an agent or an account has now, if
// that account may listen to him; else an error text.
func (s *Services) callToAttend(ctx context.Context, c task.Caller, args []object.Value) object.Value {
	who, ok := s.Ledger.Directory.Record(signal.AOR(argument(args, 0).Text()))
	whom := argument(args, 1).Text()
	if !ok || who.Disabled || whom == "" {
		return failureText(task.ErrDenied)
	}
	attended, err := s.Ledger.MayAttend(who, whom, c.Domain)
	if err != nil {
		return failureText(err)
	}
	places, err := s.placesOf(ctx, attended)
	if err != nil {
		return failed("agent can not be reached: %v", err)
	}
	var found *form.Leg
	for _, place := range places {
		if l := s.newestCall(ctx, place, who); l != nil && (found == nil || l.Record.Answered > found.Record.Answered) {
			found = l
		}
	}
	if found == nil {
		return failed(errNoCall)
	}
	return object.NewArray(object.String(found.Record.Leg)).Value()
}

// placesOf are the accounts whose calls are those of somebody. An agent's are at the devices where he works, of which
// each is one agent's alone: his own desk may be another one's today. One who does not work is at his own account, but
// for nobody who may hear him as an agent alone.
func (s *Services) placesOf(ctx context.Context, whom ledger.Attended) ([]string, error) {
	if whom.Agent != "" {
		answer, err := s.Ask(ctx, "agent", whom.Agent, &msg.AgentFind{}, agentPatience)
		if err != nil {
			return nil, err
		}
		if found, ok := answer.(*msg.AgentFound); ok && found.LoggedOn != 0 {
			return found.Devices, nil
		}
		if !whom.Anybody {
			return nil, nil
		}
	}
	return []string{string(whom.Account)}, nil
}

// newestCall is the call of an account that was answered last, nil: none. Nobody attends his own.
func (s *Services) newestCall(ctx context.Context, of string, who *account.Record) *form.Leg {
	if of == string(who.AOR) {
		return nil
	}
	legs := slices.DeleteFunc(s.Legs(ctx, form.LegQuery{Account: of}), func(l form.Leg) bool { return l.Record.Answered == 0 })
	if len(legs) == 0 {
		return nil
	}
	newest := slices.MaxFunc(legs, func(a, b form.Leg) int { return int(a.Record.Answered - b.Record.Answered) })
	return &newest
}
