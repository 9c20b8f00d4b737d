package leg

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/media/sdp"
	"tandem/sip/dialog"
)

// String is what a log may say of it: not the keys.
func (a apply) String() string {
	return fmt.Sprintf("apply %q %v", a.params.Named(), a.params.Remote)
}

// effect is what the shell must do, in order. The set is closed.
type effect interface{ effect() }

// Effects of signalling: those of the dialog that concern the edge, as they are.
type (
	toEdge      struct{ what dialog.Effect }
	dialogTimer struct{ timer dialog.StartTimer }
)

// Effects on media.
type (
	// apply sets the stream up as an SDP exchange settled.
	apply struct{ params *sdp.Params }
	// play sends a named source; say speaks words; both end with media's Finished.
	play struct{ source string }
	say  struct{ words []string }
	// echo sends back what comes in.
	echo struct{ delay time.Duration }
	// mute sends nothing.
	mute struct{}
	// conference joins a mixer.
	conference struct {
		room string
		rate int
	}
	// bridge joins the stream with another one of this member.
	bridge struct{ stream string }
	// silence ends whatever the party hears; it may be played to again.
	silence struct{}
	// mix joins the stream with a mixer, or changes its role there; forgetMixer: what becomes of it does not
	// concern us any more.
	mix         struct{ m *msg.LegMix }
	forgetMixer struct{}
	// attend lets the party attend the call of another leg; forgetAttended ends that.
	attend         struct{ m *msg.LegAttend }
	forgetAttended struct{}
	// recordCall records the party and its partner, by the partner's stream.
	recordCall struct{ partner string }
	// keepCall does so for a Task, beginning as the message says; or, without one, goes on with a new partner. turnKept
	// pauses that recording, takes it up, ends it or notes something of it.
	keepCall struct {
		partner string
		m       *msg.LegRecordCall
	}
	turnKept struct{ m *msg.LegRecordCall }
	// press sends digits to the party.
	press struct{ digits string }
)

// Effects on what brings the call to recording servers.
type (
	// beginScribe makes a scribe for a recorder; tellScribes tells all how the call goes; endScribes ends them.
	beginScribe struct {
		recorder string
		party    *msg.Talker
		talk     *msg.ScribeTalk
	}
	tellScribes struct{ talk *msg.ScribeTalk }
	endScribes  struct{}
)

// Effects on others.
type (
	tellOwner   struct{ message proto.Message }
	tellPartner struct{ message proto.Message }
	// forgetPartner: from here on what the partner says does not concern us.
	forgetPartner struct{}
	// tellAsker answers the leg that asked us for a transfer.
	tellAsker struct{ message *msg.LegTransferred }
	// tellFinder tells the Signal that looks for a party that this leg wants none any more.
	tellFinder struct{ status int32 }
	// answerReplace answers the leg that asked for our place.
	answerReplace struct{ message *msg.LegTransferred }
	// find starts a Signal that looks for a party for this leg: for a transfer, or as its Task wants.
	find struct{ start *msg.SignalStart }
	// replace asks the leg that a Replaces header names to give us its place. refer is ours.
	replace struct {
		tag     string // its handler
		request *msg.LegReplace
		by      party // who takes the place
	}
	// giveUp hands our partner over to the leg that replaces us.
	giveUp struct{ run *msg.LegRun }
)

// Effects for a Task.
type (
	// serveTask makes the Task of the message the one that is told, or nobody.
	serveTask struct{ m *msg.LegServe }
	tellTask  struct{ message proto.Message }
	// startSound and startTape begin what LegPlayed and LegRecorded end; hush ends a sound, endDeck all.
	startSound struct{ m *msg.LegPlay }
	startTape  struct{ m *msg.LegTape }
	hush       struct{}
	endDeck    struct{}
)

// party tells whose place is meant.
type party int

const (
	ourselves  party = iota
	ourPartner       // the partner takes the place (attended transfer)
)

// Effects on ourselves.
type (
	// legTimer asks for Timer(kind, generation).
	legTimer struct {
		kind       timerKind
		generation int32
		after      time.Duration
	}
	// noTimer stops the one of that kind.
	noTimer struct{ kind timerKind }
	// publish shows the leg's present state to lists.
	publish struct{}
	// journal writes the record: when the leg begins, and once when it is over; the actor ends when
	// the journal has taken that.
	journal struct{ over bool }
	// changed writes the record as it stands: what has become of the leg since.
	changed struct{}
)

func (toEdge) effect()         {}
func (dialogTimer) effect()    {}
func (apply) effect()          {}
func (play) effect()           {}
func (say) effect()            {}
func (echo) effect()           {}
func (mute) effect()           {}
func (conference) effect()     {}
func (bridge) effect()         {}
func (silence) effect()        {}
func (mix) effect()            {}
func (forgetMixer) effect()    {}
func (attend) effect()         {}
func (forgetAttended) effect() {}
func (recordCall) effect()     {}
func (keepCall) effect()       {}
func (turnKept) effect()       {}
func (press) effect()          {}
func (beginScribe) effect()    {}
func (tellScribes) effect()    {}
func (endScribes) effect()     {}
func (tellOwner) effect()      {}
func (tellPartner) effect()    {}
func (forgetPartner) effect()  {}
func (tellAsker) effect()      {}
func (tellFinder) effect()     {}
func (answerReplace) effect()  {}
func (find) effect()           {}
func (replace) effect()        {}
func (giveUp) effect()         {}
func (serveTask) effect()      {}
func (tellTask) effect()       {}
func (startSound) effect()     {}
func (startTape) effect()      {}
func (hush) effect()           {}
func (endDeck) effect()        {}
func (legTimer) effect()       {}
func (noTimer) effect()        {}
func (publish) effect()        {}
func (journal) effect()        {}
func (changed) effect()        {}
