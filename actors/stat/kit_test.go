package stat

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// hamlet is some halls with one journal between them.
type hamlet struct {
	testing.TB
	mu       sync.Mutex
	facts    []store.Fact
	now      int64 // ms since 1970
	halls    map[string]*Hall
	stops    map[string]func()
	owner    string // of all objects
	epoch    uint64
	deaf     map[string]bool // members that take nothing
	away     string          // member that can not be reached
	alone    bool            // the settings name no source
	files    map[string][]byte
	written  map[string]int64 // when each file was, ms since 1970
	position uint64
	said     map[engine.Object]reader.Definition // by the settings
	split    map[string]string                   // solutions of members; nil: none belongs to any, and owner owns all
}

// begun is the time at which the stories begin.
const begun = int64(1_700_000_000_000)

func newHamlet(t testing.TB, members ...string) *hamlet {
	h := &hamlet{TB: t, now: begun, halls: map[string]*Hall{}, stops: map[string]func(){}, deaf: map[string]bool{},
		files: map[string][]byte{}, written: map[string]int64{}, epoch: 1}
	if len(members) > 0 {
		h.owner = members[0]
	}
	for _, m := range members {
		h.start(m)
	}
	t.Cleanup(func() {
		for m := range maps.Clone(h.stops) {
			h.stop(m)
		}
	})
	return h
}

func (h *hamlet) start(member string) {
	h.Helper()
	x := New(Options{Member: neighbour{h, member}, Journal: h, Files: cabinet{h}, Names: h.names,
		Keep: func() time.Duration { return DefaultKeep }, Objects: h.objects, Now: h.time, Solutions: quarters{h}, Log: slog.New(slog.DiscardHandler)})
	if err := x.Load(context.Background()); err != nil {
		h.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); x.Run(ctx) }()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.halls[member], h.stops[member] = x, func() { cancel(); <-done }
	h.epoch++
}

// objects are what the settings say.
func (h *hamlet) objects() map[engine.Object]reader.Definition {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.said
}

// stop ends a member without a word.
func (h *hamlet) stop(member string) {
	h.mu.Lock()
	end := h.stops[member]
	delete(h.stops, member)
	delete(h.halls, member)
	h.epoch++
	h.mu.Unlock()
	end()
}

func (h *hamlet) time() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.UnixMilli(h.now)
}

func (h *hamlet) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now += d.Milliseconds()
}

func (h *hamlet) own(member string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owner = member
	h.epoch++
}

// Append implements Journal.
func (h *hamlet) Append(f store.Fact, done func(uint64, error)) error {
	h.mu.Lock()
	h.position++
	f.Position = h.position
	h.facts = append(h.facts, f)
	h.mu.Unlock()
	if done != nil {
		done(f.Position, nil)
	}
	return nil
}

// Read implements Journal.
func (h *hamlet) Read(_ context.Context, from uint64, f func(store.Fact) bool) error {
	h.mu.Lock()
	facts := slices.Clone(h.facts[min(max(from, 1)-1, h.position):])
	h.mu.Unlock()
	for _, x := range facts {
		if !f(x) {
			break
		}
	}
	return nil
}

// Recent implements Journal: it lags behind by the newest fact.
func (h *hamlet) Recent(from uint64, f func(store.Fact) bool) bool {
	h.mu.Lock()
	end := max(h.position, 1) - 1
	facts := slices.Clone(h.facts[min(max(from, 1)-1, end):end])
	h.mu.Unlock()
	for _, x := range facts {
		if !f(x) {
			break
		}
	}
	return true
}

// End implements Journal.
func (h *hamlet) End(context.Context) (uint64, error) { return h.Last(), nil }

// Last implements Journal.
func (h *hamlet) Last() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position
}

// Watch implements Journal; nobody is told anything.
func (h *hamlet) Watch() (<-chan struct{}, func()) { return nil, func() {} }

// neighbour is a member of a hamlet.
type neighbour struct {
	hamlet *hamlet
	name   string
}

func (n neighbour) Name() string { return n.name }

func (n neighbour) Owner(_, name string) (string, bool) {
	n.hamlet.mu.Lock()
	defer n.hamlet.mu.Unlock()
	owner := n.hamlet.ownerOf(name)
	return owner, owner != ""
}

func (n neighbour) Epoch(_, name string) (uint64, bool) {
	n.hamlet.mu.Lock()
	defer n.hamlet.mu.Unlock()
	return n.hamlet.epoch, n.hamlet.ownerOf(name) == n.name
}

// ownerOf is the owner of a name. Where members belong to solutions, names are spread over all that live. The lock is held.
func (h *hamlet) ownerOf(name string) string {
	if h.split == nil || len(h.halls) == 0 {
		return h.owner
	}
	place := fnv.New32a()
	_, _ = place.Write([]byte(name))
	return slices.Sorted(maps.Keys(h.halls))[int(place.Sum32())%len(h.halls)]
}

// names are those of all solutions.
func (h *hamlet) names(solution string) *Catalogue {
	c := Predefined()
	switch solution {
	case "east":
		return nil // the settings have it no more
	case "west":
		c.Ranges["Default"] = "0-60"
	}
	return c
}

// quarters are the solutions of a hamlet.
type quarters struct{ hamlet *hamlet }

func (q quarters) Of(member string) string {
	q.hamlet.mu.Lock()
	defer q.hamlet.mu.Unlock()
	return q.hamlet.split[member]
}

func (q quarters) Now() (moment any, split bool) {
	q.hamlet.mu.Lock()
	defer q.hamlet.mu.Unlock()
	return q.hamlet.epoch, q.hamlet.split != nil
}

func (n neighbour) Holdings() uint64 {
	n.hamlet.mu.Lock()
	defer n.hamlet.mu.Unlock()
	return n.hamlet.epoch
}

func (n neighbour) AskMember(ctx context.Context, member, what string, body []byte) ([]byte, error) {
	n.hamlet.mu.Lock()
	h, deaf := n.hamlet.halls[member], n.hamlet.deaf[member]
	away := n.hamlet.away == member
	n.hamlet.mu.Unlock()
	if h == nil || away {
		return nil, errors.New("nobody is there")
	}
	if deaf {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return map[string]func(context.Context, []byte) ([]byte, error){AskWhat: h.Answer, WatchWhat: h.Watched, ToldWhat: h.Told, SaveWhat: h.Saved}[what](ctx, body)
}

// cabinet keeps the files of a hamlet.
type cabinet struct{ hamlet *hamlet }

func (c cabinet) Put(_ context.Context, name string, b []byte, w store.FileWrite) (store.FileVersion, error) {
	c.hamlet.mu.Lock()
	defer c.hamlet.mu.Unlock()
	c.hamlet.files[name], c.hamlet.written[name] = slices.Clone(b), c.hamlet.now
	return store.FileVersion{Name: name}, nil
}

func (c cabinet) Get(_ context.Context, name string, _, _ int64) ([]byte, store.FileVersion, error) {
	c.hamlet.mu.Lock()
	defer c.hamlet.mu.Unlock()
	b, ok := c.hamlet.files[name]
	if !ok {
		return nil, store.FileVersion{}, store.ErrNoFile
	}
	return b, store.FileVersion{Name: name}, nil
}

func (c cabinet) List(prefix string) (out []store.FileVersion) {
	c.hamlet.mu.Lock()
	defer c.hamlet.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.hamlet.files)) {
		if strings.HasPrefix(name, prefix) {
			out = append(out, store.FileVersion{Name: name, Modified: time.UnixMilli(c.hamlet.written[name])})
		}
	}
	return out
}

func (c cabinet) Delete(_ context.Context, name string, _ store.FileWrite) error {
	c.hamlet.mu.Lock()
	defer c.hamlet.mu.Unlock()
	delete(c.hamlet.files, name)
	return nil
}

// queue appends a fact of the queue Q, now.
func (h *hamlet) queue(caller string, what msg.QueueFact_What, offer uint64, agent string) {
	h.Helper()
	f := &msg.QueueFact{What: what, At: h.time().UnixNano(), Queue: "Q", Caller: caller, Agent: agent}
	if offer > 0 {
		f.Offer = &msg.QueueOfferID{Epoch: 1, Number: offer}
	}
	h.fact("queue.fact", f)
}

// agent says what an agent has become, now.
func (h *hamlet) agent(name, state, caller string) {
	h.Helper()
	h.fact("agent.fact", &msg.AgentFact{What: msg.AgentFact_BECAME, At: h.time().UnixNano(), Agent: name, State: state, Queue: "Q",
		Caller: caller, Queues: []string{"Q"}})
}

func (h *hamlet) fact(kind string, m proto.Message) {
	h.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		h.Fatal(err)
	}
	if err := h.Append(store.Fact{Kind: kind, Subject: "Q", At: h.time(), Body: body}, nil); err != nil {
		h.Fatal(err)
	}
}

// open opens a statistic by a member.
func (h *hamlet) open(by string, r Request) Value {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	v, err := h.halls[by].Open(ctx, "", r)
	if err != nil {
		h.Fatalf("%+v: %v", r, err)
	}
	return v
}

// values asks a member for all that is open, once it has taken the whole journal and has no statistic without an answer.
func (h *hamlet) values(by string) (out []string) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	x := h.halls[by]
	for _, each := range h.halls {
		if err := each.reach(ctx, h.Last(), 0); err != nil {
			h.Fatal(err)
		}
	}
	var ids []string
	open, _ := x.List(Search{Limit: maxPool})
	for _, l := range open {
		ids = append(ids, l.ID)
	}
	for {
		values, err := x.Peek(ctx, ids, 0, false)
		if err != nil {
			h.Fatal(err)
		}
		if !slices.ContainsFunc(values, func(v Value) bool { return v.Problem == ErrNotYet.Error() }) {
			for _, v := range values {
				out = append(out, fmt.Sprintf("%s %s %g %v %v %d %d %s", v.ID, v.Object, v.Number, v.Empty, v.Valid, v.Complete-begun, v.At-begun, v.Problem))
			}
			return out
		}
		if ctx.Err() != nil {
			h.Fatalf("no answer: %+v", values)
		}
	}
}

// until waits for something.
func (h *hamlet) until(what string, is func() bool) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if cluster.Until(ctx, 2*time.Millisecond, is) != nil {
		h.Fatal("not reached: " + what)
	}
}
