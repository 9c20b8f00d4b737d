package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/slot"
	"tandem/actors/msg"
)

// ErrNoOwner says that at the moment no member may act for a name: its owner is dead and not yet replaced, or the
// store can not be written.
var ErrNoOwner = errors.New("cluster: nobody owns the name at the moment")

// maxHops is how many members pass a message on to a name whose owner changes.
const maxHops = 3

// Tell sends a message to the virtual actor of that kind and name, on the member that owns the name. The actor is
// made if it does not live. It refuses, like Offer, when the mailbox is full.
func (m *Member) Tell(kind, name string, message any) error {
	return m.tell(kind, name, message, nil, 0)
}

// Ask is Tell for goroutines that are no actors: it waits for the answer. An actor never asks.
func (m *Member) Ask(ctx context.Context, kind, name string, message any, wait time.Duration) (any, error) {
	o, ok := m.owner(kind, name)
	if !ok {
		return nil, ErrNoOwner
	}
	to := m.hostPID()
	if !o.Mine {
		p := m.peers.boot(o.Boot)
		if p == nil {
			return nil, ErrNoOwner
		}
		to = hostOf(p)
	}
	var refused error
	answer, err := m.await(ctx, to, wait, func(f *actor.Future) {
		if refused = m.tell(kind, name, message, f.PID(), 0); refused != nil {
			m.system.Root.Send(f.PID(), &actor.DeadLetterResponse{})
		}
	})
	if refused != nil {
		return nil, refused
	}
	return answer, err
}

// Epoch is the fencing epoch of a name's owner, where that is this member and may act. False: a write in the name's
// behalf must not be made here.
func (m *Member) Epoch(kind, name string) (uint64, bool) {
	o, ok := m.owner(kind, name)
	return o.Epoch, ok && o.Mine
}

// Owner is the member that owns a name, as far as this one knows.
func (m *Member) Owner(kind, name string) (member string, ok bool) {
	o, ok := m.owner(kind, name)
	return o.Member, ok
}

func (m *Member) owner(kind, name string) (slot.Owner, bool) { return m.ownerOf(slot.Of(kind, name)) }

// ownerOf is the owner of a share of the names.
func (m *Member) ownerOf(at slot.Slot) (slot.Owner, bool) {
	if m.alone() {
		return slot.Owner{Holder: slot.Holder{Member: m.name, Boot: m.boot}, Epoch: 1, Mine: true}, true
	}
	return m.loop.shown.Load().Owners.Owner(at, time.Now())
}

func (m *Member) tell(kind, name string, message any, sender *actor.PID, hops uint32) error {
	o, ok := m.owner(kind, name)
	switch {
	case !ok:
		return ErrNoOwner
	case o.Mine:
		return m.tellHere(kind, name, message, sender)
	case hops >= maxHops:
		return fmt.Errorf("%s %s is passed on without end: %w", kind, name, ErrNoOwner)
	}
	p := m.peers.boot(o.Boot)
	if p == nil {
		return ErrNoOwner
	}
	if err := p.room(); err != nil {
		return err
	}
	body, ok := message.(proto.Message)
	if !ok {
		return fmt.Errorf("cluster: %T can not go to another member", message)
	}
	typ, data, err := encode(body)
	if err != nil {
		return err
	}
	m.Send(hostOf(p), &msg.NameTell{Kind: kind, Name: name, Type: typ, Body: data, Sender: sender, Hops: hops + 1})
	return nil
}

// passOn brings a message of another member to a name: here, or where its owner is by now.
func (m *Member) passOn(t *msg.NameTell) {
	message, err := decode(t.Type, t.Body)
	if err == nil {
		err = m.tell(t.Kind, t.Name, message, t.Sender, t.Hops)
	}
	if err != nil {
		m.giveBack(t, message, err)
	}
}

// giveBack gives a message to a name that found nobody to whoever can answer for it. message is nil where it is not
// understood.
func (m *Member) giveBack(t *msg.NameTell, message proto.Message, err error) {
	switch {
	case t.Sender != nil:
		m.Send(t.Sender, &actor.DeadLetterResponse{})
	case message != nil && m.unheard != nil:
		m.unheard(t.Kind, message, err)
	default:
		m.log.Warn("message to a name is lost", "kind", t.Kind, "name", t.Name, "type", t.Type, "err", err)
	}
}

// Unheard says who answers for messages between members that found nobody, where their sender waits in another way
// than by the runtime's: kind is that of the actor that was meant. It must not wait. Before the first other member.
func (m *Member) Unheard(f func(kind string, message proto.Message, err error)) { m.unheard = f }

// tellHere sends a message to a name that this member owns. It is posted under the lock under which idle actors are
// put away, so it can not fall behind their last one.
func (m *Member) tellHere(kind, name string, message any, sender *actor.PID) error {
	if sender != nil {
		message = &actor.MessageEnvelope{Message: message, Sender: sender}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if o, ok := m.owner(kind, name); !ok || !o.Mine { // its slot was given up meanwhile, and its actors put away
		return ErrNoOwner
	}
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

// Named is the first message of a virtual actor: who it is. Gathers: what is announced to its name follows, and then
// Gathered.
type Named struct {
	Name    string
	Gathers bool
}

// find is the actor of that name, made if need be. The lock is held: making takes a few microseconds,
// and the lock is what keeps one name from having two actors.
func (m *Member) find(kind, name string) (*actor.PID, error) {
	k, ok := m.kinds[kind]
	if !ok {
		return nil, fmt.Errorf("cluster: member %s hosts no %q", m.name, kind)
	}
	key, at := nameKey{kind, name}, slot.Of(kind, name)
	if pid, ok := m.named[at][key]; ok {
		return pid, nil
	}
	if !k.take(false) {
		return nil, ErrOverload
	}
	pid := m.make(k)
	if m.named[at] == nil {
		m.named[at] = map[nameKey]*actor.PID{}
	}
	m.named[at][key], m.ids[pid.Id] = pid, key
	m.system.Root.Send(pid, &Named{name, k.Announced})
	if k.Announced {
		m.gather(kind, name, pid)
	}
	return pid, nil
}

// nameKey is a kind and a name.
type nameKey struct{ kind, name string }

// gone forgets the name of an actor that has stopped.
func (m *Member) gone(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(id)
}

func (m *Member) forget(id string) {
	if key, ok := m.ids[id]; ok {
		delete(m.ids, id)
		named := m.named[slot.Of(key.kind, key.name)]
		if pid := named[key]; pid != nil && pid.Id == id {
			delete(named, key)
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

// putAwayTime is how long the actors of names that are given up may take to stop.
const putAwayTime = 2 * time.Second

// putAwaySlot stops the actors of names that another member is to own, when they have done what waits for them, and
// waits until they are gone.
func (m *Member) putAwaySlot(s slot.Slot) {
	var ending []*actor.Future
	m.mu.Lock()
	for _, pid := range m.named[s] {
		m.forget(pid.Id)
		if ref, lives := m.system.ProcessRegistry.GetLocal(pid.Id); lives {
			gone := actor.NewFuture(m.system, putAwayTime)
			ref.SendSystemMessage(pid, &actor.Watch{Watcher: gone.PID()})
			m.system.Root.Poison(pid)
			ending = append(ending, gone)
		}
	}
	m.mu.Unlock()
	slow := 0
	for _, f := range ending {
		if f.Wait() != nil {
			slow++
		}
	}
	if slow > 0 {
		m.log.Warn("actors of names are slow to stop", "slot", s.String(), "actors", slow)
	}
}
