package signal

import (
	"slices"
	"time"
)

// callee is one account in a fork.
type callee struct {
	Callee
	id       CalleeID
	state    calleeState
	branches []branch
	spare    []Contact     // other flows of those devices
	waiting  []Contact     // devices of a lower q, rung when those before have refused
	passed   time.Duration // of ringing, at the timer that is awaited
	timer    int           // the one that is awaited, 0 for none
	stage    Stage         // that comes with it
	urge     int           // the timer of a call for help that waits for its target to ring, 0 for none
	discard  bool          // its rules are not looked at any more
	heard    bool          // a device has refused
	best     Refusal
}

// calleeState is where a callee stands.
type calleeState int

const (
	routing calleeState = iota // nobody knows yet which account it is
	calling                    // its devices ring
	over                       // nobody there takes the call, or others are called in its place
)

type branch struct {
	id     BranchID
	device string // whose flow it is, if it has several
	ended  bool
	rings  bool // or sends early media
	late   bool // it should ring by now, and others are called beside it
}

func (f *Fork) add() *callee {
	c := &callee{id: CalleeID(len(f.callees) + 1), best: Refusal{Status: 480}}
	f.callees = append(f.callees, c)
	return c
}

func (f *Fork) visit(c *callee, found Callee) *callee {
	f.visited = append(f.visited, found.Account.AOR)
	c.Callee, c.state = found, calling
	if c.Trunk != "" {
		c.best = Refusal{} // nobody is absent: it is the carrier's word that counts
	}
	return c
}

// routing is the callee of a ForkRoute that has no answer yet.
func (f *Fork) routing(id CalleeID) *callee {
	if f.done || id < 1 || int(id) > len(f.callees) || f.callees[id-1].state != routing {
		return nil
	}
	return f.callees[id-1]
}

// call looks at the immediate rules of an account and rings its devices.
func (f *Fork) call(c *callee) []ForkEffect {
	effects, decided := f.look(c, Immediate, "")
	if decided {
		return effects
	}
	all := slices.Clone(c.Contacts)
	slices.SortStableFunc(all, func(x, y Contact) int { return y.Q - x.Q })
	c.waiting, c.spare = OneFlow(all)
	ring := f.ringNext(c)
	if len(ring) == 0 {
		return append(effects, f.unanswered(c)...)
	}
	return append(append(effects, ring...), f.wait(c))
}

// ringNext rings the devices that share the highest q of those left (RFC 3261 section 16.6).
func (f *Fork) ringNext(c *callee) []ForkEffect {
	var effects []ForkEffect
	for len(c.waiting) > 0 && f.started < f.limits.Branches {
		if len(effects) > 0 && c.waiting[0].Q != effects[0].(BranchStart).Contact.Q {
			break
		}
		effects = append(effects, f.start(c, c.waiting[0]))
		c.waiting = c.waiting[1:]
	}
	if c.Urgent && len(effects) > 0 && len(c.waiting)+len(c.Ways) > 0 {
		f.timers++
		c.urge = f.timers
		effects = append(effects, ForkTimer{f.timers, urgentWait})
	}
	return effects
}

func (f *Fork) start(c *callee, to Contact) ForkEffect {
	f.started++
	id := BranchID(f.started)
	c.branches = append(c.branches, branch{id: id, device: to.Device})
	return BranchStart{id, to, c.Account.AOR, c.Number, c.Trunk}
}

// otherFlow rings a device over another flow, when the one before has failed: whoever was nearer to it says so, or nobody
// says anything (RFC 5626 sections 5.3 and 6).
func (f *Fork) otherFlow(c *callee, failed BranchID, r Refusal) []ForkEffect {
	b := c.branches[slices.IndexFunc(c.branches, func(b branch) bool { return b.id == failed })]
	i := slices.IndexFunc(c.spare, func(s Contact) bool { return s.Device == b.device })
	if i < 0 || f.started >= f.limits.Branches || r.Status != flowFailed && !r.Local {
		return nil
	}
	next := c.spare[i]
	c.spare = slices.Delete(c.spare, i, i+1)
	return []ForkEffect{f.start(c, next)}
}

// flowFailed is the status of a flow that is no more (RFC 5626 section 11.5).
const flowFailed = 430

// wait asks for the timer of the next stage: that of a rule, or the end of ringing.
func (f *Fork) wait(c *callee) ForkEffect {
	next, timed := f.limits.Ring, false
	if !c.Plain && !c.discard {
		var at time.Duration
		if at, timed = c.Rules.nextWait(c.Account.Rules, c.passed); timed && at < f.limits.Ring {
			next = at
		} else {
			timed = false
		}
	}
	c.stage = NoAnswer
	if timed {
		c.stage = After(next)
	}
	f.timers++
	timer := ForkTimer{f.timers, next - c.passed}
	c.timer, c.passed = f.timers, next
	return timer
}

// look looks at a callee's rules of one stage. decided: they say what comes of it, and the callee is
// over; its devices are told reason.
func (f *Fork) look(c *callee, s Stage, reason string) (effects []ForkEffect, decided bool) {
	if c.Plain || c.discard {
		return nil, false
	}
	rules := c.Rules.At(s, c.Account.Rules)
	if len(rules) == 0 {
		return nil, false
	}
	d := Decide(rules, &Facts{f.request, c.Account, len(c.Contacts), f.now()})
	c.discard = d.Discard
	for _, n := range d.Notes {
		effects = append(effects, ForkNote{n})
	}
	if d.Reject != nil {
		effects = append(effects, c.cancel(reason)...)
		f.fail(c, *d.Reject)
		return effects, true
	}
	if d.Redirect != nil {
		effects = append(effects, c.cancel(reason)...)
		c.state = over
	}
	effects = append(effects, f.forward(c, d.Fork, s.String(), d.Rule)...)
	effects = append(effects, f.forward(c, d.Redirect, s.String(), d.Rule)...)
	return effects, d.Redirect != nil
}

// unanswered decides what follows when no device of a callee is left that may take the call.
func (f *Fork) unanswered(c *callee) []ForkEffect {
	stage := Failure
	if busy(c.best.Status) {
		stage = Busy
	}
	effects, decided := f.look(c, stage, "")
	if !decided {
		f.fail(c, c.best)
	}
	return effects
}

// busy reports the answers that say "not now" rather than "not here".
func busy(status int) bool { return status == 486 || status == 600 || status == 603 }

// forward asks for the way to each destination, as far as the limit allows.
func (f *Fork) forward(c *callee, to []Destination, because, rule string) (effects []ForkEffect) {
	for _, d := range to {
		next := f.add()
		if f.forwards++; f.forwards > f.limits.Forwards {
			f.fail(next, Refusal{Status: 483, Reason: "Forwarded too often"})
			return effects // further ones would only say the same
		}
		effects = append(effects, ForkRoute{next.id, d, c.Account.AOR, because, rule, c.state != over})
	}
	return effects
}

// fail ends a callee.
func (f *Fork) fail(c *callee, r Refusal) {
	c.state = over
	if f.best.Status == 0 || better(r.Status, f.best.Status) {
		f.best = r
	}
}

// settle refuses the call when nobody is left who may take it, and puts the questions for a way last:
// their answers may end the fork, with all that was begun before.
func (f *Fork) settle(effects []ForkEffect) []ForkEffect {
	slices.SortStableFunc(effects, func(x, y ForkEffect) int { return late(x) - late(y) })
	if f.done || slices.ContainsFunc(f.callees, func(c *callee) bool { return c.state == routing || c.alive() }) {
		return effects
	}
	f.done = true
	if f.best.Status == 0 {
		f.best.Status = 480
	}
	return append(effects, ForkRefused{f.best})
}

func late(e ForkEffect) int {
	switch e.(type) {
	case ForkRoute, ForkWay:
		return 1
	}
	return 0
}

func (c *callee) alive() bool {
	return slices.ContainsFunc(c.branches, func(b branch) bool { return !b.ended })
}

// awaited tells whether a device of the callee may take the call, and nobody is called beside it for being late.
func (c *callee) awaited() bool {
	return slices.ContainsFunc(c.branches, func(b branch) bool { return !b.ended && !b.late })
}

// end marks a branch as ended and returns whose it is; nil when it is not ours or ended before.
func (f *Fork) end(id BranchID) *callee {
	for _, c := range f.callees {
		for i := range c.branches {
			if c.branches[i].id == id && !c.branches[i].ended {
				c.branches[i].ended = true
				return c
			}
		}
	}
	return nil
}

// cancel stops the devices of a callee.
func (c *callee) cancel(reason string) []ForkEffect {
	var effects []ForkEffect
	for i := range c.branches {
		if !c.branches[i].ended {
			c.branches[i].ended = true
			effects = append(effects, BranchCancel{c.branches[i].id, reason})
		}
	}
	c.waiting = nil
	return effects
}

func (f *Fork) cancelAll(reason string) []ForkEffect {
	var effects []ForkEffect
	for _, c := range f.callees {
		effects = append(effects, c.cancel(reason)...)
	}
	return effects
}

// better reports whether status a is a better final answer than b: 6xx before all, then the lower
// class; within 4xx the answers that the caller can act upon come first (RFC 3261 section 16.7),
// busy before the rest, and "no answer from there" (408, 480) last.
func better(a, b int) bool { return rank(a) < rank(b) }

func rank(status int) int {
	switch {
	case status >= 600:
		return 0
	case status < 400:
		return 1
	case status == 401 || status == 407 || status == 415 || status == 420 || status == 484:
		return 2
	case status == 486:
		return 3
	case status == 408 || status == 480:
		return 6
	case status < 500:
		return 4
	case status == 503:
		return 7 // as 500 would be: the overload of one device is not ours (section 16.7)
	}
	return 5
}
