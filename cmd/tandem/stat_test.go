package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestStatEvaluate computes values of a file alone, and says what is wrong with one.
func TestStatEvaluate(t *testing.T) {
	file := `{"facts": [{"at": 5, "until": 65, "object": "RegDN:1002", "name": "CallInbound", "conn": "c1"}],
		"statistics": [{"id": "talk", "object": "RegDN:1002", "category": "TotalTime", "main_mask": "CallInbound"}], "instants": [60, 70]}`
	code, out, errs := tandem(t, file, "stat", "evaluate", "-")
	if code != codeDone || !strings.Contains(out, "60  talk       0      0") || !strings.Contains(out, "70  talk       60     0") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	code, out, _ = tandem(t, file, "stat", "evaluate", "-", "-o", "json")
	if code != codeDone || !strings.Contains(out, `"value": 60`) {
		t.Errorf("%d %s", code, out)
	}
	code, _, errs = tandem(t, strings.Replace(file, "CallInbound", "CallInbund", 1), "stat", "evaluate", "-")
	if code != codeFailed || !strings.Contains(errs, `the one at place 1: "CallInbund" is no action or status`) {
		t.Errorf("%d %s", code, errs)
	}
	if code, _, _ := tandem(t, "", "stat", "evaluate", filepath.Join(t.TempDir(), "none.json")); code != codeFailed {
		t.Error(code)
	}
}
