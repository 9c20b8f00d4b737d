package peers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// trunked starts a member with trunks, each as in the settings, and numbers that are called over them.
func trunked(t *testing.T, list, numbers, incoming string) *lab.Member {
	t.Helper()
	lab.Long(t)
	t.Parallel()
	return lab.Start(t, lab.Options{Set: []string{"trunks.list=" + list, "trunks.numbers=" + numbers, "trunks.incoming=" + incoming}})
}

// TestTrunkWithRegistration: a provider that wants us to register, and to prove ourselves for each call. Calls go out and
// come in, and both sides hear each other.
func TestTrunkWithRegistration(t *testing.T) {
	x := newCarrier(t, carrierConf{Asks: true})
	m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], domain: carrier.example, user: line, secret: "carrier's secret", register: true}]`, x.target()),
		`[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}]`, `[{trunk: carrier, match: "+498970010nn", strip: 8, prepend: ""}, {match: ".", to: "1001"}]`)
	p := m.Phone(t, "1000")
	p.Register(300)
	lab.Wait(t, patience, "the trunk is registered", func() bool {
		return strings.Contains(m.Log(), "to=registered") || strings.Contains(m.Log(), `"to":"registered"`)
	})

	answered := make(chan *lab.Call, 1)
	go func() {
		c := x.far.Await()
		c.Answer()
		answered <- c
	}()
	c := p.Call("004989123456")
	if c.Status != 200 {
		t.Fatalf("the call over the trunk: %d %s", c.Status, c.Reason)
	}
	far := <-answered
	talk(t, c, far)
	c.Hangup()
	far.AwaitEnd()

	other := m.Phone(t, "1001")
	other.Register(300)
	go func() {
		c := other.Await()
		c.Answer()
		answered <- c
	}()
	c = x.far.Call("sip:+4989700200@carrier.example")
	if c.Status != 200 {
		t.Fatalf("the call from the trunk: %d %s", c.Status, c.Reason)
	}
	near := <-answered
	talk(t, c, near)
	near.Hangup()
	c.AwaitEnd()
}

// talk lets both sides say something and hear it.
func talk(t testing.TB, a, b *lab.Call) {
	t.Helper()
	a.Say(700)
	b.Say(1150)
	a.AwaitTones(t, time.Second/2, 1150)
	b.AwaitTones(t, time.Second/2, 700)
}
