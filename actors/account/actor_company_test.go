package account

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"tandem/actors/acttest"
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

// company are two members with a directory each, and one store.
type company struct {
	*acttest.Company
	directories []*Directory
	edges       []*acttest.Probes
	floors      []*Floor
}

func newCompany(t *testing.T) *company {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), t.TempDir(), conf.DefaultStore(), nil, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	c := &company{}
	c.Company = acttest.NewCompany(t, 2, func(_ int, o *cluster.Options, _ *conf.Cluster) func(*cluster.Member) {
		edges, d := acttest.NewProbes(), NewDirectory(time.Now)
		c.edges, c.directories = append(c.edges, edges), append(c.directories, d)
		o.Kinds = []cluster.Kind{{Name: "edge", Make: edges.Make}, {Name: "account"}}
		return func(m *cluster.Member) {
			f := &Floor{Member: m, Directory: d, Journal: s.Journal(), Snapshots: s.Bucket(store.Registrations), Log: log,
				Limits: func() conf.Accounts { return settings }, Own: func(signal.URI) bool { return false }}
			c.floors = append(c.floors, f)
			m.Introduce("account", f.Make)
			m.Hears(d.Hear)
		}
	})
	return c
}

// ownedBy is an account that a member owns.
func (c *company) ownedBy(t *testing.T, i int) string {
	t.Helper()
	for n := range 1000 {
		aor := fmt.Sprintf("%d@t.local", n)
		if _, mine := c.Members[i].Epoch("account", aor); mine {
			return aor
		}
	}
	t.Fatal("the member owns no account")
	return ""
}

func registering(aor string, edge *acttest.Probe) *msg.AccountRegister {
	to := signal.Party{URI: signal.URI{Scheme: "sip", User: signal.AOR(aor).User(), Host: "t.local"}}
	return &msg.AccountRegister{Aor: aor, Edge: edge.PID, Request: msg.FromRequest(&signal.Request{ID: "r", Method: signal.REGISTER,
		CallID: "c", CSeq: 1, To: to, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "desk", Host: "10.0.0.1"}}},
		Origin: signal.Origin{Flow: flow}})}
}

// A phone that registers by one member is written by the owner, and by then the others have been told.
func TestAllMembersHearOfARegistration(t *testing.T) {
	c := newCompany(t)
	if _, err := c.Members[0].Spawn("edge", &msg.SignalCancel{}); err != nil {
		t.Fatal(err)
	}
	edge := c.edges[0].Next(t)
	for i := range c.Members {
		aor := c.ownedBy(t, i)
		if err := c.Members[0].Tell("account", aor, registering(aor, edge)); err != nil {
			t.Fatal(err)
		}
		if r := acttest.Await[*msg.SignalRespond](t, edge).Response; r.Status != 200 {
			t.Fatalf("answered %v", r)
		}
		epoch, _ := c.Members[i].Epoch("account", aor)
		for k, d := range c.directories {
			acttest.Until(t, "the member knows the phone", func() bool { return len(d.Contacts(signal.AOR(aor))) == 1 })
			if v := d.Version(signal.AOR(aor)); v.Epoch != epoch || v.Position == 0 {
				t.Errorf("member %d knows it by %+v, the owner's epoch is %d", k+1, v, epoch)
			}
		}
	}
}

// A member that does not own an account refuses to act for it, and writes nothing.
func TestNotTheOwner(t *testing.T) {
	c := newCompany(t)
	aor := c.ownedBy(t, 1)
	m := c.Members[0]
	if _, err := m.Spawn("edge", &msg.SignalCancel{}); err != nil {
		t.Fatal(err)
	}
	edge := c.edges[0].Next(t)
	stale, err := m.Spawn("account", &msg.AccountKicked{}) // as if it had been the owner
	if err != nil {
		t.Fatal(err)
	}
	c.directories[0].SetBindings(signal.AOR(aor), write("desk", 1, 1))
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
	if last := c.floors[0].Journal.Last(); last != 0 {
		t.Errorf("%d facts were written", last)
	}
	// It loses the name between the fact and its place in the directory.
	if err := c.floors[0].take(signal.AOR(aor), Bindings{}, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a late write counts")
	}
}
