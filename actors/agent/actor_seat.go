package agent

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// One agent works at a device: who has logged on there last. That is settled by what is kept of the agents, which every
// member hears of, so that nothing hangs on a word that may be lost: a desk says since when it is taken, later than
// whatever was known of the device, and who finds a later one at his own gives way.

// seats are who works at which device: by what is kept, in the whole cluster, and by the actors of this member, of whom
// what is kept may lag behind.
type seats struct {
	mu      sync.RWMutex
	all     map[string]map[string]seat // by device and agent
	working map[string][]Desk          // by agent: as it is kept of those who are logged on
}

// seat is one agent at a device. pid is his actor if it lives here.
type seat struct {
	since int64
	pid   *actor.PID
}

// sit has an agent who lives here take a device. since is when he has taken it already, as it is kept; 0: now.
func (s *seats) sit(device, agent string, pid *actor.PID, since int64, now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if since == 0 {
		since = now.UnixNano()
		if _, last := s.best(device); last.since >= since { // by another member's clock
			since = last.since + 1
		}
	}
	s.put(device, agent, seat{since, pid})
	return since
}

func (s *seats) put(device, agent string, one seat) {
	if s.all == nil {
		s.all, s.working = map[string]map[string]seat{}, map[string][]Desk{}
	}
	if s.all[device] == nil {
		s.all[device] = map[string]seat{}
	}
	s.all[device][agent] = one
}

// leave has an agent who lives here, or did, not work at a device any more.
func (s *seats) leave(device, agent string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(device, agent)
}

func (s *seats) remove(device, agent string) {
	if delete(s.all[device], agent); len(s.all[device]) == 0 {
		delete(s.all, device)
	}
}

// absent forgets the actor of an agent: what is kept of him counts from now on.
func (s *seats) absent(agent string, desks []Desk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range desks {
		s.remove(d.Device, agent)
	}
	for _, d := range s.working[agent] {
		s.put(d.Device, agent, seat{since: d.Since})
	}
}

// written takes what is kept of an agent; nil: he is not logged on. Of one who lives here his actor knows better.
func (s *seats) written(agent string, desks []Desk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.working[agent] {
		if s.all[d.Device][agent].pid == nil {
			s.remove(d.Device, agent)
		}
	}
	if delete(s.working, agent); desks == nil {
		return
	}
	for _, d := range desks {
		if s.all[d.Device][agent].pid == nil {
			s.put(d.Device, agent, seat{since: d.Since})
		}
	}
	s.working[agent] = desks
}

// best is who works at a device: the last one, and of two at the same moment the one whose name comes last.
func (s *seats) best(device string) (agent string, best seat) {
	for name, one := range s.all[device] {
		if agent == "" || cmp.Or(cmp.Compare(one.since, best.since), cmp.Compare(name, agent)) > 0 {
			agent, best = name, one
		}
	}
	return agent, best
}

// at is who works at a device, on whatever member he lives; "": nobody.
func (s *seats) at(device string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	agent, _ := s.best(device)
	return agent
}

// here are those of this member who sit at a device; but: without him who works there.
func (s *seats) here(device string, but bool) (out []seat) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	works, _ := s.best(device)
	for name, one := range s.all[device] {
		if one.pid != nil && !(but && name == works) {
			out = append(out, one)
		}
	}
	return out
}

// works tells whether an agent is logged on.
func (s *seats) works(agent string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ok := s.working[agent]
	return ok
}

// names are those who are logged on, in the whole cluster.
func (s *seats) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.working))
	for name := range s.working {
		names = append(names, name)
	}
	return names
}

// yield has those of this member give way who sit where somebody else works now.
func (f *Floor) yield(device string) {
	for _, one := range f.seats.here(device, true) {
		f.Member.Send(one.pid, &seated{device, one.since})
	}
}

// WorksAt is the agent who works at a device, on whatever member he lives; "": none.
func (f *Floor) WorksAt(device string) string { return f.seats.at(device) }

// LoggedOn tells whether an agent is logged on, by what is kept of him, on whatever member he lives.
func (f *Floor) LoggedOn(agent string) bool { return f.seats.works(agent) }

// DeviceChanged is to be told of each account whose registrations may have changed, on whatever member.
func (f *Floor) DeviceChanged(device string) {
	for _, one := range f.seats.here(device, false) {
		f.Member.Send(one.pid, &reach{device})
	}
}

// sits tells whether he works at a device.
func (a *agentActor) sits(device string) bool { return a.desk(device) >= 0 }

// desk is which of his desks is that device; -1: none.
func (a *agentActor) desk(device string) int {
	return slices.IndexFunc(a.desks, func(d Desk) bool { return d.Device == device })
}

// sit has him work at a device, where nobody else does then.
func (a *agentActor) sit(ctx actor.Context, device, phone string, now time.Time) {
	a.desks = slices.DeleteFunc(slices.Clone(a.desks), func(d Desk) bool { return d.Device == device })
	a.desks = append(a.desks, Desk{device, phone, a.floor.seats.sit(device, a.name, ctx.Self(), 0, now)})
	a.floor.yield(device)
}

// onSeated: somebody else works at his device now, unless he has come back since.
func (a *agentActor) onSeated(ctx actor.Context, m *seated, now time.Time) {
	if i := a.desk(m.device); i < 0 || a.desks[i].Since > m.since {
		return
	}
	a.rise(m.device)
	a.perform(ctx, a.machine.DeviceDown(m.device, now))
	a.keep(a.machine.record)
	a.show() // where that device was down already nothing else has changed
}

// rise has him not work at a device any more.
func (a *agentActor) rise(device string) {
	a.desks = slices.DeleteFunc(slices.Clone(a.desks), func(d Desk) bool { return d.Device == device })
	a.floor.seats.leave(device, a.name)
}

// riseAll is what follows from logging off.
func (a *agentActor) riseAll() {
	for _, d := range a.desks {
		a.rise(d.Device)
	}
}

// Wake makes the agents who are logged on and whose name this member owns: nobody else would.
func (f *Floor) Wake() {
	for _, name := range f.seats.names() {
		if _, lives := f.living.Load(name); lives {
			continue
		}
		if _, mine := f.Member.Epoch("agent", name); mine {
			if err := f.Member.Tell("agent", name, &due{}); err != nil {
				f.Log.Warn("an agent who is logged on is not woken", "kind", "agent", "id", name, "err", err)
			}
		}
	}
}
