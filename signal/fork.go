package signal

import (
	"slices"
	"time"
)

// Fork is the pure machine of one INVITE: it rings the devices of one or several accounts, looks at
// their rules when the time for them has come, and keeps the best answer. One Fork lives through all
// forwards of its request, so its limits hold for the whole of it.
type Fork struct {
	limits   ForkLimits
	request  *Request
	now      func() time.Time
	callees  []*callee // all that were ever called
	visited  []AOR     // accounts already asked, against loops
	forwards int       // destinations that rules and devices gave
	started  int       // branches begun, over all callees
	timers   int       // names the timers
	done     bool
	best     Refusal // of the callees that are over
}

// ForkLimits keep one request from becoming many.
type ForkLimits struct {
	Branches int           // devices rung by one request, over all forwards
	Forwards int           // forwards of one request
	Ring     time.Duration // how long devices ring
}

// urgentWait is how long a target of a trunk that a call for help goes to may do no more than say that it tries. After it the
// next target is called as well, or the next trunk: who answers first has the call. Nineteen of twenty local calls ring or are
// refused within 6 s (ITU-T E.721), so that a sound trunk seldom has a second one called beside it.
const urgentWait = 8 * time.Second

// BranchID names a branch within its fork.
type BranchID int

// CalleeID names a callee within its fork.
type CalleeID int

// Callee is an account that is called.
type Callee struct {
	Account  Account
	Contacts []Contact
	Rules    RuleSet // those that are not its own
	Plain    bool    // no rule is looked at
	Number   string  // as dialled
	Trunk    string  // whose targets the Contacts are; "": they are devices
	Ways     []Way   // of a number that is called over trunks: those that are left
	Urgent   bool    // a call for help over a trunk: see urgentWait
}

// Refusal is a final answer that is not a success.
type Refusal struct {
	Status  int
	Reason  string
	Headers Headers
	Local   bool // nobody has said so: there was no answer, or no way
}

// ForkEffect is what the owner of a Fork must do. The set is closed.
type ForkEffect interface{ forkEffect() }

// The effects of a Fork. Those that ask for a way come last.
type (
	// BranchStart rings one device.
	BranchStart struct {
		ID      BranchID
		Contact Contact
		Account AOR    // whose device it is
		Number  string // as dialled
		Trunk   string // whose target it is, "": none's
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
	// ForkRoute: find out what a destination is; the owner calls Found or Fail, or Cancelled where
	// something else takes the call.
	ForkRoute struct {
		ID CalleeID
		Destination
		By      AOR    // the account that is called in whose place the destination is
		Because string // the stage, or "redirect"
		Rule    string // the rule's name
		Beside  bool   // that account's devices are rung as well
	}
	// ForkWay: find a trunk among these ways that takes one more call; the owner calls Found, with Trunk, its targets and
	// the ways that are left, or Fail.
	ForkWay struct {
		ID        CalleeID
		Continues CalleeID // whose first ways have failed, 0: nobody's
		Ways      []Way
		Number    string
	}
	// ForkNote: do what a rule wants beside the call's way.
	ForkNote struct{ Note }
	// ForkTimer: call Timeout(ID) after that time.
	ForkTimer struct {
		ID    int
		After time.Duration
	}
)

func (BranchStart) forkEffect()  {}
func (BranchCancel) forkEffect() {}
func (ForkWon) forkEffect()      {}
func (ForkRefused) forkEffect()  {}
func (ForkRoute) forkEffect()    {}
func (ForkWay) forkEffect()      {}
func (ForkNote) forkEffect()     {}
func (ForkTimer) forkEffect()    {}

// The reasons sent with a cancelled branch (RFC 3326 section 2).
const (
	ReasonElsewhere = `SIP;cause=200;text="Call completed elsewhere"`
	ReasonNoAnswer  = `SIP;cause=408;text="No answer"`
	ReasonCancelled = `SIP;cause=487;text="Cancelled by the caller"`
)

// NewFork makes the fork of a request. now is the time that its rules see.
func NewFork(r *Request, limits ForkLimits, now func() time.Time) *Fork {
	return &Fork{limits: limits, request: r, now: now}
}

// Begin calls accounts, all at once; one that is named twice is called once.
func (f *Fork) Begin(callees ...Callee) []ForkEffect {
	if f.done {
		return nil
	}
	var fresh []*callee
	var effects []ForkEffect
	for _, c := range callees {
		if len(c.Ways) > 0 {
			effects = append(effects, f.seek(0, c.Ways, c.Number))
			continue
		}
		if !slices.Contains(f.visited, c.Account.AOR) {
			fresh = append(fresh, f.visit(f.add(), c))
		}
	}
	for _, c := range fresh {
		effects = append(effects, f.call(c)...)
	}
	return f.settle(effects)
}

// Found tells what account a ForkRoute leads to.
func (f *Fork) Found(id CalleeID, found Callee) []ForkEffect {
	c := f.routing(id)
	if c == nil {
		return nil
	}
	if slices.Contains(f.visited, found.Account.AOR) {
		f.fail(c, Refusal{Status: 482, Reason: "Forwarding goes in a circle"})
		return f.settle(nil)
	}
	return f.settle(f.call(f.visit(c, found)))
}

// Fail tells that a ForkRoute leads nowhere.
func (f *Fork) Fail(id CalleeID, r Refusal) []ForkEffect {
	c := f.routing(id)
	if c == nil {
		return nil
	}
	f.fail(c, r)
	return f.settle(nil)
}

// Answered takes a 2xx. A second one, that crossed our CANCEL, is ended by its own leg.
func (f *Fork) Answered(id BranchID) []ForkEffect {
	if f.done || f.end(id) == nil {
		return nil
	}
	f.done = true
	return append([]ForkEffect{ForkWon{id}}, f.cancelAll(ReasonElsewhere)...)
}

// Refused takes a branch's final refusal; redirects are the addresses of a 3xx, which are called all at once as far as
// the limits allow (RFC 3261 section 8.1.3.4). A 6xx speaks for all devices of its account.
func (f *Fork) Refused(id BranchID, r Refusal, redirects ...string) []ForkEffect {
	if f.done {
		return nil
	}
	c := f.end(id)
	if c == nil {
		return nil
	}
	if again := f.otherFlow(c, id, r); again != nil {
		return again
	}
	if len(redirects) > 0 {
		c.state = over
		var to []Destination
		for _, address := range redirects {
			to = append(to, Destination{To: address, Bound: true})
		}
		return f.settle(append(c.cancel(""), f.forward(c, to, "redirect", "")...))
	}
	if c.best.Status == 0 || better(r.Status, c.best.Status) || !c.heard && r.Status == c.best.Status { // what a device says, says more
		c.best = r
	}
	c.heard = true
	if c.Trunk != "" && !Elsewhere(r.Status, r.Local) {
		c.waiting, c.Ways = nil, nil
	}
	if r.Status >= 600 {
		return f.settle(append(c.cancel(""), f.unanswered(c)...))
	}
	if c.awaited() {
		return nil
	}
	if next := f.goOn(c); len(next) > 0 || c.alive() {
		return next
	}
	return f.settle(f.unanswered(c))
}

// goOn calls the next devices of a callee, or asks for the next of its ways.
func (f *Fork) goOn(c *callee) []ForkEffect {
	if next := f.ringNext(c); len(next) > 0 {
		return next
	}
	if len(c.Ways) == 0 {
		return nil
	}
	ways := c.Ways
	c.Ways, c.state = nil, over
	return []ForkEffect{f.seek(c.id, ways, c.Number)}
}

// Progressed tells that a device rings, or sends early media.
func (f *Fork) Progressed(id BranchID) {
	for _, c := range f.callees {
		for i := range c.branches {
			if c.branches[i].id == id {
				c.branches[i].late, c.branches[i].rings = false, true
			}
		}
	}
}

// urge goes on without those targets of a trunk that have said too little, but leaves them their chance.
func (f *Fork) urge(c *callee) []ForkEffect {
	c.urge = 0
	for i := range c.branches {
		c.branches[i].late = !c.branches[i].rings
	}
	if c.awaited() {
		return nil
	}
	return f.goOn(c)
}

// seek asks for a trunk, for a callee of its own: also where that goes on with the ways of another.
func (f *Fork) seek(continues CalleeID, ways []Way, number string) ForkWay {
	return ForkWay{f.add().id, continues, ways, number}
}

// Elsewhere tells whether a final answer of a trunk's target, or one that we have made in its place, says that another target
// may do better (RFC 3263 section 4.3): it is not there, or can not serve now. What else a carrier answers is its word.
func Elsewhere(status int, local bool) bool {
	return local || status == 500 || status == 502 || status == 503 || status == 504
}

// Timeout takes a timer; one that nobody waits for any more means nothing.
func (f *Fork) Timeout(id int) []ForkEffect {
	i := slices.IndexFunc(f.callees, func(c *callee) bool { return (c.timer == id || c.urge == id) && c.alive() })
	if f.done || id == 0 || i < 0 {
		return nil
	}
	c := f.callees[i]
	if c.urge == id {
		return f.urge(c)
	}
	c.timer = 0
	effects, decided := f.look(c, c.stage, ReasonNoAnswer)
	switch {
	case decided:
	case c.stage == NoAnswer:
		effects = append(effects, c.cancel(ReasonNoAnswer)...)
		f.fail(c, Refusal{Status: 480, Reason: "No answer"})
	default:
		effects = append(effects, f.wait(c))
	}
	return f.settle(effects)
}

// Cancelled takes the caller's CANCEL, or the end of its leg, or that something else has taken the call.
func (f *Fork) Cancelled() []ForkEffect { return f.Ended(ReasonCancelled) }

// Ended ends the fork, and tells the devices that reason.
func (f *Fork) Ended(reason string) []ForkEffect {
	if f.done {
		return nil
	}
	f.done = true
	return f.cancelAll(reason)
}

// Done reports that the fork has won, refused or been cancelled.
func (f *Fork) Done() bool { return f.done }
