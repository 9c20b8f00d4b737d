package load

import (
	"fmt"
	"testing"
	"time"
)

const (
	overloadStep = 1.3              // from one pace to the next, while the peak is looked for
	overloadFor  = 8 * time.Second  // for so long twice the peak is asked for
	recoverIn    = 10 * time.Second // then half of it must be no trouble any more
	heldCalls    = 40
)

// TestOverload finds out how many calls a second the member can take, asks for twice as many while other calls
// talk, and sees that it goes on with most of what it can do, leaves the calls that there are alone, and is itself again
// soon after.
func TestOverload(t *testing.T) {
	onDemand(t)
	caller, called := openPhones(t), openPhones(t)
	_, member := startMemberWith(t, []string{"sip.late_after=20ms"})
	held := holdCalls(t, member, heldCalls, caller, called)
	sink := openPhones(t)
	d := &desk{conn: dial(t, member.at)}
	calling := &calling{as: &identity{user: "guest"}, numbers: []string{"9196"}, media: sink.port}
	d.run(calling, warmUp, 100)

	tb := table{title: "Overload: calls to the echo, INVITE to BYE, from one core"}
	tb.add("asked per s", "done per s", "done", "503", "no answer", "others", "p50 ms", "p99 ms", "")
	try := func(pace float64, length time.Duration, note string) (outcome, float64) {
		o := d.run(calling, int(pace*length.Seconds()), pace)
		rate := float64(o.done) / length.Seconds()
		tb.add(pace, rate, o.done, o.failed[503], o.failed[0], o.failures()-o.failed[503]-o.failed[0],
			1000*quantile(o.took, 0.5).Seconds(), 1000*quantile(o.took, 0.99).Seconds(), note)
		return o, rate
	}
	peak := 0.0
	for pace := 100.0; pace < 20000; pace *= overloadStep {
		o, rate := try(pace, 2*time.Second, "")
		peak = max(peak, rate)
		if float64(o.failures()) > 0.05*float64(o.done) {
			break
		}
	}
	try(peak/2, 5*time.Second, "rest")

	var through talked
	talking := make(chan struct{})
	go func() {
		defer close(talking)
		through = talk(t, servers{member}, overloadFor, caller, called)
	}()
	_, goodput := try(2*peak, overloadFor, "twice the peak")
	<-talking
	began, recovered := time.Now(), time.Duration(0)
	for recovered == 0 && time.Since(began) < 2*recoverIn {
		if o, _ := try(peak/2, time.Second, "half"); o.failures() == 0 {
			recovered = time.Since(began)
		}
	}
	held.hangUp(t)
	tb.print()
	fmt.Printf("goodput at twice the peak: %.2f of the peak; recovered after %v; of %d held calls lost: %.2f %% of %d packets, "+
		"delay p50 %v, p99 %v\n", goodput/peak, recovered.Round(100*time.Millisecond), heldCalls, through.lost(), through.sent,
		quantile(through.delays, 0.5), quantile(through.delays, 0.99))
	if goodput < 0.5*peak {
		t.Errorf("%.0f of %.0f calls a second go on", goodput, peak)
	}
	if recovered == 0 {
		t.Errorf("half of the peak is still too much %v after", 2*recoverIn)
	}
}
