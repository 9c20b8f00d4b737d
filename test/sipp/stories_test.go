package sipp

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

// shortTimers make 64*T1, the ring time of an account and a nonce's life short enough to wait for.
var shortTimers = []string{"routing.ring_timeout=4s"}

// story is one row: who calls, which devices wait, and what the member must do.
type story struct {
	caller  string // file
	target  string
	as      string   // the caller's account, 1000 if empty
	secret  string   // the caller's password, if not the right one
	devices []string // files; all are phones of target, unless the target is none
	forward []string // flags of `account edit` for target
	tcp     bool
	known   string // why the row cannot pass yet: a fault of the member that is reported
}

func (r story) name() string {
	name := r.caller + "/" + r.target
	if r.tcp {
		name += "/tcp"
	}
	for _, flag := range r.forward[:min(1, len(r.forward))] {
		name += "/" + flag
	}
	return name
}

func (s stage) tell(t *testing.T, r story) {
	t.Helper()
	if r.known != "" {
		t.Skip("known to fail: " + r.known)
	}
	if r.as == "" {
		r.as = "1000"
	}
	if len(r.forward) > 0 {
		s.forward(t, r.target, r.forward...)
	}
	var devices []*played
	for _, file := range r.devices {
		devices = append(devices, s.device(t, party{file: file, account: r.target}))
	}
	caller := s.play(t, party{file: r.caller, account: r.as, password: r.secret, tcp: r.tcp,
		keys: map[string]string{"target": r.target}}, lab.Port(t))
	caller.succeed(t, "caller")
	for i, d := range devices {
		d.succeed(t, fmt.Sprint("device ", r.devices[i]))
	}
	accounts := []string{r.as}
	if len(r.devices) > 0 {
		accounts = append(accounts, r.target)
	}
	s.clear(t, accounts...)
}

func TestStories(t *testing.T) {
	s := newStage(t, shortTimers...)
	for _, r := range []story{
		// Registrations.
		{caller: "register-expect-200", as: "1003"},
		{caller: "register-expect-200", as: "1003", tcp: true},
		{caller: "register-remove-expect-no-contact", as: "1003"},
		{caller: "register-wrong-password-expect-refusal", as: "1003", secret: "4321"},
		{caller: "subscribe-expect-notify", target: "1003", as: "1003"},
		{caller: "subscribe-expect-notify", target: "1003", as: "1003", tcp: true},
		{caller: "subscribe-refreshes-expect-notify-each", target: "1003", as: "1003"},
		{caller: "subscribe-unknown-event-expect-489", target: "1003", as: "1003"},
		{caller: "subscribe-short-expect-423", target: "1003", as: "1003"},
		{caller: "subscribe-refuses-notify-expect-481", target: "1003", as: "1003"},
		{caller: "publish-expect-tags", target: "1003", as: "1003"},

		// Applications.
		{caller: "invite-expect-200-bye", target: "9196"},
		{caller: "invite-expect-200-bye", target: "9196", tcp: true},
		{caller: "invite-expect-200-bye", target: "9703"},
		{caller: "invite-expect-486", target: "96486"},
		{caller: "invite-expect-486", target: "96486", tcp: true},
		{caller: "invite-expect-404", target: "7999"},
		{caller: "invite-180-cancel-expect-487", target: "9180"},
		{caller: "invite-180-cancel-expect-487", target: "9180", tcp: true},
		{caller: "invite-183-cancel-expect-487", target: "9181"},
		{caller: "invite-183-cancel-expect-487", target: "9182"},
		{caller: "invite-180-expect-200", target: "9183"},
		{caller: "invite-expect-bye", target: "9702"},
		{caller: "invite-expect-bye", target: "9702", tcp: true},
		{caller: "invite-cancel-after-200-expect-call", target: "9196"},
		{caller: "invite-cancel-expect-same-tag", target: "9180"},
		{caller: "cancel-after-200-expect-same-tag", target: "9196"},
		{caller: "info-dtmf-expect-200", target: "9196"},

		// Bad or odd requests.
		{caller: "bye-wrong-tag-expect-481", target: "9196"},
		{caller: "invite-expect-481-after-bye", target: "9196"},
		{caller: "invite-require-expect-420", target: "9196"},
		{caller: "invite-no-hops-expect-483", target: "9196"},
		{caller: "invite-bad-sdp-expect-refusal", target: "9196"},
		{caller: "invite-wrong-body-expect-415", target: "9196"},
		{caller: "method-unknown-expect-405", target: "9196"},
		{caller: "options-expect-200", target: "9196"},
		{caller: "options-expect-200", target: "9196", tcp: true},
		{caller: "options-rport-expect-received", target: "9196"},
		{caller: "invite-wrong-password-expect-refusal", target: "1001", secret: "4321"},
		{caller: "invite-spoofed-from-expect-403", target: "1001"},

		// Hold.
		{caller: "hold-sendonly-expect-recvonly", target: "9196"},
		{caller: "hold-inactive-expect-inactive", target: "9196"},
		{caller: "hold-0.0.0.0-expect-200", target: "9196"},
		{caller: "hold-without-sdp-expect-offer", target: "9196"},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-holds-each-way-then-bye"}},

		// What is offered, and what is not taken.
		{caller: "call-without-sdp-expect-offer", target: "1001", devices: []string{"device-answers-expect-bye"}},
		{caller: "invite-video-too-expect-port-0", target: "9196"},
		{caller: "invite-only-video-expect-488", target: "9196"},
		{caller: "call-expect-488", target: "1001", devices: []string{"device-answers-port-0-expect-bye"}},
		{caller: "invite-updates-expect-200", target: "9196"},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-updates-then-bye"}},

		// From account to account.
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-answers-expect-bye"}},
		{caller: "call-expect-200-bye", target: "1001", tcp: true, devices: []string{"device-answers-expect-bye"}},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-answers-then-bye"}},
		{caller: "call-expect-486", target: "1001", devices: []string{"device-486"}},
		{caller: "call-expect-603", target: "1001", devices: []string{"device-603"}},
		{caller: "call-cancel-expect-487", target: "1001", devices: []string{"device-rings-expect-cancel"}},
		{caller: "call-cancel-expect-487", target: "1001", devices: []string{"device-answers-cancel-expect-ack-bye"}},
		{caller: "call-no-answer-expect-480", target: "1001", devices: []string{"device-rings-expect-cancel"}},
		{caller: "invite-expect-480", target: "1001"},
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-holds-expect-bye"}},
		{caller: "call-expect-200-bye", target: "1001", devices: []string{"device-asks-rport-expect-bye"}},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-repeats-200-expect-acks"}},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-forks-expect-acks-and-bye"}},
		{caller: "call-expect-bye", target: "1001", devices: []string{"device-info-dtmf-expect-200-then-bye"}},
		{caller: "message-expect-200", target: "1001", devices: []string{"device-takes-message"}},
		{caller: "message-expect-480", target: "1001"},

		// Forking: one answers, the others are told that it did.
		{caller: "call-expect-200-bye", target: "1002",
			devices: []string{"device-answers-late-expect-bye", "device-rings-expect-cancel-elsewhere"}},
		{caller: "call-expect-200-bye", target: "1002",
			devices: []string{"device-486", "device-answers-late-expect-bye"}},
		{caller: "call-expect-486", target: "1002", devices: []string{"device-486", "device-486"}},

		// Forwarding.
		{caller: "call-expect-200-bye", target: "1004", forward: []string{"--forward-busy=9196"},
			devices: []string{"device-486"}},
		{caller: "call-expect-200-bye", target: "1004",
			forward: []string{"--forward-no-answer=9196", "--no-answer-after=2"},
			devices: []string{"device-rings-expect-cancel"}},
		{caller: "call-expect-200-bye", target: "1004", forward: []string{"--forward-failure=9196"}},
		{caller: "call-expect-200-bye", target: "1004", forward: []string{"--forward-all=9196"}},
	} {
		t.Run(r.name(), func(t *testing.T) { s.tell(t, r) })
	}
}

// origin is the o= line of an SDP.
var origin = regexp.MustCompile(`(?m)^o=\S+ (\d+) (\d+) `)

// TestOrigin compares the o= lines of our answers: one number for the call, and a version that counts what has changed
// (RFC 3264 section 8).
func TestOrigin(t *testing.T) {
	s := newStage(t)
	caller := s.play(t, party{file: "invite-reoffers-expect-version", account: "1000", keys: map[string]string{"target": "9196"}}, lab.Port(t))
	caller.succeed(t, "caller")
	var versions []uint64
	for _, answer := range caller.received() {
		found := origin.FindStringSubmatch(answer)
		if found == nil || !strings.Contains(answer, "SIP/2.0 200") {
			continue
		}
		version, err := strconv.ParseUint(found[2], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, version)
	}
	if len(versions) != 3 || versions[1] != versions[0]+1 || versions[2] != versions[1] {
		t.Errorf("the versions of our answers are %v", versions)
	}
	s.clear(t, "1000")
}

// TestNoACK waits 64*T1 for the end of a call that was never acknowledged, with a short T1.
func TestNoACK(t *testing.T) {
	t.Parallel()
	s := newStage(t, "sip.t1=100ms")
	caller := s.play(t, party{file: "invite-no-ack-expect-bye", account: "1000",
		keys: map[string]string{"target": "9196"}}, lab.Port(t))
	caller.succeed(t, "caller")
	if n := caller.count("SIP/2.0 200 OK"); n < 4 {
		t.Errorf("the 200 came %d times; without an ACK it is repeated (RFC 3261 section 13.3.1.4)", n)
	}
	s.clear(t, "1000")
}
