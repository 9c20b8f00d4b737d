package sipp

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// count is how often a line begins so in what the party has sent and received.
func (p *played) count(line string) int { return strings.Count(p.read("messages"), "\n"+line) }

// dialog waits until a party that plays call-tells-tags-expect-bye has written down its dialog, as
// a Replaces header names it.
func (p *played) dialog(t *testing.T) (replaces string) {
	t.Helper()
	lab.Wait(t, partyTime, "the caller has its dialog", func() bool {
		_, after, ok := strings.Cut(p.read("log"), "dialog ")
		line, _, whole := strings.Cut(after, "\n")
		replaces = strings.TrimSpace(line)
		return ok && whole
	})
	return replaces
}

func TestTransfers(t *testing.T) {
	s := newStage(t)
	call := func(t *testing.T, file, as, target string, keys map[string]string) *played {
		all := map[string]string{"target": target}
		for k, v := range keys {
			all[k] = v
		}
		return s.play(t, party{file: file, account: as, keys: all}, lab.Port(t))
	}

	t.Run("blind", func(t *testing.T) {
		left := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		right := s.device(t, party{file: "device-answers-late-then-bye", account: "1002"})
		call(t, "refer-expect-notify-200", "1000", "1001", map[string]string{"elsewhere": "1002"}).succeed(t, "caller")
		right.succeed(t, "new partner")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001", "1002")
	})

	t.Run("blind to nobody", func(t *testing.T) {
		left := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		call(t, "refer-nowhere-expect-notify-404", "1000", "1001", nil).succeed(t, "caller")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001")
	})

	t.Run("blind by the called", func(t *testing.T) {
		left := s.device(t, party{file: "device-refers-expect-notify-200", account: "1001", keys: map[string]string{"elsewhere": "1002"}})
		right := s.device(t, party{file: "device-answers-late-then-bye", account: "1002"})
		call(t, "call-expect-bye", "1000", "1001", nil).succeed(t, "caller")
		right.succeed(t, "new partner")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001", "1002")
	})

	t.Run("blind to nobody by the called", func(t *testing.T) {
		left := s.device(t, party{file: "device-refers-nowhere-expect-notify-404", account: "1001"})
		call(t, "call-expect-bye", "1000", "1001", nil).succeed(t, "caller")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001")
	})

	t.Run("without reports", func(t *testing.T) {
		left := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		right := s.device(t, party{file: "device-answers-late-then-bye", account: "1002"})
		call(t, "refer-norefersub-expect-no-notify", "1000", "1001", map[string]string{"elsewhere": "1002"}).succeed(t, "caller")
		right.succeed(t, "new partner")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001", "1002")
	})

	t.Run("attended", func(t *testing.T) {
		left := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		right := s.device(t, party{file: "device-hangs-up-when-told", account: "1002"})
		first := call(t, "call-tells-tags-expect-bye", "1000", "1002", nil)
		replaces := first.dialog(t)
		second := call(t, "refer-replaces-expect-notify-200", "1000", "1001",
			map[string]string{"elsewhere": "1002", "replaces": url.QueryEscape(replaces)})
		second.succeed(t, "caller")
		first.succeed(t, "caller's other call")
		right.succeed(t, "new partner")
		left.succeed(t, "partner")
		s.clear(t, "1000", "1001", "1002")
	})

	t.Run("taken over by another phone", func(t *testing.T) {
		device := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		first := call(t, "call-tells-tags-expect-bye", "1000", "1001", nil)
		call(t, "invite-replaces-early-only-expect-486", "1000", "1001",
			map[string]string{"replaces": first.dialog(t)}).succeed(t, "other phone that comes too late")
		call(t, "invite-replaces-expect-200", "1000", "1001",
			map[string]string{"replaces": first.dialog(t)}).succeed(t, "other phone")
		first.succeed(t, "first phone")
		device.succeed(t, "device")
		s.clear(t, "1000", "1001")
	})

	t.Run("taken over by a stranger", func(t *testing.T) {
		device := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
		first := call(t, "call-tells-tags-expect-bye", "1000", "1001", nil)
		call(t, "invite-replaces-stranger-expect-403", "1003", "1001",
			map[string]string{"replaces": first.dialog(t)}).succeed(t, "stranger")
		for _, leg := range s.Legs() {
			s.Tandem("call", "hangup", leg.Handler)
			break
		}
		first.succeed(t, "caller")
		device.succeed(t, "device")
		s.clear(t, "1000", "1001")
	})

	t.Run("of a call that rings", func(t *testing.T) {
		device := s.device(t, party{file: "device-rings-expect-cancel", account: "1001"})
		first := call(t, "call-tells-early-tags-cancel-expect-487", "1000", "1001", nil)
		call(t, "invite-replaces-ringing-expect-481", "1000", "1001",
			map[string]string{"replaces": first.dialog(t)}).succeed(t, "other phone")
		first.succeed(t, "first phone")
		device.succeed(t, "device")
		s.clear(t, "1000", "1001")
	})

	t.Run("of a call that is not there", func(t *testing.T) {
		call(t, "invite-replaces-unknown-expect-481", "1000", "1001", nil).succeed(t, "caller")
		s.clear(t, "1000")
	})
}

// hangupTime is how long the member has to tell a phone that its call was ended by an operator.
const hangupTime = 20 * time.Second

// TestOperatorHangsUp ends a leg from the command line: both phones get their BYE.
func TestOperatorHangsUp(t *testing.T) {
	s := newStage(t)
	device := s.device(t, party{file: "device-answers-expect-bye", account: "1001"})
	caller := s.play(t, party{file: "call-expect-bye", account: "1000",
		keys: map[string]string{"target": "1001"}}, lab.Port(t))
	lab.Wait(t, partyTime, "both legs talk", func() bool {
		legs := s.Legs()
		return len(legs) == 2 && legs[0].State == "answered" && legs[1].State == "answered"
	})
	s.Tandem("call", "hangup", s.Legs()[0].Handler)
	for _, p := range []*played{caller, device} {
		if code := p.Wait(t, hangupTime); code != 0 {
			t.Errorf("a phone was not told (SIPp ended with %d)", code)
		}
	}
	s.clear(t, "1000", "1001")
}
