package form

import (
	"reflect"
	"strings"
	"testing"

	"tandem/signal"
	"tandem/ximss/object"
)

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
	rules, err := ReadRules(parsed(rulesText), nil)
	want := []signal.Rule{{Number: 100009, Name: "closed", Comment: "why",
		Conditions: []signal.Condition{{Subject: "Time Of Day", Operator: "in", Value: "18:00-8:00"}, {Subject: "From", Operator: "is", Value: "*@x"}},
		Actions:    []signal.Action{{Verb: "Reject with", Value: "486 Closed"}, {Verb: "Stop Processing"}}},
		{Number: 305, Name: "b", Actions: []signal.Action{{Verb: "Redirect To", Value: "#vm"}}}}
	if err != nil || !reflect.DeepEqual(rules, want) {
		t.Fatalf("%+v, %v", rules, err)
	}
	again, err := ReadRules(Rules(rules), nil)
	if err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("came back as %+v, %v", again, err)
	}
	if again, err = ReadRules(parsed("((#300,b),(100000,closed))"), rules); err != nil || len(again) != 2 || again[0].Number != 300 ||
		again[0].Actions[0].Value != "#vm" || again[1].Number != 100000 || len(again[1].Conditions) != 2 {
		t.Errorf("with other priorities: %+v, %v", again, err)
	}
	if rules[1].Number != 305 {
		t.Error("the old rules were changed")
	}
	for change, names := range map[string]string{`(#105,c,(),(("Write To Log",x)))`: "closed b c", `(309,b)`: "closed b", `closed`: "b", `d`: "closed b",
		`(305,closed,(),())`: "closed b"} {
		out, err := ChangeRules(parsed(change), rules)
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
		if out, err := ReadRules(v, rules); err == nil {
			t.Errorf("%s is %+v", wrong, out)
		}
		one := v.Array().At(0)
		if _, name := one.Str(); name { // that takes a rule away
			continue
		}
		if out, err := ChangeRules(one, rules); err == nil {
			t.Errorf("%s is %+v", wrong, out)
		}
	}
}
