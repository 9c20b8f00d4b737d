package actors

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
)

// secretKey is where the cluster's secret lies in the settings bucket.
const secretKey = "cluster.secret"

// secret is the cluster's secret: made at the first start, the same for all members. What it signs
// is derived from it, so that no two uses share a key.
func (h *House) secret(ctx context.Context) ([]byte, error) {
	settings := h.store.Bucket(store.Settings)
	if e, ok := settings.Get(secretKey); ok {
		return e.Value, nil
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	absent := uint64(0)
	_, err := settings.Put(ctx, secretKey, secret, store.Write{Expect: &absent, Author: "member", Reason: "first start"})
	return secret, err
}

// derive makes the key of one use.
func derive(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(use))
	return m.Sum(nil)
}

// openAccounts fills the directory from the store and keeps it current. Registrations are read once:
// this member makes all the changes of them itself, as long as it is alone.
func (h *House) openAccounts(context.Context) error {
	h.directory = account.NewDirectory(time.Now)
	accounts, registrations := h.store.Bucket(store.Accounts), h.store.Bucket(store.Registrations)
	stop := accounts.Watch(func(e store.Entry) {
		h.told("account", e.Key, h.readAccount(e.Key))
	})
	h.closes(func(context.Context) error { stop(); return nil })
	accounts.Range("", func(e store.Entry) bool {
		h.told("account", e.Key, h.readAccount(e.Key))
		return true
	})
	registrations.Range("", func(e store.Entry) bool {
		h.told("registrations", e.Key, h.bindingsChanged(e))
		return true
	})
	return nil
}

// told logs what could not be read of one account: that one is missing, and the member runs.
func (h *House) told(what, aor string, err error) {
	if err != nil {
		h.log.Error("an entry in the store is not readable", "what", what, "account", aor, "err", err)
	}
}

// readAccount takes over what the store's copy has of an account now. The copy only moves forward, and
// so does the directory, whoever calls this and however late.
func (h *House) readAccount(key string) error {
	h.reading.Lock()
	defer h.reading.Unlock()
	e, ok := h.store.Bucket(store.Accounts).Get(key)
	if !ok {
		h.directory.DropAccount(signal.AOR(key))
		return nil
	}
	r, err := account.Decode(e.Value)
	if err == nil {
		h.directory.SetAccount(r)
	}
	return err
}

func (h *House) bindingsChanged(e store.Entry) error {
	if strings.HasPrefix(e.Key, checkpoints) || e.Deleted {
		return nil
	}
	b, err := account.DecodeBindings(e.Value)
	if err == nil {
		h.directory.SetBindings(signal.AOR(e.Key), b.Bindings)
	}
	return err
}

// foundedKey is set when the first accounts have all been made.
const foundedKey = "founded"

// found makes the first accounts: the demo ones where the settings name them, else one
// administrator whose random password is told once. A first start that was cut off is made good by
// the next one: what it had made already is made again.
func (h *House) found(ctx context.Context, first func(user, password string)) error {
	settings := h.store.Bucket(store.Settings)
	if _, done := settings.Get(foundedKey); done {
		return nil
	}
	defer debug.FreeOSMemory() // each password hash took 19 MiB to make, on purpose
	c := h.live.Conf()
	hash := once(account.HashWeb) // the demo's passwords are public and all the same
	for _, d := range c.Accounts.Demo {
		r := h.newRecord(d.Name, c.Routing.Domain, string(d.Password), d.DisplayName)
		r.Web = hash(string(d.Password))
		r.Rights = d.Rights
		for _, name := range d.Aliases {
			r.Aliases = append(r.Aliases, signal.NewAOR(name, c.Routing.Domain))
		}
		if d.Administrator {
			r.Roles = []string{account.Administrator}
		}
		if err := h.create(ctx, r); err != nil {
			return err
		}
	}
	if len(c.Accounts.Demo) == 0 {
		password := rand.Text()[:20]
		r := h.newRecord("admin", c.Routing.Domain, password, "Administrator")
		r.Web = account.HashWeb(password)
		r.Roles = []string{account.Administrator}
		if err := h.create(ctx, r); err != nil {
			return err
		}
		first("admin", password)
	}
	_, err := settings.Put(ctx, foundedKey, []byte(time.Now().UTC().Format(time.RFC3339)),
		store.Write{Author: "member", Reason: "first start"})
	return err
}

// newRecord is an account whose phone has that password; its web password is the caller's to set.
func (h *House) newRecord(user, domain, password, display string) *account.Record {
	r := &account.Record{AOR: signal.NewAOR(user, domain), Display: display, Created: time.Now().UTC()}
	h.putSecret(r, password)
	return r
}

// once is f with its results remembered.
func once(f func(string) string) func(string) string {
	known := map[string]string{}
	return func(s string) string {
		if _, ok := known[s]; !ok {
			known[s] = f(s)
		}
		return known[s]
	}
}

func (h *House) create(ctx context.Context, r *account.Record) error {
	_, err := h.store.Bucket(store.Accounts).Put(ctx, string(r.AOR), r.Encode(),
		store.Write{Author: "member", Reason: "first start"})
	if err != nil {
		return fmt.Errorf("account %s: %w", r.AOR, err)
	}
	return h.readAccount(string(r.AOR))
}
