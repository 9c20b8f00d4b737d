package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestQueuelogReport makes reports of files alone, and they say what the cases expect.
func TestQueuelogReport(t *testing.T) {
	cases := filepath.Join("..", "..", "actors", "queuelog", "report", "testdata", "cases")
	var want map[string]any
	text, err := os.ReadFile(filepath.Join(cases, "expected", "con-tri.json"))
	if err != nil || json.Unmarshal(text, &want) != nil {
		t.Fatal(err)
	}
	files := []string{}
	for _, p := range []string{"A", "B", "C"} {
		files = append(files, "--file", p+"="+filepath.Join(cases, "con-tri-"+p+".queue_log"))
	}
	for spec := range want {
		code, out, errs := tandem(t, "", append([]string{"queuelog", "report", spec, "-o", "json"}, files...)...)
		var got any
		if code != codeDone || json.Unmarshal([]byte(out), &got) != nil || !reflect.DeepEqual(got, want[spec]) {
			t.Errorf("%s: %d %s%s", spec, code, out, errs)
		}
	}
	if _, out, _ := tandem(t, "", append([]string{"queuelog", "report", "cluster:*", "--queues", "q1"}, files...)...); !strings.Contains(out,
		"q1     8        5         3     0        0        12.2      30        30        80     50            72.25") {
		t.Error(out)
	}
	// T+200 to T+300: what touches it, and what is wholly in it.
	period := []string{"--from", "2023-11-14T23:16:40", "--to", "2023-11-14T23:18:20", "--zone", "Europe/Berlin", "-o", "json"}
	for more, offered := range map[string]int64{"": 3, "--whole": 1} {
		args := append(append([]string{"queuelog", "report", "cluster:*"}, files...), period...)
		if more != "" {
			args = append(args, more)
		}
		var got struct{ All struct{ Offered int64 } }
		_, out, errs := tandem(t, "", args...)
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.All.Offered != offered {
			t.Errorf("%s: %d offered, want %d %s", more, got.All.Offered, offered, errs)
		}
	}
	for line, says := range map[string]string{
		"queuelog report cluster:A||B":                 "cluster:A||B\n          ^",
		"queuelog report sql:A":                        "no file is given for the partition A",
		"queuelog report sql:A --file A":               "a name, '=' and a value",
		"queuelog report sql:A --file A=/nowhere":      "no such file",
		"queuelog report sql:A --from x --file A=x":    "is no time",
		"queuelog report sql:A --zone Mars --file A=x": "is no time zone",
	} {
		if code, _, errs := tandem(t, "", strings.Fields(line)...); code == codeDone || !strings.Contains(errs, says) {
			t.Errorf("%s: %d %s", line, code, errs)
		}
	}
}
