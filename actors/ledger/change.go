package ledger

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

// change makes a value of what it was, nil for what is not there: both ways. Two changes at once are
// both made, one upon the other: f may be called again, and must not keep what it saw.
func (l *Ledger) change(ctx context.Context, bucket, key string, w store.Write, f func(old []byte) ([]byte, error)) error {
	b := l.Store.Bucket(bucket)
	for try := 0; ; try++ {
		e, _ := b.Get(key)
		value, err := f(e.Value)
		if err != nil {
			return err
		}
		w.Expect = &e.Revision
		if value == nil {
			err = b.Delete(ctx, key, w)
		} else {
			_, err = b.Put(ctx, key, value, w)
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

// ChangeAccount does to a record what f says, and returns it; f may be called again, on what somebody else has made
// of it. ErrNoAccount: there is no such account.
func (l *Ledger) ChangeAccount(ctx context.Context, aor signal.AOR, w store.Write, f func(*account.Record) error) (*account.Record, error) {
	var changed *account.Record
	err := l.change(ctx, store.Accounts, string(aor), w, func(old []byte) ([]byte, error) {
		if old == nil {
			return nil, ErrNoAccount
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
	return changed, l.ReadAccount(string(aor))
}

// ReadAccount takes over into the directory what the store's copy has of an account now. The copy only moves
// forward, and so does the directory, whoever calls this and however late.
func (l *Ledger) ReadAccount(key string) error {
	l.reading.Lock()
	defer l.reading.Unlock()
	e, ok := l.Store.Bucket(store.Accounts).Get(key)
	if !ok {
		l.Directory.DropAccount(signal.AOR(key))
		return nil
	}
	r, err := account.Decode(e.Value)
	if err == nil {
		l.Directory.SetAccount(r)
	}
	return err
}
