package view

import (
	"time"

	"tandem/actors/msg"
)

// Effect is something to do. The effects of one event are done in their order.
type Effect interface{ effect() }

type (
	// Beat sends a heartbeat to an address, past the links. It is lost without harm, and must not wait behind an
	// older one. The heartbeat is shared by all that are sent at once: read it only.
	Beat struct {
		Address   string
		Heartbeat *msg.Heartbeat
	}
	// Goodbye tells a member that this one goes.
	Goodbye struct {
		Address string
		Leaves  *msg.MemberLeaves
	}
	// Changed is the one log line of a member's new state.
	Changed struct {
		Row  Row
		From msg.MemberState
		Why  string
	}
	// Cut breaks the link to that life of a member: whoever watches an actor there is told Terminated. Links to
	// another life at the same address stay.
	Cut struct {
		Boot    uint32
		Address string
		Why     string
	}
	// Fence ends this life: give up all roles at once, drain, exit non-zero. It comes once, and Cut for every other
	// member with it; after it the view is silent.
	Fence struct{ Why string }
	// Thawed: for Gap this process did not run. Whatever it owned may be another's: validate anew before acting as
	// owner, and say Quorum again; until then the view takes it as lost.
	Thawed struct{ Gap time.Duration }
	// Inherits: a life of our own name, before ours, is over by the word of others. It may act yet, and not for long.
	Inherits struct{ Boot uint32 }
	// Stranger is the log line of a record that is refused. It comes once for each life and reason.
	Stranger struct {
		Member *msg.Member
		Why    string
	}
)

func (Beat) effect()     {}
func (Goodbye) effect()  {}
func (Changed) effect()  {}
func (Cut) effect()      {}
func (Fence) effect()    {}
func (Thawed) effect()   {}
func (Inherits) effect() {}
func (Stranger) effect() {}

func (v *View) do(e Effect) { v.out = append(v.out, e) }

// done hands over what came of one event.
func (v *View) done() []Effect {
	out := v.out
	v.out = nil
	return out
}
