package mixer

import (
	"cmp"
	"log/slog"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/deck"
	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/media"
)

// Floor is what the mixers of a member stand on.
type Floor struct {
	Member   *cluster.Member
	Deck     deck.Floor
	Junction junction.Floor
	Log      *slog.Logger
}

// mixerActor is the shell of one mixer.
type mixerActor struct {
	floor *Floor
	log   *slog.Logger

	machine   *Mixer
	owner     *actor.PID
	call      string
	voice     *media.Voice // nil when it could not begin
	deck      *deck.Deck
	legs      map[string]*actor.PID    // in the room, by their form in text
	junctions map[string]*junction.End // to those of other members, likewise
	made      uint64                   // junctions
}

// idleLevel is the peak of the noise of an idle line: what a mixer leaves out where it is told nothing else.
const idleLevel = 32

// Messages that never leave the mixer.
type (
	mediaSaid struct{ event media.Event }
	deckMade  struct{ what any }
	// left marks the place in the mailbox where a terminated owner or leg is really gone: Terminated
	// overtakes what it had said before.
	left struct{ who *actor.PID }
)

// Make makes mixer actors.
func (f *Floor) Make() actor.Actor {
	return &mixerActor{floor: f, log: f.Log, machine: newMixer(f.Log), legs: map[string]*actor.PID{},
		junctions: map[string]*junction.End{}}
}

// Receive is the table of contents.
func (a *mixerActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *msg.MixerStart:
		a.onStart(ctx, m)
	case *msg.LegPlay:
		a.machine.Play(m)
	case *msg.LegTape:
		a.machine.Tape(m)
	case *msg.LegStop:
		a.deck.Stop(m)
	case *msg.MixerSet:
		a.machine.Set(m)
	case *msg.LegKept:
		a.deck.Kept(m)
		a.settle()
	case *msg.MixerJoined:
		a.onJoined(ctx, m)
	case *msg.LegJunction:
		a.onJunction(ctx.Self(), m)
	case *msg.LegHangup:
		a.machine.Hangup(m.Status, m.Reason)
	case *mediaSaid:
		a.onMedia(m.event)
	case *deckMade:
		a.deck.Came(m.what)
		a.settle()
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &left{m.Who})
	case *left:
		a.onLeft(m.who)
	case *actor.Stopping:
		a.free()
	}
	a.perform(ctx, a.machine.effects())
}

func (a *mixerActor) onStart(ctx actor.Context, m *msg.MixerStart) {
	self, member := ctx.Self(), a.floor.Member
	room := member.Handler(self)
	a.log = a.log.With("kind", "mixer", "id", room, "call", m.Call)
	a.owner, a.call = m.Owner, m.Call
	a.machine = newMixer(a.log)
	ctx.Watch(m.Owner)
	engine := a.floor.Deck.Engine
	voice, err := engine.Voice(engine.Mixer(room, int(m.Rate)),
		func(e media.Event) { member.Send(self, &mediaSaid{e}) })
	a.deck = deck.New(a.floor.Deck, line{voice}, func(what any) { member.Send(self, &deckMade{what}) }, a.log)
	a.deck.Serve(func(m proto.Message) { a.tell(self, m) })
	if err != nil {
		a.log.Warn("no mixer", "err", err)
		a.machine.Hangup(503, err.Error())
		return
	}
	a.voice = voice
}

// tell signs and sends to the owner.
func (a *mixerActor) tell(self *actor.PID, m proto.Message) {
	switch m := m.(type) {
	case *msg.LegPlayed:
		m.Leg = self
	case *msg.LegRecorded:
		m.Leg = self
	case *msg.LegEnded:
		m.Leg = self
	}
	a.floor.Member.Send(a.owner, m)
}

func (a *mixerActor) onMedia(e media.Event) {
	if f, ok := e.(media.Finished); ok {
		a.deck.Finished(f.Source)
	}
}

// onJoined notes who is in the room. Who comes too late is sent away.
func (a *mixerActor) onJoined(ctx actor.Context, m *msg.MixerJoined) {
	if m.Leg == nil {
		return
	}
	key := m.Leg.String()
	_, known := a.legs[key]
	switch {
	case m.Left && known:
		delete(a.legs, key)
		ctx.Unwatch(m.Leg)
		a.closeJunction(key)
	case m.Left:
	case a.machine.state != open:
		a.floor.Member.Send(m.Leg, &msg.LegParted{Leg: ctx.Self(), Status: 481, Reason: closed})
	case !known:
		a.legs[key] = m.Leg
		ctx.Watch(m.Leg)
	}
}

// onLeft: an actor that we watched is gone, and all it had said was heard.
func (a *mixerActor) onLeft(who *actor.PID) {
	delete(a.legs, who.String())
	a.closeJunction(who.String())
	if a.owner.Equal(who) {
		a.deck.Forsaken()
		a.machine.OwnerGone()
	}
}

// settle tells the machine when nothing waits to be taken.
func (a *mixerActor) settle() {
	if !a.deck.Busy() {
		a.machine.Settled()
	}
}

// perform does what the machine wants, in order.
func (a *mixerActor) perform(ctx actor.Context, effects []effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case startSound:
			a.deck.Play(e.m)
		case startTape:
			a.deck.Tape(e.m, a.call)
		case tune:
			a.voice.Mixer().SetThreshold(int(cmp.Or(e.m.SilenceLevel, idleLevel)))
		case tellOwner:
			a.tell(ctx.Self(), e.message)
		case partAll:
			for _, leg := range a.legs {
				a.floor.Member.Send(leg, &msg.LegParted{Leg: ctx.Self(), Status: 200, Reason: closed})
			}
			clear(a.legs)
			a.closeJunctions()
		case silence:
			a.free()
		case settle:
			a.settle()
			a.perform(ctx, a.machine.effects())
		case stop:
			ctx.Poison(ctx.Self())
		}
	}
}

// free gives back what the mixer held. Once.
func (a *mixerActor) free() {
	if a.deck != nil {
		a.deck.End()
	}
	a.closeJunctions()
	if a.voice != nil {
		a.voice.Close()
		a.voice = nil
	}
}

// line is the owner's voice as the deck sees it.
type line struct{ voice *media.Voice }

func (l line) Play(s media.Source) {
	if l.voice != nil {
		l.voice.Play(s)
	}
}

func (l line) Rate() int {
	if l.voice == nil {
		return 8000
	}
	return l.voice.Mixer().Rate()
}

func (l line) Record(r *media.Recorder) error {
	if l.voice == nil {
		return media.ErrClosed
	}
	return l.voice.Record(r, 0)
}

func (l line) StopRecord(*media.Recorder) {
	if l.voice != nil {
		_ = l.voice.Record(nil, 0) // taking it out never fails
	}
}
