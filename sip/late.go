package sip

import (
	"bytes"
	"math/rand/v2"
	"runtime/metrics"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/overload"
)

// beatEvery is how often the governor hears how late we are.
const beatEvery = 50 * time.Millisecond

// beat tells the governor how late the member is, until the server ends: whichever waits longer, what lies in our
// sockets or who wants to run here.
func (s *Server) beat() {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	var runs runQueue
	for {
		select {
		case now := <-tick.C:
			s.governor.Beat(max(s.transports.Waited(), runs.waited()), now)
		case <-s.ctx.Done():
			return
		}
	}
}

// runQueue is how long goroutines wait for a processor once they have something to do. Each message to an actor that
// is at rest is such a wait.
type runQueue struct {
	sample [1]metrics.Sample
	before []uint64
}

const (
	waitsMetric = "/sched/latencies:seconds"
	waitsPart   = 0.9 // of the waits are not longer than what counts
	waitsFew    = 20  // so few tell nothing
)

// waited is how long nine of ten goroutines that have begun to run since the last call had to wait at most.
func (q *runQueue) waited() time.Duration {
	q.sample[0].Name = waitsMetric
	metrics.Read(q.sample[:])
	if q.sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return 0
	}
	h := q.sample[0].Value.Float64Histogram()
	if len(q.before) != len(h.Counts) {
		q.before = append(q.before[:0], h.Counts...)
		return 0
	}
	late := quantile(h, q.before, waitsPart)
	copy(q.before, h.Counts)
	return late
}

// quantile of what a histogram has more than before; the lower bound of its bucket.
func quantile(h *metrics.Float64Histogram, before []uint64, part float64) time.Duration {
	total := uint64(0)
	for i, n := range h.Counts {
		total += n - before[i]
	}
	if total < waitsFew {
		return 0
	}
	left := total - uint64(part*float64(total))
	for i := len(h.Counts) - 1; i > 0; i-- {
		if n := h.Counts[i] - before[i]; n < left {
			left -= n
			continue
		}
		return time.Duration(h.Buckets[i] * float64(time.Second))
	}
	return 0
}

// mayBegin asks the governor, and refuses a request that may not: at once, and without a transaction, since what a
// member that is late must not do is to remember more (RFC 7339 section 5.10.1).
func (s *Server) mayBegin(flow signal.Flow, m asked, r *signal.Request) bool {
	class := overload.Emergency // whoever comes while there is no limit passes, be there one in the next moment
	if s.governor.Limits() {
		class = classOf(r)
	}
	if s.governor.Admit(class, time.Now()) {
		return true
	}
	wait := retryLeast + rand.IntN(retryMost-retryLeast+1)
	s.refuse(flow, m, &signal.Response{Status: sip.StatusServiceUnavailable,
		Headers: signal.Headers{{Name: "Retry-After", Value: strconv.Itoa(wait)}}})
	return false
}

// Whoever is refused is told to come again after so many seconds, each after others, so that they do not all come at
// once.
const retryLeast, retryMost = 1, 10

// urgent tells by its first line whether a message that is not read yet calls for help.
func (s *Server) urgent(data []byte) bool {
	rest, ok := bytes.CutPrefix(data, []byte("INVITE "))
	if !ok {
		return false
	}
	uri, _, _ := bytes.Cut(rest[:min(len(rest), maxUrgent)], []byte(" "))
	u, err := signal.ParseURI(string(uri))
	return err == nil && s.receiver.Emergency(u)
}

// maxUrgent is how much of such a message is looked at, bytes.
const maxUrgent = 200

// classOf is what a request is worth, now that it is known who proved to be who.
func classOf(r *signal.Request) overload.Class {
	switch r.Method {
	case signal.INVITE:
		switch {
		case !r.Urgent:
			return overload.Call
		case r.Origin.Account != "" || r.Origin.Trunk != "":
			return overload.Emergency
		}
		return overload.Plea
	case signal.REGISTER:
		return overload.Registration
	}
	return overload.Chatter
}
