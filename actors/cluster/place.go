package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/conf"
)

// Placement is the setting Call Legs Processing of this member.
type Placement struct {
	CallLegs string // conf.Locally, conf.LocallyForOthers, conf.Remotely
	Fallback bool   // make it here when nobody is willing
}

// Times and limits of a placement.
const (
	placeWait    = time.Second // for the answer of one member
	placeTries   = 4           // members asked for one placement
	placeMemory  = time.Minute // how long an asked member knows an operation
	placeAnswers = 20000       // operations known at once
)

// SetPlacement changes where this member makes what roams; acts on the next placement.
func (m *Member) SetPlacement(p Placement) { m.placement.Store(&p) }

// Place makes an actor of a kind and gives it its first work, here or, if the kind roams, where Call Legs Processing
// says. near is an actor of the same call, or nil: the new one is made on its member, since media do not like to
// travel between members. The owner is told by Spawned, with its own name for the operation. Returns at once.
func (m *Member) Place(kind, operation string, work proto.Message, owner, near *actor.PID) {
	if !m.elsewhere(kind, near) {
		m.Send(owner, m.spawned(kind, operation, work))
		return
	}
	m.Send(m.hostPID(), &placement{kind: kind, name: operation, work: work, owner: owner, near: near})
}

// PlaceNow is Place for goroutines that are no actors: it waits for the actor.
func (m *Member) PlaceNow(ctx context.Context, kind string, work proto.Message) (*actor.PID, error) {
	if !m.elsewhere(kind, nil) {
		return m.Spawn(kind, work)
	}
	p := &placement{kind: kind, work: work}
	answer, err := m.request(ctx, m.hostPID(), p, placeTries*placeWait+time.Second)
	if err != nil {
		m.Send(m.hostPID(), &givenUp{p})
		return nil, err
	}
	s := answer.(*msg.Spawned)
	if s.Pid == nil {
		return nil, errors.New(s.Reason)
	}
	return s.Pid, nil
}

// elsewhere tells whether another member is to make the actor.
func (m *Member) elsewhere(kind string, near *actor.PID) bool {
	k, ok := m.kinds[kind]
	if !ok || !k.Roams || m.alone() {
		return false
	}
	if near != nil {
		return !m.Here(near)
	}
	return m.placement.Load().CallLegs == conf.Remotely
}

// spawned makes an actor here and says so.
func (m *Member) spawned(kind, operation string, work proto.Message) *msg.Spawned {
	pid, err := m.Spawn(kind, work)
	if err != nil {
		return &msg.Spawned{Operation: operation, Status: 503, Reason: err.Error()}
	}
	return &msg.Spawned{Operation: operation, Pid: pid}
}

// placement is an actor that is to be made on another member.
type placement struct {
	kind  string
	name  string // the owner's for it
	work  proto.Message
	owner *actor.PID
	near  *actor.PID

	operation string
	ask       *msg.SpawnAsk
	asked     *peer // who is asked now
	tried     []string
	why       []string
	timer     *time.Timer

	unwanted bool       // nobody waits for it any more
	made     *actor.PID // what came of it
}

// Messages that never leave the host.
type (
	placeLate struct {
		operation string
		try       int
	}
	// doubted: a member may be dead, so that its answers are not waited for.
	doubted struct{ boot uint32 }
	// givenUp: who wanted an actor does not wait for it any more.
	givenUp struct{ placement *placement }
)

// placements are those that this member asks for, and what it has answered to others. The host's alone.
type placements struct {
	member   *Member
	serial   uint64
	open     map[string]*placement // by operation
	answered map[string]*answered  // by operation
	order    []*answered           // oldest first
}

// answered is what an operation was answered with.
type answered struct {
	operation string
	spawned   *msg.Spawned
	until     time.Time
}

func newPlacements(m *Member) *placements {
	return &placements{member: m, open: map[string]*placement{}, answered: map[string]*answered{}}
}

// begin asks the first member.
func (s *placements) begin(ctx actor.Context, p *placement) {
	s.serial++
	p.operation = s.member.Boot() + "/" + strconv.FormatUint(s.serial, 10)
	if p.owner == nil {
		p.owner = ctx.Sender()
	}
	name, body, err := encode(p.work)
	if err != nil {
		s.finish(p, &msg.Spawned{Status: 500, Reason: err.Error()})
		return
	}
	p.ask = &msg.SpawnAsk{Operation: p.operation, Kind: p.kind, Type: name, Work: body, Asker: ctx.Self(), Member: s.member.name}
	s.open[p.operation] = p
	s.next(ctx, p)
}

// next asks the next member that may be willing, or gives up.
func (s *placements) next(ctx actor.Context, p *placement) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.asked = nil
	to := s.candidate(p)
	if to == nil || len(p.tried) == placeTries {
		s.nobody(p)
		return
	}
	p.tried, p.asked = append(p.tried, to.name), to
	p.ask.Reason = placedRemotely
	if p.near != nil && s.member.peers.of(p.near) == to {
		p.ask.Reason = placedNear
	}
	ctx.Send(hostOf(to), proto.Clone(p.ask))
	p.timer = After(ctx, placeWait, &placeLate{p.operation, len(p.tried)})
}

// Words of SpawnAsk.reason.
const (
	placedRemotely = "remotely" // Call Legs Processing of the asking member
	placedNear     = "near"     // the call's other legs are there
)

// candidate is the member to ask next: that of the call's other legs, then a willing one.
func (s *placements) candidate(p *placement) *peer {
	if p.near != nil && len(p.tried) == 0 {
		if to := s.member.peers.of(p.near); to != nil && to.room() == nil {
			return to
		}
	}
	boot, ok := s.member.choose(p.tried, rand.IntN)
	if !ok {
		return nil
	}
	return s.member.peers.boot(boot)
}

// nobody is left to ask. Who calls for help is not refused for that.
func (s *placements) nobody(p *placement) {
	m := s.member
	if m.placement.Load().Fallback || isUrgent(p.work) || p.near != nil && m.placement.Load().CallLegs != conf.Remotely {
		s.finish(p, m.spawned(p.kind, "", p.work))
		return
	}
	m.homeless.Add(1)
	m.log.Warn("no member makes call legs for others: cluster.call_legs of this member is remotely, and needs another "+
		"one with locally-for-others, or cluster.fallback", "kind", p.kind, "tried", p.tried, "because", p.why)
	s.finish(p, &msg.Spawned{Status: 503, Reason: "no member makes call legs for others"})
}

// finish tells the owner.
func (s *placements) finish(p *placement, answer *msg.Spawned) {
	if p.timer != nil {
		p.timer.Stop()
	}
	delete(s.open, p.operation)
	if p.made = answer.Pid; p.unwanted && p.made != nil {
		s.member.Dismiss(p.made)
		return
	}
	s.member.Send(p.owner, &msg.Spawned{Operation: p.name, Pid: answer.Pid, Status: answer.Status, Reason: answer.Reason})
}

// onSpawned takes the answer of a member's host. One that comes when another was asked meanwhile is not wanted any more.
func (s *placements) onSpawned(ctx actor.Context, answer *msg.Spawned, host *actor.PID) {
	p := s.open[answer.Operation]
	wanted := p != nil && p.asked != nil && s.member.peers.of(cmp.Or(answer.Pid, host)) == p.asked
	switch {
	case !wanted && answer.Pid != nil:
		s.member.Dismiss(answer.Pid)
	case !wanted: // a refusal, or it never was ours
	case answer.Pid == nil:
		p.why = append(p.why, p.asked.name+": "+answer.Reason)
		s.next(ctx, p)
	default:
		s.member.placed.Add(1)
		s.finish(p, answer)
	}
}

// onLate: a member did not answer in time.
func (s *placements) onLate(ctx actor.Context, l *placeLate) {
	if p := s.open[l.operation]; p != nil && p.asked != nil && len(p.tried) == l.try {
		p.why = append(p.why, p.asked.name+": no answer")
		s.next(ctx, p)
	}
}

// onGivenUp ends what was made for somebody who had gone by then, and what will be.
func (s *placements) onGivenUp(p *placement) {
	p.unwanted = true
	if p.made != nil {
		s.member.Dismiss(p.made)
	}
}

// onDoubted: a member that was asked may be dead.
func (s *placements) onDoubted(ctx actor.Context, boot uint32) {
	for _, p := range s.open {
		if p.asked != nil && p.asked.boot == boot {
			p.why = append(p.why, p.asked.name+": connection lost")
			s.next(ctx, p)
		}
	}
}

// onAsk makes an actor for another member, once for an operation.
func (s *placements) onAsk(ctx actor.Context, ask *msg.SpawnAsk, now time.Time) {
	s.forget(now)
	if a, ok := s.answered[ask.Operation]; ok {
		ctx.Request(ask.Asker, a.spawned)
		return
	}
	a := &answered{operation: ask.Operation, spawned: s.make(ask), until: now.Add(placeMemory)}
	a.spawned.Operation = ask.Operation
	s.answered[ask.Operation] = a
	s.order = append(s.order, a)
	ctx.Request(ask.Asker, a.spawned) // a refusal names no actor by which it could be told whose it is
}

// forget drops operations that are old or too many.
func (s *placements) forget(now time.Time) {
	for len(s.order) > 0 && (len(s.order) >= placeAnswers || now.After(s.order[0].until)) {
		delete(s.answered, s.order[0].operation)
		s.order[0] = nil
		s.order = s.order[1:]
	}
}

func (s *placements) make(ask *msg.SpawnAsk) *msg.Spawned {
	m := s.member
	k, ok := m.kinds[ask.Kind]
	switch {
	case !ok || !k.Roams:
		return &msg.Spawned{Status: 501, Reason: fmt.Sprintf("member %s hosts no %q for others", m.name, ask.Kind)}
	case ask.Reason != placedNear && m.placement.Load().CallLegs != conf.LocallyForOthers:
		return &msg.Spawned{Status: 503, Reason: "member " + m.name + " makes no call legs for others: its " +
			"cluster.call_legs is " + m.placement.Load().CallLegs}
	}
	work, err := decode(ask.Type, ask.Work)
	if err != nil {
		return &msg.Spawned{Status: 501, Reason: "member " + m.name + " does not know " + ask.Type}
	}
	answer := m.spawned(ask.Kind, "", work)
	if answer.Pid != nil {
		k.foreign.Add(1)
		m.madeFor(answer.Pid, Foreign{ask.Member, ask.Reason})
	}
	return answer
}

// Dismiss ends an actor that nobody wants, here or elsewhere, as its kind has it.
func (m *Member) Dismiss(pid *actor.PID) {
	name, _, _, err := splitID(pid.GetId())
	if k, ok := m.kinds[name]; err == nil && ok && k.Dismiss != nil {
		m.Send(pid, k.Dismiss())
	}
}
