package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// Tell sends a message to the virtual actor of that kind and name, which is made if it does not
// live. It refuses, like Offer, when the mailbox is full. The message is posted under the lock under
// which idle actors are put away, so it can not fall behind their last one.
func (m *Member) Tell(kind, name string, message any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	pid, err := m.find(kind, name)
	if err != nil {
		return err
	}
	if err := m.Offer(pid, message); err != ErrGone {
		return err
	}
	m.forget(pid.Id) // it is ending by itself; its successor is as good
	if pid, err = m.find(kind, name); err != nil {
		return err
	}
	return m.Offer(pid, message)
}

// Named is the first message of a virtual actor: who it is.
type Named struct{ Name string }

// find is the actor of that name, made if need be. The lock is held: making takes a few microseconds,
// and the lock is what keeps one name from having two actors.
func (m *Member) find(kind, name string) (*actor.PID, error) {
	k, ok := m.kinds[kind]
	if !ok {
		return nil, fmt.Errorf("cluster: member %s hosts no %q", m.name, kind)
	}
	key := kind + " " + name
	if pid, ok := m.named[key]; ok {
		return pid, nil
	}
	if !k.take() {
		return nil, ErrOverload
	}
	pid := m.make(k)
	m.named[key], m.ids[pid.Id] = pid, key
	m.system.Root.Send(pid, &Named{name})
	return pid, nil
}

// gone forgets the name of an actor that has stopped.
func (m *Member) gone(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(id)
}

func (m *Member) forget(id string) {
	if key, ok := m.ids[id]; ok {
		delete(m.ids, id)
		if pid := m.named[key]; pid != nil && pid.Id == id {
			delete(m.named, key)
		}
	}
}

// PutAway stops the named actors that got no message for their kind's idle time. They come back,
// with what the store knows of them, when they are told something. To be called now and then.
func (m *Member) PutAway(now time.Time) {
	m.cells.Range(func(_, v any) bool {
		if c := v.(*cell); c.idle(now) {
			m.putAway(c, now)
		}
		return true
	})
}

// putAway looks again under the lock: somebody may have told it something meanwhile.
func (m *Member) putAway(c *cell, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, named := m.ids[c.id]; named && c.idle(now) {
		m.forget(c.id)
		m.system.Root.Poison(actor.NewPID(m.system.Address(), c.id))
	}
}

// Ask is Tell for goroutines that are no actors: it waits for the answer. An actor never asks.
func (m *Member) Ask(ctx context.Context, kind, name string, message any, wait time.Duration) (any, error) {
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	m.mu.Lock()
	pid, err := m.find(kind, name)
	if err != nil {
		m.mu.Unlock()
		return nil, err
	}
	answer := m.system.Root.RequestFuture(pid, message, wait)
	m.mu.Unlock()
	return answer.Result()
}
