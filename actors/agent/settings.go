package agent

import "time"

// Limits of one agent.
const (
	maxQueues  = 200
	maxDevices = 16
	maxCalls   = 32  // outside queues
	maxText    = 200 // bytes of a name or a reason from outside
)

// Times.
const (
	choice     = 50 * time.Millisecond // for queues to say whether they have a caller; then the best one so far is taken
	sureAfter  = 3 * time.Second       // for queues to say whether they hold him, whose owner is new
	doubtAfter = 10 * time.Second      // a reservation of which nothing is heard
	doubtCall  = 5 * time.Minute       // ringing or talking; it is asked again as often
	tellAgain  = 5 * time.Second       // until a queue is told again that could not be told how he stands
	maxWrapUp  = time.Hour
)

// Settings are what an agent has of his own.
type Settings struct {
	Skills       map[string]int // by name: the level, from 1
	WrapUp       time.Duration  // instead of what his queues say; 0: what they say (a member's wrapuptime)
	CountOutside bool           // calls outside queues count for who is rung next
}
