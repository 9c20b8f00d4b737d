package ami

import (
	"context"
	"time"
)

// Right is something that an account may do here.
type Right string

// Rights. Where a queue is named they may hold for that queue alone.
const (
	Enter     Right = "enter"     // log in at all
	Watch     Right = "watch"     // see a queue with its agents and callers, and hear of them
	Change    Right = "change"    // let agents work or pause in a queue, move its callers
	Log       Right = "log"       // write lines into the queue_log
	Calls     Right = "calls"     // see all calls
	Direct    Right = "direct"    // end and redirect any call
	Originate Right = "originate" // begin calls
)

// Authenticator knows the accounts.
type Authenticator interface {
	// Password checks a user's password; it takes the same time for one that does not exist. false: it is not his.
	Password(ctx context.Context, user, password string) (account string, ok bool)
	// Secret is a user's password, for those who prove it without sending it; false: there is none, or it is kept as a
	// hash alone.
	Secret(user string) (account, password string, ok bool)
	// May tells whether an account may do something, in a queue where one is named.
	May(account string, right Right, queue string) bool
}

// Status is how a device is, as Asterisk counts them.
type Status int

// Statuses that we know of.
const (
	Unknown     Status = 0
	NotInUse    Status = 1
	InUse       Status = 2
	Unavailable Status = 5
	Ringing     Status = 6
)

// Queue is a queue with those who belong to it.
type Queue struct {
	Name         string
	Max          int
	Strategy     string
	Waiting      int
	Hold, Talk   time.Duration
	Answered     int
	Completed    int
	Abandoned    int
	ServiceLevel time.Duration
	// Within the service level.
	AnsweredInTime, AbandonedInTime int
	Weight                          int
	Longest                         time.Duration
	Members                         []Member
	Callers                         []Caller
}

// Member is an agent in one of his queues: the words are Asterisk's.
type Member struct {
	Queue      string
	Name       string
	Location   string // where he is rung: SIP/1002
	Dynamic    bool
	Penalty    int
	CallsTaken int
	LastCall   time.Time
	LastPause  time.Time
	LoginTime  time.Time
	InCall     bool
	Status     Status
	Paused     bool
	Reason     string
	RingInUse  bool
	WrapUp     time.Duration
}

// Caller is a caller, in line or on his way to an agent.
type Caller struct {
	ID       string // of his call
	Number   string
	Name     string
	Queue    string
	Exten    string // number of the queue
	Position int
	Priority int
	Waited   time.Duration
}

// Ring is one try to join a caller with an agent.
type Ring struct {
	Caller   Caller
	Member   string
	Location string
	ID       string // of the agent's call; "": it is not known
	Up       bool   // he has answered
}

// Call is a call leg.
type Call struct {
	ID          string // of the leg, for what is done with it
	Unique      string // by which events name it; "": ID
	Of          string // of the first leg of that call
	Account     string
	Number      string // of the party
	Name        string
	Peer        string // number of the other one
	PeerName    string
	Outgoing    bool
	State       string // Down, Ring, Ringing, Up
	Exten       string
	Application string
	Duration    time.Duration
	Bridge      string
}

// Order is a call that is to be begun: first a channel is rung, and it is joined with a number when it answers.
type Order struct {
	ID       string // of the first leg, as wished; ""
	Channel  string // SIP/1002
	Exten    string
	Number   string // that is shown to the channel
	Name     string
	Account  string // in whose name; "": of who asks
	Timeout  time.Duration
	Callback func(Outcome) // is told what has become of it
}

// Outcome is what has become of an Order.
type Outcome struct {
	Order  Order
	Call   string
	Failed string // why it has failed; "": it was answered
}

// Refusal is why an action is not done, as the client reads it.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// House does what clients want. Errors that are a Refusal are told; others are logged and told as a failure of ours.
// who is the account that asks. An interface is how a client names an agent: "SIP/1002", "Agent/1002" or "1002".
type House interface {
	// Queues are all queues, or the one of that name, none if there is no such.
	Queues(ctx context.Context, name string) ([]Queue, error)
	// Add and Remove have an agent work in a queue, and not.
	Add(ctx context.Context, who, queue, agent string, penalty int, paused bool) error
	Remove(ctx context.Context, who, queue, agent string) error
	// Pause pauses an agent in a queue, or in all with "", or lets him go on.
	Pause(ctx context.Context, who, queue, agent string, paused bool, reason string) error
	// SetPenalty and SetRingInUse change what an agent is to a queue, or to all of his with "".
	SetPenalty(ctx context.Context, who, queue, agent string, penalty int) error
	SetRingInUse(ctx context.Context, who, queue, agent string, ring bool) error
	// Log writes a line into the queue_log of all members.
	Log(ctx context.Context, line LogLine) error
	// Withdraw takes a caller out of a queue, Promote gives it another priority.
	Withdraw(ctx context.Context, who, queue, caller, text string) error
	Promote(ctx context.Context, who, queue, caller string, priority int) error

	// Calls are the call legs of all members.
	Calls(ctx context.Context) ([]Call, error)
	// Hangup ends a leg.
	Hangup(ctx context.Context, who, call string) error
	// Redirect sends a leg's party to a number.
	Redirect(ctx context.Context, who, call, exten string) error
	// Originate begins a call; what becomes of it is told to its Callback, once.
	Originate(ctx context.Context, who string, o Order) error
}

// LogLine is a line for the queue_log.
type LogLine struct{ Call, Queue, Agent, Verb, Text string }
