package measure

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestWritten: a definition is read as it was written, and what is wrong in one is named.
func TestWritten(t *testing.T) {
	for _, text := range []string{
		`{"category":"TotalNumber","main_mask":"CallAbandoned"}`,
		`{"category":"ServiceFactor1","subject":"Action","main_mask":"CallAnswered,CallAbandoned","time_range":"0-20","time_range2":"0-2.5","exact":true}`,
		`{"category":"TotalTime","subject":"AgentStatus","main_mask":"*,~LoggedOut","time_profile":"Growing 0:00 +0:15, 9:00:30","zone":"Europe/Berlin"}`,
		`{"category":"TotalCustomValue","main_mask":"CallReleased","formula":"DistByConnID, Value(\"price\")*2","time_profile":"Sliding 3600,15"}`,
		`{"category":"TotalNumber","main_mask":"CallWait","filter":"PairExists(\"a\",\"*\")","time_profile":"Selection 5","in_progress":true}`,
		`{"category":"CurrentNumber","main_mask":"CallWait","time_profile":"Growing never","distinct":true}`,
		`{"category":"CurrentRelativeNumberPercentage","main_mask":"CallWait","relative_mask":"CallWait,AgentReady","time_profile":"SinceLogin"}`,
	} {
		var d Definition
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		once, _ := json.Marshal(d)
		var again Definition
		if err := json.Unmarshal(once, &again); err != nil {
			t.Errorf("%s: %v", once, err)
		}
		if twice, _ := json.Marshal(again); string(once) != string(twice) {
			t.Errorf("%s is not\n%s", twice, once)
		}
	}
	var d Definition
	err := json.Unmarshal([]byte(`{"category":"Totals","subject":"Dn","main_mask":"CallInbund","relative_mask":"~CallWait","time_profile":"Weekly",
		"time_range":"20-0","filter":"Par(","formula":"1+","zone":"Nowhere"}`), &d)
	for _, want := range []string{`"Totals" is not known`, `"Dn" is none of`, `"CallInbund" is no action`, "selects nothing",
		`at character 1: "Par" is no attribute`, "at character 3", `"20-0" is none`, `"Nowhere" is none`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestFormulas(t *testing.T) {
	with := bare{"price": "2.5", "n": "x"}
	for text, want := range map[string]float64{"1 + 2*3": 7, "(1+2)*3 - -1": 10, `Value("price") * Duration / 60`: 2.5, `Value("n")+Value("gone")`: 0,
		"1/0": 0, "10/4/5": 0.5, "DistByConnID, 7": 7, ".5*4": 2, "ANI": 0} {
		f, err := ParseFormula(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		near(t, text, f.value(with, 60), want)
	}
	for text, want := range map[string]string{"": "at character 1", "1+": "at character 3", "price": `"price"`, "(1": "closing", "1)": "the end",
		`Value("x`: "second quote", "DistByConnID 1": "comma", strings.Repeat("(", 60): "within each other", "Value(x)": `("key")`} {
		if _, err := ParseFormula(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzWritten: whatever a definition looks like, it is refused or written so that it is read again as the same.
func FuzzWritten(f *testing.F) {
	f.Add([]byte(`{"category":"TotalNumber","main_mask":"CallAbandoned","time_profile":"Growing 0:00 +0:15","formula":"1+Value(\"x\")"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d, again Definition
		if json.Unmarshal(text, &d) != nil {
			return
		}
		once, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		_, _, _ = Open(d, 1e12)
	})
}
