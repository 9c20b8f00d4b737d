package agent

import (
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// A device is the AOR of an account: a phone that is registered there, or a session that takes calls. An agent sits at
// those at which he has logged on. It is there while the account has a registration, or a session says so.

// seats are the agents of this member by the devices at which they sit.
type seats struct {
	mu  sync.RWMutex
	all map[string]map[string]*actor.PID // by device and agent
}

func (s *seats) take(device, agent string, pid *actor.PID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]map[string]*actor.PID{}
	}
	if s.all[device] == nil {
		s.all[device] = map[string]*actor.PID{}
	}
	s.all[device][agent] = pid
}

func (s *seats) leave(device, agent string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.all[device], agent); len(s.all[device]) == 0 {
		delete(s.all, device)
	}
}

// at are those who sit at a device, but for one of them.
func (s *seats) at(device, but string) (all []*actor.PID) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for agent, pid := range s.all[device] {
		if agent != but {
			all = append(all, pid)
		}
	}
	return all
}

// DeviceChanged is to be told of each account whose registrations may have changed, on whatever member.
func (f *Floor) DeviceChanged(device string) {
	for _, pid := range f.seats.at(device, "") {
		f.Member.Send(pid, &reach{device})
	}
}

// Hear takes the news of other members.
func (f *Floor) Hear(n cluster.News) {
	if m, ok := n.(*msg.AgentSeated); ok {
		f.seated(m)
	}
}

// seated: whoever sat at a device does not any more.
func (f *Floor) seated(m *msg.AgentSeated) {
	for _, pid := range f.seats.at(m.Device, m.Agent) {
		f.Member.Send(pid, &seated{m.Device})
	}
}

// sits tells whether he works at a device.
func (a *agentActor) sits(device string) bool {
	return slices.ContainsFunc(a.desks, func(d Desk) bool { return d.Device == device })
}

// sit has him work at a device, where nobody else does then.
func (a *agentActor) sit(ctx actor.Context, device, phone string) {
	if !a.sits(device) {
		a.desks = append(a.desks, Desk{device, phone})
	}
	a.floor.seats.take(device, a.name, ctx.Self())
	m := &msg.AgentSeated{Device: device, Agent: a.name}
	a.floor.seated(m)
	a.floor.Member.Publish(m)
}

// onSeated: somebody else works at his device now.
func (a *agentActor) onSeated(ctx actor.Context, m *seated, now time.Time) {
	a.rise(m.device)
	a.perform(ctx, a.machine.DeviceDown(m.device, now))
	a.keep(a.machine.record)
	a.show() // where that device was down already nothing else has changed
}

// rise has him not work at a device any more.
func (a *agentActor) rise(device string) {
	a.desks = slices.DeleteFunc(a.desks, func(d Desk) bool { return d.Device == device })
	a.floor.seats.leave(device, a.name)
}

// riseAll is what follows from logging off.
func (a *agentActor) riseAll() {
	for _, d := range slices.Clone(a.desks) {
		a.rise(d.Device)
	}
}

// look looks whether a device at which he works is there.
func (a *agentActor) look(ctx actor.Context, device string, now time.Time) {
	i := slices.IndexFunc(a.desks, func(d Desk) bool { return d.Device == device })
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
