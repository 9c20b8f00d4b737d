package cluster

import (
	"slices"
	"testing"

	"tandem/test/lab"
)

// TestKeysOfAllMembers lets a phone of one member have a key for an account whose phone is with a second one and whose
// call is on a third, which is killed: one that does not own the name of the account.
func TestKeysOfAllMembers(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	desk := all[0].Phone(t, "1001")
	desk.Register(300)
	if s := desk.WatchCalls("1000"); s != 200 {
		t.Fatalf("a phone that watches got %d", s)
	}
	desk.AwaitNotice(`state="full"`)
	killed, other := all[2], all[1]
	lab.Wait(t, settle, "a member tells that it has the keylamp", func() bool {
		return slices.ContainsFunc(all, func(m *lab.Member) bool { return len(lines(m, "keylamp begins")) > 0 })
	})
	if len(lines(killed, "keylamp begins")) > 0 { // its end would cost the subscription
		killed, other = other, killed
	}
	alice, caller := other.Phone(t, "1000"), killed.Phone(t, "1002")
	alice.Register(300)
	caller.Register(300)
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
	killed.Kill()
	desk.AwaitNotice("<state>terminated")
}
