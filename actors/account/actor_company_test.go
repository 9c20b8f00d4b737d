package account

import (
	"log/slog"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/acttest"
	"tandem/actors/acttest/company"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
)

// A member that was among others and is alone now goes on from there: what it writes is not older.
func TestAloneAfterOthers(t *testing.T) {
	l := newLab(t, func(*conf.Store) {})
	l.directory.SetBindings("1000@t.local", Bindings{Epoch: 700, Position: 1})
	l.register("sip:desk@10.0.0.1")
	if r := l.response(); r.Status != 200 {
		t.Fatalf("answered %+v", r)
	}
	if v := l.directory.Version("1000@t.local"); v.Epoch != 700 || v.Position != l.facts()[0].Position {
		t.Errorf("written as %+v", v)
	}
	if f := l.facts()[0]; f.Epoch != 700 {
		t.Errorf("the fact is %+v", f)
	}
}

// pair are two members with a directory each, and one store.
type pair struct {
	members []*cluster.Member
	floors  []*Floor
	edges   []*acttest.Probes
}

func newPair(t *testing.T) *pair {
	t.Helper()
	log, s := slog.New(slog.DiscardHandler), newLab(t, func(*conf.Store) {}).store
	c := &pair{}
	for _, name := range []string{"m1", "m2"} {
		edges, d := acttest.NewProbes(), NewDirectory(time.Now)
		m := cluster.New(cluster.Options{Name: name, Key: []byte("key"), Mailbox: 100, Log: log,
			Kinds: []cluster.Kind{{Name: "edge", Make: edges.Make}, {Name: "account"}}})
		t.Cleanup(m.Stop)
		f := &Floor{Member: m, Directory: d, Journal: s.Journal(), Snapshots: s.Bucket(store.Registrations), Log: log,
			Limits: func() conf.Accounts { return settings }, Own: func(signal.URI) bool { return false }}
		m.Introduce("account", f.Make)
		m.Hears(d.Hear)
		c.members, c.floors, c.edges = append(c.members, m), append(c.floors, f), append(c.edges, edges)
	}
	company.Meet(t, c.members...)
	return c
}

// owner is the number of the member that owns an account.
func (c *pair) owner(t *testing.T, aor string) int {
	t.Helper()
	for i, m := range c.members {
		if _, mine := m.Epoch("account", aor); mine {
			return i
		}
	}
	t.Fatalf("nobody owns %s", aor)
	return 0
}

// edge makes an edge actor of a member.
func (c *pair) edge(t *testing.T, i int) *acttest.Probe {
	t.Helper()
	if _, err := c.members[i].Spawn("edge", &msg.SignalCancel{}); err != nil {
		t.Fatal(err)
	}
	return c.edges[i].Next(t)
}

func registering(aor string, edge *acttest.Probe) *msg.AccountRegister {
	to := signal.Party{URI: signal.URI{Scheme: "sip", User: signal.AOR(aor).User(), Host: "t.local"}}
	return &msg.AccountRegister{Aor: aor, Edge: edge.PID, Request: msg.FromRequest(&signal.Request{ID: "r", Method: signal.REGISTER,
		CallID: "c", CSeq: 1, To: to, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "desk", Host: "10.0.0.1"}}},
		Origin: signal.Origin{Flow: flow}})}
}

// A phone that registers by one member is written by the owner, and by then the others have been told.
func TestAllMembersHearOfARegistration(t *testing.T) {
	c := newPair(t)
	const aor = "1000@t.local"
	owner := c.owner(t, aor)
	other := 1 - owner
	edge := c.edge(t, other)
	work := registering(aor, edge)
	work.Edge = actor.NewPID(edge.PID.Address, edge.PID.Id) // as another process has it
	if err := c.members[other].Tell("account", aor, work); err != nil {
		t.Fatal(err)
	}
	if r := acttest.Await[*msg.SignalRespond](t, edge).Response; r.Status != 200 {
		t.Fatalf("answered %v", r)
	}
	epoch, _ := c.members[owner].Epoch("account", aor)
	for i, f := range c.floors {
		d := f.Directory
		if v := d.Version(aor); len(d.Contacts(aor)) != 1 || v.Epoch != epoch || v.Position == 0 {
			t.Errorf("member %d knows %v by %+v; the owner's epoch is %d", i+1, d.Contacts(aor), v, epoch)
		}
	}
}

// A member that does not own an account refuses to act for it, and writes nothing.
func TestNotTheOwner(t *testing.T) {
	c := newPair(t)
	const aor = "1000@t.local"
	other := 1 - c.owner(t, aor)
	m, floor := c.members[other], c.floors[other]
	edge := c.edge(t, other)
	stale, err := m.Spawn("account", &msg.AccountKicked{}) // as if it had been the owner
	if err != nil {
		t.Fatal(err)
	}
	floor.Directory.SetBindings(aor, write("desk", 1, 1))
	m.Send(stale, &cluster.Named{Name: aor})
	m.Send(stale, &msg.AccountLost{Flow: &msg.Flow{Edge: "m1"}, BeforeMs: time.Now().Add(time.Hour).UnixMilli()})
	m.Send(stale, registering(aor, edge))
	r := acttest.Await[*msg.SignalRespond](t, edge).Response.Signal()
	if r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("answered %+v", r)
	}
	kicked, err := m.Root().RequestFuture(stale, &msg.AccountKick{}, 5*time.Second).Result()
	if k, ok := kicked.(*msg.AccountKicked); err != nil || !ok || k.Error == "" {
		t.Errorf("the kick: %v, %v", kicked, err)
	}
	if last := floor.Journal.Last(); last != 0 {
		t.Errorf("%d facts were written", last)
	}
	// It loses the name between the fact and its place in the directory.
	if err := floor.take(aor, Bindings{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a late write counts")
	}
}
