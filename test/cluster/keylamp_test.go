package cluster

import (
	"testing"

	"tandem/test/lab"
)

// TestKeysOfAllMembers lets a phone of one member have a key for an account whose phone is with a second one and whose
// call is on a third, which is killed.
func TestKeysOfAllMembers(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	desk, alice, caller := all[0].Phone(t, "1001"), all[1].Phone(t, "1000"), all[2].Phone(t, "1002")
	desk.Register(300)
	alice.Register(300)
	caller.Register(300)
	if s := desk.WatchCalls("1000"); s != 200 {
		t.Fatalf("a phone that watches got %d", s)
	}
	desk.AwaitNotice(`state="full"`)
	takes := make(chan *lab.Call, 1)
	answer := func() {
		c := alice.Await()
		c.Answer()
		takes <- c
	}
	go answer()
	c := caller.Call("1000")
	if c.Status != 200 {
		t.Fatalf("the call: %d %s", c.Status, c.Reason)
	}
	far := <-takes
	desk.AwaitNotice(`direction="recipient"><state>confirmed`)
	far.Hangup()
	c.AwaitEnd()
	desk.AwaitNotice("<state>terminated")

	go answer()
	if c := caller.Call("1000"); c.Status != 200 {
		t.Fatalf("the second call: %d %s", c.Status, c.Reason)
	}
	<-takes
	desk.AwaitNotice("<state>confirmed")
	all[2].Kill()
	desk.AwaitNotice("<state>terminated")
}
