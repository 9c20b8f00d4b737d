package mixer

import (
	"log/slog"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// Mixer is the pure machine of one mixer. Every method takes an event; what must be done is collected and
// taken by the shell with effects.
type Mixer struct {
	log   *slog.Logger
	state state
	out   []effect
}

// effect is what the shell must do, in order. The set is closed.
type effect interface{ effect() }

type (
	// startSound and startTape begin what LegPlayed and LegRecorded end.
	startSound struct{ m *msg.LegPlay }
	startTape  struct{ m *msg.LegTape }
	// tune changes how it is mixed.
	tune      struct{ m *msg.MixerSet }
	tellOwner struct{ message proto.Message }
	// partAll tells the legs that the mixer ends.
	partAll struct{}
	// silence ends what is played and recorded, and takes the owner's voice out.
	silence struct{}
	// settle asks for Settled as soon as no recording waits to be taken.
	settle struct{}
	// stop ends the actor.
	stop struct{}
)

func (startSound) effect() {}
func (startTape) effect()  {}
func (tune) effect()       {}
func (tellOwner) effect()  {}
func (partAll) effect()    {}
func (silence) effect()    {}
func (settle) effect()     {}
func (stop) effect()       {}

func newMixer(log *slog.Logger) *Mixer { return &Mixer{log: log} }

func (m *Mixer) do(e ...effect) { m.out = append(m.out, e...) }

// effects hands over what is to be done, and forgets it.
func (m *Mixer) effects() []effect {
	out := m.out
	m.out = nil
	return out
}

// closed is why nothing begins any more.
const closed = "the mixer has ended"

// Play plays a sound to all.
func (m *Mixer) Play(p *msg.LegPlay) {
	if m.state != open {
		m.do(tellOwner{&msg.LegPlayed{Play: p.Play, Error: closed}})
		return
	}
	m.do(startSound{p})
}

// Tape records what all say.
func (m *Mixer) Tape(t *msg.LegTape) {
	if m.state != open {
		m.do(tellOwner{&msg.LegRecorded{Record: t.Record, Error: closed}})
		return
	}
	m.do(startTape{t})
}

// Set changes how it is mixed.
func (m *Mixer) Set(s *msg.MixerSet) {
	if m.state == open {
		m.do(tune{s})
	}
}

// Hangup ends the mixer, or tells that it could not begin.
func (m *Mixer) Hangup(status int32, reason string) {
	if m.state != open {
		return
	}
	if status == 0 {
		status = 200
	}
	m.become(closing, "told to: "+reason)
	m.do(partAll{}, silence{}, tellOwner{&msg.LegEnded{Status: status, Reason: reason}}, settle{})
}

// OwnerGone: nobody else has a use for the mixer.
func (m *Mixer) OwnerGone() {
	if m.state == open {
		m.become(closing, "owner is gone")
		m.do(partAll{}, silence{})
	}
	m.do(settle{})
}

// Settled: all that was recorded is taken, or nobody is there to take it.
func (m *Mixer) Settled() {
	if m.state == closing && m.become(ended, "nothing is left") {
		m.do(stop{})
	}
}
