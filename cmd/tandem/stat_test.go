package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
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

// TestStatList: the table says to which solution a statistic belongs: two may differ in that alone.
func TestStatList(t *testing.T) {
	var v struct {
		Statistics []struct {
			ID string
			statRequest
			Opened int64
			Owner  string
		}
		More bool
	}
	if err := json.Unmarshal([]byte(`{"statistics": [{"id": "x", "object": "Queue:sales", "solution": "west", "owner": "tandem1"}]}`), &v); err != nil {
		t.Fatal(err)
	}
	rows := statsTable(v).rows
	at := slices.Index(rows[0], "SOLUTION")
	if at < 0 || rows[1][at] != "west" {
		t.Errorf("%q", rows)
	}
}
