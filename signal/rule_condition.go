package signal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Facts are what conditions look at.
type Facts struct {
	Request *Request
	Account Account // the called one; none for the server's rules that come first
	Clients int     // registered devices of the account
	Now     time.Time
}

// subject is something that a condition can compare. Exactly one of its functions is set.
type subject struct {
	text func(*Facts, string) (have, value string) // the text, and what of the condition's value it is compared with
	time *clock
}

// subjects are all that there are. Free and busy times are not kept here: everybody is free. Presence
// is that of the registrations.
var subjects = map[string]subject{
	"Method":         {text: plainly(func(f *Facts) string { return string(f.Request.Method) })},
	"RequestURI":     {text: plainly(func(f *Facts) string { return addressOf(f.Request.URI) })},
	"CallType":       {text: plainly(func(f *Facts) string { return callType(f.Request) })},
	"RegClients":     {text: plainly(func(f *Facts) string { return strconv.Itoa(f.Clients) })},
	"ReqField":       {text: field},
	"AgentType":      {text: plainly(func(f *Facts) string { return f.Request.Origin.Agent })},
	"From":           {text: plainly(func(f *Facts) string { return addressOf(f.Request.From.URI) })},
	"To":             {text: plainly(func(f *Facts) string { return addressOf(f.Request.To.URI) })},
	"'From' Name":    {text: plainly(func(f *Facts) string { return f.Request.From.Display })},
	"Authenticated":  {text: plainly(func(f *Facts) string { return string(f.Request.Origin.Account) })},
	"Submit Address": {text: plainly(func(f *Facts) string { return submitAddress(f.Request.Origin.Flow) })},
	"Presence":       {text: plainly(presence)},
	"Preference":     {text: preference},
	"FreeBusy":       {text: plainly(func(*Facts) string { return "free" })},
	"Time Of Day":    {time: &timeOfDay},
	"Current Date":   {time: &currentDate},
	"Current Day":    {time: &currentDay},
}

// The operators. In "in" and "not in" the value is a list, separated by commas; "*" in a value stands
// for any text. Letters compare without regard to case.
var operators = []string{"is", "is not", "in", "not in", "greater than", "less than"}

// check refuses a condition that there is not, or whose value can not be compared.
func (c Condition) check() error {
	s, ok := subjects[c.Subject]
	switch {
	case !ok:
		return fmt.Errorf("no condition %q", c.Subject)
	case !slices.Contains(operators, c.Operator):
		return fmt.Errorf("no operator %q: %s", c.Operator, strings.Join(operators, ", "))
	case s.time != nil:
		return s.time.check(c)
	}
	return nil
}

// holds compares. A condition that check refuses does not hold, whatever its operator.
func (c Condition) holds(f *Facts) bool {
	s, ok := subjects[c.Subject]
	if !ok {
		return false
	}
	if s.time != nil {
		return s.time.holds(c, f.Now)
	}
	have, value := s.text(f, c.Value)
	switch c.Operator {
	case "is":
		return like(value, have)
	case "is not":
		return !like(value, have)
	case "in":
		return among(value, have)
	case "not in":
		return !among(value, have)
	case "greater than":
		return compare(have, value) > 0
	case "less than":
		return compare(have, value) < 0
	}
	return false
}

// like compares with a pattern in which '*' stands for any text.
func like(pattern, s string) bool {
	pattern, s = strings.ToLower(strings.TrimSpace(pattern)), strings.ToLower(s)
	first, rest, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == s
	}
	s, ok = strings.CutPrefix(s, first)
	for ok {
		var part string
		var more bool
		if part, rest, more = strings.Cut(rest, "*"); !more {
			return strings.HasSuffix(s, part)
		}
		var i int
		if i = strings.Index(s, part); i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return false
}

// among compares with each pattern of a list.
func among(list, s string) bool {
	for pattern := range strings.SplitSeq(list, ",") {
		if like(pattern, s) {
			return true
		}
	}
	return false
}

// compare orders numbers by size and other texts by their letters.
func compare(a, b string) int {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	if err1 != nil || err2 != nil {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	}
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// plainly is a text that is compared with the whole value.
func plainly(of func(*Facts) string) func(*Facts, string) (string, string) {
	return func(f *Facts, value string) (string, string) { return of(f), value }
}

// field is a header field: the value is "Name: pattern".
func field(f *Facts, value string) (string, string) {
	name, pattern, _ := strings.Cut(value, ":")
	return f.Request.Headers.Get(strings.TrimSpace(name)), strings.TrimSpace(pattern)
}

// preference is one of the account's: the value is "name=pattern".
func preference(f *Facts, value string) (string, string) {
	name, pattern, _ := strings.Cut(value, "=")
	return f.Account.Preferences[strings.TrimSpace(name)], strings.TrimSpace(pattern)
}

// addressOf is user@domain without scheme and parameters; of a telephone number, the number.
func addressOf(u URI) string {
	if u.Host == "" {
		return u.User
	}
	return string(u.AOR())
}

// submitAddress is where the request came from, as "UDP [192.0.2.1]:5060"; "" from within.
func submitAddress(f Flow) string {
	if f.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s [%s]:%d", f.Transport, f.Remote.Addr().Unmap(), f.Remote.Port())
}

func presence(f *Facts) string {
	if f.Clients > 0 {
		return "online"
	}
	return "offline"
}

// callType is the richest of video, audio and image (a fax) that the SDP offer has; without one, audio,
// which is what such a call is offered.
func callType(r *Request) string {
	if len(r.Body) == 0 {
		return "audio"
	}
	for _, kind := range []string{"video", "audio", "image"} {
		for line := range strings.Lines(string(r.Body)) {
			rest, ok := strings.CutPrefix(line, "m="+kind+" ")
			if ok && !strings.HasPrefix(rest, "0 ") {
				return kind
			}
		}
	}
	return "other"
}
