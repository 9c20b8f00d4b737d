package queue

import "time"

// Limits of one queue. They are constants: what a user may want to change is in Settings.
const (
	maxCallers  = 20000 // that wait, talk or want to be called back
	maxAgents   = 20000
	maxClasses  = 256 // callers' different needs at the same time
	maxIdle     = 32  // of those, kept without a caller, since the same needs come again
	maxWants    = 16  // skills that one caller wants
	maxSkills   = 64  // of one agent
	maxDevices  = 16  // at which one agent works
	maxRules    = 64  // penalty rules, and steps of relaxation
	maxTier     = 32  // the last level that callers wait for; those above come with it
	maxDigits   = 16  // of a key that leads out
	maxText     = 200 // bytes of a name, an address or a reason from outside
	askLapse    = 3 * time.Second
	ownerWait   = 10 * time.Second // for the next owner of an agent whose last one is no more
	dialLapse   = 60 * time.Second // a dialled callback that nobody tells about, after its phone has rung
	lookAgain   = 5 * time.Second  // from one look at a caller's position to the next
	maxPerEvent = 64               // agents that are rung together
)

// Settings say how a queue works. The names are ours; where app_queue has the same setting its name follows.
type Settings struct {
	Strategy string // who is rung, see strategies (strategy)

	Ring        time.Duration // how long an agent is rung; 0: until somebody gives up (timeout)
	Retry       time.Duration // how long an agent who did not answer is left alone (retry)
	CallerRests bool          // the caller waits as long as that, though others are free; that is what app_queue does
	RingInFull  bool          // a caller's longest stay does not cut the last ring (timeoutpriority=conf)
	OneByOne    bool          // only the first caller is served (autofill=no)

	MaxWaiting int           // callers that wait; 0: no limit but that of the room (maxlen)
	MaxStay    time.Duration // how long a caller may stay that brings no time of its own; 0: for ever
	Closed     bool          // nobody may enter; who is there stays

	Weight  int     // of the queue, for agents of several; the heavier one goes first (weight)
	Longest Longest // how an agent of several equally heavy queues decides (force_longest_waiting_caller)

	WrapUp       time.Duration // what an agent has to do after a call of this queue (wrapuptime)
	ServiceLevel time.Duration // a caller should be answered within (servicelevel)
	Shared       bool          // calls in other queues count for fewestcalls and leastrecent (shared_lastcall)
	Music        string        // what a caller hears (musicclass)
	AgentHears   string        // what an agent hears before the caller (announce)
	AgentDelay   time.Duration // from answer to conversation (memberdelay)

	FewAgents int    // with no more agents than this penalties do not count (penaltymemberslimit)
	Rules     []Rule // how penalties change while a caller waits (defaultrule)
	Relax     []Step // how wanted skills relax while a caller waits
	Tiers     Tiers

	JoinEmpty  Conditions // agents with one of these are not there for somebody who enters (joinempty)
	LeaveEmpty Conditions // agents with one of these are not there for somebody who waits (leavewhenempty)

	AutoPause AutoPause
	Announce  Announce
	Exits     []Exit // keys by which a caller leaves (context)
	Overflow  Overflow
	Callback  CallbackSettings
}

// Default are the settings of a queue that says nothing (reference queuelog.md 4.7).
func Default() Settings {
	return Settings{Strategy: "ringall", Ring: 15 * time.Second, Retry: 5 * time.Second,
		Announce: Announce{Position: true, PositionLimit: 10, Least: 15 * time.Second, HoldTime: true},
		Callback: CallbackSettings{Tries: 3, Again: 10 * time.Minute, Life: 24 * time.Hour, Ring: 30 * time.Second}}
}

// Longest says which of several equally heavy queues gets an agent.
type Longest int

// How it is decided.
const (
	LongestOff      Longest = iota // who asks first
	LongestYes                     // whose caller has waited longest
	LongestPriority                // whose caller has the higher priority, then who has waited longest
)

// Rule changes the bounds of penalties once a caller has waited so long (penaltychange).
type Rule struct {
	After           time.Duration
	Min, Max, Raise Change
}

// Change is one number of a Rule.
type Change struct {
	Set      bool // it changes at all
	Relative bool
	Value    int
}

// Step lowers what callers want once they have waited so long. A skill wanted at level 0 is wanted no more.
type Step struct {
	After time.Duration
	Skill string // "": every skill
	By    int    // levels
}

// Tiers say when callers reach agents of higher levels (mod_callcenter's tier rules).
type Tiers struct {
	Apply         bool
	Wait          time.Duration // until the next level is reached (tier-rule-wait-second)
	Multiply      bool          // level n is reached after n times that (tier-rule-wait-multiply-level)
	NoAgentNoWait bool          // levels at which nobody works are passed at once (tier-rule-no-agent-no-wait)
}

// AutoPause says when an agent who is rung in vain is paused (autopause).
type AutoPause struct {
	On          bool
	All         bool          // in all of his queues
	Busy        bool          // for a busy device too (autopausebusy)
	Unavailable bool          // for one that cannot be reached too (autopauseunavail)
	Delay       time.Duration // not so soon after his last call (autopausedelay)
}

// Announce says what callers are told while they wait.
type Announce struct {
	Every         time.Duration // position and expected wait; 0: never (announce-frequency)
	Least         time.Duration // never more often (min-announce-frequency)
	Position      bool          // (announce-position)
	PositionLimit int           // "more than so many" beyond it; 0: no limit (announce-position-limit)
	OnlyUp        bool          // the position is told only where it is better than that told last
	HoldTime      bool          // the expected wait (announce-holdtime)
	HoldTimeOnce  bool
	RoundSeconds  int // of the expected wait; 0: whole minutes (announce-round-seconds)

	Periodic       []string      // texts or files, told in turn (periodic-announce)
	PeriodicEvery  time.Duration // (periodic-announce-frequency)
	PeriodicDelay  time.Duration // before the first (periodic-announce-startdelay)
	PeriodicRandom bool          // in no order (random-periodic-announce)

	ToFirst bool // the first caller too hears all that (announce-to-first-user)
}

// Exit is a key by which a caller leaves.
type Exit struct{ Key, To string }

// Overflow says when and where callers go on. The time that they have waited goes with them.
type Overflow struct {
	Queue     string
	After     time.Duration // 0: not by time
	WhenFull  bool          // those who find no room
	WhenEmpty bool          // those for whom nobody is there
}

// CallbackSettings say how callers are called back instead of waiting.
type CallbackSettings struct {
	Key   string        // by which a caller asks for it; "": it is not offered
	After time.Duration // when it is offered
	Tries int           // until it is given up
	Again time.Duration // from a call that failed to the next
	Ring  time.Duration // how long the caller's phone rings
	Life  time.Duration // after which it is given up in any case
}
