package cluster

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/slot"
)

// Member is this process as a member of the cluster.
type Member struct {
	name    string
	boot    uint32
	provers sync.Pool // of hash.Hash: the cluster's key, ready to prove a handler
	mailbox int64
	begun   time.Time
	log     *slog.Logger
	system  *actor.ActorSystem
	crew    crew // runs the mailboxes

	kinds    map[string]*kind // fixed before the first actor is made
	letters  []string
	cells    sync.Map     // actor id -> *cell
	draining atomic.Int32 // see Drain

	incarnations atomic.Uint32 // of actors of names

	mu    sync.Mutex                             // names
	named [slot.Slots + 1]map[nameKey]*actor.PID // by slot; that of the Controller has none
	ids   map[string]nameKey                     // by actor id

	board board // what actors here announce to names

	society // the other members
}

// Options describe a member.
type Options struct {
	Name    string // unique in the cluster
	Key     []byte // secret of the cluster; handlers are signed with it
	Mailbox int    // messages that may wait in a mailbox before Offer refuses
	Kinds   []Kind // what it can host; their order is part of the handlers' form
	Log     *slog.Logger
}

// New makes the member. It hosts nothing until it is asked to.
func New(o Options) *Member {
	m := &Member{
		name: o.Name, boot: bootTag(), mailbox: int64(o.Mailbox), begun: time.Now(), log: o.Log,
		kinds: map[string]*kind{}, ids: map[string]nameKey{},
	}
	m.provers.New = func() any { return hmac.New(sha256.New, o.Key) }
	m.society.found(m)
	m.board.found(m)
	for i, k := range o.Kinds {
		m.kinds[k.Name] = &kind{Kind: k, letter: byte(i)}
		m.SetLimit(k.Name, k.Limit)
		m.letters = append(m.letters, k.Name)
	}
	// The runtime reports each dead letter and more through its logger, which would repeat in other
	// words what the actors log themselves.
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	m.system = actor.NewActorSystem(actor.WithLoggerFactory(func(*actor.ActorSystem) *slog.Logger { return quiet }))
	return m
}

// Introduce says how actors of a kind are made, where that needs the member itself. Before the first
// actor of the kind.
func (m *Member) Introduce(kind string, make func() actor.Actor) { m.kinds[kind].Make = make }

// SetLimit changes how many actors of a kind there may be, 0 for no limit. Those that live go on.
func (m *Member) SetLimit(kind string, n int) { m.kinds[kind].limit.Store(int64(n)) }

func bootTag() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return binary.BigEndian.Uint32(b[:])
}

// Name is the member's name.
func (m *Member) Name() string { return m.name }

// BootTag is the member's boot tag: which life of it this is.
func (m *Member) BootTag() uint32 { return m.boot }

// Boot is the text form of the member's boot tag: new at each start.
func (m *Member) Boot() string { return slot.BootText(m.boot) }

// Spawn makes an actor of a kind on this member and gives it its first work.
func (m *Member) Spawn(kind string, work proto.Message) (*actor.PID, error) {
	k, ok := m.kinds[kind]
	if !ok {
		return nil, fmt.Errorf("cluster: member %s hosts no %q", m.name, kind)
	}
	urgent := isUrgent(work)
	if at := m.draining.Load(); !k.Serves && (at == helpOnly && !urgent || at == shut) {
		k.refused.Add(1)
		return nil, fmt.Errorf("cluster: member %s is being drained", m.name)
	}
	if !k.take(urgent) {
		return nil, fmt.Errorf("cluster: member %s has its %d of %q", m.name, k.limit.Load(), kind)
	}
	pid := m.make(k)
	m.system.Root.Send(pid, work)
	return pid, nil
}

// isUrgent tells of the first work of an actor whether it is for a call for help: there is more room for those.
func isUrgent(work proto.Message) bool {
	w, ok := work.(interface{ GetUrgent() bool })
	return ok && w.GetUrgent()
}

// make starts an actor; its place in the count is taken already.
func (m *Member) make(k *kind) *actor.PID {
	id := makeID(k.Name, m.boot, k.serial.Add(1))
	c, made := &cell{kind: k, member: m, id: id}, k.Make()
	c.actor.Store(&made)
	props := actor.PropsFromProducer(func() actor.Actor { return c },
		actor.WithMailbox(actor.Unbounded(c)), actor.WithDispatcher(&m.crew), actor.WithGuardian(stopAlways))
	m.cells.Store(id, c)
	pid, err := m.system.Root.SpawnNamed(props, id)
	if err != nil {
		panic("cluster: serial numbers repeat: " + err.Error())
	}
	return pid
}

// stopAlways is for panics that the cell did not see: those of the runtime itself.
var stopAlways = actor.NewOneForOneStrategy(0, 0, func(any) actor.Directive { return actor.StopDirective })

// Send puts a message into a mailbox; to an actor that is gone it is dropped, and to nil as well.
func (m *Member) Send(to *actor.PID, message any) {
	if to != nil {
		m.system.Root.Send(to, message)
	}
}

// Offer is Send for an ingress: it tells when the actor is gone or out of reach (ErrGone) or has its mailbox full
// (ErrOverload), and then sends nothing. Of an actor on another member it tells only what is known of that member.
func (m *Member) Offer(to *actor.PID, message any) error {
	if !m.Here(to) {
		return m.offerAcross(to, message)
	}
	v, ok := m.cells.Load(to.GetId())
	if !ok {
		return ErrGone
	}
	c := v.(*cell)
	if c.waiting.Load() >= m.mailbox {
		c.kind.overflow.Add(1)
		return ErrOverload
	}
	m.system.Root.Send(to, message)
	return nil
}

// How much a member refuses.
const (
	takes    = iota // nothing
	helpOnly        // all but calls for help: it lives on
	shut            // all
)

// Drain refuses new actors of the kinds that have no name, but for calls for help and what serves those alive, which go on.
func (m *Member) Drain() { m.draining.CompareAndSwap(takes, helpOnly) }

// DrainForGood is Drain for a member that is about to end, which would end a call for help too.
func (m *Member) DrainForGood() { m.draining.Store(shut) }

// Undrain makes new actors again.
func (m *Member) Undrain() { m.draining.Store(takes) }

// Alive is how many actors of a kind live here.
func (m *Member) Alive(kind string) int {
	if k, ok := m.kinds[kind]; ok {
		return int(k.alive.Load())
	}
	return 0
}

// Broadcast sends a message to every actor of a kind on this member.
func (m *Member) Broadcast(kind string, message any) {
	m.cells.Range(func(id, v any) bool {
		if c := v.(*cell); c.kind.Name == kind {
			m.system.Root.Send(actor.NewPID(m.system.Address(), c.id), message)
		}
		return true
	})
}

// Root is the sending context for goroutines that are no actors.
func (m *Member) Root() *actor.RootContext { return m.system.Root }

// Snapshot is what the member counted, by kind.
func (m *Member) Snapshot() []KindSnapshot {
	out := make([]KindSnapshot, 0, len(m.letters))
	for _, name := range m.letters {
		out = append(out, m.kinds[name].snapshot())
	}
	return out
}

// Stop ends the actor system, and tells the other members. Actors should have ended before.
func (m *Member) Stop() {
	m.board.close()
	m.leaveOthers()
	m.system.Shutdown()
	m.crew.dismiss()
}

// Here tells whether an actor lives on this member.
func (m *Member) Here(pid *actor.PID) bool { return pid.GetAddress() == m.system.Address() }
