package agent

import (
	"context"
	"log/slog"
	"slices"
)

// State is what an agent is doing.
type State int

const (
	// LoggedOut: he does not work.
	LoggedOut State = iota
	// Ready: he can be given a caller, if a device of his is there.
	Ready
	// Reserved: a queue may ring him, and nobody else.
	Reserved
	// Ringing: his devices ring.
	Ringing
	// Talking: he talks, or hears what he is going to talk about.
	Talking
	// WrapUp: he has something to do after a call.
	WrapUp
	// Paused: he wants no calls of any queue.
	Paused
)

var stateNames = [...]string{"logged out", "ready", "reserved", "ringing", "talking", "wrap-up", "paused"}

func (s State) String() string { return stateNames[s] }

// busy tells that a queue has him.
func (s State) busy() bool { return s == Reserved || s == Ringing || s == Talking }

// legal are the transitions. Those to Ringing and Talking from elsewhere are evidence of what his owner did not know.
var legal = [...][]State{
	LoggedOut: {Ready, Paused, Reserved, Ringing, Talking},
	Ready:     {Reserved, Ringing, Talking, Paused, LoggedOut},
	Reserved:  {Ready, Ringing, Talking, Paused, LoggedOut},
	Ringing:   {Ready, Talking, Paused, LoggedOut, WrapUp},
	Talking:   {Ready, WrapUp, Paused, LoggedOut},
	WrapUp:    {Ready, Paused, LoggedOut, Reserved, Ringing, Talking},
	Paused:    {Ready, LoggedOut, Reserved, Ringing, Talking},
}

// become is the only place where an agent's state changes: it checks, assigns and logs.
func (a *Agent) become(to State, because string) {
	if a.state == to {
		return
	}
	if !slices.Contains(legal[a.state], to) {
		a.log.Error("agent: illegal transition", "from", a.state.String(), "to", to.String(), "because", because)
		a.faults++
		return
	}
	if a.log.Enabled(context.Background(), slog.LevelInfo) {
		a.log.Info("agent", "from", a.state.String(), "to", to.String(), "because", because)
	}
	a.record.Day.pass(a.state, a.since, a.now)
	a.state, a.since, a.because = to, a.now, because
}
