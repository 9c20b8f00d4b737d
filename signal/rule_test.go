package signal

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// facts are those of all the tables below: bob calls alice, on a Thursday at half past ten in the morning.
func facts() *Facts {
	uri := func(s string) URI { u, _ := ParseURI(s); return u }
	return &Facts{
		Request: &Request{Method: INVITE, URI: uri("sip:Alice@T.local:5060;x=y"),
			From: Party{Display: "Bob Example", URI: uri("sip:bob@other.org")}, To: Party{URI: uri("sip:info@t.local")},
			Headers: Headers{{"Subject", "Hello there"}, {"X-Level", "7"}},
			Body:    []byte("v=0\r\nm=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\n"),
			Origin: Origin{Account: "bob@other.org", Agent: "Phone/1.2",
				Flow: Flow{Transport: "UDP", Remote: netip.MustParseAddrPort("[::ffff:192.0.2.7]:5060")}}},
		Account: Account{AOR: "alice@t.local", Preferences: map[string]string{"Language": "German", "Level": "10"}},
		Clients: 2, Now: time.Date(2026, 12, 24, 10, 30, 59, 0, time.UTC),
	}
}

// condition reads "Subject|operator|value".
func condition(text string) Condition {
	part := strings.SplitN(text, "|", 3)
	return Condition{part[0], part[1], part[2]}
}

func TestConditions(t *testing.T) {
	for text, want := range map[string]bool{
		"Method|is|INVITE": true, "Method|is|invite": true, "Method|is not|INVITE": false, "Method|in|BYE, INVITE": true,
		"Method|not in|BYE, INVITE": false, "Method|is|INV": false,
		"RequestURI|is|alice@t.local": true, "RequestURI|is|*@other.org": false, "RequestURI|is|*": true,
		"CallType|is|audio": true, "CallType|is|video": false,
		"RegClients|is|2": true, "RegClients|greater than|1": true, "RegClients|greater than|2": false,
		"RegClients|less than|10": true, "RegClients|less than|2": false,
		"ReqField|is|Subject: hello*": true, "ReqField|is|subject:*THERE": true, "ReqField|is|Subject: hello": false,
		"ReqField|is not|Priority: *urgent*": true, "ReqField|is|Priority:": true, "ReqField|in|Subject: a*, h*": true,
		"ReqField|greater than|X-Level: 6": true, "ReqField|less than|X-Level: 10": true, "ReqField|not in|Subject: a*,b*": true,
		"AgentType|is|phone/*": true, "AgentType|is|Soft*": false,
		"From|is|bob@other.org": true, "From|is|*@*.org": true, "From|in|x@y,bob@*": true, "From|not in|x@y, bob@*": false,
		"From|is not|*@t.local": true, "From|greater than|alice": true, "From|less than|alice": false,
		"To|is|info@t.local": true, "To|is|alice@t.local": false,
		"'From' Name|is|*example": true, "'From' Name|is|bob": false, "'From' Name|is|b*b*e*": true,
		"Authenticated|is|bob@*": true, "Authenticated|is|": false, "Authenticated|is not|": true,
		"Submit Address|is|UDP [192.0.2.7]:5060": true, "Submit Address|is|*[192.0.2.*": true, "Submit Address|is|TCP*": false,
		"Presence|is|online": true, "Presence|not in|online,away": false,
		"Preference|is|Language=german": true, "Preference|is|Language=g*n": true, "Preference|is|Colour=": true,
		"Preference|greater than|Level=9": true, "Preference|is not|Language=French": true,
		"FreeBusy|is|free": true, "FreeBusy|in|busy,tentative": false,
		"Time Of Day|is|10:30": true, "Time Of Day|is|10:31": false, "Time Of Day|in|9:00-12:00": true,
		"Time Of Day|in|8:00-9:00,10:30-10:30": true, "Time Of Day|in|22:00-10:00": false, "Time Of Day|in|22:00-11:00": true,
		"Time Of Day|is not|8am - 5:15pm": false, "Time Of Day|not in|0:00-8:00,18:00-23:59": true,
		"Time Of Day|greater than|10:29": true, "Time Of Day|greater than|10:30": false, "Time Of Day|less than|10:31": true,
		"Time Of Day|less than|9am": false,
		"Current Day|is|Thu":        true, "Current Day|is|thursday": true, "Current Day|in|Mon,Tue": false, "Current Day|in|Mon-Fri": true,
		"Current Day|in|Sat-Sun": false, "Current Day|not in|Sat,Sun": true, "Current Day|in|Fri-Mon": false, "Current Day|is not|Fri": true,
		"Current Day|greater than|Wed": true, "Current Day|less than|Wed": false,
		"Current Date|is|24 Dec 2026": true, "Current Date|in|2026-12-24 - 2027-01-06": true, "Current Date|in|1 Jan 2026, 2026-12-25": false,
		"Current Date|greater than|2026-12-23": true, "Current Date|greater than|2026-12-24": false, "Current Date|less than|1 Jan 2027": true,
		"Current Date|is not|2026-12-24": false, "Current Date|not in|2026-12-25": true,
	} {
		c := condition(text)
		if err := c.check(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if got := c.holds(facts()); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Every condition and every operator is in the table above; one that is added belongs there too.
func TestEveryConditionIsTried(t *testing.T) {
	for name := range subjects {
		for _, op := range operators {
			c := Condition{name, op, map[string]string{"Time Of Day": "8:00", "Current Day": "Mon", "Current Date": "2026-01-01"}[name]}
			if err := c.check(); err != nil {
				t.Errorf("%v: %v", c, err)
			}
			opposite := Condition{name, map[string]string{"is": "is not", "in": "not in"}[op], c.Value}
			if opposite.Operator != "" && c.holds(facts()) == opposite.holds(facts()) {
				t.Errorf("%v says the same as %v", c, opposite)
			}
		}
	}
	if len(subjects) != 17 {
		t.Errorf("%d conditions", len(subjects))
	}
}

func TestMalformedConditionsNeverHold(t *testing.T) {
	for _, text := range []string{"Weather|is not|rain", "From|resembles|*", "Time Of Day|is not|noon", "Current Day|not in|Mon,Someday",
		"Current Date|is not|24.12.", "Current Date|in|2027-01-06 - 2026-12-24", "Current Date|greater than|", "Time Of Day|in|8:00-"} {
		c := condition(text)
		if c.check() == nil {
			t.Errorf("%s is taken", text)
		}
		if c.holds(facts()) {
			t.Errorf("%s holds", text)
		}
	}
}

func TestFactsOfOddRequests(t *testing.T) {
	f := facts()
	for body, want := range map[string]string{"": "audio", "m=video 9 x\r\nm=audio 9 x\r\n": "video", "m=image 9 udptl t38": "image",
		"m=application 9 x": "other", "m=audio 0 x": "other"} {
		if f.Request.Body = []byte(body); callType(f.Request) != want {
			t.Errorf("%q is %s", body, callType(f.Request))
		}
	}
	f.Request.Origin, f.Request.From, f.Clients = Origin{}, Party{URI: URI{Scheme: "tel", User: "+49891"}}, 0
	for _, text := range []string{"Submit Address|is|", "Authenticated|is|", "From|is|+49891", "Presence|is|offline", "RegClients|less than|1"} {
		if !condition(text).holds(f) {
			t.Errorf("%s does not hold", text)
		}
	}
}

// rule reads "stage priority name [if condition [and condition]] do action value [; action value]".
func rule(text string) Rule {
	head, actions, _ := strings.Cut(text, " do ")
	head, conditions, _ := strings.Cut(head, " if ")
	word := strings.Fields(head)
	stage, ok := map[string]Stage{"now": Immediate, "no-answer": NoAnswer, "busy": Busy, "failure": Failure}[word[0]]
	if !ok {
		after, err := time.ParseDuration(word[0])
		if err != nil {
			panic(err)
		}
		stage = After(after)
	}
	var priority int
	fmt.Sscan(word[1], &priority)
	r := Rule{Number: NewNumber(stage, priority), Name: word[2]}
	for c := range strings.SplitSeq(conditions, " and ") {
		if c != "" {
			r.Conditions = append(r.Conditions, condition(c))
		}
	}
	for a := range strings.SplitSeq(actions, "; ") {
		verbs := []string{RejectWith, RedirectTo, ForkTo, StopProcessing, DiscardRules, Remember, SendIM, SendURL, SendPush, WriteLog}
		i := slices.IndexFunc(verbs, func(v string) bool { return strings.HasPrefix(a, v) })
		r.Actions = append(r.Actions, Action{verbs[i], strings.TrimSpace(strings.TrimPrefix(a, verbs[i]))})
	}
	return r
}

func rulesOf(texts ...string) (out []Rule) {
	for _, text := range texts {
		out = append(out, rule(text))
	}
	return out
}

func (d Decision) String() string {
	var out []string
	if d.Rule != "" {
		out = append(out, d.Rule+":")
	}
	if d.Reject != nil {
		out = append(out, fmt.Sprint("reject ", d.Reject.Status, " ", d.Reject.Reason))
	}
	for _, to := range d.Redirect {
		out = append(out, "redirect "+to.To)
	}
	for _, to := range d.Fork {
		out = append(out, "fork "+to.To)
	}
	if d.Discard {
		out = append(out, "discard")
	}
	for _, n := range d.Notes {
		out = append(out, fmt.Sprintf("%s %q for %s by %s", n.Verb, n.Value, n.Account, n.Rule))
	}
	return strings.TrimSpace(strings.Join(out, " "))
}

func TestDecisions(t *testing.T) {
	const last = "now 1 last do Redirect To z@h"
	for _, c := range []struct {
		rules []string
		want  string
	}{
		{nil, ""},
		{[]string{"now 5 r do Reject with 486 Not today", last}, "r: reject 486 Not today"},
		{[]string{"now 5 r do Reject with 603", last}, "r: reject 603"},
		{[]string{"now 5 r if From|is|nobody do Reject with 603", last}, "last: redirect z@h"},
		{[]string{"now 5 r if From|is|bob* and To|is|nobody do Reject with 603", last}, "last: redirect z@h"},
		{[]string{"now 5 r if From|is|bob* and To|is|info* do Reject with 603", last}, "r: reject 603"},
		{[]string{"now 5 r do Redirect To a@h, menu{1,2}#pbx,#vm", last}, "r: redirect a@h redirect menu{1,2}#pbx redirect #vm"},
		{[]string{"now 5 r do Fork to a@h,b@h", "now 4 q do Fork to c@h"}, "q: fork a@h fork b@h fork c@h"},
		{[]string{"now 5 r do Fork to a@h", last}, "last: redirect z@h fork a@h"},
		{[]string{"now 5 r do Stop Processing", last}, ""},
		{[]string{"now 5 r do Fork to a@h; Stop Processing; Reject with 486", last}, "r: fork a@h"},
		{[]string{"now 5 r do Discard Rules", last}, "discard"},
		{[]string{"now 5 r do Write To Log hello; Remember 'From' in Callers; SendURL http://x/; SendPush p; SendIM bob@h he called"},
			`Write To Log "hello" for alice@t.local by r Remember 'From' in "Callers" for alice@t.local by r ` +
				`SendURL "http://x/" for alice@t.local by r SendPush "p" for alice@t.local by r SendIM "bob@h he called" for alice@t.local by r`},
		{[]string{"now 5 r do Write To Log x; Reject with 480; Write To Log y"}, `r: reject 480  Write To Log "x" for alice@t.local by r`},
	} {
		rules := rulesOf(c.rules...)
		if err := CheckRules(rules); err != nil {
			t.Error(err)
		}
		if got := Decide(rules, facts()).String(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", strings.Join(c.rules, "\n"), got, c.want)
		}
	}
}

// Server and cluster, domain, account, domain, server and cluster; the highest priority first.
func TestOrderOfRules(t *testing.T) {
	set := RuleSet{
		Server: rulesOf("busy 9 s9 do Stop Processing", "busy 5 s5 do Stop Processing", "now 5 n5 do Stop Processing", "now 10 n10 do Stop Processing",
			"busy 0 s0 do Stop Processing"),
		Cluster: rulesOf("busy 10 c10 do Stop Processing", "busy 5 c5 do Stop Processing", "now 7 n7 do Stop Processing", "busy 1 c1 do Stop Processing"),
		Domain:  rulesOf("busy 5 d5 do Stop Processing", "busy 6 d6 do Stop Processing", "now 9 e9 do Stop Processing", "now 1 e1 do Stop Processing"),
	}
	own := rulesOf("busy 1 a1 do Stop Processing", "busy 10 a10 do Stop Processing", "busy 5 a5 do Stop Processing", "now 5 b5 do Stop Processing",
		"busy 5 a5b do Stop Processing", "busy 0 off do Stop Processing", "busy 11 wrong do Stop Processing")
	names := func(rules []Rule) string {
		var out []string
		for _, r := range rules {
			out = append(out, r.Name)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ what, got, want string }{
		{"busy", names(set.At(Busy, own[:6])), "c10 s9 d6 a10 a5 a5b a1 d5 s5 c5 c1"},
		{"immediate", names(set.At(Immediate, own)), "e9 b5 e1"},
		{"first", names(set.First()), "n10 n7 n5"},
		{"failure", names(set.At(Failure, own)), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if own[0].bound {
		t.Error("the account's stored rules were changed")
	}
}

func TestStages(t *testing.T) {
	for text, want := range map[string]string{
		"100005": "immediate 5", "99810": "after 2s 10", "40001": "after 600s 1", "505": "no-answer 5", "303": "busy 3", "100": "failure 0",
	} {
		var r Rule
		fmt.Sscan(text, &r.Number)
		if got := fmt.Sprint(r.Stage(), " ", r.Priority()); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
		if err := CheckRules([]Rule{r}); err != nil {
			t.Error(err)
		}
		if back := NewNumber(r.Stage(), r.Priority()); back != r.Number {
			t.Errorf("%d came back as %d", r.Number, back)
		}
	}
	for d, want := range map[time.Duration]string{0: "immediate", time.Millisecond: "after 1s", 20 * time.Second: "after 20s",
		time.Hour: "after 994s", -time.Second: "immediate"} {
		if got := After(d).String(); got != want {
			t.Errorf("%v is %s", d, got)
		}
	}
}

func TestMalformedRules(t *testing.T) {
	good := rule("now 5 r if From|is|* do Redirect To a@h")
	if err := CheckRules([]Rule{good}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Rule){
		"no stage":        func(r *Rule) { r.Number = 2 * 100 },
		"no stage:":       func(r *Rule) { r.Number = NewNumber(After(6*time.Second), 5) },
		"has no stage":    func(r *Rule) { r.Number = -1 },
		"no priority":     func(r *Rule) { r.Number = NewNumber(Busy, 11) },
		"no condition":    func(r *Rule) { r.Conditions = []Condition{{"Moon", "is", "full"}} },
		"no operator":     func(r *Rule) { r.Conditions = []Condition{{"From", "like", "x"}} },
		"no action":       func(r *Rule) { r.Actions = []Action{{"Dance", ""}} },
		"400 to 699":      func(r *Rule) { r.Actions = []Action{{RejectWith, "200"}} },
		"1 to 20":         func(r *Rule) { r.Actions = []Action{{ForkTo, " , "}} },
		"to 20 addresses": func(r *Rule) { r.Actions = []Action{{RedirectTo, strings.Repeat("a@h,", 21)}} },
		"control":         func(r *Rule) { r.Actions = []Action{{RedirectTo, "a b@h"}} },
		"a space":         func(r *Rule) { r.Actions = []Action{{SendIM, "a@h"}} },
		"names nothing":   func(r *Rule) { r.Actions = []Action{{SendURL, ""}} },
		"33 conditions":   func(r *Rule) { r.Conditions = make([]Condition, 33) },
		"17 actions":      func(r *Rule) { r.Actions = make([]Action, 17) },
		"1025 bytes":      func(r *Rule) { r.Comment = strings.Repeat("x", 1025) },
	} {
		r := good
		change(&r)
		if err := CheckRules([]Rule{r}); !errors.Is(err, ErrRule) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if err := CheckRules(make([]Rule, MaxRules+1)); !errors.Is(err, ErrRule) {
		t.Errorf("too many: %v", err)
	}
}

func TestRulesSurviveTheStore(t *testing.T) {
	in := rulesOf("20s 7 r if 'From' Name|is|* do Fork to a@h; Write To Log x")
	in[0].Comment = "c"
	b, _ := json.Marshal(in)
	var out []Rule
	if err := json.Unmarshal(b, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%s came back as %+v, %v", b, out, err)
	}
}

func TestWildcards(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{{"", "", true}, {"*", "", true}, {"**", "x", true}, {"a*", "b", false}, {"*a", "ba", true}, {"a*a", "a", false}, {"a*b*c", "aXbYc", true},
		{"a*b*c", "acb", false}, {"*x*x*", "x", false}, {" a ", "a", true}, {"a", "", false}} {
		if like(c.pattern, c.text) != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.text, !c.want)
		}
	}
}
