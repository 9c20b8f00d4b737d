package session

import "slices"

// state is where a session stands.
type state int

const (
	// attached: the client hears what is said, by its connection or by its polls.
	attached state = iota
	// detached: the connection is lost; what is said waits for the next one.
	detached
	// ended: it is over, and says nothing any more.
	ended
)

var stateNames = [...]string{"attached", "detached", "ended"}

func (s state) String() string { return stateNames[s] }

var legal = map[state][]state{
	attached: {detached, ended},
	detached: {attached, ended},
}

// become is the only place where a session's state changes: it checks, logs and tells the lists.
func (s *Session) become(to state, because string) {
	switch {
	case s.state == to:
	case slices.Contains(legal[s.state], to):
		s.log.Info("session", "from", s.state.String(), "to", to.String(), "because", because)
		s.state = to
		s.do(Publish{})
	default:
		s.log.Error("session: illegal transition", "from", s.state.String(), "to", to.String(), "because", because)
	}
}

// States are the names of all states that lists show.
func States() []string { return stateNames[:ended] }
