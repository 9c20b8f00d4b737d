package web

import (
	"context"
	"time"
)

// Agents are those who serve queues. A refusal is an *Error. Who asks sees and does what his rights say: everybody sees
// himself.
type Agents interface {
	// Agents returns the agents that match, in the order of their names, at most q.Limit.
	Agents(ctx context.Context, q AgentQuery) ([]Agent, error)
	// AgentDefinition returns who an agent is, and what he is to his queues.
	AgentDefinition(ctx context.Context, by Asker, name string) (Definition, error)
	// SaveAgent makes an agent or changes him, and returns what he is then.
	SaveAgent(ctx context.Context, c DefinitionChange) (Definition, error)
	// RemoveAgent ends an agent.
	RemoveAgent(ctx context.Context, r DefinitionRemoval) error
	// ExplainAgent tells for each of his queues why it gives him nobody, and what he has done lately.
	ExplainAgent(ctx context.Context, by Asker, name string) (Explanation, error)
	// ActOnAgent has an agent log on, pause and so on, and returns how he stands then.
	ActOnAgent(ctx context.Context, a AgentAct) (Agent, error)
}

// Agent is an agent as he stands now.
type Agent struct {
	Name        string         `json:"name"`
	Display     string         `json:"display"`
	Account     string         `json:"account"`
	State       string         `json:"state"` // one of AgentStates
	Since       time.Time      `json:"since,omitzero"`
	Reachable   bool           `json:"reachable"` // a device of his is there
	Reason      string         `json:"reason"`    // of a pause
	Next        string         `json:"next"`      // what he has chosen for after his call; else the state
	Queue       string         `json:"queue"`     // for which he is held, or talks
	Caller      string         `json:"caller"`    // name of its call
	Number      string         `json:"number"`
	CallerName  string         `json:"caller_name"`
	CallerSince time.Time      `json:"caller_since,omitzero"` // when it began to wait
	WrapUpUntil time.Time      `json:"wrap_up_until,omitzero"`
	LoggedOn    time.Time      `json:"logged_on,omitzero"`
	Devices     []string       `json:"devices"` // AORs at which he works
	Outside     int            `json:"outside"` // calls outside queues, now
	Queues      []AgentQueue   `json:"queues"`
	Skills      map[string]int `json:"skills"`
	Day         AgentDay       `json:"day"`
	Member      string         `json:"member"` // of his owner; "": he does not live, since he is logged out
	Revision    uint64         `json:"revision"`
}

// AgentStates are the states that agents may have.
var AgentStates = []string{"logged out", "ready", "reserved", "ringing", "talking", "wrap-up", "paused"}

// AgentQueue is what an agent is to a queue.
type AgentQueue struct {
	Queue     string    `json:"queue"`
	Penalty   int       `json:"penalty"`
	Level     int       `json:"level"`
	Position  int       `json:"position"`
	RingInUse bool      `json:"ring_in_use"`
	Dynamic   bool      `json:"dynamic"` // he came by himself, and goes when he logs off
	Paused    bool      `json:"paused"`  // in this queue
	Reason    string    `json:"reason"`
	Calls     int       `json:"calls"`
	LastCall  time.Time `json:"last_call,omitzero"` // when it ended
}

// AgentDay is what an agent has done since midnight; the times are those of states that are over.
type AgentDay struct {
	Calls  int     `json:"calls"`
	Worked Seconds `json:"worked"`
	Talk   Seconds `json:"talk"`
	WrapUp Seconds `json:"wrap_up"`
	Paused Seconds `json:"paused"`
}

// AgentQuery selects agents.
type AgentQuery struct {
	By    Asker
	Name  string   // exactly this one; "" for all
	Names []string // exactly these; nil for all
	Queue string   // those who belong to it
	State string
	Match string // part of the name or of the display name, without regard to case
	Limit int
}

// AgentAct is what an agent does, or somebody on his behalf.
type AgentAct struct {
	By        Asker
	Name      string
	Verb      string   // one of AgentVerbs
	Source    string   // how records call who did it: MANAGER where it is empty
	Device    string   // of login: AOR; "": that of his account
	HotDesk   bool     // of login: the device is somebody else's otherwise
	Queues    []string // of login: in these alone, of his; none: in all
	Queue     string   // of pause and resume: that one alone; of queues: which one; of login: he joins it
	Reason    string   // of pause
	Seconds   int      // of wrapup: so much more
	Add       bool     // of queues: he belongs to it
	Remove    bool     // of queues: he does not
	Paused    bool     // of login and queues, where he comes to belong to one: he is paused there
	Penalty   *int     // of queues, and of login with a queue
	RingInUse *bool    // of queues
}

// AgentVerbs are what agents can be made to do. ready is resume, of all queues; check has him ask whether what he is said
// to do is true.
var AgentVerbs = []string{"login", "logout", "pause", "resume", "ready", "reason", "wrapup", "check", "queues"}
