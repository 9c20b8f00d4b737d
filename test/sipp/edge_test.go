package sipp

import (
	"slices"
	"testing"

	"tandem/test/lab"
)

// TestReliable: provisional responses that PRACK acknowledges, and UPDATE before the answer, on either leg.
func TestReliable(t *testing.T) {
	s := newStage(t, shortTimers...)
	for _, r := range []story{
		// Over UDP alone: SIPp takes repeats over a stream for something new, though RFC 3262 has them there as well.
		{caller: "invite-100rel-expect-183-until-prack", target: "9182"},
		{caller: "invite-require-100rel-without-sdp-expect-offer", target: "9183"},
		{caller: "call-100rel-expect-183-and-200-without-sdp", target: "1001", devices: []string{"device-183-100rel-expect-prack"}},
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-183-100rel-expect-prack"}},
		{caller: "call-updates-early-expect-200", target: "1001", devices: []string{"device-183-100rel-expect-prack"}},
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-updates-early-expect-200"}},
		{caller: "call-prack-offers-expect-answer", target: "1001", devices: []string{"device-183-100rel-expect-prack"}},
		{caller: "invite-updates-against-offer-expect-491", target: "9183"},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-180s-out-of-order-expect-pracks-in-order"}},
	} {
		t.Run(r.name(), func(t *testing.T) { s.tell(t, r) })
	}
}

// TestReliableSettings: the setting can demand reliable responses, or turn them off; and who never acknowledges one is
// refused after 64*T1.
func TestReliableSettings(t *testing.T) {
	t.Parallel()
	for setting, r := range map[string]story{
		"sip.reliable=demanded": {caller: "invite-without-100rel-expect-421", target: "9182"},
		"sip.reliable=off":      {caller: "invite-require-100rel-expect-420", target: "9182"},
		"sip.t1=100ms":          {caller: "invite-100rel-no-prack-expect-504", target: "9182"},
	} {
		t.Run(setting, func(t *testing.T) { newStage(t, setting).tell(t, r) })
	}
}

// TestSessionTimers: who keeps a call alive, and what becomes of it otherwise. The shortest interval is 90 s, so all
// stories run at once.
func TestSessionTimers(t *testing.T) {
	t.Parallel() // it does nothing but wait
	s := newStage(t, "media.silence=3m")
	var parties []*played
	caller := func(file, as, target string) {
		parties = append(parties, s.play(t, party{file: file, account: as, keys: map[string]string{"target": target}}, lab.Port(t)))
	}
	device := func(file, account string) {
		parties = append(parties, s.device(t, party{file: file, account: account}))
	}
	device("device-timer-expect-update-then-bye", "1001")
	device("device-timer-silent-expect-bye", "1002")
	device("device-422-expect-longer-interval", "1003")
	device("device-timer-491-expect-reinvite-then-bye", "1005")
	device("device-timer-refreshes-then-bye", "1006")
	caller("call-expect-bye", "1000", "1001")
	caller("call-expect-bye", "1004", "1002")
	caller("call-expect-200-bye", "1000", "1003")
	caller("call-expect-bye", "1007", "1005")
	caller("call-expect-bye", "1008", "1006")
	caller("invite-timer-491-expect-reinvite", "1000", "9196")
	caller("invite-timer-refreshes-expect-no-bye", "1000", "9196")
	caller("invite-timer-short-expect-422", "1000", "9196")
	caller("invite-timer-expect-update", "1000", "9196")
	caller("invite-timer-expect-reinvite", "1000", "9196")
	caller("invite-timer-silent-expect-bye", "1000", "9196")
	for _, p := range parties {
		p.succeed(t, "party")
	}
	s.clear(t, "1000", "1001", "1002", "1003", "1004", "1005", "1006", "1007", "1008")
}

// TestReasons: why a call ends goes from leg to leg, in our own writing, and into the records.
func TestReasons(t *testing.T) {
	s := newStage(t)
	for _, r := range []struct {
		story
		status int // of the record of the party that ended the call
		reason string
	}{
		{story{caller: "call-cancel-elsewhere-expect-487", target: "1001",
			devices: []string{"device-rings-expect-cancel-elsewhere"}}, 487, "Call completed elsewhere"},
		{story{caller: "call-bye-reason-expect-200", target: "1001",
			devices: []string{"device-answers-expect-bye-reason"}}, 200, "Normal call clearing"},
		{story{caller: "call-expect-bye-reason", target: "1001",
			devices: []string{"device-answers-then-bye-reason"}}, 503, "Network out of order"},
		{story{caller: "call-expect-480-reason", target: "1001",
			devices: []string{"device-refuses-with-reason"}}, 480, "Temporarily Unavailable"},
	} {
		t.Run(r.name(), func(t *testing.T) {
			s.tell(t, r.story)
			said := func(record lab.Record) bool { return record.Status == r.status && record.Cause == r.reason }
			lab.Wait(t, partyTime, "the records say why", func() bool { return slices.ContainsFunc(s.Records(), said) })
		})
	}
}

// TestBorder: what goes from one leg to the other, and what does not.
func TestBorder(t *testing.T) {
	s := newStage(t)
	for _, r := range []story{
		{caller: "call-private-expect-200-bye", target: "1001", devices: []string{"device-hears-nobody-expect-bye"}},
		{caller: "call-private-user-expect-200-bye", target: "1001", devices: []string{"device-hears-nobody-expect-bye"}},
		{caller: "call-expect-no-identity-bye", target: "1001", devices: []string{"device-answers-expect-bye"}},
		{caller: "call-expect-no-identity-bye", target: "1001", devices: []string{"device-asserts-another-expect-bye"}},
		{caller: "call-hides-expect-nothing-of-the-other", target: "1001",
			devices: []string{"device-hides-expect-nothing-of-the-other"}},
		{caller: "call-comes-back-expect-482", target: "1001"},
	} {
		t.Run(r.name(), func(t *testing.T) { s.tell(t, r) })
	}
	t.Run("forwarded", func(t *testing.T) {
		s.forward(t, "1004", "--forward-busy=1001")
		to := s.device(t, party{file: "device-forwarded-expect-diversion-bye", account: "1001"})
		s.tell(t, story{caller: "call-expect-181-200-bye", target: "1004", devices: []string{"device-486"}})
		to.succeed(t, "phone that it is forwarded to")
		s.clear(t, "1001")
	})
	t.Run("trusted", func(t *testing.T) {
		s := newStage(t, "sip.trusted=127.0.0.0/8")
		s.tell(t, story{caller: "call-private-expect-200-bye", target: "1001", devices: []string{"device-trusted-hears-who-expect-bye"}})
		s.tell(t, story{caller: "call-trusted-hears-who-answers-bye", target: "1001", devices: []string{"device-answers-expect-bye"}})
	})
}
