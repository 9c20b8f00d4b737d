package actors

import (
	"time"

	"tandem/actors/cluster"
	"tandem/actors/keylamp"
	"tandem/actors/leg"
	"tandem/actors/msg"
	"tandem/actors/notify"
)

// introduceKeylamps makes the lamps of keys known to the member, which tells those that ask how its legs stand.
func (h *House) introduceKeylamps() {
	h.keylamps = keylamp.NewBoard(func(to *msg.KeylampWatches, call *msg.KeylampCall) { h.member.Send(to.Keylamp, call) }, time.Now)
	h.legs.Follow(h.noteLeg)
	floor := &keylamp.Floor{Way: notify.Way{Member: h.member, Edge: h.ingress.EdgeOf}, Log: h.log, Watch: func(m *msg.KeylampWatches) {
		h.watchLegs(m)
		h.member.Publish(m)
	}}
	h.member.Introduce("keylamp", floor.Make)
}

// watchLegs tells who asks how the legs of an account stand here, now and when that changes.
func (h *House) watchLegs(m *msg.KeylampWatches) {
	h.keylamps.Watch(m)
	h.legs.Again(func(r *leg.Row) bool { return r.Record.Account == m.Account })
}

// noteLeg takes the new state of a leg.
func (h *House) noteLeg(r *leg.Row) {
	h.keylamps.Note(r.Record.Account, r.Record.Leg, r.Record.Outgoing, r.State)
}

// hearKeylamps takes what keylamps of other members ask.
func (h *House) hearKeylamps(n cluster.News) {
	if m, ok := n.(*msg.KeylampWatches); ok {
		h.watchLegs(m)
	}
}
