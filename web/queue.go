package web

import (
	"context"
	"encoding/json"
	"time"
)

// Queues are the queues of call centres, with those who wait in them. A refusal is an *Error. Who asks sees and does what
// his rights say: Asker.
type Queues interface {
	// Queues returns the queues that match, in the order of their names, at most q.Limit.
	Queues(ctx context.Context, q QueueQuery) ([]Queue, error)
	// Definition returns what a queue is like.
	Definition(ctx context.Context, by Asker, name string) (Definition, error)
	// Save makes a queue or changes it, and returns what it is like then.
	Save(ctx context.Context, c DefinitionChange) (Definition, error)
	// Remove ends a queue.
	Remove(ctx context.Context, r DefinitionRemoval) error
	// Callers returns who is in a queue, in line first and in its order, at most q.Limit.
	Callers(ctx context.Context, q CallerQuery) ([]Caller, error)
	// Explain tells why a caller still waits, and what has happened to it. It does so for callers that have gone too.
	Explain(ctx context.Context, q CallerQuery) (Explanation, error)
	// ActOnCaller does something with a caller in line.
	ActOnCaller(ctx context.Context, a CallerAct) error
}

// Queue is a queue as it stands now. Counts are those of its present owner; what nobody has counted is 0.
type Queue struct {
	Name         string    `json:"name"`
	Display      string    `json:"display"`
	Numbers      []string  `json:"numbers"`
	Strategy     string    `json:"strategy"`
	State        string    `json:"state"`         // one of those below
	ServiceLevel Seconds   `json:"service_level"` // within which callers should be answered
	Target       int       `json:"target"`        // percent of them
	Weight       int       `json:"weight"`
	MaxLen       int       `json:"maxlen"`
	Waiting      int       `json:"waiting"`
	Callbacks    int       `json:"callbacks"` // of those who wait, who are called back
	Longest      Seconds   `json:"longest"`   // wait so far
	Agents       int       `json:"agents"`    // who belong to it
	LoggedOn     int       `json:"logged_on"`
	Ready        int       `json:"ready"`
	Ringing      int       `json:"ringing"` // reserved ones too
	Talking      int       `json:"talking"`
	WrapUp       int       `json:"wrap_up"`
	Paused       int       `json:"paused"`   // in all queues, or in this one
	Answered     int       `json:"answered"` // callers
	InTime       int       `json:"answered_in_time"`
	Completed    int       `json:"completed"`
	Abandoned    int       `json:"abandoned"`
	LostInTime   int       `json:"abandoned_in_time"`
	Refused      int       `json:"refused"`
	Hold         Seconds   `json:"hold"` // smoothed, as app_queue does it
	Talk         Seconds   `json:"talk"`
	Member       string    `json:"member"`      // of its owner; "": it does not live, since nobody needs it
	Gathering    bool      `json:"gathering"`   // its owner is new, and hears who is there
	At           time.Time `json:"at,omitzero"` // when its owner looked
	Revision     uint64    `json:"revision"`
}

// States of queues.
const (
	QueueOnTarget = "on target"
	QueueNear     = "near limit"       // who waits longest has waited three quarters of the service level
	QueueOver     = "over limit"       // or longer than that
	QueueEmpty    = "nobody logged in" // no agent of it is
	QueueClosed   = "closed"
)

// ServiceShare is the share of callers who were answered in time, of those who were answered or lost; false: there was
// none.
func (q Queue) ServiceShare() (percent float64, ok bool) {
	all := q.Answered + q.Abandoned
	if all == 0 {
		return 0, false
	}
	return 100 * float64(q.InTime) / float64(all), true
}

// QueueQuery selects queues.
type QueueQuery struct {
	By    Asker
	Name  string // exactly this one; "" for all
	Match string // part of the name or of the display name, without regard to case
	Limit int
}

// Definition is what a queue or an agent is like, as the cluster keeps it: see package actors/ledger.
type Definition struct {
	Name       string          `json:"name"`
	Definition json.RawMessage `json:"definition"`
	Revision   uint64          `json:"revision"`
	At         time.Time       `json:"at"`
	Author     string          `json:"author"`
	Reason     string          `json:"reason,omitempty"`
}

// DefinitionChange is a change of one.
type DefinitionChange struct {
	By         Asker
	Name       string
	Definition json.RawMessage // an object; keys that are left out stand at their defaults
	Merge      bool            // they stay as they are, and it must be there
	Revision   *uint64         // that the change was made upon, 0: there is none; nil: whatever
	Reason     string
}

// DefinitionRemoval ends one.
type DefinitionRemoval struct {
	By       Asker
	Name     string
	Revision *uint64
	Reason   string
}

// Caller is somebody who is in a queue.
type Caller struct {
	Queue    string   `json:"queue"`
	Caller   string   `json:"caller"` // name of its call
	Number   string   `json:"number"`
	Name     string   `json:"name"`
	Position int      `json:"position"` // from 1; 0: it is not in line any more
	Priority int      `json:"priority"`
	State    string   `json:"state"`
	Waited   Seconds  `json:"waited"`
	Callback bool     `json:"callback"` // it is called back
	Agents   []string `json:"agents"`   // who are rung for it, or talk with it
}

// CallerQuery selects callers of a queue.
type CallerQuery struct {
	By     Asker
	Queue  string
	Caller string // that one alone
	After  int    // those in line behind this position
	Limit  int
}

// CallerAct is what a supervisor does with a caller.
type CallerAct struct {
	By       Asker
	Queue    string
	Caller   string
	Verb     string // withdraw, move, promote, or send
	Text     string // of withdraw: why
	Position int    // of move, from 1
	Priority int    // of promote
	To       string // of send: another queue
}

// Explanation tells why somebody still waits: what keeps each agent from a caller, or an agent from each queue; and what
// has happened to him lately, the oldest first.
type Explanation struct {
	Waits   []Reason `json:"waits"`
	History []Event  `json:"history"`
}

// Reason is what keeps an agent from a caller, or what speaks for him. Of an agent Queue is set, of a caller Agent.
type Reason struct {
	Agent string `json:"agent,omitempty"`
	Queue string `json:"queue,omitempty"`
	Why   string `json:"why"`
}

// Event is something that has happened to a caller or an agent.
type Event struct {
	At      time.Time `json:"at"`
	What    string    `json:"what"` // one word: entered, offered, joined ...
	Queue   string    `json:"queue,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	Caller  string    `json:"caller,omitempty"`
	Because string    `json:"because,omitempty"` // the decision in a sentence
	Reasons []Reason  `json:"reasons,omitempty"` // why this agent, why not those before him
}
