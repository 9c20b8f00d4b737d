package report

// State is how far a stint is.
type State int

const (
	// Waiting: the caller is in line. At the end of what was read it is neither answered nor lost.
	Waiting State = iota
	// Talking: it has been answered, and the conversation has not ended.
	Talking
	// Answered: it was answered, and is over.
	Answered
	// Lost: it has left without an answer.
	Lost
)

// Ways in which a stint ends that no line names. All others are the verb of the line.
const (
	Restart     = "restart"      // its server was started again
	MissingExit = "missing-exit" // its key was used anew
	AgentDump   = "agent dump"   // nothing follows a hang-up by the agent before they were joined
)

// Unknown stands for a time or length that was not told and can not be computed.
const Unknown int64 = -1

// Stint is a caller's stay in one queue, or a call of an agent to the outside.
type Stint struct {
	Partition, CallID, Queue string
	Outbound                 bool

	Caller, URL string
	Position    int64 // when it entered, from 1; 0: not told
	Last        int64 // when it was lost
	Key         string

	Enter, Connect, End int64 // seconds since 1970
	Wait, Ring, Talk    int64 // seconds
	Attempts            int64 // to reach agents for it, with the one that was taken
	Agent               string
	Transfer            string // where its agent has sent it on
	State               State
	Cause               string
	Estimated           bool // some of its times are made of others

	dumped     bool
	next, prev *Stint // open ones of the same call in other queues
}

// alone is a copy, without the others of its call.
func (s *Stint) alone() Stint {
	one := *s
	one.next, one.prev = nil, nil
	return one
}

// end makes it answered or lost.
func (s *Stint) end(at int64, cause string) {
	s.End, s.Cause = at, cause
	switch s.State {
	case Waiting:
		s.State = Lost
	case Talking:
		s.State = Answered
	}
}

// Session is a stretch of time for which an agent was logged on, or belonged to a queue.
type Session struct {
	Partition, Agent string
	Start, End       int64
	Cause            string // verb of its end, Restart, or "": it goes on
	Device           string // at which he logged on, as the line names it; "": not told
}

// Pause is a stretch of time for which an agent took no calls: of one queue, or of all.
type Pause struct {
	Partition, Agent string
	Queue            string // AllQueues: of all
	Reason           string
	Start, End       int64
}

// AllQueues stands for the queue of a pause of all queues.
const AllQueues = "*"

// Attempt is one try to reach an agent.
type Attempt struct {
	Partition, Queue, Agent string
	At                      int64
	Kind                    AttemptKind
	Milliseconds            int64 // that he was rung; whole seconds where it was taken
}

// AttemptKind is how a try ended.
type AttemptKind int

// Kinds.
const (
	Taken AttemptKind = iota
	RungInVain
	Canceled // the caller has gone
	Dumped   // he hung up before he was joined with the caller
)

func (k AttemptKind) String() string {
	return [...]string{"taken", "lost", "canceled", "dump", "zero"}[k]
}

// Sink takes what has ended. A stint is good until it returns: the Fold uses it again.
type Sink interface {
	Stint(*Stint)
	Session(*Session)
	Pause(*Pause)
	Attempt(Attempt)
}
