package leg

import (
	"cmp"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/deck"
	"tandem/actors/msg"
	"tandem/media"
)

// onServe gives the leg a Task. One that was found by a search which was given up has nobody to serve.
func (a *legActor) onServe(ctx actor.Context, m *msg.LegServe) {
	if !a.knows(m.By) {
		a.floor.Member.Send(m.Task, &msg.LegEnded{Leg: ctx.Self(), Status: 487})
		return
	}
	a.machine.Serve(m, time.Now())
	if m.Task == nil {
		return
	}
	early := a.early
	a.served, a.early = true, nil
	for _, m := range early {
		a.onTask(m)
	}
}

// maxEarly bounds what is kept for a Task that the leg does not serve yet.
const maxEarly = 20

// onTask takes what a Task wants of its leg. The first Task is placed by a Signal, whose word that the leg is to
// serve it may come behind what the Task itself says.
func (a *legActor) onTask(m any) {
	if !a.served && len(a.early) < maxEarly {
		a.early = append(a.early, m)
		return
	}
	now := time.Now()
	switch m := m.(type) {
	case *msg.LegAnswer:
		a.machine.Answer(now)
	case *msg.LegFind:
		a.machine.Find(m, now)
	case *msg.LegPlay:
		a.machine.Play(m, now)
	case *msg.LegTape:
		a.machine.Tape(m, now)
	case *msg.LegStop:
		a.deck.Stop(m)
	case *msg.LegPress:
		a.machine.Press(m, now)
	case *msg.LegPart:
		a.machine.Part(now)
	case *msg.LegMix:
		a.machine.Mix(m, now)
	case *msg.LegAttend:
		a.machine.Attend(m, now)
	case *msg.LegRecordCall:
		a.machine.RecordCall(m, now)
	case *msg.LegHoldParty:
		a.machine.HoldParty(m, now)
	case *msg.LegInform:
		a.machine.Inform(m, now)
	case *msg.LegRefer:
		a.machine.ReferParty(m, now)
	case *msg.LegProbe:
		a.machine.ProbeParty(m, now)
	case *msg.LegContact:
		a.machine.ShowContact(m, now)
	}
}

// mixRefused is the leg's word to itself that a mixer would not take its party.
type mixRefused struct {
	mixer  *actor.PID
	reason string
}

func (a *legActor) onMixRefused(m *mixRefused) {
	if a.mixer != nil && a.mixer.Equal(m.mixer) {
		a.machine.MixerGone(486, m.reason, time.Now())
	}
}

// onKept lets recordings go; a leg that lived on for them ends.
func (a *legActor) onKept(ctx actor.Context, m *msg.LegKept) {
	a.deck.Kept(m)
	a.leave(ctx)
}

// leave ends the actor when its record is in the journal and its Task has all that was recorded.
func (a *legActor) leave(ctx actor.Context) {
	if a.filed && !a.deck.Busy() {
		ctx.Poison(ctx.Self())
	}
}

// performTask does what the machine wants for the Task.
func (a *legActor) performTask(ctx actor.Context, e effect) {
	switch e := e.(type) {
	case serveTask:
		a.serve(ctx, e.m.Task)
	case tellTask:
		a.tellTask(e.message)
	case startSound:
		a.deck.Play(e.m)
	case startTape:
		a.deck.Tape(e.m, a.machine.record.Call)
	case hush:
		a.deck.Hush()
	case endDeck:
		a.deck.End()
	case mix:
		a.mix(ctx, e.m)
	case forgetMixer:
		a.setMixer(ctx, nil)
	case attend:
		a.attend(ctx, e.m)
	case forgetAttended:
		a.setAttended(ctx, nil)
	}
}

// serve changes whom the leg serves.
func (a *legActor) serve(ctx actor.Context, task *actor.PID) {
	if a.task != nil {
		ctx.Unwatch(a.task)
	}
	a.task = task
	if task == nil {
		a.deck.Forsaken()
		return
	}
	ctx.Watch(task)
	self, member := ctx.Self(), a.floor.Member
	a.deck.Serve(func(m proto.Message) {
		signAs(self, m)
		member.Send(task, m)
	})
}

// tellTask signs and sends; who was parted from is known here.
func (a *legActor) tellTask(m proto.Message) {
	signAs(a.self, m)
	if parted, ok := m.(*msg.LegParted); ok && parted.Partner == nil {
		parted.Partner = cmp.Or(a.partner, a.mixer, a.attendance.target, a.former)
	}
	a.floor.Member.Send(a.task, m)
}

// onTaskGone: what the Task recorded and did not take stays in the spool.
func (a *legActor) onTaskGone(ctx actor.Context) {
	a.task = nil
	a.deck.Forsaken()
	a.machine.TaskGone(time.Now())
	a.leave(ctx)
}

func (a *legActor) mix(ctx actor.Context, m *msg.LegMix) {
	if a.stream == nil {
		return
	}
	if a.mixer == nil || !a.mixer.Equal(m.Mixer) {
		a.setMixer(ctx, m.Mixer)
	}
	if a.elsewhere(m.Mixer) {
		a.floor.Member.Send(m.Mixer, &msg.MixerJoined{Leg: ctx.Self()})
		if err := a.through(m.Mixer, m.Role); err != nil {
			a.log.Warn("party is not taken by a mixer", "err", err)
		}
		return
	}
	a.closeJunction()
	r := m.Role
	role := media.Role{Muted: r.GetMuted(), Special: r.GetSpecial(), HearsSpecial: r.GetHearsSpecial(), Deaf: r.GetDeaf()}
	if err := a.stream.JoinAs(a.floor.Engine.Mixer(m.Room, int(m.Rate)), role); err != nil {
		a.log.Warn("party is not taken by a mixer", "err", err)
		ctx.Send(ctx.Self(), &mixRefused{m.Mixer, err.Error()})
		return
	}
	a.floor.Member.Send(m.Mixer, &msg.MixerJoined{Leg: ctx.Self()})
}

// setMixer changes the mixer that the party is in.
func (a *legActor) setMixer(ctx actor.Context, mixer *actor.PID) {
	if a.mixer != nil {
		ctx.Unwatch(a.mixer)
		if a.junction.to(a.mixer) {
			a.closeJunction()
		}
		a.floor.Member.Send(a.mixer, &msg.MixerJoined{Leg: ctx.Self(), Left: true})
	}
	a.mixer = mixer
	if mixer != nil {
		ctx.Watch(mixer)
	}
}

// line is the leg's stream as its deck sees it.
type line struct{ leg *legActor }

func (l line) Play(s media.Source) {
	if l.leg.stream != nil {
		l.leg.stream.Play(s)
	}
}

func (l line) Rate() int { return l.leg.rate() }

func (l line) Record(r *media.Recorder) error {
	if l.leg.stream == nil {
		return media.ErrClosed
	}
	return l.leg.stream.Record(r, 0)
}

func (l line) StopRecord(r *media.Recorder) {
	if l.leg.stream != nil {
		l.leg.stream.StopRecord(r)
	}
}

// newDeck makes the leg's deck.
func (a *legActor) newDeck(ctx actor.Context) *deck.Deck {
	self, member := ctx.Self(), a.floor.Member
	return deck.New(a.floor.Deck, line{a}, func(m any) { member.Send(self, &deckMade{m}) }, a.log)
}

// deckMade brings what a goroutine of the deck has made.
type deckMade struct{ what any }

func (a *legActor) onDeckMade(ctx actor.Context, m *deckMade) {
	a.deck.Came(m.what)
	a.leave(ctx)
}
