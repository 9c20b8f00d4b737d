package peers

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"tandem/test/lab"
)

// run stores a program of testdata for an account of the same name, whose calls it takes.
func run(t testing.TB, m *lab.Member, spelling, name string) {
	t.Helper()
	m.ProgramFile(name+".sppr", filepath.Join("testdata", spelling, name+".sppr"))
	account(t, m, name, name+"#"+name)
}

// account makes an account whose calls go to a target.
func account(t testing.TB, m *lab.Member, name, target string) {
	t.Helper()
	body := map[string]any{"aor": name + "@" + lab.Domain, "password": "1234-" + name}
	if target != "" {
		body["forward"] = map[string]string{"all": target}
	}
	if err := m.Ask(http.MethodPost, "accounts", body, nil); err != nil {
		t.Fatal(err)
	}
}

// spellings are the two of the language; each program stands in both.
var spellings = []string{"basic", "alternative"}

// What the menu of testdata sounds like, Hz, and its keys.
const menuTone, oneTone, twoTone, threeTone = 440, 500, 900, 1300

// long is how much of a tone must be heard.
const long = 200 * time.Millisecond

// TestMenu lets phones press keys in every way there is: each key of the menu has a tone of its own, and 9
// records the caller and plays him back.
func TestMenu(t *testing.T) {
	for _, spelling := range spellings {
		t.Run(spelling, func(t *testing.T) {
			m := member(t)
			run(t, m, spelling, "menu")
			c := call(t, m.Phone(t, "1000"), "menu")
			c.AwaitTones(t, long, menuTone)
			c.Press("1")
			c.AwaitTones(t, long, oneTone)
			c.InfoKeys("2")
			c.AwaitTones(t, long, twoTone)
			c.Press("9")
			lab.Wait(t, patience, "the recording begins", func() bool { return status(t, m, "menu") == "records" })
			c.SayFor(t, 1700, 3*time.Second)
			c.Press("#")
			c.AwaitTones(t, 2500*time.Millisecond, 1700)
			c.Press("#")
			c.AwaitEnd()

			singer := m.Phone(t, "1001")
			singer.NoEvents = true
			c = call(t, singer, "menu")
			c.AwaitTones(t, long, menuTone)
			c.Sing("3")
			c.AwaitTones(t, long, threeTone)
			c.Hangup()
			lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })
		})
	}
}

// TestMenuByBaresip lets a real phone press the menu's keys, and hear itself.
func TestMenuByBaresip(t *testing.T) {
	m := member(t)
	run(t, m, "basic", "menu")
	p := start(t, m, baresipTCP, seats[0]).(*baresip)
	p.Call("menu")
	p.AwaitTalk()
	heard(t, p, menuTone)
	p.Press("1")
	heard(t, p, oneTone)
	p.Press("9")
	lab.Wait(t, patience, "the recording begins", func() bool { return status(t, m, "menu") == "records" })
	p.AwaitSpoken(2 * time.Second)
	p.Press("#")
	hear(t, p, p.Tone())
	p.Press("#")
	p.AwaitEnd()
}

// call makes a call that must be answered.
func call(t testing.TB, p *lab.Phone, number string) *lab.Call {
	t.Helper()
	c := p.Call(number)
	if c.Status != 200 {
		t.Fatalf("the call of %s to %s got %d %s", p.User, number, c.Status, c.Reason)
	}
	return c
}

// task is a Task as REST tells it, as far as tests look.
type task struct{ Handler, Program, Account, Status, Waiting, Where string }

func tasks(t testing.TB, m *lab.Member) []task {
	t.Helper()
	var list struct{ Tasks []task }
	if err := m.Ask(http.MethodGet, "tasks?limit=1000", nil, &list); err != nil {
		t.Fatal(err)
	}
	return list.Tasks
}

// status is the application status of the only task of a program, "" when there is none.
func status(t testing.TB, m *lab.Member, program string) (s string) {
	t.Helper()
	for _, one := range tasks(t, m) {
		if one.Program == program {
			s = one.Status
		}
	}
	return s
}
