package scribe

import (
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/sip/dialog"
)

// effect is what the shell must do, in order. The set is closed.
type effect interface{ effect() }

// Effects of an attempt, by its number.
type (
	// dial wants the streams of an attempt opened: Opened, NotOpened or NotResolved follows.
	dial struct {
		attempt uint64
		server  Server
	}
	// toEdge and dialogTimer are those of its dialog that concern the edge, as they are.
	toEdge struct {
		attempt uint64
		what    dialog.Effect
	}
	dialogTimer struct {
		attempt uint64
		timer   dialog.StartTimer
	}
	// apply sets its streams up as an SDP exchange settled.
	apply struct {
		attempt uint64
		lines   []sdp.Line
	}
	// hush closes its streams.
	hush struct{ attempt uint64 }
	// forget gives back all that it had: nothing more comes of it.
	forget struct{ attempt uint64 }
)

// Effects of the scribe.
type (
	// listen has the streams of the present attempt carry what these streams hear: the party's and its partner's, "" for nobody's.
	listen struct{ streams [2]string }
	// wake asks for Timer(kind, generation).
	wake struct {
		kind       timerKind
		generation int
		after      time.Duration
	}
	tellLeg struct{ message *msg.ScribeFailed }
	// count counts what has become of an attempt, or of a round of them.
	count struct{ what outcome }
	// moved tells of a change of state, which is counted too.
	moved struct{ from, to state }
	// stop ends the actor.
	stop struct{}
)

// outcome is what is counted.
type outcome int

const (
	taken    outcome = iota // a server took the call
	refused                 // a server did not, said nothing in time, or can not be reached
	unopened                // a server was not called: there are no ports for its audio, or no edge
	partial                 // a server that took the call does not get what one of the parties says
	lost                    // a server that had the call is gone, or gave it up
	failed                  // no server took it
	outcomes
)

var outcomeNames = [outcomes]string{"taken", "refused", "unopened", "partial", "lost", "failed"}

func (o outcome) String() string { return outcomeNames[o] }

func (dial) effect()        {}
func (toEdge) effect()      {}
func (dialogTimer) effect() {}
func (apply) effect()       {}
func (hush) effect()        {}
func (forget) effect()      {}
func (listen) effect()      {}
func (wake) effect()        {}
func (tellLeg) effect()     {}
func (count) effect()       {}
func (moved) effect()       {}
func (stop) effect()        {}
