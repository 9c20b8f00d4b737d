package load

import (
	"bytes"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Repeats of a request over UDP (RFC 3261 section 17.1), and when it is given up.
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
	giveUp  = 8 * time.Second
)

// desk makes operations from one socket, at a pace, and repeats what is not answered.
type desk struct {
	conn *net.UDPConn
	mark string // tells the Call-IDs of this desk from others

	mu       sync.Mutex
	script   script
	ops      []operation
	begun    int
	open     int
	repeated int
	failed   map[int]int // by status, 0 for no answer
}

// script is what one kind of operation says. Its methods are called with the desk locked.
type script interface {
	// begin sends the first request.
	begin(d *desk, o *operation)
	// react is told each response to what was sent.
	react(d *desk, o *operation, response []byte)
}

// operation is one exchange, or several that follow each other.
type operation struct {
	number int
	cseq   int
	began  time.Time
	heard  time.Duration // until the first sign of who was called: ringing, or the answer
	took   time.Duration // until the script called it done
	live   bool

	request  []byte // to be repeated; nil while no repeat is due
	due      time.Time
	interval time.Duration

	// Of a call: what its dialog needs.
	to, target string
	media      netip.AddrPort
}

// outcome sums up a run.
type outcome struct {
	done, repeated int
	failed         map[int]int
	took           []time.Duration // sorted
}

func (o outcome) failures() (n int) {
	for _, count := range o.failed {
		n += count
	}
	return n
}

// run makes so many new operations of a script and returns when all have ended.
func (d *desk) run(s script, n int, perSecond float64) outcome {
	d.mark, d.ops = rand.Text()[:8], make([]operation, n)
	return d.resume(s, perSecond)
}

// resume goes on with the operations of the last run by another script.
func (d *desk) resume(s script, perSecond float64) outcome {
	d.script, d.begun, d.open, d.repeated, d.failed = s, 0, 0, 0, map[int]int{}
	_ = d.conn.SetReadDeadline(time.Time{})
	ended := make(chan struct{})
	go func() { defer close(ended); d.read() }()
	d.pace(len(d.ops), time.Duration(float64(time.Second)/perSecond))
	_ = d.conn.SetReadDeadline(time.Now())
	<-ended
	return d.outcome()
}

// pace begins what is due, repeats what is not answered, and returns when nothing is open.
func (d *desk) pace(n int, interval time.Duration) {
	start := time.Now()
	for more := true; more; {
		time.Sleep(min(interval, 5*time.Millisecond))
		d.mu.Lock()
		now := time.Now()
		for d.begun < n && now.Sub(start) >= time.Duration(d.begun)*interval {
			o := &d.ops[d.begun]
			o.number, o.began, o.live = d.begun, now, true
			d.begun++
			d.open++
			d.script.begin(d, o)
		}
		d.repeat(now)
		more = d.begun < n || d.open > 0
		d.mu.Unlock()
	}
}

func (d *desk) repeat(now time.Time) {
	for i := range d.ops[:d.begun] {
		o := &d.ops[i]
		switch {
		case !o.live:
		case now.Sub(o.began) > giveUp:
			d.fail(o, 0)
		case o.request != nil && now.After(o.due):
			d.repeated++
			_, _ = d.conn.Write(o.request)
			o.interval = min(2*o.interval, timerT2)
			o.due = now.Add(o.interval)
		}
	}
}

// ask sends a request and repeats it until it is answered.
func (d *desk) ask(o *operation, request []byte) {
	o.request, o.interval, o.due = request, timerT1, time.Now().Add(timerT1)
	_, _ = d.conn.Write(request)
}

// done ends an operation well, fail with a status.
func (d *desk) done(o *operation) {
	o.live, o.request, o.took = false, nil, time.Since(o.began)
	d.open--
}

func (d *desk) fail(o *operation, status int) {
	o.live, o.request, o.took = false, nil, -1
	d.open--
	d.failed[status]++
}

func (d *desk) read() {
	in := make([]byte, maxDatagram)
	for {
		n, err := d.conn.Read(in)
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			d.take(in[:n])
		}
	}
}

// take gives a response to its operation and answers a request, which the member makes only to end
// a call that it does not want.
func (d *desk) take(message []byte) {
	if status(message) == 0 {
		a := answerer{contact: contactOf(d.conn, "load")}
		a.answer(message, func(response []byte) { _, _ = d.conn.Write(response) })
		return
	}
	number, mark, _ := bytes.Cut(field(message, "Call-ID"), []byte("."))
	n, err := strconv.Atoi(string(number))
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil || string(mark) != d.mark || n < 0 || n >= d.begun {
		return
	}
	o := &d.ops[n]
	if code := status(message); o.heard == 0 && code > 100 && code < 300 {
		o.heard = time.Since(o.began)
	}
	if status(message) < 200 {
		o.request = nil // the member has it
		return
	}
	d.script.react(d, o, message)
}

func (d *desk) outcome() outcome {
	out := outcome{repeated: d.repeated, failed: d.failed}
	for i := range d.ops {
		if d.ops[i].took >= 0 {
			out.done++
			out.took = append(out.took, d.ops[i].took)
		}
	}
	slices.Sort(out.took)
	return out
}
