package cluster

import (
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"tandem/actors/cluster/carrier"
	"tandem/actors/cluster/link"
	"tandem/actors/guard"
	"tandem/actors/msg"
)

// linkTick is how often a tie looks after what was not acknowledged, while there is something.
const linkTick = 10 * time.Millisecond

// peer is another member in one of its lives, as this one reaches it.
type peer struct {
	member  *Member
	name    string
	boot    uint32
	address string
	written []byte // the frame that is being written; the pump's alone

	mu      sync.Mutex
	tie     *link.Tie
	open    bool                             // it is in the view; else nothing is taken for it or from it
	suspect bool                             // it may be dead: who waits for an answer is told so
	full    bool                             // it did not take what waits for it: the tie is being broken off
	watched map[string]map[string]*actor.PID // actors there, by name, and who watches them here
	asks    map[string]*actor.PID            // futures here that wait for an answer from there

	listed time.Time // when it was last sent the list of willing members; the loop's alone

	taking sync.Mutex // keeps the order of what is taken; before mu
	wake   chan struct{}
	done   chan struct{}
	once   sync.Once
}

func (m *Member) newPeer(name string, boot uint32, address string) *peer {
	p := &peer{member: m, name: name, boot: boot, address: address,
		tie:     link.New(m.boot, boot, m.system.Address(), m.linkLimits),
		watched: map[string]map[string]*actor.PID{}, asks: map[string]*actor.PID{},
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	m.pumps.Go(p.pump)
	return p
}

// put gives a message to the tie. Who watches is noted; what can not be sent is a dead letter. Behind one that found no
// room nothing is sent until the tie is broken off: else the peer would see a gap of which it hears too late.
func (p *peer) put(to *actor.PID, message any, e *msg.LinkEntry) {
	p.mu.Lock()
	if !p.open {
		p.mu.Unlock()
		p.member.crossed.nobody.Add(1)
		p.member.undeliverable(to, message, e.Sender)
		return
	}
	already := p.full
	if !already {
		p.full = p.tie.Put(e) != nil
	}
	refused := p.full
	if !refused {
		p.note(to, message)
	}
	p.mu.Unlock()
	if !refused {
		p.nudge()
		return
	}
	if !already {
		p.member.crossed.overflowed.Add(1)
		p.member.log.Error("a member does not take what waits for it: the tie is given up", "name", p.name, "err", link.ErrFull)
		go p.breakOff() // the caller may be taking something from this very peer
	}
	p.member.undeliverable(to, message, e.Sender)
}

// note keeps who watches whom. Lock held.
func (p *peer) note(to *actor.PID, message any) {
	switch w := message.(type) {
	case *actor.Watch:
		p.watch(to.Id, w.Watcher)
	case *actor.Unwatch:
		p.unwatch(to.Id, w.Watcher.GetId())
	}
}

func (p *peer) watch(id string, watcher *actor.PID) {
	if p.watched[id] == nil {
		p.watched[id] = map[string]*actor.PID{}
	}
	p.watched[id][watcher.GetId()] = watcher
}

func (p *peer) unwatch(id, watcher string) {
	if delete(p.watched[id], watcher); len(p.watched[id]) == 0 {
		delete(p.watched, id)
	}
}

// room tells whether an ingress may send to an actor there.
func (p *peer) room() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.open || p.suspect:
		return ErrGone
	case p.tie.Waiting() >= p.member.linkLimits.Entries/2: // the rest is for those that can not be refused
		return ErrOverload
	}
	return nil
}

func (p *peer) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// pump sends what is ready, one frame after another. Its clock runs only while the tie is busy: a tie with nothing to
// say would else wake the processor a hundred times a second.
func (p *peer) pump() {
	tick := time.NewTimer(linkTick)
	defer tick.Stop()
	for runs := true; ; {
		select {
		case <-p.wake:
		case <-tick.C:
			runs = false
			p.tick()
		case <-p.done:
			return
		}
		for f := p.frame(); f != nil; f = p.frame() {
			p.write(f)
		}
		if !runs && p.busy() {
			tick.Reset(linkTick)
			runs = true
		}
	}
}

// write writes a frame, and waits while the peer does not take it: then it gets no further one either.
func (p *peer) write(f *msg.LinkFrame) {
	body, err := proto.MarshalOptions{}.MarshalAppend(p.written[:0], f)
	if err != nil { // what is in it was written before
		p.member.log.Error("a frame can not be written", "name", p.name, "err", err)
		return
	}
	p.member.carrier.Write(p.address, carrier.Link, body)
	if p.written = body; cap(body) > keptFrame {
		p.written = nil
	}
}

// keptFrame is the size up to which the memory of a frame is kept for the next one.
const keptFrame = 64 << 10

func (p *peer) tick() {
	p.mu.Lock()
	p.tie.Tick(time.Now())
	p.mu.Unlock()
}

func (p *peer) busy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tie.Busy()
}

func (p *peer) frame() *msg.LinkFrame {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tie.Frame(time.Now())
}

// again sends once more what may have gone down with a connection.
func (p *peer) again() {
	p.mu.Lock()
	p.tie.Reconnected()
	p.mu.Unlock()
	p.nudge()
}

// take takes a frame and delivers what it brings.
func (p *peer) take(f *msg.LinkFrame) {
	p.taking.Lock()
	defer p.taking.Unlock()
	p.mu.Lock()
	var got link.Taken
	if p.open {
		got = p.tie.Take(f, time.Now())
	} else {
		p.tie.Refuse(f)
	}
	p.mu.Unlock()
	if got.Broken {
		p.member.log.Warn("a member has broken off its tie to this one", "name", p.name, "lost", len(got.Lost))
		p.fell(got.Lost)
	}
	for _, e := range got.Entries {
		p.deliver(e)
	}
	p.nudge()
}

// deliver gives a message to its actor. One that makes trouble costs nothing but itself.
func (p *peer) deliver(e *msg.LinkEntry) {
	guard.Run(p.member.log, "delivery panicked", func() { p.handOver(e) }, "type", e.Type)
}

func (p *peer) handOver(e *msg.LinkEntry) {
	m := p.member
	message, err := decode(e.Type, e.Body)
	if err != nil {
		m.refuseUnknown(e, p.name, err)
		if e.Sender != nil {
			m.system.Root.Send(e.Sender, &actor.DeadLetterResponse{})
		}
		return
	}
	m.crossed.received.Add(1)
	target := actor.NewPID(m.system.Address(), e.Target)
	ref, lives := m.system.ProcessRegistry.GetLocal(e.Target)
	switch v := message.(type) {
	case *actor.Terminated:
		p.mu.Lock()
		p.unwatch(v.Who.GetId(), e.Target)
		p.mu.Unlock()
	case *actor.Watch, *actor.Unwatch, *actor.Stop:
	default:
		if e.System {
			m.refuseUnknown(e, p.name, nil)
			return
		}
		if !lives && e.Sender == nil && m.unheard != nil {
			kind, _, _, _ := splitID(e.Target)
			m.unheard(kind, message, ErrGone)
			return
		}
		ref.SendUserMessage(target, enveloped(message, e.Sender))
		return
	}
	ref.SendSystemMessage(target, message)
}

func enveloped(message proto.Message, sender *actor.PID) any {
	if sender == nil {
		return message
	}
	return &actor.MessageEnvelope{Message: message, Sender: sender}
}

// encode is a message as it travels: the name of its type, and its body.
func encode(message proto.Message) (name string, body []byte, err error) {
	body, err = proto.Marshal(message)
	return typeName(message), body, err
}

func typeName(message proto.Message) string {
	return string(message.ProtoReflect().Descriptor().FullName())
}

// decode reads what encode wrote.
func decode(name string, body []byte) (proto.Message, error) {
	t, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
	if err != nil {
		return nil, err
	}
	message := t.New().Interface()
	return message, proto.Unmarshal(body, message)
}

// admit takes the peer into the view: messages pass.
func (p *peer) admit() {
	p.mu.Lock()
	p.open, p.suspect = true, false
	p.mu.Unlock()
	p.nudge()
}

// doubt tells those who wait for an answer that it may never come. What was sent waits for the peer to come back.
func (p *peer) doubt() {
	p.mu.Lock()
	p.suspect = true
	p.mu.Unlock()
	p.abandon()
}

// abandon tells those who wait for an answer that there may be none.
func (p *peer) abandon() {
	p.mu.Lock()
	asks := p.asks
	p.asks = map[string]*actor.PID{}
	p.mu.Unlock()
	for _, future := range asks {
		p.member.system.Root.Send(future, &actor.DeadLetterResponse{})
	}
}

// close lets nothing pass any more and breaks off the tie.
func (p *peer) close() {
	p.mu.Lock()
	p.open = false
	p.mu.Unlock()
	p.breakOff()
}

// end closes for good: this life of the member does not come back.
func (p *peer) end() {
	p.close()
	p.once.Do(func() { close(p.done) })
}

// breakOff breaks the tie and tells all that counted on it.
func (p *peer) breakOff() {
	p.taking.Lock()
	defer p.taking.Unlock()
	p.mu.Lock()
	lost := p.tie.Break()
	p.full = false
	p.mu.Unlock()
	p.fell(lost)
	p.nudge()
}

// fell: the tie was broken off. Watchers here hear that the actors there are gone, and who waits for an answer that
// there will be none.
func (p *peer) fell(lost []*msg.LinkEntry) {
	p.mu.Lock()
	watched := p.watched
	p.watched = map[string]map[string]*actor.PID{}
	p.mu.Unlock()
	p.abandon()
	for id, watchers := range watched {
		who := actor.NewPID(p.address, id)
		for _, watcher := range watchers {
			p.member.terminated(watcher, who)
		}
	}
	for _, e := range lost {
		p.giveBack(e)
	}
}

// giveBack has what was dropped with the tie answered for. For an actor there its watchers answer; for a name nobody
// else does.
func (p *peer) giveBack(e *msg.LinkEntry) {
	switch {
	case e.System:
	case e.Sender != nil:
		p.member.system.Root.Send(e.Sender, &actor.DeadLetterResponse{Target: actor.NewPID(p.address, e.Target)})
	case e.Type == nameTell:
		t := &msg.NameTell{}
		if err := proto.Unmarshal(e.Body, t); err != nil {
			return // it is our own
		}
		message, _ := decode(t.Type, t.Body)
		p.member.giveBack(t, message, ErrGone)
	}
}

var nameTell = typeName(&msg.NameTell{})
