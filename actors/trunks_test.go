package actors

import (
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/msg"
	"tandem/conf"
)

// TestDrainOfTheLastMember: nobody takes the trunks that it looks after, so it does not wait for that.
func TestDrainOfTheLastMember(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Trunks.List = []conf.Trunk{{Name: "carrier", Targets: []string{"192.0.2.1"}, Unprobed: true, Register: true, User: "line", Secret: "secret"}}
	h := start(t, c)
	h.ingress.Stand(&msg.TrunkStanding{Name: "carrier", Up: true, Contact: "sip:line@127.0.0.1", Registration: "registered"})
	acttest.Until(t, "it looks after its trunk", func() bool { return h.owns("trunk", "carrier") })
	began := time.Now()
	if err := h.Drain(0, "admin"); err != nil {
		t.Fatal(err)
	}
	if long := time.Since(began); long >= moveTime {
		t.Errorf("it waits %v", long)
	}
}
