package mixer

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/actors/trunk"
	"tandem/media"
)

// onTrunk takes the word of a leg on another member: its party takes part in the room by a trunk.
func (a *mixerActor) onTrunk(self *actor.PID, m *msg.LegTrunk) {
	if m.Leg == nil {
		return
	}
	key := m.Leg.String()
	if a.trunks[key] != nil {
		a.changeTrunk(key, m)
	} else if trunk.Begins(m) {
		if status, err := a.openTrunk(self, key, m); err != nil {
			a.log.Warn("a party is not taken", "err", err)
			a.tellTrunk(self, m.Leg, trunk.Refusal(m, status, err.Error()))
		}
	}
}

// openTrunk answers a leg that wants a trunk, or tells by what status it is refused.
func (a *mixerActor) openTrunk(self *actor.PID, key string, m *msg.LegTrunk) (status int32, err error) {
	if a.machine.state != open || a.voice == nil {
		return 481, errors.New(closed)
	}
	near, there := a.floor.Member.Handler(self), a.floor.Member.Handler(m.Leg)
	peer, _ := netip.ParseAddr(m.Address)
	a.made++
	leg := m.Leg
	end, err := trunk.New(a.floor.Trunk, trunk.Options{
		ID: fmt.Sprint(near, ".trunk.", a.made), Call: a.call, Number: a.made, First: near < there, Peer: peer,
		Log:  a.log.With("far", there),
		Tell: func(w *msg.LegTrunk) { a.tellTrunk(self, leg, w) },
		Over: func(int32, string) { delete(a.trunks, key) },
	})
	if err != nil {
		return 503, err
	}
	if err := a.seat(end, m.Role); err != nil {
		end.Drop()
		return 486, err
	}
	a.trunks[key] = end
	end.Heard(m)
	return 0, nil
}

// changeTrunk takes a further word of a leg that has a trunk.
func (a *mixerActor) changeTrunk(key string, m *msg.LegTrunk) {
	a.trunks[key].Heard(m)
	end := a.trunks[key]
	if end == nil || m.Over {
		return
	}
	if err := a.seat(end, m.Role); err != nil {
		delete(a.trunks, key)
		end.Refuse(503, err.Error())
	}
}

// seat gives the party behind a trunk its part in the room.
func (a *mixerActor) seat(end *trunk.End, r *msg.MixRole) error {
	if a.voice == nil {
		return media.ErrClosed
	}
	role := media.Role{Muted: r.GetMuted(), Special: r.GetSpecial(), HearsSpecial: r.GetHearsSpecial(), Deaf: r.GetDeaf()}
	return end.Stream().JoinAs(a.voice.Mixer(), role)
}

func (a *mixerActor) tellTrunk(self, leg *actor.PID, m *msg.LegTrunk) {
	m.Leg = self
	a.floor.Member.Send(leg, m)
}

func (a *mixerActor) closeTrunk(key string) {
	if end := a.trunks[key]; end != nil {
		delete(a.trunks, key)
		end.Close()
	}
}

func (a *mixerActor) closeTrunks() {
	for key := range a.trunks {
		a.closeTrunk(key)
	}
}
