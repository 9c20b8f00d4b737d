package session

import (
	"context"
	"time"

	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Services are what is done for sessions outside of them. They may take time.
type Services interface {
	// Execute runs a command line in the name of an account. output tells whether it has a result.
	Execute(ctx context.Context, aor signal.AOR, line string) (v object.Value, output bool, err *ximss.Error)
	// ChangePassword changes the password of an account who proves the old one; false: it is not the old one. Other
	// sessions of the account than the one of that handler end.
	ChangePassword(ctx context.Context, aor signal.AOR, old, new, but string) (proved bool, err *ximss.Error)
	// Preferences are those of an account; own: without the defaults of its domain.
	Preferences(ctx context.Context, aor signal.AOR, own bool) (*object.Dictionary, *ximss.Error)
	// StorePreferences changes preferences; null removes one.
	StorePreferences(ctx context.Context, aor signal.AOR, changes *object.Dictionary) *ximss.Error
	// StartTask starts a program in the name of an account and gives the Task's handler.
	StartTask(ctx context.Context, aor signal.AOR, program, entry string, parameter object.Value) (string, *ximss.Error)
	// SendEvent sends an event to a Task or a session. from is the handler of the session that sends it.
	SendEvent(ctx context.Context, to, name string, parameter object.Value, from string) *ximss.Error
	// Roster is an account's roster.
	Roster(ctx context.Context, aor signal.AOR) []Peer
	// ChangeRoster does one change to it; about is what is told of the peer.
	ChangeRoster(ctx context.Context, aor signal.AOR, what, peer string, about *object.Dictionary) *ximss.Error
	// Agent has an agent do something in the name of an account, who may if it is his own or by a right, and tells how he
	// stands afterwards.
	Agent(ctx context.Context, aor signal.AOR, act AgentAct) (*AgentView, *ximss.Error)
	// Recording tells how the call of an agent is recorded, the account's own with "": none, on or paused; it pauses that or
	// takes it up where turn says so.
	Recording(ctx context.Context, aor signal.AOR, agent, turn string) (state string, err *ximss.Error)
	// Queue tells an account who may know it how a queue stands.
	Queue(ctx context.Context, aor signal.AOR, ask QueueAsk) (QueueView, *ximss.Error)
	// QueueDoes does something with a caller in the name of an account who has the right to.
	QueueDoes(ctx context.Context, aor signal.AOR, act QueueAct) *ximss.Error
	// Statistic opens a statistic in the name of an account who may see its object, and gives its value.
	Statistic(ctx context.Context, aor signal.AOR, q ximss.StatRequest) (ximss.StatValue, *ximss.Error)
	// StatPeek is what an open statistic comes to; at is the moment in ms since 1970, 0 for now.
	StatPeek(ctx context.Context, aor signal.AOR, id string, at int64) (ximss.StatValue, *ximss.Error)
	// StatNames are the names that requests for statistics may use.
	StatNames() ximss.StatNames
}

// errandTime is how long one errand may take.
const errandTime = 10 * time.Second

// Serve does something with the services, on a goroutine of its own; what it returns goes to Served.
type Serve struct {
	Do func(context.Context, Services) Result
}

// Result is what came of an errand: it is said by the session.
type Result func(*Session)

// errand is what is to be done for an operation. Those of one session are done one after the other: a client that
// stores and reads sees what it stored.
type errand struct {
	operation *Operation
	do        func(context.Context, Services) Result
}

// serve has something done for an operation when its turn comes.
func (s *Session) serve(o *Operation, do func(context.Context, Services) Result) {
	s.errands = append(s.errands, errand{o, do})
	if len(s.errands) == 1 {
		s.do(Serve{Do: do})
	}
}

// Served: the errand that was under way is done. said is nil when it failed by a fault of ours.
func (s *Session) Served(said Result, now time.Time) {
	if s.now = now; s.state == ended || len(s.errands) == 0 {
		return
	}
	first := s.errands[0]
	s.errands = s.errands[1:]
	if said != nil {
		said(s)
	}
	first.operation.fail(ximss.ErrUnavailable) // unless it was answered
	if s.state == ended {
		return
	}
	if len(s.errands) == 0 {
		s.errands = nil
		return
	}
	s.do(Serve{Do: s.errands[0].do})
}
