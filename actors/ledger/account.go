package ledger

import (
	"context"
	"errors"
	"time"

	"tandem/actors/account"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
	"tandem/sip/auth"
)

// Bounds of what an account may hold.
const (
	MinPassword = 4   // characters: short because the demo's is; pages will ask for more
	MaxPassword = 256 // bytes
	MaxDisplay  = 128 // bytes
	MaxAliases  = 50
	MaxContacts = 100 // as the setting accounts.max_contacts
)

// Create makes an account. ErrTaken: somebody was quicker.
func (l *Ledger) Create(ctx context.Context, r *account.Record, w store.Write) error {
	absent := uint64(0)
	w.Expect = &absent
	if _, err := l.Store.Bucket(store.Accounts).Put(ctx, string(r.AOR), r.Encode(), w); err != nil {
		if errors.Is(err, store.ErrConflict) {
			return ErrTaken
		}
		return err
	}
	return l.ReadAccount(string(r.AOR))
}

// Crowded tells whether there are as many accounts as the settings let in.
func (l *Ledger) Crowded() bool { return l.Directory.Count() >= l.Conf().Accounts.MaxAccounts }

// Move gives an account another address, which must be free. The hashes of its password contain the address, so
// that the password must be known.
func (l *Ledger) Move(ctx context.Context, from, to signal.AOR, w store.Write) error {
	bucket := l.Store.Bucket(store.Accounts)
	e, ok := bucket.Get(string(from))
	if !ok {
		return ErrNoAccount
	}
	record, err := account.Decode(e.Value)
	if err != nil {
		return err
	}
	record.AOR = to
	switch password, ok := l.Vault.Open(string(from), record.Sealed); {
	case ok:
		l.PutSecret(record, password)
	case record.MD5 != "":
		return refuse(Conflict, "the account's password is kept as a hash of its name: set the password again, then rename")
	}
	fresh, unchanged, absent := w, w, uint64(0)
	fresh.Expect, unchanged.Expect = &absent, &e.Revision
	if _, err := bucket.Put(ctx, string(to), record.Encode(), fresh); err != nil {
		return err
	}
	if err := bucket.Delete(ctx, string(from), unchanged); err != nil { // it was changed meanwhile, and stays
		_ = bucket.Delete(context.WithoutCancel(ctx), string(to), w)
		return errors.Join(err, l.ReadAccount(string(to)))
	}
	for _, kind := range keptKinds {
		l.moveText(ctx, kind, from, to, w)
	}
	l.Tally.Drop(string(from))
	err = errors.Join(l.ReadAccount(string(from)), l.ReadAccount(string(to)))
	if err == nil && len(l.Directory.Bindings(from)) > 0 {
		_, err = l.Kick(ctx, from, "")
	}
	return errors.Join(err, l.Files().Move(ctx, string(from), string(to)))
}

// moveText takes along what is kept for an account.
func (l *Ledger) moveText(ctx context.Context, kind string, from, to signal.AOR, w store.Write) {
	settings := l.Store.Bucket(store.Settings)
	text, ok := l.stored(kind + string(from))
	if !ok {
		return
	}
	_, err := settings.Put(ctx, kind+string(to), []byte(text), w)
	if err == nil {
		err = settings.Delete(ctx, kind+string(from), w)
	}
	if err != nil {
		l.Log.Error("something of a renamed account stays behind", "kind", kind, "from", string(from), "to", string(to), "err", err)
	}
}

// End ends an account, of whatever domain, with its registrations and all that is kept for it. revision is that
// which the asker saw, 0 where that does not matter.
func (l *Ledger) End(ctx context.Context, aor signal.AOR, revision uint64) error {
	e, ok := l.Store.Bucket(store.Accounts).Get(string(aor))
	switch {
	case !ok:
		return refuse(Absent, "no account %s", aor)
	case revision != 0 && revision != e.Revision:
		return Changed(aor, e.Revision)
	}
	err := l.Store.Bucket(store.Accounts).Delete(ctx, string(aor), store.Write{Expect: &e.Revision, Reason: "account removed"})
	if err != nil {
		return Unwritten(err)
	}
	if err := l.ReadAccount(string(aor)); err != nil {
		return err
	}
	if len(l.Directory.Bindings(aor)) > 0 {
		if _, err := l.Kick(ctx, aor, ""); err != nil {
			return err
		}
	}
	if err := l.forget(ctx, aor); err != nil {
		return refuse(Unavailable, "the account is removed, but not all that was kept for it: %v", err)
	}
	return nil
}

// forget removes what was kept for an account that is gone: whoever gets its address must not find it.
func (l *Ledger) forget(ctx context.Context, aor signal.AOR) error {
	l.Tally.Drop(string(aor))
	errs := []error{l.Files().Clear(ctx, string(aor))}
	for _, kind := range keptKinds {
		errs = append(errs, l.Store.Bucket(store.Settings).Delete(ctx, kind+string(aor), store.Write{Reason: "account removed"}))
	}
	return errors.Join(errs...)
}

// Changed says that an account has another revision than the asker saw.
func Changed(aor signal.AOR, revision uint64) error {
	return refuse(Conflict, "account %s was changed meanwhile (revision %d): read it again", aor, revision)
}

// Unwritten says what a failed write of what somebody saw means to him.
func Unwritten(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return refuse(Conflict, "it was changed meanwhile: read it again")
	}
	return refuse(Unavailable, "the store did not take it: %v; try again", err)
}

// kickTime is how long an administrator's word waits for the account.
const kickTime = 3 * time.Second

// Kick removes one registered contact of an account, or all where none is named, and tells how many it were.
func (l *Ledger) Kick(ctx context.Context, aor signal.AOR, contact string) (int, error) {
	answer, err := l.Ask(ctx, "account", string(aor), &msg.AccountKick{Contact: contact, Author: "administrator"}, kickTime)
	if err != nil {
		return 0, refuse(Unavailable, "the account did not answer: %v; try again", err)
	}
	kicked, _ := answer.(*msg.AccountKicked)
	switch {
	case kicked.GetError() != "":
		return 0, refuse(Unavailable, "%s", kicked.Error)
	case kicked.GetRemoved() == 0 && contact != "":
		return 0, refuse(Absent, "%s has no registration of %s: see reg list", aor, contact)
	case kicked.GetRemoved() == 0:
		return 0, refuse(Absent, "%s has no registration: see reg list", aor)
	}
	return int(kicked.GetRemoved()), nil
}

// SetAliases gives a record its further addresses; none may mean another account already.
func (l *Ledger) SetAliases(r *account.Record, names []string) error {
	r.Aliases = nil
	for _, text := range names {
		aor, err := l.Address(text)
		if err != nil {
			return err
		}
		if l.IsNumber(aor) {
			return refuse(Conflict, "%s is the number of an application: choose another alias", aor)
		}
		if other, taken := l.Directory.Account(aor); taken && other.AOR != r.AOR || aor == r.AOR {
			return refuse(Conflict, "%s means %s already: choose another alias", aor, other.AOR)
		}
		r.Aliases = append(r.Aliases, aor)
	}
	return nil
}

// PasswordFits refuses passwords that are too short or too long.
func PasswordFits(password string) error {
	switch {
	case len(password) < MinPassword:
		return refuse(Illegal, "the password is too short: at least %d characters", MinPassword)
	case len(password) > MaxPassword:
		return refuse(Illegal, "the password is too long: at most %d bytes", MaxPassword)
	}
	return nil
}

// PutPassword hashes a password into a record for all its uses, and seals it.
func (l *Ledger) PutPassword(r *account.Record, password string) {
	r.Web = account.HashWeb(password)
	l.PutSecret(r, password)
}

// PutSecret is PutPassword without the hash for pages, which is dear.
func (l *Ledger) PutSecret(r *account.Record, password string) {
	r.MD5, r.SHA256 = auth.HA1(r.AOR.User(), r.AOR.Domain(), password)
	r.Sealed = l.Vault.Seal(string(r.AOR), password)
}

// SetPassword changes an account's password.
func (l *Ledger) SetPassword(ctx context.Context, author string, aor signal.AOR, password string) error {
	if err := PasswordFits(password); err != nil {
		return err
	}
	hashed := &account.Record{AOR: aor} // once, however often the change must be made again
	l.PutPassword(hashed, password)
	_, err := l.ChangeAccount(ctx, aor, store.Write{Author: author, Reason: "password changed"},
		func(a *account.Record) error {
			a.Web, a.MD5, a.SHA256, a.Sealed = hashed.Web, hashed.MD5, hashed.SHA256, hashed.Sealed
			return nil
		})
	return err
}

// SealPassword seals the password of an account that is older than the vault, now that it is known: r is the
// account's record of which that was proved.
func (l *Ledger) SealPassword(ctx context.Context, r *account.Record, password string) error {
	_, err := l.ChangeAccount(ctx, r.AOR, store.Write{Author: string(r.AOR), Reason: "password sealed"},
		func(now *account.Record) error {
			if now.Web == r.Web { // else it was changed meanwhile
				now.Sealed = l.Vault.Seal(string(r.AOR), password)
			}
			return nil
		})
	return err
}
