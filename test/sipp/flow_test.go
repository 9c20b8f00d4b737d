package sipp

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// TestFlows: a phone with several flows is rung by one of them, and by the next when that one has failed.
func TestFlows(t *testing.T) {
	s := newStage(t, shortTimers...)
	flow := func(n string) int {
		port := lab.Port(t)
		s.play(t, party{file: "register-flow-expect-require-outbound", account: "1001", keys: map[string]string{"flow": n}}, port).succeed(t, "flow "+n)
		return port
	}
	first, second := flow("1"), flow("2") // the call comes by the one that is newer
	well := s.play(t, party{file: "device-answers-expect-bye", account: "1001"}, first)
	failed := s.play(t, party{file: "device-flow-gone-430", account: "1001"}, second)
	lab.Wait(t, 30*time.Second, "SIPp takes its ports", func() bool { return bound(first) && bound(second) })
	caller := s.play(t, party{file: "call-expect-200-bye", account: "1000", keys: map[string]string{"target": "1001"}}, lab.Port(t))
	caller.succeed(t, "caller")
	failed.succeed(t, "flow that is gone")
	well.succeed(t, "flow that is left")
	s.clear(t, "1000", "1001")

	s.play(t, party{file: "register-flow-expect-439", account: "1001", keys: map[string]string{"flow": "1"}}, lab.Port(t)).succeed(t, "phone")
}
