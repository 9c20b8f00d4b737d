package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestServeForASolution: a member that is started for a solution asks in it; one that is started for a solution that is not there,
// or that does not name it, says so and ends.
func TestServeForASolution(t *testing.T) {
	lab.Long(t)
	file := filepath.Join(t.TempDir(), "tandem.yaml")
	text := "member:\n  name: m1\nsip:\n  bind: [127.0.0.1]\nhttp:\n  bind: [127.0.0.1]\nmedia:\n  bind: [127.0.0.1]\nstat:\n  solutions: [{name: west, members: [m1]}, {name: east, members: [m2]}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := func(data, solution string) *lab.Process {
		args := []string{"serve", "--config", file, "--data", data, "--stat-solution", solution}
		for _, port := range []string{"sip.udp", "sip.tcp", "sip.tls", "http.port", "cli.port", "ximss.port", "media.webrtc_port"} {
			args = append(args, "--set", port+"=0")
		}
		return lab.Go(t, lab.Command{Path: lab.Binary(t), Args: args})
	}
	for solution, says := range map[string]string{"north": "none of stat.solutions", "east": "do not name m1"} {
		p := serve(t.TempDir(), solution)
		if code := p.Wait(t, patience); code == 0 || !strings.Contains(p.Output(), says) {
			t.Errorf("for %s it ends with %d: %s", solution, code, p.Output())
		}
	}
	data := t.TempDir()
	p := serve(data, "west")
	p.WaitLine(t, patience, "ready")
	verb := func(args ...string) string {
		v := lab.Go(t, lab.Command{Path: lab.Binary(t), Args: append(append([]string{"stat"}, args...), "--data", data)})
		if code := v.Wait(t, patience); code != 0 {
			t.Errorf("%v ends with %d", args, code)
		}
		return v.Output()
	}
	if out := verb("solutions"); !strings.Contains(out, "west") || !strings.Contains(out, "m1") || !strings.Contains(out, "yes") {
		t.Errorf("the solutions are %s", out)
	}
	if out := verb("get", "Queue:q", "Total_Calls_Answered", "-o", "json"); !strings.Contains(out, `"solution": "west"`) {
		t.Errorf("asked for is %s", out)
	}
}
