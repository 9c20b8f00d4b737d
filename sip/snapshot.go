package sip

import (
	"sync"
	"sync/atomic"

	"tandem/signal"
	"tandem/sip/overload"
	"tandem/sip/transport"
	"tandem/sip/txn"
)

// direction is the way of a message.
type direction int

const (
	received direction = iota
	sent
	directions
)

// The methods and transports that are counted by name; all others together as "other".
var (
	countedMethods = [...]signal.Method{signal.INVITE, signal.ACK, signal.BYE, signal.CANCEL,
		signal.REGISTER, signal.OPTIONS, signal.INFO, signal.MESSAGE, signal.REFER, signal.NOTIFY,
		signal.SUBSCRIBE, signal.UPDATE, signal.PRACK, signal.PUBLISH, "other"}
	countedTransports = [...]string{"UDP", "TCP", "TLS", "WS", "WSS"}
)

// counters count since the server was made.
type counters struct {
	requests  [directions][len(countedMethods)][len(countedTransports)]atomic.Uint64
	responses [directions][700]atomic.Uint64 // by status
	faults    labelled
	failures  labelled
	ignored   atomic.Uint64
	stray     atomic.Uint64
	unsent    atomic.Uint64
	relayed   labelled // by member, as are the next two
	refused   labelled
	taken     labelled
}

func (c *counters) request(d direction, m signal.Method, transport string) {
	method := len(countedMethods) - 1
	for i, name := range countedMethods {
		if name == m {
			method = i
			break
		}
	}
	for i, name := range countedTransports {
		if name == transport {
			c.requests[d][method][i].Add(1)
			return
		}
	}
}

func (c *counters) response(d direction, status int) {
	if status >= 0 && status < len(c.responses[d]) {
		c.responses[d][status].Add(1)
	}
}

// maxLabels bounds a labelled counter, should a label ever come from outside.
const maxLabels = 100

// labelled counts by a word.
type labelled struct {
	mu    sync.Mutex
	count map[string]uint64
}

func (l *labelled) add(label string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == nil {
		l.count = map[string]uint64{}
	}
	if _, known := l.count[label]; !known && len(l.count) >= maxLabels {
		label = "other"
	}
	l.count[label]++
}

func (l *labelled) snapshot() map[string]uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]uint64, len(l.count))
	for k, v := range l.count {
		out[k] = v
	}
	return out
}

// RequestCount is how many requests of one kind there were.
type RequestCount struct {
	Method    signal.Method
	Transport string
	Sent      bool
	Count     uint64
}

// ResponseCount is how many responses of one status there were.
type ResponseCount struct {
	Status int
	Sent   bool
	Count  uint64
}

// Snapshot is what the edge has counted since its start, and what it holds now.
type Snapshot struct {
	Requests     []RequestCount    // those that occurred
	Responses    []ResponseCount   // those that occurred
	Faults       map[string]uint64 // messages refused before any transaction, by reason
	AuthFailures map[string]uint64 // by reason: stale, wrong, malformed
	Ignored      uint64            // requests that Admit chose not to answer
	Stray        uint64            // responses that belong to no transaction of ours
	Unsent       uint64            // requests that could not be sent
	Relayed      map[string]uint64 // packets passed on to other members, by member
	RelayRefused map[string]uint64 // packets that other members did not take, by member
	Taken        map[string]uint64 // packets that other members passed on to us, by member
	Transport    transport.Counters
	Transactions txn.Counters
	Governor     overload.State // how late the member is, and what it refuses for that
}

// Snapshot returns the present counts.
func (s *Server) Snapshot() Snapshot {
	c := &s.count
	out := Snapshot{Faults: c.faults.snapshot(), AuthFailures: c.failures.snapshot(),
		Ignored: c.ignored.Load(), Stray: c.stray.Load(), Unsent: c.unsent.Load(),
		Relayed: c.relayed.snapshot(), RelayRefused: c.refused.snapshot(), Taken: c.taken.snapshot(),
		Transport: s.transports.Counters(), Transactions: s.txns.Counters(), Governor: s.governor.State()}
	for d := range directions {
		for m := range c.requests[d] {
			for t := range c.requests[d][m] {
				if n := c.requests[d][m][t].Load(); n > 0 {
					out.Requests = append(out.Requests,
						RequestCount{countedMethods[m], countedTransports[t], d == sent, n})
				}
			}
		}
		for status := range c.responses[d] {
			if n := c.responses[d][status].Load(); n > 0 {
				out.Responses = append(out.Responses, ResponseCount{status, d == sent, n})
			}
		}
	}
	return out
}
