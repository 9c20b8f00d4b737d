package scribe

// state is where a scribe stands.
type state int

const (
	// calling: a server is called.
	calling state = iota
	// recording: a server has the call.
	recording
	// resting: no server takes the call; they are tried again.
	resting
	// leaving: the call is over, and servers are told so.
	leaving
	// over: nothing is left to be done.
	over
)

var stateNames = [...]string{"calling", "recording", "resting", "leaving", "over"}

func (s state) String() string { return stateNames[s] }

var legal = map[state][]state{
	calling:   {recording, resting, leaving, over},
	recording: {calling, resting, leaving, over},
	resting:   {calling, leaving, over},
	leaving:   {over},
}

// become is the only place where the state changes: it checks and logs.
func (s *Scribe) become(to state, because string) {
	if s.state == to {
		return
	}
	for _, next := range legal[s.state] {
		if next == to {
			s.log.Info("scribe", "from", s.state.String(), "to", to.String(), "because", because)
			s.do(moved{s.state, to})
			s.state = to
			return
		}
	}
	s.log.Error("scribe: illegal transition", "from", s.state.String(), "to", to.String(), "because", because)
}
