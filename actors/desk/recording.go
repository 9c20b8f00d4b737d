package desk

import (
	"context"
	"errors"

	"tandem/actors/cluster"
	"tandem/actors/form"
	"tandem/actors/msg"
	"tandem/web"
)

// maxCallLegs is how many legs of one call are asked how it is recorded.
const maxCallLegs = 8

// TurnRecording pauses the recording that a Task makes of a call, or takes it up (turn is pause or resume), or, with "",
// only looks: none, on or paused. The recording hangs on one of the call's legs, on whatever member.
func (c Calls) TurnRecording(ctx context.Context, call, turn string) (string, error) {
	_, legs, err := c.all(ctx, legQuery{form.LegQuery{Call: call}, maxCallLegs})
	if err != nil {
		return "", err
	}
	state, unheard := web.RecordingNone, false
	for _, r := range legs {
		pid, err := c.Member.Parse(r.Leg)
		if err != nil {
			continue
		}
		answer, err := c.Member.AskActor(ctx, pid, &msg.LegRecordingFind{Turn: turn}, actTime)
		found, ok := answer.(*msg.LegRecordingFound)
		switch {
		case errors.Is(err, cluster.ErrGone): // it has ended
		case err != nil || !ok:
			unheard = true
		case found.State != web.RecordingNone:
			state = found.State
		}
	}
	if unheard && state == web.RecordingNone {
		return "", web.Unavailable("how the call is recorded is not known now: one of its legs does not answer")
	}
	return state, nil
}
