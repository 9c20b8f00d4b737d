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

// storeProgram puts a program into the cluster's environment.
func storeProgram(t *testing.T, h *House, name, source string) {
	t.Helper()
	if err := (pbxFiles{h}).StorePBXFile(t.Context(), "test", environment.Cluster, "", name, []byte(source)); err != nil {
		t.Fatal(err)
	}
}
