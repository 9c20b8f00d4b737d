package signal

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A fork's story: what happens on the left, what the fork wants on the right. Devices are d1, d2 ...
// in the order of their registration.
func TestForkStories(t *testing.T) {
	for _, story := range []struct {
		name  string
		rules Simple
		q     []int
		lines []string
	}{
		{"first answer wins", Simple{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"answered 2 -> won 2; cancel 1 Call completed elsewhere",
			"answered 1 -> ",
			"refused 1 487 -> ",
		}},
		{"all busy", Simple{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"refused 1 486 -> ",
			"refused 2 480 -> refused 486",
			"timeout 1 -> ",
		}},
		{"a flow fails, and the device is rung over its next", Simple{}, []int{1000, -1, -1}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 430 -> start 2 d2",
			"lost 2 -> start 3 d3",
			"lost 3 -> refused 480",
		}},
		{"a device is busy, whatever the flow", Simple{}, []int{1000, -1}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 486 -> refused 486",
		}},
		{"nobody is registered", Simple{}, nil, []string{"begin -> refused 480"}},
		{"nobody is registered, forwarded", Simple{Failure: "x@h"}, nil, []string{"begin -> route 2 x@h failure"}},
		{"busy, forwarded", Simple{Busy: "x@h", Failure: "y@h"}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 486 -> route 2 x@h busy",
		}},
		{"declined, forwarded as busy", Simple{Busy: "x@h", Failure: "y@h"}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"refused 1 603 -> cancel 2 ; route 2 x@h busy",
		}},
		{"declined, and no rule for that", Simple{Failure: "y@h"}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"refused 1 603 -> cancel 2 ; refused 603",
		}},
		{"no answer in the time of the call", Simple{NoAnswer: "x@h", NoAnswerAfter: 2 * time.Minute}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"timeout 1 -> cancel 1 No answer; route 2 x@h no-answer",
		}},
		{"forwarded to nobody", Simple{Busy: "x@h"}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 486 -> route 2 x@h busy",
			"fail 2 404 -> refused 404",
			"fail 2 404 -> ",
		}},
		{"unreachable, forwarded", Simple{Failure: "y@h"}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 408 -> route 2 y@h failure",
		}},
		{"no answer, forwarded", Simple{NoAnswer: "x@h", NoAnswerAfter: 20 * time.Second}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 20s",
			"timeout 0 -> ",
			"timeout 1 -> cancel 1 No answer; route 2 x@h after 20s",
			"timeout 1 -> ",
		}},
		{"no answer", Simple{}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"timeout 1 -> cancel 1 No answer; refused 480",
		}},
		{"all calls forwarded", Simple{All: "x@h"}, []int{1000}, []string{"begin -> route 2 x@h immediate"}},
		{"devices in the order of q", Simple{}, []int{500, 1000, 500}, []string{
			"begin -> start 1 d2; timer 1 1m0s",
			"refused 1 480 -> start 2 d1; start 3 d3",
			"refused 2 480 -> ",
			"refused 3 404 -> refused 404",
		}},
		{"caller gives up", Simple{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"cancelled -> cancel 1 Cancelled by the caller; cancel 2 Cancelled by the caller",
			"answered 1 -> ",
		}},
		{"redirected by a device", Simple{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"redirect 1 z@h -> cancel 2 ; route 2 z@h redirect",
		}},
		{"redirected to several", Simple{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"redirect 1 y@h z@h -> cancel 2 ; route 2 y@h redirect; route 3 z@h redirect",
			"fail 2 486 -> ",
			"fail 3 480 -> refused 486",
		}},
		{"redirected to more than the limit", Simple{}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"redirect 1 x@h y@h z@h -> route 2 x@h redirect; route 3 y@h redirect",
		}},
		{"too many devices", Simple{}, []int{9, 9, 9, 9, 9, 9}, []string{
			"begin -> start 1 d1; start 2 d2; start 3 d3; start 4 d4; timer 1 1m0s",
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			f := newFork(ForkLimits{Branches: 4, Forwards: 2, Ring: time.Minute})
			a := Account{AOR: "a@h", Rules: story.rules.Rules()}
			for _, line := range story.lines {
				event, want, _ := strings.Cut(line, "->")
				if got := effectText(play(t, f, a, story.q, strings.Fields(event))); got != strings.TrimSpace(want) {
					t.Errorf("%s\n got %q\nwant %q", event, got, strings.TrimSpace(want))
				}
			}
		})
	}
}

func play(t *testing.T, f *Fork, a Account, q []int, event []string) []ForkEffect {
	t.Helper()
	number := 0
	if len(event) > 1 {
		fmt.Sscan(event[1], &number)
	}
	id := BranchID(number)
	switch event[0] {
	case "begin":
		var contacts []Contact
		for i, v := range q {
			one := Contact{Display: fmt.Sprintf("d%d", i+1), Q: v}
			if v < 0 { // a further flow of the device before
				contacts[i-1].Device, one.Device, one.Q = "instance", "instance", contacts[i-1].Q
			}
			contacts = append(contacts, one)
		}
		return f.Begin(Callee{Account: a, Contacts: contacts})
	case "fail":
		status := 0
		fmt.Sscan(event[2], &status)
		return f.Fail(CalleeID(number), Refusal{Status: status})
	case "answered":
		return f.Answered(id)
	case "refused":
		status := 0
		fmt.Sscan(event[2], &status)
		return f.Refused(id, Refusal{Status: status})
	case "lost":
		return f.Refused(id, Refusal{Status: 408, Local: true})
	case "redirect":
		return f.Refused(id, Refusal{Status: 302}, event[2:]...)
	case "timeout":
		return f.Timeout(number)
	case "cancelled":
		return f.Cancelled()
	}
	t.Fatalf("no event %q", event)
	return nil
}

func effectText(effects []ForkEffect) string {
	var out []string
	for _, e := range effects {
		switch e := e.(type) {
		case BranchStart:
			out = append(out, fmt.Sprintf("start %d %s", e.ID, e.Contact.Display))
		case BranchCancel:
			_, text, _ := strings.Cut(e.Reason, `text="`)
			out = append(out, fmt.Sprintf("cancel %d %s", e.ID, strings.TrimSuffix(text, `"`)))
		case ForkWon:
			out = append(out, fmt.Sprintf("won %d", e.ID))
		case ForkRefused:
			out = append(out, fmt.Sprintf("refused %d", e.Status))
		case ForkRoute:
			out = append(out, fmt.Sprintf("route %d %s %s", e.ID, e.To, e.Because))
		case ForkWay:
			out = append(out, fmt.Sprintf("way %d %d of %s", e.ID, len(e.Ways), e.Number))
			if e.Continues != 0 {
				out[len(out)-1] += fmt.Sprintf(" after %d", e.Continues)
			}
		case ForkNote:
			out = append(out, fmt.Sprintf("note %s %s", e.Verb, e.Value))
		case ForkTimer:
			out = append(out, fmt.Sprintf("timer %d %v", e.ID, e.After))
		}
	}
	return strings.Join(out, "; ")
}

// noon is when the stories of forks happen: a Thursday.
var noon = time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)

func newFork(l ForkLimits) *Fork {
	return NewFork(&Request{Method: INVITE}, l, func() time.Time { return noon })
}

// allTo is an account that forwards all calls.
func allTo(aor, to AOR) Callee {
	return Callee{Account: Account{AOR: aor, Rules: Simple{All: to}.Rules()}}
}

// Two accounts that forward to each other must not ring for ever, nor a chain without end.
func TestForwardingEnds(t *testing.T) {
	f := newFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
	last := f.Begin(allTo("a@h", "b@h"))
	last = append(last, f.Found(2, allTo("b@h", "a@h"))...)
	last = append(last, f.Found(3, allTo("a@h", "b@h"))...)
	if got := effectText(last); got != "route 2 b@h immediate; route 3 a@h immediate; refused 482" {
		t.Errorf("circle: %s", got)
	}
	f = newFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
	effects := f.Begin(allTo("a0@h", "a1@h"))
	for i := range 20 {
		if r, ok := effects[0].(ForkRefused); ok {
			if i != 10 || r.Status != 483 {
				t.Errorf("chain ended after %d forwards with %d", i, r.Status)
			}
			return
		}
		effects = f.Found(effects[0].(ForkRoute).ID, allTo(AOR(fmt.Sprintf("a%d@h", i+1)), AOR(fmt.Sprintf("a%d@h", i+2))))
	}
	t.Error("the chain has no end")
}
