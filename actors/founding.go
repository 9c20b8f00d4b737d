package actors

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"tandem/actors/account"
	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/store"
	"tandem/actors/vault"
	"tandem/signal"
	"tandem/ximss/cli"
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
	if errors.Is(err, store.ErrConflict) { // another member was quicker
		return h.awaitSecret(ctx)
	}
	return secret, err
}

// awaitSecret waits until the secret that another member has made is here.
func (h *House) awaitSecret(ctx context.Context) ([]byte, error) {
	var e store.Entry
	err := cluster.Until(ctx, 10*time.Millisecond, func() (ok bool) {
		e, ok = h.store.Bucket(store.Settings).Get(secretKey)
		return ok
	})
	return e.Value, err
}

// derive makes the key of one use.
func derive(secret []byte, use string) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(use))
	return m.Sum(nil)
}

// openAccounts fills the directory from the store and keeps it current.
func (h *House) openAccounts(ctx context.Context) error {
	secret, err := h.secret(ctx)
	if err != nil {
		return err
	}
	h.directory = account.NewDirectory(time.Now)
	h.ledger = ledger.New(ledger.Options{Store: h.store, Directory: h.directory, Tally: h.tally,
		Vault: vault.New(derive(secret, "password")), Log: h.log, Conf: h.live.Conf,
		Table: func() *signal.Table { return h.ingress.Table() },
		Obey:  func(p *signal.Policy) { h.ingress.SetPolicy(p) },
		Files: func() ledger.Files { return h.storage },
		Ask: func(ctx context.Context, kind, name string, message any, wait time.Duration) (any, error) {
			return h.member.Ask(ctx, kind, name, message, wait)
		},
		Tell: func(kind, name string, message any) error { return h.member.Tell(kind, name, message) }})
	h.closes(stopper(h.ledger.FollowAccounts()))
	h.readRegistrations()
	return nil
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
		if d.Supervisor {
			r.Roles = append(r.Roles, account.Supervisor)
			r.Rights = append(slices.Clip(r.Rights), string(cli.CanListen))
		}
		made, err := h.create(ctx, r)
		if err == nil && made {
			err = h.foundRoster(ctx, r.AOR, d.Roster)
		}
		if err != nil {
			return err
		}
	}
	if len(c.Accounts.Demo) == 0 {
		password := rand.Text()[:20]
		r := h.newRecord("admin", c.Routing.Domain, password, "Administrator")
		r.Web = account.HashWeb(password)
		r.Roles = []string{account.Administrator}
		made, err := h.create(ctx, r)
		if err != nil {
			return err
		}
		if made {
			first("admin", password)
		}
	}
	if err := h.foundQueues(ctx); err != nil {
		return err
	}
	_, err := settings.Put(ctx, foundedKey, []byte(time.Now().UTC().Format(time.RFC3339)),
		store.Write{Author: "member", Reason: "first start"})
	return err
}

// foundRoster gives a demo account the peers that the settings name, those of them that there are to be.
func (h *House) foundRoster(ctx context.Context, aor signal.AOR, users []string) error {
	names := map[signal.AOR]string{}
	for _, d := range h.live.Conf().Accounts.Demo {
		if slices.Contains(users, d.Name) {
			names[signal.NewAOR(d.Name, aor.Domain())] = d.DisplayName
		}
	}
	if len(names) == 0 {
		return nil
	}
	return h.ledger.FoundRoster(ctx, aor, names, store.Write{Author: "member", Reason: "first start"})
}

// foundQueues makes the demo queues and their agents. What is there already stays.
func (h *House) foundQueues(ctx context.Context) error {
	c := h.live.Conf().Queues
	w := store.Write{Author: "member", Reason: "first start"}
	for _, d := range c.Demo {
		q := ledger.DefaultQueue(d.Name)
		q.Display, q.Numbers, q.Strategy = d.DisplayName, []string{d.Number}, cmp.Or(d.Strategy, q.Strategy)
		if err := h.ledger.FoundQueue(ctx, q, w); err != nil {
			return err
		}
		if err := h.awaitQueue(ctx, d.Name); err != nil {
			return err
		}
	}
	for _, d := range c.DemoAgents {
		a := ledger.DefaultAgent(d.Name)
		a.Display = d.DisplayName
		for _, name := range d.Queues {
			a.Memberships = append(a.Memberships, ledger.Membership{Queue: name})
		}
		if err := h.ledger.FoundAgent(ctx, a, w); err != nil {
			return err
		}
	}
	return nil
}

// foundTime is how long what another member has founded may take to be seen here.
const foundTime = 5 * time.Second

// awaitQueue waits until this member sees a queue: one that another member has made a moment ago is there, and may not
// be in the copy here, by which the memberships of agents are judged.
func (h *House) awaitQueue(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, foundTime)
	defer cancel()
	err := cluster.Until(ctx, 10*time.Millisecond, func() bool {
		_, ok := h.ledger.Queue(name)
		return ok
	})
	if err != nil {
		return fmt.Errorf("queue %q is there, and is not seen here: %w", name, err)
	}
	return nil
}

// newRecord is an account whose phone has that password; its web password is the caller's to set.
func (h *House) newRecord(user, domain, password, display string) *account.Record {
	r := &account.Record{AOR: signal.NewAOR(user, domain), Display: display, Created: time.Now().UTC()}
	h.ledger.PutSecret(r, password)
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

// create makes an account. One that is there already was left by a start that was cut off and is made again; among
// other members it is that of the member that was quicker, and stays.
func (h *House) create(ctx context.Context, r *account.Record) (made bool, err error) {
	w := store.Write{Author: "member", Reason: "first start"}
	if h.identity != nil {
		w.Expect = new(uint64)
	}
	_, err = h.store.Bucket(store.Accounts).Put(ctx, string(r.AOR), r.Encode(), w)
	switch {
	case errors.Is(err, store.ErrConflict):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("account %s: %w", r.AOR, err)
	}
	return true, h.ledger.ReadAccount(string(r.AOR))
}
