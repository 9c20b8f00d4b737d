package overload

import (
	"sync"
	"sync/atomic"
	"time"
)

// Class is what a request is worth while there is room for some only.
type Class uint8

// The classes, in the order in which they are refused.
const (
	Chatter      Class = iota // OPTIONS, SUBSCRIBE, PUBLISH, MESSAGE: whoever asks can ask again
	Call                      // INVITE
	Registration              // REGISTER
	Plea                      // an emergency call of somebody who has not proved who he is: some are always let in
	Emergency                 // always let in
	classes
)

// How the rate moves. Each was chosen by the simulation in the tests: goodput above 80 % of the capacity at twice
// and at five times the load, and open again within seconds after it.
const (
	slowest    = 20.0                   // requests a second that are let in however late we are
	soonest    = 10.0                   // requests that may come at once, at least: a handful of calls is no load
	standing   = 200 * time.Millisecond // for so long we must be late all the time: a moment of it is no load either
	firstMost  = 0.9                    // of what was let in while we became late: the first rate
	firstLeast = 0.1                    // and at least
	cutLeast   = 0.97                   // of the rate, when we are hardly late
	cutMost    = 0.5                    // of the rate, however late we are
	drain      = 400 * time.Millisecond // in which a cut lets that shrink which waits beyond the target
	cutEvery   = 200 * time.Millisecond // at least, or the wait: who came after a cut must be seen before the next
	holdMost   = time.Second            // and at most
	shrinks    = 0.9                    // of the last wait: what is less than that shrinks, and needs no further cut
	growth     = 0.5                    // of the rate, a second
	burst      = 50 * time.Millisecond  // of the rate: what may come at once
	calm       = 2 * time.Second        // without a refusal until there is no limit any more
)

// The rate is parted, so that no class takes all of it: what one leaves, the others may use.
const (
	forCalls = iota
	forRegistrations
	forPleas
	buckets
)

// shares of the rate. Registrations have more than half: a phone that is refused one is lost for more than a call.
var shares = [buckets]float64{forCalls: 0.3, forRegistrations: 0.7}

// pleas a second are let in beside the rate: far more than there is need for help, far less than there are strangers.
const pleas = 50.0

// Governor holds the rate at which new requests are let in. Its methods may be called by several goroutines.
type Governor struct {
	shut    atomic.Bool // there is a rate; kept apart so that the usual case takes no lock
	begun   atomic.Uint64
	refused [classes]atomic.Uint64

	mu     sync.Mutex
	target time.Duration
	rate   float64          // requests a second; only while shut
	room   [buckets]float64 // requests that may begin now
	filled time.Time        // when room was right

	beat      time.Time // the last one
	last      time.Duration
	since     time.Time     // when we were last in time
	before    uint64        // begun by then
	cut, shed time.Time     // when the rate was last cut, and somebody refused
	hold      time.Duration // from one cut to the next
}

// New makes a governor that is open. Waits beyond target are too long.
func New(target time.Duration) *Governor { return &Governor{target: target} }

// Aim changes which waits are too long.
func (g *Governor) Aim(target time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.target = target
}

// Limits says whether anything is asked of requests at all: while it does not, nobody need know what they are worth.
func (g *Governor) Limits() bool { return g.shut.Load() }

// Admit says whether a request that came at now may begin.
func (g *Governor) Admit(c Class, now time.Time) bool {
	if g.Limits() && c != Emergency && !g.spend(c, now) {
		g.refused[c].Add(1)
		return false
	}
	g.begun.Add(1)
	return true
}

// spend takes the room for one request, if there is any for its class.
func (g *Governor) spend(c Class, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fill(now)
	let := false
	switch c {
	case Plea:
		let = g.take(forPleas, 1)
	case Registration:
		let = g.take(forRegistrations, 1) || g.take(forCalls, g.spare(forCalls))
	case Call:
		let = g.takeCall()
	default:
		let = g.take(forCalls, g.spare(forCalls))
	}
	if !let {
		g.shed = now
	}
	return let
}

func (g *Governor) takeCall() bool {
	return g.take(forCalls, 1) || g.take(forRegistrations, g.spare(forRegistrations))
}

// take takes from a bucket that has at least so much.
func (g *Governor) take(bucket int, least float64) bool {
	if g.room[bucket] < least {
		return false
	}
	g.room[bucket]--
	return true
}

// spare is what a bucket must have before it is used for others than its own: half of it is left to them.
func (g *Governor) spare(bucket int) float64 { return 1 + g.most(bucket)/2 }

// most is what a bucket holds: what may come at once.
func (g *Governor) most(bucket int) float64 { return max(soonest, g.flow(bucket)*burst.Seconds()) }

// flow is what comes into a bucket, requests a second.
func (g *Governor) flow(bucket int) float64 {
	if bucket == forPleas {
		return pleas
	}
	return g.rate * shares[bucket]
}

func (g *Governor) fill(now time.Time) {
	passed := max(0, now.Sub(g.filled)).Seconds()
	for b := range g.room {
		g.room[b] = min(g.most(b), g.room[b]+g.flow(b)*passed)
	}
	g.filled = now
}

// Beat tells how late the member was since the last beat. It is to be called some ten times a second.
func (g *Governor) Beat(late time.Duration, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	passed := now.Sub(g.beat).Seconds()
	begun := g.begun.Load()
	if g.beat.IsZero() || passed <= 0 {
		g.beat, g.last, g.since, g.before = now, late, now, begun
		return
	}
	switch {
	case late <= g.target:
		g.since, g.before = now, begun
		g.inTime(passed, now)
	case now.Sub(g.since) < standing:
	case !g.shut.Load():
		g.limit(g.able(late, begun, now), late, now)
	case now.Sub(g.cut) >= g.hold && float64(late) > shrinks*float64(g.last):
		g.limit(g.rate*max(cutMost, cutLeast-float64(late-g.target)/float64(drain)), late, now)
	}
	g.beat, g.last = now, late
}

// able is what the member can do, requests a second, as seen since it was last in time: where requests come in at a rate
// and are begun at a lower one, the wait grows in a second by the part of them that is too much.
func (g *Governor) able(late time.Duration, begun uint64, now time.Time) float64 {
	passed := now.Sub(g.since)
	came := float64(begun-g.before) / passed.Seconds()
	return came * min(firstMost, max(firstLeast, 1-late.Seconds()/passed.Seconds()))
}

// inTime lets more in, and in the end whoever comes.
func (g *Governor) inTime(passed float64, now time.Time) {
	if !g.shut.Load() {
		return
	}
	g.rate += g.rate * growth * passed
	if now.Sub(g.shed) > calm {
		g.shut.Store(false)
	}
}

func (g *Governor) limit(rate float64, late time.Duration, now time.Time) {
	if !g.shut.Load() {
		g.room, g.filled, g.shed = [buckets]float64{soonest, soonest, soonest}, now, now
	}
	g.rate, g.cut, g.hold = max(slowest, rate), now, min(max(cutEvery, late), holdMost)
	g.shut.Store(true)
}

// State is what a governor does, for those who watch the member.
type State struct {
	Open    bool
	Rate    float64 // requests a second that are let in; 0 while open
	Late    time.Duration
	Refused [classes]uint64 // since the start, by class
}

// State returns the present state.
func (g *Governor) State() State {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := State{Open: !g.shut.Load(), Late: g.last}
	if !s.Open {
		s.Rate = g.rate
	}
	for c := range s.Refused {
		s.Refused[c] = g.refused[c].Load()
	}
	return s
}

// String is the class as metrics name it.
func (c Class) String() string {
	return [...]string{"chatter", "call", "registration", "plea", "emergency", "none"}[min(c, classes)]
}
