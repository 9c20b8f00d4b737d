package account

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/registrar"
)

var _ signal.Directory = (*Directory)(nil)

// clock is a time that a test moves on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func binding(user string, expires time.Time) registrar.Binding {
	return registrar.Binding{Contact: signal.URI{Scheme: "sip", User: user, Host: "10.0.0.1"}, Q: 700, Path: []string{"<sip:edge;lr>"},
		Flow: flow, Agent: "phone", CallID: "c", CSeq: 7, Since: epoch, Updated: epoch, Expires: expires, Display: "Desk",
		Params: signal.Params{{Name: "reg-id", Value: "1"}}}
}

func TestAliases(t *testing.T) {
	d := NewDirectory(time.Now)
	d.SetAccount(&Record{AOR: "1000@t.local", Display: "Alice", Aliases: []signal.AOR{"alice@t.local", "1001@t.local"}})
	find := func(a, want signal.AOR) {
		t.Helper()
		if got, ok := d.Account(a); got.AOR != want || ok != (want != "") {
			t.Errorf("%s is %q, want %q", a, got.AOR, want)
		}
	}
	find("1000@t.local", "1000@t.local")
	find("alice@t.local", "1000@t.local")
	find("1001@t.local", "1000@t.local")
	find("nobody@t.local", "")
	find("", "")
	// Who has a name of its own is found by it, whoever claimed it as an alias.
	d.SetAccount(&Record{AOR: "1001@t.local"})
	find("1001@t.local", "1001@t.local")
	if _, ok := d.Record("alice@t.local"); ok {
		t.Error("an alias has a record of its own")
	}
	// A changed account has the aliases that it has now.
	d.SetAccount(&Record{AOR: "1000@t.local", Aliases: []signal.AOR{"bob@t.local"}})
	find("alice@t.local", "")
	find("bob@t.local", "1000@t.local")
	// An alias can move to another account, and does not go with the first one.
	d.SetAccount(&Record{AOR: "1002@t.local", Aliases: []signal.AOR{"bob@t.local"}})
	d.DropAccount("1000@t.local")
	find("1000@t.local", "")
	find("bob@t.local", "1002@t.local")
	d.DropAccount("1002@t.local")
	d.DropAccount("1002@t.local")
	find("bob@t.local", "")
	if n := d.Count(); n != 1 {
		t.Errorf("%d accounts are left", n)
	}
}

func TestContactsExpire(t *testing.T) {
	c := &clock{now: epoch}
	d := NewDirectory(c.time)
	d.SetBindings("1000@t.local", Bindings{Bindings: []registrar.Binding{binding("desk", epoch.Add(time.Minute)), binding("mobile", epoch.Add(time.Hour))}})
	d.SetBindings("1001@t.local", Bindings{Bindings: []registrar.Binding{binding("desk", epoch.Add(time.Minute))}})
	contacts := d.Contacts("1000@t.local")
	want := signal.Contact{URI: signal.URI{Scheme: "sip", User: "desk", Host: "10.0.0.1"}, Routes: []string{"<sip:edge;lr>"},
		Flow: flow, Q: 700, Display: "Desk"}
	if len(contacts) != 2 || !reflect.DeepEqual(contacts[0], want) {
		t.Errorf("contacts %+v", contacts)
	}
	c.pass(2 * time.Minute)
	if contacts = d.Contacts("1000@t.local"); len(contacts) != 1 || contacts[0].URI.User != "mobile" {
		t.Errorf("after the first has expired: %+v", contacts)
	}
	if got := d.Registered(); !reflect.DeepEqual(got, []signal.AOR{"1000@t.local"}) {
		t.Errorf("registered are %v", got)
	}
	d.SetBindings("1000@t.local", Bindings{})
	if got := d.Registered(); len(got) != 0 {
		t.Errorf("registered are %v", got)
	}
}

// TestNewestFlowIsFirst: wherever the flows of a device are among those of others, the one refreshed last comes first, and
// the devices keep their places.
func TestNewestFlowIsFirst(t *testing.T) {
	d := NewDirectory(func() time.Time { return epoch })
	var all []registrar.Binding
	for _, f := range []struct {
		device, user string
		age          time.Duration
	}{{"one", "old", 9}, {"two", "middle", 5}, {"one", "new", 1}, {"", "none", 7}, {"two", "newer", 3}, {"", "such", 2}, {"one", "newest", 0}} {
		b := binding(f.user, epoch.Add(time.Hour))
		b.Updated = epoch.Add(-f.age * time.Minute)
		if b.Params = nil; f.device != "" {
			b.Params = signal.Params{{Name: "+sip.instance", Value: `"<urn:uuid:` + f.device + `>"`}, {Name: "reg-id", Value: "1"}}
		}
		all = append(all, b)
	}
	d.SetBindings("1000@t.local", Bindings{Bindings: all})
	names := func(contacts []signal.Contact) (out []string) {
		for _, c := range contacts {
			out = append(out, c.URI.User)
		}
		return out
	}
	contacts := d.Contacts("1000@t.local")
	if got, want := names(contacts), []string{"newest", "newer", "new", "none", "middle", "such", "old"}; !reflect.DeepEqual(got, want) {
		t.Errorf("contacts %v, want %v", got, want)
	}
	first, _ := signal.OneFlow(contacts)
	if got, want := names(first), []string{"newest", "newer", "none", "such"}; !reflect.DeepEqual(got, want) {
		t.Errorf("rung are %v, want %v", got, want)
	}
	if !reflect.DeepEqual(d.bindings["1000@t.local"], all) {
		t.Error("what the directory keeps was put in another order")
	}
}

func TestPasswords(t *testing.T) {
	d := NewDirectory(time.Now)
	admin := &Record{AOR: "admin@t.local", Roles: []string{Administrator}, MD5: "m", SHA256: "s", Web: HashWeb("secret")}
	user := &Record{AOR: "1000@t.local", MD5: "m", Web: HashWeb("secret"), Roles: []string{Agent}}
	gone := &Record{AOR: "1001@t.local", Disabled: true, MD5: "m", Web: HashWeb("secret"), Roles: []string{Administrator}}
	for _, r := range []*Record{admin, user, gone, {AOR: "1002@t.local"}} {
		d.SetAccount(r)
	}
	if md5, sha, ok := d.HA1("Admin", "T.local"); !ok || md5 != "m" || sha != "s" {
		t.Errorf("HA1 = %q, %q, %v", md5, sha, ok)
	}
	for _, who := range []string{"1001", "1002", "nobody", ""} {
		if md5, sha, ok := d.HA1(who, "t.local"); ok || md5+sha != "" {
			t.Errorf("HA1 of %q = %q, %q, %v", who, md5, sha, ok)
		}
	}
	for _, c := range []struct {
		who      signal.AOR
		password string
		want     bool
	}{
		{"admin@t.local", "secret", true}, {"admin@t.local", "Secret", false}, {"admin@t.local", "", false},
		{"1000@t.local", "secret", false}, {"1001@t.local", "secret", false}, {"nobody@t.local", "nobody", false},
	} {
		if got := d.CheckAdministrator(c.who, c.password); got != c.want {
			t.Errorf("%s with %q: %v", c.who, c.password, got)
		}
	}
}

func TestRecordsAreInOrder(t *testing.T) {
	d := NewDirectory(time.Now)
	for _, u := range []string{"c", "a", "b"} {
		d.SetAccount(&Record{AOR: signal.AOR(u + "@t.local")})
	}
	var got string
	for _, r := range d.Records() {
		got += r.AOR.User()
	}
	if got != "abc" {
		t.Errorf("records %s", got)
	}
}

// Routing reads while accounts and registrations change; the race detector is the judge.
func TestReadersBesideWriters(t *testing.T) {
	d := NewDirectory(time.Now)
	var readers, writers sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		writers.Go(func() {
			for i := range 200 {
				aor := signal.AOR(fmt.Sprint(i%10, "@t.local"))
				d.SetAccount(&Record{AOR: aor, Aliases: []signal.AOR{signal.AOR(fmt.Sprint("x", i, "@t.local"))}, MD5: "m"})
				d.SetBindings(aor, Bindings{Bindings: []registrar.Binding{binding("desk", time.Now().Add(time.Hour))}})
				if i%7 == w {
					d.DropAccount(aor)
					d.SetBindings(aor, Bindings{})
				}
			}
		})
	}
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				for i := range 10 {
					aor := signal.AOR(fmt.Sprint(i, "@t.local"))
					d.Account(aor)
					d.Contacts(aor)
					d.HA1(fmt.Sprint(i), "t.local")
				}
				d.Records()
				d.Registered()
				d.Count()
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}
