package signal

import (
	"slices"
	"time"
)

// Fork is the pure machine of one INVITE to an account: it rings the account's devices, keeps the
// best answer, and decides on forwarding when none takes the call. One Fork lives through all
// forwards of its request, so its limits hold for the whole of it.
type Fork struct {
	limits   ForkLimits
	branches []branch
	waiting  []Contact // devices of a lower q, rung when those before have refused
	visited  []AOR     // accounts already asked, against loops
	rules    Rules
	done     bool
	round    int // counts forwards; names the ring timer
	started  int // branches begun in all rounds
	best     Refusal
}

// ForkLimits keep one request from becoming many.
type ForkLimits struct {
	Branches int           // devices rung by one request, over all forwards
	Forwards int           // forwards of one request
	Ring     time.Duration // how long devices ring
}

// BranchID names a branch within its fork.
type BranchID int

type branch struct {
	id    BranchID
	ended bool
}

// Refusal is a final answer that is not a success.
type Refusal struct {
	Status  int
	Reason  string
	Headers Headers
}

// ForkEffect is what the owner of a Fork must do. The set is closed.
type ForkEffect interface{ forkEffect() }

// The effects of a Fork.
type (
	// BranchStart rings one device.
	BranchStart struct {
		ID      BranchID
		Contact Contact
	}
	// BranchCancel stops ringing a device.
	BranchCancel struct {
		ID     BranchID
		Reason string // Reason header (RFC 3326)
	}
	// ForkWon: the branch answered first; the call is its.
	ForkWon struct{ ID BranchID }
	// ForkRefused: nobody takes the call.
	ForkRefused struct{ Refusal }
	// ForkForward: route the call to another address; the owner calls Begin again, or Fail.
	ForkForward struct {
		To      AOR
		Because string // "all", "busy", "no-answer", "failure", "redirect"
	}
	// ForkTimer: call RingTimeout(Round) after that time.
	ForkTimer struct {
		Round int
		After time.Duration
	}
)

func (BranchStart) forkEffect()  {}
func (BranchCancel) forkEffect() {}
func (ForkWon) forkEffect()      {}
func (ForkRefused) forkEffect()  {}
func (ForkForward) forkEffect()  {}
func (ForkTimer) forkEffect()    {}

// The reasons sent with a cancelled branch (RFC 3326 section 2).
const (
	ReasonElsewhere = `SIP;cause=200;text="Call completed elsewhere"`
	ReasonNoAnswer  = `SIP;cause=408;text="No answer"`
	ReasonCancelled = `SIP;cause=487;text="Cancelled by the caller"`
)

// NewFork makes a fork.
func NewFork(limits ForkLimits) *Fork { return &Fork{limits: limits} }

// Begin asks an account: the first, or the one that a ForkForward led to.
func (f *Fork) Begin(a Account, contacts []Contact) []ForkEffect {
	if f.done {
		return nil
	}
	if slices.Contains(f.visited, a.AOR) {
		return f.refuse(Refusal{Status: 482, Reason: "Forwarding goes in a circle"})
	}
	f.visited = append(f.visited, a.AOR)
	f.rules, f.branches = a.Rules, nil
	f.best = Refusal{Status: 480}
	f.round++
	if a.Rules.All != "" {
		return f.forward(a.Rules.All, "all")
	}
	f.waiting = slices.Clone(contacts)
	slices.SortStableFunc(f.waiting, func(x, y Contact) int { return y.Q - x.Q })
	effects := f.ringNext()
	if len(effects) == 0 {
		return f.unanswered()
	}
	after := f.limits.Ring
	if f.rules.NoAnswerAfter > 0 {
		after = min(after, f.rules.NoAnswerAfter)
	}
	return append(effects, ForkTimer{f.round, after})
}

// ringNext rings the devices that share the highest q of those left (RFC 3261 section 16.6).
func (f *Fork) ringNext() []ForkEffect {
	var effects []ForkEffect
	for len(f.waiting) > 0 && f.started < f.limits.Branches {
		if len(effects) > 0 && f.waiting[0].Q != effects[0].(BranchStart).Contact.Q {
			break
		}
		f.started++
		id := BranchID(f.started)
		f.branches = append(f.branches, branch{id: id})
		effects = append(effects, BranchStart{id, f.waiting[0]})
		f.waiting = f.waiting[1:]
	}
	return effects
}

// Answered takes a 2xx. A second one, that crossed our CANCEL, is ended by its own leg.
func (f *Fork) Answered(id BranchID) []ForkEffect {
	if f.done || !f.end(id) {
		return nil
	}
	f.done = true
	return append([]ForkEffect{ForkWon{id}}, f.cancelAll(ReasonElsewhere)...)
}

// Refused takes a branch's final refusal; contacts are those of a 3xx.
func (f *Fork) Refused(id BranchID, r Refusal, redirect AOR) []ForkEffect {
	if f.done || !f.end(id) {
		return nil
	}
	if redirect != "" {
		return append(f.cancelAll(""), f.forward(redirect, "redirect")...)
	}
	if better(r.Status, f.best.Status) {
		f.best = r
	}
	if r.Status >= 600 {
		return append(f.cancelAll(""), f.unanswered()...)
	}
	if f.alive() {
		return nil
	}
	if next := f.ringNext(); len(next) > 0 {
		return next
	}
	return f.unanswered()
}

// RingTimeout takes the ring timer of a round; that of an earlier round means nothing.
func (f *Fork) RingTimeout(round int) []ForkEffect {
	if f.done || round != f.round || !f.alive() {
		return nil
	}
	effects := f.cancelAll(ReasonNoAnswer)
	if f.rules.NoAnswer != "" {
		return append(effects, f.forward(f.rules.NoAnswer, "no-answer")...)
	}
	return append(effects, f.refuse(Refusal{Status: 480, Reason: "No answer"})...)
}

// Cancelled takes the caller's CANCEL, or the end of its leg.
func (f *Fork) Cancelled() []ForkEffect {
	if f.done {
		return nil
	}
	f.done = true
	return f.cancelAll(ReasonCancelled)
}

// Fail ends the fork because a forward led nowhere.
func (f *Fork) Fail(r Refusal) []ForkEffect {
	if f.done {
		return nil
	}
	return f.refuse(r)
}

// Done reports that the fork has won, refused or been cancelled.
func (f *Fork) Done() bool { return f.done }

// unanswered decides what follows when no device is left that may take the call.
func (f *Fork) unanswered() []ForkEffect {
	busy := f.best.Status == 486 || f.best.Status == 600
	switch declined := f.best.Status >= 600 && !busy; {
	case busy && f.rules.Busy != "":
		return f.forward(f.rules.Busy, "busy")
	case !busy && !declined && f.rules.Failure != "":
		return f.forward(f.rules.Failure, "failure")
	}
	return f.refuse(f.best)
}

func (f *Fork) forward(to AOR, because string) []ForkEffect {
	if len(f.visited) > f.limits.Forwards {
		return f.refuse(Refusal{Status: 483, Reason: "Forwarded too often"})
	}
	f.round++
	return []ForkEffect{ForkForward{to, because}}
}

func (f *Fork) refuse(r Refusal) []ForkEffect {
	f.done = true
	return []ForkEffect{ForkRefused{r}}
}

func (f *Fork) alive() bool {
	return slices.ContainsFunc(f.branches, func(b branch) bool { return !b.ended })
}

// end marks a branch as ended; false when it is not ours or ended before.
func (f *Fork) end(id BranchID) bool {
	for i := range f.branches {
		if f.branches[i].id == id && !f.branches[i].ended {
			f.branches[i].ended = true
			return true
		}
	}
	return false
}

func (f *Fork) cancelAll(reason string) []ForkEffect {
	var effects []ForkEffect
	for i := range f.branches {
		if !f.branches[i].ended {
			f.branches[i].ended = true
			effects = append(effects, BranchCancel{f.branches[i].id, reason})
		}
	}
	f.waiting = nil
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
