package crash

import (
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

const (
	wholeTone, cutTone = 1300, 1700 // Hz, of a message that is finished and of one that is not
	spoken             = 5 * time.Second
	// lost is the most that a kill may take of a message that is being recorded.
	lost = time.Second
	// seam is what counting whole windows of a tone, and a packet on its way, may miss.
	seam = 100 * time.Millisecond
)

// TestKillInRecording kills the member while a caller leaves a message. After the restart the message is in
// the mailbox, without at most its last second; the phone of the owner, registered before the kill, is told
// how many there are, and so is one that registers and subscribes now.
func TestKillInRecording(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	m.Tandem("account", "edit", "1001@"+lab.Domain, "--voicemail=busy")
	owner := m.Phone(t, "1001")
	owner.Register(600)
	if s := owner.Subscribe("message-summary"); s/100 != 2 {
		t.Fatalf("the subscription got %d", s)
	}
	leave(t, m, owner, wholeTone).Hangup()
	owner.AwaitNotice("Voice-Message: 1/0")

	leave(t, m, owner, cutTone)
	m.Kill()
	m.Restart()

	owner = m.Phone(t, "1001")
	owner.Register(600)
	owner.AwaitNotice("Voice-Message: 2/0") // unasked, as the lamp of a phone that has registered
	if s := owner.Subscribe("message-summary"); s/100 != 2 {
		t.Fatalf("the subscription after the restart got %d", s)
	}
	owner.AwaitNotice("Voice-Message: 2/0")
	box := owner.Call("*98")
	if box.Status != 200 {
		t.Fatalf("the mailbox got %d %s", box.Status, box.Reason)
	}
	box.Press("1")
	box.AwaitTones(t, spoken-seam, wholeTone)
	box.Press("#")
	box.AwaitTones(t, spoken-lost-seam, cutTone)
	box.Press("3")
	owner.AwaitNotice("Voice-Message: 1/0")
	box.Hangup()

	// A second restart finds nothing more to deliver.
	m.Kill()
	m.Restart()
	owner = m.Phone(t, "1001")
	owner.Register(600)
	owner.AwaitNotice("Voice-Message: 1/0")
	if strings.Contains(m.Log(), "a recording of before the last stop is delivered") {
		t.Error("the message was delivered again")
	}
}

// leave calls who is busy, and returns when so much of a message has been spoken.
func leave(t *testing.T, m *lab.Member, owner *lab.Phone, hz float64) *lab.Call {
	t.Helper()
	go func() { owner.Await().Refuse("486 Busy Here") }()
	c := m.Phone(t, "1000").Call("1001")
	if c.Status != 200 {
		t.Fatalf("the call got %d %s", c.Status, c.Reason)
	}
	lab.Wait(t, 30*time.Second, "the message is recorded", func() bool {
		var list struct{ Tasks []struct{ Waiting string } }
		return m.Ask("GET", "tasks", nil, &list) == nil && len(list.Tasks) == 1 && list.Tasks[0].Waiting == "Record"
	})
	c.SayFor(t, hz, spoken)
	return c
}
