package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/guard"
	"tandem/actors/msg"
)

// hostKind is the kind of the actor by which a member is asked for things as a member. There is one on each, made
// first.
const hostKind = "host"

// hostActor makes actors for other members, asks them for some, passes messages on to names, and answers questions.
type hostActor struct {
	member     *Member
	placements *placements
}

// Receive is the table of contents.
func (a *hostActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *placement:
		a.placements.begin(ctx, m)
	case *placeLate:
		a.placements.onLate(ctx, m)
	case *givenUp:
		a.placements.onGivenUp(m.placement)
	case *doubted:
		a.placements.onDoubted(ctx, m.boot)
	case *msg.SpawnAsk:
		a.placements.onAsk(ctx, m, time.Now())
	case *msg.Spawned:
		a.placements.onSpawned(ctx, m, ctx.Sender())
	case *msg.NameTell:
		a.member.passOn(m)
	case *msg.MemberAsk:
		a.member.answer(m, ctx.Sender())
	}
}

func (m *Member) hostPID() *actor.PID {
	return actor.NewPID(m.system.Address(), makeID(hostKind, m.boot, 1))
}

// hostOf is the host of another member.
func hostOf(p *peer) *actor.PID { return actor.NewPID(p.address, makeID(hostKind, p.boot, 1)) }

// Remote is an actor of another member of which the kind and the number are known: those that every member makes
// first. False: no such member can be reached.
func (m *Member) Remote(member, kind string, serial uint64) (*actor.PID, bool) {
	for _, p := range m.peers.all() {
		if p.name == member && p.room() != ErrGone {
			return actor.NewPID(p.address, makeID(kind, p.boot, serial)), true
		}
	}
	return nil, false
}

// Question answers what other members ask: what is asked is in body, and so is the answer. It runs on a goroutine of
// its own and may wait until ctx ends.
type Question func(ctx context.Context, body []byte) ([]byte, error)

// Limits of questions.
const (
	askWait   = 5 * time.Second // for an answer, where the asker's ctx says nothing
	askAtOnce = 64              // answered at once; the next one is refused
)

// ErrBusy says that a member answers as many questions as it can.
var ErrBusy = errors.New("cluster: the member answers too many questions")

// Answers says what answers a question. Before the first one.
func (m *Member) Answers(what string, q Question) { m.questions[what] = q }

// AskMember asks a member something, this one too, and waits for the answer. ErrGone: it can not be reached.
func (m *Member) AskMember(ctx context.Context, member, what string, body []byte) ([]byte, error) {
	to := m.hostPID()
	if member != m.name {
		var ok bool
		if to, ok = m.Remote(member, hostKind, 1); !ok {
			return nil, fmt.Errorf("member %s: %w", member, ErrGone)
		}
	}
	answer, err := m.request(ctx, to, &msg.MemberAsk{What: what, Body: body}, askWait)
	if err != nil {
		return nil, fmt.Errorf("member %s: %w", member, err)
	}
	a, ok := answer.(*msg.MemberAnswer)
	switch {
	case !ok:
		return nil, fmt.Errorf("member %s: %w", member, ErrGone)
	case a.Error != "":
		return nil, &Refusal{a.Error}
	}
	return a.Body, nil
}

// Refusal is the text of a failure on the member that was asked.
type Refusal struct{ Text string }

// Error implements error.
func (r *Refusal) Error() string { return r.Text }

// answer answers a question on a goroutine of its own.
func (m *Member) answer(ask *msg.MemberAsk, asker *actor.PID) {
	refuse := func(err error) { m.Send(asker, &msg.MemberAnswer{Error: err.Error()}) }
	q, ok := m.questions[ask.What]
	if !ok {
		refuse(fmt.Errorf("member %s can not answer %q: is it of an older version?", m.name, ask.What))
		return
	}
	select {
	case m.answering <- struct{}{}:
	default:
		refuse(ErrBusy)
		return
	}
	go func() {
		defer func() { <-m.answering }()
		ctx, cancel := context.WithTimeout(context.Background(), askWait)
		defer cancel()
		var body []byte
		var err error
		if guard.Run(m.log, "answering a member panicked", func() { body, err = q(ctx, ask.Body) }, "what", ask.What) {
			err = errors.New("the member failed to answer")
		}
		if err != nil {
			refuse(err)
			return
		}
		m.Send(asker, &msg.MemberAnswer{Body: body})
	}()
}

// request sends a message and waits for the answer: wait at most, or as ctx says. An actor out of reach, or one whose
// member may be dead, is told at once by ErrGone.
func (m *Member) request(ctx context.Context, to *actor.PID, message any, wait time.Duration) (any, error) {
	return m.await(ctx, to, wait, func(f *actor.Future) { m.system.Root.RequestWithCustomSender(to, message, f.PID()) })
}

// AskActor asks an actor that has a life, for goroutines that are no actors, and waits for its answer. ErrGone: it has
// ended, or its member can not be reached. One that ends at that very moment is waited for in vain.
func (m *Member) AskActor(ctx context.Context, to *actor.PID, message any, wait time.Duration) (any, error) {
	return m.request(ctx, to, message, wait)
}

// await makes a future, has it asked for, and waits. If ctx is over, nobody is asked.
func (m *Member) await(ctx context.Context, to *actor.PID, wait time.Duration, ask func(*actor.Future)) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		wait = max(min(wait, time.Until(deadline)), 0) // one of less than 0 would wait for ever
	}
	future := actor.NewFuture(m.system, wait)
	if p := m.peers.of(to); p != nil && !m.Here(to) {
		if !p.expect(future.PID()) {
			return nil, ErrGone
		}
		defer p.expected(future.PID())
	}
	defer context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) { // at its deadline the future ends by itself
			m.system.Root.Send(future.PID(), &actor.DeadLetterResponse{})
		}
	})()
	ask(future)
	answer, err := future.Result()
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if errors.Is(err, actor.ErrDeadLetter) {
		err = ErrGone
	}
	return answer, err
}

// expect notes a future that waits for an answer from the peer; false: the peer may be dead.
func (p *peer) expect(future *actor.PID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.open || p.suspect {
		return false
	}
	p.asks[future.Id] = future
	return true
}

func (p *peer) expected(future *actor.PID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.asks, future.Id)
}

// offerAcross is Offer to an actor of another member.
func (m *Member) offerAcross(to *actor.PID, message any) error {
	p := m.peers.of(to)
	if p == nil {
		return ErrGone
	}
	if err := p.room(); err != nil {
		return err
	}
	m.system.Root.Send(to, message)
	return nil
}

// News is what a member tells all others at once; heard by whoever has said Hears.
type News = proto.Message

// Hears has f told what other members publish. It runs on the goroutine of a connection, in the order of each
// member's words, and must not wait. Before the first other member.
func (m *Member) Hears(f func(News)) { m.hearers = append(m.hearers, f) }

// newsProcess is where a member hears news.
const newsProcess = "news"

// Publish tells all other members something.
func (m *Member) Publish(n News) {
	for _, p := range m.peers.all() {
		m.system.Root.Send(m.newsOf(p), n)
	}
}

func (m *Member) newsOf(p *peer) *actor.PID { return actor.NewPID(p.address, newsProcess) }

func (m *Member) onNews(message any) {
	if g, ok := message.(*msg.NameGather); ok {
		m.announceTo(g)
		return
	}
	if n, ok := message.(proto.Message); ok {
		for _, f := range m.hearers {
			f(n)
		}
	}
}
