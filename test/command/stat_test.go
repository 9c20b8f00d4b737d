package command

import (
	"bufio"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestStatVerbs: a statistic is opened, listed, explained, watched and dropped; what can not be is refused with what is wrong.
func TestStatVerbs(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	if out := m.Tandem("stat", "names"); !strings.Contains(out, "CurrentCallsWaiting") || !strings.Contains(out, "LastHour") {
		t.Errorf("the names are %s", out)
	}
	type value struct {
		ID    string
		Value float64
		Valid bool
	}
	v := decode[value](t, m.Tandem("stat", "get", "Queue:sales", "TotalNumber", "--main", "CallAbandoned", "--profile", "LastHour", "-o", "json"))
	if v.ID == "" || v.Value != 0 || !v.Valid {
		t.Errorf("%+v", v)
	}
	if out := m.Tandem("stat", "list", "--object", "Queue:sales"); !strings.Contains(out, v.ID) || !strings.Contains(out, "Sliding 3600,15") {
		t.Errorf("the list is %s", out)
	}
	if out := m.Tandem("stat", "explain", v.ID); !strings.Contains(out, `"main_mask"`) || !strings.Contains(out, `"sides"`) {
		t.Errorf("the explanation is %s", out)
	}
	watch := exec.Command(lab.Binary(t), "stat", "watch", "Queue:sales", "TotalNumber", "--main", "CallAbandoned", "--profile", "LastHour", "--data", m.Data)
	out, err := watch.StdoutPipe()
	if err == nil {
		err = watch.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || !strings.HasSuffix(lines.Text(), "  0") {
		t.Errorf("the first value is %q", lines.Text())
	}
	m.Tandem("stat", "drop", v.ID)
	if !lines.Scan() || !strings.HasSuffix(lines.Text(), "gone") {
		t.Errorf("the last word is %q", lines.Text())
	}
	if err := watch.Wait(); err != nil {
		t.Errorf("the watch ends with %v", err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{1, "no type", []string{"get", "Queu:sales", "CurrentCallsWaiting"}},
		{1, "stat type", []string{"get", "Queue:sales", "Nothing"}},
		{1, "CallWeight", []string{"get", "Queue:sales", "TotalNumber", "--main", "CallWeight"}},
		{1, "time profile", []string{"get", "Queue:sales", "TotalNumber", "--main", "CallWait", "--profile", "Tuesdays"}},
		{1, "filter", []string{"get", "Queue:sales", "TotalNumber", "--main", "CallWait", "--filter", "Colour = 3"}},
		{1, "formula", []string{"get", "Queue:sales", "TotalCustomValue", "--main", "CallReleased", "--formula", "1 +"}},
		{1, "no such statistic", []string{"explain", v.ID}},
		{1, "no such statistic", []string{"drop", v.ID}},
		{2, "", []string{"get", "Queue:sales"}},
	} {
		if out, code := m.Verb(append([]string{"stat"}, c.args...)...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("tandem stat %s ended with %d: %s", c.args, code, out)
		}
	}
	var list struct{ Statistics []struct{ ID string } }
	if err := m.Ask(http.MethodGet, "stat/statistics", nil, &list); err != nil || len(list.Statistics) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
