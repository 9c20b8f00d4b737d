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
		"queuelog report cluster:A||B":                  "cluster:A||B\n          ^",
		"queuelog report cluster:A|B --file A=x":        "no file is given for the partition B",
		"queuelog report sql:A --server http://[::1]:1": "no member answers",
		"queuelog report sql:A --file A":                "a name, '=' and a value",
		"queuelog report sql:A --file A=/nowhere":       "no such file",
		"queuelog report sql:A --from x --file A=x":     "is no time",
		"queuelog report sql:A --zone Mars --file A=x":  "is no time zone",
	} {
		if code, _, errs := tandem(t, "", strings.Fields(line)...); code == codeDone || !strings.Contains(errs, says) {
			t.Errorf("%s: %d %s", line, code, errs)
		}
	}
}

// tri are the flags that read the three servers of con-tri.
func tri() (flags []string) {
	cases := filepath.Join("..", "..", "actors", "queuelog", "report", "testdata", "cases")
	for _, p := range []string{"A", "B", "C"} {
		flags = append(flags, "--file", p+"="+filepath.Join(cases, "con-tri-"+p+".queue_log"))
	}
	return flags
}

// TestQueuelogBlocks writes blocks in every way, and asks for the calls behind a number.
func TestQueuelogBlocks(t *testing.T) {
	report := func(words ...string) (int, string, string) {
		return tandem(t, "", append(append([]string{"queuelog", "report", "cluster:*"}, tri()...), words...)...)
	}
	if _, out, errs := report("--block", "KoDO.OverviewOkKo", "-o", "csv"); out != "Queue,Offered,Answered,Lost,Avg length,Total length,Avg wait,Total wait\n"+
		"q1,8,5,3,72.25,289,12.2,61\nq2,3,2,1,65,130,6,12\n" {
		t.Error(out, errs)
	}
	if _, out, errs := report("--block", "KoDO.OverviewOkKo", "--queues", "q2"); !strings.Contains(out, "q2     3        2         1     0:01:05     0:02:10") {
		t.Error(out, errs)
	}
	var got struct {
		Blocks []struct {
			Rows   [][]any
			Behind [][]*string
		}
	}
	_, out, errs := report("--block", "KoDO.OverviewOkKo", "-o", "json")
	if err := json.Unmarshal([]byte(out), &got); err != nil || got.Blocks[0].Rows[0][3] != 3.0 {
		t.Fatal(err, out, errs)
	}
	_, out, _ = report("--block", "DetailsDO.Calls", "--where", *got.Blocks[0].Behind[0][3], "-o", "csv")
	if strings.Count(out, "\n") != 1+3 || strings.Count(out, ",q1,lost,") != 3 {
		t.Error(out)
	}
	book := filepath.Join(t.TempDir(), "book.xlsx")
	if code, _, errs := report("--block", "KoDO.OverviewOkKo,OkDO.RiassAllCalls", "-o", "xlsx", "--out", book); code != codeDone {
		t.Error(errs)
	}
	if text, err := os.ReadFile(book); err != nil || !strings.HasPrefix(string(text), "PK") {
		t.Error(err)
	}
	for words, says := range map[string]string{
		"--block OkDO.Nothing":                      `there is no block "OkDO.Nothing"`,
		"-o csv":                                    "name them with --block",
		"--block OkDO.RiassAllCalls --slot 7":       "--slot \"7\" is no number of minutes",
		"--block OkDO.RiassAllCalls --where x=y":    `calls have no "x"`,
		"--block OkDO.RiassAllCalls -o pdf":         "only table, json, csv and xlsx are known",
		"--block OkDO.RiassAllCalls --short-wait x": "--short-wait",
	} {
		if code, _, errs := report(strings.Fields(words)...); code == codeDone || !strings.Contains(errs, says) {
			t.Errorf("%s: %d %s", words, code, errs)
		}
	}
	if _, out, _ := tandem(t, "", "queuelog", "blocks"); !strings.Contains(out, "OkDO.RiassAllCalls") {
		t.Error(out)
	}
	if code, _, errs := tandem(t, "", "queuelog", "blocks", "-o", "csv"); code == codeDone || !strings.Contains(errs, "only table and json are known") {
		t.Error(errs)
	}
}

// TestQueuelogExplain: a restart cut the call of a caller who waited.
func TestQueuelogExplain(t *testing.T) {
	_, out, errs := tandem(t, "", append([]string{"queuelog", "explain", "B:100.11"}, tri()...)...)
	if !strings.Contains(out, "10    1700000370|100.11|q1|NONE|ENTERQUEUE||5563|1  enters q1") || !strings.Contains(out, "leaves q1 unanswered after 30 s, by restart") {
		t.Error(out, errs)
	}
	for name, says := range map[string]string{"B": "is no call", "B:none": "no line of B names the call none", "D:1": "no file is given"} {
		if code, _, errs := tandem(t, "", append([]string{"queuelog", "explain", name}, tri()...)...); code == codeDone || !strings.Contains(errs, says) {
			t.Errorf("%s: %s", name, errs)
		}
	}
}

// TestReadmeOfManyServers runs the commands that the README shows, and looks for the lines that it shows of them.
func TestReadmeOfManyServers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, found := strings.Cut(string(text), "### Four limits of clustered queue logs")
	part, _, more := strings.Cut(part, "\n## ")
	if !found || !more {
		t.Fatal("the README has no such part")
	}
	t.Chdir(filepath.Join("..", "..", "actors", "queuelog", "report", "testdata", "cases"))
	said, commands, lines := "", 0, 0
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		if words, ok := strings.CutPrefix(line, "tandem "); ok {
			code, out, errs := tandem(t, "", strings.Fields(strings.ReplaceAll(words, "'", ""))...)
			if code != codeDone {
				t.Fatalf("%s: %d %s", line, code, errs)
			}
			said, commands = strings.Join(strings.Fields(out), " "), commands+1
		}
		if shown, ok := strings.CutPrefix(line, "# "); ok {
			if lines++; !strings.Contains(said, strings.Join(strings.Fields(shown), " ")) {
				t.Errorf("no %q in\n%s", shown, said)
			}
		}
	}
	if commands != 4 || lines != 6 {
		t.Errorf("%d commands and %d lines are shown", commands, lines)
	}
}
