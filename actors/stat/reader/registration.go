package reader

import (
	"encoding/json"
	"fmt"
	"time"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// A device whose account is registered is OnHook as long as it is; else it is NotMonitored, unless something else goes on at it
// (reference statserver.md 2.5). That a registration has run out nobody says by himself: who owns the name of all this does,
// once its time is over (ExpiredKind).

// registration is how an account is registered.
type registration struct {
	Epoch uint64 `json:"epoch,omitempty"` // of the owner that has written it: see actors/account
	Until int64  `json:"until"`           // when the last of its contacts runs out, ms since 1970
}

// Expired is the body of the fact that a registration has run out.
type Expired struct {
	Until int64 `json:"until"` // which one: that with this end
}

// maxRegistered is how many accounts are followed; those beyond it are NotMonitored.
const maxRegistered = 200_000

var onHook = name("OnHook")

// registered follows what an account's registrations have become.
func (r *Reader) registered(f store.Fact) error {
	epoch, until, err := untilOf(f.Body)
	if err != nil {
		return fmt.Errorf("registrations of %s: %w", f.Subject, err)
	}
	at := f.At.UnixMilli()
	was := r.registrations.by[f.Subject]
	switch {
	case was != nil && epoch < was.Epoch: // of an owner that was none any more
	case until <= at:
		r.unregister(f.Subject, at)
	case was != nil:
		r.registrations.note(f.Subject, registration{epoch, until})
	case len(r.registrations.by) < maxRegistered:
		r.registrations.note(f.Subject, registration{epoch, until})
		r.begin(at, deviceOf(user(f.Subject)), onHook, f.Subject, "", nil)
	}
	return nil
}

// untilOf reads of registrations what counts here, also of those in JSON, as the first releases wrote them.
func untilOf(body []byte) (epoch uint64, until int64, err error) {
	if head, ok, err := msg.ReadAccountHead(body); ok || err != nil {
		return head.Epoch, head.Until, err
	}
	var old struct {
		Epoch    uint64
		Bindings []struct{ Expires time.Time }
	}
	err = json.Unmarshal(body, &old)
	for _, b := range old.Bindings {
		until = max(until, b.Expires.UnixMilli())
	}
	return old.Epoch, until, err
}

// expired: nobody has renewed a registration before its end.
func (r *Reader) expired(f store.Fact) error {
	var body Expired
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return fmt.Errorf("end of the registration of %s: %w", f.Subject, err)
	}
	if was := r.registrations.by[f.Subject]; was != nil && was.Until == body.Until {
		r.unregister(f.Subject, body.Until)
	}
	return nil
}

func (r *Reader) unregister(account string, at int64) {
	if r.registrations.drop(account) {
		r.end(at, deviceOf(user(account)), onHook, account, "")
	}
}

// RunOut are accounts whose registrations ended before a moment, and nobody has said so; at most some, the first ones.
func (r *Reader) RunOut(before int64, most int) (all []string, ends []Expired) {
	for _, x := range r.registrations.over(before, most) {
		all, ends = append(all, x.account), append(ends, Expired{x.Until})
	}
	return all, ends
}
