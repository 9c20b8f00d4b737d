package load

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tandem/test/lab"
)

// callsPerSecond is the pace at which calls are set up that are to be held.
const callsPerSecond = 150

// TestRelay lets two-way G.711 calls run through the member and through a forwarder that does
// nothing else, by turns.
func TestRelay(t *testing.T) {
	onDemand(t)
	caller, called := openPhones(t), openPhones(t)
	_, member := startMember(t)
	held := holdCalls(t, member, *calls, caller, called)
	floor := startFloor(t, "forwarder")
	introduce(t, floor, caller, called)

	length := time.Duration(*seconds * float64(time.Second))
	ports := [2][]netip.AddrPort{caller.targets, called.targets}
	through := map[string][]talked{}
	for range *rounds {
		caller.targets, called.targets = all(floor.at, *calls), all(floor.at, *calls)
		through["forwarder"] = append(through["forwarder"], talk(t, servers{floor}, length, caller, called))
		caller.targets, called.targets = ports[0], ports[1]
		through["member"] = append(through["member"], talk(t, servers{member}, length, caller, called))
	}
	tb := table{title: fmt.Sprintf("Relay: %d two-way G.711 calls, %d packets/s; medians of %d rounds of %v",
		*calls, *calls*100, *rounds, length)}
	tb.add("through", "µs CPU/packet", "ratio", "lost %", "delay p50 µs", "p99 µs",
		"% of core", "others %", "")
	base := median(each(through["forwarder"], talked.perPacket))
	for _, name := range []string{"forwarder", "member"} {
		r := through[name]
		per, foreign := median(each(r, talked.perPacket)), median(each(r, func(r talked) float64 { return r.others }))
		tb.add(name, per, ratio(per, base), median(each(r, talked.lost)), median(each(r, delay(0.5))),
			median(each(r, delay(0.99))), median(each(r, func(r talked) float64 {
				return 100 * r.cpu.Seconds() / length.Seconds()
			})), foreign, doubt(foreign))
	}
	tb.print()
	held.hangUp(t)
}

func (r talked) lost() float64 {
	return 100 * max(0, 1-float64(r.received)/float64(max(r.sent, 1)))
}

func delay(part float64) func(talked) time.Duration {
	return func(r talked) time.Duration { return quantile(r.delays, part) }
}

// each is one figure of every round.
func each[A, B any](rounds []A, figure func(A) B) (figures []B) {
	for _, r := range rounds {
		figures = append(figures, figure(r))
	}
	return figures
}

func all(at netip.AddrPort, n int) []netip.AddrPort { return slices.Repeat([]netip.AddrPort{at}, n) }

// introduce tells a forwarder the ports of both sides.
func introduce(t *testing.T, floor server, caller, called *phones) {
	t.Helper()
	for side, p := range map[string]*phones{"A": caller, "B": called} {
		to := &unix.SockaddrInet4{Port: int(floor.at.Port()), Addr: floor.at.Addr().As4()}
		if err := unix.Sendto(p.fd, []byte(side), 0, to); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond) // one after the other
	}
}

// held are calls that stand.
type held struct {
	desk *desk
	as   *identity
	to   *callee
}

// holdCalls calls from 1000 to 1001 so many times, and tells both sides where to send their audio.
func holdCalls(t *testing.T, member server, n int, caller, called *phones) *held {
	t.Helper()
	as := &demo(0, 1)[0]
	h := &held{desk: &desk{conn: dial(t, member.at)}, as: as, to: answering(t, member, demo(1, 1)[0], called.port)}
	h.more(t, n, caller.port)
	for _, o := range h.desk.ops {
		caller.targets = append(caller.targets, o.media)
	}
	called.targets = h.to.targets()
	if len(called.targets) != n {
		t.Fatalf("%d calls have reached the callee with audio, not %d", len(called.targets), n)
	}
	return h
}

// answering registers an account at a member and takes its calls.
func answering(t *testing.T, member server, as identity, media int) *callee {
	t.Helper()
	conn := dial(t, member.at)
	d := &desk{conn: conn}
	lab.Wait(t, settled, "a member registers "+as.user, func() bool {
		return d.run(&registering{users: []identity{as}, contacts: 1}, 1, 100).failures() == 0
	})
	return newCallee(conn, as.user, media)
}

func (h *held) more(t *testing.T, n, media int) {
	t.Helper()
	mustDo(t, h.desk.run(&calling{as: h.as, numbers: []string{"1001"}, media: media, hold: true}, n, callsPerSecond),
		"setting up calls")
}

func (h *held) hangUp(t *testing.T) {
	t.Helper()
	mustDo(t, h.desk.resume(&hangingUp{as: h.as}, callsPerSecond), "hanging up")
}

// mustDo fails the test when an operation failed.
func mustDo(t *testing.T, o outcome, what string) {
	t.Helper()
	if len(o.failed) > 0 {
		t.Fatalf("%s: %d done, failed by status (0: no answer): %v", what, o.done, o.failed)
	}
}
