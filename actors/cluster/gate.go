package cluster

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// maxMessage is the size of one message to another member, in bytes. Media and files take other ways.
const maxMessage = 16 << 20

// gate is what the runtime takes for every actor of another member. It decides anew with each message.
type gate struct{ member *Member }

// resolve sends all that goes to other members through the gate. The carrier is asked for by ties and for signs of life
// alone: an address that somebody sends along can not make this member connect to it.
func (m *Member) resolve(*actor.PID) (actor.Process, bool) { return m.gate, true }

// SendUserMessage implements actor.Process.
func (g *gate) SendUserMessage(to *actor.PID, message any) {
	_, body, sender := actor.UnwrapEnvelope(message)
	g.member.cross(to, body, sender, false)
}

// SendSystemMessage implements actor.Process.
func (g *gate) SendSystemMessage(to *actor.PID, message any) { g.member.cross(to, message, nil, true) }

// Stop implements actor.Process.
func (g *gate) Stop(to *actor.PID) { g.member.cross(to, &actor.Stop{}, nil, true) }

// crossed counts what went through the gate, and what did not.
type crossed struct {
	sent       atomic.Uint64
	received   atomic.Uint64
	nobody     atomic.Uint64 // no such member, or it is dead
	notOurs    atomic.Uint64 // no message that can travel, or too large
	unknown    atomic.Uint64 // a type that this version does not know
	overflowed atomic.Uint64 // ties broken because too much waited
	strangers  atomic.Uint64 // connections without a member's certificate
}

// cross sends a message to an actor of another member. What can not be sent is a dead letter at once.
func (m *Member) cross(to *actor.PID, message any, sender *actor.PID, system bool) {
	p := m.peers.of(to)
	if p == nil {
		m.crossed.nobody.Add(1)
		m.undeliverable(to, message, sender)
		return
	}
	body, ok := message.(proto.Message)
	if !ok {
		m.crossed.notOurs.Add(1)
		m.log.Error("message can not go to another member", "message", fmt.Sprintf("%T", message), "to", to.Id)
		m.undeliverable(to, message, sender)
		return
	}
	name, data, err := encode(body)
	if err != nil || len(data) > maxMessage {
		m.crossed.notOurs.Add(1)
		m.log.Error("message can not go to another member", "message", fmt.Sprintf("%T", message), "to", to.Id,
			"bytes", len(data), "err", err)
		m.undeliverable(to, message, sender)
		return
	}
	m.crossed.sent.Add(1)
	p.put(to, message, &msg.LinkEntry{Target: to.Id, Sender: sender, Type: name, Body: data, System: system})
}

// undeliverable answers for an actor that can not be reached.
func (m *Member) undeliverable(to *actor.PID, message any, sender *actor.PID) {
	switch v := message.(type) {
	case *actor.Watch:
		m.terminated(v.Watcher, to)
		return
	case *msg.NameTell:
		body, _ := decode(v.Type, v.Body) // it is our own
		m.giveBack(v, body, ErrGone)
		return
	}
	m.system.EventStream.Publish(&actor.DeadLetterEvent{PID: to, Message: message, Sender: sender})
}

// terminated tells an actor here that one that it watches is out of reach for good.
func (m *Member) terminated(watcher, who *actor.PID) {
	if ref, ok := m.system.ProcessRegistry.GetLocal(watcher.GetId()); ok {
		ref.SendSystemMessage(watcher, &actor.Terminated{Who: who, Why: actor.TerminatedReason_AddressTerminated})
	}
}

// peers are the other members in the lives that can be reached.
type peers struct {
	mu        sync.RWMutex
	byBoot    map[uint32]*peer
	byAddress map[string]*peer
}

// of is the peer that an address of an actor means: by the boot tag in its name, or, where it has none, by where the
// present life is reached.
func (a *peers) of(pid *actor.PID) *peer {
	_, boot, _, err := splitID(pid.GetId())
	a.mu.RLock()
	defer a.mu.RUnlock()
	if err == nil {
		return a.byBoot[boot]
	}
	return a.byAddress[pid.GetAddress()]
}

func (a *peers) boot(boot uint32) *peer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byBoot[boot]
}

func (a *peers) at(address string) *peer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byAddress[address]
}

func (a *peers) all() []*peer {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]*peer, 0, len(a.byBoot))
	for _, p := range a.byBoot {
		out = append(out, p)
	}
	return out
}

// add notes a peer, in place of an earlier life at its address.
func (a *peers) add(p *peer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byBoot[p.boot], a.byAddress[p.address] = p, p
}

// remove forgets a life.
func (a *peers) remove(p *peer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.byBoot, p.boot)
	if a.byAddress[p.address] == p {
		delete(a.byAddress, p.address)
	}
}

// unknownLog limits the lines about messages of unknown types.
var unknownLog = rateLimit{pause: time.Second}

// rateLimit lets one thing through in a pause.
type rateLimit struct {
	pause time.Duration
	last  atomic.Int64
}

func (r *rateLimit) allow(now time.Time) bool {
	last := r.last.Load()
	return now.UnixNano()-last >= int64(r.pause) && r.last.CompareAndSwap(last, now.UnixNano())
}

func (m *Member) refuseUnknown(e *msg.LinkEntry, from string, err error) {
	m.crossed.unknown.Add(1)
	if unknownLog.allow(time.Now()) {
		m.log.Warn("message of a member is not understood: is it of a newer version?", "name", from,
			"type", e.Type, slog.Any("err", err))
	}
}
