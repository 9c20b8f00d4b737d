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

// TestRelay lets two-way G.711 calls run through the member, through a forwarder that does nothing else and has one port for
// all, and through one that has a port a leg, by turns.
func TestRelay(t *testing.T) {
	onDemand(t)
	against(t, "Relay: two-way G.711 calls", openPhones(t), openPhones(t))
}

// TestSecrets does so with calls whose one side is encrypted by keys in SDP.
func TestSecrets(t *testing.T) {
	onDemand(t)
	for _, suite := range []string{"AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"} {
		caller := openPhones(t)
		caller.speech = encrypted(t, suite)
		against(t, "Relay: two-way G.711 calls, one side by "+suite, caller, openPhones(t), "TANDEM_MEDIA__SRTP_CLEAR=true")
	}
}

// TestTranscoding does so with calls from G.711 to G.722.
func TestTranscoding(t *testing.T) {
	onDemand(t)
	caller, called := openPhones(t), openPhones(t)
	caller.speech, called.speech = &speech{}, &speech{payload: g722}
	against(t, "Two-way calls from G.711 to G.722", caller, called)
}

// way is one between the phones of both sides.
type way struct {
	name   string
	server server
	ports  [2][]netip.AddrPort // where the audio of the caller's and of the called side goes
	speech [2]*speech
	only   netip.AddrPort // see phones
}

// talk lets both sides talk on the way.
func (w *way) talk(t *testing.T, length time.Duration, caller, called *phones) talked {
	for side, p := range []*phones{caller, called} {
		p.targets, p.speech, p.only = w.ports[side], w.speech[side], w.only
	}
	return talk(t, servers{w.server}, length, caller, called)
}

// against lets calls run through a member, and through the two forwarders, by turns.
func against(t *testing.T, what string, caller, called *phones, env ...string) {
	t.Helper()
	_, member := startMember(t, env...)
	held := holdCalls(t, member, *calls, caller, called)
	floor := startFloor(t, "forwarder")
	introduce(t, floor, caller, called)
	onTheirs, ports := startOnPorts(t, *calls)
	introduce(t, onTheirs, caller, called)
	one := all(floor.at, *calls)
	ways := []way{
		{name: "forwarder", server: floor, ports: [2][]netip.AddrPort{one, one}, only: floor.at},
		{name: onPorts, server: onTheirs, ports: ports},
		{name: "member", server: member, ports: [2][]netip.AddrPort{caller.targets, called.targets},
			speech: [2]*speech{caller.speech, called.speech}},
	}
	length := time.Duration(*seconds * float64(time.Second))
	through := map[string][]talked{}
	for range *rounds {
		for _, w := range ways {
			through[w.name] = append(through[w.name], w.talk(t, length, caller, called))
		}
	}
	compare(t, fmt.Sprintf("%s: %d, %d packets/s; medians of %d rounds of %v", what, *calls, *calls*100, *rounds, length),
		length, 100, through)
	held.hangUp(t)
}

// Of the machine by which goals are set.
const (
	// goalFloor is what one packet that is received and sent takes there at least.
	goalFloor = 4900 * time.Nanosecond
	// goalLost is the part of packets, in percent, that may be lost.
	goalLost = 0.1
	// roomToSpare is how much more than was made this machine must be able to carry before a loss is the member's.
	roomToSpare = 1.5
)

// compare prints what a member and the forwarder took for each packet, and how many calls with so many packets a second
// a core of the machine by which goals are set would carry. With -judge that must be as many as were made, and where
// this machine can carry them too no packet may be lost.
func compare(t *testing.T, title string, length time.Duration, packets float64, through map[string][]talked) {
	t.Helper()
	tb := table{title: title}
	tb.add("through", "µs CPU/packet", "ratio", "lost %", "delay p50 µs", "p99 µs",
		"% of core", "others %", "")
	base := median(each(through["forwarder"], talked.perPacket))
	for _, name := range []string{"forwarder", onPorts, "member"} {
		r := through[name]
		if r == nil { // rooms have no such calls
			continue
		}
		per, foreign := median(each(r, talked.perPacket)), median(each(r, func(r talked) float64 { return r.others }))
		tb.add(name, per, ratio(per, base), median(each(r, talked.lost)), median(each(r, delay(0.5))),
			median(each(r, delay(0.99))), median(each(r, func(r talked) float64 {
				return 100 * r.cpu.Seconds() / length.Seconds()
			})), foreign, doubt(foreign))
	}
	tb.print()
	per, lost := median(each(through["member"], talked.perPacket)), median(each(through["member"], talked.lost))
	scaled := per.Seconds() * goalFloor.Seconds() / max(base.Seconds(), 1e-9)
	carries := 1 / (scaled * packets)
	fmt.Printf("scaled to a forwarder of %.1f us for a packet a core carries %.0f of them, %d were made; a core of this machine %.0f\n",
		float64(goalFloor)/1000, carries, *calls, 1/(per.Seconds()*packets))
	if !*judge {
		return
	}
	if foreign := median(each(through["member"], func(r talked) float64 { return r.others })); foreign > noise {
		fmt.Printf("not judged: others took %.0f %% of the core\n", foreign)
		return
	}
	if carries < float64(*calls) {
		t.Errorf("scaled, a core carries %.0f, and %d are wanted", carries, *calls)
	}
	if here := 1 / (per.Seconds() * packets); lost > goalLost && here > roomToSpare*float64(*calls) {
		t.Errorf("%.2f %% of the packets are lost, where a core of this machine carries %.0f", lost, here)
	}
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

// introduce tells a forwarder where both sides are.
func introduce(t *testing.T, floor server, caller, called *phones) {
	t.Helper()
	for side, p := range map[string]*phones{"A": caller, "B": called} {
		to := &unix.SockaddrInet4{Port: int(floor.at.Port()), Addr: floor.at.Addr().As4()}
		if err := unix.Sendto(p.fd, []byte(side), 0, to); err != nil {
			t.Fatal(err)
		}
	}
}

// held are calls that stand.
type held struct {
	desk *desk
	as   *identity
	to   *callee

	speech *speech // of the caller
}

// holdCalls calls from 1000 to 1001 so many times, and tells both sides where to send their audio.
func holdCalls(t *testing.T, member server, n int, caller, called *phones) *held {
	t.Helper()
	as := &demo(0, 1)[0]
	h := &held{desk: &desk{conn: dial(t, member.at)}, as: as, speech: caller.speech,
		to: answering(t, member, demo(1, 1)[0], called.port, called.speech)}
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
func answering(t *testing.T, member server, as identity, media int, s *speech) *callee {
	t.Helper()
	conn := dial(t, member.at)
	d := &desk{conn: conn}
	lab.Wait(t, settled, "a member registers "+as.user, func() bool {
		return d.run(&registering{users: []identity{as}, contacts: 1}, 1, 100).failures() == 0
	})
	return newCallee(conn, as.user, media, s)
}

func (h *held) more(t *testing.T, n, media int) {
	t.Helper()
	mustDo(t, h.desk.run(&calling{as: h.as, numbers: []string{"1001"}, media: media, hold: true, speech: h.speech}, n, callsPerSecond),
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
