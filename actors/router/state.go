package router

import "log/slog"

// state is where a Signal stands.
type state int

const (
	// started: the request is here, its target is not yet known.
	started state = iota
	// placing: a leg for the caller is being made; it reads the SDP offer.
	placing
	// ringing: the fork looks for somebody who takes the call.
	ringing
	// running: an application has the call; the Signal only passes on a CANCEL.
	running
	// connected: the caller's leg was told to answer, and has not said yet that it did.
	connected
	// ended: nothing is left to do.
	ended
)

var stateNames = [...]string{"started", "placing", "ringing", "running", "connected", "ended"}

func (s state) String() string { return stateNames[s] }

// legal lists what may follow a state.
var legal = map[state][]state{
	started:   {placing, ringing, ended},
	placing:   {ringing, running, ended},
	ringing:   {connected, running, ended},
	running:   {ended},
	connected: {ended},
}

// become is the only place where a Signal's state changes. An illegal step is a fault of ours: it
// is logged and not taken.
func (s *Signal) become(to state, because string) bool {
	for _, next := range legal[s.state] {
		if next == to {
			s.log.Info("signal", "from", s.state.String(), "to", to.String(), "because", because)
			s.state = to
			return true
		}
	}
	if s.state != to {
		s.log.Error("signal: illegal transition", slog.String("from", s.state.String()),
			slog.String("to", to.String()), slog.String("because", because))
	}
	return false
}
