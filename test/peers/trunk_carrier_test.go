package peers

import (
	"fmt"
	"testing"

	"tandem/test/lab"
)

// abroad are the numbers that are called over the trunk of most stories.
const abroad = `[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+"}]`

// TestTrunkProofs: a registration and a call are proved by either digest, over datagrams and over a connection.
func TestTrunkProofs(t *testing.T) {
	lab.Long(t)
	for _, md5 := range []bool{false, true} {
		for _, transport := range []string{"udp", "tcp"} {
			t.Run(fmt.Sprintf("%s, MD5 %t", transport, md5), func(t *testing.T) {
				x := newCarrier(t, carrierConf{Asks: true, MD5: md5})
				m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], domain: carrier.example, user: line, secret: "carrier's secret", register: true}]`,
					x.target()+";transport="+transport), abroad, `[]`)
				far := x.takes()
				awaitTrunk(t, m, "the trunk is registered", func(s standing) bool { return s.State == "up" && s.Registration == "registered" })
				p := m.Phone(t, "1000")
				p.Register(300)
				c := p.Call("004989123456")
				if c.Status != 200 {
					t.Fatalf("the call: %d %s", c.Status, c.Reason)
				}
				talk(t, c, <-far)
				c.Hangup()
			})
		}
	}
}

// TestTrunkSharesLoad: two targets have calls by their weights. One takes no more calls and says for how long: they go to the
// other one, without asking it again, and come back when the time is over.
func TestTrunkSharesLoad(t *testing.T) {
	lab.Long(t)
	x, y := newCarrier(t, carrierConf{}), newCarrier(t, carrierConf{})
	m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: ["%s;weight=3", "%s;weight=1"], probe: 1s}]`, x.target(), y.target()), abroad, `[]`)
	first, second := x.takes(), y.takes()
	p := m.Phone(t, "1000")
	p.Deaf = true
	p.Register(300)
	awaitTrunk(t, m, "both targets are up", func(s standing) bool { return s.State == "up" })
	share := func(calls int) (n [2]int) {
		t.Helper()
		for range calls {
			c := p.Call("004989123456")
			if c.Status != 200 {
				t.Fatalf("a call: %d %s", c.Status, c.Reason)
			}
			select {
			case <-first:
				n[0]++
			case <-second:
				n[1]++
			}
			c.Hangup()
		}
		return n
	}
	if n := share(40); n[0] == 0 || n[1] == 0 {
		t.Errorf("of 40 calls the targets have had %v", n)
	}

	x.stop()
	x.conf.Refuses, x.conf.Rests = 503, 3
	x.start()
	awaitTrunk(t, m, "the first target is up again", func(s standing) bool { return s.State == "up" })
	tried := 0
	for trunkOf(t, m).State == "up" { // until it is the turn of the one that refuses
		share(1)
		if tried++; tried > 40 {
			t.Fatal("the first target is never tried")
		}
	}
	if s := trunkOf(t, m); s.State != "impaired" || s.Targets[0].State != "down" {
		t.Errorf("a target that has refused: %+v", s)
	}
	x.stop()
	x.conf.Refuses, x.conf.Rests = 0, 0
	x.start()
	awaitTrunk(t, m, "its rest is over", func(s standing) bool { return s.State == "up" })
	if n := share(40); n[0] == 0 || n[1] == 0 {
		t.Errorf("of 40 calls after that the targets have had %v", n)
	}
}

// TestTrunkRate: more calls in a second than the trunk may have are refused, with the reason, and let out again after it.
func TestTrunkRate(t *testing.T) {
	lab.Long(t)
	x := newCarrier(t, carrierConf{})
	m := trunked(t, fmt.Sprintf(`[{name: carrier, targets: [%q], rate: 1}]`, x.target()), abroad, `[]`)
	x.takes()
	p := m.Phone(t, "1000")
	p.Deaf = true
	p.Register(300)
	refused := 0
	for i := range 5 {
		switch c := p.Call("004989123456"); {
		case c.Status == 200:
			c.Hangup()
		case c.Status == 503 && c.Reason == "Too many calls a second for the trunk":
			refused++
		default:
			t.Errorf("call %d: %d %s", i, c.Status, c.Reason)
		}
	}
	if refused == 0 || refused == 5 {
		t.Errorf("%d of 5 calls were refused", refused)
	}
	lab.Wait(t, patience, "a call goes out again", func() bool { return p.Call("004989123456").Status == 200 })
}
