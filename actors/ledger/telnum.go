package ledger

import (
	"context"
	"slices"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
)

// maxTelnums bounds the numbers of one account.
const maxTelnums = 100

// Refusals of telephone numbers.
var (
	ErrTelnum      = refuse(Illegal, "the text is no telephone number")
	errTelnumTaken = refuse(Conflict, "the telephone number belongs to another account")
)

// ChangeTelnums changes an account's telephone numbers; each belongs to one account at most. Each new one is claimed
// first, under a key of its own, and looked at again afterwards: of two accounts that want one number at the same
// time, on whatever members, at most one gets it. A claim whose account does not have the number is worth nothing.
func (l *Ledger) ChangeTelnums(ctx context.Context, aor signal.AOR, w store.Write, f func(old []string) ([]string, error)) error {
	l.telnums.Lock()
	defer l.telnums.Unlock()
	var before, after []string
	claims := map[string]uint64{}
	_, err := l.ChangeAccount(ctx, aor, w, func(a *account.Record) error {
		wanted, err := f(slices.Clone(a.Telnums))
		if err != nil {
			return err
		}
		before, after = a.Telnums, wanted
		if err := l.claim(ctx, aor, before, after, claims, w); err != nil {
			return err
		}
		a.Telnums = after
		return nil
	})
	if err != nil {
		return err
	}
	for number, revision := range claims {
		if e, ok := l.Store.Bucket(store.Settings).Get(telnumKind + number); !ok || e.Revision != revision {
			_, _ = l.ChangeAccount(context.WithoutCancel(ctx), aor, w, func(a *account.Record) error {
				a.Telnums = before
				return nil
			})
			return errTelnumTaken
		}
	}
	return nil
}

// claim claims the numbers that are new, and notes the revisions of the claims.
func (l *Ledger) claim(ctx context.Context, aor signal.AOR, before, after []string, claims map[string]uint64, w store.Write) error {
	if len(after) > maxTelnums {
		return refuse(Conflict, "%d telephone numbers: at most %d", len(after), maxTelnums)
	}
	seen := map[string]bool{}
	settings := l.Store.Bucket(store.Settings)
	for _, text := range after {
		number, ok := signal.Telnum(text)
		if !ok || seen[number] {
			return ErrTelnum
		}
		seen[number] = true
		if slices.Contains(before, text) || claims[number] != 0 {
			continue
		}
		if a, ok := l.Directory.Telnum(number); ok && a.AOR != aor {
			return errTelnumTaken
		}
		e, _ := settings.Get(telnumKind + number)
		w.Expect = &e.Revision
		revision, err := settings.Put(ctx, telnumKind+number, []byte(aor), w)
		if err != nil {
			return err
		}
		claims[number] = revision
	}
	return nil
}
