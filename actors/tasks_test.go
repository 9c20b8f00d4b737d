package actors

import (
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/pbx/environment"
	"tandem/ximss/object"
)

// A Task that has lived too long is ended; a younger one is not.
func TestOldTasksAreEnded(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Tasks.MaxLife = time.Hour
	h := start(t, c)
	storeProgram(t, h, "wait.sppr", `entry main is Void(ReadInput(3600)); end entry;`)
	handler, err := h.StartTask("1000@tandem.local", "wait", "", object.Null)
	if err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the task waits", func() bool { r, ok := h.tasks.Row(handler); return ok && r.Waiting == "ReadInput" })
	h.endOldTasks(time.Now().Add(59 * time.Minute))
	if _, lives := h.tasks.Row(handler); !lives {
		t.Fatal("it was ended too early")
	}
	h.endOldTasks(time.Now().Add(61 * time.Minute))
	acttest.Until(t, "the task has ended", func() bool { _, lives := h.tasks.Row(handler); return !lives })
}

// All Tasks of an account are ended, those that start others too; another account's go on.
func TestTasksOfAnAccountAreEnded(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	storeProgram(t, h, "wait.sppr", `entry main is Void(ReadInput(3600)); end entry;`)
	storeProgram(t, h, "breed.sppr", `entry main is
	  for i = 0 while i < 3 by i += 1 loop Void(ReadInput(0)); if Vars().startParameter < 4 then
	    Void(spawn main(Vars().startParameter + 1)); end if; end loop;
	  Void(ReadInput(3600));
	end entry;`)
	other, err := h.StartTask("1000@tandem.local", "wait", "", object.Null)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.StartTask("1001@tandem.local", "breed", "", object.Number(0)); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "some live", func() bool { return len(h.tasks.Rows()) > 10 })
	n, err := h.deskTasks().EndTasks(t.Context(), "1001@tandem.local")
	if err != nil || n < 10 {
		t.Errorf("%d ended, %v", n, err)
	}
	if rows := h.tasks.Rows(); len(rows) != 1 || rows[0].Task != other {
		t.Errorf("%d tasks live", len(rows))
	}
	if _, err := h.deskTasks().EndTasks(t.Context(), "nobody@tandem.local"); err == nil {
		t.Error("the tasks of nobody are ended")
	}
}

// storeProgram puts a program into the cluster's environment.
func storeProgram(t *testing.T, h *House, name, source string) {
	t.Helper()
	if err := h.environment.StorePBXFile(t.Context(), "test", environment.Cluster, "", name, []byte(source)); err != nil {
		t.Fatal(err)
	}
}

// A program can measure how long a thing takes.
func TestUpTimeIsInMicroseconds(t *testing.T) {
	h := &House{started: time.Now().Add(-time.Second)}
	began := time.Now()
	first, ok := h.systemInfo("upTime").Int()
	second, _ := h.systemInfo("UPTIME").Int()
	most := int64(time.Second+time.Since(began))/1000 + 1000
	if !ok || first < 1e6 || second < first || second > most {
		t.Errorf("a second after the start it is %d and %d", first, second)
	}
}
