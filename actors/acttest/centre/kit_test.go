package centre

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/acttest/company"
	"tandem/actors/agent"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/queue"
	"tandem/actors/store"
)

// patience is how long a test waits for what must come. An owner that others must take over from has a lease of some
// seconds.
const patience = 30 * time.Second

// centre is a call centre on several members.
type centre struct {
	testing.TB
	members []*cluster.Member
	company *company.Company
	queues  []*queue.Floor
	agents  []*agent.Floor
	journal *journal
	kept    *kept

	mu       sync.Mutex
	settings map[string]queue.Settings
	staff    map[string]agent.Definition
	there    map[string]bool // devices
	rung     map[string]string
	faults   []string
	tasks    map[string]*task
	stopped  map[string]bool
	cut      map[string]bool // off from the store
}

func newCentre(t testing.TB, members int) *centre {
	t.Helper()
	c := &centre{TB: t, journal: &journal{}, kept: newKept(), settings: map[string]queue.Settings{}, staff: map[string]agent.Definition{},
		there: map[string]bool{}, rung: map[string]string{}, tasks: map[string]*task{}, stopped: map[string]bool{}, cut: map[string]bool{}}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("TANDEM_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	for i := range members {
		c.add(fmt.Sprint("m", i+1), log)
	}
	if members > 1 {
		c.company = company.Meet(t, c.members...)
	}
	return c
}

func (c *centre) add(name string, log *slog.Logger) {
	log = log.With("member", name)
	m := cluster.New(cluster.Options{Name: name, Key: []byte("key"), Mailbox: 100000, Log: log, Kinds: []cluster.Kind{
		{Name: "queue", Announced: true}, {Name: "agent", Announced: true}, {Name: "task"}}})
	q := &queue.Floor{Member: m, Settings: c.settingsOf, Journal: c.journal, Kept: c.kept, Table: queue.NewTable(), Log: log,
		Call: func(d *msg.QueueDial) (*msg.TaskStart, error) { return &msg.TaskStart{Dial: d}, nil }}
	a := &agent.Floor{Member: m, Definition: c.definition, Weigh: func(string) (int, bool) { return 0, false }, Reach: c.reach,
		Journal: c.journal, Kept: c.kept, Table: agent.NewTable(), Log: log}
	m.Introduce("queue", q.Make)
	m.Introduce("agent", a.Make)
	m.Introduce("task", func() actor.Actor { return &task{centre: c, member: m} })
	c.kept.follow(q.Written)
	c.kept.follow(a.Written)
	c.Cleanup(func() { c.stop(name) })
	c.members, c.queues, c.agents = append(c.members, m), append(c.queues, q), append(c.agents, a)
}

// stop ends a member, once.
func (c *centre) stop(name string) {
	c.mu.Lock()
	again := c.stopped[name]
	c.stopped[name] = true
	c.mu.Unlock()
	if !again {
		c.member(name).Stop()
	}
}

func (c *centre) member(name string) *cluster.Member {
	for _, m := range c.members {
		if m.Name() == name {
			return m
		}
	}
	c.Fatalf("no member %s", name)
	return nil
}

// living are the members that run, and reach the store.
func (c *centre) living() (all []*cluster.Member) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.members {
		if !c.stopped[m.Name()] && !c.cut[m.Name()] {
			all = append(all, m)
		}
	}
	return all
}

// wake has members look for names that they own, as the house does.
func (c *centre) wake() {
	for i, m := range c.members {
		if !c.stopped[m.Name()] {
			c.queues[i].Wake()
			c.agents[i].Wake()
		}
	}
}

// owner is the member that may act for a queue.
func (c *centre) owner(kind, name string) *cluster.Member {
	for _, m := range c.living() {
		if _, mine := m.Epoch(kind, name); mine {
			return m
		}
	}
	return nil
}

// awaken waits until a name has another owner than one, and wakes it there.
func (c *centre) awaken(kind, name string, last *cluster.Member) *cluster.Member {
	c.Helper()
	var now *cluster.Member
	c.until(kind+" "+name+" has another owner", func() bool {
		now = c.owner(kind, name)
		return now != nil && now != last
	})
	c.wake()
	return now
}

func (c *centre) until(what string, so func() bool) {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if cluster.Until(ctx, 2*time.Millisecond, so) != nil {
		c.Fatalf("waited in vain until %s", what)
	}
}

func (c *centre) settingsOf(name string) (queue.Settings, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.settings[name]
	return s, ok
}

func (c *centre) definition(name string) (agent.Definition, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, ok := c.staff[name]
	return d, ok
}

func (c *centre) reach(device string) (bool, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.there[device], time.Time{}
}

// define makes a queue.
func (c *centre) define(name string, change func(*queue.Settings)) {
	s := queue.Default()
	s.Strategy, s.Announce.Every = "leastrecent", 0
	if change != nil {
		change(&s)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[name] = s
}

// employ makes an agent who belongs to queues, with a phone that is registered.
func (c *centre) employ(name string, queues ...string) {
	d := agent.Definition{Name: name, Account: name + "@t.local"}
	for _, q := range queues {
		d.Queues = append(d.Queues, agent.Membership{Queue: q})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.staff[name], c.there[d.Account] = d, true
}

// ask asks the actor of a name, again while it has no owner.
func (c *centre) ask(kind, name string, m proto.Message) (answer any) {
	c.Helper()
	c.until(kind+" "+name+" answers", func() (ok bool) {
		a, err := c.living()[0].Ask(context.Background(), kind, name, m, time.Second)
		answer = a
		return err == nil
	})
	return answer
}

// logOn has agents log on, each once.
func (c *centre) logOn(names ...string) {
	c.Helper()
	for _, name := range names {
		if a := c.ask("agent", name, &msg.AgentLogOn{}).(*msg.AgentChanged); a.Refused != "" {
			c.Fatalf("%s can not log on: %s", name, a.Refused)
		}
	}
}

// state is how an agent stands.
func (c *centre) state(name string) string {
	c.Helper()
	return c.ask("agent", name, &msg.AgentFind{}).(*msg.AgentFound).Agent.State
}

// line are the callers in line, in order.
func (c *centre) line(name string) (ids []string) {
	c.Helper()
	for _, r := range c.ask("queue", name, &msg.QueueFind{}).(*msg.QueueFound).Callers {
		ids = append(ids, r.Caller)
	}
	return ids
}

// call begins a caller's Task on a member.
func (c *centre) call(m *cluster.Member, name, id string) *task {
	c.Helper()
	t := &task{centre: c, member: m, id: id, queue: name}
	c.mu.Lock()
	c.tasks[id] = t
	c.mu.Unlock()
	if _, err := m.Spawn("task", &msg.TaskStart{Call: id}); err != nil {
		c.Fatal(err)
	}
	c.until("the Task lives", func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		return t.pid != nil
	})
	return t
}

func (c *centre) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// sound fails if anything was seen that must never be.
func (c *centre) sound() {
	c.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		c.Error(f)
	}
}

// journal is one in memory.
type journal struct {
	mu    sync.Mutex
	facts []*msg.QueueFact
	work  []*msg.AgentFact
}

// Append implements queue.Journal and agent.Journal.
func (j *journal) Append(f store.Fact, done func(uint64, error)) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch f.Kind {
	case queue.FactKind:
		m := &msg.QueueFact{}
		if err := proto.Unmarshal(f.Body, m); err != nil {
			return err
		}
		j.facts = append(j.facts, m)
	case agent.FactKind:
		m := &msg.AgentFact{}
		if err := proto.Unmarshal(f.Body, m); err != nil {
			return err
		}
		j.work = append(j.work, m)
	}
	return nil
}

// lines are the lines of a queue_log, without times and names of calls.
func (j *journal) lines() (all []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, f := range j.facts {
		if l := f.Line; l != nil {
			all = append(all, strings.Join(append([]string{f.Caller, l.Queue, l.Agent, l.Verb}, l.Args...), "|"))
		}
	}
	return all
}

// count counts facts by what has happened.
func (j *journal) count(what msg.QueueFact_What) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, f := range j.facts {
		if f.What == what {
			n++
		}
	}
	return n
}

// kept is a bucket in memory.
type kept struct {
	mu      sync.Mutex
	entries map[string]store.Entry
	told    []func(store.Entry)
	held    bool // what is put is not told, nor there, until let
	waiting []store.Entry
	last    uint64
}

func newKept() *kept { return &kept{entries: map[string]store.Entry{}} }

func (k *kept) follow(f func(store.Entry)) { k.told = append(k.told, f) }

// Get implements agent.Kept.
func (k *kept) Get(key string) (store.Entry, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	e, ok := k.entries[key]
	return e, ok && !e.Deleted
}

// Range implements queue.Kept.
func (k *kept) Range(prefix string, f func(store.Entry) bool) {
	k.mu.Lock()
	var all []store.Entry
	for key, e := range k.entries {
		if strings.HasPrefix(key, prefix) && !e.Deleted {
			all = append(all, e)
		}
	}
	k.mu.Unlock()
	sort.Slice(all, func(i, j int) bool { return all[i].Key < all[j].Key })
	for _, e := range all {
		if !f(e) {
			return
		}
	}
}

// PutLater implements both.
func (k *kept) PutLater(key string, value []byte) error {
	k.mu.Lock()
	k.last++
	e := store.Entry{Key: key, Value: value, Revision: k.last, Deleted: value == nil}
	if k.held {
		k.waiting = append(k.waiting, e)
		k.mu.Unlock()
		return nil
	}
	k.entries[key] = e
	k.mu.Unlock()
	for _, f := range k.told {
		f(e)
	}
	return nil
}

func (k *kept) hold() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.held = true
}

// holds is how much waits to be written.
func (k *kept) holds() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.waiting)
}

// let writes what was held.
func (k *kept) let() {
	k.mu.Lock()
	all := k.waiting
	k.held, k.waiting = false, nil
	k.mu.Unlock()
	for _, e := range all {
		_ = k.PutLater(e.Key, e.Value)
	}
}
