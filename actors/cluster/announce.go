package cluster

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/slot"
)

// Announcement is a message that the owner of a name must know as long as it stands. What a virtual actor knows of
// others that live is gone when its name moves, or its member dies; so what is known belongs to those others, and each
// announces it. A caller's place in a queue belongs to the caller's Task.
type Announcement struct {
	Kind, Name string        // who must know it
	Key        string        // which one it is, of its owner's to that name; a second one takes the place of the first
	Owner      *actor.PID    // an actor of this member, whose end withdraws it
	Message    proto.Message // it may be heard several times, and nobody may change it
	Quiet      bool          // an owner that was told the one before it need not be told this one
}

// Times and limits of announcements.
const (
	announceRetry  = 100 * time.Millisecond // until what found nobody is said again
	announceAtOnce = 500                    // said to one share of the names before others have a turn
	maxAnnounced   = 500000                 // that stand on one member: agents of several queues each, and all callers
	maxAnnouncedBy = 256                    // that stand of one actor
)

// ErrAnnounced says that too many announcements stand already.
var ErrAnnounced = errors.New("cluster: too many announcements")

// Announce tells the owner of a name something at once, and again whenever the name has another owner or its actor is
// made anew, until it is withdrawn or its owner ends. It is heard at least once, and an older one of the same key never
// behind a younger. An error says that it does not stand.
//
//	Announce ──► told ──► the slot has another owner or epoch ──► told again ─┐
//	               ▲                                                          │
//	               └──────────────────────────────────────────────────────────┘
//	Withdraw, or the end of its owner ──► over
func (m *Member) Announce(a Announcement) error {
	b := &m.board
	e := entry{a.Owner.GetId(), a.Kind, a.Name, a.Key}
	if err := b.put(e, &standing{Announcement: a}); err != nil {
		return err
	}
	if _, lives := m.cells.Load(e.owner); !lives || !m.Here(a.Owner) { // it may have ended just now
		b.ended(e.owner)
		return ErrGone
	}
	b.begin()
	if !b.known(e) && !b.say(e) {
		b.nudge()
	}
	return nil
}

// Withdraw ends an announcement. last, where it is given, is told to the owner of the name, once there is one: for those
// who can not see it from elsewhere.
func (m *Member) Withdraw(a Announcement, last proto.Message) {
	b := &m.board
	e := entry{a.Owner.GetId(), a.Kind, a.Name, a.Key}
	if b.end(e, last) && last != nil && !b.say(e) {
		b.nudge()
	}
}

// entry names one announcement.
type entry struct{ owner, kind, name, key string }

func (e entry) slot() slot.Slot { return slot.Of(e.kind, e.name) }

// standing is one announcement, and to whom it was told.
type standing struct {
	Announcement
	told holding
	last bool // it is withdrawn, and this is the last word
}

// holding is one ownership of a slot.
type holding struct {
	boot  uint32
	epoch uint64
}

// board has the announcements of this member. One goroutine tells them again where that is due; it begins with the first
// one.
type board struct {
	member *Member
	saying sync.Mutex // keeps what is said in order; before mu
	mu     sync.Mutex
	slots  [slot.Slots]map[entry]*standing
	owners map[string]map[entry]bool // by their owner's name in the runtime
	count  int

	gatherings map[string]*gathering // by the actor's name in the runtime

	wake, done, over chan struct{}
	begun, closed    sync.Once
}

func (b *board) found(m *Member) {
	b.member = m
	b.owners, b.gatherings = map[string]map[entry]bool{}, map[string]*gathering{}
	b.wake, b.done, b.over = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
}

func (b *board) put(e entry, s *standing) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := e.slot()
	if b.slots[at][e] == nil {
		if b.count >= maxAnnounced || len(b.owners[e.owner]) >= maxAnnouncedBy {
			return ErrAnnounced
		}
		b.count++
		if b.slots[at] == nil {
			b.slots[at] = map[entry]*standing{}
		}
		if b.owners[e.owner] == nil {
			b.owners[e.owner] = map[entry]bool{}
		}
		b.owners[e.owner][e] = true
	}
	if before := b.slots[at][e]; before != nil && s.Quiet {
		s.told = before.told
	}
	b.slots[at][e] = s
	return nil
}

// known tells whether the owner of the name knows as much of an announcement as it must.
func (b *board) known(e entry) bool {
	o, ok := b.member.owner(e.kind, e.name)
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.slots[e.slot()][e]
	return ok && s != nil && s.Quiet && s.told == holding{o.Boot, o.Epoch}
}

// end withdraws an announcement, with a last word or without; false: there is none.
func (b *board) end(e entry, last proto.Message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.slots[e.slot()][e]
	switch {
	case s == nil:
		return false
	case last == nil:
		b.forget(e)
	default:
		a := s.Announcement
		a.Message = last
		b.slots[e.slot()][e] = &standing{Announcement: a, last: true}
	}
	return true
}

// forget drops an announcement. Lock held.
func (b *board) forget(e entry) {
	delete(b.slots[e.slot()], e)
	if delete(b.owners[e.owner], e); len(b.owners[e.owner]) == 0 {
		delete(b.owners, e.owner)
	}
	b.count--
}

// ended: an actor has ended, and what it announced with it.
func (b *board) ended(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for e := range b.owners[id] {
		b.forget(e)
	}
	b.drop(id)
}

// of are the messages that stand to a name.
func (b *board) of(kind, name string) (all []proto.Message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for e, s := range b.slots[slot.Of(kind, name)] {
		if e.kind == kind && e.name == name && !s.last {
			all = append(all, s.Message)
		}
	}
	return all
}

// say tells one announcement to the owner of the name; false: it is to be said again.
func (b *board) say(e entry) bool {
	b.saying.Lock()
	defer b.saying.Unlock()
	b.mu.Lock()
	s := b.slots[e.slot()][e]
	b.mu.Unlock()
	if s == nil {
		return true
	}
	o, ok := b.member.owner(e.kind, e.name)
	if !ok || b.member.tell(e.kind, e.name, s.Message, b.unheardAt(e.slot()), 0) != nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.slots[e.slot()][e] != s {
		return true // another one has taken its place, and is said by who brought it
	}
	s.told = holding{o.Boot, o.Epoch}
	if s.last {
		b.forget(e)
	}
	return true
}

// due are announcements to a share of the names that its owner was not told, some of them.
func (b *board) due(at slot.Slot, to holding) (all []entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for e, s := range b.slots[at] {
		if s.told != to {
			if all = append(all, e); len(all) == announceAtOnce {
				break
			}
		}
	}
	return all
}

// round says what is due; again: some of it could not be said, or not yet.
func (b *board) round() (again bool) {
	for at := range slot.Slot(slot.Slots) {
		o, _ := b.member.ownerOf(at)
		all := b.due(at, holding{o.Boot, o.Epoch})
		for _, e := range all {
			if !b.say(e) {
				again = true
				break
			}
		}
		again = again || len(all) == announceAtOnce
	}
	return again
}

// begin begins to tell again what has to be.
func (b *board) begin() { b.begun.Do(func() { go b.run() }) }

func (b *board) run() {
	defer close(b.over)
	later := time.NewTimer(announceRetry)
	defer later.Stop()
	for {
		select {
		case <-b.wake:
		case <-later.C:
		case <-b.done:
			return
		}
		if b.round() {
			later.Reset(announceRetry)
		}
	}
}

// nudge has it looked what is due. It does not wait.
func (b *board) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// close ends the telling.
func (b *board) close() {
	b.begun.Do(func() { close(b.over) })
	b.closed.Do(func() { close(b.done) })
	<-b.over
}

// unheardAt is who hears that a message to a name of that share has found nobody on its way.
func (b *board) unheardAt(at slot.Slot) *actor.PID {
	if b.member.alone() {
		return nil
	}
	return actor.NewPID(b.member.system.Address(), unheardName(at))
}

func unheardName(at slot.Slot) string { return "unheard-" + strconv.Itoa(int(at)) }

// listen makes those who hear of messages that found nobody. Which one it was is not told, so all of its share are told
// again, not before the next round.
func (b *board) listen() {
	for at := range slot.Slot(slot.Slots) {
		b.member.system.ProcessRegistry.Add(process(func(message any) {
			if _, ok := message.(*actor.DeadLetterResponse); ok {
				b.unheard(at)
			}
		}), unheardName(at))
	}
}

func (b *board) unheard(at slot.Slot) {
	b.mu.Lock()
	for _, s := range b.slots[at] {
		s.told = holding{}
	}
	b.mu.Unlock()
	time.AfterFunc(announceRetry, b.nudge)
}
