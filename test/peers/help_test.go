package peers

import (
	"fmt"
	"testing"

	"tandem/test/lab"
)

// TestHelpIsNeverShed: a member is full, each time by another one of its limits. Nobody else gets through, and a call for help
// does, over the trunk and back.
func TestHelpIsNeverShed(t *testing.T) {
	lab.Long(t)
	x := newCarrier(t, carrierConf{})
	far := x.takes()
	for _, full := range []struct {
		name  string
		set   string
		fills func(t *testing.T, m *lab.Member, p *lab.Phone)
	}{
		{"signals", "routing.max_signals=1", func(t *testing.T, m *lab.Member, p *lab.Phone) {
			rung := m.Phone(t, "1001")
			rung.Register(300)
			go p.Call("1001")
			rung.Await() // it rings until the test is over
		}},
		{"legs", "member.max_legs=2", untilRefused},
		{"ports", "media.port_max=16451", untilRefused},
		{"transactions", "sip.max_transactions=8", untilRefused},
	} {
		t.Run(full.name, func(t *testing.T) {
			m := lab.Start(t, lab.Options{Set: []string{full.set, fmt.Sprintf("trunks.list=[{name: carrier, targets: [%q]}]", x.target()),
				`trunks.numbers=[{match: "0110", trunks: [carrier], strip: 4, prepend: "+4989110", emergency: true}]`}})
			p, caller := m.Phone(t, "1000"), m.Phone(t, "1002")
			p.Register(300)
			full.fills(t, m, p)
			if c := caller.Call("9196"); c.Status == 200 {
				t.Fatal("the member is not full")
			}
			c := caller.Call("0110")
			if c.Status != 200 {
				t.Fatalf("the call for help: %d %s", c.Status, c.Reason)
			}
			talk(t, c, <-far)
			c.Hangup()
		})
	}
}

// untilRefused calls the echo until there is no room for one more.
func untilRefused(t *testing.T, m *lab.Member, _ *lab.Phone) {
	t.Helper()
	for range 100 {
		one := m.Phone(t, "1000")
		one.Deaf = true
		if c := one.Call("9196"); c.Status != 200 {
			return
		}
	}
	t.Fatal("it is never full")
}
