package load

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// heard is one SIP message of SIPp's record.
type heard struct {
	at   time.Time
	text string
}

const (
	ruler = "-----------------------------------------------"
	ruled = "2006-01-02 15:04:05.000000"
)

// record reads what SIPp writes with -trace_msg: a ruler with the time, a line that says which way, and the message.
func record(text string) (all []heard) {
	for _, piece := range strings.Split(text, ruler+" ")[1:] {
		stamp, rest, _ := strings.Cut(piece, "\n")
		_, message, ok := strings.Cut(rest, "\n\n")
		at, err := time.ParseInLocation(ruled, strings.TrimSpace(stamp), time.Local)
		if ok && err == nil {
			all = append(all, heard{at, message})
		}
	}
	return all
}

// line is the value of a header field, as SIPp or a member writes it.
func (h heard) line(name string) string {
	for l := range strings.Lines(h.text) {
		if value, ok := strings.CutPrefix(l, name+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// callee is the user part of the request's own URI.
func (h heard) callee() string {
	_, rest, _ := strings.Cut(h.text, " sip:")
	user, _, _ := strings.Cut(rest, "@")
	return user
}

// calledBy is the number in a caller's name; -1: he is none of the hall's.
func (h heard) calledBy() int {
	_, rest, _ := strings.Cut(h.line("From"), "<sip:7")
	user, _, _ := strings.Cut(rest, "@")
	n, err := strconv.Atoi(user)
	if err != nil {
		return -1
	}
	return n
}

// offer is one INVITE to an agent.
type offer struct {
	at     time.Time
	agent  string
	caller int
}

// offered are the INVITEs to agents, each once, and when each agent has hung up after it.
func offered(all []heard) (offers []offer, over map[string][]time.Time) {
	agents := map[string]string{} // by Call-ID
	ended := map[string]bool{}
	over = map[string][]time.Time{}
	for _, h := range all {
		id := h.line("Call-ID")
		agent, known := agents[id]
		switch {
		case strings.HasPrefix(h.text, "INVITE ") && !known:
			agents[id] = h.callee()
			offers = append(offers, offer{h.at, h.callee(), h.calledBy()})
		case strings.HasPrefix(h.text, "BYE ") && known && !ended[id]:
			ended[id] = true
			over[agent] = append(over[agent], h.at)
		}
	}
	return offers, over
}

// gaps are for how long agents who hung up between two moments were idle, sorted, and how many calls were offered then.
func gaps(all []heard, from, to time.Time) (idle []time.Duration, n int) {
	offers, over := offered(all)
	next := map[string][]time.Time{}
	for _, o := range offers {
		next[o.agent] = append(next[o.agent], o.at)
		if o.at.After(from) && o.at.Before(to) {
			n++
		}
	}
	for agent, ends := range over {
		for _, end := range ends {
			i := slices.IndexFunc(next[agent], func(at time.Time) bool { return at.After(end) })
			if i >= 0 && end.After(from) && end.Before(to) {
				idle = append(idle, next[agent][i].Sub(end))
			}
		}
	}
	slices.Sort(idle)
	return idle, n
}

// overtakings counts the callers who were offered before another one who had come earlier by more than overtaken, and
// was there still.
func overtakings(all []heard, joined map[int]time.Time, from, to time.Time) (n int) {
	offers, _ := offered(all)
	latest := time.Time{} // of those offered so far: when the last one of them had come
	for _, o := range offers {
		came, known := joined[o.caller]
		if !known {
			continue
		}
		if o.at.After(from) && o.at.Before(to) && came.Add(overtaken).Before(latest) {
			n++
		}
		if came.After(latest) {
			latest = came
		}
	}
	return n
}

// TestRecord reads what SIPp writes, and counts in it.
func TestRecord(t *testing.T) {
	said := func(at, way, message string) string {
		return ruler + " 2026-11-26 10:00:" + at + "\nUDP message " + way + ":\n\n" + message + "\n"
	}
	invite := func(agent, caller, id string) string {
		return "INVITE sip:" + agent + "@127.0.0.1:5 SIP/2.0\r\nFrom: <sip:7" + caller + "@tandem.local>;tag=1\r\nCall-ID: " + id + "\r\n"
	}
	bye := func(id string) string { return "BYE sip:x@y SIP/2.0\r\nCall-ID: " + id + "\r\n" }
	all := record(said("01.000000", "received [9] bytes ", invite("20000", "2", "a")) +
		said("01.500000", "received [9] bytes ", invite("20000", "2", "a")) +
		said("03.000000", "sent (9 bytes)", bye("a")) + said("03.500000", "sent (9 bytes)", bye("a")) +
		said("03.004000", "received [9] bytes ", invite("20000", "1", "b")))
	if len(all) != 5 {
		t.Fatalf("%d messages: %v", len(all), all)
	}
	from, to := all[0].at.Add(-time.Second), all[0].at.Add(time.Minute)
	idle, n := gaps(all, from, to)
	if n != 2 || len(idle) != 1 || idle[0] != 4*time.Millisecond {
		t.Errorf("%d offers, idle for %v", n, idle)
	}
	joined := map[int]time.Time{1: from, 2: from.Add(overtaken + 1)}
	if n := overtakings(all, joined, from, to); n != 1 {
		t.Errorf("%d have overtaken, not 1", n)
	}
}
