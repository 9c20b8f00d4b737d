package main

import (
	"strings"
	"testing"
)

// What is typed gets the type that the key has now.
func TestChangesHaveTheTypesOfWhatIsThere(t *testing.T) {
	have := `{"name":"sales","definition":{"timeout":"15s","weight":0,"autofill":true,"numbers":["2000"],"rules":[],` +
		`"overflow":{"queue":"","when_full":false}},"revision":7}`
	for _, c := range []struct{ pairs, want string }{
		{"timeout=20s", `{"timeout":"20s"}`},
		{"weight=5 autofill=false", `{"autofill":false,"weight":5}`},
		{"numbers=2000,2010", `{"numbers":["2000","2010"]}`},
		{"numbers=", `{"numbers":[]}`},
		{`rules=[{"after":"30s"}]`, `{"rules":[{"after":"30s"}]}`},
		{"overflow.queue=support overflow.when_full=true", `{"overflow":{"queue":"support","when_full":true}}`},
	} {
		url, requests := fakeMember(t, 200, have)
		code, _, errs := tandem(t, "", append([]string{"queue", "set", "sales", "--server", url}, strings.Fields(c.pairs)...)...)
		if code != codeDone || len(*requests) != 2 {
			t.Fatalf("%s: %d %s %+v", c.pairs, code, errs, *requests)
		}
		if r := (*requests)[1]; r.method != "PATCH" || r.body != `{"definition":`+c.want+`}` {
			t.Errorf("%s: %s %s", c.pairs, r.method, r.body)
		}
	}
	for pair, says := range map[string]string{"weight=much": "no number", "autofill=2": "neither true nor false", "color=red": "the keys are autofill",
		"timeout": "no KEY=VALUE", "overflow.way=x": "queue, when_full", "weight.x=1": "there is no", "rules=[": "JSON"} {
		url, requests := fakeMember(t, 200, have)
		code, _, errs := tandem(t, "", "queue", "set", "sales", pair, "--server", url)
		if code != codeUsage || !strings.Contains(errs, says) || len(*requests) != 1 {
			t.Errorf("%s: %d %q", pair, code, errs)
		}
	}
	url, requests := fakeMember(t, 200, have)
	if code, _, errs := tandem(t, "", "queue", "add", "sales", "weight=2", "--server", url); code != codeDone || len(*requests) != 3 ||
		(*requests)[0].method != "PUT" || (*requests)[2].body != `{"definition":{"weight":2}}` {
		t.Errorf("%d %s %+v", code, errs, *requests)
	}
}
