package web

import (
	"context"
	"time"
)

// LiveLogs tell what goes on at the servers of which there are queue logs, and have them do something. A refusal is an
// *Error.
type LiveLogs interface {
	// Live is what goes on at the servers of a source at this moment.
	Live(ctx context.Context, q LiveQuery) (LiveView, error)
	// Act has servers do something, and answers with what each of them has said.
	Act(ctx context.Context, a LiveAct) ([]LiveAnswer, error)
}

// LiveQuery asks what goes on.
type LiveQuery struct {
	By     Asker
	Source string // which servers are seen as one: cluster:A|B-|C
	Queues []string
	From   time.Time // counts are of calls that touch the time from then on; zero: of today
	Zone   string    // in which today begins; "": UTC
	Within int64     // service level, seconds
}

// LiveView is what goes on at some servers at one moment. Times of calls and agents are those of their server's clock.
type LiveView struct {
	Source  string       `json:"source"`
	At      time.Time    `json:"at"`
	From    time.Time    `json:"from,omitzero"` // counts are of calls that touch the time from then on
	Within  int64        `json:"within"`        // service level, seconds
	Servers []LiveServer `json:"servers"`
	Queues  []LiveQueue  `json:"queues"`
	All     LiveCounts   `json:"all"`
	Calls   []LiveCall   `json:"calls"`
	Agents  []LiveAgent  `json:"agents"`
}

// States of what is heard of a server.
const (
	LiveOn     = "live"
	LiveQuiet  = "quiet"   // it is heard, and nothing happens
	LiveBehind = "behind"  // lines are there that have not come yet
	LiveCut    = "cut off" // it is not heard
)

// LiveServer is a server, and how old what is known of it is.
type LiveServer struct {
	Name      string     `json:"name"`
	State     string     `json:"state"` // the better one of its feeds
	CallsOnly bool       `json:"calls_only"`
	Log       LiveFeed   `json:"log"`
	Manager   LiveFeed   `json:"manager"` // the manager interface
	Ahead     Seconds    `json:"clock_ahead"`
	Restarts  []int64    `json:"restarts"` // seconds since 1970
	Counts    LiveCounts `json:"counts"`
}

// LiveFeed is one way by which something is heard of a server.
type LiveFeed struct {
	State string    `json:"state"` // "": it is not used
	Heard time.Time `json:"heard,omitzero"`
	Last  time.Time `json:"last,omitzero"` // the newest thing that has happened
	Why   string    `json:"why,omitempty"` // it is cut off
}

// Used tells whether something is heard in this way, or should be.
func (f LiveFeed) Used() bool { return f.State != "" }

// LiveCounts count the calls of a queue or a server, those from outside alone.
type LiveCounts struct {
	Offered      int64 `json:"offered"`
	Answered     int64 `json:"answered"`
	Lost         int64 `json:"lost"`
	InTime       int64 `json:"in_time"` // answered within the service level
	WaitAnswered int64 `json:"total_wait_answered"`
	Talks        int64 `json:"talk_calls"`
	Talk         int64 `json:"talk_total"`
}

// Share is the part of offered calls that were answered in time, per cent; false: none were offered.
func (c LiveCounts) Share() (float64, bool) {
	if c.Offered == 0 {
		return 0, false
	}
	return 100 * float64(c.InTime) / float64(c.Offered), true
}

// LiveQueue is a queue over all servers, or on one of them.
type LiveQueue struct {
	Name     string      `json:"name"`
	Server   string      `json:"server,omitempty"` // of a part
	State    string      `json:"state,omitempty"`  // of a part: that of its server
	Cut      int         `json:"cut_off"`          // servers that are not heard: what follows leaves them out
	Servers  int         `json:"servers"`
	Waiting  int         `json:"waiting"`
	Longest  int64       `json:"longest_since,omitempty"` // seconds since 1970
	Talking  int         `json:"talking"`
	Outbound int         `json:"outbound"` // calls of its agents to the outside
	Agents   int         `json:"agents"`
	Ready    int         `json:"ready"`
	Paused   int         `json:"paused"`
	Busy     int         `json:"busy"`    // its agents who talk in another queue, or elsewhere
	Unknown  int         `json:"unknown"` // on its calls, and none of its agents
	Counts   LiveCounts  `json:"counts"`
	Parts    []LiveQueue `json:"parts,omitempty"`
}

// LiveCall is a call that waits, or is talked in.
type LiveCall struct {
	Server   string `json:"server"`
	ID       string `json:"call"`
	Queue    string `json:"queue"`
	State    string `json:"state"` // waiting, talking
	Outbound bool   `json:"outbound"`
	Number   string `json:"number"`
	Name     string `json:"name,omitempty"`
	Agent    string `json:"agent,omitempty"`
	Position int64  `json:"position,omitempty"`
	Enter    int64  `json:"enter"` // seconds since 1970
	Connect  int64  `json:"connect,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Hears    bool   `json:"hears"` // who asks may listen to it
	Known    bool   `json:"known"` // false: its server is cut off, and this is how it was
}

// Key names a call among those of all servers.
func (c LiveCall) Key() string { return c.Server + ":" + c.ID }

// LiveAgent is an agent, over all servers at which he is.
type LiveAgent struct {
	Name   string     `json:"name"`
	State  string     `json:"state"`         // talking, ringing, busy, paused, ready, unreachable, not known
	Was    string     `json:"was,omitempty"` // his state when his servers were last heard
	Since  int64      `json:"since,omitempty"`
	Reason string     `json:"reason,omitempty"`
	Seats  []LiveSeat `json:"seats"`
}

// LiveSeat is an agent at one server.
type LiveSeat struct {
	Server   string   `json:"server"`
	State    string   `json:"state"`
	Known    bool     `json:"known"`
	Since    int64    `json:"since,omitempty"` // in that state
	Reason   string   `json:"reason,omitempty"`
	Device   string   `json:"device,omitempty"`
	Queues   []string `json:"queues"`
	PausedIn []string `json:"paused_in,omitempty"` // queues
	Login    int64    `json:"login,omitempty"`     // 0: not told
	LastCall int64    `json:"last_call,omitempty"` // the end of it
	On       string   `json:"on,omitempty"`        // queue of his call
}

// LiveActs are the things that servers can be told.
var LiveActs = []string{"logon", "logoff", "add", "remove", "pause", "unpause", "hangup", "transfer", "spy", "whisper", "barge"}

// HearingActs are those by which somebody hears a call: they need the right to listen to the calls of its queue.
var HearingActs = []string{"spy", "whisper", "barge"}

// LiveAct has something done: to an agent, or to a call.
type LiveAct struct {
	By      Asker
	Source  string
	Server  string // at this one alone; "": where it belongs
	Verb    string
	Agent   string
	Device  string // at which he works, or from which somebody spies
	Queues  []string
	Reason  string
	Call    string // SERVER:ID, or its id alone
	To      string // number
	Paused  bool
	Penalty int
}

// LiveAnswer is what one server has answered.
type LiveAnswer struct {
	Server string `json:"server"`
	Done   bool   `json:"done"`
	Text   string `json:"text"`
}
