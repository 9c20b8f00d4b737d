package agent

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// A device is the AOR of an account: a phone that is registered there, or a session that takes calls. An agent sits at
// those at which he has logged on. It is there while the account has a registration, or a session says so.

// look looks whether a device at which he works is there.
func (a *agentActor) look(ctx actor.Context, device string, now time.Time) {
	i := a.desk(device)
	if i < 0 {
		return
	}
	there, until := a.floor.Reach(device)
	if there && !until.IsZero() && !a.expiries[device] { // it is a later one, once that has come
		a.expiries[device] = true
		cluster.After(ctx, max(until.Sub(now), 0)+time.Millisecond, &expired{device})
	}
	if there || a.announced(device) {
		a.perform(ctx, a.machine.DeviceUp(device, a.desks[i].Phone, now))
		return
	}
	a.perform(ctx, a.machine.DeviceDown(device, now))
}

// there tells whether a device is there.
func (a *agentActor) there(device string) bool {
	there, _ := a.floor.Reach(device)
	return there || a.announced(device)
}

// announced tells whether a session says that a device is there.
func (a *agentActor) announced(device string) bool {
	for _, p := range a.sessions {
		if p.device == device {
			return true
		}
	}
	return false
}

// onDevice: a session says that a device is there, or is not.
func (a *agentActor) onDevice(ctx actor.Context, m *msg.AgentDevice, now time.Time) {
	if m.From == nil {
		a.look(ctx, m.Device, now)
		return
	}
	k := key(m.From)
	_, known := a.sessions[k]
	switch {
	case m.Gone:
		delete(a.sessions, k)
	case !known && len(a.sessions) >= maxSessions:
		a.log.Warn("too many sessions say of a device that it is there", "device", m.Device, "sessions", len(a.sessions))
		return
	case !known:
		ctx.Watch(m.From)
		fallthrough
	default:
		a.sessions[k] = presence{m.Device, m.Phone}
	}
	a.look(ctx, m.Device, now)
}
