package signal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Decision is what the rules of one stage come to.
type Decision struct {
	Rule     string        // the name of the rule that decided
	Reject   *Refusal      // refuse the call
	Redirect []Destination // in place of the present targets
	Fork     []Destination // beside the present targets
	Discard  bool          // no rule of a later stage is looked at
	Notes    []Note
}

// Destination is where a rule sends a call.
type Destination struct {
	To    string // read by Table.Address
	Bound bool   // a rule of an account or a domain says so: it may run programs of that domain alone
}

// Note is something that a rule wants done beside the call's way.
type Note struct {
	Account AOR // whose rule it was; "" for one of the server
	Rule    string
	Verb    string // Remember, SendIM, SendPush, SendURL or WriteLog
	Value   string
}

// Decide looks at rules in order.
func Decide(rules []Rule, f *Facts) Decision {
	var d Decision
	for i := range rules {
		if r := &rules[i]; r.holds(f) && d.act(r, f) {
			break
		}
	}
	return d
}

func (r *Rule) holds(f *Facts) bool {
	return !slices.ContainsFunc(r.Conditions, func(c Condition) bool { return !c.holds(f) })
}

// act takes a rule's actions; true ends the stage.
func (d *Decision) act(r *Rule, f *Facts) bool {
	for _, a := range r.Actions {
		switch a.Verb {
		case RejectWith:
			d.Rule, d.Reject = r.Name, refusalOf(a.Value)
			return true
		case RedirectTo:
			d.Rule, d.Redirect = r.Name, r.destinations(a)
			return true
		case ForkTo:
			d.Rule, d.Fork = r.Name, append(d.Fork, r.destinations(a)...)
		case StopProcessing:
			return true
		case DiscardRules:
			d.Discard = true
			return true
		default:
			d.Notes = append(d.Notes, Note{f.Account.AOR, r.Name, a.Verb, a.Value})
		}
	}
	return false
}

func (r *Rule) destinations(a Action) (out []Destination) {
	for _, to := range Addresses(a.Value) {
		out = append(out, Destination{to, r.bound})
	}
	return out
}

// The actions.
const (
	RejectWith     = "Reject with"        // a status, and perhaps words for it
	RedirectTo     = "Redirect To"        // addresses, separated by commas
	ForkTo         = "Fork to"            // addresses, separated by commas
	StopProcessing = "Stop Processing"    // no further rule of this stage
	DiscardRules   = "Discard Rules"      // no further rule of this stage or a later one
	Remember       = "Remember 'From' in" // a data set of the account
	SendIM         = "SendIM"             // an address, a space, the text
	SendURL        = "SendURL"            // a URL to ask for
	SendPush       = "SendPush"           // the text
	WriteLog       = "Write To Log"       // the text
)

// check refuses an action that there is not, or with a value that it can not use.
func (a Action) check() error {
	switch a.Verb {
	case RejectWith:
		if refusalOf(a.Value) == nil {
			return fmt.Errorf("%s %q: a status from 400 to 699, and perhaps words for it", a.Verb, a.Value)
		}
	case RedirectTo, ForkTo:
		list := Addresses(a.Value)
		if len(list) == 0 || len(list) > maxAddresses {
			return fmt.Errorf("%s %q: 1 to %d addresses, separated by commas", a.Verb, a.Value, maxAddresses)
		}
		for _, text := range list {
			if _, err := new(Table).Address(text, "x@x"); err != nil {
				return fmt.Errorf("%s %q: %w", a.Verb, text, err)
			}
		}
	case SendIM:
		if to, text, _ := strings.Cut(a.Value, " "); to == "" || text == "" {
			return fmt.Errorf("%s %q: an address, a space, the text", a.Verb, a.Value)
		}
	case StopProcessing, DiscardRules, WriteLog, SendPush:
	case Remember, SendURL:
		if a.Value == "" {
			return fmt.Errorf("%s names nothing", a.Verb)
		}
	default:
		return fmt.Errorf("no action %q", a.Verb)
	}
	return nil
}

// maxAddresses bounds the list of one action.
const maxAddresses = 20

// Addresses splits a list at its commas; those in the braces of a program address belong to it.
func Addresses(list string) []string {
	var out []string
	depth, from := 0, 0
	add := func(to int) {
		if text := strings.TrimSpace(list[from:to]); text != "" {
			out = append(out, text)
		}
		from = to + 1
	}
	for i := range len(list) {
		switch list[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ',':
			if depth <= 0 {
				add(i)
			}
		}
	}
	if from <= len(list) {
		add(len(list))
	}
	return out
}

// refusalOf reads "486" or "486 Not today"; nil for anything else.
func refusalOf(text string) *Refusal {
	code, reason, _ := strings.Cut(strings.TrimSpace(text), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 400 || status > 699 {
		return nil
	}
	return &Refusal{Status: status, Reason: strings.Map(plain, strings.TrimSpace(reason))}
}

// plain keeps what may stand in a reason phrase.
func plain(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
