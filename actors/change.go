package actors

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"tandem/actors/account"
	"tandem/actors/store"
	"tandem/signal"
)

// changeTries is how often a change is made again because somebody was quicker.
const changeTries = 50

// errAbsent says that there is nothing to change.
var errAbsent = errors.New("there is none")

// changeKey makes a value of what it was, nil for what is not there: both ways. Two changes at once are
// both made, one upon the other: f may be called again, and must not keep what it saw.
func (h *House) changeKey(ctx context.Context, bucket, key string, o store.Write, f func(old []byte) ([]byte, error)) error {
	b := h.store.Bucket(bucket)
	for try := 0; ; try++ {
		e, _ := b.Get(key)
		value, err := f(e.Value)
		if err != nil {
			return err
		}
		o.Expect = &e.Revision
		if value == nil {
			err = b.Delete(ctx, key, o)
		} else {
			_, err = b.Put(ctx, key, value, o)
		}
		if !errors.Is(err, store.ErrConflict) || try == changeTries {
			return err
		}
		select {
		case <-time.After(time.Duration(rand.IntN(1+try)) * time.Millisecond): // this copy must see the other's
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changeAccount does to a record what f says, and returns it. errAbsent: no such account.
func (h *House) changeAccount(ctx context.Context, aor signal.AOR, o store.Write, f func(*account.Record) error) (*account.Record, error) {
	var changed *account.Record
	err := h.changeKey(ctx, store.Accounts, string(aor), o, func(old []byte) ([]byte, error) {
		if old == nil {
			return nil, errAbsent
		}
		r, err := account.Decode(old)
		if err == nil {
			err = f(r)
		}
		if err != nil {
			return nil, err
		}
		changed = r
		return r.Encode(), nil
	})
	if err != nil {
		return nil, err
	}
	return changed, h.readAccount(string(aor))
}

// stopper is what undoes a step, as House.closes takes it.
func stopper(stop func()) func(context.Context) error {
	return func(context.Context) error { stop(); return nil }
}
