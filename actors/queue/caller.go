package queue

import (
	"time"

	"tandem/actors/msg"
)

// Join is what a caller brings along who wants to enter.
type Join struct {
	Caller   CallerID
	Number   string // of the caller, "" where it is not shown
	Name     string
	URL      string        // for the agent's screen
	Priority int           // higher goes first
	Wish     int           // wished position, from 1; 0: the last. Never before a higher priority
	Wants    []Want        // skills
	Bounds   Bounds        // of agents' penalties
	Rules    []Rule        // instead of the queue's
	Waited   time.Duration // in other queues before; it counts for place and time
	MaxStay  time.Duration // instead of the queue's; 0: the queue's
	Once     bool          // it leaves after so many tries as there are agents
	Music    string        // instead of the queue's
}

// Arrival is what a caller that was in line brings along to the queue's next owner, and what is kept of a callback.
type Arrival struct {
	Join
	Place    Place
	Since    time.Time
	Original int
	Tries    int
	Callback *Callback // it wants to be called back
	Offers   []Held    // agents who are rung for it, or talk with it
}

// Held is an offer as a caller knows it.
type Held struct {
	Offer OfferID
	Agent AgentName
	Stage Stage
	At    time.Time // when the stage began
}

// Callback is where a caller wants to be called back.
type Callback struct {
	Number  string
	Tries   int // so far
	Asked   time.Time
	Present bool // it has been reached, and is on the line
}

// caller is one caller as the queue knows it.
type caller struct {
	id       CallerID
	join     Join
	place    Place
	since    time.Time // from when its wait counts
	original int       // its first position
	state    state
	class    *class
	rules    []Rule
	relax    []Step
	offers   []*offer
	pointer  cursor // for linear
	tries    int
	early    bool   // it has entered where nobody was there, but agents were awaited
	overdue  bool   // it leaves when the agent who is rung does not answer
	digits   string // that it has pressed
	said     said
	callback *Callback

	stay, change, rest, position, periodic, back, over alarm
}

func newCaller(j Join) *caller {
	c := &caller{id: j.Caller, join: j}
	c.stay = alarm{what: alarmStay, who: c}
	c.change = alarm{what: alarmChange, who: c}
	c.rest = alarm{what: alarmRest, who: c}
	c.position = alarm{what: alarmPosition, who: c}
	c.periodic = alarm{what: alarmPeriodic, who: c}
	c.back = alarm{what: alarmCallback, who: c}
	c.over = alarm{what: alarmOverflow, who: c}
	return c
}

// waited is how long a caller has waited in all.
func (c *caller) waited(now time.Time) time.Duration { return max(0, now.Sub(c.since)) }

// absent tells that nobody is on the line: the caller is called back when its turn comes.
func (c *caller) absent() bool { return c.callback != nil && !c.callback.Present }

// Join lets a caller in, or refuses it. While the queue gathers it waits for that without a place.
func (q *Queue) Join(j Join, now time.Time) []Effect {
	q.begin()
	c := newCaller(j.cut())
	switch {
	case j.Caller == "":
		q.emit(Refused{Caller: j.Caller, Why: Malformed})
	case q.callers[j.Caller] != nil:
		q.emit(Refused{Caller: j.Caller, Why: Known})
	case len(q.callers) >= maxCallers:
		q.refuse(c, Full, now)
	case q.gathering:
		c.since = now.Add(-c.join.Waited)
		q.callers[c.id] = c
		q.arrived = append(q.arrived, c)
	default:
		c.since = now.Add(-c.join.Waited)
		q.callers[c.id] = c
		q.enter(c, now)
	}
	return q.end(now)
}

// cut keeps what comes from outside within its limits.
func (j Join) cut() Join {
	j.Number, j.Name, j.URL, j.Music = cut(j.Number), cut(j.Name), cut(j.URL), cut(j.Music)
	j.Wants = j.Wants[:min(len(j.Wants), maxWants)]
	j.Rules = j.Rules[:min(len(j.Rules), maxRules)]
	j.Waited = max(0, j.Waited)
	return j
}

func cut(text string) string { return msg.Cut(text, maxText) }

// enter puts a new caller in line, in the order of the checks of reference queuelog.md 4.1.
func (q *Queue) enter(c *caller, now time.Time) {
	c.rules, c.relax = q.settings.Rules, q.settings.Relax
	if c.join.Rules != nil {
		c.rules = c.join.Rules
	}
	if q.settings.Closed {
		q.refuse(c, Closed, now)
		return
	}
	if !q.enterClass(c, now) {
		q.refuse(c, Crowded, now)
		return
	}
	empty := q.settings.JoinEmpty != 0 && c.class.there[0] == 0
	c.early = empty && q.awaits
	full := q.settings.MaxWaiting > 0 && q.line.Len() >= q.settings.MaxWaiting
	switch {
	case empty && !c.early:
		q.leaveClass(c)
		q.refuse(c, JoinEmpty, now)
		return
	case full:
		q.leaveClass(c)
		q.refuse(c, Full, now)
		return
	}
	c.place = q.newPlace(c)
	q.become(c, waiting, "entered")
	c.original = q.positionOf(c)
	q.report(Fact{Kind: Entered, Original: c.original}, c, now)
	q.emit(q.placed(c))
	q.setAlarms(c, now)
	q.settle(c, now)
	if c.state == waiting {
		because, reasons := q.unserved(c)
		q.report(Fact{Kind: NotServed, Because: because, Reasons: reasons}, c, now)
	}
}

// refuse tells a caller that it may not enter.
func (q *Queue) refuse(c *caller, why Refusal, now time.Time) {
	to, o := "", q.settings.Overflow
	if why == Full && o.WhenFull || why == JoinEmpty && o.WhenEmpty {
		to = o.Queue
	}
	delete(q.callers, c.id)
	c.state = gone
	q.counters.Refused++
	q.report(Fact{Kind: NotAdmitted, Text: string(why)}, c, now)
	q.emit(Refused{c.id, why, to})
}

// newPlace is where the time that a caller has waited puts it among those of its priority, or where it wishes to be.
// Who has waited nowhere before is the last of them, whatever the clocks of two owners say.
func (q *Queue) newPlace(c *caller) Place {
	p := Place{c.join.Priority, Rank{At: c.since.UnixNano()}}
	behind := Place{p.Priority, Rank{p.Rank.At, maxSub}}
	if c.join.Waited == 0 {
		behind.Rank.At = maxAt
	}
	before, ok := q.line.at(q.line.rank(&caller{place: behind}) - 1)
	if ok && before.place.Priority == p.Priority && !before.place.Rank.Before(p.Rank) {
		p.Rank = before.place.Rank.next()
	}
	if c.join.Wish > 0 {
		return q.placeAt(p, c.join.Wish)
	}
	return p
}

// placeAt is the place at a position from 1, as far as the priority allows and not behind where it would be anyway.
func (q *Queue) placeAt(p Place, position int) Place {
	low := q.line.rank(&caller{place: Place{p.Priority, Rank{At: minMetric}}})
	at := max(position-1, low)
	next, ok := q.line.at(at)
	if !ok || p.Before(next.place) {
		return p
	}
	if at == low {
		p.Rank = Rank{next.place.Rank.At - 1, next.place.Rank.Sub}
		return p
	}
	before, _ := q.line.at(at - 1)
	p.Rank = between(before.place.Rank, next.place.Rank)
	return p
}

// positionOf is where a caller stands in line, from 1.
func (q *Queue) positionOf(c *caller) int { return q.line.rank(c) + 1 }

func (q *Queue) placed(c *caller) Placed {
	music := q.settings.Music
	if c.join.Music != "" {
		music = c.join.Music
	}
	return Placed{c.id, c.place, q.positionOf(c), c.since, c.original, music}
}

// setAlarms sets what comes by time while a caller waits. What it has waited elsewhere does not count for its stay.
func (q *Queue) setAlarms(c *caller, now time.Time) {
	if c.absent() {
		q.alarms.set(&c.stay, c.callback.Asked.Add(q.settings.Callback.Life))
		return
	}
	stay := c.join.MaxStay
	if stay == 0 {
		stay = q.settings.MaxStay
	}
	entered := c.since.Add(c.join.Waited)
	if stay > 0 {
		q.alarms.set(&c.stay, entered.Add(stay))
	}
	if o := q.settings.Overflow; o.Queue != "" && o.After > 0 {
		q.alarms.set(&c.over, later(c.since.Add(o.After), now))
	}
	if b := q.settings.Callback; b.Key != "" && c.join.Number != "" {
		q.alarms.set(&c.back, later(entered.Add(b.After), now))
	}
	q.setAnnouncements(c, now)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Rejoin takes back a caller that was in line at the queue's last owner, or a callback that was kept: at its place,
// with its time, and with the agents who are rung for it or talk with it.
func (q *Queue) Rejoin(a Arrival, now time.Time) []Effect {
	q.begin()
	known := q.callers[a.Caller]
	if known != nil && known.absent() && len(known.offers) == 0 && a.attended() {
		q.remove(known, "it was called back meanwhile")
	}
	if q.callers[a.Caller] != nil || a.Caller == "" || len(q.callers) >= maxCallers {
		return nil
	}
	c := newCaller(a.Join.cut())
	c.place, c.since, c.original, c.tries = a.Place, a.Since, a.Original, a.Tries
	c.rules, c.relax = q.settings.Rules, q.settings.Relax
	if a.Callback != nil {
		b := *a.Callback
		c.callback = &b
	}
	if c.join.Rules != nil {
		c.rules = c.join.Rules
	}
	if !q.enterClass(c, now) {
		c.join.Wants, c.rules, c.relax, c.join.Bounds = nil, nil, nil, Bounds{} // rather anybody than nobody
		if !q.enterClass(c, now) {
			q.emit(Refused{Caller: c.id, Why: Crowded})
			return q.end(now)
		}
	}
	q.callers[c.id] = c
	q.adopt(c, a.Offers, now)
	if c.state == waiting {
		q.settle(c, now)
	}
	return q.end(now)
}

// attended tells that a Task is there for a caller: it is no callback that nobody has begun.
func (a *Arrival) attended() bool {
	return len(a.Offers) > 0 || a.Callback == nil || a.Callback.Present
}

// settle is what follows where a caller has come to wait: it leaves if nobody is there, else it seeks an agent. Who is
// there is not known while the queue gathers; Gathered settles all.
func (q *Queue) settle(c *caller, now time.Time) {
	if q.gathering {
		return
	}
	if q.settings.LeaveEmpty != 0 && !q.awaits && c.class.there[1] == 0 && !c.absent() {
		q.leaveEmpty(c, now)
		return
	}
	q.seek(c, now)
}
