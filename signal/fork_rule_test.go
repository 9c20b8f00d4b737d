package signal

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A story of rules: the accounts a to d have one device each (e has none), named as they are.
func TestForkObeysRules(t *testing.T) {
	for _, story := range []struct {
		name  string
		set   RuleSet             // of the domain, the server and the cluster
		rules map[string][]string // of the accounts
		lines []string
	}{
		{"rejected at once", RuleSet{}, map[string][]string{"a": {"now 5 r if From|is|bob@* do Reject with 603 No"}}, []string{
			"begin a -> refused 603",
		}},
		{"another's rule", RuleSet{}, map[string][]string{"a": {"now 5 r if From|is|eve@* do Reject with 603 No"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
		}},
		{"a domain's rule above the usual goes first", RuleSet{Domain: rulesOf("now 6 d do Reject with 410")},
			map[string][]string{"a": {"now 10 r do Reject with 603"}}, []string{"begin a -> refused 410"}},
		{"a domain's usual rule comes after", RuleSet{Domain: rulesOf("now 5 d do Reject with 410")},
			map[string][]string{"a": {"now 1 r do Reject with 603"}}, []string{"begin a -> refused 603"}},
		{"the server's immediate rules are not looked at again", RuleSet{Server: rulesOf("now 9 s do Reject with 410"), Cluster: rulesOf("now 9 s do Reject with 410")},
			nil, []string{"begin a -> start 1 a; timer 1 1m0s"}},
		{"the server's rule on failure", RuleSet{Server: rulesOf("failure 1 s do Redirect To b")}, nil, []string{
			"begin a -> start 1 a; timer 1 1m0s",
			"refused 1 404 -> route 2 b failure by s",
		}},
		{"forked at once", RuleSet{}, map[string][]string{"a": {"now 5 both do Fork to b"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s; route 2 b immediate by both beside",
			"found 2 b -> start 2 b; timer 2 1m0s",
			"answered 2 -> won 2; cancel 1 Call completed elsewhere",
		}},
		{"forked after a time, and again", RuleSet{}, map[string][]string{"a": {"5s 5 next do Fork to b", "10s 5 last do Redirect To c"}}, []string{
			"begin a -> start 1 a; timer 1 5s",
			"timeout 1 -> timer 2 5s; route 2 b after 5s by next beside",
			"found 2 b -> start 2 b; timer 3 1m0s",
			"timeout 2 -> cancel 1 No answer; route 3 c after 10s by last",
			"found 3 c -> start 3 c; timer 4 1m0s",
			"timeout 2 -> ",
			"refused 2 486 -> ",
			"refused 3 480 -> refused 486",
		}},
		{"a stage whose rules do not hold", RuleSet{}, map[string][]string{"a": {"5s 5 r if Time Of Day|less than|12:00 do Reject with 480"}}, []string{
			"begin a -> start 1 a; timer 1 5s",
			"timeout 1 -> timer 2 55s",
			"timeout 2 -> cancel 1 No answer; refused 480",
		}},
		{"a stage that is inactive", RuleSet{}, map[string][]string{"a": {"5s 0 r do Reject with 480"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
		}},
		{"a stage beyond the time of ringing", RuleSet{}, map[string][]string{"a": {"60s 5 r do Reject with 486", "90s 5 r do Reject with 603"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
			"timeout 1 -> cancel 1 No answer; refused 480",
		}},
		{"rejected after a time", RuleSet{}, map[string][]string{"a": {"5s 5 r do Reject with 486 Busy now"}}, []string{
			"begin a -> start 1 a; timer 1 5s",
			"timeout 1 -> cancel 1 No answer; refused 486",
		}},
		{"no rule of a later stage", RuleSet{Domain: rulesOf("busy 9 d do Redirect To c")},
			map[string][]string{"a": {"now 5 quiet do Discard Rules", "5s 5 r do Fork to b", "busy 5 r do Redirect To b"}}, []string{
				"begin a -> start 1 a; timer 1 1m0s",
				"refused 1 486 -> refused 486",
			}},
		{"no further rule of this stage", RuleSet{}, map[string][]string{
			"a": {"busy 6 stop if From|is|bob@* do Stop Processing", "busy 5 r do Redirect To b", "failure 5 f do Redirect To c"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
			"refused 1 486 -> refused 486",
		}},
		{"one further device when busy", RuleSet{}, map[string][]string{"a": {"busy 5 r do Fork to b"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
			"refused 1 600 -> route 2 b busy by r beside",
			"found 2 b -> start 2 b; timer 2 1m0s",
			"refused 2 404 -> refused 600",
		}},
		{"everybody at no answer", RuleSet{}, map[string][]string{"a": {"no-answer 5 r do Fork to b,c"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s",
			"timeout 1 -> cancel 1 No answer; route 2 b no-answer by r beside; route 3 c no-answer by r beside",
			"found 2 b -> start 2 b; timer 2 1m0s",
			"fail 3 404 -> ",
			"refused 2 480 -> refused 404",
		}},
		{"notes", RuleSet{}, map[string][]string{"a": {"now 5 r do Write To Log x", "busy 5 r do SendURL http://h/; Redirect To b"}}, []string{
			"begin a -> note Write To Log x; start 1 a; timer 1 1m0s",
			"refused 1 486 -> note SendURL http://h/; route 2 b busy by r",
		}},
		{"the rules of who is called instead", RuleSet{}, map[string][]string{"a": {"now 5 r do Redirect To b"}, "b": {"now 5 q do Redirect To c"}}, []string{
			"begin a -> route 2 b immediate by r",
			"found 2 b -> route 3 c immediate by q",
			"found 3 c -> start 1 c; timer 1 1m0s",
		}},
		{"no more than the limit of forwards", RuleSet{}, map[string][]string{"a": {"now 5 r do Fork to b,c,d,e"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s; route 2 b immediate by r beside; route 3 c immediate by r beside",
			"fail 2 404 -> ",
			"fail 3 404 -> ",
			"refused 1 480 -> refused 483",
		}},
		{"several at once", RuleSet{}, map[string][]string{"b": {"busy 5 r do Redirect To d"}}, []string{
			"begin a b a c -> start 1 a; timer 1 1m0s; start 2 b; timer 2 1m0s; start 3 c; timer 3 1m0s",
			"refused 2 486 -> route 4 d busy by r",
			"refused 1 603 -> ",
			"timeout 3 -> cancel 3 No answer",
			"timeout 3 -> ",
			"found 4 d -> start 4 d; timer 4 1m0s",
			"refused 4 404 -> refused 603",
		}},
		{"several, and one without a device", RuleSet{}, map[string][]string{"e": {"failure 5 r do Redirect To b"}}, []string{
			"begin e a -> start 1 a; timer 1 1m0s; route 3 b failure by r",
			"answered 1 -> won 1",
			"found 3 b -> ",
		}},
		{"one that is called in two ways", RuleSet{}, map[string][]string{"a": {"now 5 r do Fork to b"}}, []string{
			"begin a b -> start 1 a; timer 1 1m0s; start 2 b; timer 2 1m0s; route 3 b immediate by r beside",
			"found 3 b -> ",
			"cancelled -> cancel 1 Cancelled by the caller; cancel 2 Cancelled by the caller",
			"timeout 1 -> ",
			"fail 3 404 -> ",
		}},
		{"without services", RuleSet{Domain: rulesOf("now 9 d do Reject with 603")}, map[string][]string{"a": {"now 5 r do Redirect To b", "5s 5 r do Redirect To b",
			"busy 5 r do Redirect To b"}}, []string{
			"begin a! -> start 1 a; timer 1 1m0s",
			"refused 1 486 -> refused 486",
		}},
		{"what takes the call beside", RuleSet{}, map[string][]string{"a": {"now 5 r do Fork to #vm"}}, []string{
			"begin a -> start 1 a; timer 1 1m0s; route 2 #vm immediate by r beside",
			"taken -> cancel 1 ",
			"fail 2 404 -> ",
			"begin b -> ",
			"refused 1 487 -> ",
		}},
	} {
		t.Run(story.name, func(t *testing.T) {
			caller, _ := ParseURI("sip:bob@h")
			f := NewFork(&Request{Method: INVITE, From: Party{URI: caller}}, ForkLimits{Branches: 9, Forwards: 2, Ring: time.Minute},
				func() time.Time { return noon })
			for _, line := range story.lines {
				event, want, _ := strings.Cut(line, "->")
				got := ruleText(playRules(t, f, story.set, story.rules, strings.Fields(event)))
				if got != strings.TrimSpace(want) {
					t.Errorf("%s\n got %q\nwant %q", event, got, strings.TrimSpace(want))
				}
			}
		})
	}
}

func playRules(t *testing.T, f *Fork, set RuleSet, rules map[string][]string, event []string) []ForkEffect {
	t.Helper()
	number, status := 0, 0
	for i, into := range []*int{&number, &status} {
		if len(event) > i+1 {
			fmt.Sscan(event[i+1], into)
		}
	}
	callee := func(name string) Callee {
		name, plain := strings.CutSuffix(name, "!")
		c := Callee{Account: Account{AOR: AOR(name + "@h"), Rules: rulesOf(rules[name]...)}, Rules: set, Plain: plain}
		if name != "e" {
			c.Contacts = []Contact{{Display: name, Q: 1000}}
		}
		return c
	}
	switch event[0] {
	case "begin":
		var all []Callee
		for _, name := range event[1:] {
			all = append(all, callee(name))
		}
		return f.Begin(all...)
	case "found":
		return f.Found(CalleeID(number), callee(event[2]))
	case "fail":
		return f.Fail(CalleeID(number), Refusal{Status: status})
	case "answered":
		return f.Answered(BranchID(number))
	case "refused":
		return f.Refused(BranchID(number), Refusal{Status: status})
	case "timeout":
		return f.Timeout(number)
	case "cancelled":
		return f.Cancelled()
	case "taken":
		return f.Ended("")
	}
	t.Fatalf("no event %q", event)
	return nil
}

// ruleText tells of routes whose rule it was, and whether the account rings on.
func ruleText(effects []ForkEffect) string {
	var out []string
	for _, e := range effects {
		text := effectText([]ForkEffect{e})
		if r, ok := e.(ForkRoute); ok {
			text += " by " + r.Rule
			if r.Beside {
				text += " beside"
			}
		}
		out = append(out, text)
	}
	return strings.TrimSpace(strings.Join(out, "; "))
}

// Whatever comes in whatever order, a fork ends once, and asks for nothing afterwards.
func FuzzFork(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7})
	f.Add([]byte{13, 22, 6, 1, 1, 30, 4})
	f.Fuzz(func(t *testing.T, events []byte) {
		rules := map[string][]string{"a": {"now 5 r do Fork to b,c", "5s 5 r do Fork to d", "busy 5 r do Redirect To e"},
			"b": {"busy 5 r do Redirect To a", "no-answer 5 r do Redirect To c"}, "d": {"failure 5 r do Redirect To b"}}
		machine := newFork(ForkLimits{Branches: 5, Forwards: 6, Ring: time.Minute})
		effects := playRules(t, machine, RuleSet{}, rules, []string{"begin", "a", "d"})
		ended := 0
		for _, e := range events[:min(len(events), 64)] {
			for _, effect := range effects {
				switch effect.(type) {
				case ForkWon, ForkRefused:
					ended++
				}
			}
			word := []string{"found", "fail", "answered", "refused", "timeout", "cancelled", "taken"}[e%7]
			name := []string{"a", "b", "c", "d", "e"}[e%5]
			event := []string{word, fmt.Sprint(e / 32), map[bool]string{true: name, false: "486"}[word == "found"]}
			over := machine.Done()
			if effects = playRules(t, machine, RuleSet{}, rules, event); over && len(effects) > 0 {
				t.Fatalf("%v after the end: %s", event, ruleText(effects))
			}
		}
		if ended > 1 {
			t.Fatalf("ended %d times", ended)
		}
	})
}
