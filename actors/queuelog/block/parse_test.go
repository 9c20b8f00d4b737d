package block

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"tandem/actors/queuelog/report"
)

func TestParse(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(map[string][]string{"from": {"2026-01-31.14:00:00"}, "to": {"2026-02-01"}, "zone": {"Europe/Berlin"},
		"queues": {"q1|q2", "front"}, "agents": {"*"}, "servers": {"A"}, "within": {"30s"}, "slot": {"15"}, "whole": {"yes"},
		"joined": {"false"}, "direction": {"both"}, "short_wait": {"-1"}, "short_talk": {"5"}, "group": {"one=Agent/1|Agent/2"},
		"composite": {"front=q3|q4"}, "where": {"state=lost&hour=10%3A00"}, "steps": {"5,10,10,60"}, "area": {"2"}, "rows": {"7"},
		"billable": {"Email"}, "colour": {"red"}, "sales": {""}})
	if err != nil {
		t.Fatal(err)
	}
	want := Ask{Ask: report.Ask{Within: 30, From: time.Date(2026, 1, 31, 14, 0, 0, 0, berlin).Unix(),
		To: time.Date(2026, 2, 1, 0, 0, 0, 0, berlin).Unix(), Whole: true, Queues: []string{"q1", "q2", "front"}}, Zone: berlin, Slot: 15,
		Direction: Both, Servers: []string{"A"}, Where: Where{{"state", "lost"}, {"hour", "10:00"}},
		Composites: map[string][]string{"front": {"q3", "q4"}}, Groups: map[string]string{"Agent/1": "one", "Agent/2": "one"},
		ShortTalk: 5, Steps: Steps{5, 10, 10, 60}, AreaDigits: 2, Billable: []string{"Email"}, Rows: 7}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	if q := got.Source().Queues; strings.Join(q, " ") != "q1 q2 q3 q4" {
		t.Error(q)
	}
}

func TestParseRefuses(t *testing.T) {
	for field, x := range map[string][2]string{
		"from": {"yesterday", "is no time"}, "zone": {"Mars", "is no time zone"}, "within": {"-7", "is no length of time"},
		"slot": {"7", "divides a day"}, "whole": {"perhaps", "neither yes nor no"}, "direction": {"up", "is no direction"},
		"group": {"one", "is not a name"}, "composite": {"=a", "is not a name"}, "where": {"colour=red", `calls have no "colour"`},
		"steps": {"5", "are not four numbers"}, "area": {"0", "number of digits"}, "rows": {"99999", "number of rows"},
	} {
		var wrong *FieldError
		_, err := Parse(map[string][]string{field: {x[0]}})
		if !errors.As(err, &wrong) || wrong.Field != field || wrong.Value != x[0] || !strings.Contains(err.Error(), x[1]) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := Parse(map[string][]string{"from": {"2026-01-02"}, "to": {"2026-01-01"}}); err == nil {
		t.Error("a period that ends before it begins")
	}
}

// FuzzParse: whatever is asked, it is understood or refused, and a Where is read as it was written.
func FuzzParse(f *testing.F) {
	f.Add("where", "state=lost&hour=10%3A00")
	f.Add("steps", "5,20,10,120")
	f.Add("slot", "15m")
	f.Add("composite", "a=b|c")
	from := story("1|c|q|NONE|ENTERQUEUE||1|1", "2|c|q|A/1|CONNECT|1|x|1", "9|c|q|A/1|COMPLETEAGENT|1|7|1")
	f.Fuzz(func(t *testing.T, field, value string) {
		ask, err := Parse(map[string][]string{field: {value}})
		if err != nil {
			return
		}
		again, err := ParseWhere(ask.Where.String())
		if err != nil || !reflect.DeepEqual(again, ask.Where) {
			t.Errorf("%q: %v, %v", ask.Where, again, err)
		}
		if _, err := Make(ask, []string{"KoDO.OverviewOkKo", "OkDO.ServiceLevelAgreement", "DetailsDO.Calls"}, from); err != nil {
			t.Error(err)
		}
	})
}
