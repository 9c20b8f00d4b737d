package sip

import (
	"fmt"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/signal"
)

// A member that is late takes some calls and refuses others, and remembers nothing of those. What belongs to calls that
// are there, and calls for help, it takes all.
func TestLateMember(t *testing.T) {
	d := newDesk()
	c := settings()
	c.LateAfter = 10 * time.Second // what this machine is late by does not matter here
	s := start(t, c, d)
	p := newPhone(t, s)
	go func() {
		for r := range d.requests {
			s.Respond(answer(r, 180))
		}
	}()
	t.Cleanup(func() { close(d.requests) })
	began := time.Now()
	for i := range 10 { // the governor is told of a second in which all waited for a minute
		s.governor.Beat(time.Minute, began.Add(time.Duration(i)*100*time.Millisecond))
	}
	const n = 50
	taken, refused := 0, 0
	for i := range n {
		p.send(request("INVITE", fmt.Sprint("late-", i)))
		switch answer := p.receive(); {
		case strings.HasPrefix(answer, "SIP/2.0 180 "):
			taken++
		case strings.HasPrefix(answer, "SIP/2.0 503 "):
			refused++
			if wait, err := strconv.Atoi(header(answer, "Retry-After")); err != nil || wait < retryLeast || wait > retryMost {
				t.Errorf("Retry-After: %q", header(answer, "Retry-After"))
			}
		default:
			t.Fatalf("answered\n%s", answer)
		}
	}
	if taken < 5 || refused < 5 {
		t.Errorf("%d of %d were taken, %d refused", taken, n, refused)
	}
	held := s.Snapshot().Transactions.Servers
	if held != taken {
		t.Errorf("%d transactions for %d calls", held, taken)
	}
	for i := range n {
		p.send(request("BYE", fmt.Sprint("bye-", i), "To: <sip:1001@tandem.local>;tag=t1"))
		s.Respond(answer(take(t, d.delivered), 200))
		p.expect("SIP/2.0 200 ")
		help := strings.Replace(request("INVITE", fmt.Sprint("help-", i), "From: <sip:carrier@tandem.local>;tag=f1"), "sip:1001@tandem.local SIP", "sip:112@tandem.local SIP", 1)
		p.send(help)
		p.expect("SIP/2.0 180 ")
	}
	state := s.Snapshot().Governor
	if state.Open || state.Rate == 0 || state.Refused[1] != uint64(refused) {
		t.Errorf("%+v", state)
	}
}

// A call for help is known by the first line of its message, before that is read.
func TestUrgentDatagrams(t *testing.T) {
	s := start(t, settings(), newDesk())
	for text, want := range map[string]bool{
		"INVITE sip:112@tandem.local SIP/2.0\r\nVia: x": true, "INVITE sip:1001@tandem.local SIP/2.0": false, "OPTIONS sip:112@tandem.local SIP/2.0": false,
		"INVITE ": false, "INVITE sip:112": false, "INVITE tel SIP/2.0": false, "INVITE " + strings.Repeat("a", 1000) + " SIP/2.0": false, "": false,
	} {
		if got := s.urgent([]byte(text)); got != want {
			t.Errorf("%.40q: %t", text, got)
		}
	}
}

// OPTIONS is refused before INVITE is.
func TestChatterGoesFirst(t *testing.T) {
	d := newDesk()
	d.admit = func(*signal.Request) signal.Verdict { return signal.Verdict{Action: signal.Answer, Status: 200} }
	c := settings()
	c.LateAfter = 10 * time.Second
	s := start(t, c, d)
	p := newPhone(t, s)
	for i := range 10 {
		s.governor.Beat(time.Minute, time.Now().Add(time.Duration(i)*100*time.Millisecond))
	}
	for i := 0; ; i++ {
		p.send(request("OPTIONS", fmt.Sprint("o-", i)))
		if strings.HasPrefix(p.receive(), "SIP/2.0 503 ") {
			break
		}
		if i > 100 {
			t.Fatal("OPTIONS is never refused")
		}
	}
	p.send(request("INVITE", "call"))
	p.expect("SIP/2.0 200 ")
}

func TestQuantileOfWaits(t *testing.T) {
	h := &metrics.Float64Histogram{Buckets: []float64{0, 0.001, 0.01, 0.1, 1}, Counts: []uint64{100, 50, 30, 25}}
	for _, c := range []struct {
		before []uint64
		want   time.Duration
	}{
		{[]uint64{100, 50, 30, 25}, 0},                    // nothing new
		{[]uint64{90, 45, 30, 24}, 0},                     // too few
		{[]uint64{0, 50, 30, 25}, 0},                      // all at once
		{[]uint64{0, 50, 30, 13}, 100 * time.Millisecond}, // 12 of 112 waited
		{[]uint64{0, 50, 30, 15}, 0},                      // 10 of 110
		{[]uint64{100, 0, 20, 25}, 10 * time.Millisecond}, // 10 of 60 waited so long
		{[]uint64{100, 0, 29, 25}, time.Millisecond},      // 1 of 51
		{[]uint64{100, 50, 0, 0}, 100 * time.Millisecond}, // half of them
	} {
		if got := quantile(h, c.before, 0.9); got != c.want {
			t.Errorf("since %v: %v, want %v", c.before, got, c.want)
		}
	}
}

// The metric is there, and tells of those who wait.
func TestRunQueue(t *testing.T) {
	var q runQueue
	q.waited()
	if len(q.before) == 0 {
		t.Fatalf("the runtime has no %s", waitsMetric)
	}
	if got := q.waited(); got < 0 || got > time.Minute {
		t.Errorf("waited %v", got)
	}
}
