package cluster

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// gatherMost is how long an actor of a name waits for what other members announce to it. They answer within
// milliseconds; one that is frozen is known dead a little before this.
const gatherMost = 3 * time.Second

// Gathered tells the actor of a name that it has heard every announcement that stood when it was made: whatever it was
// not told of is not there. Until then it must not answer that something is missing, nor make it a second time.
type Gathered struct{}

// gathering is an actor that waits for the announcements of other members.
type gathering struct {
	pid        *actor.PID
	kind, name string
	waits      map[uint32]bool // boots of members that have not told theirs
	late       *time.Timer
}

// gather has all that is announced to a name told to its new actor, and then Gathered. The lock of names is held.
func (m *Member) gather(kind, name string, pid *actor.PID) {
	for _, message := range m.board.of(kind, name) {
		m.system.Root.Send(pid, message)
	}
	g := &gathering{pid: pid, kind: kind, name: name, waits: map[uint32]bool{}}
	var asked []*peer
	for _, p := range m.peers.all() {
		if p.admitted() {
			asked = append(asked, p)
			g.waits[p.boot] = true
		}
	}
	m.board.await(g)
	for _, p := range asked {
		m.system.Root.Send(m.newsOf(p), &msg.NameGather{Kind: kind, Name: name, Asker: pid})
	}
}

// announceTo tells the new actor of a name, on another member, what is announced to it here.
func (m *Member) announceTo(g *msg.NameGather) {
	for _, message := range m.board.of(g.Kind, g.Name) {
		m.Send(g.Asker, message)
	}
	m.Send(g.Asker, &msg.NameGathered{Boot: m.boot})
}

// await notes who is waited for, and how long.
func (b *board) await(g *gathering) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gatherings[g.pid.Id] = g
	if !b.complete(g) {
		g.late = time.AfterFunc(gatherMost, func() { b.giveUp(g) })
	}
}

// complete tells an actor that nothing is missing any more. Lock held.
func (b *board) complete(g *gathering) bool {
	if len(g.waits) > 0 {
		return false
	}
	b.drop(g.pid.Id)
	b.member.system.Root.Send(g.pid, &Gathered{})
	return true
}

// drop forgets that an actor waits. Lock held.
func (b *board) drop(id string) {
	if g := b.gatherings[id]; g != nil {
		if g.late != nil {
			g.late.Stop()
		}
		delete(b.gatherings, id)
	}
}

// told: a member has told an actor all that it announces.
func (b *board) told(id string, boot uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if g := b.gatherings[id]; g != nil {
		delete(g.waits, boot)
		b.complete(g)
	}
}

// lost: nothing more is to come from a life of a member.
func (b *board) lost(boot uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, g := range b.gatherings {
		if g.waits[boot] {
			delete(g.waits, boot)
			b.complete(g)
		}
	}
}

// giveUp: members that were waited for have not said a word. What they announce is told when they can.
func (b *board) giveUp(g *gathering) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.gatherings[g.pid.Id] != g {
		return
	}
	b.member.log.Warn("announcements to a name may be missing: members do not answer", "kind", g.kind, "name", g.name,
		"members", len(g.waits))
	clear(g.waits)
	b.complete(g)
}

// admitted tells whether messages pass to the peer.
func (p *peer) admitted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}
