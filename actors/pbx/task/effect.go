package task

import (
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/ximss/object"
)

// Effect is what the shell must do, in order. Handlers are in their text form; where a message has a place
// for an address, the shell fills it in. The set is closed.
type Effect interface{ effect() }

type (
	// ToLeg tells a leg something. Partner, where not "", goes into the message's field of that kind: the
	// partner of LegAccept, the mixer of LegMix, the task of LegServe.
	ToLeg struct {
		Leg     string
		Message proto.Message
		Partner string
	}
	// ToTask tells another Task something; the shell signs it. Leg and Mixer name what it offers.
	ToTask struct {
		Task    string
		Message proto.Message
		Leg     string
		Mixer   string
	}
	// ToMixer tells a mixer something.
	ToMixer struct {
		Mixer   string
		Message proto.Message
	}
	// ToMeeting asks the keeper of an account's meetings; Task.Answered gets the answer.
	ToMeeting struct {
		Account string
		Ask     *msg.MeetingAsk
	}
	// InLine announces to a queue what the caller is to it: to its owner, and to each next one. It takes the place of
	// what was announced before. Quietly: an owner that has heard that one need not hear this.
	InLine struct {
		Queue   string
		Message proto.Message
		Quietly bool
	}
	// OutOfLine withdraws that; Last, where there is one, is told to the queue's owner, once there is one.
	OutOfLine struct {
		Queue string
		Last  proto.Message
	}
	// ToQueue tells a queue's owner something. With it that may be lost.
	ToQueue struct {
		Queue   string
		Message proto.Message
	}
	// Engage announces to an agent how far an offer is with him; nil withdraws it.
	Engage struct {
		Agent, Offer string
		Progress     *msg.AgentProgress
	}
	// Dial looks for somebody to talk to: a Signal in the Task's name, told to Task by Progress, Taken and Refused.
	Dial struct {
		Request    *signal.Request
		Targets    []signal.URI
		Codecs     []string
		NoServices bool
		Ring       time.Duration // 0: as long as usual
	}
	// CancelDial gives that up.
	CancelDial struct{}
	// Spawn starts a Task at another entry of the same program. Task.Spawned gets its handler.
	Spawn struct {
		Operation uint64
		Entry     string
		Parameter string
	}
	// MakeMixer makes a mixer of the Task's own. Task.Spawned gets its handler.
	MakeMixer struct {
		Operation uint64
		Rate      int32 // samples a second
	}
	// Serve runs a service on a goroutine of its own. Task.Result gets what it gives.
	Serve struct {
		Operation uint64
		Service   Service
		Caller    Caller
		Arguments []object.Value
	}
	// StartTimer asks for Timer(kind, generation).
	StartTimer struct {
		Kind       TimerKind
		Generation int
		After      time.Duration
	}
	// Watch asks for Gone when that actor ends; Unwatch takes it back.
	Watch   struct{ Handler string }
	Unwatch struct{ Handler string }
	// Again asks for Continue: the program has used up its slice.
	Again struct{}
	// Publish shows the Task's present state to lists.
	Publish struct{}
	// Stop ends the actor.
	Stop struct{}
)

func (ToLeg) effect()      {}
func (ToTask) effect()     {}
func (ToMixer) effect()    {}
func (ToMeeting) effect()  {}
func (InLine) effect()     {}
func (OutOfLine) effect()  {}
func (ToQueue) effect()    {}
func (Engage) effect()     {}
func (Dial) effect()       {}
func (CancelDial) effect() {}
func (Spawn) effect()      {}
func (MakeMixer) effect()  {}
func (Serve) effect()      {}
func (StartTimer) effect() {}
func (Watch) effect()      {}
func (Unwatch) effect()    {}
func (Again) effect()      {}
func (Publish) effect()    {}
func (Stop) effect()       {}

// TimerKind names a Task's timers.
type TimerKind int

// The timers: of ReadInput and of other waiting calls, the Task's overall one, and that of a caller who is passed on.
const (
	waitTimer TimerKind = iota
	overallTimer
	passTimer

	// Timers is how many there are.
	Timers = iota
)
