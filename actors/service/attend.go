package service

import (
	"context"
	"errors"
	"slices"

	"tandem/actors/account"
	"tandem/actors/form"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/cli"
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
	at, err := s.deskOf(ctx, who, attended)
	if errors.Is(err, task.ErrDenied) {
		return failureText(err)
	}
	if err != nil {
		return failed("agent can not be reached: %v", err)
	}
	var found *form.Leg
	for _, place := range at.places {
		if l := s.newestCall(ctx, place, at, who); l != nil && (found == nil || l.Record.Answered > found.Record.Answered) {
			found = l
		}
	}
	if found == nil {
		return failed(errNoCall)
	}
	return object.NewArray(object.String(found.Record.Leg)).Value()
}

// desk is where somebody's calls are: at the devices of these accounts; of one caller of a queue alone, where one is named.
type desk struct {
	places        []string
	queue, caller string
}

// fits tells whether a leg is one of those calls.
func (d *desk) fits(r *msg.LegRecord) bool {
	return r.Answered != 0 && (d.caller == "" || r.Queue == d.queue && r.Caller == d.caller)
}

// deskOf is where somebody's calls are. An agent's are at the devices where he works, of which each is one agent's alone:
// his own desk may be another one's today. One who does not work is at his own account. Who may not hear everybody hears of
// an agent the call alone that he has now, by the right over its queue.
func (s *Services) deskOf(ctx context.Context, who *account.Record, whom ledger.Attended) (*desk, error) {
	if whom.Agent != "" {
		answer, err := s.Ask(ctx, "agent", whom.Agent, &msg.AgentFind{}, agentPatience)
		if err != nil {
			return nil, err
		}
		found, ok := answer.(*msg.AgentFound)
		call := found.GetAgent()
		switch works := ok && found.LoggedOn != 0; {
		case works && whom.Anybody:
			return &desk{places: found.Devices}, nil
		case whom.Anybody:
		case !works || call.GetCaller() == "" || call.GetQueue() == "":
			return &desk{}, nil
		case !ledger.MayQueue(who, cli.CanListen, call.Queue):
			return nil, task.ErrDenied
		default:
			return &desk{found.Devices, call.Queue, call.Caller}, nil
		}
	}
	return &desk{places: []string{string(whom.Account)}}, nil
}

// newestCall is the call of an account that was answered last, of those of a desk; nil: none. Nobody attends his own.
func (s *Services) newestCall(ctx context.Context, of string, at *desk, who *account.Record) *form.Leg {
	if of == string(who.AOR) {
		return nil
	}
	legs := slices.DeleteFunc(s.Legs(ctx, form.LegQuery{Account: of}), func(l form.Leg) bool { return !at.fits(l.Record) })
	if len(legs) == 0 {
		return nil
	}
	newest := slices.MaxFunc(legs, func(a, b form.Leg) int { return int(a.Record.Answered - b.Record.Answered) })
	return &newest
}
