package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

const patience = 20 * time.Second

// clerk tells what it is told, until the end.
const clerk = `
entry main is
  SetApplicationStatus(Vars().startParameter);
  loop
    event = ReadInput(3600);
    exitif event.what == "end";
    if event.what == "say" then SetApplicationStatus(event.parameter); end if;
  end loop;
end entry;
entry other is
  SetApplicationStatus("other");
  Void(ReadInput(3600));
end entry;
`

// wrong has an error in its third line.
const wrong = `
entry main is
  x = = 1;
end entry;
`

// talk is a script for task run, and what clerk does with it.
const talk = `start param=(a,#1)
event say {b=c;}
event end
`

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decode reads the JSON that a verb has printed.
func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// TestTaskFiles checks and runs programs that are files, with no member's help.
func TestTaskFiles(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	good, bad := write(t, "clerk.sppr", clerk), write(t, "wrong.sppr", wrong)
	type found struct {
		File    string
		Line    int
		Warning bool
		Text    string
	}
	if list := decode[[]found](t, m.Tandem("task", "check", good, "-o", "json")); len(list) != 0 {
		t.Errorf("a good program: %v", list)
	}
	out, code := m.Verb("task", "check", good, bad)
	if code != 1 || !strings.Contains(out, "wrong.sppr:3:") || !strings.Contains(out, "1 of 2 files do not compile") {
		t.Errorf("a wrong program: code %d, %s", code, out)
	}
	if out, code := m.Verb("task", "check", filepath.Join(t.TempDir(), "none.sppr")); code != 1 {
		t.Errorf("no program: code %d, %s", code, out)
	}
	if out, code := m.Verb("task", "check"); code != 2 {
		t.Errorf("no file: code %d, %s", code, out)
	}
	out = m.Tandem("task", "run", good, "--input", write(t, "talk.txt", talk))
	if !strings.Contains(out, "> event say") || !strings.Contains(out, "ends") {
		t.Errorf("the run says %s", out)
	}
	if out, code := m.Verb("task", "run", bad, "--input", write(t, "talk.txt", talk)); code != 1 {
		t.Errorf("the run of a wrong program: code %d, %s", code, out)
	}
	if out, code := m.Verb("task", "run", good); code != 2 {
		t.Errorf("a run without a script: code %d, %s", code, out)
	}
}

// TestTaskVerbs starts a Task, looks at it, tells it things, and ends it.
func TestTaskVerbs(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	m.Program("clerk.sppr", clerk)
	type row struct{ Handler, Program, Account, Mode, Status, Waiting string }
	type rows struct{ Tasks []row }
	list := func() []row { return decode[rows](t, m.Tandem("task", "list", "-o", "json")).Tasks }
	status := func(handler, want string) {
		t.Helper()
		lab.Wait(t, patience, "the status is "+want, func() bool {
			return decode[row](t, m.Tandem("task", "show", handler, "-o", "json")).Status == want
		})
	}

	if all := list(); len(all) != 0 {
		t.Errorf("tasks of nobody: %v", all)
	}
	account := "1000@" + lab.Domain
	first := decode[row](t, m.Tandem("task", "start", account, "clerk", "--param", "(a,#1)", "-o", "json")).Handler
	status(first, "(a,#1)")
	second := decode[row](t, m.Tandem("task", "start", account, "clerk", "--entry", "other", "-o", "json")).Handler
	status(second, "other")
	lab.Wait(t, patience, "both wait", func() bool {
		all := list()
		return len(all) == 2 && all[0].Handler == first && all[1].Handler == second && all[0].Waiting == "ReadInput"
	})
	if all := list(); all[0].Program != "clerk" || all[0].Account != account || all[0].Mode != "disconnected" {
		t.Errorf("the list says %+v", all[0])
	}
	if out := m.Tandem("task", "list", "--program", "clerk"); !strings.Contains(out, first) || !strings.Contains(out, "HANDLER") {
		t.Errorf("the list says %s", out)
	}
	if all := decode[rows](t, m.Tandem("task", "list", "--account", "1001@"+lab.Domain, "-o", "json")).Tasks; len(all) != 0 {
		t.Errorf("tasks of another account: %v", all)
	}
	m.Tandem("task", "event", first, "say", "--param", `{k="two words";}`)
	status(first, `{k="two words";}`)
	m.Tandem("task", "event", first, "end")
	m.Tandem("task", "kill", second)
	lab.Wait(t, patience, "both have ended", func() bool { return len(list()) == 0 })

	for _, c := range []struct {
		code int
		args string
	}{
		{1, "task show " + first}, {1, "task kill " + first}, {1, "task event " + first + " say"},
		{1, "task kill nonsense"}, {1, "task start nobody@" + lab.Domain + " clerk"}, {1, "task start " + account + " none"},
		{1, "task start " + account + " clerk --param (a"}, {1, "task start " + account + " clerk --entry none"},
		{2, "task kill"}, {2, "task start " + account}, {2, "task event x"}, {2, "task list more"}, {2, "task bogus"},
		{3, "task list --server http://127.0.0.1:9"},
	} {
		if out, code := m.Verb(strings.Fields(c.args)...); code != c.code {
			t.Errorf("tandem %s ended with %d, want %d: %s", c.args, code, c.code, out)
		}
	}
}
