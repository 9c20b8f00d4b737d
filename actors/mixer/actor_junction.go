package mixer

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/media"
)

// onJunction takes the word of a leg on another member: its party takes part in the room by a junction.
func (a *mixerActor) onJunction(self *actor.PID, m *msg.LegJunction) {
	if m.Leg == nil {
		return
	}
	key := m.Leg.String()
	if a.junctions[key] != nil {
		a.changeJunction(key, m)
	} else if junction.Begins(m) {
		if status, err := a.openJunction(self, key, m); err != nil {
			a.log.Warn("a party is not taken", "err", err)
			a.tellJunction(self, m.Leg, junction.Refusal(m, status, err.Error()))
		}
	}
}

// openJunction answers a leg that wants a junction, or tells by what status it is refused.
func (a *mixerActor) openJunction(self *actor.PID, key string, m *msg.LegJunction) (status int32, err error) {
	if a.machine.state != open || a.voice == nil {
		return 481, errors.New(closed)
	}
	near, there := a.floor.Member.Handler(self), a.floor.Member.Handler(m.Leg)
	peer, _ := netip.ParseAddr(m.Address)
	a.made++
	leg := m.Leg
	end, err := junction.New(a.floor.Junction, junction.Options{
		ID: fmt.Sprint(near, ".junction.", a.made), Call: a.call, Number: a.made, First: near < there, Peer: peer,
		Log:  a.log.With("far", there),
		Tell: func(w *msg.LegJunction) { a.tellJunction(self, leg, w) },
		Over: func(int32, string) { delete(a.junctions, key) },
	})
	if err != nil {
		return 503, err
	}
	if err := a.seat(end, m.Role); err != nil {
		end.Drop()
		return 486, err
	}
	a.junctions[key] = end
	end.Heard(m)
	return 0, nil
}

// changeJunction takes a further word of a leg that has a junction.
func (a *mixerActor) changeJunction(key string, m *msg.LegJunction) {
	a.junctions[key].Heard(m)
	end := a.junctions[key]
	if end == nil || m.Over {
		return
	}
	if err := a.seat(end, m.Role); err != nil {
		delete(a.junctions, key)
		end.Refuse(503, err.Error())
	}
}

// seat gives the party behind a junction its part in the room.
func (a *mixerActor) seat(end *junction.End, r *msg.MixRole) error {
	if a.voice == nil {
		return media.ErrClosed
	}
	role := media.Role{Muted: r.GetMuted(), Special: r.GetSpecial(), HearsSpecial: r.GetHearsSpecial(), Deaf: r.GetDeaf()}
	return end.Stream().JoinAs(a.voice.Mixer(), role)
}

func (a *mixerActor) tellJunction(self, leg *actor.PID, m *msg.LegJunction) {
	m.Leg = self
	a.floor.Member.Send(leg, m)
}

func (a *mixerActor) closeJunction(key string) {
	if end := a.junctions[key]; end != nil {
		delete(a.junctions, key)
		end.Close()
	}
}

func (a *mixerActor) closeJunctions() {
	for key := range a.junctions {
		a.closeJunction(key)
	}
}
