package account

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/signal"
)

// lab is a member whose accounts and store are real; a probe is the edge.
type lab struct {
	*testing.T
	member    *cluster.Member
	directory *Directory
	store     *store.Store
	edge      *acttest.Probe
	cseq      uint32
}

func newLab(t *testing.T, change func(*conf.Store)) *lab {
	t.Helper()
	c := conf.DefaultStore()
	change(&c)
	log := slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), t.TempDir(), c, nil, log)
	if err != nil {
		t.Fatal(err)
	}
	probes := acttest.NewProbes()
	l := &lab{T: t, store: s, directory: NewDirectory(time.Now),
		member: cluster.New(cluster.Options{Name: "m1", Key: []byte("key"), Mailbox: 100, Log: log, Kinds: []cluster.Kind{
			{Name: "edge", Make: probes.Make}, {Name: "account", Idle: time.Minute}}})}
	t.Cleanup(func() {
		l.member.Stop()
		if err := s.Close(context.Background()); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	floor := &Floor{Member: l.member, Directory: l.directory, Journal: s.Journal(), Snapshots: s.Bucket(store.Registrations),
		Limits: func() conf.Accounts { return settings }, Own: func(u signal.URI) bool { return u.Host == "127.0.0.1" }, Log: log}
	l.member.Introduce("account", floor.Make)
	if _, err := l.member.Spawn("edge", &msg.SignalCancel{}); err != nil {
		t.Fatal(err)
	}
	l.edge = probes.Next(t)
	return l
}

func (l *lab) register(contact string) {
	l.Helper()
	l.cseq++
	r := &signal.Request{ID: fmt.Sprint("r", l.cseq), Method: signal.REGISTER, CallID: "c", CSeq: l.cseq,
		To: signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "t.local"}}, Origin: signal.Origin{Flow: flow}}
	if contact != "" {
		u, err := signal.ParseURI(contact)
		if err != nil {
			l.Fatal(err)
		}
		r.Contacts = []signal.Party{{URI: u}}
	}
	work := &msg.AccountRegister{Aor: "1000@t.local", Request: msg.FromRequest(r), Edge: l.edge.PID}
	if err := l.member.Tell("account", "1000@t.local", work); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) response() *signal.Response {
	l.Helper()
	return acttest.Await[*msg.SignalRespond](l, l.edge).Response.Signal()
}

func (l *lab) kick(contact string) *msg.AccountKicked {
	l.Helper()
	answer, err := l.member.Ask(l.Context(), "account", "1000@t.local", &msg.AccountKick{Contact: contact, Author: "boss"}, 5*time.Second)
	if err != nil {
		l.Fatal(err)
	}
	return answer.(*msg.AccountKicked)
}

// facts are the bodies of the facts in the journal.
func (l *lab) facts() (out []Bindings) {
	l.Helper()
	err := l.store.Journal().Read(context.Background(), 0, func(f store.Fact) bool {
		b, err := DecodeBindings(f.Body)
		if err != nil || f.Kind != FactRegistered || f.Subject != "1000@t.local" {
			l.Errorf("fact %+v: %v", f, err)
		}
		b.Position = f.Position
		out = append(out, b)
		return true
	})
	if err != nil {
		l.Fatal(err)
	}
	return out
}

// An actor that ends, its name having another owner for example, leaves nobody without an answer.
func TestEndAnswers(t *testing.T) {
	l := newLab(t, func(c *conf.Store) { c.FrameDelay = time.Hour }) // the journal takes its time
	pid, err := l.member.Spawn("account", &msg.AccountKicked{})
	if err != nil {
		t.Fatal(err)
	}
	l.member.Send(pid, &cluster.Named{Name: "1000@t.local"})
	l.member.Send(pid, registering("1000@t.local", l.edge))
	l.member.Root().Poison(pid)
	if r := l.response(); r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("answered %+v", r)
	}
}

func TestAnswerMeansDurable(t *testing.T) {
	l := newLab(t, func(*conf.Store) {})
	l.register("sip:desk@10.0.0.1")
	if r := l.response(); r.Status != 200 || r.Request != "r1" || len(r.Contacts) != 1 {
		t.Fatalf("answered %+v", r)
	}
	facts := l.facts()
	if len(facts) != 1 || facts[0].Bindings[0].Contact.User != "desk" {
		t.Fatalf("the journal has %+v", facts)
	}
	if c := l.directory.Contacts("1000@t.local"); len(c) != 1 || c[0].Flow != flow {
		t.Errorf("routing knows %+v", c)
	}
	acttest.Until(t, "there is a snapshot", func() bool {
		e, ok := l.store.Bucket(store.Registrations).Get("1000@t.local")
		if !ok {
			return false
		}
		b, err := DecodeBindings(e.Value)
		return err == nil && len(b.Bindings) == 1 && b.Position == facts[0].Position
	})
	l.register("sip:mobile@127.0.0.1") // leads back to this member
	if r := l.response(); r.Status/100 != 4 {
		t.Errorf("a loop is answered %+v", r)
	}
}

// An account that was put away comes back with what is durable.
func TestPutAway(t *testing.T) {
	l := newLab(t, func(*conf.Store) {})
	l.register("sip:desk@10.0.0.1")
	l.response()
	acttest.Until(t, "the account is put away, once it has done with the request", func() bool {
		l.member.PutAway(time.Now().Add(time.Hour))
		return l.member.Alive("account") == 0
	})
	l.register("")
	if r := l.response(); r.Status != 200 || len(r.Contacts) != 1 {
		t.Errorf("answered %+v", r)
	}
}

func TestKick(t *testing.T) {
	l := newLab(t, func(*conf.Store) {})
	if k := l.kick(""); k.Removed != 0 || k.Error != "" {
		t.Errorf("of nothing %v was removed", k)
	}
	l.register("sip:desk@10.0.0.1")
	l.register("sip:mobile@10.0.0.1")
	l.response()
	l.response()
	if k := l.kick("sip:desk@10.0.0.1"); k.Removed != 1 || k.Error != "" {
		t.Errorf("removed %v", k)
	}
	// Who was told that it is removed finds it removed.
	if c := l.directory.Contacts("1000@t.local"); len(c) != 1 || c[0].URI.User != "mobile" {
		t.Errorf("routing knows %+v", c)
	}
	facts := l.facts()
	if last := facts[len(facts)-1]; last.Author != "boss" || len(last.Bindings) != 1 {
		t.Errorf("the journal has %+v", last)
	}
}

// A journal that does not answer: the phone hears so after a second, and who removes registrations too.
func TestJournalDoesNotAnswer(t *testing.T) {
	l := newLab(t, func(c *conf.Store) { c.FrameDelay = time.Hour }) // a frame waits for more, for ever
	begun := time.Now()
	l.register("sip:desk@10.0.0.1")
	r := l.response()
	if r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("answered %+v", r)
	}
	if took := time.Since(begun); took < durable || took > 3*durable {
		t.Errorf("answered after %v", took)
	}
	if c := l.directory.Contacts("1000@t.local"); len(c) != 0 {
		t.Errorf("routing knows %+v, which a crash would lose", c)
	}
	if k := l.kick(""); k.Error == "" || k.Removed != 0 {
		t.Errorf("removed %v", k)
	}
}

// A journal without room refuses at once.
func TestJournalIsFull(t *testing.T) {
	l := newLab(t, func(c *conf.Store) { c.Pending = 1; c.FrameDelay = time.Hour })
	if err := l.store.Journal().Append(store.Fact{Kind: FactRegistered, Subject: "1000@t.local", Body: []byte("{}")}, nil); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	l.register("sip:desk@10.0.0.1")
	if r := l.response(); r.Status != 503 || r.Headers.Get("Retry-After") == "" {
		t.Errorf("answered %+v", r)
	}
	if took := time.Since(begun); took > durable*9/10 {
		t.Errorf("answered after %v only", took)
	}
	if k := l.kick(""); k.Removed != 0 || k.Error != "" {
		t.Errorf("removed %v, though nothing is registered", k)
	}
}

// A fact of the store that is too large is refused like any other: the account lives on.
func TestFactIsTooLarge(t *testing.T) {
	l := newLab(t, func(c *conf.Store) { c.Frame = 1 << 10 })
	long := ";x=" + strings.Repeat("y", 400)
	l.register("sip:desk@10.0.0.1" + long)
	if r := l.response(); r.Status != 200 {
		t.Fatalf("answered %+v", r)
	}
	l.register("sip:mobile@10.0.0.1" + long)
	if r := l.response(); r.Status != 503 {
		t.Errorf("answered %+v", r)
	}
	l.register("")
	if r := l.response(); r.Status != 200 || len(r.Contacts) != 1 || r.Contacts[0].URI.User != "desk" {
		t.Errorf("then answered %+v", r)
	}
}

// The store ends while a phone waits: it is not told 200, and nobody else dies of it.
func TestStoreCloses(t *testing.T) {
	l := newLab(t, func(c *conf.Store) { c.FrameDelay = 50 * time.Millisecond })
	l.register("sip:desk@10.0.0.1")
	l.response()
	if err := l.store.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	l.register("sip:mobile@10.0.0.1")
	if r := l.response(); r.Status != 503 {
		t.Errorf("answered %+v", r)
	}
	var crashed uint64
	for _, k := range l.member.Snapshot() {
		crashed += k.Crashed
	}
	if crashed != 0 {
		t.Errorf("%d actors crashed", crashed)
	}
}

// What an earlier owner left in the journal is taken on, shown in the snapshot, and built upon; what is older than what
// is known is not.
func TestRecall(t *testing.T) {
	l := newLab(t, func(*conf.Store) {})
	later := time.Now().Add(time.Hour)
	// left is what an earlier owner has written.
	left := func(users ...string) (b Bindings) {
		t.Helper()
		for _, u := range users {
			b.Bindings = append(b.Bindings, binding(u, later))
		}
		b.Epoch = 1
		written := make(chan uint64, 1)
		err := l.store.Journal().Append(store.Fact{Kind: FactRegistered, Subject: "1000@t.local", At: time.Now(), Body: b.Encode()},
			func(position uint64, err error) {
				if err != nil {
					t.Error(err)
				}
				written <- position
			})
		if err != nil {
			t.Fatal(err)
		}
		b.Position = <-written
		return b
	}
	recall := func(body []byte) {
		t.Helper()
		if err := l.member.Tell("account", "1000@t.local", &msg.AccountRecall{Bindings: body}); err != nil {
			t.Fatal(err)
		}
	}
	old := left("old")
	l.register("sip:first@10.0.0.1")
	l.response()
	recall(old.Encode())
	recall([]byte("{"))
	recall(left("desk", "mobile").Encode())
	recall(old.Encode())
	if k := l.kick("sip:desk@10.0.0.1"); k.Removed != 1 || k.Error != "" {
		t.Errorf("kicked %+v", k)
	}
	last := l.directory.Version("1000@t.local").Position
	if c := l.directory.Contacts("1000@t.local"); len(c) != 1 || c[0].URI.User != "mobile" {
		t.Errorf("there are %+v", c)
	}
	acttest.Until(t, "the snapshot is the newest", func() bool {
		e, ok := l.store.Bucket(store.Registrations).Get("1000@t.local")
		b, err := DecodeBindings(e.Value)
		return ok && err == nil && b.Position == last && len(b.Bindings) == 1
	})
}
