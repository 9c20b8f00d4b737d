package leg

import (
	"google.golang.org/protobuf/proto"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// scribes are the shell's side of what brings the call to recording servers.
type scribes struct {
	each  map[string]*actor.PID // by recorder
	talk  *msg.ScribeTalk       // as they were told last
	other string                // the partner of that, by its leg
	early *msg.LegMet           // of a leg that is no partner yet
}

// onScribes does what the machine wants of the scribes.
func (a *legActor) onScribes(e effect) {
	switch e := e.(type) {
	case beginScribe:
		a.beginScribe(e)
	case tellScribes:
		a.tellScribes(e.talk)
	case endScribes:
		a.endScribes()
	}
}

// beginScribe makes a scribe on this member, where our streams are. Where it can not be had that is told as its failure.
func (a *legActor) beginScribe(e beginScribe) {
	s, r := &a.scribes, a.machine.record
	s.talk, s.other = e.talk, e.talk.Partner.GetLeg()
	pid, err := a.floor.Member.Spawn("scribe", &msg.ScribeStart{Leg: a.self, Recorder: e.recorder, Call: r.Call, Stream: a.machine.stream,
		BeganMs: r.Answered, Party: e.party, Talk: a.heardBy(), Urgent: a.machine.urgent})
	if err != nil {
		a.floor.Member.Send(a.self, &msg.ScribeFailed{Recorder: e.recorder, Status: 503, Reason: err.Error()})
		return
	}
	if s.each == nil {
		s.each = map[string]*actor.PID{}
	}
	s.each[e.recorder] = pid
}

// tellScribes tells how the call goes.
func (a *legActor) tellScribes(t *msg.ScribeTalk) {
	a.scribes.talk, a.scribes.other = t, t.Partner.GetLeg()
	for _, pid := range a.scribes.each {
		a.floor.Member.Send(pid, a.heardBy())
	}
}

// heardBy is how the call goes, with the stream by which the partner is heard here: its own, or a junction to it.
func (a *legActor) heardBy() *msg.ScribeTalk {
	t := proto.CloneOf(a.scribes.talk)
	if _, here := a.floor.Engine.Find(a.scribes.other); here {
		t.Stream = a.scribes.other
	} else if a.junction.end != nil && a.floor.Member.Handler(a.junction.far) == a.scribes.other {
		t.Stream = a.junction.end.Stream().ID()
	}
	return t
}

// scribeJunction lets scribes hear the partner by a junction that was opened.
func (a *legActor) scribeJunction() {
	if a.scribes.other != "" {
		a.tellScribes(a.scribes.talk)
	}
}

func (a *legActor) endScribes() {
	for _, pid := range a.scribes.each {
		a.floor.Member.Send(pid, &msg.ScribeEnd{})
	}
	a.scribes.each = nil
}
