package stat

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestCustomValues: a request has the formula of custom values; one that can not be is refused.
func TestCustomValues(t *testing.T) {
	h := newHamlet(t, "a")
	r := Request{Object: "Queue:Q", Category: "TotalCustomValue", Main: "CallReleased", Formula: `Value("price") * 2`}
	if v := h.open("a", r); v.Number != 0 || v.Definition.Formula != r.Formula {
		t.Errorf("%+v", v)
	}
	r.Formula = "1 +"
	_, err := h.halls["a"].Open(t.Context(), "", r)
	var refusal *Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "formula") {
		t.Error(err)
	}
}

// FuzzResolve: whatever is asked for, it is refused or resolved to what means the same again.
func FuzzResolve(f *testing.F) {
	for _, text := range []string{`{"object":"Queue:Q","stat_type":"CurrentCallsWaiting"}`,
		`{"object":"Agent:A","category":"TotalTime","subject":"AgentStatus","main_mask":"*,~LoggedOut","time_profile":"Growing 0:00 +0:15","zone":"Europe/Berlin"}`,
		`{"object":"Queue:Q","category":"TotalCustomValue","main_mask":"CallReleased","formula":"1","filter":"PairExists(\"a\",\"b\")","time_range":"0-5"}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var r Request
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		resolved, err := Predefined().Resolve(r)
		if err != nil {
			return
		}
		again, err := Predefined().Resolve(resolved)
		if err != nil || again.id() != resolved.id() {
			t.Errorf("%+v becomes %+v, %v", resolved, again, err)
		}
	})
}
