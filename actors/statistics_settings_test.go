package actors

import (
	"reflect"
	"strings"
	"testing"

	"tandem/conf"
)

// What a name of the settings means must be something that can be; all else is said with what is wrong in it.
func TestStatisticsOfTheSettings(t *testing.T) {
	for name, tt := range map[string]struct {
		stat conf.Stat
		says string
	}{
		"all that can be": {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalNumber", MainMask: "CallAnswered", TimeProfile: "Shift",
			TimeRange: "Target", Filter: "Gold"}}, Profiles: []conf.StatProfile{{Name: "Shift", Profile: "Growing 6:00 +8:00"}},
			Ranges: []conf.StatRange{{Name: "Target", Range: "0-20"}}, Filters: []conf.StatFilter{{Name: "Gold", Filter: `PairExists("class","gold")`}},
			AgentGroups: []conf.AgentGroup{{Name: "able", Expression: `Skill("billing") >= 3`}}}, ""},
		"custom values": {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalCustomValue", MainMask: "CallAnswered", Formula: "Duration / 60",
			Zone: "Europe/Vienna", TimeProfile: "Growing 6:00", Exact: true, InProgress: true}}}, ""},
		"a formula":  {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalCustomValue", MainMask: "CallAnswered", Formula: "1 +"}}}, "formula"},
		"a zone":     {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalNumber", MainMask: "CallAnswered", Zone: "Nowhere/Land"}}}, "Nowhere/Land"},
		"a category": {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalNonsense"}}}, "stat.types[0].category"},
		"a mask":     {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalNumber", MainMask: "CallEaten"}}}, "CallEaten"},
		"a profile":  {conf.Stat{Profiles: []conf.StatProfile{{Name: "Shift", Profile: "Shrinking 6:00"}}}, "stat.profiles[0].profile"},
		"no profile": {conf.Stat{Types: []conf.StatType{{Name: "Mine", Category: "TotalNumber", MainMask: "CallAnswered", TimeProfile: "Nowhere"}}}, "Nowhere"},
		"a range":    {conf.Stat{Ranges: []conf.StatRange{{Name: "Target", Range: "20-0"}}}, "stat.ranges[0].range"},
		"a filter":   {conf.Stat{Filters: []conf.StatFilter{{Name: "Gold", Filter: "PairExists("}}}, "stat.filters[0].filter"},
		"a group":    {conf.Stat{AgentGroups: []conf.AgentGroup{{Name: "able", Expression: "Skill("}}}, "stat.agent_groups[0].expression"},
	} {
		t.Run(name, func(t *testing.T) {
			var said []string
			demandStatistics(&tt.stat, func(key, wrong, right string) { said = append(said, key+" "+wrong+" "+right) })
			if all := strings.Join(said, "; "); (tt.says == "") != (all == "") || !strings.Contains(all, tt.says) {
				t.Errorf("said %q, want %q", all, tt.says)
			}
		})
	}
}

// A kind of statistics of the settings says all that a request may: all but the object, the kind itself and the past.
func TestStatTypeIsWhole(t *testing.T) {
	kind := reflect.TypeFor[conf.StatType]()
	full := reflect.New(kind).Elem()
	for i := range full.NumField() {
		switch f := full.Field(i); f.Kind() {
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		}
	}
	request := reflect.ValueOf(statType(full.Interface().(conf.StatType)))
	for i := range request.NumField() {
		switch name := request.Type().Field(i).Name; name {
		case "Object", "Type", "BackFill", "Solution":
		default:
			if request.Field(i).IsZero() {
				t.Errorf("%s can not be said in the settings", name)
			}
		}
	}
}
