package load

import (
	"bytes"
	"flag"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"tandem/test/lab"
)

var (
	peakFrom = flag.Float64("peak-from", 100, "operations a second at which the peak program begins")
	peakMost = flag.Float64("peak-most", 20000, "operations a second at which it ends")
)

const (
	// peakStep is from one pace to the next.
	peakStep = 1.2
	// peakTries is how often a pace is tried: what spoils one try may be the machine's.
	peakTries = 2
	// clean is the part of operations that may fail or be repeated at a pace that counts.
	clean = 0.001
	// peakPairs is how many accounts call as many others.
	peakPairs = 9
	// goalAnswerer is what the answerer takes for a call, near its peak, on the machine by which the goals are set; a core of
	// that is to carry so many calls of two legs and registrations a second.
	goalAnswerer              = 28 * time.Microsecond
	goalBridged, goalRegister = 1500, 10000
	// peakRatio is by how much our peak is to be above the rival's.
	peakRatio = 2.5
	// peakUsers register.
	peakUsers = 1500
	// peakAudio gives the legs of a second and of the quarantine behind it their ports: two thousand calls a second would
	// need twenty thousand pairs.
	peakAudio = `media.bind=["127.0.0.2", "127.0.0.3", "127.0.0.4"]`
)

// climb is one kind of operation whose highest clean pace is looked for.
type climb struct {
	name   string
	server server
	desk   *desk
	script script
	most   float64 // pace at which to end; 0: that of the flag

	pace   float64 // the highest that was clean
	cost   time.Duration
	others float64
	p50    float64
	why    string // what was wrong with the next one
}

// TestPeak finds how many calls between two accounts a member sets up and ends from one core, beside a plain back-to-back
// user agent on sipgo's dialogs and a process that answers by copying lines; and how many registrations with digest.
func TestPeak(t *testing.T) {
	onDemand(t)
	sink := openPhones(t)
	floor := startFloor(t, "answerer")
	answers, begun, ended := countCalls(t)
	rival := startFloor(t, "rival", fmt.Sprint(target, "=", answers))
	m, member := startMemberWith(t, []string{peakAudio})
	users := addAccounts(t, m, peakUsers)
	var numbers []string
	for _, u := range demo(1, peakPairs) {
		answering(t, member, u, sink.port, nil)
		numbers = append(numbers, u.user)
	}
	guest := &identity{user: "guest"}
	climbs := []*climb{
		{name: "byte-level answerer, INVITE to BYE", server: floor, script: &calling{as: guest, numbers: []string{"called"}, media: sink.port}},
		{name: "sipgo's dialogs, two legs", server: rival, script: &calling{as: guest, numbers: []string{"called"}, media: sink.port}},
		{name: "member, two legs", server: member, script: &calling{as: &demo(0, 1)[0], numbers: numbers, media: sink.port}},
		{name: "member, REGISTER with digest", server: member, script: &registering{users: users, contacts: 1}, most: 8000},
	}
	for _, c := range climbs {
		c.climb(t)
	}
	tb := table{title: fmt.Sprintf("The highest pace from one core at which less than %.1f %% fail or are repeated, steps of %.1f for %v s",
		100*clean, peakStep, *seconds)}
	tb.add("operation", "per s", "µs CPU each", "CPU ratio", "p50 ms", "others % of core", "", "the next pace")
	for _, c := range climbs {
		tb.add(c.name, fmt.Sprintf("%.0f", c.pace), c.cost, ratio(c.cost, climbs[0].cost), c.p50, c.others, doubt(c.others), c.why)
	}
	tb.print()
	ours, theirs := climbs[2], climbs[1]
	fmt.Printf("the rival has made %d calls and ended %d, repeats among them\n", begun.Load(), ended.Load())
	fmt.Printf("two legs: %.2f times the pace of sipgo's dialogs (wanted: %.1f), at %.2f of its processor time each\n",
		ours.pace/max(theirs.pace, 1), peakRatio, ours.cost.Seconds()/max(theirs.cost.Seconds(), 1e-9))
	faster := climbs[0].cost.Seconds() / goalAnswerer.Seconds()
	fmt.Printf("on a core whose answerer takes %v for a call: %.0f calls of two legs a second (wanted: %d), %.0f registrations (%d)\n",
		goalAnswerer, faster*ours.pace, goalBridged, faster*climbs[3].pace, goalRegister)
	if ours.pace < peakRatio*theirs.pace {
		t.Logf("less than wanted")
	}
	for _, c := range climbs {
		if c.pace == 0 {
			t.Errorf("%s: not even %.0f a second are clean: %s", c.name, *peakFrom, c.why)
		}
	}
}

// countCalls answers calls at a port, and counts the INVITEs and the BYEs.
func countCalls(t *testing.T) (port int, begun, ended *atomic.Int64) {
	t.Helper()
	begun, ended = &atomic.Int64{}, &atomic.Int64{}
	return answerHere(t, func(request []byte, a *answerer, send func([]byte)) {
		switch {
		case bytes.HasPrefix(request, []byte("INVITE ")):
			begun.Add(1)
		case bytes.HasPrefix(request, []byte("BYE ")):
			ended.Add(1)
		}
		a.answer(request, send)
	}), begun, ended
}

// TestRival sees that the rival does what it is compared by: both legs of each call are set up, and ended.
func TestRival(t *testing.T) {
	lab.Long(t)
	const few = 50
	answers, begun, ended := countCalls(t)
	rival := startFloor(t, "rival", fmt.Sprint(target, "=", answers))
	d := &desk{conn: dial(t, rival.at)}
	o := d.run(&calling{as: &identity{user: "guest"}, numbers: []string{"called"}, media: 9}, few, 100)
	if o.done != few {
		t.Errorf("of %d calls: %+v", few, o)
	}
	lab.Wait(t, 10*time.Second, "the called side is told of all ends", func() bool { return ended.Load() >= few })
	if begun.Load() < few {
		t.Errorf("%d of %d calls have come to the called side", begun.Load(), few)
	}
}

// climb tries higher and higher paces until one is not clean.
func (c *climb) climb(t *testing.T) {
	t.Helper()
	c.desk = &desk{conn: dial(t, c.server.at)}
	c.desk.run(c.script, warmUp, 50)
	most := *peakMost
	if c.most > 0 {
		most = min(most, c.most)
	}
	for pace := *peakFrom; pace <= most; pace *= peakStep {
		if !c.try(t, pace) {
			return
		}
	}
	c.why = "not tried"
}

// try makes operations at a pace, and keeps what they cost if all went well.
func (c *climb) try(t *testing.T, pace float64) bool {
	t.Helper()
	n := int(pace * *seconds)
	for range peakTries {
		var o outcome
		r := c.server.spend(t, func() { o = c.desk.run(c.script, n, pace) })
		if float64(o.failures()+o.repeated) < clean*float64(n) {
			c.pace, c.cost, c.others = pace, r.cpu/time.Duration(max(o.done, 1)), r.others
			c.p50 = 1000 * quantile(o.took, 0.5).Seconds()
			return true
		}
		c.why = fmt.Sprintf("%.0f: of %d %d repeated, failed by status %v", pace, n, o.repeated, o.failed)
	}
	return false
}
