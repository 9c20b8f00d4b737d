package app

import "time"

// Step is one thing a leg does. The set is closed.
type Step interface{ step() }

// The steps. Those that wait say so; the others are done at once and the next one follows.
type (
	// Ring sends 180.
	Ring struct{}
	// Progress sends 183 with early media from the source; it waits for nothing.
	Progress struct{ Source string }
	// Wait waits.
	Wait struct{ For time.Duration }
	// Answer sends 200 and waits until the leg is answered.
	Answer struct{}
	// Play plays a source to its end, which may never come.
	Play struct{ Source string }
	// Say speaks words and waits for the end. The words come from the call itself.
	Say struct{ Words func(Facts) []string }
	// Echo sends back what comes in, after a delay, for ever.
	Echo struct{ Delay time.Duration }
	// Mute sends no media at all.
	Mute struct{}
	// Conference joins a room, for ever.
	Conference struct {
		Room string
		Rate int // samples a second of the mix
	}
	// Forever waits until the other side ends the call.
	Forever struct{}
	// Hangup ends the call.
	Hangup struct{}
)

func (Ring) step()       {}
func (Progress) step()   {}
func (Wait) step()       {}
func (Answer) step()     {}
func (Play) step()       {}
func (Say) step()        {}
func (Echo) step()       {}
func (Mute) step()       {}
func (Conference) step() {}
func (Forever) step()    {}
func (Hangup) step()     {}

// Facts are what the facts application says of its call.
type Facts struct {
	Codec   string // as in SDP
	Address string // where the media comes from, or goes to
	Port    int
	Member  string
}

// Names of sources that are made, not read: the leg knows them beside the prompts.
const (
	SourceMilliwatt = "milliwatt" // 1004 Hz at -10 dBm0
	SourceRingback  = "ringback"
	SourceTune      = "tune"
	SourceMusic     = "music"
)
