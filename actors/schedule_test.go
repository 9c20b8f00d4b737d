package actors

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/ledger"
	"tandem/ximss/object"
)

// program puts a program into the environment of the domain.
func program(t *testing.T, h *House, name, source string) {
	t.Helper()
	execute(t, h, `STOREDOMAINPBXFILE tandem.local FILE "`+name+`.sppr" DATA [`+base64.StdEncoding.EncodeToString([]byte(source))+`]`)
	acttest.Until(t, name+" is there", func() bool {
		_, err := h.environment.Program("tandem.local", "", name)
		return err == nil
	})
}

// execute runs a command of the administrator.
func execute(t *testing.T, h *House, line string) object.Value {
	t.Helper()
	v, _, f := h.ExecuteLine(t.Context(), "admin@tandem.local", line)
	if f != nil {
		t.Fatalf("%s: %v", line, f)
	}
	return v
}

// written is what a program has written into alice's file; "" until it has.
func written(t *testing.T, h *House, name string) string {
	t.Helper()
	b, err := h.storage.Read(t.Context(), "1000@tandem.local", name, 0, -1)
	if err != nil {
		return ""
	}
	return string(b)
}

// note is a program that writes its start parameter down, a line for each start.
const note = `entry Main is AppendStorageFile("starts.txt", ObjectToString(Vars().startParameter) + ";"); end;`

// A scheduled task starts at its time; one that was due while nobody ran starts once, and goes on.
func TestScheduledTasks(t *testing.T) {
	c := settingsOf(t.TempDir())
	h, err := open(t, liveOf(t, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	program(t, h, "note", note)
	soon := time.Now().Add(time.Second)
	execute(t, h, fmt.Sprintf(`UPDATESCHEDULEDTASK 1000 {id=once;program=note;parameter={a=b;};when=#T%s;}`, object.DateText(soon.Unix())))
	acttest.Until(t, "the task has run", func() bool { return written(t, h, "starts.txt") != "" })
	if got := written(t, h, "starts.txt"); !strings.HasPrefix(got, "(once,#T") || !strings.HasSuffix(got, ",{a=b;});") {
		t.Errorf("its parameter is %s", got)
	}
	if left := h.ledger.Scheduled(); len(left) != 0 {
		t.Errorf("left is %+v", left)
	}
	later := time.Now().Add(time.Hour)
	execute(t, h, fmt.Sprintf(`UPDATESCHEDULEDTASK 1000 {id=ring;program=note;period=day;when=#T%s;}`, object.DateText(later.Unix())))
	execute(t, h, fmt.Sprintf(`UPDATESCHEDULEDTASK 1000 {id=none;program=nosuch;when=#T%s;}`, object.DateText(later.Unix())))
	stop(t, h)

	// The clock stands still for three days.
	h, err = open(t, liveOf(t, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	due := time.Now().AddDate(0, 0, -3).Truncate(time.Second)
	execute(t, h, "UPDATESCHEDULEDTASK 1000 {id=none;}")
	execute(t, h, fmt.Sprintf(`UPDATESCHEDULEDTASK 1000 {id=ring;program=note;period=day;when=#T%s;}`, object.DateText(due.Unix())))
	acttest.Until(t, "it has run", func() bool { return strings.Contains(written(t, h, "starts.txt"), "(ring,") })
	if left := h.ledger.Scheduled(); len(left) != 1 || !left[0].When.After(time.Now()) || left[0].When.Sub(due)%(24*time.Hour) != 0 {
		t.Errorf("of what was due at %v there is left %+v", due, left)
	}
	stop(t, h)
	h = start(t, c)
	before := written(t, h, "starts.txt")
	if _, again := h.startScheduled(t.Context(), ledger.Scheduled{Account: "1000@tandem.local", ID: "ring", Program: "note", When: due, Period: "day"}, time.Now()); again {
		t.Error("what another has started is started again")
	}
	if got := written(t, h, "starts.txt"); got != before || strings.Count(got, "(ring,") != 1 {
		t.Errorf("after a restart there is %s, before %s", got, before)
	}
}
