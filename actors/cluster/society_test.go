package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/conf"
)

// memory is a bucket of leases in the test's memory, as a store that all members reach.
type memory struct {
	mu       sync.Mutex
	revision uint64
	entries  map[string]Lease
	follow   map[int]func(Lease)
	down     bool
	downAt   time.Time
	ca       *authority // of the members whose store it is
}

func newMemory() *memory { return &memory{entries: map[string]Lease{}, follow: map[int]func(Lease){}} }

var errConflict = errors.New("not as expected")

func (s *memory) Put(_ context.Context, key string, value []byte, expect *uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return 0, errors.New("the store is down")
	}
	if expect != nil && s.entries[key].Revision != *expect {
		return 0, errConflict
	}
	s.revision++
	l := Lease{Key: key, Value: value, Revision: s.revision}
	s.entries[key] = l
	for _, f := range s.follow {
		f(l)
	}
	return s.revision, nil
}

func (s *memory) Follow(f func(Lease)) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.entries {
		f(l)
	}
	n := len(s.follow) + 1
	s.follow[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.follow, n)
	}
}

// company are members that have found each other, with short times.
func company(t testing.TB, n int, more ...func(i int, c *conf.Cluster)) ([]*Member, []*probe, *memory) {
	t.Helper()
	store := newMemory()
	store.ca = newAuthority(t)
	var seeds []string
	members, probes := make([]*Member, n), make([]*probe, n)
	for i := range n {
		probes[i] = &probe{}
		members[i] = prepared(t, fmt.Sprint("m", i+1), probes[i])
		c := hasty(t, seeds...)
		for _, f := range more {
			f(i, &c)
		}
		seeds = append(seeds, c.Address)
		enter(t, members[i], c, store)
	}
	for i, m := range members {
		until(t, fmt.Sprintf("m%d sees all members", i+1), func() bool { return m.up() == n })
		until(t, fmt.Sprintf("m%d knows the owners of all names", i+1), func() bool { return m.Society().owned() })
	}
	return members, probes, store
}

// hasty are settings with short times.
func hasty(t testing.TB, seeds ...string) conf.Cluster {
	c := conf.DefaultCluster()
	c.Address, c.Seeds = free(t), seeds
	c.Heartbeat, c.DeadAfter, c.Lease = 100*time.Millisecond, 600*time.Millisecond, 3*time.Second
	return c
}

// enter makes a member one of those that have a store.
func enter(t testing.TB, m *Member, c conf.Cluster, store *memory) {
	t.Helper()
	m.SetPlacement(Placement{CallLegs: c.CallLegs})
	if err := m.Join(c, store.ca.security(t, m.Name()), Self{Cluster: "test", Version: "1"}); err != nil {
		t.Fatal(err)
	}
	m.Lead(store)
	t.Cleanup(m.Stop)
}

// prepared is a member with a kind "leg" of probes that roams and a kind "account" of echoes.
func prepared(t testing.TB, name string, p *probe) *Member {
	t.Helper()
	p.got = make(chan any, 100000)
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("CLUSTER_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("at", name)
	}
	return New(Options{Name: name, Key: []byte("key"), Mailbox: 1000, Log: log, Kinds: []Kind{
		{Name: "leg", Limit: 100000, Roams: true, Make: func() actor.Actor { return p },
			Dismiss: func() proto.Message { return &msg.LegHangup{} }},
		{Name: "account", Make: func() actor.Actor { return &echo{name: name} }},
		{Name: "queue", Announced: true, Make: func() actor.Actor { return &listener{at: name} }},
	}})
}

// echo is a named actor that says where it lives.
type echo struct{ name, self string }

func (e *echo) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *Named:
		e.self = m.Name
	case *msg.AccountKick:
		ctx.Respond(&msg.AccountKicked{Error: e.self + " on " + e.name})
	}
}

func (m *Member) owns() int { return m.Society().Owners.Mine(time.Now()) }

func (m *Member) up() (n int) {
	for _, r := range m.Society().Rows {
		if r.Up() {
			n++
		}
	}
	return n
}

func until(t testing.TB, what string, is func() bool) time.Duration {
	t.Helper()
	begin, over := time.Now(), time.After(20*time.Second)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("never: %s", what)
		}
	}
	return time.Since(begin)
}

// die ends a member as a crash does: nobody is told.
func (m *Member) die() {
	close(m.loop.crash)
	<-m.loop.ended
	m.carrier.Close()
}

func TestNamesLiveOnOneMember(t *testing.T) {
	members, _, _ := company(t, 3)
	until(t, "names are spread", func() bool {
		return members[0].owns() > 0 && members[1].owns() > 0 && members[2].owns() > 0
	})
	homes := map[string]bool{}
	for n := range 200 {
		name := fmt.Sprint("name", n)
		var first string
		until(t, name+" is at one place for all, though names move yet", func() bool {
			answers := map[string]bool{}
			for _, m := range members {
				a, err := m.Ask(context.Background(), "account", name, &msg.AccountKick{}, 3*time.Second)
				if err != nil {
					return false
				}
				first = a.(*msg.AccountKicked).Error
				answers[first] = true
			}
			return len(answers) == 1
		})
		homes[first[len(first)-2:]] = true
	}
	if len(homes) < 2 {
		t.Errorf("all names live on %v", homes)
	}
}

func TestDeadMemberIsKnownAndReplaced(t *testing.T) {
	members, _, _ := company(t, 3)
	a, b, dead := members[0], members[1], members[2]
	pid := leg(t, dead)
	w := &watcher{got: make(chan any, 100)}
	self := a.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return w }))
	a.Send(self, func(ctx actor.Context) { ctx.Watch(pid) })
	boot := dead.boot
	begin := time.Now()
	dead.die()
	took := until(t, "Offer to the dead is refused", func() bool { return a.Offer(pid, &msg.LegInfo{}) != nil })
	t.Logf("senders are told after %v", took)
	for _, m := range []*Member{a, b} {
		until(t, "its death is known", func() bool {
			r, ok := m.Society().Rows.ByBoot(boot)
			return ok && !r.Up() && r.State != msg.MemberState_SUSPECT
		})
	}
	t.Logf("its death is known by all after %v", time.Since(begin))
	until(t, "who watched is told", func() bool {
		select {
		case m := <-w.got:
			_, ok := m.(*actor.Terminated)
			return ok
		default:
			return false
		}
	})
	until(t, "all names have living owners", func() bool {
		for n := range 100 {
			if _, err := b.Ask(context.Background(), "account", fmt.Sprint("name", n), &msg.AccountKick{}, time.Second); err != nil {
				return false
			}
		}
		return true
	})
	t.Logf("its names live on after %v", time.Since(begin))
}

func TestRemotePlacement(t *testing.T) {
	members, probes, _ := company(t, 3, func(i int, c *conf.Cluster) {
		c.CallLegs = []string{conf.Remotely, conf.LocallyForOthers, conf.Locally}[i]
	})
	a, b := members[0], members[1]
	until(t, "the list is known", func() bool { return len(a.Society().Willing.GetMembers()) == 1 })
	owner := &watcher{got: make(chan any, 100)}
	self := a.system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return owner }))
	begin := time.Now()
	a.Place("leg", "mine", &msg.LegStart{Call: "c"}, self, nil)
	s := spawnedTo(t, owner)
	t.Logf("placed after %v", time.Since(begin))
	if s.Operation != "mine" || s.Pid == nil || s.Pid.Address != b.system.Address() {
		t.Fatalf("placed %v", s)
	}
	if got := wait[*msg.LegStart](t, probes[1]); got.Call != "c" {
		t.Errorf("its work is %v", got)
	}
	a.Place("leg", "second", &msg.LegStart{}, self, s.Pid) // near the first
	first := s.Pid
	if s = spawnedTo(t, owner); s.Pid.GetAddress() != b.system.Address() {
		t.Errorf("the second is at %v", s)
	}
	second := s.Pid
	for pid, why := range map[*actor.PID]string{first: "remotely", second: "near"} {
		if f, ok := b.For(a.Handler(pid)); !ok || f != (Foreign{a.name, why}) {
			t.Errorf("%s is for %+v, %v", pid.Id, f, ok)
		}
	}
	if n := b.Foreigners("leg"); len(n) != 1 || n[a.name] != 2 {
		t.Errorf("there live %v", n)
	}
	b.system.Root.Stop(actor.NewPID(second.Address, second.Id))
	until(t, "one that has ended is not counted", func() bool { return b.Foreigners("leg")[a.name] == 1 })
	if n := a.Traffic(); n.Placed != 2 || n.Sent == 0 || len(n.Ties) != 2 {
		t.Errorf("it has counted %+v", n)
	}
	members[2].Place("leg", "local", &msg.LegStart{}, self, nil)
	wait[*msg.LegStart](t, probes[2])
	if s := spawnedTo(t, owner); s.Pid.GetAddress() != members[2].system.Address() {
		t.Errorf("a member that places locally has placed %v", s)
	}

	// Nobody is willing any more: the asked one says so even before the list does.
	b.SetPlacement(Placement{CallLegs: conf.Locally})
	a.Place("leg", "refused", &msg.LegStart{}, self, nil)
	if s := spawnedTo(t, owner); s.Pid != nil || s.Status != 503 {
		t.Errorf("placed %v with nobody willing", s)
	}
	a.SetPlacement(Placement{CallLegs: conf.Remotely, Fallback: true})
	a.Place("leg", "fallback", &msg.LegStart{}, self, nil)
	if s := spawnedTo(t, owner); s.Pid.GetAddress() != a.system.Address() {
		t.Errorf("with fallback placed %v", s)
	}
}

func spawnedTo(t *testing.T, w *watcher) *msg.Spawned {
	t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case m := <-w.got:
			if s, ok := m.(*msg.Spawned); ok {
				return s
			}
		case <-deadline:
			t.Fatal("no answer to a placement")
		}
	}
}

func TestStoreOutageLosesNobody(t *testing.T) {
	members, _, store := company(t, 3)
	store.set(true)
	until(t, "quorum is lost", func() bool { return !members[0].Society().Quorum })
	until(t, "no name acts while no lease can be renewed", func() bool {
		_, err := members[0].Ask(context.Background(), "account", "x", &msg.AccountKick{}, time.Second)
		return err != nil
	})
	for _, m := range members {
		if m.up() != 3 {
			t.Errorf("%s sees %d members", m.Name(), m.up())
		}
	}
	store.set(false)
	until(t, "names act again", func() bool {
		_, err := members[0].Ask(context.Background(), "account", "x", &msg.AccountKick{}, time.Second)
		return err == nil
	})
}

func (s *memory) Written() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return s.downAt
	}
	return time.Now()
}

func (s *memory) set(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down, s.downAt = down, time.Now()
}

func TestQuestionsAreAnswered(t *testing.T) {
	members, _, _ := company(t, 2)
	// A question is declared before others can ask; here they do not know of it yet.
	members[1].questions["twice"] = func(_ context.Context, body []byte) ([]byte, error) {
		if string(body) == "panic" {
			panic("told to")
		}
		return append(body, body...), nil
	}
	got, err := members[0].AskMember(context.Background(), "m2", "twice", []byte("ab"))
	if string(got) != "abab" || err != nil {
		t.Errorf("answered %q, %v", got, err)
	}
	var refusal *Refusal
	if _, err := members[0].AskMember(context.Background(), "m2", "panic", nil); !errors.As(err, &refusal) {
		t.Errorf("an unknown question: %v", err)
	}
	if _, err := members[0].AskMember(context.Background(), "m2", "twice", []byte("panic")); !errors.As(err, &refusal) {
		t.Errorf("one that panics: %v", err)
	}
	if _, err := members[0].AskMember(context.Background(), "m9", "twice", nil); !errors.Is(err, ErrGone) {
		t.Errorf("an unknown member: %v", err)
	}
}

// A member that only this one has lost may be alive behind a split.
func TestLostIsNotOver(t *testing.T) {
	for state, over := range map[msg.MemberState]bool{msg.MemberState_SUSPECT: false, msg.MemberState_LOST: false,
		msg.MemberState_DEAD: true, msg.MemberState_LEFT: true} {
		if e := (Event{To: StateWord(state)}); e.Over() != over {
			t.Errorf("%s is the end: %v", e.To, e.Over())
		}
	}
}
