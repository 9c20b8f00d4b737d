package signal

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rule says what is to be done with a call at one stage of it, if all its conditions hold.
type Rule struct {
	Number     int         // stage*100 + priority, see NewNumber
	Name       string      `json:",omitempty"`
	Conditions []Condition `json:",omitempty"`
	Actions    []Action    `json:",omitempty"`
	Comment    string      `json:",omitempty"`

	bound bool // while it is looked at: it is an account's or a domain's, see Destination
}

// Condition compares something of the request, the account or the time with a value: see conditions.
type Condition struct{ Subject, Operator, Value string }

// Action is something to do: see actions.
type Action struct{ Verb, Value string }

// Stage is when a rule is looked at. Its number is that of the stored rule: 1000 less the seconds of
// ringing after which it comes.
type Stage int

// The stages that are no time.
const (
	Immediate Stage = 1000
	NoAnswer  Stage = 5 // nobody has answered for as long as a call may ring
	Busy      Stage = 3 // the best answer was 486, 600 or 603
	Failure   Stage = 1 // no device, or none could be reached
)

// Waits are the seconds that a stage of time may have, 0 for Immediate.
var Waits = []int{0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 60, 90, 120, 600}

// maxWait is the longest time that a Stage can say.
const maxWait = (Immediate - NoAnswer - 1)

// After is the stage that comes when devices have rung for so long, in whole seconds, rounded up.
func After(d time.Duration) Stage {
	seconds := Stage((d + time.Second - 1) / time.Second)
	return Immediate - min(max(seconds, 0), maxWait)
}

// wait is the time of a stage; false for those that are none.
func (s Stage) wait() (time.Duration, bool) {
	return time.Duration(Immediate-s) * time.Second, s > NoAnswer && s <= Immediate
}

// String names the stage, for logs.
func (s Stage) String() string {
	switch s {
	case Immediate:
		return "immediate"
	case NoAnswer:
		return "no-answer"
	case Busy:
		return "busy"
	case Failure:
		return "failure"
	}
	return fmt.Sprintf("after %ds", int(Immediate-s))
}

// Priorities of rules of one stage: 1 to 9, Highest; an Inactive rule is never looked at.
const (
	Inactive = 0
	Usual    = 5 // of simplified rules; what a domain or the server says above it comes first
	Highest  = 10
)

// NewNumber is the number of a rule.
func NewNumber(s Stage, priority int) int { return int(s)*100 + priority }

// Stage is the rule's stage.
func (r *Rule) Stage() Stage { return Stage(r.Number / 100) }

// Priority is the rule's priority.
func (r *Rule) Priority() int { return r.Number % 100 }

// Limits of what may be stored.
const (
	MaxRules      = 100  // of one account, domain, server or cluster
	maxConditions = 32   // of one rule
	maxActions    = 16   // of one rule
	maxRuleText   = 1024 // bytes of a name, a value or a comment
)

// ErrRule says that a rule can not be stored.
var ErrRule = errors.New("signal: malformed rule")

// CheckRules refuses rules that can not work.
func CheckRules(rules []Rule) error {
	if len(rules) > MaxRules {
		return fmt.Errorf("%w: %d rules, at most %d", ErrRule, len(rules), MaxRules)
	}
	for i := range rules {
		if err := rules[i].check(); err != nil {
			return fmt.Errorf("%w %d %q: %w", ErrRule, i+1, rules[i].Name, err)
		}
	}
	return nil
}

func (r *Rule) check() error {
	wait, timed := r.Stage().wait()
	known := timed && slices.Contains(Waits, int(wait/time.Second)) ||
		slices.Contains([]Stage{NoAnswer, Busy, Failure}, r.Stage())
	switch {
	case !known:
		return fmt.Errorf("number %d has no stage: 1000 is at once, 1000-n after n of %v seconds, 5 no answer, 3 busy, 1 failure",
			r.Number, Waits)
	case r.Priority() > Highest || r.Number < 0:
		return fmt.Errorf("number %d has no priority: 0 is inactive, 1 to 9, 10 the highest", r.Number)
	case len(r.Conditions) > maxConditions || len(r.Actions) > maxActions:
		return fmt.Errorf("%d conditions and %d actions: at most %d and %d", len(r.Conditions), len(r.Actions),
			maxConditions, maxActions)
	}
	texts := []string{r.Name, r.Comment}
	for _, c := range r.Conditions {
		if err := c.check(); err != nil {
			return err
		}
		texts = append(texts, c.Value)
	}
	for _, a := range r.Actions {
		if err := a.check(); err != nil {
			return err
		}
		texts = append(texts, a.Value)
	}
	if i := slices.IndexFunc(texts, func(s string) bool { return len(s) > maxRuleText }); i >= 0 {
		return fmt.Errorf("a text of %d bytes: at most %d", len(texts[i]), maxRuleText)
	}
	return nil
}
