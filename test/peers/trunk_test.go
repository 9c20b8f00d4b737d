package peers

import (
	"fmt"
	"testing"
	"time"

	"tandem/test/lab"
)

// trunked starts a member with trunks, each as in the settings, and numbers that are called over them.
func trunked(t *testing.T, list, numbers, incoming string) *lab.Member {
	t.Helper()
	return lab.Start(t, lab.Options{Set: []string{"trunks.list=" + list, "trunks.numbers=" + numbers, "trunks.incoming=" + incoming}})
}

// TestTrunkWithRegistration: a provider that wants us to register, and to prove ourselves for each call. Calls go out and
// come in, and both sides hear each other.
func TestTrunkWithRegistration(t *testing.T) {
	lab.Long(t)
	x := newCarrier(t, carrierConf{Asks: true})
	m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], domain: carrier.example, user: line, secret: "carrier's secret", register: true}]`, x.target()),
		`[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}]`, `[{trunk: carrier, match: "+498970010nn", strip: 8, prepend: ""}, {match: ".", to: "1001"}]`)
	p := m.Phone(t, "1000")
	p.Register(300)
	awaitTrunk(t, m, "the trunk is registered", func(s standing) bool { return s.State == "up" && s.Registration == "registered" })

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

// standing is how a trunk stands, as REST tells it.
type standing struct {
	State, Registration string
	Channels            int
	Refused             uint64
	Targets             []struct{ Address, State string }
}

// trunkOf asks a member for the trunk called carrier.
func trunkOf(t testing.TB, m *lab.Member) (s standing) {
	t.Helper()
	if err := m.Ask("GET", "trunks/carrier", nil, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// awaitTrunk waits until the trunk stands so.
func awaitTrunk(t testing.TB, m *lab.Member, what string, so func(standing) bool) {
	t.Helper()
	lab.Wait(t, patience, what, func() bool { return so(trunkOf(t, m)) })
}

// takes lets the far phone answer whoever calls, until the test is over, and tells of each call.
func (x *carrier) takes() <-chan *lab.Call {
	calls := make(chan *lab.Call, 16)
	go func() {
		for c := range x.far.Incoming() {
			c.Answer()
			calls <- c
		}
	}()
	return calls
}

// TestTrunkFailover: of two targets the first one dies. That is seen by OPTIONS, and calls go to the second one at once;
// where nobody asks the first, a call finds it out and goes to the second all the same.
func TestTrunkFailover(t *testing.T) {
	lab.Long(t)
	for _, unprobed := range []bool{false, true} {
		t.Run(fmt.Sprintf("unprobed=%t", unprobed), func(t *testing.T) {
			x, y := newCarrier(t, carrierConf{}), newCarrier(t, carrierConf{})
			m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q, %q], probe: 1s, patience: 1s, unprobed: %t}]`, x.target(), y.target()+";priority=1", unprobed),
				`[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}]`, `[]`)
			first, second := x.takes(), y.takes()
			p := m.Phone(t, "1000")
			p.Register(300)
			c := p.Call("004989123456")
			if c.Status != 200 {
				t.Fatalf("the call to the first target: %d %s", c.Status, c.Reason)
			}
			(<-first).Hangup()
			c.AwaitEnd()

			x.stop()
			if !unprobed {
				awaitTrunk(t, m, "the first target is down", func(s standing) bool { return s.State == "impaired" && s.Targets[0].State == "down" })
			}
			c = p.Call("004989123456")
			if c.Status != 200 {
				t.Fatalf("the call to the second target: %d %s", c.Status, c.Reason)
			}
			far := <-second
			talk(t, c, far)
			far.Hangup()
			c.AwaitEnd()

			x.start()
			if !unprobed {
				awaitTrunk(t, m, "the first target is up again", func(s standing) bool { return s.State == "up" })
			}
		})
	}
}

// TestTrunkLimits: one call at once. Another one is refused, with the reason; an emergency call is not.
func TestTrunkLimits(t *testing.T) {
	lab.Long(t)
	x := newCarrier(t, carrierConf{})
	m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], channels: 1}]`, x.target()),
		`[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}, {match: "0110", trunks: [carrier], strip: 4, prepend: "+4989110", emergency: true}]`, `[]`)
	far := x.takes()
	a, b := m.Phone(t, "1000"), m.Phone(t, "1001")
	a.Register(300)
	b.Register(300)
	c := a.Call("004989123456")
	if c.Status != 200 {
		t.Fatalf("the first call: %d %s", c.Status, c.Reason)
	}
	<-far
	if d := b.Call("004989123456"); d.Status != 503 || d.Reason != "All channels of the trunk are taken" {
		t.Errorf("the second call: %d %s", d.Status, d.Reason)
	}
	help := b.Call("0110")
	if help.Status != 200 {
		t.Errorf("the emergency call: %d %s", help.Status, help.Reason)
	}
	<-far
	if s := trunkOf(t, m); s.Channels != 2 || s.Refused != 1 {
		t.Errorf("the trunk: %+v", s)
	}
	c.Hangup()
	help.Hangup()
	awaitTrunk(t, m, "the channels are free", func(s standing) bool { return s.Channels == 0 })
	if c := b.Call("004989123456"); c.Status != 200 {
		t.Errorf("a call when the channel is free: %d %s", c.Status, c.Reason)
	}
	if c := a.Call("0049-no-number"); c.Status != 404 {
		t.Errorf("no number: %d %s", c.Status, c.Reason)
	}
}

// TestTrunkRefusals: a carrier that challenges for ever is given up (A18), its own word on the number reaches the caller,
// and strangers call nobody over it (A19).
func TestTrunkRefusals(t *testing.T) {
	lab.Long(t)
	for _, x := range []struct {
		name   string
		conf   carrierConf
		status int
		reason string
	}{
		{"challenges for ever", carrierConf{Forever: true}, 503, "The carrier does not accept us"},
		{"has no such number", carrierConf{Refuses: 404}, 404, "Refused By The Carrier"},
		{"is busy", carrierConf{Refuses: 486}, 486, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			k := newCarrier(t, x.conf)
			m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], user: line, secret: "carrier's secret"}]`, k.target()),
				`[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}, {match: "09n.", trunks: [carrier], callers: ["1005@tandem.local"]}]`, `[]`)
			p := m.Phone(t, "1000")
			p.Register(300)
			if c := p.Call("004989123456"); c.Status != x.status || x.reason != "" && c.Reason != x.reason {
				t.Errorf("the caller hears %d %s", c.Status, c.Reason)
			}
			if c := p.Call("0912"); c.Status != 403 {
				t.Errorf("a number of others: %d %s", c.Status, c.Reason)
			}
			stranger := m.Phone(t, "1000")
			stranger.Password = "wrong"
			if c := stranger.Call("004989123456"); c.Status != 407 {
				t.Errorf("a stranger: %d %s", c.Status, c.Reason)
			}
		})
	}
}

// TestTrunkIsKnownByItsName: the target of a trunk is a name, and calls from where it leads are the trunk's. Where the settings
// name addresses those alone count.
func TestTrunkIsKnownByItsName(t *testing.T) {
	lab.Long(t)
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("known=%t", known), func(t *testing.T) {
			addresses := map[bool]string{true: "", false: "192.0.2.1"}[known]
			m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: ["localhost:%d"], unprobed: true, addresses: [%s]}]`, lab.Port(t), addresses), `[]`,
				`[{match: ".", to: "1001"}]`)
			rung := m.Phone(t, "1001")
			rung.Register(300)
			go func() {
				for c := range rung.Incoming() {
					c.Answer()
				}
			}()
			far := m.Phone(t, "+4989123456")
			far.Domain = "far.example"
			if !known {
				awaitTrunk(t, m, "the trunk is there", func(s standing) bool { return len(s.Targets) == 1 })
				if c := far.Call("sip:+4989700200@tandem.local"); c.Status == 200 {
					t.Error("a call from elsewhere is the trunk's")
				}
				return
			}
			lab.Wait(t, patience, "a call comes in", func() bool {
				c := far.Call("sip:+4989700200@tandem.local")
				if c.Status == 200 {
					c.Hangup()
				}
				return c.Status == 200
			})
		})
	}
}
