package queue

import "time"

// Effect is something that the queue wants done. The set is closed.
type Effect interface{ effect() }

// The names of those a queue has to do with. CallerID is that of the caller's call, which queue_log shows.
type (
	CallerID  string
	AgentName string
)

// OfferID names one try to join a caller and an agent, for all times: no owner of a queue has the epoch of another.
type OfferID struct{ Epoch, Number uint64 }

// Placed tells a caller that it is in line, and where. It brings the place along to the queue's next owner. It is
// sent again when the place changes.
type Placed struct {
	Caller   CallerID
	Place    Place
	Position int       // from 1
	Since    time.Time // from when its wait counts
	Original int       // its first position
	Music    string
}

// Refused tells a caller that it may not enter. To is the queue where it should go instead, or "".
type Refused struct {
	Caller CallerID
	Why    Refusal
	To     string
}

// Left tells a caller that it is in the queue no more, or, for CallbackTaken, that it may hang up.
type Left struct {
	Caller CallerID
	Why    Leaving
	Key    string        // that it has pressed
	To     string        // where it goes
	Waited time.Duration // so far, in all queues
	Place  Place
}

// Reserve asks an agent whether he may be rung: he answers with Granted or Refused. Turn is that under which he said
// that he is ready; the rest is for his choice among several queues.
type Reserve struct {
	Agent    AgentName
	Turn     uint64
	Offer    OfferID
	Weight   int
	Priority int
	Longest  Longest
	Since    time.Time
}

// Pass tells an agent who is choosing among several queues that there is nobody for him here.
type Pass struct {
	Agent AgentName
	Turn  uint64
}

// Release tells an agent that he is not held for an offer any more.
type Release struct {
	Agent AgentName
	Offer OfferID
	Why   string
}

// Progress tells an agent how an offer goes on.
type Progress struct {
	Agent  AgentName
	Offer  OfferID
	Caller CallerID
	Stage  Stage
	WrapUp time.Duration // with Ended: what he has to do after the call
	Number string        // of the caller, and its name, as they came
	Name   string
	Since  time.Time // when the caller began to wait
}

// Offer tells a caller's Task to ring an agent. It answers with Unanswered, or Answered or Connected.
type Offer struct {
	Caller   CallerID
	Agent    AgentName
	Devices  []string // where he is rung
	Offer    OfferID
	Ring     time.Duration // until it is withdrawn; 0: for ever
	Announce string        // what the agent hears first
	Delay    time.Duration // and how long he has then
}

// Noted tells a caller's Task that what it has said of an offer is written down: Answered or Connected. Until then it
// says that again to the queue's next owner, after it has told where it stood before.
type Noted struct {
	Caller CallerID
	Offer  OfferID
	Stage  Stage
}

// Withdraw tells a caller's Task to ring an agent no more.
type Withdraw struct {
	Caller CallerID
	Agent  AgentName
	Offer  OfferID
	Why    string
}

// PauseAgent tells an agent to pause, since he was rung in vain.
type PauseAgent struct {
	Agent AgentName
	All   bool // in all of his queues
}

// Play is something that a caller hears.
type Play struct {
	Caller   CallerID
	What     Sound
	Text     string        // of SoundPeriodic: which one
	Position int           // of SoundPosition; 0: it is not told
	More     bool          // there are more than Position before it
	Wait     time.Duration // of SoundPosition: the expected wait; negative: it is not told
	Number   string        // of SoundCallback
}

// Sound is a kind of announcement.
type Sound int

// Announcements.
const (
	SoundPosition Sound = iota
	SoundPeriodic
	SoundCallback // it may be called back: by pressing a key
)

// Dial has a caller called back while an agent is held. The answer is Dialled or DialFailed.
type Dial struct {
	Caller CallerID
	Offer  OfferID
	Number string
	Try    int           // from 1
	Ring   time.Duration // how long its phone rings
}

// Keep has a callback written down, so that it survives everybody; Forget has it crossed out.
type (
	Keep   struct{ Record Arrival }
	Forget struct{ Caller CallerID }
)

// Report is a fact for the records.
type Report struct{ Fact Fact }

func (Placed) effect()     {}
func (Refused) effect()    {}
func (Left) effect()       {}
func (Reserve) effect()    {}
func (Pass) effect()       {}
func (Release) effect()    {}
func (Progress) effect()   {}
func (Offer) effect()      {}
func (Noted) effect()      {}
func (Withdraw) effect()   {}
func (PauseAgent) effect() {}
func (Play) effect()       {}
func (Dial) effect()       {}
func (Keep) effect()       {}
func (Forget) effect()     {}
func (Report) effect()     {}

// Refusal is why a caller may not enter, as in QUEUESTATUS (reference queuelog.md 4.1); Closed, Crowded and Known are
// ours.
type Refusal string

// Refusals.
const (
	Full      Refusal = "FULL"
	JoinEmpty Refusal = "JOINEMPTY"
	Closed    Refusal = "CLOSED"
	Crowded   Refusal = "CROWDED" // callers want too many different things
	Known     Refusal = "KNOWN"   // it is there already
	Malformed Refusal = "MALFORMED"
	BeingRung Refusal = "RINGING" // it asks to be called back, but somebody is rung for it
	Undefined Refusal = "UNKNOWN" // there is no such queue; the shell says so
)

// Leaving is why a caller leaves, as in QUEUESTATUS.
type Leaving string

// Exits.
const (
	Abandoned     Leaving = "ABANDON"
	TimedOut      Leaving = "TIMEOUT"
	LeftEmpty     Leaving = "LEAVEEMPTY"
	ByKey         Leaving = "CONTINUE"
	Withdrawn     Leaving = "WITHDRAW"
	Overflown     Leaving = "OVERFLOW"
	Incompatible  Leaving = "SYSCOMPAT"
	CallbackTaken Leaving = "CALLBACK"
	CallbackLost  Leaving = "CALLBACKFAILED"
	Served        Leaving = "SERVED"
)

// Stage is how far an offer is.
type Stage int

const (
	// StageAsked: the agent is asked whether he may be rung.
	StageAsked Stage = iota
	// StageDialling: he is held while the caller is called back.
	StageDialling
	// StageRinging: he is rung.
	StageRinging
	// StageAnswered: he has answered and is not joined with the caller yet.
	StageAnswered
	// StageTalking: he is.
	StageTalking
	// StageEnded: that is over.
	StageEnded
)

var stageNames = [...]string{"asked", "dialling", "ringing", "answered", "talking", "ended"}

func (s Stage) String() string { return stageNames[s] }
