package actors

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/ximss/object"
)

// Rules act on the next call, whoever wrote them, and last; what can not be read changes nothing.
func TestRulesOfTheServer(t *testing.T) {
	live := liveOf(t, settingsOf(t.TempDir()), "")
	h, err := open(t, live)
	if err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, h)
	p.bye(p.answered(p.dial("a", "9196")))
	rules := []signal.Rule{{Number: signal.NewNumber(signal.Immediate, 9), Name: "closed",
		Conditions: []signal.Condition{{Subject: "RequestURI", Operator: "is", Value: "9196@*"}},
		Actions:    []signal.Action{{Verb: signal.RejectWith, Value: "410 Closed"}}}}
	set := func(key string, rules []signal.Rule) error {
		return h.changeRules(t.Context(), key, store.Write{}, func([]signal.Rule) ([]signal.Rule, error) { return rules, nil })
	}
	if err := set(serverRules, rules); err != nil {
		t.Fatal(err)
	}
	p.dial("b", "9196")
	if r := p.await("SIP/2.0 4"); !strings.HasPrefix(r, "SIP/2.0 410 Closed") {
		t.Errorf("answered %q", r)
	}
	settings := h.store.Bucket(store.Settings)
	if _, err := settings.Put(t.Context(), serverRules, []byte(`[{"Number":1}]`), store.Write{}); err != nil {
		t.Fatal(err)
	}
	if _, err := settings.Put(t.Context(), domainRules+"tandem.local", []byte(`[{"Number":309,"Name":"x"}]`), store.Write{}); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the domain has its rule", func() bool { return len(h.directory.Rules("tandem.local").Domain) == 1 })
	if s := h.directory.Rules("tandem.local"); len(s.Server) != 1 || s.Server[0].Name != "closed" {
		t.Errorf("in force are %+v", s)
	}
	if err := set(serverRules, rules); err != nil {
		t.Fatal(err)
	}
	stop(t, h)
	h = started(t, live)
	if s := h.directory.Rules("tandem.local"); len(s.Server) != 1 || len(s.Domain) != 1 || len(s.Cluster) != 0 {
		t.Errorf("after a start in force are %+v", s)
	}
	if err := set(serverRules, nil); err != nil {
		t.Fatal(err)
	}
	if _, there := h.store.Bucket(store.Settings).Get(serverRules); there || len(h.directory.Rules("").Server) != 0 {
		t.Error("the rules are there still")
	}
	if err := set(clusterRules, make([]signal.Rule, 1)); !errors.Is(err, signal.ErrRule) {
		t.Errorf("a malformed rule: %v", err)
	}
	if err := set("rules.nobody", rules); err == nil {
		t.Error("nobody has rules")
	}
}

const rulesText = `((100009,closed,(("Time Of Day",in,"18:00-8:00"),(From,is,"*@x")),(("Reject with","486 Closed"),("Stop Processing")),why),` +
	`(305,b,(),(("Redirect To","#vm"))))`

func TestRulesAsObjects(t *testing.T) {
	parsed := func(text string) object.Value {
		v, err := object.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	rules, err := rulesFrom(parsed(rulesText), nil)
	want := []signal.Rule{{Number: 100009, Name: "closed", Comment: "why",
		Conditions: []signal.Condition{{Subject: "Time Of Day", Operator: "in", Value: "18:00-8:00"}, {Subject: "From", Operator: "is", Value: "*@x"}},
		Actions:    []signal.Action{{Verb: "Reject with", Value: "486 Closed"}, {Verb: "Stop Processing"}}},
		{Number: 305, Name: "b", Actions: []signal.Action{{Verb: "Redirect To", Value: "#vm"}}}}
	if err != nil || !reflect.DeepEqual(rules, want) {
		t.Fatalf("%+v, %v", rules, err)
	}
	again, err := rulesFrom(rulesValue(rules), nil)
	if err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("came back as %+v, %v", again, err)
	}
	if again, err = rulesFrom(parsed("((#300,b),(100000,closed))"), rules); err != nil || len(again) != 2 || again[0].Number != 300 ||
		again[0].Actions[0].Value != "#vm" || again[1].Number != 100000 || len(again[1].Conditions) != 2 {
		t.Errorf("with other priorities: %+v, %v", again, err)
	}
	if rules[1].Number != 305 {
		t.Error("the old rules were changed")
	}
	for change, names := range map[string]string{`(#105,c,(),(("Write To Log",x)))`: "closed b c", `(309,b)`: "closed b", `closed`: "b", `d`: "closed b",
		`(305,closed,(),())`: "closed b"} {
		out, err := ruleChange(parsed(change), rules)
		var got []string
		for _, r := range out {
			got = append(got, r.Name)
		}
		if err != nil || strings.Join(got, " ") != names {
			t.Errorf("%s: %v, %v", change, got, err)
		}
	}
	for _, wrong := range []string{"x", "()x", "(x)", "((x,b))", "((100,nobody))", "((105,b,(),(),c,d))", "((105,b,x,((y))))", "((105,b,(From),()))",
		"((105,b,((From,is,x,y)),()))", "((105,b,((Moon,is,x)),()))", "((-5,b,(),()))", "((105,(b),(),()))", "((105))", "((105,b,(()),()))"} {
		v, err := object.Parse(wrong)
		if err != nil {
			continue
		}
		if out, err := rulesFrom(v, rules); err == nil {
			t.Errorf("%s is %+v", wrong, out)
		}
		one := v.Array().At(0)
		if _, name := one.Str(); name { // that takes a rule away
			continue
		}
		if out, err := ruleChange(one, rules); err == nil {
			t.Errorf("%s is %+v", wrong, out)
		}
	}
}
