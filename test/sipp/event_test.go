package sipp

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/test/lab"
)

// TestKey: the lamp beside a key for another account shows its call from the beginning to the end.
func TestKey(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	key := s.play(t, party{file: "key-expect-each-state", account: "1000", keys: map[string]string{"target": "1001"}}, lab.Port(t))
	lab.Wait(t, partyTime, "the key shows nothing", func() bool { return key.count("NOTIFY ") > 0 })
	device := s.device(t, party{file: "device-answers-late-then-bye", account: "1001"})
	caller := s.play(t, party{file: "call-expect-bye", account: "1002", keys: map[string]string{"target": "1001"}}, lab.Port(t))
	caller.succeed(t, "caller")
	device.succeed(t, "device")
	key.succeed(t, "phone with the key")
	s.clear(t, "1001", "1002")
}

// TestMessagesUnasked: a phone that has registered is told of a voice message that comes.
func TestMessagesUnasked(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Tandem("account", "edit", "1001@"+lab.Domain, "--voicemail=busy")
	shows := s.device(t, party{file: "phone-shows-messages-unasked", account: "1001", calls: 2})
	c := s.Phone(t, "1000").Call("1001")
	if c.Status != http.StatusOK {
		t.Fatalf("the voice mail: %d %s", c.Status, c.Reason)
	}
	lab.Wait(t, partyTime, "the voice mail records", func() bool {
		var list struct{ Tasks []struct{ Waiting string } }
		return s.Ask(http.MethodGet, "tasks", nil, &list) == nil && len(list.Tasks) == 1 && list.Tasks[0].Waiting == "Record"
	})
	c.SayFor(t, 1700, 3*time.Second)
	c.Hangup()
	shows.succeed(t, "phone")
	s.clear(t, "1000", "1001")
}

// TestForwardedOverTrunk: who has forwarded a call is told over trunks, out and in.
func TestForwardedOverTrunk(t *testing.T) {
	t.Parallel()
	port := lab.Port(t)
	s := newStage(t,
		fmt.Sprintf(`trunks.list=[{name: carrier, targets: ["127.0.0.1:%d;transport=udp"], domain: carrier.example, addresses: ["127.0.0.9"], trusted: true, unprobed: true}]`, port),
		`trunks.numbers=[{match: "00n.", trunks: [carrier]}]`, `trunks.incoming=[{match: ".", to: "1001"}]`)
	s.forward(t, "1004", "--forward-all=00491")
	carrier := s.play(t, party{file: "carrier-hears-diversion-expect-bye", account: "line"}, port)
	lab.Wait(t, 30*time.Second, "SIPp takes its port", func() bool { return bound(port) })
	caller := s.play(t, party{file: "call-expect-181-200-bye", account: "1000", keys: map[string]string{"target": "1004"}}, lab.Port(t))
	caller.succeed(t, "caller")
	carrier.succeed(t, "carrier")
	s.clear(t, "1000")

	device := s.device(t, party{file: "device-hears-diversion-of-carrier-expect-bye", account: "1001"})
	in := s.play(t, party{file: "carrier-calls-forwarded-expect-200-bye", account: "+49302", from: "127.0.0.9",
		keys: map[string]string{"target": "+49891"}}, lab.Port(t))
	in.succeed(t, "carrier that calls")
	device.succeed(t, "device")
	s.clear(t, "1001")
}
