package queuelog

import (
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// Who asks how a partition stands waits for the store; those who wait have a limit.
func TestThoseWhoWaitHaveALimit(t *testing.T) {
	a := partitionActor{}
	var last *actor.PID
	for range 2 * maxFinds {
		last = &actor.PID{}
		a.waits(last)
	}
	if len(a.finds) != maxFinds || a.finds[maxFinds-1] != last {
		t.Errorf("%d wait", len(a.finds))
	}
}
