package account

import (
	"slices"
	"strings"
	"sync"
	"time"

	"tandem/signal"
	"tandem/sip/registrar"
)

// Directory is the member's own copy of all accounts and registrations: it is told every change
// and answers from memory. It implements signal.Directory and auth.Credentials.
type Directory struct {
	now func() time.Time

	mu       sync.RWMutex
	accounts map[signal.AOR]*Record        // records are replaced, never changed
	routed   map[signal.AOR]signal.Account // as routing sees them, made once
	aliases  map[signal.AOR]signal.AOR
	routing  routing
	bindings map[signal.AOR][]registrar.Binding
	versions map[signal.AOR]Bindings     // which write they are of, without the bindings; kept when there are none any more
	flows    map[connection][]signal.AOR // whose registrations came over a connection
	follower func(signal.AOR)
}

// connection names a stream connection in the cluster.
type connection struct {
	edge   string
	number uint64
}

// NewDirectory makes an empty directory.
func NewDirectory(now func() time.Time) *Directory {
	return &Directory{now: now, accounts: map[signal.AOR]*Record{}, routed: map[signal.AOR]signal.Account{},
		aliases: map[signal.AOR]signal.AOR{}, routing: newRouting(), bindings: map[signal.AOR][]registrar.Binding{},
		versions: map[signal.AOR]Bindings{}, flows: map[connection][]signal.AOR{}}
}

// SetAccount takes a new or changed account.
func (d *Directory) SetAccount(r *Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop(r.AOR)
	d.accounts[r.AOR], d.routed[r.AOR] = r, r.signal()
	d.routing.own(r)
	for _, a := range r.Aliases {
		if _, taken := d.accounts[a]; !taken {
			d.aliases[a] = r.AOR
		}
	}
}

// DropAccount takes the end of an account.
func (d *Directory) DropAccount(aor signal.AOR) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.drop(aor)
}

func (d *Directory) drop(aor signal.AOR) {
	if old := d.accounts[aor]; old != nil {
		for _, a := range old.Aliases {
			if d.aliases[a] == aor {
				delete(d.aliases, a)
			}
		}
		d.routing.disown(old)
	}
	delete(d.accounts, aor)
	delete(d.routed, aor)
}

// Follow has f told of each account whose registrations may have changed: they are shown already. It must not wait.
// Before the first change.
func (d *Directory) Follow(f func(signal.AOR)) { d.follower = f }

// SetBindings takes the registrations of an account as they are now. An older write than what is here is ignored, and
// false returned: it was made by an owner that is none any more, or comes late.
func (d *Directory) SetBindings(aor signal.AOR, w Bindings) bool {
	if !d.take(aor, w) {
		return false
	}
	if d.follower != nil {
		d.follower(aor)
	}
	return true
}

func (d *Directory) take(aor signal.AOR, w Bindings) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w.Older(d.versions[aor]) {
		return false
	}
	d.versions[aor] = Bindings{Epoch: w.Epoch, Position: w.Position}
	d.setBindings(aor, w.Bindings)
	return true
}

// Version is which write the registrations of an account are of: its epoch and position.
func (d *Directory) Version(aor signal.AOR) Bindings {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.versions[aor]
}

func (d *Directory) setBindings(aor signal.AOR, b []registrar.Binding) {
	for _, old := range d.bindings[aor] {
		d.unflow(aor, connection{old.Flow.Edge, old.Flow.Conn})
	}
	if len(b) == 0 {
		delete(d.bindings, aor)
		return
	}
	d.bindings[aor] = b
	for _, n := range b {
		if c := (connection{n.Flow.Edge, n.Flow.Conn}); c.number != 0 && !slices.Contains(d.flows[c], aor) {
			d.flows[c] = append(d.flows[c], aor)
		}
	}
}

// unflow forgets that an account is reached over a connection.
func (d *Directory) unflow(aor signal.AOR, c connection) {
	rest := slices.DeleteFunc(slices.Clone(d.flows[c]), func(a signal.AOR) bool { return a == aor })
	if len(rest) == 0 {
		delete(d.flows, c)
		return
	}
	d.flows[c] = rest
}

// FlowOwners are the accounts that have a registration over a connection, or over any of a member.
func (d *Directory) FlowOwners(f signal.Flow) []signal.AOR {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if f.Conn == 0 && f.Transport == "" {
		return d.reachedBy(f.Edge)
	}
	return slices.Clone(d.flows[connection{f.Edge, f.Conn}])
}

// reachedBy are the accounts that have a registration over a connection of a member, in order.
func (d *Directory) reachedBy(member string) (aors []signal.AOR) {
	for c, owners := range d.flows {
		if c.edge == member {
			aors = append(aors, owners...)
		}
	}
	slices.Sort(aors)
	return slices.Compact(aors)
}

// Record finds an account by its AOR alone. It must not be changed.
func (d *Directory) Record(aor signal.AOR) (*Record, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r, ok := d.accounts[aor]
	return r, ok
}

// Account finds an account by its AOR or an alias.
func (d *Directory) Account(a signal.AOR) (signal.Account, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	r, ok := d.routed[a]
	if !ok {
		r, ok = d.routed[d.aliases[a]]
	}
	return r, ok
}

// Bindings are an account's registrations that have not expired.
func (d *Directory) Bindings(aor signal.AOR) []registrar.Binding {
	d.mu.RLock()
	b := d.bindings[aor]
	d.mu.RUnlock()
	live, _ := registrar.Expire(b, d.now())
	return live
}

// Contacts are the devices that an account can be reached at, by all their flows: those of one device beginning with the
// one that was refreshed last.
func (d *Directory) Contacts(aor signal.AOR) []signal.Contact {
	live := d.Bindings(aor)
	out := make([]signal.Contact, len(live))
	for i, b := range live {
		out[i] = contact(b)
	}
	newestFirst(out, live)
	return out
}

// newestFirst puts the flows of each device in order within the places that they have: the devices stay in theirs. To sort
// by a comparison will not do, which would have to say that flows of two devices are equal.
func newestFirst(contacts []signal.Contact, of []registrar.Binding) {
	for i := range contacts {
		for j := i + 1; j < len(contacts) && contacts[i].Device != ""; j++ {
			if contacts[i].Device == contacts[j].Device && of[j].Updated.After(of[i].Updated) {
				contacts[i], contacts[j] = contacts[j], contacts[i]
				of[i], of[j] = of[j], of[i]
			}
		}
	}
}

// HA1 are the password hashes of a user for the digest; a disabled account has none.
func (d *Directory) HA1(user, realm string) (md5, sha256 string, ok bool) {
	r, ok := d.Record(signal.AOR(strings.ToLower(user + "@" + realm)))
	if !ok || r.Disabled || r.MD5 == "" {
		return "", "", false
	}
	return r.MD5, r.SHA256, true
}

// CheckAdministrator tells whether the password is that of an enabled administrator. It costs the
// same for a user that does not exist.
func (d *Directory) CheckAdministrator(aor signal.AOR, password string) bool {
	r, ok := d.Record(aor)
	if !ok || r.Disabled || !r.Is(Administrator) {
		CheckWeb(nobody(), password)
		return false
	}
	return CheckWeb(r.Web, password)
}

// Records are all accounts in the order of their AORs.
func (d *Directory) Records() []*Record {
	d.mu.RLock()
	out := make([]*Record, 0, len(d.accounts))
	for _, r := range d.accounts {
		out = append(out, r)
	}
	d.mu.RUnlock()
	slices.SortFunc(out, func(a, b *Record) int { return strings.Compare(string(a.AOR), string(b.AOR)) })
	return out
}

// Registered are the AORs that have registrations which have not expired, in order.
func (d *Directory) Registered() []signal.AOR {
	now := d.now()
	d.mu.RLock()
	out := make([]signal.AOR, 0, len(d.bindings))
	for a, bindings := range d.bindings {
		if slices.ContainsFunc(bindings, func(b registrar.Binding) bool { return b.Live(now) }) {
			out = append(out, a)
		}
	}
	d.mu.RUnlock()
	slices.Sort(out)
	return out
}

// Count is how many accounts there are.
func (d *Directory) Count() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.accounts)
}
