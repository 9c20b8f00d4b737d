package sipp

import (
	"fmt"
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

// TestServiceRoute: a phone is told by which route its requests are to come, and we send by the one that a carrier tells.
func TestServiceRoute(t *testing.T) {
	port := lab.Port(t)
	s := newStage(t, "accounts.service_route=[\"sip:edge.example.com;lr\"]",
		fmt.Sprintf(`trunks.list=[{name: carrier, targets: ["127.0.0.1:%d;transport=udp"], user: line, secret: secret, register: true, unprobed: true}]`, port),
		`trunks.numbers=[{match: "00n.", trunks: [carrier]}]`)
	carrier := s.play(t, party{file: "carrier-registers-expect-route-bye", account: "line", calls: 2}, port)
	s.play(t, party{file: "register-expect-service-route", account: "1000"}, lab.Port(t)).succeed(t, "phone")
	lab.Wait(t, 60*time.Second, "the trunk is registered", func() bool {
		var trunk struct{ Registration string }
		return s.Ask("GET", "trunks/carrier", nil, &trunk) == nil && trunk.Registration == "registered"
	})
	caller := s.play(t, party{file: "call-expect-200-bye", account: "1000", keys: map[string]string{"target": "00491"}}, lab.Port(t))
	caller.succeed(t, "caller")
	carrier.succeed(t, "carrier")
	s.clear(t, "1000")
}

// TestIPv6: the main stories between phones that know IPv6 alone.
func TestIPv6(t *testing.T) {
	s := newStageAt(t, "::1", shortTimers...)
	for _, r := range []story{
		{caller: "register-expect-200", as: "1003"},
		{caller: "register-expect-200", as: "1003", tcp: true},
		{caller: "options-expect-200", target: "9196"},
		{caller: "invite-expect-200-bye", target: "9196"},
		{caller: "invite-expect-200-bye", target: "9196", tcp: true},
		{caller: "invite-180-cancel-expect-487", target: "9180"},
		{caller: "hold-sendonly-expect-recvonly", target: "9196"},
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-answers-expect-bye"}},
		{caller: "call-expect-200-bye", target: "1001", tcp: true, devices: []string{"device-answers-expect-bye"}},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-answers-then-bye"}},
		{caller: "call-cancel-expect-487", target: "1001", devices: []string{"device-rings-expect-cancel"}},
		{caller: "call-expect-486", target: "1001", devices: []string{"device-486"}},
		{caller: "message-expect-200", target: "1001", devices: []string{"device-takes-message"}},
	} {
		t.Run(r.name(), func(t *testing.T) { s.tell(t, r) })
	}
}
