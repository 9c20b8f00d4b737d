package ximss

import (
	"strings"
	"testing"
)

// TestStatGrammar: what clients write of statistics, and are told.
func TestStatGrammar(t *testing.T) {
	for text, want := range map[string]string{
		`<statOpen statType="X"/>`:                                                   "a required parameter",
		`<statOpen object="Queue:q"/>`:                                               "a required parameter",
		`<statOpen object="Queue:q" statType="X" mode="Sometimes"/>`:                 "mode is one of",
		`<statOpen object="Queue:q" statType="X" mode="TimeBased"/>`:                 "frequency is",
		`<statOpen object="Queue:q" statType="X" frequency="0"/>`:                    "frequency is",
		`<statOpen object="Queue:q" statType="X" insensitivity="-1"/>`:               "insensitivity is",
		`<statOpen object="Queue:q" statType="X" insensitivity="NaN"/>`:              "insensitivity is",
		`<statOpen object="Queue:q" category="X" mode="TimeBased" frequency="9.5"/>`: "frequency is",
	} {
		x, _ := Read(text)
		if _, _, err := ReadStatOpen(x); err == nil || !strings.Contains(err.Text, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	x, _ := Read(`<statOpen object="Queue:q" category="TotalTime" mainMask="CallWait" timeProfile="LastHour" exact="yes" mode="TimeBased" frequency="5"/>`)
	q, f, err := ReadStatOpen(x)
	if err != nil || q.Main != "CallWait" || q.Profile != "LastHour" || !q.Exact || f.Frequency != 5 {
		t.Errorf("%+v %+v %v", q, f, err)
	}
	v := StatValue{ID: "s", Object: "Agent:a", Number: 2.5, Valid: true, At: 9, Since: 1, Age: -1, State: &StatState{Object: "Agent:a", Status: "CallInbound",
		Since: 4, Pairs: map[string]string{"b": "<", "a": ""}, Parts: []StatState{{Object: "RegDN:1", Actions: []StatDoing{{"CallInbound", "c1", 4}}}}}}
	for kind, want := range map[string]string{
		"value": `<statInfo statistic="s" object="Agent:a" value="2.5" time="9" since="1" complete="0"><state object="Agent:a" status="CallInbound" since="4"><pair key="a"/>` +
			`<pair key="b" value="&lt;"/><state object="RegDN:1"><action name="CallInbound" conn="c1" since="4"/></state></state></statInfo>`,
		"reset":    `complete="0" reset="1"`,
		"invalid":  `<statInvalid statistic="s" `,
		"valid":    `<statValid statistic="s" `,
		"gone":     `<statError statistic="s" errorText="the statistic was dropped" errorNum="518"/>`,
		"overflow": `<statError errorText="changes were missed; the values as they are follow" errorNum="520"/>`,
	} {
		if got := Write(StatEvent{Kind: kind, Value: v}.Message()); !strings.Contains(got, want) {
			t.Errorf("%s: %s", kind, got)
		}
	}
	n := StatNames{Types: map[string]StatRequest{"T": {Category: "TotalTime", Main: "CallWait"}}, Ranges: map[string]string{"Default": "0-20"}, Categories: []string{"TotalTime"}}
	if got := Write(n.Message()); got != `<statProfile><statType name="T" category="TotalTime" mainMask="CallWait"/><timeRange name="Default" value="0-20"/>`+
		`<category name="TotalTime"/></statProfile>` {
		t.Error(got)
	}
}

// FuzzReadStatOpen: whatever a client writes is read or refused.
func FuzzReadStatOpen(f *testing.F) {
	f.Add(`<statOpen object="Queue:q" statType="X" mode="TimeBased" frequency="5" insensitivity="1e3" time="5"/>`)
	f.Fuzz(func(t *testing.T, text string) {
		x, err := Read(text)
		if err != nil {
			return
		}
		if _, f, err := ReadStatOpen(x); err == nil && (f.Insensitivity < 0 || f.Frequency < 0) {
			t.Errorf("%+v", f)
		}
		if at, err := ReadStatMoment(x); err == nil && at < 0 {
			t.Error(at)
		}
	})
}
