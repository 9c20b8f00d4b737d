package load

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// group is the members of a cluster under load, or one that is alone.
type group struct {
	members []*lab.Member
	servers servers
}

// startGroup starts members with room for the load.
func startGroup(t *testing.T, o lab.ClusterOptions) (g group) {
	t.Helper()
	o.Set = append(roomy[:len(roomy):len(roomy)], o.Set...)
	g.members = lab.StartCluster(t, o)
	for _, m := range g.members {
		g.servers = append(g.servers, server{m.PID(), netip.MustParseAddrPort(m.UDPAddr())})
	}
	return g
}

// onOneCore puts all members on the server's core.
func (g group) onOneCore(t *testing.T) {
	t.Helper()
	for _, s := range g.servers {
		pinServer(t, s.pid)
	}
}

// resident is the memory of all members, in bytes.
func (g group) resident(t *testing.T) (sum float64) {
	t.Helper()
	for _, m := range g.members {
		sum += scrape(t, m).rss
	}
	return sum
}

// settled is after how long members that have just started have found each other and parted the names among them; till
// then some of what is asked is refused with 503.
const settled = 30 * time.Second

// atEach is how many callers, and callees, an exchange has. It divides the members evenly, three or one.
const atEach = 3

// exchange is calls between phones at all members of a group: each caller, and each callee, is with the next member,
// and every caller calls all callees in turn.
type exchange struct {
	group
	desks          []*desk
	as             []identity
	callees        []*callee
	numbers        []string
	caller, called *phones
}

func newExchange(t *testing.T, g group) *exchange {
	t.Helper()
	x := &exchange{group: g, as: demo(0, atEach), caller: openPhones(t), called: openPhones(t)}
	for i := range atEach {
		with := g.servers[i%len(g.servers)]
		x.desks = append(x.desks, &desk{conn: dial(t, with.at)})
		to := demo(atEach+i, 1)
		x.callees = append(x.callees, answering(t, with, to[0], x.called.port, nil))
		x.numbers = append(x.numbers, to[0].user)
	}
	for i, d := range x.desks { // they learn the challenges, too
		lab.Wait(t, settled, "calls pass", func() bool {
			return d.run(&calling{as: &x.as[i], numbers: x.numbers, media: x.caller.port}, atEach, callsPerSecond).failures() == 0
		})
	}
	return x
}

// begin makes n calls that stand, and tells both sides where to send their audio.
func (x *exchange) begin(t *testing.T, n int) {
	t.Helper()
	for _, c := range x.callees {
		c.forget()
	}
	x.each(t, "setting up calls", func(i int) outcome {
		return x.desks[i].run(&calling{as: &x.as[i], numbers: x.numbers, media: x.caller.port, hold: true}, n/atEach,
			callsPerSecond/atEach)
	})
	x.caller.targets, x.called.targets = nil, nil
	for _, d := range x.desks {
		for _, o := range d.ops {
			x.caller.targets = append(x.caller.targets, o.media)
		}
	}
	for _, c := range x.callees {
		x.called.targets = append(x.called.targets, c.targets()...)
	}
	if from, to := len(x.caller.targets), len(x.called.targets); from != n/atEach*atEach || to != from {
		t.Fatalf("of %d calls %d have audio at the callers and %d at the callees", n/atEach*atEach, from, to)
	}
}

// forget forgets calls that have ended.
func (c *callee) forget() { c.mu.Lock(); clear(c.wanted); c.mu.Unlock() }

// end hangs all calls up.
func (x *exchange) end(t *testing.T) {
	t.Helper()
	x.each(t, "hanging up", func(i int) outcome {
		return x.desks[i].resume(&hangingUp{as: &x.as[i]}, callsPerSecond/atEach)
	})
}

// each lets all desks work at the same time.
func (x *exchange) each(t *testing.T, what string, work func(i int) outcome) {
	t.Helper()
	outcomes := make([]outcome, len(x.desks))
	var working sync.WaitGroup
	for i := range x.desks {
		working.Go(func() { outcomes[i] = work(i) })
	}
	working.Wait()
	for i, o := range outcomes {
		mustDo(t, o, fmt.Sprint(what, " at ", x.members[i%len(x.members)].Name))
	}
}
