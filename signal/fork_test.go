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
		rules Rules
		q     []int
		lines []string
	}{
		{"first answer wins", Rules{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"answered 2 -> won 2; cancel 1 Call completed elsewhere",
			"answered 1 -> ",
			"refused 1 487 -> ",
		}},
		{"all busy", Rules{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"refused 1 486 -> ",
			"refused 2 480 -> refused 486",
			"timeout 1 -> ",
		}},
		{"nobody is registered", Rules{}, nil, []string{"begin -> refused 480"}},
		{"nobody is registered, forwarded", Rules{Failure: "x@h"}, nil, []string{"begin -> forward x@h failure"}},
		{"busy, forwarded", Rules{Busy: "x@h", Failure: "y@h"}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 486 -> forward x@h busy",
		}},
		{"declined is not forwarded", Rules{Busy: "x@h", Failure: "y@h"}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"refused 1 603 -> cancel 2 ; refused 603",
		}},
		{"unreachable, forwarded", Rules{Failure: "y@h"}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"refused 1 408 -> forward y@h failure",
		}},
		{"no answer, forwarded", Rules{NoAnswer: "x@h", NoAnswerAfter: 20 * time.Second}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 20s",
			"timeout 0 -> ",
			"timeout 1 -> cancel 1 No answer; forward x@h no-answer",
			"timeout 1 -> ",
		}},
		{"no answer", Rules{}, []int{1000}, []string{
			"begin -> start 1 d1; timer 1 1m0s",
			"timeout 1 -> cancel 1 No answer; refused 480",
		}},
		{"all calls forwarded", Rules{All: "x@h"}, []int{1000}, []string{"begin -> forward x@h all"}},
		{"devices in the order of q", Rules{}, []int{500, 1000, 500}, []string{
			"begin -> start 1 d2; timer 1 1m0s",
			"refused 1 480 -> start 2 d1; start 3 d3",
			"refused 2 480 -> ",
			"refused 3 404 -> refused 404",
		}},
		{"caller gives up", Rules{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"cancelled -> cancel 1 Cancelled by the caller; cancel 2 Cancelled by the caller",
			"answered 1 -> ",
		}},
		{"redirected by a device", Rules{}, []int{1000, 1000}, []string{
			"begin -> start 1 d1; start 2 d2; timer 1 1m0s",
			"redirect 1 z@h -> cancel 2 ; forward z@h redirect",
		}},
		{"too many devices", Rules{}, []int{9, 9, 9, 9, 9, 9}, []string{
			"begin -> start 1 d1; start 2 d2; start 3 d3; start 4 d4; timer 1 1m0s",
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			f := NewFork(ForkLimits{Branches: 4, Forwards: 2, Ring: time.Minute})
			a := Account{AOR: "a@h", Rules: story.rules}
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
			contacts = append(contacts, Contact{Display: fmt.Sprintf("d%d", i+1), Q: v})
		}
		return f.Begin(a, contacts)
	case "answered":
		return f.Answered(id)
	case "refused":
		status := 0
		fmt.Sscan(event[2], &status)
		return f.Refused(id, Refusal{Status: status}, "")
	case "redirect":
		return f.Refused(id, Refusal{Status: 302}, AOR(event[2]))
	case "timeout":
		return f.RingTimeout(number)
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
		case ForkForward:
			out = append(out, fmt.Sprintf("forward %s %s", e.To, e.Because))
		case ForkTimer:
			out = append(out, fmt.Sprintf("timer %d %v", e.Round, e.After))
		}
	}
	return strings.Join(out, "; ")
}

// Two accounts that forward to each other must not ring for ever, nor a chain without end.
func TestForwardingEnds(t *testing.T) {
	f := NewFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
	last := f.Begin(Account{AOR: "a@h", Rules: Rules{All: "b@h"}}, nil)
	last = append(last, f.Begin(Account{AOR: "b@h", Rules: Rules{All: "a@h"}}, nil)...)
	last = append(last, f.Begin(Account{AOR: "a@h", Rules: Rules{All: "b@h"}}, nil)...)
	if got := effectText(last); got != "forward b@h all; forward a@h all; refused 482" {
		t.Errorf("circle: %s", got)
	}
	f = NewFork(ForkLimits{Branches: 20, Forwards: 10, Ring: time.Minute})
	for i := range 20 {
		next := AOR(fmt.Sprintf("a%d@h", i+1))
		effects := f.Begin(Account{AOR: AOR(fmt.Sprintf("a%d@h", i)), Rules: Rules{All: next}}, nil)
		if r, ok := effects[0].(ForkRefused); ok {
			if i != 10 || r.Status != 483 {
				t.Errorf("chain ended after %d forwards with %d", i, r.Status)
			}
			return
		}
	}
	t.Error("the chain has no end")
}
